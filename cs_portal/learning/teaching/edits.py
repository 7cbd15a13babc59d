"""When operators changed an FAQ's sentence three times in the same way, its change is proposed."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from rapidfuzz import fuzz

from bots.types import PersonalValues
from cs_portal.core.public_ids import as_uuid
from cs_portal.core.tenancy import current_merchant
from cs_portal.drafting.models import Decision, Review
from cs_portal.knowledge.models import Faq, FaqEdit, FaqProposal, FaqState, ProposalState
from cs_portal.knowledge.proposals import changed
from cs_portal.knowledge.selectors import working_copies
from cs_portal.knowledge.services.forgetting import ENOUGH
from cs_portal.learning.gaps.reading import personal_of, redacted
from cs_portal.learning.sentences import normal
from cs_portal.learning.teaching.comparing import SentenceEdit, numbers, sentence_edits

FIRST, AGAIN = timedelta(days=180), timedelta(days=14)
#: Likeness (0 to 100) of two new wordings that count as the same, if their numbers are the same.
ALIKE = 90


def propose(*, now: datetime) -> int:
    """Read the edits that came since, and make or grow proposals of them; returns how many were made."""
    _outdate(now)
    last = FaqEdit.objects.order_by("-edited_at").values_list("edited_at", flat=True).first()
    since = last - AGAIN if last else now - FIRST
    touched: set[tuple[int, str]] = set()
    for review in _reviews(since):
        touched |= _keep(review)
    made = 0
    for faq, key in sorted(touched):
        made += _propose(faq, key, now)
    return made


def _reviews(since: datetime) -> Iterable[Review]:
    """Edits that were sent and are not in yet, oldest first."""
    known = set(FaqEdit.objects.filter(edited_at__gte=since).values_list("review", flat=True))
    rows = Review.objects.filter(
        decision=Decision.EDITED, undone_at=None, executed_at__isnull=False, candidate__isnull=False
    )
    rows = rows.filter(created_at__gte=since).select_related("candidate", "draft__conversation__shopper")
    return [row for row in rows.order_by("created_at", "pk") if row.public_id not in known]


def _keep(review: Review) -> set[tuple[int, str]]:
    """Write the review's edits down; returns FAQ and key of each."""
    draft, candidate = review.draft, review.candidate
    assert candidate is not None
    answers = {
        str(public_id): piece["text"].get(draft.locale, "")
        for piece in draft.evidence
        if piece.get("kind") == "faq" and piece.get("locale") == draft.locale
        if (public_id := as_uuid(str(piece["ref"]).split(":")[1]))
    }
    faqs = {str(faq.public_id): faq for faq in Faq.objects.filter(public_id__in=[UUID(each) for each in answers])}
    answers = {faq: text for faq, text in answers.items() if faq in faqs}
    if not answers:
        return set()
    personal = personal_of(draft.conversation)
    today = review.created_at.astimezone(ZoneInfo(current_merchant().timezone)).date()
    edits = sentence_edits(
        _redacted(candidate.text, personal, today), _redacted(review.text, personal, today), answers, today=today
    )
    rows = []
    for number, edit in enumerate(edits):
        faq = faqs[edit.faq]
        rows.append(
            FaqEdit(
                faq=faq,
                locale=draft.locale,
                before=edit.before,
                after=edit.after,
                anchor=edit.anchor,
                key=_key(faq, draft.locale, edit),
                conversation=draft.conversation.public_id,
                review=review.public_id,
                number=number,
                edited_at=review.created_at,
            )
        )
    FaqEdit.objects.bulk_create(rows)
    return {(row.faq_id, row.key) for row in rows}


def _redacted(text: str, personal: PersonalValues, today: date) -> str:
    """Line by line: their breaks part sentences."""
    return "\n".join(redacted(line, personal, today) for line in text.splitlines())


def _key(faq: Faq, locale: str, edit: SentenceEdit) -> str:
    """The key of an edit in the same way if there is one, a new one otherwise."""
    alike = FaqEdit.objects.filter(faq=faq, locale=locale, before=edit.before, anchor=edit.anchor)
    for key, after in alike.order_by("id").values_list("key", "after"):
        same = normal(after) == normal(edit.after)
        near = after and edit.after and fuzz.ratio(normal(after), normal(edit.after)) >= ALIKE
        if same or (near and list(numbers(after)) == list(numbers(edit.after))):
            return str(key)
    words = "\0".join((str(faq.public_id), locale, normal(edit.before), normal(edit.anchor), normal(edit.after)))
    return hashlib.sha256(words.encode()).hexdigest()


def _propose(faq_id: int, key: str, now: datetime) -> int:
    """1 where a proposal was made of the edits of this key."""
    with transaction.atomic():
        alike = FaqEdit.objects.filter(faq=faq_id, key=key)
        standing = FaqProposal.objects.filter(edits__key=key, faq=faq_id, state=ProposalState.OPEN).first()
        if standing is not None:
            alike.filter(proposal=None).update(proposal=standing)
            FaqProposal.objects.filter(pk=standing.pk).update(times=FaqEdit.objects.filter(proposal=standing).count())
            return 0
        free = list(alike.filter(proposal=None).order_by("edited_at", "id"))
        if len({row.conversation for row in free}) < ENOUGH or _is_everywhere(free[-1]):
            return 0
        faq = Faq.objects.prefetch_related("texts").get(pk=faq_id)
        edit = _usual(free)
        if not _fits(faq, edit):
            return 0
        proposal = FaqProposal.objects.create(
            faq=faq,
            locale=edit.locale,
            revision=faq.latest,
            before=edit.before,
            after=edit.after,
            anchor=edit.anchor,
            times=len(free),
            created_at=now,
        )
        FaqEdit.objects.filter(pk__in=[row.pk for row in free]).update(proposal=proposal)
    return 1


def _usual(rows: list[FaqEdit]) -> FaqEdit:
    """The wording that most of them have; of equals the latest."""
    counted: dict[str, int] = defaultdict(int)
    for row in rows:
        counted[normal(row.after)] += 1
    return max(rows, key=lambda row: (counted[normal(row.after)], row.edited_at, row.pk))


def _is_everywhere(edit: FaqEdit) -> bool:
    """Whether the same sentence is added to other FAQs, too: then it is a manner of writing, and no knowledge."""
    if edit.before:
        return False
    added = FaqEdit.objects.filter(before="", locale=edit.locale).exclude(faq=edit.faq_id)
    return any(normal(after) == normal(edit.after) for after in added.values_list("after", flat=True))


def _fits(faq: Faq, edit: FaqEdit | FaqProposal) -> bool:
    content = working_copies([faq])[faq.pk]
    return faq.state != FaqState.ARCHIVED and changed(content.text(edit.locale).answer, edit) is not None


def _outdate(now: datetime) -> None:
    """Proposals whose sentence is gone from the FAQ, or whose change it has by now, are out of date."""
    rows = list(FaqProposal.objects.filter(state=ProposalState.OPEN).select_related("faq"))
    for row in rows:
        faq = Faq.objects.prefetch_related("texts").get(pk=row.faq_id)
        if not _fits(faq, row):
            FaqProposal.objects.filter(pk=row.pk, state=ProposalState.OPEN).update(
                state=ProposalState.STALE, decided_at=now
            )
