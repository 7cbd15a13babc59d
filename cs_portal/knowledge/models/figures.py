"""How often an FAQ was used, and what operators made of it; drafting counts, see ``drafting.services.faq_hits``."""

from __future__ import annotations

from django.db import models

from cs_portal.core.tenancy import TenantModel
from cs_portal.knowledge.models.faqs import Faq


class FaqFigures(TenantModel):
    """Sums over an FAQ's hits, kept with every one of them; ``docs/metrics.md`` says what counts.

    An FAQ that was never used has no row.
    """

    public_id = None  # type: ignore[assignment]
    faq = models.OneToOneField(Faq, on_delete=models.CASCADE, primary_key=True, related_name="figures")
    hits = models.PositiveIntegerField(default=0)
    approved = models.PositiveIntegerField(default=0)
    edited = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    last_hit_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["merchant", "-hits"], name="faqs_by_hits")]

    def __str__(self) -> str:
        return f"{self.faq_id}: {self.hits}"
