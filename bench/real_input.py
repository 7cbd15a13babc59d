"""Ask the running product real questions, as shoppers would, and approve the drafts, as an operator would.

    python bench/real_input.py [--cases FILE] [--limit N] [--portal URL --shop URL] [--accounts FILE] [--json FILE]

It needs a running demo store (``make run``) and speaks HTTP only. ``--cases`` is a CSV with a column ``text`` (or
``utterance``), and optionally ``locale`` and ``person`` (a demo shopper's id); without ``person`` the shoppers of the
demo store take turns. Prints a table and writes one JSON object. Exit code 1 if anything was lost or doubled.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import statistics
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from portal_client import Operator, Shopper, events_of

ROOT = Path(__file__).resolve().parents[1]
PEOPLE = [f"s-{number:03}" for number in range(1, 17)]


@dataclass
class Case:
    """One utterance and what became of it. Times are seconds after the message was accepted."""

    text: str
    locale: str
    person: str
    accepted: bool = False
    draft: str = ""
    first_draft: float | None = None
    last_candidate: float | None = None
    best_source: str = ""
    violations: list[str] = field(default_factory=list)
    approved: bool = False
    replies_seen: int = 0
    doubles: int = 0
    came_back: bool = False
    error: str = ""


class ConsoleEars:
    """The console's live stream: when each kind of event was first heard of a conversation, or of a draft alone."""

    def __init__(self, operator: Operator) -> None:
        self._operator = operator
        self._heard: dict[tuple[str, str], tuple[float, str]] = {}
        self._news = threading.Condition()
        self._stop = False
        self._open = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()
        if not self._open.wait(20):
            raise RuntimeError("The console's live stream did not open.")

    def _listen(self) -> None:
        while not self._stop:
            try:
                with self._operator.stream() as stream:
                    self._open.set()
                    for _, name, data in events_of(stream.iter_lines()):
                        with self._news:
                            key = (str(data.get("conversation") or data.get("draft", "")), name)
                            self._heard.setdefault(key, (time.monotonic(), str(data.get("draft", ""))))
                            self._news.notify_all()
            except httpx.HTTPError:
                time.sleep(0.3)

    def wait(self, about: str, name: str, *, seconds: float) -> tuple[float, str] | None:
        with self._news:
            self._news.wait_for(lambda: (about, name) in self._heard, timeout=seconds)
            return self._heard.get((about, name))

    def stop(self) -> None:
        self._stop = True


