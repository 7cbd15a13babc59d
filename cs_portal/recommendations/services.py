"""Making the pairs anew, and what people decide: pins and exclusions. Each is one transaction with its audit entry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q
from django.utils.translation import gettext as _

from cs_portal.commerce.models import OrderLine, Product
from cs_portal.core import jobs
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from cs_portal.core.jobs import Lease
from cs_portal.core.tenancy import current_merchant
from cs_portal.merchants.models import Member
from cs_portal.recommendations.association import Associations, associate
from cs_portal.recommendations.models import (
    Exclusion,
    ExclusionKind,
    PairRefresh,
    Pin,
    ProductPair,
    ProductPopularity,
)
from cs_portal.recommendations.selectors import NOT_KEPT

#: Orders older than this say little about what goes together now.
WINDOW = timedelta(days=365)
BATCH = 1000
MAX_PINS = 20


def ask_for_refresh(*, now: datetime, at_once: bool = False) -> None:
    """Have the pairs made anew: at most once a day by itself, once a minute when something asks for it."""
    merchant = current_merchant()
    stamp = now.strftime("%Y%m%d%H%M" if at_once else "%Y%m%d")
    jobs.enqueue("refresh_pairs", key=f"pairs:{merchant.pk}:{stamp}", merchant_id=merchant.pk, payload={}, now=now)


def refresh_pairs(*, now: datetime, lease: Lease | None = None) -> int:
    """Make pairs and popularity from the orders of the last year; returns how many pairs there are.

    Counting happens outside of the transaction; what is written replaces what was there at one stroke.
    """
    found = associate(_baskets(since=now - WINDOW))
    orders = OrderLine.objects.filter(order__placed_at__gte=now - WINDOW).values("order").distinct().count()
    ending: AbstractContextManager[None] = lease.finishing(now=now) if lease else transaction.atomic()
    with ending:
        rows = _store(found)
        PairRefresh.objects.update_or_create(
            merchant=current_merchant(), defaults={"made_at": now, "orders": orders, "shoppers": found.baskets}
        )
        if lease:
            _ask_again_tomorrow(now)
    return rows


def _ask_again_tomorrow(now: datetime) -> None:
    merchant, tomorrow = current_merchant(), now + timedelta(days=1)
    jobs.enqueue(
        "refresh_pairs",
        key=f"pairs:{merchant.pk}:{tomorrow:%Y%m%d}",
        merchant_id=merchant.pk,
        payload={},
        now=now,
        execute_after=tomorrow,
    )


def _baskets(*, since: datetime) -> Iterator[frozenset[str]]:
    """What each shopper kept, one set of product ids per shopper."""
    lines = (
        OrderLine.objects.filter(order__placed_at__gte=since)
        .exclude(order__status__in=NOT_KEPT)
        .order_by("order__shopper_id")
        .values_list("order__shopper_id", "product")
    )
    for _shopper, rows in groupby(lines.iterator(chunk_size=5000), key=lambda row: row[0]):
        yield frozenset(product for _id, product in rows)


def _store(found: Associations) -> int:
    pk_of = dict(Product.objects.values_list("external_id", "pk"))
    ProductPair.objects.all().delete()
    ProductPopularity.objects.all().delete()
    rows = [
        ProductPair(
            product_id=pk_of[pair.product],
            other_id=pk_of[pair.other],
            together=pair.together,
            confidence=pair.confidence,
            lift=pair.lift,
            score=pair.score,
        )
        for pair in found.pairs
        if pair.product in pk_of and pair.other in pk_of
    ]
    ProductPair.objects.bulk_create(rows, batch_size=BATCH)
    ProductPopularity.objects.bulk_create(
        (ProductPopularity(product_id=pk_of[key], buyers=count) for key, count in found.buyers.items() if key in pk_of),
        batch_size=BATCH,
    )
    return len(rows)


def pin_product(*, recommended: UUID, with_product: UUID | None, by: Member, now: datetime) -> Pin:
    """Always recommend ``recommended`` with ``with_product``, or everywhere. It comes after the pins that stand."""
    _require(by)
    offered = Product.by_public_id(recommended)
    product = Product.by_public_id(with_product) if with_product else None
    if product is not None and product.pk == offered.pk:
        raise Invalid(_("A product cannot be recommended with itself."), field="recommended")
    standing = Pin.objects.filter(product=product, removed_at=None)
    if standing.count() >= MAX_PINS:
        raise Invalid(_("At most %(limit)s pins in one place.") % {"limit": MAX_PINS}, field="recommended")
    with transaction.atomic():
        last = standing.aggregate(last=Max("position"))["last"]
        try:
            with transaction.atomic():
                pin = Pin.objects.create(
                    product=product,
                    recommended=offered,
                    position=0 if last is None else last + 1,
                    member=by,
                    created_at=now,
                )
        except IntegrityError:
            raise Conflict(_("This product is pinned here already.")) from None
        _log(by, "pin.added", f"pin:{pin.public_id}", now, recommended=str(offered.public_id))
    return pin


def remove_pin(*, pin_id: UUID, by: Member, now: datetime) -> Pin:
    """Take a pin off; :func:`restore_pin` puts it back where it was."""
    return _set_pin(pin_id, by, now, removed_at=now)


def restore_pin(*, pin_id: UUID, by: Member, now: datetime) -> Pin:
    return _set_pin(pin_id, by, now, removed_at=None)


def _set_pin(pin_id: UUID, by: Member, now: datetime, *, removed_at: datetime | None) -> Pin:
    _require(by)
    pin = Pin.by_public_id(pin_id)
    with transaction.atomic():
        try:
            with transaction.atomic():
                moved = Pin.objects.filter(pk=pin.pk, removed_at__isnull=removed_at is not None).update(
                    removed_at=removed_at
                )
        except IntegrityError:
            raise Conflict(_("This product is pinned here already.")) from None
        if moved:
            _log(by, "pin.removed" if removed_at else "pin.restored", f"pin:{pin.public_id}", now)
    pin.refresh_from_db()
    return pin


def move_pin(*, pin_id: UUID, up: bool, by: Member, now: datetime) -> Pin:
    """Swap places with the neighbour; at the end of the list nothing happens."""
    _require(by)
    pin = Pin.by_public_id(pin_id)
    if pin.removed_at is not None:
        raise NotFound
    beside = Pin.objects.filter(product_id=pin.product_id, removed_at=None).exclude(pk=pin.pk)
    here = Q(position=pin.position)
    if up:
        other = beside.filter(Q(position__lt=pin.position) | (here & Q(pk__lt=pin.pk))).order_by("-position", "-id")
    else:
        other = beside.filter(Q(position__gt=pin.position) | (here & Q(pk__gt=pin.pk))).order_by("position", "id")
    neighbour = other.first()
    if neighbour is None:
        return pin
    with transaction.atomic():
        Pin.objects.filter(pk=pin.pk).update(position=neighbour.position)
        Pin.objects.filter(pk=neighbour.pk).update(position=pin.position)
        if pin.position == neighbour.position:
            Pin.objects.filter(pk=neighbour.pk if up else pin.pk).update(position=F("position") + 1)
        _log(by, "pin.moved", f"pin:{pin.public_id}", now)
    pin.refresh_from_db()
    return pin


def exclude(*, kind: str, value: str, by: Member, now: datetime) -> Exclusion:
    """Never recommend a product (by the shop's id), a category or a tag."""
    _require(by)
    value = value.strip()
    if kind not in ExclusionKind.values:
        raise Invalid(_("Choose what to exclude."), field="kind")
    if not value or len(value) > 64:
        raise Invalid(_("Say which one, in at most 64 characters."), field="value")
    if kind == ExclusionKind.PRODUCT and not Product.objects.filter(external_id=value).exists():
        raise Invalid(_("There is no product with this id."), field="value")
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = Exclusion.objects.create(kind=kind, value=value, member=by, created_at=now)
        except IntegrityError:
            raise Conflict(_("This is excluded already.")) from None
        _log(by, "exclusion.added", f"exclusion:{row.public_id}", now, kind=kind)
    return row


def remove_exclusion(*, exclusion_id: UUID, by: Member, now: datetime) -> Exclusion:
    return _set_exclusion(exclusion_id, by, now, removed_at=now)


def restore_exclusion(*, exclusion_id: UUID, by: Member, now: datetime) -> Exclusion:
    return _set_exclusion(exclusion_id, by, now, removed_at=None)


def _set_exclusion(exclusion_id: UUID, by: Member, now: datetime, *, removed_at: datetime | None) -> Exclusion:
    _require(by)
    row = Exclusion.by_public_id(exclusion_id)
    with transaction.atomic():
        try:
            with transaction.atomic():
                moved = Exclusion.objects.filter(pk=row.pk, removed_at__isnull=removed_at is not None).update(
                    removed_at=removed_at
                )
        except IntegrityError:
            raise Conflict(_("This is excluded already.")) from None
        if moved:
            _log(by, "exclusion.removed" if removed_at else "exclusion.restored", f"exclusion:{row.public_id}", now)
    row.refresh_from_db()
    return row


def _require(by: Member) -> None:
    if not by.may_configure:
        raise NotAllowed(_("Only an owner or an admin may change what is recommended."))


def _log(by: Member, action: str, target: str, now: datetime, **data: str) -> None:
    actor = Actor("member", str(by.public_id))
    record(merchant_id=by.merchant_id, actor=actor, action=action, target=target, now=now, data=data)
