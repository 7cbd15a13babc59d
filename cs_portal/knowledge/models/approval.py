"""The second pair of eyes: revisions that wait for a colleague before they go live."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.core.tenancy import TenantModel
from cs_portal.knowledge.models.faqs import Faq
from cs_portal.merchants.models import Member


class ApprovalState(models.TextChoices):
    """``OVERTAKEN``: the FAQ was changed before anybody decided."""

    OPEN = "open", _("Waiting")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    OVERTAKEN = "overtaken", _("Overtaken by another change")


class PublicationRequest(TenantModel):
    """Somebody asks for ``revision`` of an FAQ, its newest, to go live. ``reason`` is why it was declined."""

    faq = models.ForeignKey(Faq, on_delete=models.CASCADE, related_name="publication_requests")
    revision = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=ApprovalState, default=ApprovalState.OPEN)
    asked_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["faq"], condition=models.Q(state=ApprovalState.OPEN), name="one_open_publication_request"
            )
        ]
        indexes = [models.Index(fields=["merchant", "state", "asked_at"], name="publications_waiting")]

    def __str__(self) -> str:
        return f"{self.faq_id} v{self.revision} {self.state}"
