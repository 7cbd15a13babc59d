"""A local shop that speaks the documented part of Shopify's Admin API, and checks what its reference demands.

Every query is validated against the schema; the token, the version, the idempotency directive and the rules of refunds,
cancellations and returns are checked. ``faults`` are taken one per mutation.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from graphql import GraphQLError, build_schema, execute, get_directive_values, parse, validate
from graphql.language import FieldNode, OperationDefinitionNode

SCHEMA = build_schema(Path(__file__).with_name("shopify_schema.graphql").read_text(encoding="utf-8"))
TOKEN = "shpat_0123456789"
VERSION = "2026-07"
ORDER = "gid://shopify/Order/1"


def an_order() -> dict[str, Any]:
    return {
        "id": ORDER,
        "name": "#1001",
        "cancelledAt": None,
        "currencyCode": "USD",
        "displayFulfillmentStatus": "UNFULFILLED",
        "shippingAddress": {"address1": "Old road 1", "address2": None, "city": "Boston", "zip": "02101"},
        "lineItems": [
            {
                "id": "gid://shopify/LineItem/11",
                "sku": "MUG",
                "quantity": 2,
                "variant": "gid://shopify/ProductVariant/91",
            },
            {
                "id": "gid://shopify/LineItem/12",
                "sku": "CUP",
                "quantity": 1,
                "variant": "gid://shopify/ProductVariant/92",
            },
        ],
        "transactions": [
            {
                "id": "gid://shopify/OrderTransaction/21",
                "kind": "SALE",
                "status": "SUCCESS",
                "gateway": "gift_card",
                "amount": "20.00",
            },
            {
                "id": "gid://shopify/OrderTransaction/22",
                "kind": "SALE",
                "status": "SUCCESS",
                "gateway": "shopify_payments",
                "amount": "76.00",
            },
        ],
        "refunds": [],
        "returns": [],
    }


@dataclass
class ShopifyShop:
    origin: str = ""
    orders: list[dict[str, Any]] = field(default_factory=lambda: [an_order()])
    mutations: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    keys: dict[str, tuple[str, Any]] = field(default_factory=dict)
    cancels_later: bool = False

    @property
    def order(self) -> dict[str, Any]:
        return self.orders[0]

    def answer(self, body: dict[str, Any]) -> tuple[int, Any]:
        document = parse(body["query"])
        if errors := validate(SCHEMA, document):
            return 200, {"errors": [{"message": str(error)} for error in errors]}
        operation = next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))
        fault = ""
        if operation.operation.value == "mutation":
            name = next(each for each in operation.selection_set.selections if isinstance(each, FieldNode)).name.value
            self.mutations.append(name)
            fault = self.faults.pop(0) if self.faults else ""
        if fault == "throttled":
            status = {"maximumAvailable": 1000.0, "currentlyAvailable": 2, "restoreRate": 50.0}
            cost = {"requestedQueryCost": 102, "actualQueryCost": None, "throttleStatus": status}
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            return 200, {"errors": [error], "extensions": {"cost": cost}}
        if fault == "internal":
            return 200, {"errors": [{"message": "Oops", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}
        if fault.isdigit():
            return int(fault), {"errors": "status"}
        result = execute(SCHEMA, document, root_value=_Root(self), variable_values=body["variables"])
        if fault == "lost":
            raise ConnectionAbortedError
        if result.errors:
            return 200, {
                "errors": [{"message": e.message, "extensions": e.extensions or {}} for e in result.errors],
                "data": result.data,
            }
        return 200, {"data": result.data}


class _Root:
    """Resolvers of the roots, in plain dictionaries; what they refuse is what the reference says is refused."""

    def __init__(self, shop: ShopifyShop) -> None:
        self.shop = shop

    def orders(self, info: Any, query: str, first: int) -> Any:
        name = query.removeprefix("name:").strip('"')
        return {"nodes": [_shown(order) for order in self.shop.orders if order["name"] == name]}

    def returnableFulfillments(self, info: Any, orderId: str, first: int) -> Any:
        order = self._order(orderId)
        if order["displayFulfillmentStatus"] != "FULFILLED":
            return {"edges": []}
        lines = [
            {"node": {"quantity": n, "fulfillmentLineItem": {"id": f"{i['id']}-f{n}", "lineItem": _line(i)}}}
            for i in order["lineItems"]
            for n in ([1] * i["quantity"])
        ]
        for number, line in enumerate(lines):
            line["node"]["fulfillmentLineItem"]["id"] = f"gid://shopify/FulfillmentLineItem/{number}"
        return {"edges": [{"node": {"returnableFulfillmentLineItems": {"edges": lines}}}]}

    def refundCreate(self, info: Any, input: dict[str, Any]) -> Any:
        key = _idempotency_key(info)
        if key in self.shop.keys:
            before, result = self.shop.keys[key]
            if before != json.dumps(input, sort_keys=True):
                raise GraphQLError("Mismatch", extensions={"code": "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"})
            return result
        order = self._order(input["orderId"])
        for transaction in input.get("transactions") or []:
            parent = next((t for t in order["transactions"] if t["id"] == transaction["parentId"]), None)
            if parent is None or transaction["kind"] != "REFUND" or parent["gateway"] != transaction["gateway"]:
                return _errors("Transactions are invalid")
            back = sum(
                Decimal(t["amount"])
                for r in order["refunds"]
                for t in r["transactions"]
                if t["parentId"] == parent["id"]
            )
            if Decimal(transaction["amount"]) + back > Decimal(parent["amount"]):
                return _errors("Refund amount exceeds the amount paid")
        for line in input.get("refundLineItems") or []:
            item = next((each for each in order["lineItems"] if each["id"] == line["lineItemId"]), None)
            if item is None or line["quantity"] > item["quantity"]:
                return _errors("Quantity cannot refund more items than were purchased")
        refund = {**input, "id": f"gid://shopify/Refund/{len(order['refunds']) + 1}"}
        order["refunds"].append(refund)
        result = {"refund": refund, "userErrors": []}
        self.shop.keys[key] = (json.dumps(input, sort_keys=True), result)
        return result

    def orderCancel(self, info: Any, orderId: str, **wish: Any) -> Any:
        order = self._order(orderId)
        if order["cancelledAt"] or order["displayFulfillmentStatus"] != "UNFULFILLED":
            error = {"field": ["orderId"], "message": "Cannot cancel", "code": "INVALID"}
            return {"job": None, "orderCancelUserErrors": [error]}
        order["cancel"] = wish
        if not self.shop.cancels_later:
            order["cancelledAt"] = "2026-11-25T10:00:00Z"
        return {"job": {"id": "gid://shopify/Job/1", "done": not self.shop.cancels_later}, "orderCancelUserErrors": []}

    def returnCreate(self, info: Any, returnInput: dict[str, Any]) -> Any:
        order = self._order(returnInput["orderId"])
        made = {"id": f"gid://shopify/Return/{len(order['returns']) + 1}", "input": returnInput}
        order["returns"].append(made)
        return {"return": made, "userErrors": []}

    def orderUpdate(self, info: Any, input: dict[str, Any]) -> Any:
        order = self._order(input["id"])
        order["shippingAddress"] = input["shippingAddress"]
        return {"order": _shown(order), "userErrors": []}

    def _order(self, order_id: str) -> dict[str, Any]:
        return next(order for order in self.shop.orders if order["id"] == order_id)


def _idempotency_key(info: Any) -> str:
    """Mandatory since 2026-04: a mutation without it is an error at run time."""
    directive = SCHEMA.get_directive("idempotent")
    assert directive is not None
    if given := get_directive_values(directive, info.field_nodes[0], info.variable_values):
        return str(given["key"])
    raise GraphQLError("Missing idempotency key", extensions={"code": "BAD_REQUEST"})


def _errors(message: str) -> Any:
    return {"refund": None, "userErrors": [{"field": ["input"], "message": message}]}


def _line(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "variant": {"id": item["variant"]}}


def _shown(order: dict[str, Any]) -> dict[str, Any]:
    return {
        **order,
        "lineItems": {"nodes": [_line(item) for item in order["lineItems"]]},
        "transactions": [
            {**t, "amountSet": {"shopMoney": {"amount": t["amount"], "currencyCode": order["currencyCode"]}}}
            for t in order["transactions"]
        ],
        "returns": {
            "nodes": [
                {
                    "id": each["id"],
                    "returnLineItems": {
                        "nodes": [
                            {"__typename": "ReturnLineItem", "id": "1", **line}
                            for line in each["input"]["returnLineItems"]
                        ]
                    },
                }
                for each in order["returns"]
            ]
        },
    }


def _handler(shop: ShopifyShop) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.path != f"/admin/api/{VERSION}/graphql.json":
                self._send(404, {"errors": "Not Found"})
            elif self.headers["x-shopify-access-token"] != TOKEN:
                self._send(401, {"errors": "[API] Invalid API key or access token"})
            else:
                try:
                    self._send(*shop.answer(body))
                except ConnectionAbortedError:
                    # It was done, and nobody hears of it.
                    self.connection.close()

        def _send(self, status: int, body: Any) -> None:
            sent = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler


@contextmanager
def shopify_shop() -> Iterator[ShopifyShop]:
    shop = ShopifyShop()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(shop))
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    shop.origin = f"http://127.0.0.1:{server.server_port}"
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
