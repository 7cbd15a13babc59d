"""The answers of the demo merchants, read from ``data/faqs-*.toml``; ``faqs-cases`` holds their settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from cs_portal.demo.merchants import DemoMerchant
from cs_portal.demo.tables import table
from cs_portal.knowledge.conditions import ConditionalAnswer, answer_from_json

LANGUAGES = ("en", "zh-hans")


@dataclass(frozen=True, slots=True)
class DemoFaqText:
    question: str
    answer: str
    variants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoFaq:
    """``intent`` is the canonical intent that the question belongs to; ``valid_until`` is counted from the day made."""

    id: str
    intent: str
    texts: Mapping[str, DemoFaqText]
    tags: tuple[str, ...] = ()
    hand_over: bool = False
    action: str = ""
    valid_until_days: int | None = None
    answers: tuple[ConditionalAnswer, ...] = ()

    def valid_until(self, today: date) -> date | None:
        return None if self.valid_until_days is None else today + timedelta(days=self.valid_until_days)


def faqs(merchant: DemoMerchant) -> tuple[DemoFaq, ...]:
    return tuple(
        DemoFaq(
            id=row["id"],
            intent=row["intent"],
            texts={
                language: DemoFaqText(text["question"], text["answer"], tuple(text["variants"]))
                for language in LANGUAGES
                if (text := row.get(language))
            },
            **_settings(table("faqs-cases").get(name, {}).get(row["id"], {})),
        )
        for name in merchant.faq_tables
        for row in table(name)["faq"]
    )


def _settings(row: Mapping[str, Any]) -> dict[str, Any]:
    """An answer's texts stand beside its conditions, by language."""
    answers = (
        answer_from_json(answer | {"texts": {code: answer[code] for code in LANGUAGES if code in answer}})
        for answer in row.get("answers", [])
    )
    plain = {name: row[name] for name in ("hand_over", "action", "valid_until_days") if name in row}
    return plain | {"tags": tuple(row.get("tags", ())), "answers": tuple(answers)}
