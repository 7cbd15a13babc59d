"""Names in rules that nothing answers to: facts that do not exist, and values that the shop does not have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from cs_portal.policies.engine.facts import FACTS
from cs_portal.policies.engine.ruleset import Ruleset
from cs_portal.policies.engine.text import Text
from cs_portal.policies.engine.wording import fact_names

from .findings import Finding, Kind
from .values import comparisons_in


def unknown_facts(document: object) -> tuple[Finding, ...]:
    """Every fact that a ruleset's JSON names and that does not exist, with the likeliest one that does.

    `Ruleset.from_dict` refuses such a document at the first; this tells all of them.
    """
    found: dict[tuple[str, str], Finding] = {}
    for rule, name in _named(document):
        if name not in FACTS:
            near = get_close_matches(name, FACTS, n=1)
            text = Text(f'there is no fact "{name}"', f"不存在名为“{name}”的数据")
            if near:
                text = Text(f'{text.en}; did you mean "{near[0]}"?', f"{text.zh_hans}，是否想用“{near[0]}”？")
            found.setdefault((rule, name), Finding(Kind.UNKNOWN_FACT, text, rule))
    return tuple(found.values())


def _named(document: object) -> Iterator[tuple[str, str]]:
    if not isinstance(document, Mapping):
        return
    rules = document.get("rules")
    for rule in rules if isinstance(rules, Sequence) and not isinstance(rules, str) else ():
        if isinstance(rule, Mapping):
            key = str(rule.get("id", ""))
            yield from ((key, name) for name in _in_condition(rule.get("when")))
            yield from ((key, name) for name in _in_reasons(rule.get("then")))
    yield from (("default", name) for name in _in_reasons(document.get("default")))


def _in_condition(data: object) -> Iterator[str]:
    pending: list[Any] = [data]
    while pending:
        item = pending.pop(0)
        if isinstance(item, Mapping):
            if isinstance(item.get("fact"), str):
                yield item["fact"]
            pending += [item.get("all"), item.get("any"), item.get("not")]
        elif isinstance(item, list | tuple):
            pending += item


def _in_reasons(then: object) -> Iterator[str]:
    reasons = then.get("reasons") if isinstance(then, Mapping) else None
    for words in reasons.values() if isinstance(reasons, Mapping) else ():
        if isinstance(words, str):
            yield from fact_names(words)


def unknown_values(ruleset: Ruleset, known: Mapping[str, Collection[str]]) -> tuple[Finding, ...]:
    """Products, categories, tags, storefronts and the like that rules name and that the shop does not have.

    `known` gives what there is, by fact; facts that it does not name are not looked at.
    """
    found: dict[tuple[str, str, str], Finding] = {}
    for rule in ruleset.rules:
        for item in comparisons_in(rule.when):
            if item.fact not in known:
                continue
            named = item.value if isinstance(item.value, frozenset) else {item.value}
            for value in sorted(str(value) for value in named if isinstance(value, str)):
                if value not in known[item.fact]:
                    label = FACTS[item.fact].label
                    text = Text(f'{label.en}: the shop has no "{value}"', f"{label.zh_hans}：店铺中没有“{value}”")
                    found.setdefault((rule.id, item.fact, value), Finding(Kind.UNKNOWN_VALUE, text, rule.id))
    return tuple(found.values())
