"""How long until a reply is due: a word, an icon and the time, colour third."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cs_portal.conversations.models import Conversation, ConversationState

#: From here on a reply is due soon.
SOON = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Clock:
    text: str
    icon: str
    tone: str
    due_at: datetime
    moment: str


def clock_of(conversation: Conversation, *, now: datetime) -> Clock | None:
    """None while nobody waits for a reply, and while it is put off on purpose."""
    due_at = conversation.reply_due_at
    if conversation.waiting_since is None or due_at is None or conversation.state == ConversationState.SNOOZED:
        return None
    when = moment(due_at, now=now)
    if due_at < now:
        text = _("Overdue by %(time)s") % {"time": short(now - due_at)}
        return Clock(text, "alert-triangle", "bad", due_at, when)
    left = due_at - now
    text = _("Due in %(time)s") % {"time": short(left)}
    return Clock(text, "clock", "warn" if left <= SOON else "", due_at, when)


def short(length: timedelta) -> str:
    """A length of time in its largest fitting unit, rounded down: ``12 min``, ``3 hr``, ``2 days``."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return _("%(number)s min") % {"number": minutes}
    if minutes < 48 * 60:
        return _("%(number)s hr") % {"number": minutes // 60}
    days = minutes // (24 * 60)
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}


def moment(at: datetime, *, now: datetime) -> str:
    """A time as people say it who know what day it is: ``14:30``, ``Thu 09:00``, ``March 3, 09:00``."""
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    clock = date_format(local, "H:i")
    days = abs((local.date() - today).days)
    if days == 0:
        return clock
    if days < 7:
        return f"{date_format(local, 'D')} {clock}"
    return f"{date_format(local, 'MONTH_DAY_FORMAT')} {clock}"
