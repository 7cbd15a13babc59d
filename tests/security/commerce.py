"""Rows of commerce and recommendations for the walk."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from cs_portal.commerce.models import Exchange, ImportRun, OrderAction, Return
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant
from cs_portal.recommendations.models import Exclusion, Pin
from tests.factories import make_order, make_product


def commerce_ids(merchant: Merchant) -> dict[str, Any]:
    now = timezone.now()
    product = make_product(merchant)
    with scope(merchant=merchant):
        pin = Pin.objects.create(recommended=product, created_at=now)
        exclusion = Exclusion.objects.create(kind="tag", value="gift", created_at=now)
        run = ImportRun.objects.create(kind="products", state="ready", file_name="Mugs.csv", created_at=now)
    order = make_order(merchant)
    with scope(merchant=merchant):
        action = OrderAction.objects.create(
            kind="cancel",
            key="hand:walk",
            order=order,
            shopper=order.shopper,
            request={"action": "cancel"},
            verdict={"outcome": "allow", "approver": "operator"},
            preview={"kind": "cancel", "order": order.number, "currency": "CNY", "steps": []},
            currency="CNY",
            created_at=now,
        )
        promised = Return.objects.create(order=order, key="walk", created_at=now)
        swap = Exchange.objects.create(order=order, key="walk", created_at=now)
    return {
        "action_id": action.public_id,
        "action_kind": "cancel",
        "return_id": promised.public_id,
        "exchange_id": swap.public_id,
        "product_id": product.public_id,
        "order_id": order.public_id,
        "pin_id": pin.public_id,
        "exclusion_id": exclusion.public_id,
        "import_id": run.public_id,
        "import_kind": "products",
    }
