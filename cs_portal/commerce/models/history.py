"""What happened to an order, in order, for ever."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.models.orders import Order, OrderStatus
from cs_portal.core.tenancy import TenantModel


class Happened(models.TextChoices):
    PLACED = "placed", _("Placed")
    PAID = "paid", _("Paid")
    SHIPPED = "shipped", _("Shipped")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")
    ITEMS_CANCELLED = "items_cancelled", _("Items cancelled")
    REFUNDED = "refunded", _("Refunded")
    RETURN_OPENED = "return_opened", _("Return opened")
    RETURN_RECEIVED = "return_received", _("Return received")
    RETURN_CLOSED = "return_closed", _("Return closed")
    EXCHANGED = "exchanged", _("Exchange opened")
    EXCHANGE_ENDED = "exchange_ended", _("Exchange finished")
    ADDRESS_CHANGED = "address_changed", _("Delivery address changed")
    ITEMS_CHANGED = "items_changed", _("Items changed")
    PAYMENT_CHANGED = "payment_changed", _("Payment method changed")
    RESENT = "resent", _("Sent again")
    STATUS_CHANGED = "status_changed", _("Status changed")
    UPDATED = "updated", _("Updated")


class Source(models.TextChoices):
    """Who or what made it happen. The first four are the audit log's actors."""

    MEMBER = "member", _("A colleague")
    SHOPPER = "shopper", _("The shopper")
    AUTOPILOT = "autopilot", _("Autopilot")
    SYSTEM = "system", _("The portal")
    SHOP = "shop", _("The shop")
    IMPORT = "import", _("An import")
    API = "api", _("The API")


class OrderEvent(TenantModel):
    """One thing that happened to an order. Append-only, enforced by a trigger; ids, amounts and states, never text.

    ``at`` is when it happened, ``recorded_at`` when we learned of it. ``version`` is the order's after it. ``by`` is
    the public id of a member, shopper or import, or the name of a shop system. ``rules``, ``rules_version``, ``rule``
    name what the verdict rested on, ``draft`` and ``action`` the reply and the action that brought it about.

    The references have no constraint: what happened outlives the order and the merchant, as the audit log does.
    """

    append_only = True

    merchant = models.ForeignKey(
        "merchants.Merchant", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", editable=False
    )
    order = models.ForeignKey(Order, on_delete=models.DO_NOTHING, db_constraint=False, related_name="events")
    kind = models.CharField(max_length=20, choices=Happened)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    source = models.CharField(max_length=10, choices=Source)
    by = models.CharField(max_length=64, blank=True)
    status_before = models.CharField(max_length=20, choices=OrderStatus, blank=True)
    status_after = models.CharField(max_length=20, choices=OrderStatus, blank=True)
    version = models.PositiveIntegerField()
    rules = models.UUIDField(null=True)
    rules_version = models.PositiveIntegerField(null=True)
    rule = models.CharField(max_length=100, blank=True)
    draft = models.UUIDField(null=True)
    action = models.UUIDField(null=True)
    data = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["merchant", "order", "at", "id"], name="events_of_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.order_id}"
