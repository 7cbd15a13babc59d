"""A conversation as the inbox shows it: its state and clock, its timeline, what one may do, and who the shopper is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from cs_portal.commerce.models import Order
from cs_portal.console.presenters.evidence import OrderCard, order_card
from cs_portal.console.presenters.inbox_clock import Clock, clock_of, moment
from cs_portal.console.presenters.inbox_timeline import Item, Names, items
from cs_portal.console.presenters.queue import shopper_name
from cs_portal.console.presenters.wording import INTENTS, word
from cs_portal.conversations.models import Conversation, ConversationState, Handler, Macro, OutgoingReply, Tag
from cs_portal.conversations.selectors import Detail, Window
from cs_portal.drafting.models import Draft, DraftState
from cs_portal.merchants.hours import Schedule, schedule_of
from cs_portal.merchants.models import Member


@dataclass(frozen=True, slots=True)
class State:
    label: str
    icon: str
    tone: str


@dataclass(frozen=True, slots=True)
class DraftLink:
    """The open draft of the conversation and where it stands."""

    id: UUID
    label: str
    icon: str
    tone: str
    confidence: int


@dataclass(frozen=True, slots=True)
class Pending:
    """A reply in somebody's own words that waits for its undo window."""

    id: UUID
    text: str
    who: str
    seconds: int
    cards: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to pick in a menu: ``value`` is posted, ``on`` marks what holds now."""

    value: str
    label: str
    note: str = ""
    on: bool = False
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a conversation stands and what one may do with it, in the inbox and beside a draft alike.

    ``version`` is what the reader has seen; forms post it back as ``seen``.
    """

    conversation: Conversation
    version: int
    shopper_name: str
    state: State
    clock: Clock | None
    by_person: bool
    reason: str
    tags: list[Tag]
    assignee: str
    mine: bool
    claimed_by: str
    holds_claim: bool
    people: list[Choice]
    tag_choices: list[Choice]
    snoozes: list[Choice]
    macros: list[Choice]
    earlier: list[tuple[Conversation, State]]
    may_act: bool
    open: bool
    resolved: bool
    snoozed: bool


@dataclass(frozen=True, slots=True)
class Desk(Standing):
    """A conversation with its timeline, as the inbox shows it."""

    intent: str
    draft: DraftLink | None
    pending: Pending | None
    items: list[Item]
    older: str
    reads_older: bool
    orders: list[OrderCard]


def standing_of(
    detail: Detail,
    *,
    colleagues: Sequence[Member],
    tags: Sequence[Tag],
    macros: Sequence[Macro],
    member: Member,
    now: datetime,
) -> Standing:
    """``tags`` are all of the merchant's, those of the conversation come with ``detail``."""
    one = detail.conversation
    holder = _holder(one, now)
    return Standing(
        conversation=one,
        version=one.version,
        shopper_name=shopper_name(one.shopper),
        state=state_of(one, now=now),
        clock=clock_of(one, now=now),
        by_person=one.handled_by == Handler.PERSON,
        reason=str(one.get_handover_reason_display()) if one.needs_person and one.handover_reason else "",
        tags=detail.tags,
        assignee=str(one.assignee.user) if one.assignee else "",
        mine=one.assignee_id == member.pk,
        claimed_by=str(holder.user) if holder is not None and holder.pk != member.pk else "",
        holds_claim=holder is not None and holder.pk == member.pk,
        people=people_choices(colleagues, one.assignee_id, member),
        tag_choices=_tag_choices(tags, detail.tags),
        snoozes=snooze_choices(schedule_of(one.storefront), now=now),
        macros=[Choice(str(macro.public_id), macro.name) for macro in macros],
        earlier=[(other, state_of(other, now=now)) for other in detail.earlier],
        may_act=member.may_review,
        open=one.state == ConversationState.OPEN,
        resolved=one.state == ConversationState.RESOLVED,
        snoozed=one.state == ConversationState.SNOOZED,
    )


