"""What is wrong with answers, and the links in them; written by a worker (``services.quality``, ``services.links``)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.core.tenancy import TenantModel
from cs_portal.knowledge.models.faqs import Faq
from cs_portal.merchants.models import Member


class QualityFinding(TenantModel):
    """One problem of ``faq``, or of it and ``other``.

    ``fingerprint`` names what it rests on: texts that change make it another finding, so an ignored one that no longer
    holds never hides a new one. ``detail`` is what the page shows (figures, sentences, addresses, days). It is ignored
    while ``ignored_at`` is set.
    """

    kind = models.CharField(max_length=20)
    faq = models.ForeignKey(Faq, on_delete=models.CASCADE, related_name="findings")
    other = models.ForeignKey(Faq, on_delete=models.CASCADE, null=True, related_name="findings_beside")
    fingerprint = models.CharField(max_length=64)
    detail = models.JSONField(default=dict)
    found_at = models.DateTimeField()
    ignored_at = models.DateTimeField(null=True)
    ignored_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant", "fingerprint"], name="one_finding")]
        indexes = [models.Index(fields=["merchant", "kind", "-id"], name="findings_by_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.faq_id}"


class QualityCheck(TenantModel):
    """The last time that all answers of a merchant were checked; one row per merchant."""

    finished_at = models.DateTimeField()
    seconds = models.FloatField(default=0)
    faqs = models.PositiveIntegerField(default=0)
    compared = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant"], name="one_quality_check")]

    def __str__(self) -> str:
        return f"checked {self.finished_at}"


class LinkState(models.TextChoices):
    NEW = "new", _("Not checked yet")
    OK = "ok", _("Works")
    DOUBTFUL = "doubtful", _("Failed, will be tried again")
    BROKEN = "broken", _("Broken")
    UNCHECKED = "unchecked", _("Cannot be checked")


class LinkCheck(TenantModel):
    """One address that answers name. ``failures`` in a row; ``note`` is a code or an HTTP status."""

    url = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=LinkState, default=LinkState.NEW)
    note = models.CharField(max_length=40, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant", "url"], name="one_link_check")]
        indexes = [models.Index(fields=["merchant", "due_at"], name="links_due")]

    def __str__(self) -> str:
        return self.url
