"""A run of the regression set: every case asked as a shopper's message is, of what is live and of what would be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bots.retrieval.index import FaqIndex
from bots.types import FaqEntry, Turn, as_language
from cs_portal.commerce.selectors import active_products
from cs_portal.core.jobs import Lease
from cs_portal.core.tenancy import current_merchant
from cs_portal.drafting import engine
from cs_portal.knowledge.models import RegressionCase, RegressionResult, RegressionRun, RunKind
from cs_portal.knowledge.regression import LOOKED_AT, Outcome, outcome_of
from cs_portal.knowledge.retrieval import answers, entries, index, index_of, working_entries
from cs_portal.knowledge.services.regression_runs import begin, cases_left, finish, keep_results, result_of

#: Cases between two signs of progress.
CHUNK = 20


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the cases are asked of. ``before`` is ``None`` in a run over what is live."""

    before: FaqIndex | None
    after: FaqIndex
    #: Ids of the FAQs that ``after`` holds: a case that expects another one cannot be asked.
    held: frozenset[str]
    titles: Sequence[str]
    timezone: str


def run_regression(*, lease: Lease, run_id: int, clock: Callable[[], datetime]) -> None:
    """Ask what is left and finish the job. A worker that was killed is followed by one that goes on where it was."""
    run = begin(run_id, now=clock())
    if run is not None:
        asked = _asked(run)
        while cases := cases_left(run, limit=CHUNK):
            results = [_result(run, case, asked, clock()) for case in cases]
            keep_results(lease=lease, run=run, results=results, clock=clock())
    finish(lease=lease, run_id=run_id, now=clock())


def _asked(run: RegressionRun) -> _Asked:
    bot, live = engine.bot(), entries()
    # Learned from, both of them: what was learned of one only would look like the change.
    before = after = index(bot=bot, wait=True)
    if run.kind == RunKind.PUBLISHING:
        live = _published(live, {change["faq"] for change in run.changes})
        after = index_of(live, bot=bot)
    return _Asked(
        before=before if run.kind == RunKind.PUBLISHING else None,
        after=after,
        held=frozenset(entry.id for entry in live),
        titles=[f"{each.title_en} {each.title_zh}" for each in active_products()],
        timezone=current_merchant().timezone,
    )


def _published(live: Sequence[FaqEntry], changed: set[str]) -> list[FaqEntry]:
    """What would be live: the newest revisions of the changed FAQs in place of what is served of them."""
    return [
        *(entry for entry in live if entry.id not in changed),
        *(entry for entry in working_entries() if entry.id in changed),
    ]


def _result(run: RegressionRun, case: RegressionCase, asked: _Asked, now: datetime) -> RegressionResult:
    expected = str(case.faq.public_id) if case.faq else None
    bot = engine.bot()
    understanding = bot.understand((Turn("shopper", case.question),), now=now, timezone=asked.timezone)
    language = as_language(understanding.language)

    def outcome(among: FaqIndex) -> Outcome:
        hits = answers(understanding, bot=bot, among=among, titles=asked.titles, k=LOOKED_AT)
        return outcome_of(hits, expected, language=language)

    return result_of(
        run,
        case,
        before=outcome(asked.before) if asked.before is not None else None,
        after=outcome(asked.after),
        counts=expected is None or expected in asked.held,
    )
