"""Let all scenes play, in the order in which they began."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from cs_portal.commerce.models import Product, Shopper
from cs_portal.conversations.models import Tag
from cs_portal.demo.history.ledger import Cast, Ledger
from cs_portal.demo.history.plan import Planner
from cs_portal.demo.history.plots import play
from cs_portal.demo.history.scene import Scene
from cs_portal.demo.history.thread import NotYet
from cs_portal.drafting.models import DraftState
from cs_portal.knowledge.models import FaqText
from cs_portal.merchants.hours import schedule_of
from cs_portal.merchants.models import Member, Merchant, Role, Storefront
from cs_portal.policies.models import RulesetVersion

Document = dict[str, Any]
#: The action is the reason why the order is as it is, so these must come to their end.
DECISIVE = {"cancel", "damaged", "return", "exchange"}


def cast_of(
    merchant: Merchant,
    *,
    ruleset: RulesetVersion,
    shoppers: Mapping[str, Shopper],
    product_documents: Sequence[Document],
    now: datetime,
) -> Cast:
    """Everybody who takes part, read from the merchant's scope. ``shoppers`` are those who may ask, by external id."""
    members = list(Member.objects.select_related("user").order_by("id"))
    admin = next(member for member in members if member.role == Role.ADMIN)
    lina, sam = (member for member in members if member.role == Role.OPERATOR)
    storefronts = {site.slug: site for site in Storefront.objects.all()}
    return Cast(
        merchant=merchant,
        now=now,
        schedule=schedule_of(storefronts["main"]),
        storefronts=storefronts,
        operators={"zh-hans": (lina, sam, admin), "en": (sam, admin, lina)},
        admin=admin,
        ruleset=ruleset,
        shoppers=dict(shoppers),
        products={row.external_id: row for row in Product.objects.prefetch_related("variants").order_by("id")},
        product_documents={document["id"]: document for document in product_documents},
        faqs={(row.faq.key, row.locale): row for row in FaqText.objects.select_related("faq")},
        tags={tag.name: tag for tag in Tag.objects.all()},
    )


def tell(cast: Cast, documents: Sequence[Document], *, seed: int) -> tuple[Ledger, list[Document]]:
    """The rows of all conversations, and the orders as they are after what was decided in them."""
    orders = {document["number"]: document for document in copy.deepcopy(list(documents))}
    planner = Planner(cast, list(orders.values()), random.Random(f"history:{seed}"))
    ledger = Ledger()
    for scene in planner.scenes():
        before = copy.deepcopy(scene.order)
        if not _played(scene):
            if scene.order is not None and before is not None:
                scene.order.clear()
                scene.order.update(before)
            continue
        if scene.thread.shopper.pk is None:
            ledger.visitors.append(scene.thread.shopper)
        ledger.take(scene.thread.rows)
    _settle(ledger, orders)
    return ledger, list(orders.values())


def _played(scene: Scene) -> bool:
    """Whether the conversation took place; what has to be decided in it was decided."""
    order, kind = scene.order, scene.topic.key
    decisive = kind in DECISIVE and order is not None and _undo(order, kind)
    version = order.get("version", 1) if order else 1
    with suppress(NotYet):
        play(scene)
    if not scene.thread.rows.conversations:
        return False
    return not decisive or (order is not None and order.get("version", 1) > version)


def _undo(order: Document, kind: str) -> bool:
    """Take back what this conversation will do; False where the order tells of no such deed."""
    if kind == "cancel":
        order["cancelled_at"], order["refunds"] = None, []
        return True
    if kind == "damaged":
        order["refunds"] = []
        return True
    return order["status"] in {"returned", "return_requested", "exchange_requested"}


def _settle(ledger: Ledger, orders: Mapping[str, Document]) -> None:
    """Drafts that still wait were made on the orders as they are now."""
    for draft, number in ledger.orders:
        if draft.state == DraftState.READY:
            draft.order_version = orders[number].get("version", 1)
