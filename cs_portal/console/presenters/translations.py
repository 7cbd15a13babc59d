"""Shoppers' messages in the reader's language: what is offered at which message, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import get_language

from cs_portal.console.presenters.knowledge import LANG
from cs_portal.console.presenters.models import model_name
from cs_portal.console.presenters.wording import MODEL_FAILURES, REWORDING_FAILURES, word
from cs_portal.conversations.models import Author, Message
from cs_portal.drafting.model_choice import connected_models
from cs_portal.drafting.models import MessageTranslation, TranslationState
from cs_portal.drafting.selectors import translations_of
from cs_portal.merchants.models import Locale

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[^\W\d_\u3400-\u9fff]{2,}")
#: Fewer words may be a name or a code.
_FEWEST_WORDS = 2


@dataclass(frozen=True, slots=True)
class TranslationView:
    """``state`` is ``offered``, ``waiting``, ``done`` or ``failed``."""

    message: UUID
    state: str
    text: str = ""
    model: str = ""
    lang: str = ""
    why: str = ""


def reader_locale() -> str:
    return str(Locale.ZH_HANS if (get_language() or "").startswith("zh") else Locale.EN)


def translation_views(messages: Iterable[Message]) -> dict[int, TranslationView]:
    """By message, for those that the reader may not be able to read. Two queries, and one per language of models."""
    locale = reader_locale()
    foreign = [each for each in messages if each.author == Author.SHOPPER and is_foreign(each.text, locale)]
    if not foreign:
        return {}
    kept, offered = translations_of(foreign, locale=locale), bool(connected_models(locale))
    return {
        message.pk: translation_view(message, kept.get(message.pk))
        for message in foreign
        if offered or message.pk in kept
    }


def translation_view(message: Message, row: MessageTranslation | None) -> TranslationView:
    if row is None:
        return TranslationView(message.public_id, "offered")
    return TranslationView(
        message.public_id,
        row.state,
        text=row.text,
        model=model_name(row.model),
        lang=LANG[row.locale],
        why=word({**MODEL_FAILURES, **REWORDING_FAILURES}, row.failure) if row.state == TranslationState.FAILED else "",
    )


def is_foreign(text: str, locale: str) -> bool:
    """Whether a text is in the other language of the console: by its letters, so that a name alone makes none."""
    chinese = len(_CHINESE.findall(text))
    if locale == Locale.EN:
        return chinese > 0
    return chinese == 0 and len(_WORD.findall(text)) >= _FEWEST_WORDS
