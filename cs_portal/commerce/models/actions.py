"""Actions on orders, from the proposal to the end, and the shop system that carries them out."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.models.orders import Order
from cs_portal.commerce.models.shoppers import Shopper
from cs_portal.core.tenancy import TenantModel


class ActionKind(models.TextChoices):
    REFUND = "refund", _("Refund")
    RETURN = "return", _("Return")
    EXCHANGE = "exchange", _("Exchange")
    CANCEL = "cancel", _("Cancellation")
    CHANGE_ADDRESS = "change_address", _("Change of address")
    CHANGE_ITEMS = "change_items", _("Change of items")
    CHANGE_PAYMENT = "change_payment", _("Change of payment method")
    RESEND = "resend", _("Sending again")
    PLACE_ORDER = "place_order", _("New order")


class ActionState(models.TextChoices):
    """``proposed → approved → executing → done | refused | unknown``; a look-up leads on from ``unknown``."""

    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved")
    EXECUTING = "executing", _("Being carried out")
    DONE = "done", _("Carried out")
    REFUSED = "refused", _("Not carried out")
    UNKNOWN = "unknown", _("Unknown, checking")


class ConnectorKind(models.TextChoices):
    LOCAL = "local", _("This portal")
    WEBHOOK = "webhook", _("Webhook")
    SHOPIFY = "shopify", "Shopify"


#: What an action that is under way may still turn out to have done.
UNDER_WAY = (ActionState.EXECUTING, ActionState.UNKNOWN)
SETTLED = (ActionState.DONE, ActionState.REFUSED)
#: Never reached the shop, and waits to be tried again.
NOT_SENT = Q(state=ActionState.EXECUTING, attempts=0, checks__gt=0)


class OrderAction(TenantModel):
    """One action on one order. ``key`` makes it happen once; the same key again is the same action.

    ``request`` and ``verdict`` have the canonical shape, ``preview`` is the plan that was approved
    (:mod:`cs_portal.commerce.actions.plan`). A new order has no ``order`` until it is done. ``attempts`` counts the
    calls to the shop, ``checks`` the look-ups, ``reference`` is the shop's own id of what it did, ``error`` a code,
    never a text. ``order_version`` is the order's when the action was proposed.
    """

    kind = models.CharField(max_length=20, choices=ActionKind)
    state = models.CharField(max_length=10, choices=ActionState, default=ActionState.PROPOSED)
    key = models.CharField(max_length=100)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="actions", null=True)
    shopper = models.ForeignKey(Shopper, on_delete=models.CASCADE, related_name="actions")
    order_version = models.PositiveIntegerField(null=True)
    request = models.JSONField(default=dict)
    verdict = models.JSONField(default=dict)
    preview = models.JSONField(default=dict)
    amount_minor = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    rules = models.UUIDField(null=True)
    draft = models.UUIDField(null=True)
    connector = models.CharField(max_length=10, choices=ConnectorKind, default=ConnectorKind.LOCAL)
    approved_by_kind = models.CharField(max_length=10, blank=True)
    approved_by = models.CharField(max_length=64, blank=True)
    approved_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    checks = models.PositiveSmallIntegerField(default=0)
    reference = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "key"], name="one_action_per_key"),
            # Two calls to a shop about one order at once could give more back than was paid, whatever each checked.
            models.UniqueConstraint(
                fields=["order"], condition=Q(state__in=["executing", "unknown"]), name="one_action_under_way"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "refused"]) | Q(approved_at__isnull=False),
                name="nothing_without_approval",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["done", "refused"]) | Q(settled_at__isnull=False), name="settled_when"
            ),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(error=""), name="refused_why"),
            models.CheckConstraint(condition=Q(order__isnull=False) | Q(kind="place_order"), name="action_on_an_order"),
        ]
        indexes = [
            models.Index(fields=["merchant", "order", "-id"], name="actions_of_order"),
            models.Index(
                fields=["merchant", "state"], name="actions_under_way", condition=Q(state__in=["executing", "unknown"])
            ),
        ]

    @property
    def is_unsent(self) -> bool:
        """Whether it is one of ``NOT_SENT``."""
        return self.state == ActionState.EXECUTING and not self.attempts and self.checks > 0

    def __str__(self) -> str:
        return f"{self.kind} {self.key} ({self.state})"


class ShopConnection(TenantModel):
    """The shop system that carries out a merchant's actions. Without a row this database is the shop.

    ``address`` is the webhook's URL, or the shop's domain. The secret (webhook) and the token (Shopify) are encrypted
    by :mod:`cs_portal.core.secrets`.
    """

    kind = models.CharField(max_length=10, choices=ConnectorKind)
    address = models.CharField(max_length=500)
    secret_encrypted = models.TextField(blank=True)
    token_encrypted = models.TextField(blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant"], name="one_shop_connection")]

    def __str__(self) -> str:
        return f"{self.kind} {self.address}"
