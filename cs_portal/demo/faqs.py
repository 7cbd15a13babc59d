"""The answers of the demo merchants, read from ``data/faqs-*.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cs_portal.demo.merchants import DemoMerchant
from cs_portal.demo.tables import table

LANGUAGES = ("en", "zh-hans")


@dataclass(frozen=True, slots=True)
class DemoFaqText:
    question: str
    answer: str
    variants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoFaq:
    """``intent`` is the canonical intent that the question belongs to."""

    id: str
    intent: str
    texts: Mapping[str, DemoFaqText]


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
        )
        for name in merchant.faq_tables
        for row in table(name)["faq"]
    )
