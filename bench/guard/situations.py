"""Situations of made-up shops as requests, and the replies to them that people wrote by hand.

A situation is a file of ``situations/``: what the shop knows, what the shopper asks and, for the generator, ways of
answering and of contradicting. A planted error stands between ⟦ and ⟧.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from bots.types import (
    ComposeRequest,
    FaqEntry,
    FaqHit,
    IntentGuess,
    Language,
    LineFacts,
    OrderFacts,
    PersonalValues,
    ProductFacts,
    RefundFacts,
    ShipmentFacts,
    Turn,
    Understanding,
    VerdictFacts,
    as_language,
)

HERE = Path(__file__).parent
#: ``held_out`` and ``unseen`` were each measured once before the guard was mended with them (``bench/RESULTS.md``).
Half = Literal["dev", "held_out", "unseen"]


@dataclass(frozen=True, slots=True)
class Situation:
    """``raw`` is the file; ``request`` what the guard is given."""

    id: str
    half: Half
    language: Language
    raw: dict[str, Any]
    request: ComposeRequest


@dataclass(frozen=True, slots=True)
class Case:
    """A reply in a situation. ``label`` is ``true`` or the kind of the error at ``spans``."""

    situation: Situation
    label: str
    reply: str
    spans: tuple[tuple[int, int], ...]
    by_hand: bool


@cache
def situations() -> dict[str, Situation]:
    return {path.stem: _read(path) for path in sorted((HERE / "situations").glob("*.json"))}


def hand_written() -> list[Case]:
    """The cases of ``cases.jsonl``, in the order of the file."""
    rows = [json.loads(line) for line in (HERE / "cases.jsonl").read_text(encoding="utf-8").splitlines()]
    return [case_of(situations()[row["situation"]], row["label"], row["reply"], by_hand=True) for row in rows]


def case_of(situation: Situation, label: str, marked: str, *, by_hand: bool) -> Case:
    """A case out of a reply whose planted error is ⟦marked⟧."""
    reply, spans = "", []
    for plain, planted in re.findall(r"([^⟦]*)(?:⟦([^⟧]*)⟧)?", marked):
        reply += plain
        if planted:
            spans.append((len(reply), len(reply) + len(planted)))
        reply += planted
    return Case(situation, label, reply, tuple(spans), by_hand)


def _read(path: Path) -> Situation:
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Situation(path.stem, raw["half"], as_language(raw["language"]), raw, _request(raw))


def _request(raw: dict[str, Any]) -> ComposeRequest:
    language = as_language(raw["language"])
    zone = raw.get("timezone", "Asia/Shanghai")
    asked = [question for question, _ in raw["questions"]]
    order = _order(raw["order"], ZoneInfo(zone)) if "order" in raw else None
    personal = raw["personal"]
    return ComposeRequest(
        language=language,
        turns=(Turn("shopper", " ".join(asked)),),
        understanding=Understanding(
            language,
            tuple(IntentGuess(intent, 0.9, question) for question, intent in raw["questions"]),
            requested_action=raw.get("action"),
            reason=raw.get("reason"),
        ),
        store_name=raw["store"],
        now=datetime.fromisoformat(raw["now"]),
        timezone=zone,
        answers=tuple(_hit(number, faq, asked, language) for number, faq in enumerate(raw["faqs"], 1)),
        orders=(order,) if order else (),
        order=order,
        verdict=_verdict(raw) if "verdict" in raw else None,
        products=tuple(_product(product, language) for product in raw.get("products", ())),
        catalogue=tuple(raw["catalogue"]),
        personal=PersonalValues(**{name: tuple(values) for name, values in personal.items()}),
        identified=True,
    )


def _hit(number: int, faq: list[Any], asked: list[str], language: Language) -> FaqHit:
    entry = FaqEntry(f"f{number}", 1, language, faq[0], faq[1])
    return FaqHit(entry, 0.9, faq[0], 0.5, 0.9, query=asked[faq[2] if len(faq) > 2 else 0])


def _order(raw: dict[str, Any], zone: ZoneInfo) -> OrderFacts:
    def moment(day: str | None) -> datetime | None:
        return datetime.combine(datetime.fromisoformat(day).date(), time(11), zone) if day else None

    shipped, delivered = moment(raw.get("shipped")), moment(raw.get("delivered"))
    shipment = ShipmentFacts(raw.get("carrier", ""), raw.get("tracking", ""), shipped, delivered)
    placed = moment(raw["placed"])
    assert placed is not None
    return OrderFacts(
        number=raw["number"],
        status=raw["status"],
        currency=raw["currency"],
        total_minor=raw["total"],
        placed_at=placed,
        paid_at=placed,
        shipped_at=shipped,
        delivered_at=delivered,
        lines=tuple(
            LineFacts(title, count, price, {"variant": option}) for title, count, price, option in raw["lines"]
        ),
        shipments=(shipment,) if shipped else (),
        refunds=tuple(RefundFacts(amount, moment(day) or placed) for amount, day in raw.get("refunds", ())),
        payment_methods=tuple(raw["methods"]),
    )


def _verdict(raw: dict[str, Any]) -> VerdictFacts:
    verdict = raw["verdict"]
    return VerdictFacts(
        verdict["action"],
        verdict["outcome"],
        verdict.get("amount"),
        verdict.get("currency", ""),
        ask=tuple(verdict.get("ask", ())),
        reasons=verdict.get("reasons", {}),
        order_number=raw["order"]["number"],
        refund_to=tuple(verdict.get("refund_to", ())),
    )


def _product(raw: list[Any], language: Language) -> ProductFacts:
    id_, title, price, currency, stock, url, description = raw
    return ProductFacts(id_, {language: title}, price, currency, stock, url, description={language: description})
