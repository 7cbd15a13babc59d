"""``evaluate drafts``: replies to conversations, made as for a shopper of such a store, on a database of its own."""

from __future__ import annotations

import json
import unicodedata
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from django.db import transaction
from django.test.utils import override_settings

from bots.expressions.folding import cjk_count, latin_count
from bots.types import INTENTS, Candidate
from cs_portal.conversations.models import Author, Conversation, Message
from cs_portal.core.tenancy import scope
from cs_portal.drafting import engine
from cs_portal.drafting.prepare import Prepared, prepare
from cs_portal.learning.evaluation.files import BadFile, read_json_lines, write_json_lines
from cs_portal.learning.evaluation.measures import percentile, rate
from cs_portal.learning.evaluation.private_database import private_database
from cs_portal.learning.evaluation.stores import KEYS_OF_A_STORE, LOCALES, BadStore, Store, moment_of, open_store

HELP = "Draft replies to conversations with shoppers of a store and compare with what they have to say."
OUTCOMES = ("allow", "deny", "escalate", "ask", "none", "handover")
MAX_FAILURES = 50
AUTHORS = tuple(Author.values)
#: Every check that a case has to pass, in the order of the figures.
CHECKS = ("intent", "outcome", "grounded", "complete", "clean", "language")


@dataclass(frozen=True, slots=True)
class Expected:
    """What is ``None`` or empty is not compared."""

    intent: str | None
    outcome: str | None
    language: str | None
    faq_id: str | None
    must_include: tuple[str, ...]
    must_include_any: tuple[tuple[str, ...], ...]
    must_not_include: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DraftCase:
    id: Any
    line: int
    locale: str
    now: datetime
    store: Mapping[str, Any]
    messages: tuple[Mapping[str, Any], ...]
    expected: Expected


@dataclass(frozen=True, slots=True)
class Drafted:
    """The best candidate and the others, best first; ``seconds`` from the message to the last of them."""

    candidates: tuple[Candidate, ...]
    intent: str
    outcome: str
    faq_id: str | None
    verdict: Mapping[str, Any] | None
    evidence: Sequence[Any]
    seconds: float

    @property
    def best(self) -> Candidate:
        return self.candidates[0]


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether each check holds, ``None`` where nothing was expected, and what was missing or forbidden."""

    checks: Mapping[str, bool | None]
    missing: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = field(default=())

    @property
    def passed(self) -> bool:
        return False not in self.checks.values()


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--cases", required=True, type=Path, help="cases, one JSON object a line")
    parser.add_argument(
        "--backend",
        metavar="NAME",
        help="a language model (folder or name), or none for the composer alone; else as in production",
    )


def measure(options: Mapping[str, Any], progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Raises `BadFile`. The keys are those of `docs/evaluation.md`."""
    cases = read_cases(options["cases"])
    backend = options.get("backend")
    chosen = {} if backend is None else {"LANGUAGE_MODEL": backend, "LANGUAGE_MODEL_ADAPTER": ""}
    drafted: list[Drafted] = []
    with override_settings(**chosen), private_database():
        stores: dict[str, Store] = {}
        for number, case in enumerate(cases, 1):
            store = store_of(case, stores, options["cases"])
            with scope(merchant=store.merchant):
                drafted.append(draft_case(case, store))
            progress(number, len(cases))
    judged = [judge(case.expected, each) for case, each in zip(cases, drafted, strict=True)]
    if options.get("predictions"):
        write_json_lines(options["predictions"], (_prediction(*pair) for pair in zip(cases, drafted, strict=True)))
    return scores(cases, drafted, judged)


def draft_case(case: DraftCase, store: Store) -> Drafted:
    """What a shopper of ``store`` would get, by the steps of :mod:`cs_portal.drafting.services.create`."""
    message = conversation_of(case, store)
    started = perf_counter()
    prepared = prepare(message, now=case.now)
    candidates = [engine.compose(prepared.request)]
    if engine.has_language_model():
        candidates += engine.generate(prepared.request)[0]
        candidates = list(engine.judge(prepared.request, candidates))
    ranked = engine.rank(candidates)
    seconds = perf_counter() - started
    return Drafted(
        candidates=ranked,
        intent=prepared.understanding.intent.name,
        outcome=outcome_of(prepared),
        faq_id=_quoted_faq(ranked[0], prepared, store),
        verdict=prepared.standing_verdict,
        evidence=prepared.evidence,
        seconds=seconds,
    )


