"""Utterances that teach the intents, one TOML file per language, and what an attempt to command the bot sounds like."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files

from bots.types import INTENTS, LANGUAGES, Language


@dataclass(frozen=True, slots=True)
class Exemplar:
    text: str
    intent: str
    language: Language


def load_injection_exemplars() -> tuple[tuple[str, bool], ...]:
    """Messages of both languages, each with whether it tries to command the bot; the intents' own utterances do not."""
    table = tomllib.loads(files(__package__).joinpath("injection.toml").read_text(encoding="utf-8"))
    found = [(line, label == "attack") for label in ("attack", "benign") for line in table[label].splitlines() if line]
    return tuple(found) + tuple((each.text, False) for each in load_exemplars())


def load_exemplars() -> tuple[Exemplar, ...]:
    """All exemplars in a fixed order; ``ValueError`` when a file names an intent that is none."""
    found = []
    for language in LANGUAGES:
        table = tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text(encoding="utf-8"))
        if set(table) != set(INTENTS):
            raise ValueError(f"{language}.toml must hold every intent once and no other name")
        for intent in INTENTS:
            lines = filter(None, (line.strip() for line in table[intent].splitlines()))
            found += [Exemplar(line, intent, language) for line in lines]
    return tuple(found)
