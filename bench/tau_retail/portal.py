"""A copy of the shop in our database: imported as a merchant does it, and acted upon by the product's own services."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.utils import timezone

from bench.tau_retail.outcomes import MODIFIED
from bench.tau_retail.requests import canonical_request
from bench.tau_retail.shop import NOW, STATUSES, canonical_order, canonical_product, canonical_shopper
from cs_portal.commerce.models import Exchange, ImportRun, ImportState, Order, Return
from cs_portal.commerce.services.imports import confirm_import, start_import
from cs_portal.core.audit import Actor
from cs_portal.core.errors import Conflict, NotAllowed
from cs_portal.core.models import Queue
from cs_portal.core.tenancy import scopes_disabled
from cs_portal.core.workers import run_due
from cs_portal.drafting.services.by_hand import Wish, act_by_hand, consider
from cs_portal.merchants.models import Member
from cs_portal.policies.services import publish_ruleset

AT = datetime.fromisoformat(NOW)
#: Canonical statuses in the shop's own words.
_SAID = {canonical: said for said, canonical in STATUSES.items() if not said.startswith("pending (")}


def load(shop: Mapping[str, Any], ruleset: Mapping[str, Any], *, by: Member) -> None:
    """Import the shop and publish the rules, within the merchant's scope. ``by`` owns the shop."""
    users = shop["users"]
    _import("products", (canonical_product(product) for product in shop["products"].values()), by)
    _import("shoppers", (canonical_shopper(user) for user in users.values()), by)
    _import("orders", (canonical_order(order, users) for order in shop["orders"].values()), by)
    publish_ruleset(document=ruleset, by=Actor("member", str(by.public_id)), now=AT)


def _import(kind: str, documents: Iterable[Mapping[str, Any]], by: Member) -> None:
    lines = [json.dumps(document).encode() + b"\n" for document in documents]
    run = start_import(kind=kind, file_name=f"{kind}.jsonl", blocks=lines, by=by, now=timezone.now())
    _work()
    confirm_import(run_id=run.public_id, by=by, now=timezone.now())
    _work()
    run = ImportRun.objects.get(pk=run.pk)
    if (run.state, run.created, run.refused) != (ImportState.DONE, len(lines), 0):
        raise RuntimeError(f"{kind}: {run.state}, {run.created} of {len(lines)} read: {run.problems[:3]}")


def _work() -> None:
    with scopes_disabled():
        run_due([Queue.BULK], keep=False)


def act(request: Mapping[str, Any], *, by: Member) -> tuple[str, str, str]:
    """Have an operator's deed considered, and done where the rules allow it: the outcome, the rule, and why not.

    ``refused`` is an outcome of its own: the rules allow it and the order does not permit it.
    """
    order = Order.objects.select_related("shopper").get(number=request["order_id"])
    canonical = canonical_request(request)
    wish = Wish(kind=canonical["action"], request=canonical, shopper=order.shopper, order=order)
    found = consider(wish=wish, by=by, now=AT)
    outcome, rule = str(found.verdict.get("outcome")), str(found.verdict.get("rule"))
    if outcome != "allow":
        return outcome, rule, found.verdict["trace"][-1]["because"]["en"]
    try:
        act_by_hand(wish=wish, by=by, key=uuid4(), seen=found.fingerprint, now=AT)
    except (Conflict, NotAllowed) as refusal:
        return "refused", rule, str(refusal)
    return outcome, rule, ""


def state(number: str) -> dict[str, Any]:
    """The order as `outcomes.state` sums one up."""
    order = Order.objects.select_related("shopper").get(number=number)
    lines = {line.external_id: line for line in order.lines.all()}
    address = order.address
    back = Return.objects.filter(order=order, received_at=None).first()
    swaps = [line for row in Exchange.objects.filter(order=order) for line in row.lines]
    return {
        "status": MODIFIED if order.items_modified and order.status == "pending" else _SAID[order.status],
        "items": sorted((line.variant, line.unit_price_minor) for line in lines.values() for _ in range(line.quantity)),
        "address": {
            "address1": address.get("line1") or "",
            "address2": address.get("line2") or "",
            "city": address.get("city") or "",
            "state": address.get("region") or "",
            "country": {"US": "USA"}.get(address.get("country") or "", address.get("country") or ""),
            "zip": address.get("postal_code") or "",
        },
        "paid": _paid(order),
        "owed": _owed(order, back) if back else {},
        "returned": sorted(
            lines[line["id"]].variant for line in (back.lines if back else ()) for _ in range(line["quantity"])
        ),
        "swapped": sorted(
            (lines[line["id"]].variant, line.get("to_variant") or "") for line in swaps for _ in range(line["quantity"])
        ),
        "cards": {
            method["id"]: method["balance_minor"]
            for method in order.shopper.payment_methods
            if method["method"] == "gift_card"
        },
    }


def _paid(order: Order) -> dict[str, int]:
    method_of = {payment.external_id: payment.method_id for payment in order.payments.all()}
    net = Counter[str]()
    for payment in order.payments.all():
        net[payment.method_id] += payment.amount_minor
    for refund in order.refunds.all():
        for share in refund.payments:
            net[refund.to_method or method_of[share["id"]]] -= share["amount_minor"]
    return {key: amount for key, amount in sorted(net.items()) if amount}


def _owed(order: Order, back: Return) -> dict[str, int]:
    method_of = {payment.external_id: payment.method_id for payment in order.payments.all()}
    kinds = {method["id"]: method["method"] for method in order.shopper.payment_methods}
    owed = Counter[str]()
    for share in back.payments:
        paid_by = method_of[share["id"]]
        # Another gift card gets it when the return is received; any other method is the payment's own.
        to_card = back.to_method and back.to_method != paid_by and kinds.get(back.to_method) == "gift_card"
        owed[back.to_method if to_card else paid_by] += share["amount_minor"]
    return {key: amount for key, amount in sorted(owed.items()) if amount}