def read_cases(path: Path, limit: int | None) -> list[Case]:
    """Raises ``SystemExit`` with the column that is missing."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    column = next((name for name in ("text", "utterance", "query") if rows and name in rows[0]), None)
    if column is None:
        raise SystemExit(f"{path.name}: a column named text or utterance is needed.")
    cases = []
    for number, row in enumerate(rows[:limit]):
        text = row[column].strip()
        chinese = re.search(r"[\u4e00-\u9fff]", text) is not None
        locale = row.get("locale") or ("zh-hans" if chinese else "en")
        cases.append(Case(text, locale, row.get("person") or PEOPLE[number % len(PEOPLE)]))
    return cases


def run_case(case: Case, ears: ConsoleEars, operator: Operator, options: argparse.Namespace) -> Case:
    try:
        shopper = Shopper(shop=options.shop, portal=options.portal, person=case.person, locale=case.locale)
        shopper.ask(case.text, repeat=True)
        asked = time.monotonic()
        case.accepted = True
        _follow(case, shopper.conversation, asked, ears, options)
        if case.draft:
            _review(case, operator)
        if case.approved:
            _see_the_reply(case, shopper)
        if case.approved and not case.replies_seen:
            # Nothing is sent when the facts moved in the undo window: the draft waits in the queue again and says why.
            case.came_back = "data-approve" in operator.open(case.draft)
        shopper.leave()
    except (httpx.HTTPError, RuntimeError) as error:
        case.error = f"{type(error).__name__}: {error}"[:200]
    return case


def _follow(case: Case, conversation: str, asked: float, ears: ConsoleEars, options: argparse.Namespace) -> None:
    ready = ears.wait(conversation, "draft:ready", seconds=options.patience)
    if ready is None:
        return
    case.first_draft, case.draft = ready[0] - asked, ready[1]
    if options.model:
        added = ears.wait(conversation, "candidate:added", seconds=options.patience)
        if added is not None:
            case.last_candidate = added[0] - asked


def _review(case: Case, operator: Operator) -> None:
    page = operator.open(case.draft)
    tabs = re.findall(r'data-source="([a-z_]+)"[^>]*data-violations="([^"]*)"', page)
    if tabs:
        case.best_source = tabs[0][0]
        case.violations = [kind for _, kinds in tabs for kind in kinds.split() if kind]
    case.approved = operator.approve(case.draft, page) in {200, 302}


def _see_the_reply(case: Case, shopper: Shopper) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and not (replies := shopper.replies()):
        time.sleep(0.5)
    case.replies_seen = len(replies)
    case.doubles = max(0, len(replies) - 1) + shopper.copies


def spread(values: list[float]) -> dict[str, float | None]:
    """Median and 95th percentile, in seconds."""
    if not values:
        return {"p50": None, "p95": None}
    ordered = sorted(values)
    return {"p50": round(statistics.median(ordered), 3), "p95": round(ordered[int(0.95 * (len(ordered) - 1))], 3)}


def summary(cases: list[Case], seconds: float) -> dict[str, Any]:
    accepted = [case for case in cases if case.accepted]
    drafted = [case for case in accepted if case.draft]
    approved = [case for case in drafted if case.approved]
    kinds = Counter(kind for case in drafted for kind in case.violations)
    best = [case.best_source for case in drafted if case.best_source]
    return {
        "cases": len(cases),
        "messages_accepted": len(accepted),
        "drafts_made": len(drafted),
        "seconds_to_first_draft": spread([c.first_draft for c in drafted if c.first_draft is not None]),
        "seconds_to_last_candidate": spread([c.last_candidate for c in drafted if c.last_candidate is not None]),
        "best_from_language_model": round(best.count("language_model") / len(best), 3) if best else None,
        "guard_blocks": dict(kinds.most_common()),
        "approved": len(approved),
        "replies_seen": sum(case.replies_seen > 0 for case in approved),
        "came_back": sum(case.came_back for case in approved),
        "losses": len(accepted)
        - len(drafted)
        + sum(case.replies_seen == 0 and not case.came_back for case in approved),
        "doubles": sum(case.doubles for case in cases),
        "errors": [f"{case.text[:40]}: {case.error}" for case in cases if case.error],
        "not_approved": [case.text[:60] for case in drafted if not case.approved],
        "seconds": round(seconds, 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--cases", type=Path, default=Path(__file__).with_name("cases.csv"))
    parser.add_argument("--limit", type=int)
    parser.add_argument("--portal", default="http://127.0.0.1:8000")
    parser.add_argument("--shop", default="http://127.0.0.1:8001")
    parser.add_argument("--accounts", type=Path, default=ROOT / "var" / "demo-accounts.json")
    parser.add_argument("--merchant", default="fernhill")
    parser.add_argument("--at-once", type=int, default=4, help="conversations at the same time")
    parser.add_argument("--patience", type=float, default=180, help="seconds to wait for a draft")
    parser.add_argument("--no-model", dest="model", action="store_false", help="do not wait for the language model")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    cases = read_cases(options.cases, options.limit)
    accounts = json.loads(options.accounts.read_text(encoding="utf-8"))
    account = next(
        a for a in accounts if a["role"] == "admin" and a.get("merchant", options.merchant) == options.merchant
    )
    operator = Operator(
        portal=options.portal, email=account["email"], password=account["password"], merchant=options.merchant
    )
    ears = ConsoleEars(operator)
    started = time.monotonic()
    with ThreadPoolExecutor(options.at_once) as pool:
        for number, case in enumerate(pool.map(lambda c: run_case(c, ears, operator, options), cases), start=1):
            mark = "ok" if case.replies_seen == 1 else (case.error or ("no draft" if not case.draft else "no reply"))
            print(
                f"{number:>4}/{len(cases)}  {case.first_draft or 0:6.2f} s  {mark:<10} {case.text[:70]}",
                file=sys.stderr,
            )
    ears.stop()
    figures = summary(cases, time.monotonic() - started)
    for key, value in figures.items():
        print(f"{key:<28} {value}")
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 1 if figures["losses"] or figures["doubles"] else 0


if __name__ == "__main__":
    sys.exit(main())
