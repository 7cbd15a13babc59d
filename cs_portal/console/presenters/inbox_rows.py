"""Conversations as rows of the inbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cs_portal.console.presenters.inbox_clock import Clock, clock_of
from cs_portal.console.presenters.queue import shopper_name, visitor_hue
from cs_portal.conversations.models import Author, Conversation, ConversationState, Handler, Tag
from cs_portal.drafting.models import Draft
from cs_portal.merchants.models import Member


@dataclass(frozen=True, slots=True)
class InboxRow:
    """``said_by`` is who wrote the last message, empty for the shopper; ``claimed_by`` a colleague who looks at it."""

    id: UUID
    shopper: str
    hue: int | None
    storefront: str
    said_by: str
    preview: str
    last_message_at: datetime
    unread: bool
    clock: Clock | None
    state: str
    snoozed_until: datetime | None
    needs_person: bool
    reason: str
    by_person: bool
    has_draft: bool
    tags: list[Tag]
    assignee: str
    initials: str
    mine: bool
    claimed_by: str
    selected: bool

    @property
    def marks(self) -> bool:
        """Whether anything stands on the third line."""
        told = (self.clock, self.needs_person, self.has_draft, self.by_person, self.snoozed_until, self.tags)
        return any(told) or self.state == ConversationState.RESOLVED or bool(self.claimed_by)


def inbox_rows(
    conversations: Iterable[Conversation],
    *,
    drafts: Mapping[int, Draft],
    member: Member,
    names: Mapping[int, str],
    now: datetime,
    selected: UUID | None,
) -> list[InboxRow]:
    """``names`` are colleagues' by primary key. No query is made per row."""
    return [_row(one, drafts, member, names, now, selected) for one in conversations]


def _row(
    one: Conversation,
    drafts: Mapping[int, Draft],
    member: Member,
    names: Mapping[int, str],
    now: datetime,
    selected: UUID | None,
) -> InboxRow:
    assignee = str(one.assignee.user) if one.assignee else ""
    return InboxRow(
        id=one.public_id,
        shopper=shopper_name(one.shopper),
        hue=visitor_hue(one.shopper),
        storefront=one.storefront.name,
        said_by=_said_by(one),
        preview=one.preview,
        last_message_at=one.last_message_at,
        unread=one.waiting_since is not None,
        clock=clock_of(one, now=now),
        state=one.state,
        snoozed_until=one.snoozed_until if one.state == ConversationState.SNOOZED else None,
        needs_person=one.needs_person,
        reason=one.get_handover_reason_display() if one.handover_reason else "",
        by_person=one.handled_by == Handler.PERSON,
        has_draft=one.pk in drafts,
        tags=[tagged.tag for tagged in one.tagged.all()],
        assignee=assignee,
        initials=initials(assignee),
        mine=one.assignee_id == member.pk,
        claimed_by=_looking(one, member, names, now),
        selected=one.public_id == selected,
    )


def initials(name: str) -> str:
    """At most two letters that stand for a person; one character of a Chinese name."""
    words = name.split()
    if not words:
        return ""
    return "".join(word[0] for word in (words[0], *words[1:][-1:])).upper()


def _said_by(one: Conversation) -> str:
    if one.last_author == Author.OPERATOR:
        return pgettext("inbox", "Team")
    if one.last_author == Author.BOT:
        return _("Bot")
    return ""


def _looking(one: Conversation, member: Member, names: Mapping[int, str], now: datetime) -> str:
    holder, until = one.claimed_by_id, one.claimed_until
    if holder is None or holder == member.pk or until is None or until < now:
        return ""
    return names.get(holder, "")
