"""What operators' edits and shoppers' words teach an FAQ. Texts are redacted; conversations are named by public id."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cs_portal.core.tenancy import TenantModel
from cs_portal.knowledge.models.faqs import Faq
from cs_portal.merchants.models import Locale, Member


class ProposalState(models.TextChoices):
    """``STALE``: the sentence is not in the FAQ any more."""

    OPEN = "open", pgettext_lazy("gap", "Open")
    ACCEPTED = "accepted", _("Accepted")
    DISMISSED = "dismissed", _("Dismissed")
    STALE = "stale", _("Out of date")


class FaqProposal(TenantModel):
    """A sentence of an FAQ that operators keep changing: ``before`` as the FAQ has it, ``after`` as they send it.

    An empty ``before`` adds ``after`` behind the sentence ``anchor``; an empty ``after`` takes ``before`` out.
    ``revision`` is the FAQ's newest when it was made. ``change`` undoes the acceptance.
    """

    faq = models.ForeignKey(Faq, on_delete=models.CASCADE, related_name="proposals")
    locale = models.CharField(max_length=10, choices=Locale)
    revision = models.PositiveIntegerField()
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    anchor = models.TextField(blank=True)
    times = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    decided_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    change = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["merchant", "state", "-created_at", "-id"], name="proposals_by_state")]

    def __str__(self) -> str:
        return f"proposal {self.public_id}"


class FaqEdit(TenantModel):
    """A sentence of an FAQ as an operator changed it in a draft that was sent; the same ``key`` is the same change."""

    faq = models.ForeignKey(Faq, on_delete=models.CASCADE, related_name="edits")
    locale = models.CharField(max_length=10, choices=Locale)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    anchor = models.TextField(blank=True)
    key = models.CharField(max_length=64)
    proposal = models.ForeignKey(FaqProposal, on_delete=models.SET_NULL, null=True, related_name="edits")
    conversation = models.UUIDField()
    review = models.UUIDField()
    number = models.PositiveSmallIntegerField(default=0)
    edited_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant", "review", "number"], name="one_faq_edit")]
        indexes = [
            models.Index(fields=["merchant", "key"], name="faq_edits_alike"),
            models.Index(fields=["merchant", "conversation"], name="faq_edits_of_talk"),
        ]

    def __str__(self) -> str:
        return f"edit of {self.faq_id}"


class PhrasingSuggestion(TenantModel):
    """A question that this FAQ answered with approval though no phrasing was near it: ``similarity`` to the nearest."""

    faq = models.ForeignKey(Faq, on_delete=models.CASCADE, related_name="suggestions")
    locale = models.CharField(max_length=10, choices=Locale)
    text = models.CharField(max_length=300)
    folded = models.CharField(max_length=300)
    similarity = models.FloatField()
    conversation = models.UUIDField()
    draft = models.UUIDField()
    dismissed_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant", "draft", "faq"], name="one_suggestion")]
        indexes = [
            models.Index(fields=["faq", "dismissed_at", "-asked_at"], name="suggestions_of_faq"),
            models.Index(fields=["merchant", "conversation"], name="suggestions_of_talk"),
        ]

    def __str__(self) -> str:
        return f"suggestion {self.pk}"
