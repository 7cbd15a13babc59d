"""The merchant's customers."""

from __future__ import annotations

from django.db import models

from cs_portal.commerce.models.searching import searchable
from cs_portal.core.tenancy import TenantModel
from cs_portal.merchants.models import Locale


class Shopper(TenantModel):
    """The merchant's customer. ``external_id`` is the shop's own id, empty for an anonymous visitor."""

    external_id = models.CharField(max_length=64, null=True)
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    locale = models.CharField(max_length=10, choices=Locale, default=Locale.EN)
    tags = models.JSONField(default=list)
    payment_methods = models.JSONField(default=list)
    created_at = models.DateTimeField()
    search = searchable("external_id", "name", "email", "phone")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant", "external_id"], name="one_shopper")]
        indexes = [
            models.Index(fields=["merchant", "-created_at", "-id"], name="shoppers_newest"),
            models.Index(
                fields=["merchant", "-created_at"],
                name="shoppers_identified",
                condition=models.Q(external_id__isnull=False),
            ),
            models.Index(fields=["merchant", "search"], name="shoppers_by_words"),
        ]

    def __str__(self) -> str:
        return self.name or "—"

    @property
    def is_identified(self) -> bool:
        return self.external_id is not None

    @property
    def visitor_code(self) -> str:
        """Four characters that tell anonymous visitors apart in a list. A name, no key: two may share it."""
        return self.public_id.hex[:4].upper()
