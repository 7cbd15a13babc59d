"""A shopper asks for their data to be deleted. People decide on it: an order's papers may have to be kept by law."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.conversations.services import needs_a_person, post_system_message
from cs_portal.core import audit
from cs_portal.core.models import AuditEntry
from cs_portal.storefront.models import ChatSession

ACTION = "shopper.erasure_requested"


@transaction.atomic
def request_erasure(*, session: ChatSession, now: datetime) -> None:
    """Keep the wish in the log, where the merchant's privacy page finds it, and call a person. Once more is harmless.

    The shopper reads in the chat, in its language (the active one), that the wish has arrived.
    """
    # Locks the row: two tabs ask once.
    needs_a_person(conversation_id=session.conversation_id, now=now, reopen=True)
    target = f"shopper:{session.shopper.public_id}"
    if AuditEntry.objects.filter(merchant_number=session.merchant_id, action=ACTION, target=target).exists():
        return
    audit.record(
        merchant_id=session.merchant_id,
        actor=audit.Actor("shopper", str(session.shopper.public_id)),
        action=ACTION,
        target=target,
        now=now,
        data={"conversation": str(session.conversation.public_id)},
    )
    post_system_message(
        conversation=session.conversation,
        text=_("You asked us to delete your data. A colleague takes care of it."),
        now=now,
    )
