"""Rows of the inbox for the walk."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from cs_portal.conversations.models import Activity, ActivityKind, OutgoingReply, SavedView
from cs_portal.conversations.services import keep_photo
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant
from tests.factories import make_conversation, make_shopper

#: A PNG of four black dots.
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR42mNgYGBgYAAAAAYAAW/q15wAAAAASUVORK5CYII="


def inbox_ids(merchant: Merchant) -> dict[str, Any]:
    now, batch = timezone.now(), uuid4()
    shopper = make_shopper(merchant, name="Mug Owner")
    conversation = make_conversation(
        merchant, shopper, texts=["My Mug broke"], waiting_since=now, preview="My Mug broke"
    )
    with scope(merchant=merchant):
        reply = OutgoingReply.objects.create(
            conversation=conversation, text="Mug", execute_after=now + timedelta(minutes=1), created_at=now
        )
        Activity.objects.create(
            conversation=conversation,
            kind=ActivityKind.ASSIGNED,
            data={"old": "", "to": "", "batch": str(batch)},
            created_at=now,
        )
        photo = keep_photo(conversation_id=conversation.pk, data=base64.b64decode(PNG), now=now)
        message = conversation.messages.get()
        view = SavedView.objects.create(name="Mug", query="needs=1")
    return {
        "conversation_id": conversation.public_id,
        "message_id": message.public_id,
        "reply_id": reply.public_id,
        "batch": batch,
        "view_id": view.public_id,
        "photo_id": photo.public_id,
    }
