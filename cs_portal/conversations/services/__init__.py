"""Transitions of a conversation. Each is one transaction and publishes what happened.

Imported by name from here; the files beside hold one job each.
"""

from cs_portal.conversations.services.assignment import assign
from cs_portal.conversations.services.bulk import Bulk, assign_all, resolve_all, snooze_all, tag_all, untag_all
from cs_portal.conversations.services.handover import ask_for_person, bot_involved, give_back, needs_a_person, take_over
from cs_portal.conversations.services.notes import add_note
from cs_portal.conversations.services.photos import keep_photo, photo_of, read_photo
from cs_portal.conversations.services.presence import (
    AWAY_AFTER,
    claim_conversation,
    is_away,
    leave_email,
    mark_left,
    mark_seen,
    operator_typing,
    release_conversation,
    reply_being_checked,
    shopper_typing,
)
from cs_portal.conversations.services.rating import rate_conversation
from cs_portal.conversations.services.receive import (
    Asked,
    RequestOpen,
    open_request,
    receive_shopper_message,
    start_conversation,
)
from cs_portal.conversations.services.reply import SILENCE, post_reply, post_system_message
from cs_portal.conversations.services.resolution import assume_resolved, reopen, resolve, resolve_by_shopper
from cs_portal.conversations.services.snooze import snooze, wake, wake_conversation
from cs_portal.conversations.services.tags import add_tag, remove_tag
from cs_portal.conversations.services.undo import undo

__all__ = [
    "AWAY_AFTER",
    "SILENCE",
    "Asked",
    "Bulk",
    "RequestOpen",
    "add_note",
    "add_tag",
    "ask_for_person",
    "assign",
    "assign_all",
    "assume_resolved",
    "bot_involved",
    "claim_conversation",
    "give_back",
    "is_away",
    "keep_photo",
    "leave_email",
    "mark_left",
    "mark_seen",
    "needs_a_person",
    "open_request",
    "operator_typing",
    "photo_of",
    "post_reply",
    "post_system_message",
    "rate_conversation",
    "read_photo",
    "receive_shopper_message",
    "release_conversation",
    "remove_tag",
    "reopen",
    "reply_being_checked",
    "resolve",
    "resolve_all",
    "resolve_by_shopper",
    "shopper_typing",
    "snooze",
    "snooze_all",
    "start_conversation",
    "tag_all",
    "take_over",
    "undo",
    "untag_all",
    "wake",
    "wake_conversation",
]
