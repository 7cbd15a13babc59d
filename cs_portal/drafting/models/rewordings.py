"""Wordings that an operator asked for: the same reply, shorter, warmer or in the other language."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.core.tenancy import TenantModel
from cs_portal.drafting.models.drafts import Draft, DraftCandidate
from cs_portal.merchants.models import Member


class Wish(models.TextChoices):
    """How a reply shall be said; what it says stays. The last two are languages."""

    BRIEF = "brief", _("Shorter")
    WARM = "warm", _("Warmer")
    FORMAL = "formal", _("More formal")
    ENGLISH = "en", _("In English")
    CHINESE = "zh-hans", _("In Chinese")


class RewordingState(models.TextChoices):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class Rewording(TenantModel):
    """One wish. Without a ``text`` the composer composes anew; with one, a connected language model rewrites it.

    ``failure`` is a code; the console has the words. ``candidate`` is what was made, or said so already.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="rewordings")
    generation = models.PositiveSmallIntegerField()
    wish = models.CharField(max_length=10, choices=Wish)
    text = models.TextField(blank=True)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=RewordingState, default=RewordingState.WAITING)
    failure = models.CharField(max_length=20, blank=True)
    candidate = models.ForeignKey(DraftCandidate, on_delete=models.CASCADE, null=True, related_name="rewordings")
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "generation", "wish"],
                condition=models.Q(state="waiting"),
                name="one_waiting_rewording_per_wish",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wish} {self.state}"
