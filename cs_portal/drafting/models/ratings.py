"""What operators think of a draft's evidence: whether it helped, or is wrong or out of date."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.core.tenancy import TenantModel
from cs_portal.drafting.models.drafts import Draft
from cs_portal.knowledge.models import Faq
from cs_portal.merchants.models import Member


class Mark(models.TextChoices):
    HELPED = "helped", _("Helped")
    WRONG = "wrong", _("Wrong or out of date")


class EvidenceRating(TenantModel):
    """One member's mark on one piece of a draft's evidence. ``faq`` is the one that an answer comes from."""

    public_id = None  # type: ignore[assignment]
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="ratings")
    reference = models.CharField(max_length=200)
    faq = models.ForeignKey(Faq, on_delete=models.CASCADE, null=True, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    mark = models.CharField(max_length=10, choices=Mark)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "reference", "member"], name="one_rating_per_evidence_and_member")
        ]
        indexes = [models.Index(fields=["faq", "mark"], name="evidence_ratings_of_faq")]

    def __str__(self) -> str:
        return f"{self.reference} {self.mark}"
