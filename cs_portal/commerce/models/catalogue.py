"""Products and their variants. Money is an integer of minor units in the row's ``currency``."""

from __future__ import annotations

from django.db import models

from cs_portal.commerce.models.searching import searchable
from cs_portal.core.tenancy import TenantModel


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
    search = searchable("external_id", "title_en", "title_zh")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant", "external_id"], name="one_product")]
        indexes = [
            models.Index(fields=["merchant", "-id"], name="products_newest"),
            models.Index(fields=["merchant", "status", "-id"], name="products_by_status"),
            models.Index(fields=["merchant", "category", "-id"], name="products_by_category"),
            models.Index(fields=["merchant", "search"], name="products_by_words"),
        ]

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
        indexes = [models.Index(fields=["product", "stock"], name="variants_in_stock")]

    def __str__(self) -> str:
        return self.external_id
