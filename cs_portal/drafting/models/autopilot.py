"""Autopilot: the rules by which replies go out unreviewed, what they would have sent, and what they sent."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.models import ActionKind
from cs_portal.core.tenancy import TenantModel
from cs_portal.drafting.models.drafts import Draft, DraftCandidate, RejectReason, Review
from cs_portal.merchants.models import Locale, Member


class AutopilotState(models.TextChoices):
    OFF = "off", _("Off")
    SHADOW = "shadow", _("Shadow")
    ON = "on", _("On")


class AutopilotHours(models.TextChoices):
    ANY = "any", _("At any time")
    OPEN = "open", _("During opening hours")
    CLOSED = "closed", _("Outside opening hours")


class PutBack(models.TextChoices):
    """Why a rule is where it is, where nobody put it there by choosing that state."""

    CHANGED = "changed", _("Its conditions were changed")
    STOPPED = "stopped", _("Autopilot was stopped")
    SAMPLES = "samples", _("Replies that it sent were judged wrong")


class AutopilotRule(TenantModel):
    """A case in which replies may go out unreviewed. Off until a person says so.

    A rule of an ``action`` is about requests that shoppers confirmed in the chat's form: off or on, and ``limit_minor``
    bounds what it may give back. One with a ``name`` is about replies that only say something: it answers ``intents``,
    in ``locale`` (empty: both), at ``storefronts`` (public ids; empty: all), within ``hours``, from ``min_confidence``
    on, and has to prove itself in shadow first. ``version`` counts its conditions. Evidence counts from
    ``evidence_since`` on; ``state_by`` is who chose the state, null where ``put_back`` says why it is so.
    """

    action = models.CharField(_("action"), max_length=20, choices=ActionKind, blank=True)
    limit_minor = models.PositiveBigIntegerField(null=True)
    limit_currency = models.CharField(max_length=3, blank=True)
    name = models.CharField(_("name"), max_length=60, blank=True)
    intents = models.JSONField(default=list)
    locale = models.CharField(_("language"), max_length=10, choices=Locale, blank=True)
    storefronts = models.JSONField(default=list)
    hours = models.CharField(max_length=10, choices=AutopilotHours, default=AutopilotHours.ANY)
    min_confidence = models.FloatField(_("least confidence"), default=0.9)
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=AutopilotState, default=AutopilotState.OFF)
    state_since = models.DateTimeField()
    state_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    put_back = models.CharField(max_length=10, choices=PutBack, blank=True)
    evidence_since = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["action", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "action"], condition=~models.Q(action=""), name="one_autopilot_rule_per_action"
            ),
            models.UniqueConstraint(
                fields=["merchant", "name"], condition=~models.Q(name=""), name="one_autopilot_rule_of_a_name"
            ),
            models.CheckConstraint(condition=models.Q(action="") ^ models.Q(name=""), name="autopilot_action_or_words"),
            models.CheckConstraint(
                condition=models.Q(action="") | ~models.Q(state="shadow"), name="autopilot_shadow_of_words"
            ),
            models.CheckConstraint(
                condition=models.Q(min_confidence__gte=0.5, min_confidence__lte=1), name="autopilot_confidence"
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(ActionKind(self.action).label)


class ShadowSend(TenantModel):
    """A reply that a rule in shadow would have sent at ``created_at``. What people did instead is read from reviews."""

    rule = models.ForeignKey(AutopilotRule, on_delete=models.CASCADE, related_name="shadow_sends")
    rule_version = models.PositiveIntegerField()
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="shadow_sends")
    candidate = models.ForeignKey(DraftCandidate, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["rule", "draft"], name="one_shadow_send_per_rule_and_draft")]
        indexes = [models.Index(fields=["rule", "rule_version", "created_at"], name="shadow_sends_of_rule")]

    def __str__(self) -> str:
        return f"shadow {self.pk}"


class Judgement(models.TextChoices):
    RIGHT = "right", _("Right")
    WRONG = "wrong", _("Wrong")


class AutopilotSend(TenantModel):
    """A reply that autopilot sent. A ``sampled`` one is put to a person afterwards, who judges it."""

    rule = models.ForeignKey(AutopilotRule, on_delete=models.CASCADE, related_name="sends")
    rule_version = models.PositiveIntegerField()
    review = models.OneToOneField(Review, on_delete=models.CASCADE, related_name="autopilot_send")
    created_at = models.DateTimeField()
    sampled = models.BooleanField()
    judgement = models.CharField(max_length=10, choices=Judgement, blank=True)
    reason = models.CharField(max_length=20, choices=RejectReason, blank=True)
    judged_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["rule", "created_at"], name="autopilot_sends_of_rule"),
            models.Index(
                fields=["merchant", "created_at"],
                condition=models.Q(sampled=True, judgement=""),
                name="autopilot_sends_to_check",
            ),
        ]

    def __str__(self) -> str:
        return f"sent {self.pk}"
