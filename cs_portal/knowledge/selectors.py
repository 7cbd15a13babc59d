"""What is published, and what is being worked on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, QuerySet

from cs_portal.core.errors import NotFound
from cs_portal.knowledge.content import (
    FaqContent,
    LocaleText,
    content_of,
    folded_phrasings,
    from_json,
    settings_from_json,
)
from cs_portal.knowledge.models import Faq, FaqPhrasing, FaqRevision, FaqState, FaqText, KnowledgeVersion, QuestionTest
from cs_portal.merchants.models import Member

#: The columns of an FAQ that hold what its revisions keep under ``settings``.
SETTING_COLUMNS = ("tags", "valid_from", "valid_until", "hand_over", "action", "answers")


def published_texts() -> list[FaqText]:
    """Every published text of the active merchant with its FAQ, in a stable order."""
    rows = FaqText.objects.filter(faq__state=FaqState.PUBLISHED).select_related("faq")
    return list(rows.order_by("faq_id", "locale"))


def knowledge_version() -> int:
    """Grows with every change of published answers; 0 when there never was one."""
    return KnowledgeVersion.objects.values_list("number", flat=True).first() or 0


@dataclass(frozen=True, slots=True)
class ServedFaq:
    """An FAQ as its ``texts`` rows and their settings give it, in its state of now."""

    state: str
    revision: int
    content: FaqContent


def served_faqs(public_ids: Iterable[str]) -> dict[str, ServedFaq]:
    """By public id; ids that name no FAQ are missing. Two queries for any number."""
    rows = Faq.objects.filter(public_id__in=list(public_ids)).prefetch_related("texts")
    return {str(faq.public_id): ServedFaq(faq.state, faq.revision, served_content(faq)) for faq in rows}


def any_faq() -> bool:
    return bool(Faq.objects.exists())


def served_content(faq: Faq) -> FaqContent:
    """The row and its ``texts`` as content: what shoppers get while the FAQ is published."""
    return _content_of_rows(faq, faq.texts.all())


def _content_of_rows(faq: Faq, rows: Iterable[FaqText]) -> FaqContent:
    texts = ((t.locale, LocaleText(t.question, t.answer, tuple(t.variants))) for t in rows)
    return settings_from_json(content_of(texts, faq.category), {name: getattr(faq, name) for name in SETTING_COLUMNS})


def served_contents(texts: Iterable[FaqText]) -> dict[int, FaqContent]:
    """What is served, by FAQ, put together from texts that came with their FAQs; no query is made."""
    by_faq: dict[int, list[FaqText]] = {}
    for text in texts:
        by_faq.setdefault(text.faq_id, []).append(text)
    return {pk: _content_of_rows(rows[0].faq, rows) for pk, rows in by_faq.items()}


def working_copies(rows: Iterable[Faq]) -> dict[int, FaqContent]:
    """The newest content of every FAQ by its id, in one query for those with unpublished changes."""
    rows = list(rows)
    changed = [faq.pk for faq in rows if faq.has_unpublished_changes]
    newest = FaqRevision.objects.filter(faq_id__in=changed, number=F("faq__latest")) if changed else []
    pending = {r.faq_id: from_json(r.texts, r.category) for r in newest}
    return {faq.pk: pending.get(faq.pk) or served_content(faq) for faq in rows}


def working_copy(faq: Faq) -> FaqContent:
    """What the next editor starts from."""
    return working_copies([faq])[faq.pk]


def faq_with_texts(faq_id: UUID) -> Faq:
    row = Faq.objects.select_related("updated_by__user").prefetch_related("texts").filter(public_id=faq_id).first()
    if row is None:
        raise NotFound
    return row


def revisions(faq: Faq) -> QuerySet[FaqRevision]:
    """The history, newest first."""
    return FaqRevision.objects.filter(faq=faq).select_related("member__user").order_by("-number")


def revision_numbered(faq: Faq, number: int) -> FaqRevision:
    row = revisions(faq).filter(number=number).first()
    if row is None:
        raise NotFound
    return row


def same_phrasings(content: FaqContent, *, apart_from: Faq | None) -> dict[str, list[Faq]]:
    """Folded phrasings of ``content`` that other FAQs hold as well, archived ones left out, with those FAQs."""
    rows = FaqPhrasing.objects.filter(folded__in=folded_phrasings(content)).exclude(faq__state=FaqState.ARCHIVED)
    if apart_from is not None:
        rows = rows.exclude(faq=apart_from)
    found: dict[str, list[Faq]] = {}
    for row in rows.select_related("faq").order_by("folded", "faq_id")[:50]:
        found.setdefault(row.folded, []).append(row.faq)
    return found


def question_test(test_id: UUID) -> QuestionTest:
    around = ("faq", "member__user", "storefront", "shopper", "order", "product")
    row = QuestionTest.objects.select_related(*around).filter(public_id=test_id).first()
    if row is None:
        raise NotFound
    return row


def recent_tests(*, by: Member, limit: int = 8) -> Sequence[QuestionTest]:
    return list(QuestionTest.objects.filter(member=by).order_by("-id")[:limit])


def entries_by_id(public_ids: Iterable[str]) -> Mapping[str, Faq]:
    """FAQs of a search's hits by their public id; those deleted since are missing."""
    return {str(faq.public_id): faq for faq in Faq.objects.filter(public_id__in=list(public_ids))}
