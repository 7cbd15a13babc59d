"""Shoppers' messages in the language of who reads them, as a connected language model said it. Kept: paid once."""

from __future__ import annotations

from django.db import models

from cs_portal.conversations.models import Message
from cs_portal.core.tenancy import TenantModel
from cs_portal.merchants.models import Locale


class TranslationState(models.TextChoices):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class MessageTranslation(TenantModel):
    """``failure`` is a code; the console has the words. ``model`` names what translated."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="translations")
    locale = models.CharField(max_length=10, choices=Locale)
    state = models.CharField(max_length=10, choices=TranslationState, default=TranslationState.WAITING)
    text = models.TextField(blank=True)
    model = models.CharField(max_length=120, blank=True)
    failure = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["message", "locale"], name="one_translation_per_message_and_language")
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.locale}"