def outcome_of(prepared: Prepared) -> str:
    """The verdict's, or ``handover`` for a person that was asked for, or ``none``.

    A wish that cannot be decided before the shopper says which order is meant is one that is asked back.
    """
    understanding = prepared.understanding
    if understanding.injection:
        return "none"
    if understanding.wants_person:
        return "handover"
    if prepared.standing_verdict is not None:
        return str(prepared.standing_verdict["outcome"])
    waits_for_order = understanding.requested_action not in {None, "place_order"} and prepared.order is None
    return "ask" if waits_for_order else "none"


def judge(expected: Expected, drafted: Drafted) -> Judged:
    reply = folded(drafted.best.text)
    missing = [each for each in expected.must_include if folded(each) not in reply]
    missing += [
        " | ".join(group) for group in expected.must_include_any if not any(folded(each) in reply for each in group)
    ]
    forbidden = [each for each in expected.must_not_include if folded(each) in reply]
    return Judged(
        {
            "intent": None if expected.intent is None else drafted.intent == expected.intent,
            "outcome": None if expected.outcome is None else drafted.outcome == expected.outcome,
            "grounded": drafted.best.supported,
            "complete": not missing,
            "clean": not forbidden,
            "language": None if expected.language is None else _is_in(drafted.best.text, expected.language),
        },
        tuple(missing),
        tuple(forbidden),
    )


def scores(cases: Sequence[DraftCase], drafted: Sequence[Drafted], judged: Sequence[Judged]) -> dict[str, Any]:
    def share(check: str) -> float | None:
        found = [each.checks[check] for each in judged if each.checks[check] is not None]
        return rate(sum(map(bool, found)), len(found))

    wanted = [(case.expected.faq_id, each.faq_id) for case, each in zip(cases, drafted, strict=True)]
    answered = [want == got for want, got in wanted if want is not None]
    seconds = [each.seconds for each in drafted]
    written = [each for one in drafted for each in one.candidates if each.source == "language_model"]
    # Candidates of one call share its time.
    spent = sum(max(each.seconds for each in one.candidates) for one in drafted)
    return {
        "n": len(cases),
        "intent_accuracy": share("intent"),
        "outcome_accuracy": share("outcome"),
        **{f"{check}_rate": share(check) for check in CHECKS[2:]},
        "faq_accuracy": rate(sum(answered), len(answered)),
        "passed": rate(sum(each.passed for each in judged), len(judged)),
        "llm_best_rate": rate(sum(each.best.source == "language_model" for each in drafted), len(drafted)),
        "seconds_p50": percentile(seconds, 50),
        "seconds_p95": percentile(seconds, 95),
        "tokens_per_second": round(sum(each.tokens for each in written) / spent, 1) if written else None,
        "failures": [
            _failure(case, each, verdict)
            for case, each, verdict in zip(cases, drafted, judged, strict=True)
            if not verdict.passed
        ][:MAX_FAILURES],
    }


