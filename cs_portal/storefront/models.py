"""The shopper's side of a chat session."""

from __future__ import annotations

from django.db import models

from cs_portal.commerce.models import Shopper
from cs_portal.conversations.models import Conversation
from cs_portal.core.tenancy import TenantModel
from cs_portal.merchants.models import Storefront


class ChatSession(TenantModel):
    """A bearer token of one browser in one storefront, kept as a hash; it reaches exactly one conversation."""

    storefront = models.ForeignKey(Storefront, on_delete=models.CASCADE, related_name="+")
    shopper = models.ForeignKey(Shopper, on_delete=models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        pass

    def __str__(self) -> str:
        return str(self.public_id)


class UsedIdentity(TenantModel):
    """A signed identity that opened the chat once, as a hash, until it expires by itself. Seen again without its
    session, it may have been copied from a page, and opens no history."""

    digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant", "digest"], name="one_first_use")]

    def __str__(self) -> str:
        return str(self.public_id)
