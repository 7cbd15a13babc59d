"""The regression set: questions with the FAQ that each must find, and the runs that say whether they do."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.core.tenancy import TenantModel
from cs_portal.knowledge.models.faqs import Faq
from cs_portal.merchants.models import Member


class CaseOrigin(models.TextChoices):
    HAND = "hand", _("Written by hand")
    TEST = "test", _("From a tested question")
    REVIEW = "review", _("From a review")
    FILE = "file", _("From a file")


class RegressionCase(TenantModel):
    """``faq`` is what ``question`` must find, null where nothing may answer it (``cs_portal.knowledge.regression``).

    ``draft`` is the public id of the draft whose question it was: who erases the shopper erases the case. ``passed``
    is what the last run that counts said: one over what is live, or one that was published. A case with ``removed_at``
    is no part of the set any more and can be brought back for a day.
    """

    question = models.CharField(max_length=500)
    folded = models.CharField(max_length=300)
    faq = models.ForeignKey(Faq, on_delete=models.CASCADE, null=True, related_name="regression_cases")
    origin = models.CharField(max_length=10, choices=CaseOrigin, default=CaseOrigin.HAND)
    draft = models.UUIDField(null=True)
    passed = models.BooleanField(null=True)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "folded"], condition=models.Q(removed_at=None), name="one_regression_case"
            )
        ]
        indexes = [
            models.Index(fields=["merchant", "draft"], name="regression_cases_of_draft"),
            models.Index(fields=["merchant", "removed_at", "-id"], name="regression_cases_by_age"),
        ]

    def __str__(self) -> str:
        return f"case {self.public_id}"


class RunKind(models.TextChoices):
    LIVE = "live", _("What is live")
    PUBLISHING = "publishing", _("Before publishing")


class RunState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class RegressionRun(TenantModel):
    """One run of the whole set. ``changes`` names the FAQs that are to be published, each with the revision tried.

    ``knowledge_version`` is that of the live answers the run was made on. ``figures`` are counts, see
    :func:`cs_portal.knowledge.regression.figures_of`. ``published_at`` says that ``changes`` went live from here.
    """

    kind = models.CharField(max_length=10, choices=RunKind, default=RunKind.LIVE)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.WAITING)
    changes = models.JSONField(default=list)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    figures = models.JSONField(default=dict)
    knowledge_version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["merchant", "-id"], name="regression_runs_by_age")]

    def __str__(self) -> str:
        return f"run {self.public_id}"

    @property
    def is_over(self) -> bool:
        return self.state in {RunState.DONE, RunState.FAILED}


class Change(models.TextChoices):
    """What publishing does to a case."""

    BETTER = "better", _("Better")
    WORSE = "worse", _("Worse")
    SAME = "same", _("As before")


class RegressionResult(TenantModel):
    """What one case found in a run: ``after`` in what was tried, ``before`` in what was live where both were asked.

    Each is :meth:`cs_portal.knowledge.regression.Outcome.to_json`. ``counts`` is whether the case could be asked at
    all: its FAQ is live, or would be.
    """

    run = models.ForeignKey(RegressionRun, on_delete=models.CASCADE, related_name="results")
    case = models.ForeignKey(RegressionCase, on_delete=models.CASCADE, related_name="results")
    counts = models.BooleanField(default=True)
    passed = models.BooleanField()
    change = models.CharField(max_length=6, choices=Change, default=Change.SAME)
    before = models.JSONField(null=True)
    after = models.JSONField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["run", "case"], name="one_regression_result")]
        indexes = [models.Index(fields=["merchant", "run", "counts", "passed", "id"], name="regression_results")]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.case_id}"
