"""A draft with everything beside it, as the workspace shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cs_portal.commerce.models import Order, OrderAction
from cs_portal.commerce.money import format_minor
from cs_portal.console.presenters.autopilot_checks import rule_words
from cs_portal.console.presenters.candidates import CandidateTab, candidate_tabs
from cs_portal.console.presenters.card_choices import CardChoice, card_choices, merged
from cs_portal.console.presenters.comparison import Column, comparison
from cs_portal.console.presenters.difference import Part
from cs_portal.console.presenters.edits import edit_kept
from cs_portal.console.presenters.effects import Effect, effect_of
from cs_portal.console.presenters.evidence import OrderCard, Piece, VerdictCard, order_card, pieces, verdict_card
from cs_portal.console.presenters.inbox import Choice, snooze_choices
from cs_portal.console.presenters.inbox_timeline import unshown
from cs_portal.console.presenters.models import AttemptLine, attempts_worth_telling
from cs_portal.console.presenters.queue import Confidence, claimed_by, confidence_of, reviewer_of, shopper_name
from cs_portal.console.presenters.ranking import Reason, corrected, reasons
from cs_portal.console.presenters.ratings import RatedEvidence, rated_evidence
from cs_portal.console.presenters.rewordings import RewordingLine, WishButton, rewording_lines, wish_buttons
from cs_portal.console.presenters.rule_names import rule_names
from cs_portal.console.presenters.translations import TranslationView, translation_views
from cs_portal.console.presenters.verdict_change import verdict_change
from cs_portal.console.presenters.wording import INTENTS, word
from cs_portal.conversations.models import Message, Note, Photo
from cs_portal.conversations.selectors import photos_of
from cs_portal.drafting.autopilot_figures import autopilot_behind
from cs_portal.drafting.models import Decision, DraftState, Review
from cs_portal.drafting.selectors import DraftDetail
from cs_portal.merchants.hours import schedule_of
from cs_portal.merchants.models import Member

#: Answers below this fit are folded away unless a candidate rests on them.
FITTING_PERCENT = 25
#: As many of a shopper's orders as ``draft_detail`` brings.
SHOWN_ORDERS = 10


@dataclass(frozen=True, slots=True)
class Said:
    """A message or, internal, a note, in the order in which they were written."""

    entry: Message | Note
    note: bool
    photos: list[Photo] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    autopilot: str = ""
    autopilot_rule: str = ""
    translation: TranslationView | None = None

    @property
    def at(self) -> datetime:
        return self.entry.created_at


@dataclass(frozen=True, slots=True)
class FirstApproval:
    """Who agreed already, and to which ``text``; ``mine`` where that is the reader."""

    name: str
    at: datetime
    mine: bool
    text: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """What the two right panes show. ``text`` is what the operator reads or has typed, ``edited`` tells which.

    ``kept`` is what they typed into a draft that takes no text any more: theirs to copy. ``changed`` is what the edit
    of a decided draft made of the bot's words.
    """

    detail: DraftDetail
    shopper_name: str
    intent: str
    confidence: Confidence
    reasons: list[Reason]
    corrected: str
    tabs: list[CandidateTab]
    columns: list[Column]
    wishes: list[WishButton]
    rewordings: list[RewordingLine]
    attempts: list[AttemptLine]
    current: CandidateTab | None
    text: str
    edited: bool
    kept: str
    changed: list[Part]
    first: FirstApproval | None
    verdict_change: str
    rejected_by: str
    effect: Effect
    verdict: VerdictCard | None
    order: OrderCard | None
    other_orders: list[OrderCard]
    orders_count: str
    answers: list[Piece]
    weak_answers: list[Piece]
    products: list[Piece]
    claimed_by: str
    mine: bool
    waiting: bool
    may_override: bool
    refundable: str
    pending: Review | None
    shop: OrderAction | None
    undo_seconds: int
    snooze: list[Choice]
    said: list[Said]
    cards: list[CardChoice]
    ratings: dict[str, RatedEvidence]


def present(
    detail: DraftDetail,
    *,
    member: Member,
    now: datetime,
    typed: str | None = None,
    candidate: int | None = None,
    cards: Sequence[str] | None = None,
) -> Workspace:
    """``typed`` and ``cards`` are what the operator sent and what was refused: it is theirs and stays."""
    draft = detail.draft
    if typed is None and candidate is None:
        typed, candidate = _taken_back(detail)
    about, others = _orders(detail)
    answers, weak_answers = _answers(detail)
    focus = next((order for order in detail.orders if order.pk == draft.order_id), draft.order)
    shown = {piece["ref"] for piece in draft.evidence} | {f"order:{order.number}" for order in detail.orders}
    tabs = candidate_tabs(detail.candidates, selected=candidate or draft.selected, known=shown, locale=draft.locale)
    current = next((tab for tab in tabs if tab.selected), tabs[0] if tabs else None)
    own = current.text if current else ""
    holder = claimed_by(draft, now=now)
    pending = _pending(detail.reviews)
    waiting = draft.state == DraftState.READY
    edited = typed is not None and _plain(typed) != _plain(own)
    return Workspace(
        detail=detail,
        shopper_name=shopper_name(detail.shopper),
        intent=word(INTENTS, draft.intent),
        confidence=confidence_of(draft.confidence),
        reasons=reasons(draft),
        corrected=corrected(draft),
        tabs=tabs,
        wishes=wish_buttons(draft.locale if current is None else current.locale),
        rewordings=rewording_lines(detail.rewordings),
        columns=comparison(detail.candidates, tabs, known=shown),
        attempts=attempts_worth_telling(draft.model_attempts),
        current=current,
        text=own if typed is None else typed,
        edited=edited,
        kept=_plain(typed) if typed is not None and edited and not waiting else "",
        changed=[] if waiting else edit_kept(detail.reviews),
        first=_first(detail.first, member),
        verdict_change=verdict_change(detail),
        rejected_by=reviewer_of(detail.rejection) if detail.rejection is not None else "",
        effect=effect_of(
            request=draft.request,
            verdict=detail.verdict,
            order=focus,
            member=member,
            carried=detail.carried if waiting else None,
            withheld=draft.withheld,
            needs_pair=detail.needs_pair,
            first=detail.first,
        ),
        verdict=verdict_card(detail.verdict, request=draft.request, override=draft.override, names=_rule_names(detail)),
        order=about,
        other_orders=others,
        orders_count=f"{len(detail.orders)}{'+' if len(detail.orders) == SHOWN_ORDERS else ''}",
        answers=answers,
        weak_answers=weak_answers,
        products=pieces(draft.evidence, "product"),
        claimed_by=str(holder.user) if holder is not None and holder.pk != member.pk else "",
        mine=holder is not None and holder.pk == member.pk,
        waiting=waiting,
        may_override=waiting and member.may_configure and draft.order is not None and draft.request is not None,
        refundable=_refundable(draft.order),
        pending=pending,
        shop=draft.action_under_way if draft.state == DraftState.APPROVED else None,
        undo_seconds=_seconds_left(pending, now),
        said=_said(detail),
        snooze=snooze_choices(schedule_of(draft.conversation.storefront), now=now) if waiting else [],
        ratings=rated_evidence(draft.evidence, detail.ratings, member=member),
        cards=card_choices(merged(draft.cards, cards or ()), shopper=detail.shopper, chosen=cards),
    )


def _said(detail: DraftDetail) -> list[Said]:
    photos = photos_of(detail.messages)
    said, piloted = [], autopilot_behind(detail.messages)
    translated = translation_views(detail.messages)
    for message in detail.messages:
        one = _message(message, photos.get(message.pk, []), translated.get(message.pk))
        if (behind := piloted.get(message.draft_key)) is not None:
            one = replace(one, autopilot=rule_words(behind), autopilot_rule=behind.rule)
        said.append(one)
    return sorted([*said, *(Said(note, True) for note in detail.notes)], key=lambda one: one.at)


def _message(message: Message, photos: list[Photo], translation: TranslationView | None) -> Said:
    confirmed = list((message.confirmation or {}).get("says", ()))
    return Said(
        message,
        False,
        photos=photos,
        attachments=unshown(message, photos),
        confirmed=confirmed,
        translation=translation,
    )


def _orders(detail: DraftDetail) -> tuple[OrderCard | None, list[OrderCard]]:
    """The order that the turn is about, or the only one there is; and the shopper's others, newest first."""
    focus = detail.draft.order_id if len(detail.orders) != 1 else detail.orders[0].pk
    about = next((order_card(order) for order in detail.orders if order.pk == focus), None)
    return about, [order_card(order) for order in detail.orders if order.pk != focus]


