"""Products, shoppers and orders of a merchant. Money is an integer of minor units in the row's ``currency``."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.core.tenancy import TenantModel
from cs_portal.merchants.models import Locale


class Product(TenantModel):
    external_id = models.CharField(max_length=64)
    title_en = models.CharField(max_length=200, blank=True)
    title_zh = models.CharField(max_length=200, blank=True)
    description_en = models.TextField(blank=True)
    description_zh = models.TextField(blank=True)
    category = models.CharField(max_length=60, blank=True)
    tags = models.JSONField(default=list)
    status = models.CharField(max_length=20, default="active")
    consumable = models.BooleanField(default=False)
    url = models.URLField(max_length=500, blank=True)
    image = models.URLField(max_length=500, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant", "external_id"], name="one_product")]

    def __str__(self) -> str:
        return self.title_en or self.title_zh


class Variant(TenantModel):
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    external_id = models.CharField(max_length=64)
    options = models.JSONField(default=dict)
    price_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    stock = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["merchant", "external_id"], name="one_variant")]

    def __str__(self) -> str:
        return self.external_id


class Shopper(TenantModel):
    """The merchant's customer. ``external_id`` is the shop's own id, empty for an anonymous visitor."""

    external_id = models.CharField(max_length=64, null=True)
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    locale = models.CharField(max_length=10, choices=Locale, default=Locale.EN)
    tags = models.JSONField(default=list)
    payment_methods = models.JSONField(default=list)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant", "external_id"], name="one_shopper")]

    def __str__(self) -> str:
        return self.name or "—"

    @property
    def is_identified(self) -> bool:
        return self.external_id is not None


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
    database itself can refuse a refund above what was paid.
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

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "number"], name="one_order_number"),
            models.CheckConstraint(
                condition=models.Q(refunded_minor__lte=models.F("paid_minor")), name="order_refunds_within_payment"
            ),
        ]
        indexes = [models.Index(fields=["merchant", "shopper", "-placed_at"], name="orders_of_shopper")]

    def __str__(self) -> str:
        return self.number


class OrderLine(TenantModel):
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

    class Meta(TenantModel.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["order", "external_id"], name="one_order_line")]

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


class Refund(TenantModel):
    """Money given back. ``lines`` and ``payments`` have the canonical shape; ``key`` makes it happen once."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="refunds")
    external_id = models.CharField(max_length=64)
    key = models.CharField(max_length=100)
    amount_minor = models.PositiveBigIntegerField()
    shipping_minor = models.PositiveBigIntegerField(default=0)
    lines = models.JSONField(default=list)
    payments = models.JSONField(default=list)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["merchant", "key"], name="one_refund_per_key")]

    def __str__(self) -> str:
        return self.external_id


class Shipment(TenantModel):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="shipments")
    tracking = models.CharField(max_length=64)
    carrier = models.CharField(max_length=60)
    lines = models.JSONField(default=list)
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        ordering = ["id"]

    def __str__(self) -> str:
        return self.tracking
