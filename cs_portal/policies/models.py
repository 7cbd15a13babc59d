"""Rulesets and their immutable versions. At most one version of a ruleset is live."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.core.tenancy import TenantModel


class VersionState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    LIVE = "live", _("Live")
    RETIRED = "retired", _("Retired")


class RulesetVersion(TenantModel):
    """``document`` is the exported ruleset (:mod:`cs_portal.policies.engine.ruleset`), validated before it is saved."""

    name = models.CharField(max_length=60, default="orders-and-refunds")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=VersionState, default=VersionState.DRAFT)
    document = models.JSONField()
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "name", "number"], name="one_ruleset_version"),
            models.UniqueConstraint(
                fields=["merchant", "name"], condition=models.Q(state="live"), name="one_live_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"
