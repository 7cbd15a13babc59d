"""``python -m bench.guard [--seed N] [--half HALF] [--misses LABEL]``: planted errors caught, true replies let through.

An error is caught when something that blocks is found where it was planted; an unanswered question when it is marked.
A table in Markdown is printed: for each half the hand-written and the generated cases, per kind and language.
``--misses`` prints what went wrong with that label instead (``all`` for every label).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable

from bench.guard.planting import KINDS, generated
from bench.guard.situations import Case, hand_written
from bots.guard.check import Guard
from bots.types import Violation

SEED = 20261124


def found(case: Case) -> tuple[Violation, ...]:
    return Guard.of(case.situation.request).check(case.reply)


def is_right(case: Case, violations: tuple[Violation, ...]) -> bool:
    """A true reply that nothing blocks, or an error that is caught."""
    blocking = [violation for violation in violations if violation.blocks]
    if case.label == "true":
        return not blocking
    if case.label == "unanswered":
        return any(violation.kind == "unanswered" for violation in violations)
    return any(v.start < end and start < v.end for v in blocking for start, end in case.spans)


def _share(cases: list[Case], right: dict[int, bool]) -> str:
    return f"{sum(right[id(case)] for case in cases) / len(cases):.3f} of {len(cases)}" if cases else "–"


def table(cases: list[Case], right: dict[int, bool]) -> str:
    """One row a kind; the true replies last, as the share that is *not* blocked."""
    columns: list[tuple[str, Callable[[Case], bool]]] = [
        ("by hand, en", lambda case: case.by_hand and case.situation.language == "en"),
        ("by hand, zh", lambda case: case.by_hand and case.situation.language != "en"),
        ("generated, en", lambda case: not case.by_hand and case.situation.language == "en"),
        ("generated, zh", lambda case: not case.by_hand and case.situation.language != "en"),
        ("all", lambda case: True),
    ]
    rows = [("| kind |" + "".join(f" {name} |" for name, _ in columns)), "|---" * (len(columns) + 1) + "|"]
    groups = [(kind, [case for case in cases if case.label == kind]) for kind in KINDS]
    groups.append(("**all errors**", [case for case in cases if case.label != "true"]))
    groups.append(("**true replies not blocked**", [case for case in cases if case.label == "true"]))
    for name, group in groups:
        cells = [_share([case for case in group if wanted(case)], right) for _, wanted in columns]
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--half", choices=["dev", "held_out", "unseen"])
    parser.add_argument("--misses")
    options = parser.parse_args()
    cases = [*hand_written(), *generated(options.seed)]
    by_half = defaultdict(list)
    for case in cases:
        by_half[case.situation.half].append(case)
    for half, group in by_half.items():
        if options.half in {None, half}:
            _report(half, group, options.misses)


def _report(half: str, cases: list[Case], misses: str | None) -> None:
    right, seconds = {}, []
    for case in cases:
        guard = Guard.of(case.situation.request)
        started = time.perf_counter()
        violations = guard.check(case.reply)
        seconds.append(time.perf_counter() - started)
        right[id(case)] = is_right(case, violations)
        if misses in {"all", case.label} and not right[id(case)]:
            planted = " ".join(case.reply[start:end] for start, end in case.spans)
            told = [(violation.kind, violation.text) for violation in violations]
            print(f"{case.situation.id} | {case.label} | {planted} | {case.reply} | {told}")
    if misses is None:
        print(f"\n### {half}: {len(cases)} replies, {sum(case.by_hand for case in cases)} of them by hand\n")
        print(table(cases, right))
        slowest = sorted(seconds)[-len(seconds) // 100]
        print(f"\n{statistics.median(seconds) * 1000:.2f} ms a reply, {slowest * 1000:.2f} ms at most for 99 %")
        marked = [case for case in cases if case.label == "true" and found(case)]
        print(f"{len(marked)} true replies marked or blocked")


if __name__ == "__main__":
    main()
