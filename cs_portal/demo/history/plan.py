"""Who asks what, where and when: the scenes of the last two months."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cs_portal.commerce.models import Product, Shopper
from cs_portal.demo.history.ledger import Cast
from cs_portal.demo.history.lessons import edits, gaps
from cs_portal.demo.history.past import moment
from cs_portal.demo.history.rhythm import DAYS, arrival
from cs_portal.demo.history.scene import Scene
from cs_portal.demo.history.thread import Thread
from cs_portal.demo.history.topics import Topic, topics
from cs_portal.demo.merchants import STOREFRONT, Language

Document = dict[str, Any]
#: Questions besides those that belong to an order's own events.
FREE, UNATTENDED, OVERDUE, PUT_OFF = 350, 6, 3, 4
#: Shoppers who read English and still buy on the main site, and the other way round.
ACROSS = {"en": 0.16, "zh-hans": 0.05}
ANONYMOUS = 0.08
Window = tuple[datetime, datetime]


class Planner:
    """Draws scenes for a merchant whose orders are ``orders``, the canonical documents as they are today."""

    def __init__(self, cast: Cast, orders: Sequence[Document], rng: random.Random) -> None:
        self.cast, self.rng = cast, rng
        self.now = cast.now.astimezone(ZoneInfo(cast.merchant.timezone))
        self.start = (self.now - timedelta(days=DAYS)).replace(hour=0, minute=0, second=0)
        self.orders = [order for order in orders if order["shopper"] in cast.shoppers]
        self.catalogue = list(cast.products.values())
        self.taken: set[str] = set()

    def scenes(self) -> list[Scene]:
        """All of them, by the time at which they begin."""
        made = [*self._about_orders(), *self._free(), *self._waiting(), *self._lessons()]
        return sorted(made, key=lambda scene: scene.at)

    def _about_orders(self) -> Iterator[Scene]:
        kinds: tuple[tuple[str, Callable[[Document], Window | None], float], ...] = (
            ("cancel", self._cancelled, 1.0),
            ("damaged", self._refunded, 1.0),
            ("return", self._returned, 1.0),
            ("exchange", self._exchanged, 1.0),
            ("refund-status", self._after_refund, 0.6),
            ("cancel-late", self._under_way, 0.06),
            ("return", self._too_late, 0.12),
            ("address", self._fresh, 0.035),
        )
        for key, window, share in kinds:
            for order in self.orders:
                if order["number"] in self.taken or self.rng.random() >= share:
                    continue
                span = window(order)
                scene = span and self._at_order(topics()[key], order, span)
                if scene:
                    self.taken.add(order["number"])
                    yield scene

    def _at_order(self, topic: Topic, order: Document, span: Window) -> Scene | None:
        shopper = self.cast.shoppers[order["shopper"]]
        at = arrival(max(span[0], self.start), min(span[1], self.now), locale=_locale(shopper), rng=self.rng)
        if at is None:
            return None
        scene = self._scene(topic, shopper, at, order=order)
        if topic.key == "exchange":
            line = order["lines"][0]
            others = [
                v["id"]
                for v in self.cast.product_documents[line["product"]]["variants"]
                if v["id"] != line["variant"] and v["stock"] >= line["quantity"]
            ]
            if not others:
                return None
            scene.extra["to_variant"] = self.rng.choice(others)
        return scene

    def _free(self) -> Iterator[Scene]:
        choice = [topic for topic in topics().values() if topic.weight]
        for _ in range(FREE):
            topic = self.rng.choices(choice, weights=[topic.weight for topic in choice])[0]
            yield self._free_one(topic, self.start, self.now - timedelta(minutes=5))

    def _free_one(self, topic: Topic, first: datetime, last: datetime) -> Scene:
        if topic.kind == "tracking":
            return self._tracked(topic, first, last)
        locale: Language = self.rng.choices(("zh-hans", "en"), weights=(58, 42))[0]
        at = arrival(first, last, locale=locale, rng=self.rng)
        assert at is not None
        return self._scene(topic, self._somebody(locale), at)

    def _tracked(self, topic: Topic, first: datetime, last: datetime) -> Scene:
        while True:
            locale: Language = self.rng.choices(("zh-hans", "en"), weights=(58, 42))[0]
            at = arrival(first, last, locale=locale, rng=self.rng)
            assert at is not None
            under_way = [order for order in self.orders if self._travels(order, at, locale)]
            if under_way:
                order = self.rng.choice(under_way)
                return self._scene(topic, self.cast.shoppers[order["shopper"]], at, order=order)

    def _travels(self, order: Document, at: datetime, locale: Language) -> bool:
        """Placed some hours before, and not arrived yet."""
        first = datetime.fromisoformat(order["placed_at"]) + timedelta(hours=9)
        last = moment(order["delivered_at"]) or self.now
        mine = self.cast.shoppers[order["shopper"]].locale == locale
        return mine and first <= at <= last and order["status"] != "cancelled"

    def _waiting(self) -> Iterator[Scene]:
        """What came in lately and waits: some fresh, a few that should have been answered by now."""
        choice = [topic for topic in topics().values() if topic.weight and topic.key not in {"thanks"}]
        for number in range(UNATTENDED + OVERDUE):
            topic = self.rng.choices(choice, weights=[topic.weight for topic in choice])[0]
            late = number >= UNATTENDED
            span = (timedelta(hours=30), timedelta(hours=20)) if late else (timedelta(hours=4), timedelta(minutes=2))
            scene = self._free_one(topic, self.now - span[0], self.now - span[1])
            yield replace(scene, unattended=True)
        for number in range(PUT_OFF):
            scene = self._free_one(topics()["gap"], self.now - timedelta(hours=44), self.now - timedelta(hours=22))
            until = (self.now + timedelta(hours=9 + 17 * number)).replace(minute=0, second=0)
            yield replace(scene, until=until)

    def _lessons(self) -> Iterator[Scene]:
        """What nobody wrote an answer to, and an answer that is not quite right any more."""
        lately = self.now - timedelta(days=27)
        for gap in gaps():
            for number in range(gap.count):
                first = lately if number < gap.lately * gap.count else self.start
                last = self.now - timedelta(hours=3) if first is lately else lately
                scene = self._free_one(gap.topic, first, last)
                yield replace(scene, replies=gap.replies[scene.locale])
        for edit in edits():
            for locale, change in edit.changes.items():
                for _ in range(edit.count):
                    at = arrival(lately, self.now - timedelta(hours=3), locale=_as(locale), rng=self.rng)
                    assert at is not None
                    yield replace(self._scene(edit.topic, self._somebody(_as(locale)), at), change=change)

    def _somebody(self, locale: Language) -> Shopper:
        if self.rng.random() < ANONYMOUS:
            return Shopper(external_id=None, locale=locale, created_at=self.now)
        crowd = [shopper for shopper in self.cast.shoppers.values() if shopper.locale == locale]
        return self.rng.choice(crowd)

    def _scene(self, topic: Topic, shopper: Shopper, at: datetime, *, order: Document | None = None) -> Scene:
        locale = _locale(shopper)
        rng = random.Random(self.rng.getrandbits(64))
        main = (locale == "zh-hans") != (rng.random() < ACROSS[locale])
        slug = order["storefront"] if order else STOREFRONT if main else "international"
        one, two = self._products(order, rng)
        thread = Thread(self.cast, shopper, self.cast.storefronts[slug], locale=locale, rng=rng)
        extra = {"line1": order["address"]["line1"]} if order else {}
        return Scene(self.cast, thread, topic, locale, at, rng, order=order, product=one, other=two, extra=extra)

    def _products(self, order: Document | None, rng: random.Random) -> tuple[Product, Product]:
        one, two = rng.sample(self.catalogue, 2)
        return (self.cast.products[order["lines"][0]["product"]] if order else one), two

    # When an order gives occasion to a question of a kind; None when it does not.

    def _cancelled(self, order: Document) -> Window | None:
        at = moment(order["cancelled_at"])
        placed = datetime.fromisoformat(order["placed_at"])
        # Unless it was a quick one, which shoppers do in the shop themselves.
        return (placed + timedelta(minutes=12), at) if at and at - placed > timedelta(hours=1) else None

    def _refunded(self, order: Document) -> Window | None:
        at = moment(order["delivered_at"])
        part = order["status"] in {"closed", "delivered"} and order["refunds"]
        return (at, at + timedelta(days=5)) if at and part else None

    def _returned(self, order: Document) -> Window | None:
        at = moment(order["delivered_at"])
        asked = order["status"] in {"returned", "return_requested"}
        final = order["lines"][0]["final_sale"]
        return (at, at + timedelta(days=6)) if at and asked and not final else None

    def _exchanged(self, order: Document) -> Window | None:
        at = moment(order["delivered_at"])
        return (at, at + timedelta(days=10)) if at and order["status"] == "exchange_requested" else None

    def _after_refund(self, order: Document) -> Window | None:
        if not order["refunds"]:
            return None
        at = datetime.fromisoformat(order["refunds"][-1]["created_at"])
        return at + timedelta(hours=8), at + timedelta(days=5)

    def _under_way(self, order: Document) -> Window | None:
        first, last = moment(order["shipped_at"]), moment(order["delivered_at"])
        return (first, last) if first and last else None

    def _too_late(self, order: Document) -> Window | None:
        at = moment(order["delivered_at"])
        kept = order["status"] in {"closed", "delivered"} and not order["refunds"]
        return (at + timedelta(days=9), at + timedelta(days=27)) if at and kept else None

    def _fresh(self, order: Document) -> Window | None:
        placed = datetime.fromisoformat(order["placed_at"])
        until = moment(order["shipped_at"]) or self.now
        return (placed + timedelta(minutes=20), until) if order["status"] != "cancelled" else None


def _as(locale: str) -> Language:
    return "zh-hans" if locale == "zh-hans" else "en"


def _locale(shopper: Shopper) -> Language:
    return "zh-hans" if shopper.locale == "zh-hans" else "en"
