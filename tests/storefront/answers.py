"""What answers of the chat hold, and what they must leave untouched."""

from __future__ import annotations

from typing import Any

from cs_portal.commerce.models import Shopper
from cs_portal.conversations.models import Conversation
from cs_portal.core.tenancy import scopes_disabled
from cs_portal.storefront.models import ChatSession


def counts() -> tuple[int, int, int]:
    with scopes_disabled():
        return Shopper.objects.count(), Conversation.objects.count(), ChatSession.objects.count()


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert counts() == (0, 0, 0)


def conversation_of(opened: dict[str, Any]) -> Conversation:
    with scopes_disabled():
        return Conversation.objects.select_related("shopper").get(public_id=opened["conversation"])