def folded(text: str) -> str:
    """As strings are compared: NFKC, case-folded, white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _is_in(text: str, language: str) -> bool:
    """By script: a Chinese reply may hold Latin names, an English one no more than a few Chinese characters."""
    chinese = cjk_count(text) * 3 > latin_count(text)
    return chinese == (language == "zh-hans")


def store_of(case: DraftCase, stores: dict[str, Store], path: Path) -> Store:
    key = json.dumps([case.store, str(case.now.utcoffset())], sort_keys=True)
    if key not in stores:
        try:
            with transaction.atomic():
                stores[key] = open_store({**case.store, "now": case.now.isoformat()}, slug=f"case-{len(stores) + 1}")
        except BadStore as error:
            raise BadFile(path, str(error), case.line) from None
    return stores[key]


def conversation_of(case: DraftCase, store: Store) -> Message:
    """The rows of a conversation that took place just now; its last message."""
    begun = case.now - timedelta(minutes=len(case.messages))
    conversation = Conversation.objects.create(
        storefront=store.storefront,
        shopper=store.shopper or store.stranger(case.now),
        locale=case.locale,
        created_at=begun,
        last_message_at=case.now,
    )
    rows = [
        Message.objects.create(
            conversation=conversation,
            author=each["author"],
            text=each["text"],
            attachments=list(each.get("attachments") or []),
            created_at=begun + timedelta(minutes=number),
        )
        for number, each in enumerate(case.messages, 1)
    ]
    return rows[-1]


def _quoted_faq(best: Candidate, prepared: Prepared, store: Store) -> str | None:
    """The FAQ that the reply rests on, else the best that was found for it."""
    cited = [link.evidence.split(":")[1] for link in best.links if link.evidence.startswith("faq:")]
    used = [hit.entry.id for hit in prepared.request.answers]
    return next((store.faqs[each] for each in [*cited, *used] if each in store.faqs), None)


def _prediction(case: DraftCase, drafted: Drafted) -> dict[str, Any]:
    best = drafted.best
    return {
        "id": case.id,
        "reply": best.text,
        "source": best.source,
        "intent": drafted.intent,
        "faq_id": drafted.faq_id,
        "verdict": drafted.verdict,
        "evidence": drafted.evidence,
        "seconds": round(drafted.seconds, 4),
        "candidates": [
            {
                "text": each.text,
                "source": each.source,
                "model": each.model,
                "score": round(each.score, 6),
                "violations": [{"kind": v.kind, "text": v.text} for v in each.violations],
            }
            for each in drafted.candidates
        ],
    }


def _failure(case: DraftCase, drafted: Drafted, judged: Judged) -> dict[str, Any]:
    return {
        "id": case.id,
        "failed": [name for name, held in judged.checks.items() if held is False],
        "intent": drafted.intent,
        "outcome": drafted.outcome,
        "missing": list(judged.missing),
        "forbidden": list(judged.forbidden),
        "unsupported": [f"{each.kind}: {each.text}" for each in drafted.best.violations],
        "reply": drafted.best.text,
    }


# --- reading ----------------------------------------------------------------------------------------------------------


def read_cases(path: Path) -> list[DraftCase]:
    return [_case(path, line, value) for line, value in read_json_lines(path)]


def _case(path: Path, line: int, value: Any) -> DraftCase:
    if not isinstance(value, dict) or value.get("id") is None:
        raise BadFile(path, "must be an object with an id", line)
    if value.get("locale") not in LOCALES:
        raise BadFile(path, f"locale: must be one of {', '.join(LOCALES)}", line)
    try:
        now = moment_of(value)
    except BadStore as error:
        raise BadFile(path, str(error), line) from None
    return DraftCase(
        id=value["id"],
        line=line,
        locale=value["locale"],
        now=now,
        store={key: value.get(key) for key in KEYS_OF_A_STORE},
        messages=_messages(path, line, value.get("messages")),
        expected=_expected(path, line, value.get("expected")),
    )


def _messages(path: Path, line: int, given: Any) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(given, list) or not given:
        raise BadFile(path, "messages: must be a list with at least one message", line)
    for number, each in enumerate(given):
        where = f"messages.{number}"
        if not isinstance(each, dict) or not isinstance(each.get("text"), str):
            raise BadFile(path, f"{where}.text: must be a text", line)
        if each.get("author") not in AUTHORS:
            raise BadFile(path, f"{where}.author: must be one of {', '.join(AUTHORS)}", line)
        if not _are_texts(each.get("attachments") or []):
            raise BadFile(path, f"{where}.attachments: must be a list of texts", line)
    if given[-1]["author"] != Author.SHOPPER:
        raise BadFile(path, "messages: the last one must be the shopper's", line)
    return tuple(given)


def _expected(path: Path, line: int, given: Any) -> Expected:
    data = {} if given is None else given
    if not isinstance(data, dict):
        raise BadFile(path, "expected: must be an object", line)
    for key, known in (("intent", INTENTS), ("outcome", OUTCOMES), ("language", LOCALES)):
        if data.get(key) is not None and data[key] not in known:
            raise BadFile(path, f"expected.{key}: must be one of {', '.join(known)}", line)
    groups = data.get("must_include_any") or []
    if not isinstance(groups, list) or not all(_are_texts(group) and group for group in groups):
        raise BadFile(path, "expected.must_include_any: must be a list of lists of texts", line)
    for key in ("must_include", "must_not_include"):
        if not _are_texts(data.get(key) or []):
            raise BadFile(path, f"expected.{key}: must be a list of texts", line)
    return Expected(
        intent=data.get("intent"),
        outcome=data.get("outcome"),
        language=data.get("language"),
        faq_id=data.get("faq_id") or None,
        must_include=tuple(data.get("must_include") or ()),
        must_include_any=tuple(tuple(group) for group in groups),
        must_not_include=tuple(data.get("must_not_include") or ()),
    )


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
