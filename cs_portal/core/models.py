"""Infrastructure rows: jobs, live events, audit, rate windows. They carry ids and states, never anybody's words.

Jobs and events serve all merchants' workers and streams, so they are not tenant models; whoever shows them filters
by merchant.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    READY = "ready", _("Waiting")
    LEASED = "leased", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Queue(models.TextChoices):
    FAST = "fast", _("Fast")
    MODEL = "model", _("Language model")
    BULK = "bulk", _("Bulk")
    UPKEEP = "upkeep", _("Upkeep")


class Job(models.Model):
    """One piece of work. The row is the truth; Celery only wakes a worker that then leases it.

    ``fence`` grows with every lease: a worker that lost its lease can no longer write the job's effect.
    ``key`` makes the wish for an effect unique: enqueueing the same key again is the same job.
    """

    kind = models.CharField(max_length=50)
    queue = models.CharField(max_length=10, choices=Queue)
    merchant = models.ForeignKey("merchants.Merchant", on_delete=models.CASCADE, related_name="+", null=True)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=200, unique=True)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.READY)
    execute_after = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    lease_owner = models.CharField(max_length=100, blank=True)
    lease_expires_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["queue", "execute_after"], name="job_due", condition=models.Q(state="ready")),
            models.Index(fields=["lease_expires_at"], name="job_leased", condition=models.Q(state="leased")),
            models.Index(fields=["merchant", "state", "-id"], name="job_of_merchant"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.state})"


class Event(models.Model):
    """Something that happened, for whoever is listening. ``topic`` names the audience, ``data`` carries ids only."""

    merchant = models.ForeignKey("merchants.Merchant", on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(max_length=80)
    name = models.CharField(max_length=50)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["merchant", "topic", "id"], name="event_of_topic")]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"


class AuditEntry(models.Model):
    """Who did what to which row, with the versions it rested on. Append-only, enforced by a trigger. Ids, never text.

    The merchant is a number, not a foreign key: a cascade would have to delete what must not be deleted.
    """

    append_only = True

    merchant_number = models.BigIntegerField()
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=64)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=100)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["merchant_number", "-id"], name="audit_of_merchant"),
            models.Index(fields=["merchant_number", "target", "-id"], name="audit_of_target"),
            models.Index(fields=["merchant_number", "action", "-id"], name="audit_of_action"),
            models.Index(fields=["merchant_number", "actor_id", "-id"], name="audit_of_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"


class RateWindow(models.Model):
    """Hits of one subject in one window of time; see :mod:`cs_portal.core.ratelimit`."""

    key = models.CharField(max_length=120, unique=True)
    hits = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key


class WorkerHeartbeat(models.Model):
    """A worker's sign of life, and whether its models are loaded ("warming up" until then)."""

    name = models.CharField(max_length=100, unique=True)
    queue = models.CharField(max_length=10, choices=Queue)
    ready = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
