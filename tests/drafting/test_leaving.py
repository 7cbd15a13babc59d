"""A member who is removed lets go of everything they held."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from cs_portal.conversations.models import Conversation, ConversationState
from cs_portal.drafting.models import Draft
from cs_portal.drafting.services.leaving import remove_and_release
from tests.drafting.conftest import Desk
from tests.factories import make_conversation, make_message

NOW = timezone.now()


def test_claims_end_and_open_conversations_belong_to_nobody(desk: Desk) -> None:
    soon = NOW + timedelta(minutes=3)
    Draft.objects.update(claimed_by=desk.olaf, claimed_until=soon)
    held = make_conversation(desk.merchant, assignee=desk.olaf, claimed_by=desk.olaf, claimed_until=soon)
    resolved = make_conversation(desk.merchant, assignee=desk.olaf, state=ConversationState.RESOLVED)
    others = make_conversation(desk.merchant, assignee=desk.ann)
    message = make_message(held, author="operator", member=desk.olaf)
    remove_and_release(member_id=desk.olaf.public_id, by=desk.ann, now=NOW)
    assert not Draft.objects.exclude(claimed_by=None).exists()
    assignees = dict(Conversation.objects.values_list("pk", "assignee_id"))
    assert (assignees[held.pk], assignees[resolved.pk], assignees[others.pk]) == (None, desk.olaf.pk, desk.ann.pk)
    assert not Conversation.objects.exclude(claimed_by=None).exists()
    message.refresh_from_db()
    assert message.member == desk.olaf
