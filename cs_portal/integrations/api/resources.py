"""Products, shoppers and orders: listed, read, pushed one by one or many at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from cs_portal.commerce.history import Provenance
from cs_portal.commerce.imports.columns import KEYS
from cs_portal.commerce.models import ImportKind, Order, Product, Shopper, Source
from cs_portal.commerce.selectors import order_document, product_document, shopper_documents
from cs_portal.core import ratelimit
from cs_portal.core.secrets import decrypt, encrypt
from cs_portal.core.storable import is_storable
from cs_portal.integrations.api import openapi
from cs_portal.integrations.api.bodies import json_object, raw_body
from cs_portal.integrations.api.problems import Refusal, field_error, invalid
from cs_portal.integrations.api.security import in_scope
from cs_portal.integrations.services.answers import Answer, fingerprint, once
from cs_portal.integrations.services.pushing import CREATED, REFUSED, Outcome, push

PAGE, MOST = 50, 200
MAX_BATCH = 200


@dataclass(frozen=True, slots=True)
class Resource:
    """``filters`` are the query parameters that narrow a list, with the fields that they compare."""

    kind: str
    name: str
    key: str
    rows: Callable[[], QuerySet[Any]]
    documents: Callable[[Sequence[Any]], list[dict[str, Any]]]
    filters: dict[str, str]


def _orders() -> QuerySet[Order]:
    return Order.objects.select_related("shopper").prefetch_related("lines", "payments", "refunds", "shipments")


def _shopper_documents(rows: Sequence[Shopper]) -> list[dict[str, Any]]:
    found = shopper_documents(rows, now=timezone.now())
    return [found[row.pk] for row in rows]


RESOURCES = (
    Resource(
        ImportKind.PRODUCTS,
        "product",
        "external_id",
        lambda: Product.objects.prefetch_related("variants"),
        lambda rows: [product_document(row) for row in rows],
        {"id": "external_id", "status": "status", "category": "category"},
    ),
    Resource(
        ImportKind.SHOPPERS,
        "shopper",
        "external_id",
        lambda: Shopper.objects.filter(external_id__isnull=False),
        _shopper_documents,
        {"id": "external_id", "email": "email"},
    ),
    Resource(
        ImportKind.ORDERS,
        "order",
        "number",
        _orders,
        lambda rows: [order_document(row) for row in rows],
        {"number": "number", "shopper": "shopper__external_id", "status": "status", "storefront": "storefront"},
    ),
)


def router_of(resource: Resource) -> Router:
    router = Router(tags=[resource.kind])
    plural = str(resource.kind)

    @router.get(
        "",
        url_name=plural,
        operation_id=f"list_{plural}",
        openapi_extra=openapi.listing(resource.name, resource.filters),
    )
    @in_scope
    def listing(request: HttpRequest) -> HttpResponse:
        return _answer(200, _page(resource, request))

    @router.post(
        "", url_name=plural, operation_id=f"push_{plural}", openapi_extra=openapi.batch(resource.name, MAX_BATCH)
    )
    @in_scope
    def batch(request: HttpRequest) -> HttpResponse:
        items = _items(json_object(request))
        return _write(request, lambda: _pushed_all(resource, request, items))

    @router.get(
        "/{path:key}",
        url_name=resource.name,
        operation_id=f"get_{resource.name}",
        openapi_extra=openapi.reading(resource.name),
    )
    @in_scope
    def reading(request: HttpRequest, key: str) -> HttpResponse:
        row = resource.rows().filter(**{resource.key: key}).first() if is_storable(key) else None
        if row is None:
            raise Refusal(404, "not_found", f"There is no such {resource.name}.")
        return _answer(200, resource.documents([row])[0])

    @router.put(
        "/{path:key}",
        url_name=resource.name,
        operation_id=f"put_{resource.name}",
        openapi_extra=openapi.putting(resource.name),
    )
    @in_scope
    def putting(request: HttpRequest, key: str) -> HttpResponse:
        document = json_object(request)
        name = KEYS[resource.kind]
        if document.setdefault(name, key) != key:
            raise invalid(name, "differs", f"Must be the {name} of the address.")
        return _write(request, lambda: _pushed_one(resource, request, document))

    return router


def _page(resource: Resource, request: HttpRequest) -> dict[str, Any]:
    """Oldest first, from after a cursor: a list that is read to its end misses nothing that was there at its start."""
    query = request.GET
    allowed = {"limit", "after", *resource.filters}
    for name in query:
        if name not in allowed:
            raise invalid(name[:40], "unknown_key", "Unknown parameter.")
        if not is_storable(query[name]):
            raise invalid(name, "not_storable", "Holds characters that are no text.")
    text = query.get("limit", str(PAGE))
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MOST):
        raise invalid("limit", "not_number", f"A whole number from 1 to {MOST}.")
    rows = resource.rows().filter(**{field: query[name] for name, field in resource.filters.items() if name in query})
    if "after" in query:
        rows = rows.filter(pk__gt=_decoded(resource, query["after"]))
    found = list(rows.order_by("pk")[: int(text) + 1])
    page = found[: int(text)]
    more = len(found) > len(page)
    return {"items": resource.documents(page), "next": _encoded(resource, page[-1].pk) if more else None}


def _encoded(resource: Resource, pk: int) -> str:
    """Sealed: what is inside is nobody's business."""
    return encrypt(f"{resource.kind}:{pk}")


