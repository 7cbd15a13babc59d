"""One planned conversation: who writes where about what, and the words of both sides."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.formats import date_format

from cs_portal.commerce.models import PaymentMethod, Product
from cs_portal.commerce.money import format_minor
from cs_portal.demo.baskets import companions
from cs_portal.demo.catalogue import catalogue
from cs_portal.demo.history import past
from cs_portal.demo.history.bot import Question, candidates, draft_fields
from cs_portal.demo.history.ledger import Cast
from cs_portal.demo.history.rhythm import answered, reviewed
from cs_portal.demo.history.thread import NotYet, Thread
from cs_portal.demo.history.topics import Topic, about, phrase
from cs_portal.demo.merchants import Language
from cs_portal.merchants.models import Member


@dataclass(slots=True)
class Scene:
    """``order`` is the order's document as it is today; what the conversation does to it is written into it.

    ``unattended`` stops where an operator would have to come in; with ``until`` one puts it off until then. ``replies``
    are what colleagues say where no FAQ does, ``change`` is a sentence of an FAQ and what they make of it.
    """

    cast: Cast
    thread: Thread
    topic: Topic
    locale: Language
    at: datetime
    rng: random.Random
    order: dict[str, Any] | None = None
    product: Product | None = None
    other: Product | None = None
    unattended: bool = False
    until: datetime | None = None
    pace: float = 1.0
    trouble: int = 0
    replies: tuple[str, ...] = ()
    change: tuple[str, str] = ("", "")
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def slots(self) -> Mapping[str, str]:
        shopper = self.thread.shopper
        name = shopper.name or ("顾客" if self.locale == "zh-hans" else "there")
        first = name if self.locale == "zh-hans" else name.split(" ")[0]
        return {
            "first": first,
            "name": name,
            "order": self.order["number"] if self.order else "",
            "product": self.title(self.product),
            "other": self.title(self.other),
            "city": self.order["address"].get("city", "") if self.order else self._anywhere(),
            "days": str(self.rng.randint(3, 9)),
            "store": self.cast.merchant.name_in(self.locale),
            **self.extra,
        }

    def _anywhere(self) -> str:
        cities = ("上海", "成都", "昆明", "乌鲁木齐") if self.locale == "zh-hans" else ("Shanghai", "London", "Chengdu")
        return self.rng.choice(cities)

    def title(self, product: Product | None) -> str:
        if product is None:
            return ""
        return product.title_zh if self.locale == "zh-hans" else product.title_en

    def say(self, path: str, **slots: str) -> str:
        """A phrase of the table, in the conversation's language."""
        return phrase(path, self.locale, {**self.slots, **slots}, self.rng)

    def opener(self, topic: Topic | None = None) -> tuple[str, str]:
        """What the shopper asks, and the FAQ that answers it. The products fit the question."""
        text, faq = (topic or self.topic).opener(self.locale, self.rng)
        if self.order is None:
            self._look_at(about(faq or self.topic.key))
        return text.format_map(dict(self.slots)), faq

    def _look_at(self, wanted: frozenset[str]) -> None:
        kinds = {item.id: item.kind for item in catalogue(self.cast.merchant.slug)}
        fitting = [
            row
            for row in self.cast.products.values()
            if wanted & {row.category, kinds[row.external_id], *row.tags} or not wanted
        ]
        self.product = self.rng.choice(fitting)
        going = companions(kinds[self.product.external_id])
        others = [row for row in self.cast.products.values() if kinds[row.external_id] in going]
        another = [row for row in others or fitting if row is not self.product]
        self.other = self.rng.choice(another or list(self.cast.products.values()))

    def money(self, minor: int) -> str:
        return format_minor(minor, self.order["currency"] if self.order else "CNY")

    def method(self, payments: list[dict[str, Any]]) -> str:
        """The payment method that money goes back to, as the shopper reads it."""
        assert self.order is not None
        wanted = {share["id"] for share in payments}
        codes = dict.fromkeys(p["method"] for p in self.order["payments"] if p["id"] in wanted)
        with translation.override(self.locale):
            return (" 和 " if self.locale == "zh-hans" else " and ").join(str(PaymentMethod(c).label) for c in codes)

    def day(self, at: datetime) -> str:
        with translation.override(self.locale):
            return date_format(at.astimezone(ZoneInfo(self.cast.merchant.timezone)), "DATE_FORMAT")

    def answer(self, faq: str) -> str:
        text = self.cast.faqs.get((faq, self.locale))
        return text.answer if text else ""

    def operator(self) -> Member:
        """Who has this language on their desk today, mostly."""
        team = self.cast.operators[self.locale]
        return self.rng.choices(team, weights=(70, 18, 12)[: len(team)])[0]

    def ask(self, text: str, at: datetime, *, photo: bool = False) -> None:
        self.thread.say(text, at, photo=photo)

    def think(self, question: Question) -> None:
        """The bot drafts."""
        thread = self.thread
        now = thread.at
        fields = draft_fields(question, self.cast, thread.shopper, locale=self.locale, now=now, rng=self.rng)
        texts = candidates(question, fields, locale=self.locale, slots=self.slots, rng=self.rng)
        if fields["needs_person"] and question.verdict is None:
            texts = texts[:1]
        thread.draft(fields, texts, order=self.order["number"] if question.order and self.order else "")

    def reviewed(self, pace: float = 1.0) -> datetime:
        """When an operator gets to it; raises :class:`NotYet` where none shall."""
        if self.unattended:
            raise NotYet
        return reviewed(self.thread.at, schedule=self.cast.schedule, rng=self.rng, pace=pace * self.pace)

    def next_line(self) -> datetime:
        """When the shopper writes again."""
        return answered(self.thread.at, rng=self.rng)

    def soon(self, *, minutes: tuple[float, float]) -> datetime:
        return self.thread.at + timedelta(minutes=self.rng.uniform(*minutes))

    def past_order(self) -> past.Document:
        assert self.order is not None
        return past.as_of(self.order, self.thread.at)

    def version(self) -> int:
        assert self.order is not None
        return int(self.order.get("version", 1))
