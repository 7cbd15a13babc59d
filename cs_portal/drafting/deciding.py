"""Asking the live rules about a request, on the records as they are now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from cs_portal.commerce.models import Order, Product, Shopper
from cs_portal.commerce.selectors import order_document, product_document, shopper_document
from cs_portal.drafting.requests import leaves_lines_open
from cs_portal.policies.models import RulesetVersion
from cs_portal.policies.selectors import order_to_decide
from cs_portal.policies.services import decide_request


def decide_on(
    order: Order | None, request: dict[str, Any], *, now: datetime, shopper: Shopper | None = None
) -> tuple[dict[str, Any], RulesetVersion] | None:
    """The live ruleset's verdict on ``request`` for ``order`` as it is now; ``None`` without a published ruleset.

    A new order has no ``order`` but the ``shopper`` who wants it. What the rules would allow on items of which the
    shopper named none is asked first: which of them.
    """
    document = order_document(order, captured_only=True) if order is not None else None
    whose = order.shopper if order is not None else shopper
    named = {line["product"] for line in document["lines"]} if document else set()
    wanted = {line["to_variant"] for line in request.get("lines") or () if line.get("to_variant")}
    rows = Product.objects.filter(Q(external_id__in=named) | Q(variants__external_id__in=wanted)).distinct()
    decided = decide_request(
        order=order_to_decide(order) if order is not None else None,
        shopper=shopper_document(whose, now=now) if whose is not None else None,
        products=[product_document(product) for product in rows.prefetch_related("variants")],
        request=request,
        now=now,
    )
    if decided is None:
        return None
    verdict = decided.verdict
    if order is not None and verdict["outcome"] in {"allow", "ask"} and leaves_lines_open(request, order):
        asked = [what for what in verdict.get("ask") or () if what != "lines"]
        nothing_yet = {"amount_minor": 0, "payments": [], "reasons": {}}
        verdict = {**verdict, **nothing_yet, "outcome": "ask", "ask": [*asked, "lines"]}
    return verdict, decided.version