def _decoded(resource: Resource, cursor: str) -> int:
    try:
        kind, _colon, pk = decrypt(cursor).partition(":")
    except (InvalidToken, ValueError):
        kind, pk = "", ""
    if kind != resource.kind:
        raise invalid("after", "not_choice", "Not a cursor of this list.")
    return int(pk)


# --- writing -------------------------------------------------------------------------------------------------------


def _write(request: HttpRequest, act: Callable[[], Answer]) -> HttpResponse:
    """Once for each ``Idempotency-Key``, where there is one."""
    now = timezone.now()
    token = request.auth  # type: ignore[attr-defined]
    limit = settings.API_WRITES_PER_MINUTE
    ratelimit.hit(scope="api-write", subject=str(token.public_id), limit=limit, seconds=60, now=now)
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        with transaction.atomic():
            status, text = act()
        return _sent(status, text)
    if len(key) > 255 or not key.isascii() or not key.isprintable():
        raise invalid("Idempotency-Key", "too_long", "At most 255 printable characters.")
    print_of = fingerprint(request.method or "", request.path, raw_body(request))
    (status, text), again = once(key=key, fingerprint=print_of, now=now, act=act)
    answer = _sent(status, text)
    if again:
        answer["Idempotent-Replayed"] = "true"
    return answer


def _pushed_one(resource: Resource, request: HttpRequest, document: dict[str, Any]) -> Answer:
    (outcome,) = _pushed(resource, request, [document])
    if outcome.result == REFUSED:
        errors = [field_error(each) for each in outcome.problems]
        raise Refusal(422, "invalid", f"This is no {resource.name} that can be kept.", errors=errors)
    return 201 if outcome.result == CREATED else 200, json.dumps({"id": outcome.id, "result": outcome.result})


def _pushed_all(resource: Resource, request: HttpRequest, items: list[Any]) -> Answer:
    outcomes = _pushed(resource, request, items)
    results: list[dict[str, Any]] = []
    for number, outcome in enumerate(outcomes):
        told: dict[str, Any] = {"index": number, "id": outcome.id, "result": outcome.result}
        if outcome.problems:
            told["errors"] = [field_error(each) for each in outcome.problems]
        results.append(told)
    counts = {name: sum(each.result == name for each in outcomes) for name in openapi.RESULTS}
    return 200, json.dumps({**counts, "results": results}, ensure_ascii=False)


def _pushed(resource: Resource, request: HttpRequest, documents: list[Any]) -> list[Outcome]:
    token = request.auth  # type: ignore[attr-defined]
    provenance = Provenance(Source.API, by=str(token.public_id))
    return push(kind=resource.kind, documents=documents, provenance=provenance, now=timezone.now())


def _items(body: dict[str, Any]) -> list[Any]:
    for name in body:
        if name != "items":
            raise invalid(name[:40], "unknown_key", "Unknown key.")
    items = body.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_BATCH:
        raise invalid("items", "not_list", f"A list of 1 to {MAX_BATCH}.")
    return items


def _answer(status: int, body: dict[str, Any]) -> HttpResponse:
    return _sent(status, json.dumps(body, ensure_ascii=False))


def _sent(status: int, text: str) -> HttpResponse:
    answer = HttpResponse(text, status=status, content_type="application/json")
    answer["Cache-Control"] = "private, no-store"
    return answer
