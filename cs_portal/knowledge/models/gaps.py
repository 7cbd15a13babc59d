"""Questions that nothing answered well, and the groups that they make. Texts are redacted before they come here.

Conversations and drafts live above knowledge, so rows name them by public id; erasing a conversation takes the rows
along (:mod:`cs_portal.knowledge.services.forgetting`).
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cs_portal.core.tenancy import TenantModel
from cs_portal.knowledge.models.faqs import Faq
from cs_portal.merchants.models import Locale, Member


class GapState(models.TextChoices):
    """``MERGED``: its questions are another gap's now; the row stays so that this can be undone."""

    OPEN = "open", pgettext_lazy("gap", "Open")
    RESOLVED = "resolved", _("Resolved")
    DISMISSED = "dismissed", _("Dismissed")
    MERGED = "merged", _("Merged")


class Dismissal(models.TextChoices):
    NOT_OURS = "not_ours", _("Not for us to answer")
    ONE_OFF = "one_off", _("A single case")
    BY_RULES = "by_rules", _("The order and refund rules settle it")
    NOT_A_QUESTION = "not_a_question", _("No real question")
    OTHER = "other", _("Another reason")


class KnowledgeGap(TenantModel):
    """``recent`` and ``before`` count questions of the last four weeks and of the four before, as of ``counted_at``.

    ``title`` is its most central question. ``faq`` is the one that was written for it or that answers it now.
    ``changed_at`` is when a person or the mining last changed what it is.
    """

    title = models.CharField(max_length=300)
    locale = models.CharField(max_length=10, choices=Locale)
    state = models.CharField(max_length=10, choices=GapState, default=GapState.OPEN)
    assignee = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    faq = models.ForeignKey(Faq, on_delete=models.SET_NULL, null=True, related_name="+")
    merged_into = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="+")
    dismissal = models.CharField(max_length=20, choices=Dismissal, blank=True)
    note = models.CharField(max_length=200, blank=True)
    size = models.PositiveIntegerField(default=0)
    recent = models.PositiveIntegerField(default=0)
    before = models.PositiveIntegerField(default=0)
    first_asked_at = models.DateTimeField()
    last_asked_at = models.DateTimeField()
    counted_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    reopened_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["merchant", "state", "-recent", "-size", "-id"], name="gaps_by_recent"),
            models.Index(fields=["merchant", "state", "-last_asked_at", "-id"], name="gaps_by_last"),
        ]

    def __str__(self) -> str:
        return f"gap {self.public_id}"

    @property
    def trend(self) -> int:
        return self.recent - self.before


class Miss(models.TextChoices):
    """Why a question counts as not answered well."""

    UNANSWERED = "unanswered", _("No FAQ above the threshold")
    PASSED_OVER = "passed_over", _("One of several questions, passed over")
    REJECTED = "rejected", _("The draft was rejected")
    OWN_WORDS = "own_words", _("A colleague wrote the answer")


class GapQuestion(TenantModel):
    """One question as a shopper asked it, redacted. ``vector`` holds float16 numbers of the embedder of that name.

    ``nearest`` is the best FAQ of its time, with its ``score``. ``by_hand``: a person put it where it is, so the mining
    leaves it there. ``origin`` is the gap that it was in before that one was merged into this one.
    """

    gap = models.ForeignKey(KnowledgeGap, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(max_length=500)
    locale = models.CharField(max_length=10, choices=Locale)
    miss = models.CharField(max_length=15, choices=Miss)
    nearest = models.ForeignKey(Faq, on_delete=models.SET_NULL, null=True, related_name="+")
    score = models.FloatField(null=True)
    conversation = models.UUIDField()
    draft = models.UUIDField()
    number = models.PositiveSmallIntegerField(default=0)
    by_hand = models.BooleanField(default=False)
    origin = models.BigIntegerField(null=True)
    vector = models.BinaryField(default=bytes)
    embedder = models.CharField(max_length=120, blank=True)
    asked_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant", "draft", "number"], name="one_gap_question")]
        indexes = [
            models.Index(fields=["gap", "-asked_at", "-id"], name="gap_questions_by_age"),
            models.Index(fields=["merchant", "conversation"], name="gap_questions_of_talk"),
            models.Index(fields=["merchant", "asked_at"], name="gap_questions_asked"),
        ]

    def __str__(self) -> str:
        return f"gap question {self.pk}"


class WorkKind(models.TextChoices):
    MINE = "mine", _("Looking for gaps")
    DRAFT = "draft", _("Drafting an FAQ")
    REPLAY = "replay", _("Asking past questions again")


class WorkState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class GapRun(TenantModel):
    """Work of a worker that somebody may be waiting for: ``done`` of ``total``, and ``result`` at the end.

    A run without a member is the daily one. ``faq`` is what was drafted, or what is tried on past questions.
    """

    kind = models.CharField(max_length=10, choices=WorkKind)
    state = models.CharField(max_length=10, choices=WorkState, default=WorkState.WAITING)
    gap = models.ForeignKey(KnowledgeGap, on_delete=models.CASCADE, null=True, related_name="+")
    faq = models.ForeignKey(Faq, on_delete=models.CASCADE, null=True, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result: Any = models.JSONField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["merchant"],
                condition=models.Q(kind="mine", state__in=["waiting", "running"]),
                name="one_mining_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["merchant", "kind", "-id"], name="gap_runs_of_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"


class Mined(TenantModel):
    """How far the mining has read: what was decided before ``until`` is in. One row per merchant."""

    until = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant"], name="one_mined_row")]

    def __str__(self) -> str:
        return f"mined until {self.until}"
