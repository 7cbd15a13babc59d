"""Categories of FAQs and products as people read and write them: the merchant's words, or topics the bot knows."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from cs_portal.console.presenters.wording import INTENTS, Words
from cs_portal.merchants.models import Locale

#: The bot calls a question without a topic "not recognised"; an answer without one is not that.
_TOPICS: dict[str, Words] = {**INTENTS, "other": _("Other")}


def category_label(code: str) -> str:
    """In the reader's language where the category is a topic of the bot, else as it was written."""
    return str(_TOPICS.get(code, code))


def product_category(written: str) -> str:
    """The shop's own word, which often is a short name in lower case ("home-office"), as one would write it."""
    words = written.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def category_code(written: str) -> str:
    """What is kept for what somebody wrote: the topic's code for its name in either language."""
    text = " ".join(written.split())
    for code, words in _TOPICS.items():
        for locale in Locale.values:
            with translation.override(locale):
                if str(words).casefold() == text.casefold():
                    return code
    return text


def category_choices(codes: Iterable[str]) -> list[tuple[str, str]]:
    return sorted(((code, category_label(code)) for code in codes), key=lambda choice: choice[1].casefold())
