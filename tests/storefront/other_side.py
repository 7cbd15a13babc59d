"""The merchant's side of a conversation that a browser test has begun."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from cs_portal.conversations.models import Author, Conversation
from cs_portal.conversations.services import post_reply
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.merchants.models import Storefront
from cs_portal.storefront.identity import sign_identity
from tests.factories import make_member


def conversation() -> Conversation:
    with scopes_disabled():
        return Conversation.objects.select_related("merchant").latest("id")


def reply(text: str, *, cards: Sequence[dict[str, Any]] = (), author: Author = Author.OPERATOR) -> None:
    current = conversation()
    with scope(merchant=current.merchant):
        post_reply(
            conversation=current,
            author=author,
            member=make_member(current.merchant, name="Olaf Berg") if author == Author.OPERATOR else None,
            text=text,
            draft_key=uuid4(),
            cards=cards,
            now=timezone.now(),
        )


def token_for(sub: str) -> str:
    with scopes_disabled():
        secret = Storefront.objects.get().identity_secret
    return sign_identity(secret=secret, sub=sub, expires_at=timezone.now() + timedelta(hours=1))
