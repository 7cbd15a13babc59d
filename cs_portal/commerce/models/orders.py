"""Orders with their lines, payments, refunds and shipments. Money is an integer of minor units in ``currency``."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.models.shoppers import Shopper
from cs_portal.core.tenancy import TenantModel


class OrderStatus(models.TextChoices):
    PENDING = "pending", _("Pending")
    PROCESSING = "processing", _("Processing")
    SHIPPED = "shipped", _("Shipped")
    DELIVERED = "delivered", _("Delivered")
    RETURN_REQUESTED = "return_requested", _("Return requested")
    EXCHANGE_REQUESTED = "exchange_requested", _("Exchange requested")
    RETURNED = "returned", _("Returned")
    CANCELLED = "cancelled", _("Cancelled")
    CLOSED = "closed", _("Closed")


class PaymentMethod(models.TextChoices):
    CREDIT_CARD = "credit_card", _("Credit card")
    DEBIT_CARD = "debit_card", _("Debit card")
    PAYPAL = "paypal", "PayPal"
    GIFT_CARD = "gift_card", _("Gift card")
    WECHAT_PAY = "wechat_pay", _("WeChat Pay")
    ALIPAY = "alipay", _("Alipay")
    BANK_TRANSFER = "bank_transfer", _("Bank transfer")
    CASH_ON_DELIVERY = "cash_on_delivery", _("Cash on delivery")
    OTHER = "other", _("Other")


class Order(TenantModel):
    """``version`` grows with every change: a draft made on an older version is stale.

    ``paid_minor`` and ``refunded_minor`` are kept with the payments and refunds in one transaction, so that the
    database itself can refuse a refund above what was paid. ``file_digest`` tells a file that says again what a file
    last said.
    """

    number = models.CharField(max_length=40)
    shopper = models.ForeignKey(Shopper, on_delete=models.PROTECT, related_name="orders")
    storefront = models.CharField(max_length=50, blank=True)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=20, choices=OrderStatus)
    items_modified = models.BooleanField(default=False)
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    utc_offset_minutes = models.SmallIntegerField(default=480)
    shipping_minor = models.PositiveBigIntegerField(default=0)
    discount_minor = models.PositiveBigIntegerField(default=0)
    tax_minor = models.PositiveBigIntegerField(default=0)
    paid_minor = models.PositiveBigIntegerField(default=0)
    refunded_minor = models.PositiveBigIntegerField(default=0)
    address = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    file_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "number"], name="one_order_number"),
            models.CheckConstraint(
                condition=models.Q(refunded_minor__lte=models.F("paid_minor")), name="order_refunds_within_payment"
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "shopper", "-placed_at"], name="orders_of_shopper"),
            models.Index(fields=["merchant", "-placed_at", "-id"], name="orders_newest"),
            models.Index(fields=["merchant", "status", "-placed_at", "-id"], name="orders_by_status"),
            models.Index(fields=["merchant", "storefront", "-placed_at"], name="orders_by_storefront"),
            models.Index(fields=["merchant", "currency", "-placed_at"], name="orders_by_currency"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(TenantModel):
    """How many pieces were refunded, sent back, exchanged, cancelled and sent again is kept with the rows that did it.

    The database itself refuses a piece that would be refunded, or go back, twice.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    external_id = models.CharField(max_length=64)
    product = models.CharField(max_length=64)
    variant = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    options = models.JSONField(default=dict)
    quantity = models.PositiveIntegerField()
    unit_price_minor = models.PositiveBigIntegerField()
    discount_minor = models.PositiveBigIntegerField(default=0)
    tags = models.JSONField(default=list)
    final_sale = models.BooleanField(default=False)
    refunded_quantity = models.PositiveIntegerField(default=0)
    returned_quantity = models.PositiveIntegerField(default=0)
    exchanged_quantity = models.PositiveIntegerField(default=0)
    cancelled_quantity = models.PositiveIntegerField(default=0)
    resent_quantity = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "external_id"], name="one_order_line"),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=models.F("refunded_quantity") + models.F("exchanged_quantity")),
                name="line_refunds_within_quantity",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    quantity__gte=models.F("returned_quantity")
                    + models.F("exchanged_quantity")
                    + models.F("cancelled_quantity")
                ),
                name="line_returns_within_quantity",
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=models.F("resent_quantity")), name="line_resends_within_quantity"
            ),
        ]
        indexes = [models.Index(fields=["merchant", "product", "order"], name="lines_of_product")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"


class Payment(TenantModel):
    """``refunded_minor`` never exceeds ``amount_minor``; the database refuses it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="payments")
    external_id = models.CharField(max_length=64)
    method_id = models.CharField(max_length=64, blank=True)
    method = models.CharField(max_length=20, choices=PaymentMethod)
    amount_minor = models.PositiveBigIntegerField()
    refunded_minor = models.PositiveBigIntegerField(default=0)
    captured_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "external_id"], name="one_payment"),
            models.CheckConstraint(
                condition=models.Q(refunded_minor__lte=models.F("amount_minor")), name="refunds_within_payment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.amount_minor}"


class MoneyBack(models.TextChoices):
    """Why money went back: what a shopper's refunds are counted by."""

    REFUND = "refund", _("Refund")
    CANCEL = "cancel", _("Cancellation")
    RETURN = "return", _("Return")
    DIFFERENCE = "difference", _("Price difference")
    PAYMENT_CHANGE = "payment_change", _("Other payment method")


class Refund(TenantModel):
    """Money given back. ``lines`` and ``payments`` have the canonical shape; ``key`` makes it happen once.

    ``to_method`` is the shopper's payment method that got the money, where it is not the payments' own.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="refunds")
    external_id = models.CharField(max_length=64)
    key = models.CharField(max_length=100)
    because = models.CharField(max_length=20, choices=MoneyBack, default=MoneyBack.REFUND)
    amount_minor = models.PositiveBigIntegerField()
    shipping_minor = models.PositiveBigIntegerField(default=0)
    restocking_fee_minor = models.PositiveBigIntegerField(default=0)
    lines = models.JSONField(default=list)
    payments = models.JSONField(default=list)
    to_method = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["merchant", "key"], name="one_refund_per_key")]

    def __str__(self) -> str:
        return self.external_id


class Return(TenantModel):
    """Pieces that the shopper sends back, and the money that was promised for them: paid once they are ``received``.

    ``owed`` of a line is how many of its pieces the money is for: those that were not refunded before. ``closed``: they
    never came, and nothing was paid.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="returns")
    key = models.CharField(max_length=100)
    lines = models.JSONField(default=list)
    amount_minor = models.PositiveBigIntegerField(default=0)
    shipping_minor = models.PositiveBigIntegerField(default=0)
    restocking_fee_minor = models.PositiveBigIntegerField(default=0)
    payments = models.JSONField(default=list)
    to_method = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "key"], name="one_return_per_key"),
            models.CheckConstraint(
                condition=models.Q(received_at=None) | models.Q(closed_at=None), name="return_ends_one_way"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Exchange(TenantModel):
    """Pieces that are exchanged for other variants (``to_variant`` of each line; left out where none was named yet).

    ``difference_minor`` is what the new ones cost more (less: negative). Once it has ended, the pieces of the order are
    the new ones, at the price that a line names.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="exchanges")
    key = models.CharField(max_length=100)
    lines = models.JSONField(default=list)
    difference_minor = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["merchant", "key"], name="one_exchange_per_key")]

    def __str__(self) -> str:
        return self.key


class Resend(TenantModel):
    """Pieces that are sent once more, at no charge."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="resends")
    key = models.CharField(max_length=100)
    lines = models.JSONField(default=list)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["merchant", "key"], name="one_resend_per_key")]

    def __str__(self) -> str:
        return self.key


class Shipment(TenantModel):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="shipments")
    tracking = models.CharField(max_length=64)
    carrier = models.CharField(max_length=60)
    lines = models.JSONField(default=list)
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        ordering = ["id"]
        indexes = [models.Index(fields=["merchant", "tracking"], name="shipments_by_tracking")]

    def __str__(self) -> str:
        return self.tracking