def _rule_names(detail: DraftDetail) -> dict[str, str]:
    """Of the rules that decided on the draft, whatever became of them since."""
    draft = detail.draft
    currency = draft.order.currency if draft.order else detail.verdict.get("currency")
    return rule_names(draft.ruleset.document if draft.ruleset else None, currency or "")


def _answers(detail: DraftDetail) -> tuple[list[Piece], list[Piece]]:
    """Answers that fit or that a candidate rests on, and those that were only looked at."""
    linked = {link["evidence"] for candidate in detail.candidates for link in candidate.links}
    found = pieces(detail.draft.evidence, "faq", moved=detail.moved_answers)
    strong = [piece for piece in found if piece.ref in linked or (piece.percent or 0) >= FITTING_PERCENT]
    return strong, [piece for piece in found if piece not in strong]


def _taken_back(detail: DraftDetail) -> tuple[str | None, int | None]:
    """The text of a first approval, or the edited one of an approval that was undone or came back, with its candidate.

    Only while the candidates are still those of that approval: a draft that was made anew starts afresh.
    """
    if (first := detail.first) is not None:
        return first.text, first.candidate.position if first.candidate is not None else None
    last = detail.reviews[0] if detail.reviews else None
    if detail.draft.state != DraftState.READY or last is None or last.undone_at is None:
        return None, None
    if last.decision != Decision.EDITED or last.candidate_id is None:
        return None, None
    origin = next((row for row in detail.candidates if row.pk == last.candidate_id), None)
    if origin is None or origin.position != detail.draft.selected:
        return None, None
    return last.text, origin.position


def _first(review: Review | None, member: Member) -> FirstApproval | None:
    if review is None:
        return None
    mine = review.member_id == member.pk
    return FirstApproval(reviewer_of(review), review.created_at, mine=mine, text=review.text)


def _pending(reviews: Sequence[Review]) -> Review | None:
    """The approval that waits for its undo window to pass."""
    return next((r for r in reviews if r.execute_after and not r.undone_at and not r.executed_at), None)


def _seconds_left(review: Review | None, now: datetime) -> int:
    if review is None or review.execute_after is None:
        return 0
    return max(0, round((review.execute_after - now).total_seconds()))


def _refundable(order: Order | None) -> str:
    return format_minor(order.paid_minor - order.refunded_minor, order.currency) if order is not None else ""


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def state_context(workspace: Workspace, *, seen: str) -> dict[str, Any]:
    """Whether what the operator looks at is still what the draft is."""
    return {"moved_on": bool(seen) and seen != workspace.detail.fingerprint}
