"""One click that ends a finding. Each is a change of FAQs like any other, in their history, and is undone as one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.core.errors import Invalid
from cs_portal.knowledge.content import MAX_PHRASINGS, FaqContent, LocaleText, content_of, distinct
from cs_portal.knowledge.findings import finding
from cs_portal.knowledge.models import Faq, FaqState, LinkCheck, QualityFinding
from cs_portal.knowledge.quality.kinds import Kind
from cs_portal.knowledge.selectors import faq_with_texts, working_copy
from cs_portal.knowledge.services.checking import check
from cs_portal.knowledge.services.labelling import move_faqs
from cs_portal.knowledge.services.lifecycle import MAX_BULK, BulkResult, archive_faqs
from cs_portal.knowledge.services.links import ask_for_links
from cs_portal.knowledge.services.quality_runs import ask_for_check
from cs_portal.knowledge.services.writing import Step, may_edit, needs_approval, write
from cs_portal.merchants.models import Locale, Member

#: What may be done about a kind of finding, in the order of the buttons.
DEEDS: dict[str, tuple[str, ...]] = {
    Kind.DUPLICATE: ("merge_first", "merge_second"),
    Kind.EXPIRED: ("archive", "prolong"),
    Kind.EXPIRING: ("prolong",),
    Kind.NEVER_HIT: ("archive",),
    Kind.LABEL: ("unify",),
    Kind.LINK: ("recheck",),
}


def mend(*, finding_id: UUID, deed: str, by: Member, now: datetime) -> UUID | None:
    """Do what ``deed`` names; returns the change that undoes it, None where nothing of an FAQ changed.

    Raises :class:`Invalid` for a deed that the finding does not offer.
    """
    may_edit(by)
    row = finding(finding_id)
    if deed not in DEEDS.get(row.kind, ()):
        raise Invalid(_("This cannot be mended so."))
    if deed == "recheck":
        _recheck(row, now=now)
        return None
    with transaction.atomic():
        if deed == "archive":
            change = _change(archive_faqs(faq_ids=[row.faq.public_id], by=by, now=now))
        elif deed == "prolong":
            change = _prolong(row.faq.public_id, by=by, now=now)
        elif deed == "unify":
            change = _unify(row, by=by, now=now)
        else:
            change = _merge(row, keeps_first=deed == "merge_first", by=by, now=now)
        QualityFinding.objects.filter(pk=row.pk).delete()
        ask_for_check(now=now)
    return change


def _change(result: BulkResult) -> UUID | None:
    if result.refused:
        raise Invalid(result.refused[0][1])
    return result.change_id


def _recheck(row: QualityFinding, *, now: datetime) -> None:
    with transaction.atomic():
        LinkCheck.objects.filter(url=row.detail.get("url", "")).update(due_at=now)
        ask_for_links(now=now)


def _prolong(faq_id: UUID, *, by: Member, now: datetime) -> UUID | None:
    """Without a last day from now on; live at once where nothing else waits for publishing."""
    faq = faq_with_texts(faq_id)
    wanted = replace(working_copy(faq), valid_until=None)
    return write(faq, [_step(faq, wanted, by)], seen=faq.latest, by=by, action="faq.saved", now=now).change_id


def _unify(row: QualityFinding, *, by: Member, now: datetime) -> UUID | None:
    ids = Faq.objects.filter(category=row.detail["written"]).order_by("pk").values_list("public_id", flat=True)
    return _change(move_faqs(faq_ids=list(ids[:MAX_BULK]), category=row.detail["usual"], by=by, now=now))


def _merge(row: QualityFinding, *, keeps_first: bool, by: Member, now: datetime) -> UUID | None:
    """One FAQ takes the other's questions, phrasings, and texts of languages that it lacks; the other is archived."""
    if row.other is None:
        raise Invalid(_("This cannot be mended so."))
    first, second = (faq_with_texts(faq.public_id) for faq in (row.faq, row.other))
    kept, gone = (first, second) if keeps_first else (second, first)
    content, taken = working_copy(kept), working_copy(gone)
    wanted = _with_phrasings(content, taken)
    check(wanted, publishing=kept.state == FaqState.PUBLISHED)
    change_id = uuid4()
    if wanted != content:
        write(
            kept, [_step(kept, wanted, by)], seen=kept.latest, by=by, action="faq.saved", now=now, change_id=change_id
        )
    step = Step(taken, FaqState.ARCHIVED)
    write(gone, [step], seen=gone.latest, by=by, action="faq.archived", now=now, change_id=change_id)
    return change_id


def _with_phrasings(kept: FaqContent, gone: FaqContent) -> FaqContent:
    texts = {}
    for code in Locale.values:
        own, other = kept.text(code), gone.text(code)
        if not own.is_complete and other.is_complete:
            own = replace(other, phrasings=(*own.phrasings, *other.phrasings))
        every = filter(None, (*own.phrasings, other.question, *other.phrasings)) if own.question else ()
        phrasings = distinct(every, question=own.question)
        texts[code] = LocaleText(own.question, own.answer, phrasings[:MAX_PHRASINGS])
    return replace(kept, texts=content_of(texts.items()).texts)


def _step(faq: Faq, wanted: FaqContent, by: Member) -> Step:
    """Live at once, unless other changes wait for publishing or a colleague has to approve."""
    live = not needs_approval(by) and faq.state == FaqState.PUBLISHED and not faq.has_unpublished_changes
    return Step(wanted, FaqState(faq.state), goes_live=live)
