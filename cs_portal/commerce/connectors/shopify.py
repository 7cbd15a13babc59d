"""A shop at Shopify, by its Admin API (GraphQL; the version is pinned, each is supported for a year).

A refund carries ``@idempotent``, which that API demands, and our key in its note; a return carries the key in the note
of its lines. Cancelling and changing an address do the same however often they are asked for. So each can be looked up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from cs_portal.commerce.actions.plan import Plan, Step, StepKind
from cs_portal.commerce.connectors.base import (
    Done,
    NotFound,
    NotSent,
    Refused,
    Result,
    ShopUnavailable,
    Unknown,
)
from cs_portal.commerce.connectors.shopify_queries import CANCEL, CREATE_RETURN, ORDER, REFUND, RETURNABLE, UPDATE_ORDER
from cs_portal.commerce.models import ConnectorKind, OrderAction, OrderLine, Payment, ShopConnection
from cs_portal.commerce.money import decimal_text, minor_from_decimal
from cs_portal.core import outbound
from cs_portal.core.outbound import Answer, Broken, NotReached, OutboundRefused
from cs_portal.core.secrets import decrypt

API_VERSION = "2026-07"
SECONDS = 20.0
MAX_BYTES = 4 * 1024 * 1024
SHOP = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")
#: What an order's number may hold inside a search; anything else is not looked for.
_NUMBER = re.compile(r"[\w.#-]{1,40}")
Document = Mapping[str, Any]
#: What that API lets an app do to an order.
SUPPORTED = frozenset({"refund", "cancel", "return", "exchange", "change_address"})


class _Ended(Exception):
    """The call has a result already; ``args[0]`` is it."""


class ShopifyConnector:
    name: ClassVar[str] = ConnectorKind.SHOPIFY.value

    def __init__(self, origin: str, token: str) -> None:
        self._acts: dict[str, Callable[[OrderAction, Document], Result]] = {
            "refund": self._refund,
            "cancel": self._cancel,
            "return": self._return,
            "exchange": self._return,
            "change_address": self._change_address,
        }
        self.supports = frozenset(self._acts)
        self._url, self._token = f"{origin}/admin/api/{API_VERSION}/graphql.json", token

    @classmethod
    def of(cls, row: ShopConnection) -> ShopifyConnector:
        origin = f"https://{row.address}" if SHOP.fullmatch(row.address) else row.address
        return cls(origin, decrypt(row.token_encrypted))

    def execute(self, row: OrderAction) -> Result:
        try:
            order = self._found_order(row)
        except _Ended as ended:
            # So far the shop was only asked: whatever went wrong, nothing was done.
            result = ended.args[0]
            return NotSent(result.code) if isinstance(result, Unknown) else result
        try:
            return self._acts[row.kind](row, order)
        except _Ended as ended:
            return ended.args[0]

    def look_up(self, row: OrderAction) -> Result | NotFound:
        try:
            order = self._found_order(row)
        except _Ended as ended:
            return Unknown(ended.args[0].code)
        if row.kind == "refund":
            made = (each["id"] for each in order["refunds"] if row.key in (each["note"] or ""))
            return next((Done(refund_number(each)) for each in made), NotFound())
        if row.kind == "cancel":
            return Done(order["id"]) if order["cancelledAt"] else NotFound()
        if row.kind == "change_address":
            return Done(order["id"]) if _lives_at(order, row.request.get("address") or {}) else NotFound()
        for each in order["returns"]["nodes"]:
            if any(row.key in (line.get("returnReasonNote") or "") for line in each["returnLineItems"]["nodes"]):
                return Done(each["id"])
        return NotFound()

    def look_up_order(self, number: str) -> Document | None:
        """The order in Shopify's own words: its importer makes the canonical shape of it."""
        try:
            return self._order(number)
        except _Ended as ended:
            raise ShopUnavailable(ended.args[0].code) from None

    # --- actions -----------------------------------------------------------------------------------------------------

    def _refund(self, row: OrderAction, order: Document) -> Result:
        plan = Plan.from_dict(row.preview)
        if any(plan.of(StepKind.MONEY_TO)):
            return Refused("other_card_not_supported")
        shipping = plan.amount(StepKind.SHIPPING_BACK)
        refund = {
            "orderId": order["id"],
            "note": f"CS Portal {row.key}",
            "notify": False,
            "refundLineItems": [
                {"lineItemId": _line_item(row, step, order), "quantity": step.quantity, "restockType": "NO_RESTOCK"}
                for step in plan.of(StepKind.REFUNDED)
            ],
            "transactions": list(_transactions(row, plan, order)),
        }
        if shipping:
            refund["shipping"] = {"amount": decimal_text(shipping, row.currency)}
        answer = self._mutate(REFUND, {"input": refund, "key": str(row.public_id)}, "refundCreate")
        return Done(refund_number(answer["refund"]["id"])) if answer.get("refund") else Unknown("garbled")

    def _cancel(self, row: OrderAction, order: Document) -> Result:
        plan = Plan.from_dict(row.preview)
        if not any(plan.of(StepKind.STATUS)):
            return Refused("partial_cancel_not_supported")
        if order["cancelledAt"]:
            return Refused("already_cancelled")
        back = plan.money_back_minor
        if row.order is None or back not in {0, row.order.paid_minor - row.order.refunded_minor}:
            # Shopify gives all back, or nothing.
            return Refused("partial_refund_not_supported")
        wish = {
            "orderId": order["id"],
            "reason": "CUSTOMER",
            "restock": True,
            "notifyCustomer": False,
            "refundMethod": {"originalPaymentMethodsRefund": bool(back)},
            "staffNote": f"CS Portal {row.key}",
        }
        answer = self._mutate(CANCEL, wish, "orderCancel", errors="orderCancelUserErrors")
        # The shop does it by and by: the look-up tells when.
        return Done(order["id"]) if (answer.get("job") or {}).get("done") else Unknown("pending")

    def _return(self, row: OrderAction, order: Document) -> Result:
        plan = Plan.from_dict(row.preview)
        if plan.amount(StepKind.FEE_KEPT):
            return Refused("restocking_fee_not_supported")
        steps = list(plan.of(StepKind.RETURNED, StepKind.EXCHANGED))
        wish: dict[str, Any] = {"orderId": order["id"], "returnLineItems": self._returned(row, steps, order)}
        swapped = [step for step in steps if step.variant]
        if swapped:
            wish["exchangeLineItems"] = [
                {"variantId": _gid("ProductVariant", step.variant), "quantity": step.quantity} for step in swapped
            ]
        answer = self._mutate(CREATE_RETURN, {"returnInput": wish}, "returnCreate")
        return Done(answer["return"]["id"]) if answer.get("return") else Unknown("garbled")

    def _returned(self, row: OrderAction, steps: Sequence[Step], order: Document) -> list[dict[str, Any]]:
        """What was fulfilled can come back; pieces of one line may have gone in several parcels."""
        try:
            data = self._ask(RETURNABLE, {"orderId": order["id"]})
        except _Ended as ended:
            result = ended.args[0]
            raise _Ended(NotSent(result.code) if isinstance(result, Unknown) else result) from None
        sent: dict[str, list[list[Any]]] = {}
        for parcel in data["returnableFulfillments"]["edges"]:
            for edge in parcel["node"]["returnableFulfillmentLineItems"]["edges"]:
                line = edge["node"]["fulfillmentLineItem"]
                sent.setdefault(line["lineItem"]["id"], []).append([line["id"], edge["node"]["quantity"]])
        found = []
        for step in steps:
            wanted = step.quantity
            for parcel_line in sent.get(_line_item(row, step, order), []):
                if part := min(wanted, parcel_line[1]):
                    note = f"CS Portal {row.key}"
                    found.append(
                        {"fulfillmentLineItemId": parcel_line[0], "quantity": part, "returnReasonNote": note[:255]}
                    )
                    parcel_line[1] -= part
                    wanted -= part
            if wanted:
                raise _Ended(Refused("not_returnable"))
        return found

    def _change_address(self, row: OrderAction, order: Document) -> Result:
        if order["displayFulfillmentStatus"] != "UNFULFILLED":
            return Refused("already_shipped")
        wish = {"id": order["id"], "shippingAddress": _mailing_address(row.request.get("address") or {})}
        answer = self._mutate(UPDATE_ORDER, {"input": wish}, "orderUpdate")
        return Done(answer["order"]["id"]) if answer.get("order") else Unknown("garbled")

    # --- calls -------------------------------------------------------------------------------------------------------

    def _found_order(self, row: OrderAction) -> Document:
        order = self._order(row.order.number) if row.order else None
        if order is None:
            raise _Ended(Refused("unknown_order"))
        if order["currencyCode"] != row.currency:
            raise _Ended(Refused("other_currency"))
        return order

    def _order(self, number: str) -> Document | None:
        if not _NUMBER.fullmatch(number):
            return None
        name = number.lstrip("#")
        nodes = self._ask(ORDER, {"query": f'name:"#{name}"'})["orders"]["nodes"]
        return next((node for node in nodes if str(node["name"]).lstrip("#") == name), None)

    def _mutate(self, query: str, variables: Document, field: str, *, errors: str = "userErrors") -> Document:
        answer = self._ask(query, variables).get(field)
        if not isinstance(answer, dict):
            raise _Ended(Unknown("garbled"))
        if found := answer.get(errors):
            code = str(found[0].get("code") or "shop_refused").lower()
            raise _Ended(Refused(code if re.fullmatch(r"[a-z0-9_]{1,40}", code) else "shop_refused"))
        return answer

    def _ask(self, query: str, variables: Document) -> dict[str, Any]:
        """The ``data`` of an answer; raises :class:`_Ended` with what else it was."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {
            "content-type": "application/json",
            "accept": "application/json",
            "user-agent": "CS-Portal",
            "x-shopify-access-token": self._token,
        }
        try:
            answer = outbound.post(self._url, body=body, headers=headers, seconds=SECONDS, max_bytes=MAX_BYTES)
        except OutboundRefused as refusal:
            raise _Ended(Refused(str(refusal))) from None
        except NotReached as error:
            raise _Ended(NotSent(str(error))) from None
        except Broken as error:
            raise _Ended(Unknown(str(error))) from None
        return _data(answer)


def _data(answer: Answer) -> dict[str, Any]:
    if answer.status == 429:
        raise _Ended(NotSent("throttled", _seconds(answer.headers.get("retry-after", ""))))
    if 300 <= answer.status < 400:
        raise _Ended(Refused("redirected"))
    if 400 <= answer.status < 500 and answer.status != 408:
        # 401 and 403: the token; 402 and 423: the shop is frozen or locked; 404: no such shop or version.
        codes = {401: "not_authorised", 403: "not_authorised", 402: "shop_closed", 423: "shop_closed"}
        raise _Ended(Refused(codes.get(answer.status, f"http_{answer.status}")))
    if answer.status != 200:
        raise _Ended(Unknown(f"http_{answer.status}"))
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise _Ended(Unknown("garbled")) from None
    if isinstance(body, dict) and body.get("errors"):
        raise _Ended(_fault(body))
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        raise _Ended(Unknown("garbled"))
    return body["data"]


def _fault(body: Document) -> Result:
    """What an error of GraphQL itself means: unknown, unless it is known that nothing was done."""
    first = body["errors"][0] if isinstance(body["errors"], list) else {}
    code = str((first.get("extensions") or {}).get("code") or "") if isinstance(first, dict) else ""
    if code == "THROTTLED":
        cost = (body.get("extensions") or {}).get("cost") or {}
        status = cost.get("throttleStatus") or {}
        missing = (cost.get("requestedQueryCost") or 0) - (status.get("currentlyAvailable") or 0)
        return NotSent("throttled", max(1.0, missing / (status.get("restoreRate") or 50)))
    if code == "ACCESS_DENIED":
        return Refused("not_authorised")
    if code in {"IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "BAD_REQUEST"}:
        return Refused(code.lower())
    return Unknown(code.lower()[:40] if re.fullmatch(r"[A-Z_]{1,60}", code) else "shop_error")


def _transactions(row: OrderAction, plan: Plan, order: Document) -> Iterator[dict[str, Any]]:
    """Each share of the plan, given back by the transaction that took it."""
    taken = [
        each for each in order["transactions"] if each["kind"] in {"SALE", "CAPTURE"} and each["status"] == "SUCCESS"
    ]
    for step in plan.of(StepKind.MONEY_BACK):
        parent = _parent(row, step, taken)
        yield {
            "orderId": order["id"],
            "parentId": parent["id"],
            "gateway": parent["gateway"],
            "kind": "REFUND",
            "amount": decimal_text(step.amount_minor, row.currency),
        }


def _parent(row: OrderAction, step: Step, taken: Sequence[Document]) -> Document:
    if named := [each for each in taken if _tail(each["id"]) == _tail(step.payment)]:
        return named[0]
    if len(taken) == 1:
        return taken[0]
    payment = Payment.objects.filter(order=row.order, external_id=step.payment).first()
    amount = payment.amount_minor if payment else None
    fitting = [each for each in taken if _minor(each, row.currency) == amount]
    if len(fitting) != 1:
        raise _Ended(Refused("unknown_payment"))
    return fitting[0]


def _minor(transaction: Document, currency: str) -> int | None:
    try:
        return minor_from_decimal(str(transaction["amountSet"]["shopMoney"]["amount"]), currency)
    except ValueError:
        return None


def _line_item(row: OrderAction, step: Step, order: Document) -> str:
    """The shop's line: by its own id, else by the variant or the SKU that only one line has."""
    items = order["lineItems"]["nodes"]
    if named := [each for each in items if _tail(each["id"]) == _tail(step.line)]:
        return str(named[0]["id"])
    line = OrderLine.objects.filter(order=row.order, external_id=step.line).first()
    variant = line.variant if line else ""
    fitting = [each for each in items if variant and variant in _names_of_variant(each)]
    if len(fitting) != 1:
        raise _Ended(Refused("unknown_line"))
    return str(fitting[0]["id"])


