"""Which drafts an autopilot rule for words is about: what a person must always answer, and the rule's conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from bots.types import INTENTS
from cs_portal.conversations.models import Handler
from cs_portal.conversations.selectors import unanswered_turns
from cs_portal.drafting.carrying import acts
from cs_portal.drafting.models import AutopilotHours, AutopilotRule, Draft, DraftCandidate
from cs_portal.merchants.hours import schedule_of

#: Intents that a person must answer whatever the confidence.
NEVER = frozenset({"wants_a_person", "complaint", "other"})


def may_ever(intent: str) -> bool:
    return intent in INTENTS and intent not in NEVER


def speaks_for_itself(draft: Draft, candidate: DraftCandidate) -> bool:
    """Whether a reply that only says something could go out unreviewed at all, before any rule is asked.

    It is the grounded one with nothing marked, does nothing, leaves no question open, and nothing calls for a person:
    no sign of steering, no hand-over, no override, no request from the chat's form, no photo that nobody has seen.
    """
    if candidate.source != "composer" or candidate.violations:
        return False
    if draft.injection or draft.needs_person or draft.handover_reason or draft.override is not None:
        return False
    if draft.withheld or draft.answered is False or draft.unanswered or acts(draft):
        return False
    if draft.message.request is not None or not all(may_ever(intent) for intent in asked(draft)):
        return False
    conversation = draft.conversation
    if conversation.needs_person or conversation.handled_by != Handler.BOT:
        return False
    return not any(turn.attachments for turn in unanswered_turns(conversation_id=conversation.pk))


def asked(draft: Draft) -> set[str]:
    """Every intent that the shopper's turn was read to have."""
    return {draft.intent, *(str(intent["name"]) for intent in draft.intents)}


def fits(rule: AutopilotRule, draft: Draft, *, is_open: bool) -> bool:
    """Whether the draft is exactly the rule's case. ``is_open``: its storefront is, by its own hours."""
    if draft.confidence < rule.min_confidence or not asked(draft) <= set(rule.intents):
        return False
    if rule.locale and rule.locale != draft.locale:
        return False
    if rule.storefronts and str(draft.conversation.storefront.public_id) not in rule.storefronts:
        return False
    return rule.hours == AutopilotHours.ANY or (rule.hours == AutopilotHours.OPEN) == is_open


def fitting(rules: Iterable[AutopilotRule], draft: Draft, *, now: datetime) -> Iterator[AutopilotRule]:
    rules = list(rules)
    timed = any(rule.hours != AutopilotHours.ANY for rule in rules)
    is_open = timed and schedule_of(draft.conversation.storefront).is_open(now)
    return (rule for rule in rules if fits(rule, draft, is_open=is_open))
