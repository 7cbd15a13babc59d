"""What a conversation's transitions and a shop's answers mean for drafts, within the transaction that brings them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from cs_portal.commerce.models import OrderAction
from cs_portal.commerce.signals import action_settled
from cs_portal.conversations.models import Conversation
from cs_portal.conversations.signals import draft_unwanted, draft_wanted
from cs_portal.drafting.services.rechecking import ask_for_recheck
from cs_portal.drafting.services.send import finish_sending
from cs_portal.drafting.services.supersede import ask_for_draft, supersede_drafts
from cs_portal.knowledge.services.quality_runs import ask_for_check
from cs_portal.merchants.models import Member
from cs_portal.policies.models import RulesetVersion
from cs_portal.policies.signals import rules_published


@receiver(draft_unwanted)
def withdraw(
    sender: type[Conversation], conversation: Conversation, by: Member | None, now: datetime, **_: Any
) -> None:
    supersede_drafts(conversation, by=by, now=now)


@receiver(draft_wanted)
def ask(sender: type[Conversation], conversation: Conversation, now: datetime, **_: Any) -> None:
    ask_for_draft(conversation, now=now)


@receiver(action_settled)
def finish(sender: type[OrderAction], action: OrderAction, now: datetime, **_: Any) -> None:
    if action.draft is not None:
        finish_sending(action=action, now=now)


@receiver(rules_published)
def recheck(sender: type[RulesetVersion], version: RulesetVersion, now: datetime, **_: Any) -> None:
    ask_for_recheck(version=version, now=now)
    ask_for_check(now=now)
