"""A member leaves: the membership ends and what they held is free again, in one transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from cs_portal.conversations.models import Conversation, ConversationState
from cs_portal.conversations.services import assign
from cs_portal.drafting.models import Draft
from cs_portal.drafting.services.notices import tell_console
from cs_portal.merchants.models import Member
from cs_portal.merchants.services.team import remove_member


def remove_and_release(*, member_id: UUID, by: Member, now: datetime) -> Member:
    """Remove the member; their claims end and conversations that are not resolved go back to nobody.

    Raises what :func:`~cs_portal.merchants.services.team.remove_member` raises.
    """
    with transaction.atomic():
        member = remove_member(member_id=member_id, by=by, now=now)
        for draft in Draft.objects.filter(claimed_by=member).select_related("conversation"):
            Draft.objects.filter(pk=draft.pk).update(claimed_by=None, claimed_until=None)
            tell_console(draft, "draft:released", now=now)
        Conversation.objects.filter(claimed_by=member).update(claimed_by=None, claimed_until=None)
        held = Conversation.objects.filter(assignee=member).exclude(state=ConversationState.RESOLVED)
        for public_id in held.order_by("public_id").values_list("public_id", flat=True):
            assign(conversation_id=public_id, by=by, to=None, now=now)
    return member
