"""Proposals and suggested phrasings in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from cs_portal.console.presenters.difference import Part, difference
from cs_portal.console.presenters.knowledge import LANG, LANGUAGE_NAMES
from cs_portal.console.presenters.wording import Words
from cs_portal.knowledge.content import FaqContent
from cs_portal.knowledge.models import FaqProposal, ProposalState
from cs_portal.knowledge.proposals import changed
from cs_portal.knowledge.selectors import working_copies

STATES: dict[str, tuple[str, str, Words]] = {
    ProposalState.OPEN: ("info", "sparkles", ProposalState.OPEN.label),
    ProposalState.ACCEPTED: ("good", "circle-check", ProposalState.ACCEPTED.label),
    ProposalState.DISMISSED: ("", "ban", ProposalState.DISMISSED.label),
    ProposalState.STALE: ("warn", "clock", ProposalState.STALE.label),
}


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """``parts`` is the sentence's difference, ``answer`` the answer with the change, None where it does not fit."""

    proposal: FaqProposal
    title: str
    lang: str
    language: Words
    state: tuple[str, str, Words]
    what: Words
    parts: Sequence[Part]
    answer: str | None
    moved: bool


def proposal_rows(proposals: Iterable[FaqProposal]) -> list[ProposalRow]:
    """Constant queries, however many rows."""
    proposals = list(proposals)
    copies = working_copies([proposal.faq for proposal in proposals])
    return [_row(proposal, copies[proposal.faq_id]) for proposal in proposals]


def _row(proposal: FaqProposal, content: FaqContent) -> ProposalRow:
    text = content.text(proposal.locale)
    return ProposalRow(
        proposal=proposal,
        title=text.question or content.title or proposal.faq.key,
        lang=LANG[proposal.locale],
        language=LANGUAGE_NAMES[proposal.locale],
        state=STATES[proposal.state],
        what=_what(proposal),
        parts=difference(proposal.before, proposal.after),
        answer=changed(text.answer, proposal),
        moved=proposal.faq.latest != proposal.revision,
    )


def _what(proposal: FaqProposal) -> Words:
    if not proposal.before:
        return _("A sentence is added")
    return _("A sentence is reworded") if proposal.after else _("A sentence is left out")