def _names_of_variant(item: Document) -> set[str]:
    own = str((item["variant"] or {}).get("id") or "")
    return {str(item["sku"] or ""), own, _tail(own)}


def _gid(kind: str, own: str) -> str:
    tail = _tail(own)
    if not tail.isdigit():
        raise _Ended(Refused("unknown_variant"))
    return f"gid://shopify/{kind}/{tail}"


def refund_number(own: str) -> str:
    """``gid://shopify/Refund/7`` → ``7``: so webhooks call it, and so we know it whoever tells of it first."""
    return own.removeprefix("gid://shopify/Refund/")


def _tail(own: str) -> str:
    return own.rpartition("/")[2]


def _mailing_address(address: Mapping[str, Any]) -> dict[str, str]:
    first, _space, last = str(address.get("name") or "").rpartition(" ")
    region = str(address.get("region") or "")
    is_code = re.fullmatch(r"[A-Z0-9]{1,3}", region) is not None
    line2 = str(address.get("line2") or "")
    given = {
        "firstName": first,
        "lastName": last,
        "address1": address.get("line1"),
        "address2": line2 if is_code or not region else f"{line2} {region}".strip(),
        "city": address.get("city"),
        "provinceCode": region if is_code else "",
        "zip": address.get("postal_code"),
        "countryCode": address.get("country"),
        "phone": address.get("phone"),
    }
    return {key: str(value) for key, value in given.items() if value}


def _lives_at(order: Document, address: Mapping[str, Any]) -> bool:
    there, wanted = order["shippingAddress"] or {}, _mailing_address(address)
    return all((there.get(key) or "") == wanted.get(key, "") for key in ("address1", "address2", "city", "zip"))


def _seconds(text: str) -> float | None:
    try:
        return min(float(text), 3600.0)
    except ValueError:
        return None
