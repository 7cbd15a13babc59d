"""The merchant's rules: versions that never change, one of them live, and the working copy that becomes the next."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.models import Order
from cs_portal.core.tenancy import TenantModel
from cs_portal.merchants.models import Member


class VersionState(models.TextChoices):
    LIVE = "live", _("Live")
    RETIRED = "retired", _("Retired")


class RulesetVersion(TenantModel):
    """A published version. Once written, only its ``state`` ever changes.

    ``document`` is the exported ruleset (:mod:`cs_portal.policies.engine.ruleset`), validated before it is saved.
    ``changes`` counts what differs from the version that was live before, by kind (``added``, ``removed``, ``changed``,
    ``moved``, ``default``). ``restored_number`` is the version whose rules were put back, where this was a roll back.
    """

    name = models.CharField(max_length=60, default="orders-and-refunds")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=VersionState)
    document = models.JSONField()
    note = models.CharField(_("What changed"), max_length=200, blank=True)
    changes = models.JSONField(default=dict)
    restored_number = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "number"], name="one_ruleset_version"),
            models.UniqueConstraint(fields=["merchant"], condition=models.Q(state="live"), name="one_live_version"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class WorkingCopy(TenantModel):
    """The rules being edited; one per merchant. ``document`` is valid at all times.

    ``revision`` grows with every change: whoever changes an older one gets a conflict. ``undo_document`` is what the
    last change replaced. ``base`` is the version it was begun from.
    """

    document = models.JSONField()
    undo_document = models.JSONField(null=True)
    revision = models.PositiveIntegerField(default=1)
    base = models.ForeignKey(RulesetVersion, on_delete=models.SET_NULL, null=True, related_name="+")
    begun_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant"], name="one_working_copy")]

    def __str__(self) -> str:
        return f"working copy r{self.revision}"


class SimulationState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Finished")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


class SimulationSource(models.TextChoices):
    """``REQUESTS``: what shoppers asked for. ``ORDERS``: likely requests on every order, as if it were made now."""

    REQUESTS = "requests", _("Requests that shoppers made")
    ORDERS = "orders", _("Likely requests on every order")


class Simulation(TenantModel):
    """A working copy decided beside the live rules over a stretch of the past. Kept, so that it can be opened again.

    ``document`` is the working copy as it was, ``live`` what it was compared with. ``done`` counts what is decided and
    moves with ``cursor`` (where the next chunk begins), ``figures`` and the rows of :class:`SimulatedChange`, in one
    transaction. ``skipped`` could not be decided: their documents are no longer canonical. ``changed`` is how many are
    decided differently; the first of them are kept as rows. ``seconds`` is the time that workers spent.
    """

    state = models.CharField(max_length=10, choices=SimulationState, default=SimulationState.WAITING)
    source = models.CharField(max_length=10, choices=SimulationSource)
    days = models.PositiveIntegerField()
    since = models.DateTimeField()
    live = models.ForeignKey(RulesetVersion, on_delete=models.CASCADE, related_name="+")
    document = models.JSONField()
    revision = models.PositiveIntegerField()
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    cursor = models.JSONField(null=True)
    figures = models.JSONField(default=dict)
    seconds = models.FloatField(default=0)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["merchant"], condition=models.Q(state__in=["waiting", "running"]), name="one_open_simulation"
            )
        ]
        indexes = [models.Index(fields=["merchant", "-id"], name="simulations_newest")]

    def __str__(self) -> str:
        return f"simulation {self.public_id}"


class SimulatedChange(TenantModel):
    """One request that the simulated rules decide differently, and why.

    ``why`` is the trace that tells, per language; ``request`` is what was asked for, without any address. The row goes
    with its order.
    """

    simulation = models.ForeignKey(Simulation, on_delete=models.CASCADE, related_name="changes")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    action = models.CharField(max_length=20)
    reason = models.CharField(max_length=30, blank=True)
    before_outcome = models.CharField(max_length=10)
    after_outcome = models.CharField(max_length=10)
    before_rule = models.CharField(max_length=200)
    after_rule = models.CharField(max_length=200)
    before_minor = models.BigIntegerField(default=0)
    after_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    before_approver = models.CharField(max_length=10)
    after_approver = models.CharField(max_length=10)
    why = models.JSONField(default=dict)
    request = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(
                fields=["merchant", "simulation", "before_outcome", "after_outcome", "id"], name="changes_by_move"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before_outcome} → {self.after_outcome}"
