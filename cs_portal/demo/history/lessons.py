"""What past conversations have to teach, from ``data/history-lessons.toml``: gaps, and sentences that people change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cs_portal.demo.history.topics import Topic, topics
from cs_portal.demo.tables import table


@dataclass(frozen=True, slots=True)
class Gap:
    """``replies`` by language are what colleagues send; the share ``lately`` of ``count`` is of the last four weeks."""

    topic: Topic
    count: int
    lately: float
    replies: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Edit:
    """``changes`` by language: a sentence of the topic's FAQ and what colleagues make of it, ``count`` times each."""

    topic: Topic
    count: int
    changes: Mapping[str, tuple[str, str]]


@cache
def gaps() -> tuple[Gap, ...]:
    return tuple(
        Gap(
            topic=_topic(row["key"], "wish", "product_question", (), row["en"], row["zh-hans"]),
            count=row["count"],
            lately=row["lately"],
            replies={"en": tuple(row["replies-en"]), "zh-hans": tuple(row["replies-zh"])},
        )
        for row in table("history-lessons")["gap"]
    )


@cache
def edits() -> tuple[Edit, ...]:
    return tuple(
        Edit(
            topic=_topic(
                row["topic"],
                "correction",
                topics()[row["topic"]].intent,
                (row["faq"],),
                [row["question"]],
                [row["question-zh"]],
            ),
            count=row["count"],
            changes={"en": (row["before"], row["after"]), "zh-hans": (row["before-zh"], row["after-zh"])},
        )
        for row in table("history-lessons")["edit"]
    )


def _topic(key: str, kind: str, intent: str, faqs: tuple[str, ...], en: Any, zh: Any) -> Topic:
    openers = {"en": tuple(en), "zh-hans": tuple(zh)}
    return Topic(key=key, kind=kind, intent=intent, faqs=faqs, weight=0, openers=openers, answers={})
