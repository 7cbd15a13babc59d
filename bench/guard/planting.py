"""Replies to the situations, put together from wordings, most of them with one planted error. Seeded."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import Any

from bench.guard.situations import HERE, Case, Situation, case_of, situations
from bench.guard.slots import Slot, slots_of, worded, wrong

#: Errors of a whole sentence, worded in ``wordings.json``; all others are a slot that is wrongly filled.
SENTENCES = (*("status", "promise", "polarity", "leak", "placeholder", "stranger", "insult", "advice"), "language")
SLOTS = (
    *("amount", "amount_role", "date", "date_role", "order_number", "tracking", "url", "email", "phone", "number"),
    *("product", "misspelt", "variant", "carrier", "payment_method"),
)
KINDS = (*SLOTS, *SENTENCES, "contradiction", "unanswered")
_SLOT = re.compile(r"\{([a-z]+)\}")
_TRUE = 180
_OF_A_KIND = 20
_TRIES = 400


def generated(seed: int) -> list[Case]:
    """The cases of both halves and languages: the same ones for the same seed."""
    rng = random.Random(seed)
    wordings = json.loads((HERE / "wordings.json").read_text(encoding="utf-8"))
    cases = []
    for half in ("dev", "held_out"):
        for language in ("en", "zh-hans"):
            among = [each for each in situations().values() if each.half == half and each.language == language]
            cases += _of(among, wordings[half][language], rng)
    return cases


def _of(among: list[Situation], wordings: dict[str, Any], rng: random.Random) -> Iterator[Case]:
    seen: set[str] = set()
    for label, wanted in (("true", _TRUE), *((kind, _OF_A_KIND) for kind in KINDS)):
        found = 0
        for _ in range(_TRIES):
            case = _Writer(rng.choice(among), wordings, rng).write(label)
            if case is None or case.reply in seen:
                continue
            seen.add(case.reply)
            yield case
            found += 1
            if found == wanted:
                break


class _Writer:
    def __init__(self, situation: Situation, wordings: dict[str, Any], rng: random.Random) -> None:
        self.situation = situation
        self.wordings = wordings
        self.rng = rng
        self.slots = slots_of(situation)

    def write(self, label: str) -> Case | None:
        """A reply with that error, or ``None`` where chance led to none."""
        texts = self._planted(label)
        if texts is None:
            return None
        whole = self._joined(texts)
        reply = self._spoilt(whole, label) if label in SLOTS else self._filled(whole)
        return case_of(self.situation, label, reply, by_hand=False) if reply else None

    def _joined(self, texts: list[str]) -> str:
        """The sentences one after the other; after what is none ("Hi Anna,") and after an address a new line begins."""
        whole = ""
        for text in filter(None, texts):
            ends = re.search(r"[.!?。！？⟧)][\"')]?$", whole)
            whole += ("" if not whole else "\n" if not ends else " " if self.situation.language == "en" else "") + text
        return whole

    def _planted(self, label: str) -> list[str] | None:
        body = self._answers()
        if label == "unanswered":
            return self._unanswered(body)
        if label == "language" and self.rng.random() < 0.5:
            return [self.rng.choice(self._fitting(self.wordings["planted"]["language"]))]
        if label == "contradiction":
            body.insert(self.rng.randrange(len(body) + 1), self.rng.choice(self.situation.raw["contradictions"]))
        elif label in SENTENCES:
            fitting = self._fitting(self.wordings["planted"][label])
            if not fitting:
                return None
            body.insert(self.rng.randrange(len(body) + 1), self.rng.choice(fitting))
        return [self.rng.choice(self._fitting(self.wordings["openers"])), *body, self._closer()]

    def _answers(self) -> list[str]:
        body = [self.rng.choice(ways) for ways in self.situation.raw["answers"]]
        extras = self._fitting(self.wordings["extras"])
        if extras and self.rng.random() < 0.6:
            body.insert(self.rng.randrange(len(body) + 1), self.rng.choice(extras))
        return body

    def _unanswered(self, body: list[str]) -> list[str]:
        answers = self.situation.raw["answers"]
        if len(answers) > 1 and self.rng.random() < 0.7:
            one = self.rng.choice(self.rng.choice(answers))
            return [self.rng.choice(self._fitting(self.wordings["openers"])), one, self._thanks()]
        return [self.rng.choice(self.wordings["unanswered"]), self._thanks()]

    def _thanks(self) -> str:
        """A closer that asks nothing."""
        return self.rng.choice([text for text in self.wordings["closers"] if "?" not in text and "？" not in text])

    def _closer(self) -> str:
        return self.rng.choice(self.wordings["closers"])

    def _fitting(self, wordings: list[str]) -> list[str]:
        """Those whose ``[tags]`` hold here and whose slots there are, without the tags."""
        found = []
        for wording in wordings:
            match = re.match(r"\[([a-z_:,]+)\] ", wording)
            text = wording[match.end() :] if match else wording
            if match and not self._tags() & set(match[1].split(",")):
                continue
            if set(_SLOT.findall(text)) <= self.slots.keys():
                found.append(text)
        return found

    def _tags(self) -> set[str]:
        raw = self.situation.raw
        verdict = raw.get("verdict", {})
        outcome = verdict.get("outcome", "none")
        tags = {outcome, f"{outcome}:{verdict.get('action')}", raw.get("order", {}).get("status", "")}
        return tags | ({"order"} if "order" in raw else set()) | ({"product"} if raw.get("products") else set())

    def _filled(self, text: str) -> str:
        return _SLOT.sub(lambda m: self._value(m[1]), text)

    def _value(self, name: str) -> str:
        return worded(self.slots[name], self.situation.language, self.rng) if name in self.slots else f"{{{name}}}"

    def _spoilt(self, whole: str, label: str) -> str | None:
        """The reply with one slot wrongly filled so that it is an error of that kind."""
        places = [match for match in _SLOT.finditer(whole) if match[1] in self.slots]
        self.rng.shuffle(places)
        for place in places:
            slot: Slot = self.slots[place[1]]
            error = wrong(slot, self.situation, self.rng)
            if error is not None and error[0] == label:
                before, after = self._filled(whole[: place.start()]), self._filled(whole[place.end() :])
                return f"{before}⟦{error[1]}⟧{after}"
        return None