def present(
    detail: Detail,
    *,
    window: Window,
    colleagues: Sequence[Member],
    tags: Sequence[Tag],
    draft: Draft | None,
    last: Draft | None,
    pending: OutgoingReply | None,
    macros: Sequence[Macro],
    orders: Sequence[Order],
    member: Member,
    now: datetime,
    reads_older: bool = False,
) -> Desk:
    """``draft`` is the open one, ``last`` the latest whatever became of it."""
    standing = standing_of(detail, colleagues=colleagues, tags=tags, macros=macros, member=member, now=now)
    one, name = standing.conversation, standing.shopper_name
    return Desk(
        **{part.name: getattr(standing, part.name) for part in fields(standing)},
        intent=word(INTENTS, last.intent) if last else "",
        draft=draft_link(draft) if draft else None,
        pending=_pending(pending, now) if pending else None,
        items=items(window.entries, conversation=one, shopper=name, names=Names.of(colleagues, tags)),
        older=window.older.isoformat() if window.older else "",
        reads_older=reads_older,
        orders=[order_card(order) for order in orders],
    )


def _holder(one: Conversation, now: datetime) -> Member | None:
    """Who looks at it, by a claim that has not run out."""
    current = one.claimed_until is not None and one.claimed_until >= now
    return one.claimed_by if current else None


def state_of(one: Conversation, *, now: datetime) -> State:
    if one.state == ConversationState.RESOLVED:
        how = {"assumed": _("Taken as resolved"), "shopper": _("Resolved by the shopper")}
        return State(how.get(one.resolved_by, str(ConversationState.RESOLVED.label)), "circle-check", "good")
    if one.state == ConversationState.SNOOZED and one.snoozed_until:
        until = moment(one.snoozed_until, now=now)
        return State(_("Snoozed until %(time)s") % {"time": until}, "clock", "info")
    return State(str(ConversationState(one.state).label), "message-circle", "")


def draft_link(draft: Draft) -> DraftLink:
    percent = round(draft.confidence * 100)
    if draft.state == DraftState.APPROVED:
        return DraftLink(draft.public_id, _("Draft approved, being sent"), "send", "info", percent)
    if draft.reopened_because:
        return DraftLink(draft.public_id, _("Draft came back"), "history", "bad", percent)
    return DraftLink(draft.public_id, _("Draft waits for review"), "sparkles", "info", percent)


def people_choices(colleagues: Sequence[Member], assignee: int | None, member: Member) -> list[Choice]:
    mine = [
        Choice(str(one.public_id), str(one.user), _("you") if one.pk == member.pk else "", one.pk == assignee)
        for one in sorted(colleagues, key=lambda one: one.pk != member.pk)
    ]
    return [*mine, Choice("", _("Nobody"), "", assignee is None)]


def snooze_choices(schedule: Schedule, *, now: datetime) -> list[Choice]:
    """Times that people mean, in the reader's zone: mornings begin when the storefront opens, else at nine."""
    today = timezone.localtime(now).date()
    monday = today + timedelta(days=7 - today.weekday())
    moments = [
        (_("In an hour"), now + timedelta(hours=1)),
        (_("In four hours"), now + timedelta(hours=4)),
        (_("Tomorrow morning"), _morning(schedule, today + timedelta(days=1))),
        (_("Next Monday"), _morning(schedule, monday)),
        (_("In two weeks"), _morning(schedule, today + timedelta(days=14))),
    ]
    return [
        Choice(at.replace(second=0, microsecond=0).isoformat(), label, moment(at, now=now)) for label, at in moments
    ]


def _morning(schedule: Schedule, day: date) -> datetime:
    zone = timezone.get_current_timezone()
    midnight = datetime.combine(day, time.min, zone)
    opens = schedule.next_opening(midnight)
    nine = datetime.combine(day, time(9), zone)
    if opens is None or opens - midnight >= timedelta(days=1) or opens == midnight:
        return nine
    return opens


def _tag_choices(tags: Sequence[Tag], on: Sequence[Tag]) -> list[Choice]:
    put = {tag.pk for tag in on}
    return [Choice(str(tag.public_id), tag.name, "", tag.pk in put, tag.tone) for tag in tags]


def _pending(reply: OutgoingReply, now: datetime) -> Pending:
    seconds = max(0, round((reply.execute_after - now).total_seconds()))
    who = str(reply.member.user) if reply.member else ""
    return Pending(reply.public_id, reply.text, who, seconds, len(reply.cards))
