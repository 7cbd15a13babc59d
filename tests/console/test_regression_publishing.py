"""Publishing asks the regression set first; runs and what they show."""

from __future__ import annotations

from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.models import ApprovalState, Faq, PublicationRequest, QuestionTest, RegressionRun
from cs_portal.knowledge.selectors import working_copy
from cs_portal.knowledge.services.editing import edit_faq
from cs_portal.knowledge.services.regression_runs import start_run
from cs_portal.merchants.models import Merchant
from tests.console.conftest import Cast
from tests.console.regression_desk import BASE, KNOWLEDGE, case, cases, faq, fresh, run_of
from tests.factories import make_faq


def edited(cast: Cast, row: Faq, question: str) -> Faq:
    with scope(merchant=cast.merchant):
        return edit_faq(
            faq_id=row.public_id,
            by=cast.olaf,
            seen=row.latest,
            content=FaqContent({"en": LocaleText(question, "Yes.")}),
            now=cast.now,
        ).faq


def test_without_cases_publishing_is_as_quick_as_ever(cast: Cast) -> None:
    row = edited(cast, faq(cast), "Overseas?")
    cast.client(cast.olaf).post(f"{KNOWLEDGE}{row.public_id}/publish/", {"seen": "2"})
    assert fresh(cast, row).has_unpublished_changes is False
    with scope(merchant=cast.merchant):
        assert not RegressionRun.objects.exists()


def test_publishing_asks_the_set_first(cast: Cast) -> None:
    row = faq(cast)
    case(cast, "do you ship abroad", row)
    edited(cast, row, "Overseas?")
    client = cast.client(cast.olaf)
    page = client.post(f"{KNOWLEDGE}{row.public_id}/publish/", {"seen": "2"})
    run = run_of(cast)
    assert page.headers["Location"] == f"{BASE}runs/{run.public_id}/"
    assert fresh(cast, row).revision == 1
    waiting = client.get(page.headers["Location"]).content.decode()
    assert "Publish without waiting" in waiting
    assert 'http-equiv="refresh"' in waiting
    run_due(["fast"], keep=False)
    done = client.get(page.headers["Location"]).content.decode()
    assert "1 question gets worse" in done
    assert "Publish anyway" in done
    assert 'http-equiv="refresh"' not in done
    published = client.post(f"{page.headers['Location']}publish/")
    assert published.headers["Location"] == f"{KNOWLEDGE}{row.public_id}/"
    assert fresh(cast, row).has_unpublished_changes is False
    assert client.post(f"{page.headers['Location']}publish/").status_code == 409


def test_a_step_based_on_an_old_revision_asks_nothing(cast: Cast) -> None:
    row = faq(cast)
    case(cast, "do you ship abroad", row)
    edited(cast, row, "Overseas?")
    assert cast.client(cast.olaf).post(f"{KNOWLEDGE}{row.public_id}/publish/", {"seen": "1"}).status_code == 409
    with scope(merchant=cast.merchant):
        assert not RegressionRun.objects.exists()


def test_the_editor_saves_and_asks_before_it_publishes(cast: Cast) -> None:
    row = faq(cast)
    case(cast, "do you ship abroad", row)
    data = {"seen": "1", "question_en": "Overseas?", "answer_en": "Yes.", "publish": "yes", "answers": ""}
    page = cast.client(cast.olaf).post(f"{KNOWLEDGE}{row.public_id}/", data)
    assert page.headers["Location"] == f"{BASE}runs/{run_of(cast).public_id}/"
    saved = fresh(cast, row)
    assert (saved.revision, saved.latest) == (1, 2)
    with scope(merchant=cast.merchant):
        assert working_copy(saved).text("en").question == "Overseas?"


def test_a_new_faq_is_a_draft_until_the_set_was_asked(cast: Cast) -> None:
    case(cast, "do you ship abroad", faq(cast))
    data = {"question_en": "Towels?", "answer_en": "Yes.", "publish": "yes", "answers": ""}
    page = cast.client(cast.olaf).post(f"{KNOWLEDGE}new/", data)
    run = run_of(cast)
    assert page.headers["Location"] == f"{BASE}runs/{run.public_id}/"
    with scope(merchant=cast.merchant):
        made = Faq.objects.get(public_id=run.changes[0]["faq"])
    assert (made.title, made.state) == ("Towels?", "draft")


def test_many_are_published_after_one_run(cast: Cast) -> None:
    first, second = faq(cast, publish=False), faq(cast, "Towels?", publish=False)
    case(cast, "do you ship abroad", first)
    client = cast.client(cast.olaf)
    data = {"action": "publish", "faq": [str(first.public_id), str(second.public_id)]}
    page = client.post(f"{KNOWLEDGE}bulk/", data)
    run_due(["fast"], keep=False)
    assert "2 FAQs to publish" in client.get(page.headers["Location"]).content.decode()
    assert client.post(f"{page.headers['Location']}publish/").headers["Location"] == KNOWLEDGE
    assert (fresh(cast, first).state, fresh(cast, second).state) == ("published", "published")


def test_archiving_shows_the_cases_that_are_left(cast: Cast) -> None:
    row = faq(cast)
    case(cast, "do you ship abroad", row)
    client = cast.client(cast.olaf)
    page = client.post(f"{KNOWLEDGE}{row.public_id}/archive/", {"seen": "1"})
    assert page.headers["Location"] == f"{BASE}?faq={row.public_id}"
    shown = client.get(page.headers["Location"]).content.decode()
    assert "1 case of the regression set expects this FAQ." in shown
    assert "do you ship abroad" in shown


# --- runs ------------------------------------------------------------------------------------------------------


