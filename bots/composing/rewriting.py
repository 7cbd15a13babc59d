"""A language model rewrites a reply as asked, or translates a shopper's message. Both are masked on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, get_args

from bots.backends.base import GarbledAnswer, Generation, LanguageModel
from bots.composing.drafting import cleaned
from bots.composing.linking import link_sentences
from bots.composing.prompts.builder import MaskedPrompt, facts_of, fenced, masker_of
from bots.composing.ranking import scores
from bots.composing.signals import SignalReader
from bots.guard.check import Guard
from bots.types import Candidate, ComposeRequest, Language, PersonalValues

Wish = Literal["brief", "warm", "formal", "en", "zh-hans"]
WISHES: tuple[Wish, ...] = get_args(Wish)
#: Recorded with what was made; a new wording of the prompts gets a new version.
REWORD, TRANSLATE = "reword_v1", "translate_v1"

_WISHES: Mapping[Language, Mapping[Wish, str]] = {
    "en": {
        "brief": "Make it shorter: leave out what the shopper does not need.",
        "warm": "Make it warmer: friendly and understanding, without exaggerating.",
        "formal": "Make it more formal: courteous and without contractions.",
        "en": "Translate it into English.",
        "zh-hans": "Translate it into English.",
    },
    "zh-hans": {
        "brief": "写得更简短：去掉顾客不需要的内容。",
        "warm": "写得更亲切：友好、体谅，但不夸张。",
        "formal": "写得更正式：礼貌得体，称呼用“您”。",
        "en": "翻译成简体中文。",
        "zh-hans": "翻译成简体中文。",
    },
}
_LABELS: Mapping[Language, Mapping[str, str]] = {
    "en": {"reply": "Reply to rewrite", "reword": "The rewritten reply:", "translate": "The translation:"},
    "zh-hans": {"reply": "待改写的回复", "reword": "改写后的回复：", "translate": "译文："},
}


def as_wish(name: str) -> Wish:
    """The wish of that name; ``ValueError`` for any other."""
    for wish in WISHES:
        if wish == name:
            return wish
    raise ValueError(f"{name!r} is not one of {', '.join(WISHES)}")


@dataclass(frozen=True, slots=True)
class Translation:
    text: str
    model: str


def rewording_prompt(request: ComposeRequest, text: str, wish: Wish) -> MaskedPrompt:
    """In the language of ``request``, which is the one that the reply shall have."""
    labels = _LABELS[request.language]
    said = (*(turn.text for turn in request.turns), text)
    masker = masker_of(request.personal, said, today=request.now.date())
    sections = [*facts_of(request), f"{labels['reply']}:\n{text}"]
    return fenced(
        REWORD,
        request.language,
        sections,
        masker,
        ask=labels["reword"],
        seed=request.seed,
        store=request.store_name,
        wish=_WISHES[request.language][wish],
    )


def reword(
    backend: LanguageModel,
    request: ComposeRequest,
    text: str,
    *,
    wish: Wish,
    max_new_tokens: int,
    deadline_seconds: float | None,
) -> Candidate:
    """``text`` as wished, checked against the evidence of ``request``. Raises what the backend raises."""
    masked = rewording_prompt(request, text, wish)
    made = _one(backend, masked, max_new_tokens, request.seed, deadline_seconds)
    said = _restored(masked, made)
    candidate = Candidate(
        text=said,
        source="language_model",
        model=f"{backend.name}+{REWORD}",
        score=0.0,
        links=link_sentences(said, request),
        violations=Guard.of(request).check(said),
        log_probability=made.log_probability,
        tokens=made.tokens,
        seconds=made.seconds,
    )
    signals = SignalReader(request).read(candidate)
    return replace(candidate, signals=signals, score=scores([signals])[0])


def translate(
    backend: LanguageModel,
    text: str,
    *,
    language: Language,
    personal: PersonalValues,
    today: date,
    max_new_tokens: int,
    deadline_seconds: float | None,
) -> Translation:
    """A shopper's message in ``language``. Raises what the backend raises."""
    masker = masker_of(personal, [text], today=today)
    masked = fenced(TRANSLATE, language, [text], masker, ask=_LABELS[language]["translate"], seed=0)
    made = _one(backend, masked, max_new_tokens, 0, deadline_seconds)
    return Translation(_restored(masked, made), f"{backend.name}+{TRANSLATE}")


def _one(
    backend: LanguageModel, masked: MaskedPrompt, max_new_tokens: int, seed: int, deadline_seconds: float | None
) -> Generation:
    made = backend.generate(
        masked.prompt, n=1, max_new_tokens=max_new_tokens, seed=seed, deadline_seconds=deadline_seconds
    )
    if not made or not made[0].finished:
        raise GarbledAnswer(f"{backend.name} did not finish.")
    return made[0]


def _restored(masked: MaskedPrompt, made: Generation) -> str:
    text, _unknown = masked.masker.restore(cleaned(made.text))
    if not text:
        raise GarbledAnswer("The model wrote nothing.")
    return text
