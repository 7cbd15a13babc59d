"""What a merchant lets rank its candidates, what reviews would have it be, and how reviews correct the confidence."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.core.tenancy import TenantModel


class MerchantRanking(TenantModel):
    """The weights of a merchant that chose its own; one without a row has the defaults."""

    public_id = None  # type: ignore[assignment]
    weights = models.JSONField()
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant"], name="one_ranking_per_merchant")]

    def __str__(self) -> str:
        return "ranking"


class WeightsState(models.TextChoices):
    OPEN = "open", _("Proposed")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    NOT_BETTER = "not_better", _("Not better")
    SUPERSEDED = "superseded", _("Superseded")


class LearnedWeights(TenantModel):
    """Weights that reviews speak for. Only an open proposal can be accepted; ``figures`` say how it was measured."""

    state = models.CharField(max_length=12, choices=WeightsState)
    weights = models.JSONField()
    figures = models.JSONField()
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant"], condition=models.Q(state="open"), name="one_open_proposal_of_weights"
            )
        ]

    def __str__(self) -> str:
        return f"weights {self.state}"


class ConfidenceCalibration(TenantModel):
    """How the merchant's reviews move the prior (:func:`bots.composing.confidence.calibrated`)."""

    public_id = None  # type: ignore[assignment]
    slope = models.FloatField()
    intercept = models.FloatField()
    figures = models.JSONField()
    fitted_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant"], name="one_calibration_per_merchant")]

    def __str__(self) -> str:
        return f"{self.slope:.2f} x + {self.intercept:.2f}"