def test_a_run_is_started_watched_and_kept(cast: Cast) -> None:
    case(cast, "do you ship abroad", faq(cast))
    client = cast.client(cast.olaf)
    page = client.post(f"{BASE}run/")
    assert client.post(f"{BASE}run/").headers["Location"] == page.headers["Location"]
    waiting = cast.client(cast.nina, htmx=True).get(page.headers["Location"]).content.decode()
    assert 'hx-trigger="load delay:500ms"' in waiting
    assert "<html" not in waiting
    run_due(["fast"], keep=False)
    assert "1 of 1 case passes" in cast.client(cast.nina).get(page.headers["Location"]).content.decode()
    assert "100%" in cast.client(cast.nina).get(f"{BASE}runs/").content.decode()
    assert "100%" in cast.client(cast.nina).get(BASE).content.decode()


def test_an_empty_set_cannot_be_run(cast: Cast) -> None:
    assert cast.client(cast.olaf).post(f"{BASE}run/").headers["Location"] == BASE
    with scope(merchant=cast.merchant):
        assert not RegressionRun.objects.exists()


def test_a_run_over_what_is_live_publishes_nothing(cast: Cast) -> None:
    case(cast, "do you ship abroad", faq(cast))
    with scope(merchant=cast.merchant):
        run = start_run(by=cast.olaf, now=cast.now)
    assert cast.client(cast.olaf).post(f"{BASE}runs/{run.public_id}/publish/").status_code == 404
    assert (
        cast.client(cast.charlie).get(f"/console/rival/knowledge/regression/runs/{run.public_id}/").status_code == 404
    )


# --- from a tested question ------------------------------------------------------------------------------------


def tried(cast: Cast, question: str = "ship overseas?") -> QuestionTest:
    with scope(merchant=cast.merchant):
        return QuestionTest.objects.create(question=question, member=cast.olaf, created_at=cast.now)


def test_a_tested_question_becomes_a_case_with_one_click(cast: Cast) -> None:
    row, test = faq(cast), tried(cast)
    client = cast.client(cast.olaf)
    data = {"question": test.question, "faq": str(row.public_id), "test": str(test.public_id)}
    page = client.post(f"{BASE}add/", data)
    assert page.headers["Location"] == f"{KNOWLEDGE}test/{test.public_id}/"
    client.post(f"{BASE}add/", data)  # once more is no harm
    assert cases(cast) == [(test.question, row.title, "test")]


def test_a_tested_question_becomes_a_phrasing_with_one_click(cast: Cast) -> None:
    row, test = faq(cast), tried(cast)
    client = cast.client(cast.olaf)
    url = f"{KNOWLEDGE}test/{test.public_id}/phrasing/"
    assert client.post(url, {"faq": str(row.public_id)}).headers["Location"] == f"{KNOWLEDGE}{row.public_id}/"
    saved = fresh(cast, row)
    assert (saved.revision, saved.latest) == (1, 2)
    with scope(merchant=cast.merchant):
        assert working_copy(saved).text("en").phrasings == (test.question,)
    client.post(url, {"faq": str(row.public_id)})
    assert fresh(cast, row).latest == 2


def test_a_phrasing_in_a_language_without_a_question_is_refused(cast: Cast) -> None:
    row, test = faq(cast), tried(cast, "寄国外吗")
    cast.client(cast.olaf).post(f"{KNOWLEDGE}test/{test.public_id}/phrasing/", {"faq": str(row.public_id)})
    assert fresh(cast, row).latest == 1


def test_nobody_adds_what_is_not_theirs_to_add(cast: Cast) -> None:
    row, test = faq(cast), tried(cast)
    nina = cast.client(cast.nina)
    assert nina.post(f"{BASE}add/", {"question": "x"}).status_code == 403
    phrasing = f"{KNOWLEDGE}test/{test.public_id}/phrasing/"
    assert nina.post(phrasing, {"faq": str(row.public_id)}).status_code == 403
    theirs = make_faq(cast.charlie.merchant)
    olaf = cast.client(cast.olaf)
    assert olaf.post(f"{BASE}add/", {"question": "x", "faq": str(theirs.public_id)}).status_code == 404
    assert olaf.post(phrasing, {"faq": str(theirs.public_id)}).status_code == 404
    assert cases(cast) == []


def test_an_approval_asks_the_set_first_and_publishing_from_the_run_approves(cast: Cast) -> None:
    row = faq(cast)
    case(cast, "do you ship abroad", row)
    Merchant.objects.filter(pk=cast.merchant.pk).update(publishing_needs_approval=True)
    edited(cast, row, "Overseas?")
    olaf, bob = cast.client(cast.olaf), cast.client(cast.bob)
    olaf.post(f"{KNOWLEDGE}{row.public_id}/publish/", {"seen": "2"})
    with scope(merchant=cast.merchant):
        asked = PublicationRequest.objects.get(state=ApprovalState.OPEN)
        assert not RegressionRun.objects.exists()
    approve = f"{KNOWLEDGE}approvals/{asked.public_id}/approve/"
    assert olaf.post(approve).status_code == 403
    page = bob.post(approve)
    run = run_of(cast)
    assert page.headers["Location"] == f"{BASE}runs/{run.public_id}/"
    assert fresh(cast, row).revision == 1
    olaf.post(f"{BASE}runs/{run.public_id}/publish/")
    assert fresh(cast, row).revision == 1
    bob.post(f"{BASE}runs/{run.public_id}/publish/")
    assert not fresh(cast, row).has_unpublished_changes
    with scope(merchant=cast.merchant):
        asked.refresh_from_db()
    assert asked.state == ApprovalState.APPROVED
