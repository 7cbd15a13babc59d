"""Threads between shoppers and a merchant."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.models import Shopper
from cs_portal.core.tenancy import TenantModel
from cs_portal.merchants.models import Locale, Member, Storefront


class ConversationState(models.TextChoices):
    OPEN = "open", _("Open")
    RESOLVED = "resolved", _("Resolved")


class Conversation(TenantModel):
    """``version`` grows with every message: a draft made on an older version is stale."""

    storefront = models.ForeignKey(Storefront, on_delete=models.PROTECT, related_name="+")
    shopper = models.ForeignKey(Shopper, on_delete=models.CASCADE, related_name="conversations")
    state = models.CharField(max_length=10, choices=ConversationState, default=ConversationState.OPEN)
    locale = models.CharField(max_length=10, choices=Locale, default=Locale.EN)
    needs_person = models.BooleanField(default=False)
    email = models.EmailField(blank=True)
    version = models.PositiveIntegerField(default=0)
    shopper_seen_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    last_message_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["merchant", "state", "-last_message_at"], name="conversations_by_time"),
            models.Index(fields=["merchant", "shopper"], name="conversations_of_shopper"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class Author(models.TextChoices):
    SHOPPER = "shopper", _("Shopper")
    OPERATOR = "operator", _("Operator")
    BOT = "bot", _("Bot")
    SYSTEM = "system", _("System")


class Message(TenantModel):
    """``client_id`` is the sender's own id of the message; sending it again is the same message.

    ``draft_key`` names the draft that a reply came from: a draft is sent at most once, by constraint.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    author = models.CharField(max_length=10, choices=Author)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    attachments = models.JSONField(default=list)
    client_id = models.CharField(max_length=64, null=True)
    draft_key = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["conversation", "client_id"], name="one_message_per_client_id"),
            models.UniqueConstraint(fields=["draft_key"], name="one_message_per_draft"),
        ]
        indexes = [models.Index(fields=["conversation", "id"], name="messages_in_order")]

    def __str__(self) -> str:
        return f"{self.author} {self.pk}"
