"""What goes together, what people decided to recommend, and what never."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.models import Product
from cs_portal.core.tenancy import TenantModel
from cs_portal.merchants.models import Member


class ProductPair(TenantModel):
    """``other`` was bought by those who bought ``product``: one row per direction, made anew from the orders.

    ``together`` counts shoppers who bought both, ``confidence`` is their share among the buyers of ``product``, and
    ``lift`` how much more often that is than chance: P(both) / (P(product) · P(other)). ``score`` is the cosine,
    together / √(buyers · other's buyers), by which pairs are ranked.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    together = models.PositiveIntegerField()
    confidence = models.FloatField()
    lift = models.FloatField()
    score = models.FloatField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["product", "other"], name="one_pair")]
        indexes = [
            models.Index(fields=["merchant", "product", "-score"], name="pairs_of_product"),
            models.Index(fields=["merchant", "-score"], name="pairs_best"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} → {self.other_id}"


class ProductPopularity(TenantModel):
    """How many shoppers bought a product within the months that count; the fallback where nothing goes together."""

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="+")
    buyers = models.PositiveIntegerField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["merchant", "-buyers"], name="popularity_best")]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.buyers}"


class PairRefresh(TenantModel):
    """When the pairs were last made, and from how many orders; one row per merchant."""

    made_at = models.DateTimeField()
    orders = models.PositiveIntegerField(default=0)
    shoppers = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant"], name="one_pair_refresh")]

    def __str__(self) -> str:
        return str(self.made_at)


class Pin(TenantModel):
    """With ``product``, ``recommended`` always comes first; a pin without a product holds everywhere."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, null=True, related_name="+")
    recommended = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "recommended"],
                condition=models.Q(removed_at__isnull=True),
                name="one_pin",
            ),
            models.UniqueConstraint(
                fields=["recommended"],
                condition=models.Q(removed_at__isnull=True, product__isnull=True),
                name="one_pin_everywhere",
            ),
        ]
        indexes = [models.Index(fields=["merchant", "product", "position"], name="pins_of_product")]

    def __str__(self) -> str:
        return f"{self.product_id} → {self.recommended_id}"


class ExclusionKind(models.TextChoices):
    PRODUCT = "product", _("Product")
    CATEGORY = "category", _("Category")
    TAG = "tag", _("Tag")


class Exclusion(TenantModel):
    """What is never recommended: a product by the shop's own id, a whole category, or everything with a tag."""

    kind = models.CharField(max_length=10, choices=ExclusionKind)
    value = models.CharField(max_length=64)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        ordering = ["kind", "value"]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "kind", "value"],
                condition=models.Q(removed_at__isnull=True),
                name="one_exclusion",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"
