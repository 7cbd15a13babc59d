"""What the public interface remembers: answers by idempotency key, shops that send webhooks, and what they sent."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.core.secrets import decrypt
from cs_portal.core.tenancy import TenantModel


class StoredAnswer(TenantModel):
    """The answer to a call with an ``Idempotency-Key``, for whoever sends it again. ``status`` 0 is under way.

    ``fingerprint`` is a digest of method, path and body: the same key with another one is a mistake of the caller.
    Answers hold ids and counts, never what was sent; they are encrypted, because an id may be an e-mail address.
    """

    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant", "key"], name="one_answer_per_key")]
        indexes = [models.Index(fields=["merchant", "created_at"], name="answers_by_age")]

    def __str__(self) -> str:
        return f"{self.fingerprint[:8]} {self.status}"


class ShopifyWebhook(TenantModel):
    """A Shopify shop that tells us of its orders and products. The secret with which it signs is encrypted."""

    domain = models.CharField(_("shop domain"), max_length=255)
    storefront = models.SlugField(blank=True)
    secret_encrypted = models.TextField(editable=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    last_received_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["merchant", "domain"], name="one_webhook_per_shop")]

    def __str__(self) -> str:
        return self.domain

    @property
    def secret(self) -> str:
        return decrypt(self.secret_encrypted)


class ReceivedWebhook(TenantModel):
    """A delivery that was taken in, by the sender's own id: one that comes again does nothing."""

    webhook = models.ForeignKey(ShopifyWebhook, on_delete=models.CASCADE, related_name="received")
    delivery = models.CharField(max_length=100)
    topic = models.CharField(max_length=40)
    outcome = models.CharField(max_length=20)
    problem = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["webhook", "delivery"], name="one_delivery")]

    def __str__(self) -> str:
        return f"{self.topic} {self.outcome}"


class SeenVersion(TenantModel):
    """How new the news of a row are: older ones that arrive later change nothing. ``foreign_id`` is the sender's."""

    kind = models.CharField(max_length=10)
    key = models.CharField(max_length=64)
    foreign_id = models.CharField(max_length=64, blank=True)
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant", "kind", "key"], name="one_seen_version")]
        indexes = [models.Index(fields=["merchant", "kind", "foreign_id"], name="seen_by_foreign_id")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
