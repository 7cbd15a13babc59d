"""Replies waiting for review: a draft, its candidates, the reviews of it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.models import Order
from cs_portal.conversations.models import Conversation, Message
from cs_portal.core.tenancy import TenantModel
from cs_portal.merchants.models import Locale, Member
from cs_portal.policies.models import RulesetVersion


class DraftState(models.TextChoices):
    READY = "ready", _("Waiting for review")
    APPROVED = "approved", _("Approved, being sent")
    SENT = "sent", _("Sent")
    SUPERSEDED = "superseded", _("Superseded")


class Draft(TenantModel):
    """A reply to the shopper's last message, with everything that it rests on.

    ``conversation_version``, ``order_version`` and ``ruleset`` say on what it was made; when one of them moved the
    draft is stale. ``opened_at`` freezes the order of candidates. ``reopened_because`` tells, per language, why a send
    came back.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="drafts")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="draft")
    state = models.CharField(max_length=10, choices=DraftState, default=DraftState.READY)
    locale = models.CharField(max_length=10, choices=Locale)
    intent = models.CharField(max_length=30)
    intents = models.JSONField(default=list)
    entities = models.JSONField(default=list)
    confidence = models.FloatField()
    needs_person = models.BooleanField(default=False)
    injection = models.BooleanField(default=False)

    order = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="+")
    request = models.JSONField(null=True)
    verdict = models.JSONField(null=True)
    override = models.JSONField(null=True)
    ruleset = models.ForeignKey(RulesetVersion, on_delete=models.PROTECT, null=True, related_name="+")
    evidence = models.JSONField(default=list)
    conversation_version = models.PositiveIntegerField()
    order_version = models.PositiveIntegerField(null=True)
    model_version = models.CharField(max_length=120, blank=True)

    selected = models.PositiveSmallIntegerField(default=1)
    generation = models.PositiveSmallIntegerField(default=1)
    model_state = models.CharField(max_length=20, default="waiting")
    model_note = models.CharField(max_length=120, blank=True)
    timings = models.JSONField(default=dict)
    claimed_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    claimed_until = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    reopened_because = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(state__in=["ready", "approved"]),
                name="one_open_draft_per_conversation",
            ),
        ]
        indexes = [models.Index(fields=["merchant", "state", "created_at"], name="drafts_awaiting_review")]

    def __str__(self) -> str:
        return f"draft {self.public_id}"

    @property
    def reopened_reason(self) -> str:
        """Why the send came back, in the reader's language; empty when it did not."""
        texts: dict[str, str] = self.reopened_because
        return texts.get(get_language() or "en", texts.get("en", ""))

    @property
    def standing_verdict(self) -> dict[str, Any]:
        """The verdict that counts: an admin's override, else the rules'."""
        return {**(self.verdict or {}), **(self.override or {})}


class DraftCandidate(TenantModel):
    """One alternative text. ``position`` is what the operator sees and picks by number."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="candidates")
    generation = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=20)
    model = models.CharField(max_length=120)
    text = models.TextField()
    score = models.FloatField()
    log_probability = models.FloatField(null=True)
    links = models.JSONField(default=list)
    violations = models.JSONField(default=list)
    seconds = models.FloatField(default=0)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["draft", "generation", "position"], name="one_candidate_per_position")
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.source} {self.position}"


class Decision(models.TextChoices):
    APPROVED = "approved", _("Approved")
    EDITED = "edited", _("Edited")
    REJECTED = "rejected", _("Rejected")
    SUPERSEDED = "superseded", _("Superseded")
    OVERRIDDEN = "overridden", _("Verdict overridden")


class RejectReason(models.TextChoices):
    WRONG_FACT = "wrong_fact", _("Wrong fact")
    WRONG_POLICY = "wrong_policy", _("Wrong policy")
    TONE = "tone", _("Tone")
    LANGUAGE = "language", _("Language")
    INCOMPLETE = "incomplete", _("Incomplete")
    OUTDATED = "outdated", _("Outdated")
    UNSAFE = "unsafe", _("Unsafe")
    OTHER = "other", _("Other")


class Review(TenantModel):
    """An operator's decision. An approval is carried out by the job ``send:<public_id>`` at ``execute_after``."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="reviews")
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    decision = models.CharField(max_length=10, choices=Decision)
    reason = models.CharField(max_length=20, choices=RejectReason, blank=True)
    note = models.CharField(max_length=500, blank=True)
    candidate = models.ForeignKey(DraftCandidate, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField(blank=True)
    execute_after = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    executed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["draft"],
                condition=models.Q(decision__in=["approved", "edited"], undone_at__isnull=True),
                name="one_standing_approval",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision} {self.pk}"
