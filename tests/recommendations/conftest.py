"""A small shop: five shoppers, of whom three bought tent and mat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from django.utils import timezone

from cs_portal.commerce.models import Order, OrderLine, OrderStatus, Product, Shopper
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Member, Merchant, Role
from tests.factories import make_member, make_merchant, make_order, make_product, make_shopper


@dataclass
class Shop:
    merchant: Merchant
    owner: Member
    products: dict[str, Product]
    shoppers: list[Shopper]
    now: datetime

    def __getitem__(self, name: str) -> Product:
        return self.products[name]

    def buys(self, shopper: Shopper, *names: str, status: str = OrderStatus.DELIVERED) -> Order:
        order = make_order(self.merchant, shopper, status=status, now=self.now)
        with scope(merchant=self.merchant):
            OrderLine.objects.filter(order=order).delete()
            for number, name in enumerate(names):
                OrderLine.objects.create(
                    order=order,
                    external_id=f"l-{number}",
                    product=self.products[name].external_id,
                    variant="v",
                    title=name,
                    quantity=1,
                    unit_price_minor=100,
                )
        return order


@pytest.fixture
def shop(db: None) -> Iterator[Shop]:
    merchant = make_merchant()
    names = ("tent", "mat", "lamp", "tea", "mug")
    products = {
        name: make_product(merchant, title_en=name, title_zh=f"{name}中", category=f"cat-{name}", tags=[f"tag-{name}"])
        for name in names
    }
    with scope(merchant=merchant):
        Product.objects.filter(pk=products["tea"].pk).update(consumable=True)
    shop = Shop(
        merchant,
        make_member(merchant, Role.OWNER),
        products,
        [make_shopper(merchant) for _ in range(6)],
        timezone.now(),
    )
    for shopper, basket in zip(
        shop.shoppers,
        (("tent", "mat"), ("tent", "mat", "tea"), ("tent", "mat"), ("tea", "mug"), ("mug",)),
        strict=False,
    ):
        shop.buys(shopper, *basket)
    with scope(merchant=merchant):
        yield shop
