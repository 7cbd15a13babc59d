"""Taking up what edits and questions teach: a proposal becomes a revision, a question a phrasing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict, NotFound
from cs_portal.knowledge.content import FaqContent, folded, tidy
from cs_portal.knowledge.models import Faq, FaqProposal, PhrasingSuggestion, ProposalState
from cs_portal.knowledge.proposals import changed
from cs_portal.knowledge.selectors import faq_with_texts, working_copy
from cs_portal.knowledge.services.editing import edit_faq
from cs_portal.knowledge.services.lifecycle import undo_change
from cs_portal.knowledge.services.writing import Change, may_edit
from cs_portal.merchants.models import Member


class ProposalDecided(Conflict):
    """Somebody decided on it, or it is out of date."""


def accept_proposal(*, proposal_id: UUID, by: Member, seen: int, answer: str | None = None, now: datetime) -> Change:
    """Write the proposal into its FAQ as a new revision, unpublished; ``answer`` is the whole answer in other words.

    Raises :class:`FaqMoved` when ``seen`` is not the FAQ's newest revision, :class:`ProposalDecided`, and
    :class:`Invalid` for an answer that may not be saved.
    """
    may_edit(by)
    with transaction.atomic():
        proposal = _open(proposal_id)
        faq = faq_with_texts(proposal.faq.public_id)
        content = working_copy(faq)
        text = content.text(proposal.locale)
        words = tidy(answer) if answer is not None else changed(text.answer, proposal)
        if words is None:
            FaqProposal.objects.filter(pk=proposal.pk).update(state=ProposalState.STALE, decided_at=now)
            return Change(faq, None)
        change = edit_faq(
            faq_id=faq.public_id,
            by=by,
            seen=seen,
            content=_with_answer(content, proposal.locale, words),
            note=_("Taken over from colleagues’ edits"),
            now=now,
        )
        _decide(proposal, ProposalState.ACCEPTED, by, now, change=change.change_id)
    return change


def dismiss_proposal(*, proposal_id: UUID, by: Member, now: datetime) -> FaqProposal:
    may_edit(by)
    with transaction.atomic():
        proposal = _open(proposal_id)
        _decide(proposal, ProposalState.DISMISSED, by, now)
    return proposal


def undo_proposal(*, proposal_id: UUID, by: Member, now: datetime) -> FaqProposal:
    """Open again; what was accepted is taken out of the FAQ. Raises :class:`Conflict` when that was changed since."""
    may_edit(by)
    with transaction.atomic():
        proposal = FaqProposal.objects.select_for_update().filter(public_id=proposal_id).first()
        if proposal is None:
            raise NotFound
        if proposal.state not in {ProposalState.ACCEPTED, ProposalState.DISMISSED}:
            raise ProposalDecided(_("This was taken back already."))
        if proposal.change is not None:
            undo_change(change_id=proposal.change, by=by, now=now)
        FaqProposal.objects.filter(pk=proposal.pk).update(
            state=ProposalState.OPEN, decided_by=None, decided_at=None, change=None
        )
        _log(proposal, by, "proposal.undone", now)
    return proposal


def add_phrasings(*, faq_id: UUID, suggestion_ids: Sequence[UUID], by: Member, seen: int, now: datetime) -> Change:
    """Put suggested questions among the FAQ's phrasings, as a new revision that is not published."""
    may_edit(by)
    with transaction.atomic():
        faq = faq_with_texts(faq_id)
        rows = list(PhrasingSuggestion.objects.filter(faq=faq, public_id__in=suggestion_ids, dismissed_at=None))
        if not rows:
            raise NotFound
        content = working_copy(faq)
        for row in rows:
            text = content.text(row.locale)
            if row.folded in {folded(each) for each in (text.question, *text.phrasings)}:
                continue
            grown = replace(text, phrasings=(*text.phrasings, row.text))
            content = replace(content, texts={**content.texts, row.locale: grown})
        note = _("Phrasings from shoppers’ questions")
        return edit_faq(faq_id=faq_id, by=by, seen=seen, content=content, note=note, now=now)


def dismiss_suggestion(*, faq_id: UUID, suggestion_id: UUID, by: Member, now: datetime) -> None:
    """Suggest these words for this FAQ no more, whoever asked so."""
    may_edit(by)
    faq = Faq.by_public_id(faq_id)
    row = PhrasingSuggestion.objects.filter(faq=faq, public_id=suggestion_id).first()
    if row is None:
        raise NotFound
    PhrasingSuggestion.objects.filter(faq=faq, folded=row.folded).update(dismissed_at=now)


def restore_suggestion(*, faq_id: UUID, suggestion_id: UUID, by: Member) -> None:
    may_edit(by)
    faq = Faq.by_public_id(faq_id)
    row = PhrasingSuggestion.objects.filter(faq=faq, public_id=suggestion_id).first()
    if row is None:
        raise NotFound
    PhrasingSuggestion.objects.filter(faq=faq, folded=row.folded).update(dismissed_at=None)


def _with_answer(content: FaqContent, locale: str, answer: str) -> FaqContent:
    return replace(content, texts={**content.texts, locale: replace(content.text(locale), answer=answer)})


def _open(proposal_id: UUID) -> FaqProposal:
    rows = FaqProposal.objects.select_for_update().select_related("faq")
    proposal = rows.filter(public_id=proposal_id).first()
    if proposal is None:
        raise NotFound
    if proposal.state != ProposalState.OPEN:
        raise ProposalDecided(_("A colleague was faster: this proposal is decided."))
    return proposal


def _decide(
    proposal: FaqProposal, state: ProposalState, by: Member, now: datetime, *, change: UUID | None = None
) -> None:
    values = {"state": state, "decided_by": by, "decided_at": now, "change": change}
    FaqProposal.objects.filter(pk=proposal.pk).update(**values)
    _log(proposal, by, f"proposal.{state}", now)


def _log(proposal: FaqProposal, by: Member, action: str, now: datetime) -> None:
    record(
        merchant_id=proposal.merchant_id,
        actor=Actor("member", str(by.public_id)),
        action=action,
        target=f"proposal:{proposal.public_id}",
        now=now,
        data={"faq": str(proposal.faq.public_id)},
    )
