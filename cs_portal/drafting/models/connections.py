"""Which language models a merchant drafts with, in which order, within which budget, and what they took."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.core.tenancy import TenantModel
from cs_portal.merchants.models import Locale

#: Money of model calls is counted in millionths of a currency unit: one token costs a fraction of a cent.
MICROS = 1_000_000


class ModelKind(models.TextChoices):
    LOCAL = "local", _("This portal's own model")
    OPENAI_COMPATIBLE = "openai_compatible", _("A server with OpenAI's protocol")


class LanguageModelConnection(TenantModel):
    """A language model that a merchant may draft with. A merchant without rows drafts with the portal's own model.

    Prices are millionths of ``currency`` per million tokens, so the same number is a token's price in millionths of a
    millionth. Budgets hold for one day of the merchant's time zone; null is no limit. ``failures`` counts calls that
    failed in a row, and until ``paused_until`` no call is made (:mod:`cs_portal.drafting.services.model_breaker`).
    """

    kind = models.CharField(max_length=20, choices=ModelKind)
    name = models.CharField(max_length=60)
    base_url = models.CharField(max_length=500, blank=True)
    model = models.CharField(max_length=200, blank=True)
    key_encrypted = models.TextField(blank=True)
    structured = models.BooleanField(default=False)
    deadline_seconds = models.PositiveSmallIntegerField(default=20)
    currency = models.CharField(max_length=3, default="USD")
    price_in_micros = models.PositiveBigIntegerField(default=0)
    price_out_micros = models.PositiveBigIntegerField(default=0)
    daily_tokens = models.PositiveBigIntegerField(null=True)
    daily_micros = models.PositiveBigIntegerField(null=True)
    enabled = models.BooleanField(default=True)
    failures = models.PositiveIntegerField(default=0)
    last_failure = models.CharField(max_length=20, blank=True)
    paused_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "name"], name="one_model_of_a_name"),
            models.UniqueConstraint(
                fields=["merchant"], condition=models.Q(kind="local"), name="one_own_model_per_merchant"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_local(self) -> bool:
        return self.kind == ModelKind.LOCAL

    def cost_micros(self, *, tokens_in: int, tokens_out: int) -> int:
        """What so many tokens cost, in millionths of ``currency``, rounded up."""
        return -(-(tokens_in * self.price_in_micros + tokens_out * self.price_out_micros) // MICROS)


class ModelChoice(TenantModel):
    """A model that drafts of a language are tried with; the lowest ``position`` first."""

    public_id = None  # type: ignore[assignment]
    connection = models.ForeignKey(LanguageModelConnection, on_delete=models.CASCADE, related_name="choices")
    locale = models.CharField(max_length=10, choices=Locale)
    position = models.PositiveSmallIntegerField()

    class Meta(TenantModel.Meta):
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["connection", "locale"], name="one_choice_per_language")]

    def __str__(self) -> str:
        return f"{self.locale} {self.position}"


class ModelUsage(TenantModel):
    """What a model took on one day. A call under way counts with the most that it may take."""

    public_id = None  # type: ignore[assignment]
    connection = models.ForeignKey(LanguageModelConnection, on_delete=models.CASCADE, related_name="usage")
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0)
    tokens_in = models.PositiveBigIntegerField(default=0)
    tokens_out = models.PositiveBigIntegerField(default=0)
    cost_micros = models.PositiveBigIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["connection", "day"], name="one_usage_per_model_and_day")]

    def __str__(self) -> str:
        return f"{self.connection_id} {self.day}"
