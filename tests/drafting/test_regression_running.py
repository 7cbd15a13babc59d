"""Runs of the regression set: the search that shoppers get, over what is live and over what would be."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cs_portal.core.models import Job
from cs_portal.core.workers import run_due
from cs_portal.drafting.services import regression_running
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.models import Change, Faq, RegressionCase, RegressionResult, RegressionRun
from cs_portal.knowledge.regression_selectors import changed_results, results_of
from cs_portal.knowledge.selectors import faq_with_texts, working_copy
from cs_portal.knowledge.services.editing import create_faq, edit_faq
from cs_portal.knowledge.services.lifecycle import archive_faq, publish_faq
from cs_portal.knowledge.services.regression_cases import add_case, change_case, remove_cases
from cs_portal.knowledge.services.regression_runs import publish_run, start_check, start_run
from tests.drafting.conftest import Desk

ABROAD, TOWELS = "Do you ship abroad?", "How do I wash the towels?"


def faq(desk: Desk, question: str, *, publish: bool = True, answer: str = "Yes.") -> Faq:
    content = FaqContent({"en": LocaleText(question, answer)})
    return create_faq(by=desk.olaf, content=content, publish=publish, now=desk.draft.created_at).faq


def edited(desk: Desk, row: Faq, question: str, phrasings: tuple[str, ...] = ()) -> Faq:
    content = FaqContent({"en": LocaleText(question, "Yes.", phrasings)})
    now = desk.draft.created_at
    return edit_faq(faq_id=row.public_id, by=desk.olaf, seen=row.latest, content=content, now=now).faq


def case(desk: Desk, question: str, expected: Faq | None) -> RegressionCase:
    faq_id = expected.public_id if expected else None
    return add_case(question=question, faq_id=faq_id, by=desk.olaf, now=desk.draft.created_at)


def ran(run: RegressionRun | None, queue: str = "fast") -> RegressionRun:
    assert run is not None
    run_due([queue], keep=False)
    run.refresh_from_db()
    return run


def checked(desk: Desk, *faqs: Faq) -> RegressionRun:
    run, _left = start_check(faq_ids=[each.public_id for each in faqs], by=desk.olaf, now=desk.draft.created_at)
    return ran(run)


def test_a_run_over_what_is_live_counts_what_was_found(desk: Desk) -> None:
    abroad, towels = faq(desk, ABROAD), faq(desk, TOWELS)
    good, bad = case(desk, ABROAD + "!", abroad), case(desk, "wash the towels how do I", abroad)
    refused, answered = case(desk, "Who won the cup?", None), case(desk, TOWELS + "?", None)
    run = ran(start_run(by=desk.olaf, now=desk.draft.created_at))
    assert (run.state, run.total, run.done) == ("done", 4, 4)
    assert run.figures == {
        "after": {"expected": 2, "top1": 1, "top3": 2, "nothing": 2, "refused": 1, "passed": 2},
        "before": None,
        "better": 0,
        "worse": 0,
        "skipped": 0,
    }
    found = {r.case_id: (r.passed, r.before, r.after["rank"], r.after["found"]) for r in results_of(run)}
    assert found[good.pk] == (True, None, 1, str(abroad.public_id))
    assert found[bad.pk] == (False, None, 2, str(towels.public_id))
    assert found[answered.pk][:3] == (False, None, None)
    passed = dict(RegressionCase.objects.values_list("pk", "passed"))
    assert passed == {good.pk: True, bad.pk: False, refused.pk: True, answered.pk: False}


def test_publishing_is_tried_before_it_is_done(desk: Desk) -> None:
    abroad, towels = faq(desk, ABROAD), faq(desk, TOWELS)
    worse, same = case(desk, "do you ship abroad", abroad), case(desk, "how do I wash the towels", towels)
    better = case(desk, "May I send parcels to Spain", abroad)
    changed = edited(desk, abroad, "Can parcels be sent overseas?", ("May I send parcels to Spain",))
    run = checked(desk, changed)
    assert [r.case_id for r in changed_results(run, Change.WORSE)] == [worse.pk]
    assert [r.case_id for r in changed_results(run, Change.BETTER)] == [better.pk]
    assert (run.figures["worse"], run.figures["better"]) == (1, 1)
    assert run.figures["before"]["passed"] == 2
    assert run.figures["after"]["passed"] == 2
    assert run.changes == [{"faq": str(abroad.public_id), "revision": 2}]
    live = faq_with_texts(abroad.public_id)
    assert (live.revision, live.latest) == (1, 2)
    assert set(RegressionCase.objects.values_list("passed", flat=True)) == {None}

    result = publish_run(run_id=run.public_id, by=desk.olaf, now=desk.draft.created_at)
    assert (result.changed, result.refused) == (1, ())
    live = faq_with_texts(abroad.public_id)
    assert (live.revision, live.latest, live.state) == (3, 3, "published")
    assert dict(RegressionCase.objects.values_list("pk", "passed")) == {worse.pk: False, same.pk: True, better.pk: True}


def test_a_new_faq_makes_its_case_better(desk: Desk) -> None:
    faq(desk, ABROAD)
    draft = faq(desk, TOWELS, publish=False)
    case(desk, "how do I wash the towels", draft)
    live = ran(start_run(by=desk.olaf, now=desk.draft.created_at))
    assert (live.figures["after"]["expected"], live.figures["skipped"]) == (0, 1)
    run = checked(desk, draft)
    assert (run.figures["better"], run.figures["worse"], run.figures["skipped"]) == (1, 0, 0)


def test_a_case_whose_faq_is_archived_is_not_asked(desk: Desk) -> None:
    abroad, towels = faq(desk, ABROAD), faq(desk, TOWELS)
    gone, stays = case(desk, "ship abroad?", abroad), case(desk, "wash the towels", towels)
    ran(start_run(by=desk.olaf, now=desk.draft.created_at))
    assert dict(RegressionCase.objects.values_list("pk", "passed")) == {gone.pk: True, stays.pk: True}
    archive_faq(faq_id=abroad.public_id, by=desk.olaf, seen=1, now=desk.draft.created_at)
    run = ran(start_run(by=desk.olaf, now=desk.draft.created_at))
    assert (run.figures["after"]["expected"], run.figures["skipped"]) == (1, 1)
    assert dict(RegressionCase.objects.values_list("pk", "passed")) == {gone.pk: None, stays.pk: True}


def test_nothing_is_asked_where_a_search_would_notice_nothing(desk: Desk) -> None:
    abroad = faq(desk, ABROAD)
    now = desk.draft.created_at
    moved = FaqContent({"en": LocaleText(ABROAD, "Yes.")}, "delivery")
    edit_faq(faq_id=abroad.public_id, by=desk.olaf, seen=1, content=moved, now=now)
    assert start_check(faq_ids=[abroad.public_id], by=desk.olaf, now=now)[0] is None  # no case at all
    case(desk, "ship abroad?", abroad)
    assert start_check(faq_ids=[abroad.public_id], by=desk.olaf, now=now)[0] is None  # the category only
    assert Job.objects.filter(kind="run_regression").count() == 0


def test_what_was_changed_since_is_not_published_unseen(desk: Desk) -> None:
    abroad, towels = faq(desk, ABROAD), faq(desk, TOWELS, publish=False)
    case(desk, "ship abroad?", abroad)
    run = checked(desk, edited(desk, abroad, "Overseas?"), towels)
    edited(desk, faq_with_texts(abroad.public_id), "Somewhere else?")
    result = publish_run(run_id=run.public_id, by=desk.olaf, now=desk.draft.created_at)
    assert result.changed == 1
    assert [title for title, _reason in result.refused] == ["Somewhere else?"]
    assert faq_with_texts(abroad.public_id).revision == 1
    assert faq_with_texts(towels.public_id).state == "published"


def test_nothing_of_a_run_stands_when_nothing_could_be_published(desk: Desk) -> None:
    abroad = faq(desk, ABROAD)
    case(desk, "ship abroad?", abroad)
    run = checked(desk, edited(desk, abroad, "Overseas?"))
    publish_faq(faq_id=abroad.public_id, by=desk.olaf, seen=2, now=desk.draft.created_at)
    edited(desk, faq_with_texts(abroad.public_id), "Somewhere else?")
    assert publish_run(run_id=run.public_id, by=desk.olaf, now=desk.draft.created_at).changed == 0
    run.refresh_from_db()
    assert run.published_at is None


def test_an_incomplete_faq_is_named_and_left_out(desk: Desk) -> None:
    abroad, empty = faq(desk, ABROAD), faq(desk, "No answer yet?", publish=False, answer="")
    case(desk, "ship abroad?", abroad)
    ids = [edited(desk, abroad, "Overseas?").public_id, empty.public_id]
    run, left = start_check(faq_ids=ids, by=desk.olaf, now=desk.draft.created_at)
    assert run is not None
    assert [change["faq"] for change in run.changes] == [str(abroad.public_id)]
    assert [title for title, _reason in left.refused] == ["No answer yet?"]


def test_a_run_that_was_killed_goes_on_where_it_was(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    abroad = faq(desk, ABROAD)
    for number in range(5):
        case(desk, f"ship abroad {number}?", abroad)
    run = start_run(by=desk.olaf, now=desk.draft.created_at)
    kept, asked = regression_running.keep_results, []

    def dies(**given: object) -> None:
        kept(**given)  # type: ignore[arg-type]
        asked.append(len(given["results"]))  # type: ignore[arg-type]
        if len(asked) == 1:
            raise RuntimeError("killed")

    monkeypatch.setattr(regression_running, "CHUNK", 2)
    monkeypatch.setattr(regression_running, "keep_results", dies)
    run_due(["fast"], keep=False)
    run.refresh_from_db()
    assert (run.state, run.done) == ("running", 2)
    Job.objects.filter(kind="run_regression").update(execute_after=desk.draft.created_at)
    run_due(["fast"], keep=False)
    run.refresh_from_db()
    assert (run.state, run.done, asked) == ("done", 5, [2, 2, 1])
    assert RegressionResult.objects.filter(run=run).count() == 5


def test_a_run_that_fails_for_good_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    case(desk, "ship abroad?", faq(desk, ABROAD))

    def broken() -> None:
        raise RuntimeError("no model")

    monkeypatch.setattr(regression_running.engine, "bot", broken)
    run = start_run(by=desk.olaf, now=desk.draft.created_at)
    for _attempt in range(3):
        Job.objects.filter(kind="run_regression").update(execute_after=desk.draft.created_at)
        run_due(["fast"], keep=False)
    run.refresh_from_db()
    assert run.state == "failed"


def test_a_large_set_does_not_stand_in_front_of_shoppers(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cs_portal.knowledge.services.regression_runs.SMALL", 1)
    abroad = faq(desk, ABROAD)
    case(desk, "ship abroad?", abroad)
    case(desk, "abroad shipping", abroad)
    run = start_run(by=desk.olaf, now=desk.draft.created_at)
    assert Job.objects.get(payload={"run": run.pk}).queue == "bulk"
    assert ran(run, "bulk").state == "done"


def test_a_case_that_is_removed_or_corrected_meanwhile_does_no_harm(desk: Desk) -> None:
    abroad = faq(desk, ABROAD)
    removed, corrected = case(desk, "ship abroad?", abroad), case(desk, "towels", abroad)
    run = ran(start_run(by=desk.olaf, now=desk.draft.created_at))
    remove_cases(case_ids=[removed.public_id], by=desk.olaf, now=desk.draft.created_at)
    change_case(case_id=corrected.public_id, question="towels", faq_id=None, by=desk.olaf, now=desk.draft.created_at)
    corrected.refresh_from_db()
    assert corrected.passed is None
    later = ran(start_run(by=desk.olaf, now=desk.draft.created_at + timedelta(minutes=1)))
    assert (later.total, later.figures["after"]["nothing"]) == (1, 1)
    assert results_of(run).count() == 2


def test_only_the_last_runs_are_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cs_portal.knowledge.services.regression_runs.KEPT_RUNS", 2)
    case(desk, "ship abroad?", faq(desk, ABROAD))
    runs = [ran(start_run(by=desk.olaf, now=desk.draft.created_at)) for _ in range(3)]
    assert list(RegressionRun.objects.order_by("id")) == runs[1:]


def test_the_working_copy_stays_what_it_was(desk: Desk) -> None:
    abroad = faq(desk, ABROAD)
    case(desk, "ship abroad?", abroad)
    before = working_copy(edited(desk, abroad, "Overseas?"))
    checked(desk, abroad)
    assert working_copy(faq_with_texts(abroad.public_id)) == before
