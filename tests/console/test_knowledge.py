"""The knowledge pages: who may, what is shown, what is written, and what is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.models import Faq, FaqRevision, FaqState, QuestionTest
from cs_portal.knowledge.selectors import faq_with_texts, knowledge_version, working_copy
from cs_portal.knowledge.services.editing import create_faq, edit_faq
from tests.console.conftest import Cast
from tests.factories import make_faq, make_merchant

BASE = "/console/mugs/knowledge/"


def fields(**given: str) -> dict[str, str]:
    """What the editor posts."""
    return {
        "seen": "1",
        "category": "Delivery",
        "note": "",
        "question_en": "Do you ship abroad?",
        "answer_en": "Yes, to 40 countries.",
        "phrasings_en": "Overseas?\nCan you send it to Spain",
        "question_zh-hans": "",
        "answer_zh-hans": "",
        "phrasings_zh-hans": "",
        **{name.replace("_zh", "_zh-hans"): value for name, value in given.items()},
    }


def made(cast: Cast, answer: str = "Yes.", *, publish: bool = True, question: str = "Do you ship abroad?") -> Faq:
    content = FaqContent({"en": LocaleText(question, answer, ("Overseas?",))}, "delivery")
    with scope(merchant=cast.merchant):
        return create_faq(by=cast.olaf, content=content, publish=publish, now=cast.now).faq


def fresh(cast: Cast, faq: Faq) -> Faq:
    with scope(merchant=cast.merchant):
        return faq_with_texts(faq.public_id)


def answer_of(cast: Cast, faq: Faq) -> str:
    with scope(merchant=cast.merchant):
        return working_copy(faq_with_texts(faq.public_id)).text("en").answer


# --- the list --------------------------------------------------------------------------------------------------


def titles(cast: Cast, query: str = "") -> list[str]:
    page = cast.client(cast.nina).get(f"{BASE}{query}")
    assert page.status_code == 200
    return [row.title for row in page.context["rows"]]


def test_an_empty_list_teaches_the_first_step(cast: Cast) -> None:
    page = cast.client(cast.olaf).get(BASE).content.decode()
    assert "Write the first FAQ" in page
    assert "Write the first FAQ" not in cast.client(cast.nina).get(BASE).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Broken", "Shipping"]),
        ("?q=photo+refund", ["Broken"]),
        ("?q=国外", ["Shipping"]),
        ("?q=ＳＨＩＰＰＩＮＧ", ["Shipping"]),
        ("?q=spain", ["Shipping"]),
        ("?q=100%25", []),
        ("?state=archived", ["Old"]),
        ("?state=draft", ["Shipping"]),
        ("?state=published", ["Broken"]),
        ("?state=changed", []),
        ("?missing=zh-hans", []),
        ("?category=delivery", ["Shipping"]),
        ("?sort=oldest", ["Shipping", "Broken"]),
        ("?state=nonsense&sort=nonsense&by=nonsense", ["Broken", "Shipping"]),
    ],
)
def test_the_list_is_searched_and_narrowed_in_both_languages(cast: Cast, query: str, found: list[str]) -> None:
    make_faq(cast.merchant, en=("Old", "x"), state=FaqState.ARCHIVED, now=cast.now)
    shipping = FaqContent(
        {"en": LocaleText("Shipping", "x", ("To Spain?",)), "zh-hans": LocaleText("可以寄到国外吗", "可以")}, "delivery"
    )
    with scope(merchant=cast.merchant):
        create_faq(by=cast.olaf, content=shipping, now=cast.now - timedelta(days=2))
    make_faq(cast.merchant, en=("Broken", "Send a photo, we refund."), now=cast.now)
    assert titles(cast, query) == found


def test_unpublished_changes_are_found_and_marked(cast: Cast) -> None:
    faq = made(cast)
    changed = FaqContent({"en": LocaleText("Worldwide?", "Everywhere.")}, "delivery")
    with scope(merchant=cast.merchant):
        edit_faq(faq_id=faq.public_id, by=cast.bob, seen=1, content=changed, now=cast.now)
    assert titles(cast, "?state=changed&q=everywhere") == ["Worldwide?"]
    assert titles(cast, f"?by={cast.bob.public_id}") == ["Worldwide?"]
    assert titles(cast, f"?by={cast.olaf.public_id}") == []
    assert titles(cast, "?missing=zh-hans") == ["Worldwide?"]
    assert b"Unpublished changes" in cast.client(cast.nina).get(BASE).content


def test_faqs_of_another_merchant_are_not_listed(cast: Cast) -> None:
    make_faq(cast.charlie.merchant, en=("Theirs", "x"))
    assert titles(cast) == []
    assert titles(cast, "?q=theirs") == []


def test_the_list_costs_the_same_for_two_and_for_forty(cast: Cast) -> None:
    def queries() -> int:
        client = cast.client(cast.nina)
        client.get(BASE)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(BASE).status_code == 200
        return len(captured)

    for number in range(2):
        _changed_faq(cast, number)
    few = queries()
    for number in range(2, 40):
        _changed_faq(cast, number)
    assert queries() == few


def _changed_faq(cast: Cast, number: int) -> None:
    faq = made(cast, question=f"Question {number}?")
    content = FaqContent({"en": LocaleText(f"Question {number}?", "New")}, f"category {number}")
    with scope(merchant=cast.merchant):
        edit_faq(faq_id=faq.public_id, by=cast.bob, seen=1, content=content, now=cast.now)


def test_a_page_ends_after_fifty_and_the_next_one_follows(cast: Cast) -> None:
    for number in range(51):
        make_faq(cast.merchant, en=(f"Question {number}", "x"), now=cast.now + timedelta(seconds=number))
    page = cast.client(cast.nina).get(BASE)
    assert len(page.context["rows"]) == 50
    assert [r.title for r in cast.client(cast.nina).get(BASE + page.context["page"].older).context["rows"]] == [
        "Question 0"
    ]


# --- the editor ------------------------------------------------------------------------------------------------


def test_an_operator_writes_a_draft_and_publishes_it(cast: Cast) -> None:
    client = cast.client(cast.olaf)
    made_at = client.post(f"{BASE}new/", fields())
    with scope(merchant=cast.merchant):
        faq = Faq.objects.get()
        assert (faq.state, faq.category, faq.updated_by) == (FaqState.DRAFT, "delivery", cast.olaf)
        assert working_copy(faq).text("en").phrasings == ("Overseas?", "Can you send it to Spain")
    assert made_at.headers["Location"] == f"{BASE}{faq.public_id}/"
    client.post(f"{BASE}{faq.public_id}/", fields(publish="yes"))
    assert fresh(cast, faq).state == FaqState.PUBLISHED


def test_saving_keeps_what_is_live_and_offers_an_undo(cast: Cast) -> None:
    faq, client = made(cast), cast.client(cast.olaf)
    saved = client.post(f"{BASE}{faq.public_id}/", fields(answer_en="To 50."), follow=True)
    now = fresh(cast, faq)
    assert (now.revision, now.latest, answer_of(cast, faq)) == (1, 2, "To 50.")
    undo = saved.content.decode().split("/knowledge/undo/")[1].split('"')[0]
    client.post(f"{BASE}undo/{undo}")
    assert answer_of(cast, faq) == "Yes."


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"question_en": "", "answer_en": "", "phrasings_en": ""}, "question_en"),
        ({"question_en": "x" * 301}, "question_en"),
        ({"answer_en": "", "publish": "yes"}, "answer_en"),
        ({"phrasings_en": f"Overseas?\n{'x' * 301}"}, "phrasings_en"),
        ({"answer_zh": "答"}, "question_zh-hans"),
        ({"category": "x" * 61}, "category"),
    ],
)
def test_a_form_that_breaks_a_rule_comes_back_with_its_text(cast: Cast, wrong: dict[str, str], field: str) -> None:
    faq = made(cast)
    for url in (f"{BASE}{faq.public_id}/", f"{BASE}new/"):
        page = cast.client(cast.olaf).post(url, fields(**wrong))
        assert page.status_code == 422
        assert field in page.context["form"].errors
        assert f'id="id_{field}-errors"' in page.content.decode()
    assert (fresh(cast, faq).latest, answer_of(cast, faq)) == (1, "Yes.")
    with scope(merchant=cast.merchant):
        assert Faq.objects.count() == 1


def test_a_phrasing_that_is_repeated_is_kept_once(cast: Cast) -> None:
    faq = made(cast)
    typed = "Overseas?\n  overseas \nSpain?\nＤo you ship  abroad\nOverseas?"
    saved = cast.client(cast.olaf).post(f"{BASE}{faq.public_id}/", fields(phrasings_en=typed))
    assert saved.status_code == 302
    with scope(merchant=cast.merchant):
        assert working_copy(fresh(cast, faq)).text("en").phrasings == ("Overseas?", "Spain?")


def test_a_conflict_shows_what_changed_and_keeps_what_was_typed(cast: Cast) -> None:
    faq = made(cast)
    cast.client(cast.bob).post(f"{BASE}{faq.public_id}/", fields(answer_en="Bob's answer."))
    refused = cast.client(cast.olaf).post(f"{BASE}{faq.public_id}/", fields(answer_en="Olaf's <b>answer</b>."))
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "<ins" in page and "Bob" in page
    assert "Olaf&#x27;s &lt;b&gt;answer&lt;/b&gt;." in page
    assert 'name="seen" value="2"' in page
    assert answer_of(cast, faq) == "Bob's answer."


def test_those_who_read_see_the_answer_and_cannot_change_it(cast: Cast) -> None:
    faq = made(cast)
    page = cast.client(cast.nina).get(f"{BASE}{faq.public_id}/").content.decode()
    assert "Yes." in page
    assert "Save" not in page and "faq_archive" not in page
    assert cast.client(cast.nina).get(f"{BASE}new/").status_code == 403
    assert cast.client(cast.nina).post(f"{BASE}{faq.public_id}/", fields(answer_en="Nina's")).status_code == 403
    assert answer_of(cast, faq) == "Yes."


def test_the_same_phrasing_elsewhere_is_named_with_a_link(cast: Cast) -> None:
    other = make_faq(cast.merchant, en=("overseas", "x"))
    faq = made(cast)
    page = cast.client(cast.olaf).get(f"{BASE}{faq.public_id}/").content.decode()
    assert "Another FAQ has the same words" in page
    assert f"{BASE}{other.public_id}/" in page


def test_a_missing_language_is_told(cast: Cast) -> None:
    faq = made(cast)
    assert b"Missing: Chinese" in cast.client(cast.olaf).get(f"{BASE}{faq.public_id}/").content


# --- publishing, archiving, bulk, history ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deed", "publish", "state"),
    [
        ("publish", False, FaqState.PUBLISHED),
        ("unpublish", True, FaqState.DRAFT),
        ("archive", True, FaqState.ARCHIVED),
    ],
)
def test_a_step_of_its_life_and_its_undo(cast: Cast, deed: str, publish: bool, state: str) -> None:
    faq, client = made(cast, publish=publish), cast.client(cast.olaf)
    before = faq.state
    page = client.post(f"{BASE}{faq.public_id}/{deed}/", {"seen": 1}, follow=True).content.decode()
    assert fresh(cast, faq).state == state
    client.post(f"{BASE}undo/" + page.split("/knowledge/undo/")[1].split('"')[0])
    assert fresh(cast, faq).state == before


@pytest.mark.parametrize("deed", ["publish", "unpublish", "archive", "restore", "discard"])
def test_a_step_based_on_an_old_revision_is_a_conflict(cast: Cast, deed: str) -> None:
    faq = made(cast)
    cast.client(cast.bob).post(f"{BASE}{faq.public_id}/", fields(answer_en="Bob's answer."))
    refused = cast.client(cast.olaf).post(f"{BASE}{faq.public_id}/{deed}/", {"seen": 1})
    assert refused.status_code == 409
    assert "Bob" in refused.content.decode()
    assert (fresh(cast, faq).state, fresh(cast, faq).latest) == (FaqState.PUBLISHED, 2)


def test_publishing_what_lacks_an_answer_says_so(cast: Cast) -> None:
    faq = made(cast, "", publish=False)
    page = cast.client(cast.olaf).post(f"{BASE}{faq.public_id}/publish/", {"seen": 1}, follow=True)
    assert "An answer is needed" in page.content.decode()
    assert fresh(cast, faq).state == FaqState.DRAFT


def test_a_step_without_the_revision_that_was_seen_is_refused(cast: Cast) -> None:
    faq = made(cast)
    assert cast.client(cast.olaf).post(f"{BASE}{faq.public_id}/archive/", {"seen": "x"}).status_code == 422
    assert fresh(cast, faq).state == FaqState.PUBLISHED


def test_many_are_archived_and_come_back_at_once(cast: Cast) -> None:
    faqs = [made(cast, question=f"Question {n}?") for n in range(3)]
    theirs = make_faq(make_merchant("other"))
    chosen = [str(faq.public_id) for faq in (*faqs[:2], theirs)]
    client = cast.client(cast.olaf)
    done = client.post(f"{BASE}bulk/", {"action": "archive", "faq": chosen, "query": "q=question"})
    assert done.headers["Location"] == f"{BASE}?q=question"
    page = client.get(f"{BASE}?q=question").content.decode()
    assert "2 FAQs archived." in page
    assert [fresh(cast, faq).state for faq in faqs] == [FaqState.ARCHIVED, FaqState.ARCHIVED, FaqState.PUBLISHED]
    undo = f"{BASE}undo/" + page.split("/knowledge/undo/")[1].split('"')[0]
    back = client.post(undo, headers={"Referer": f"http://testserver{BASE}?q=question"})
    assert back.headers["Location"] == f"{BASE}?q=question"
    assert {fresh(cast, faq).state for faq in faqs} == {FaqState.PUBLISHED}
    with scope(merchant=theirs.merchant):
        assert Faq.objects.get().state == FaqState.PUBLISHED


@pytest.mark.parametrize("data", [{"action": "archive"}, {"action": "delete", "faq": "x"}, {"faq": "not-an-id"}])
def test_a_bulk_action_without_a_choice_does_nothing(cast: Cast, data: dict[str, Any]) -> None:
    faq = made(cast)
    page = cast.client(cast.olaf).post(f"{BASE}bulk/", data, follow=True)
    assert "Choose at least one FAQ." in page.content.decode()
    assert fresh(cast, faq).latest == 1


def test_a_bulk_action_does_not_redirect_away(cast: Cast) -> None:
    faq = made(cast)
    data = {"action": "archive", "faq": [str(faq.public_id)], "query": "//evil.example\r\nX: y"}
    location = cast.client(cast.olaf).post(f"{BASE}bulk/", data).headers["Location"]
    assert location.startswith(f"{BASE}?")


def test_the_history_tells_who_changed_what_and_takes_an_old_one_up(cast: Cast) -> None:
    faq, client = made(cast), cast.client(cast.bob)
    client.post(f"{BASE}{faq.public_id}/", fields(answer_en="To <i>50</i>.", note="More countries", publish="yes"))
    page = cast.client(cast.nina).get(f"{BASE}{faq.public_id}/history/").content.decode()
    assert "More countries" in page and "Bob" in page and "&lt;i&gt;50" not in page.split("<ins")[0]
    assert "<i>50</i>" not in page
    assert "faq_restore" not in page and "Take this one up again" not in page
    old = client.get(f"{BASE}{faq.public_id}/history/?revision=1").content.decode()
    assert "Take this one up again" in old
    client.post(f"{BASE}{faq.public_id}/restore-revision/", {"seen": 2, "number": 1})
    assert (answer_of(cast, faq), fresh(cast, faq).revision, fresh(cast, faq).latest) == ("Yes.", 2, 3)


@pytest.mark.parametrize("query", ["?revision=99", "?revision=x", "?revision=-1", "?against=1e9", "?revision=１"])
def test_a_revision_that_is_not_there_shows_the_newest(cast: Cast, query: str) -> None:
    faq = made(cast)
    assert cast.client(cast.nina).get(f"{BASE}{faq.public_id}/history/{query}").context["chosen"].number == 1


def test_taking_up_a_revision_that_does_not_exist_is_not_found(cast: Cast) -> None:
    faq = made(cast)
    url = f"{BASE}{faq.public_id}/restore-revision/"
    assert cast.client(cast.olaf).post(url, {"seen": 1, "number": 9}).status_code == 404
    assert cast.client(cast.nina).post(url, {"seen": 1, "number": 1}).status_code == 403
    assert fresh(cast, faq).latest == 1


def test_an_faq_that_was_brought_in_has_an_empty_history(cast: Cast) -> None:
    faq = make_faq(cast.merchant)
    assert b"No change yet" in cast.client(cast.nina).get(f"{BASE}{faq.public_id}/history/").content


def test_a_copy_is_opened(cast: Cast) -> None:
    faq = made(cast)
    location = cast.client(cast.olaf).post(f"{BASE}{faq.public_id}/duplicate/").headers["Location"]
    with scope(merchant=cast.merchant):
        copy = Faq.objects.exclude(pk=faq.pk).get()
        assert knowledge_version() == 1
    assert location == f"{BASE}{copy.public_id}/"


def test_a_stranger_finds_nothing_and_changes_nothing(cast: Cast) -> None:
    faq = made(cast)
    client = cast.client(cast.charlie)
    assert client.get(f"{BASE}{faq.public_id}/").status_code == 404
    assert client.get(f"/console/rival/knowledge/{faq.public_id}/").status_code == 404
    assert client.post(f"/console/rival/knowledge/{faq.public_id}/archive/", {"seen": 1}).status_code == 404
    assert client.post("/console/rival/knowledge/bulk/", {"action": "archive", "faq": [str(faq.public_id)]})
    assert fresh(cast, faq).state == FaqState.PUBLISHED


# --- trying a question -----------------------------------------------------------------------------------------


def test_a_question_is_queued_for_the_worker(cast: Cast) -> None:
    faq = made(cast)
    client = cast.client(cast.olaf)
    data = {"question": "  overseas  shipping? ", "include_drafts": "on", "faq": str(faq.public_id)}
    location = client.post(f"{BASE}test/", data).headers["Location"]
    with scope(merchant=cast.merchant):
        test = QuestionTest.objects.get()
    assert (test.question, test.include_drafts, test.faq_id) == ("overseas shipping?", True, faq.pk)
    assert location == f"{BASE}test/{test.public_id}/"
    assert Job.objects.get(kind="test_question").payload == {"test": str(test.public_id)}
    page = client.get(location).content.decode()
    assert 'http-equiv="refresh"' in page and 'hx-trigger="load' in page
    assert "No worker is running" in page


@pytest.mark.parametrize("question", ["", "   ", "x" * 501])
def test_a_question_that_is_none_is_refused(cast: Cast, question: str) -> None:
    assert cast.client(cast.olaf).post(f"{BASE}test/", {"question": question}).status_code == 422
    assert not Job.objects.filter(kind="test_question").exists()


def test_analysts_test_nothing_and_read_the_results(cast: Cast) -> None:
    assert cast.client(cast.nina).post(f"{BASE}test/", {"question": "x"}).status_code == 403
    with scope(merchant=cast.merchant):
        assert not QuestionTest.objects.exists()
    assert not Job.objects.filter(kind="test_question").exists()


def test_the_faq_of_another_merchant_cannot_be_the_wanted_one(cast: Cast) -> None:
    theirs = make_faq(cast.charlie.merchant)
    page = cast.client(cast.olaf).post(f"{BASE}test/", {"question": "x", "faq": str(theirs.public_id)})
    assert page.status_code == 404
    assert not Job.objects.filter(kind="test_question").exists()


def test_only_so_many_questions_a_minute(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cs_portal.knowledge.services.trying.PER_MINUTE", 1)
    client = cast.client(cast.olaf)
    assert client.post(f"{BASE}test/", {"question": "x"}).status_code == 302
    assert client.post(f"{BASE}test/", {"question": "x"}).status_code == 429


def test_a_result_escapes_what_it_shows(cast: Cast) -> None:
    evil = "<script>alert(1)</script>"
    hit = {
        "faq": "00000000-0000-0000-0000-000000000000",
        "revision": 1,
        "language": "en",
        "question": evil,
        "answer": evil,
        "query": evil,
        "phrasing": evil,
        "score": 0.9,
        "lexical": 0.1,
        "dense": 0.8,
        "native": True,
        "answers": True,
    }
    result = {
        "language": "en",
        "intents": [{"name": evil, "probability": 0.5}],
        "wants_person": False,
        "threshold": 0.5,
        "milliseconds": 3.0,
        "searched": 1,
        "hits": [hit],
    }
    with scope(merchant=cast.merchant):
        test = QuestionTest.objects.create(
            question=evil, member=cast.olaf, state="done", result=result, created_at=cast.now
        )
    client = cast.client(cast.olaf)
    for headers in ({}, {"HX-Request": "true"}):
        page = client.get(f"{BASE}test/{test.public_id}/", headers=headers).content.decode()
        assert evil not in page
        assert "The reply rests on this FAQ" in page
        assert 'http-equiv="refresh"' not in page


def test_the_results_of_another_merchant_are_not_found(cast: Cast) -> None:
    with scope(merchant=cast.merchant):
        test = QuestionTest.objects.create(question="x", member=cast.olaf, created_at=cast.now)
    assert cast.client(cast.charlie).get(f"/console/rival/knowledge/test/{test.public_id}/").status_code == 404
    with scope(merchant=cast.merchant):
        assert FaqRevision.objects.count() == 0
