"""From which amounts on two people must agree before money goes back."""

from __future__ import annotations

from django.db import models

from cs_portal.core.tenancy import TenantModel


class PairLimit(TenantModel):
    """Above ``above_minor`` of a ``currency`` one approval is not enough. A currency without a row has no limit."""

    currency = models.CharField(max_length=3)
    above_minor = models.PositiveBigIntegerField()
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["currency"]
        constraints = [models.UniqueConstraint(fields=["merchant", "currency"], name="one_pair_limit_per_currency")]

    def __str__(self) -> str:
        return f"two people above {self.above_minor} {self.currency}"
