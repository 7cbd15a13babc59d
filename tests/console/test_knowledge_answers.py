"""The editor's answers for particular cases and settings, the merge of two versions, and the second pair of eyes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cs_portal.core.tenancy import scope
from cs_portal.knowledge.content import AnswerCondition, ConditionalAnswer, FaqContent
from cs_portal.knowledge.models import Faq, FaqState, PublicationRequest
from cs_portal.knowledge.selectors import faq_with_texts, working_copy
from cs_portal.knowledge.services.editing import edit_faq
from cs_portal.merchants.models import Merchant
from tests.console.conftest import Cast
from tests.console.test_knowledge import BASE, fields, fresh, made
from tests.factories import make_product

CASE: dict[str, Any] = {
    "answers": ["a1"],
    "answer-a1_en": "It is on its way.",
    "answer-a1_zh-hans": "",
    "answer-a1-products": ["p-1", "p-2"],
    "answer-a1-order_statuses": ["shipped"],
    "answer-a1-days_since_shipped-least": "3",
    "answer-a1-days_since_shipped-most": "",
}
SETTINGS = {
    "tags": "Abroad， abroad, Summer Sale",
    "valid_from": "2026-11-01",
    "valid_until": "2026-12-01",
    "hand_over": "on",
    "action": "return",
}


def content_of(cast: Cast, faq: Faq) -> FaqContent:
    with scope(merchant=cast.merchant):
        return working_copy(faq_with_texts(faq.public_id))


def save(cast: Cast, faq: Faq, **given: Any) -> Any:
    return cast.client(cast.olaf).post(f"{BASE}{faq.public_id}/", {**fields(), **given})


def test_settings_and_answers_for_cases_are_saved_and_shown_again(cast: Cast) -> None:
    faq = made(cast)
    with scope(merchant=cast.merchant):
        make_product(cast.merchant, external_id="p-1", title_en="Ridge Tent")
    assert save(cast, faq, **CASE, **SETTINGS).status_code == 302
    saved = content_of(cast, faq)
    assert (saved.tags, saved.valid_from, saved.valid_until, saved.hand_over, saved.action) == (
        ("abroad", "summer sale"),
        date(2026, 11, 1),
        date(2026, 12, 1),
        True,
        "return",
    )
    when = AnswerCondition(products=("p-1", "p-2"), order_statuses=("shipped",), days_since_shipped=(3, None))
    assert saved.answers == (ConditionalAnswer("a1", when, {"en": "It is on its way."}),)
    page = cast.client(cast.olaf).get(f"{BASE}{faq.public_id}/")
    block = page.context["answers"][0]
    assert block.when == ["Product: Ridge Tent or p-2", "Order: Shipped", "Days since shipped: at least 3 days"]
    assert [text.missing for text in block.texts] == [False, True]
    page = cast.client(cast.nina).get(f"{BASE}{faq.public_id}/").content.decode()
    assert "Add an answer for a case" not in page and "It is on its way." in page


def test_an_answer_that_is_missing_in_one_language_says_so(cast: Cast) -> None:
    faq = made(cast)
    given = {"question_zh-hans": "问", "answer_zh-hans": "答"}
    save(cast, faq, **CASE, **given)
    page = cast.client(cast.olaf).get(f"{BASE}{faq.public_id}/")
    assert [text.missing for text in page.context["answers"][0].texts] == [False, True]
    assert page.context["missing"] == ["Chinese"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"answer-a1-order_statuses": ["lost"]}, "“lost” is no status of an order."),
        ({"answer-a1-days_since_shipped-most": "2"}, "“At most” is less than “at least”."),
        ({"answer-a1-days_since_shipped-most": "soon"}, "“soon” is no number of days."),
        ({"answer-a1_en": ""}, "Write this answer in at least one language."),
        (
            {"answer-a1-products": [], "answer-a1-order_statuses": [], "answer-a1-days_since_shipped-least": ""},
            "Set at least one condition, or write this as the answer for everybody else.",
        ),
    ],
)
def test_a_wrong_answer_comes_back_with_what_was_typed(cast: Cast, wrong: dict[str, Any], said: str) -> None:
    faq = made(cast)
    page = save(cast, faq, **{**CASE, **wrong})
    assert page.status_code == 422
    assert said in page.context["answers"][0].errors
    assert fresh(cast, faq).latest == 1


def test_a_text_that_is_too_long_is_named_at_its_language(cast: Cast) -> None:
    page = save(cast, made(cast), **{**CASE, "answer-a1_en": "x" * 4001})
    assert page.context["answers"][0].texts[0].errors == ["At most 4000 characters."]
    assert 'id="id_answer-a1_en-errors"' in page.content.decode()


def ids_after(cast: Cast, step: str) -> list[str]:
    faq = made(cast)
    given = {"answers": ["a", "b", "c"], "answer-a_en": "<i>A</i>", "step": step}
    page = save(cast, faq, **given)
    assert page.status_code == 200
    assert fresh(cast, faq).latest == 1
    assert "&lt;i&gt;A&lt;/i&gt;" in page.content.decode() or step == "remove:a"
    return [block.id for block in page.context["answers"]]


@pytest.mark.parametrize(
    ("step", "order"),
    [
        ("up:b", "bac"),
        ("down:a", "bac"),
        ("up:a", "abc"),
        ("down:c", "abc"),
        ("remove:a", "bc"),
        ("place:c:1", "cab"),
        ("place:a:9", "bca"),
        ("place:a:x", "abc"),
        ("up:nobody", "abc"),
        ("nonsense", "abc"),
    ],
)
def test_a_step_changes_the_page_and_saves_nothing(cast: Cast, step: str, order: str) -> None:
    assert "".join(ids_after(cast, step)) == order


def test_adding_makes_an_empty_answer_that_is_open(cast: Cast) -> None:
    page = cast.client(cast.olaf).post(f"{BASE}new/", fields(step="add"))
    [block] = page.context["answers"]
    assert block.is_open and block.when == []
    with scope(merchant=cast.merchant):
        assert not Faq.objects.exists()


def test_products_are_found_by_their_words(cast: Cast) -> None:
    faq = made(cast)
    with scope(merchant=cast.merchant):
        for id, title in (("p-1", "Ridge Tent"), ("p-2", "Ridge Mug"), ("p-3", "Lamp")):
            make_product(cast.merchant, external_id=id, title_en=title)
    page = save(cast, faq, **{**CASE, "answer-a1-products": ["p-1"], "answer-a1-find": "ridge", "step": "find:a1"})
    block = page.context["answers"][0]
    assert [choice.value for choice in block.found] == ["p-2"]
    assert [(choice.value, choice.label) for choice in block.products] == [("p-1", "Ridge Tent")]


def test_the_preview_shows_what_shoppers_get(cast: Cast) -> None:
    url = f"{BASE}preview/"
    marked = {"answer_en": "**Hi** <script>x</script> [a](https://a.example)"}
    page = cast.client(cast.nina).post(url, marked).content.decode()
    assert "<strong>Hi</strong> &lt;script&gt;x&lt;/script&gt;" in page
    assert 'Hi &lt;script&gt;x&lt;/script&gt; a (<a href="https://a.example"' in " ".join(page.split())
    assert "Formatted" not in cast.client(cast.olaf).post(url, {"answer_en": "Hi"}).content.decode()
    assert cast.client(cast.olaf).get(url).status_code == 405
    assert cast.client(cast.charlie).post(url, marked).status_code == 404


def test_parts_that_two_people_changed_go_together_and_the_same_part_is_shown_twice(cast: Cast) -> None:
    faq = made(cast)
    with scope(merchant=cast.merchant):
        theirs = replace(working_copy(fresh(cast, faq)), tags=("theirs",))
        theirs = replace(theirs, texts={"en": replace(theirs.text("en"), answer="Theirs.")})
        edit_faq(faq_id=faq.public_id, by=cast.bob, seen=1, content=theirs, now=cast.now)
    page = save(cast, faq, **CASE, phrasings_en="Overseas?", answer_en="Mine.")
    assert page.status_code == 409
    moved = page.context["moved"]
    assert [(part.label, part.theirs, part.mine) for part in moved["conflicts"]] == [
        ("English: Answer", "Theirs.", "Mine.")
    ]
    assert moved["taken"] == ["Tags"]
    form = page.context["form"]
    assert (form["answer_en"].value(), form["tags"].value(), form["seen"].value()) == ("Mine.", "theirs", 2)
    assert [block.id for block in page.context["answers"]] == ["a1"]
    assert content_of(cast, faq) == theirs

    again = {**CASE, "phrasings_en": "Overseas?", "answer_en": "Mine.", "tags": "theirs", "seen": "2", "base": "1"}
    page = save(cast, faq, **again, step="theirs:answer_en")
    assert page.context["form"]["answer_en"].value() == "Theirs." and page.context["moved"]["conflicts"] == []
    assert save(cast, faq, **again).status_code == 302
    assert content_of(cast, faq).text("en").answer == "Mine."
    assert content_of(cast, faq).tags == ("theirs",)


def test_the_history_tells_settings_and_answers_and_restores_them(cast: Cast) -> None:
    faq = made(cast)
    save(cast, faq, **CASE, **SETTINGS)
    save(cast, faq, **{**CASE, "answer-a1_en": "It is close.", "seen": "2"})
    page = cast.client(cast.nina).get(f"{BASE}{faq.public_id}/history/")
    told = {str(one.name): [str(field.label) for field in one.fields] for one in page.context["differences"]}
    settings = ["Tags", "Valid from", "Valid until", "Hand over to a person", "Related action"]
    assert told == {"Answer 1": ["English"], "Settings": settings}
    first = cast.client(cast.nina).get(f"{BASE}{faq.public_id}/history/?revision=2").content.decode()
    assert "Answer 1, new" in first and "Order: Shipped" in first
    before = content_of(cast, faq)
    cast.client(cast.olaf).post(f"{BASE}{faq.public_id}/restore-revision/", {"number": "2", "seen": "3"})
    assert content_of(cast, faq).hand_over and content_of(cast, faq) != before


def test_an_editor_takes_the_same_queries_for_any_number_of_answers(cast: Cast) -> None:
    faq, counts = made(cast), []
    client = cast.client(cast.olaf)
    for number in (1, 8):
        many = {f"answer-a{n}-products": [f"p-{n}"] for n in range(number)} | {
            f"answer-a{n}_en": "Yes." for n in range(number)
        }
        save(cast, faq, answers=[f"a{n}" for n in range(number)], seen=str(fresh(cast, faq).latest), **many)
        client.get(f"{BASE}{faq.public_id}/")
        with CaptureQueriesContext(connection) as captured:
            assert len(client.get(f"{BASE}{faq.public_id}/").context["answers"]) == number
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- the second pair of eyes -----------------------------------------------------------------------------------


@pytest.fixture
def careful(cast: Cast) -> Cast:
    Merchant.objects.filter(pk=cast.merchant.pk).update(publishing_needs_approval=True)
    return cast


def request_in(cast: Cast) -> PublicationRequest:
    with scope(merchant=cast.merchant):
        return PublicationRequest.objects.select_related("faq").latest("id")


def ask(cast: Cast) -> PublicationRequest:
    cast.client(cast.olaf).post(f"{BASE}new/", fields(publish="yes"))
    return request_in(cast)


def test_an_operator_asks_and_a_colleague_approves(careful: Cast) -> None:
    page = careful.client(careful.olaf).post(f"{BASE}new/", fields(publish="yes"), follow=True).content.decode()
    assert "A colleague has to approve it before the bot uses it." in page and "asks to publish" in page
    row = request_in(careful)
    assert row.faq.state == FaqState.DRAFT
    home = careful.client(careful.bob).get("/console/mugs/")
    assert [str(t.number) for t in home.context["board"].tasks if t.label == "Answers that wait for approval"] == ["1"]
    listed = careful.client(careful.bob).get(f"{BASE}approvals/").content.decode()
    assert "Do you ship abroad?" in listed and "Approve and publish" in listed
    assert "Approve and publish" not in careful.client(careful.nina).get(f"{BASE}approvals/").content.decode()
    assert "Withdraw" in careful.client(careful.olaf).get(f"{BASE}approvals/").content.decode()
    careful.client(careful.bob).post(f"{BASE}approvals/{row.public_id}/approve/")
    assert fresh(careful, row.faq).state == FaqState.PUBLISHED


def test_whoever_asked_is_told_why_it_was_declined(careful: Cast) -> None:
    row = ask(careful)
    url = f"{BASE}approvals/{row.public_id}/decline/"
    assert "Say what should be changed." in careful.client(careful.bob).post(url, follow=True).content.decode()
    assert request_in(careful).state == "open"
    page = careful.client(careful.bob).post(url, {"reason": "<b>Where</b>?"}, follow=True).content.decode()
    assert f"/approvals/{row.public_id}/reopen/" in page
    home = careful.client(careful.olaf).get("/console/mugs/")
    assert [str(t.number) for t in home.context["board"].tasks if t.label == "Answers that wait for approval"] == ["1"]
    for place in (f"{BASE}approvals/", f"{BASE}{row.faq.public_id}/"):
        assert "&lt;b&gt;Where&lt;/b&gt;?" in careful.client(careful.olaf).get(place).content.decode()
    careful.client(careful.bob).post(f"{BASE}approvals/{row.public_id}/reopen/")
    assert request_in(careful).state == "open"


@pytest.mark.parametrize("deed", ["approve", "decline", "withdraw", "reopen"])
def test_strangers_and_readers_decide_nothing(careful: Cast, deed: str) -> None:
    row = ask(careful)
    url, data = f"{BASE}approvals/{row.public_id}/{deed}/", {"reason": "No."}
    assert careful.client(careful.charlie).post(url, data).status_code == 404
    assert careful.client(careful.nina).post(url, data).status_code == 403
    assert careful.client(careful.bob).get(url).status_code == 405
    assert (request_in(careful).state, fresh(careful, row.faq).state) == ("open", FaqState.DRAFT)


def test_bulk_publishing_asks_for_each(careful: Cast) -> None:
    faq = made(careful, publish=False)
    data = {"action": "publish", "faq": [str(faq.public_id)]}
    page = careful.client(careful.bob).post(f"{BASE}bulk/", data, follow=True).content.decode()
    assert "1 FAQ waits for approval." in page
    assert fresh(careful, faq).state == FaqState.DRAFT


def test_who_configures_switches_it_on_and_off(cast: Cast) -> None:
    url = f"{BASE}approvals/want/"
    for member, required, wanted in ((cast.olaf, "yes", False), (cast.ann, "yes", True), (cast.alice, "no", False)):
        cast.client(member).post(url, {"required": required})
        assert Merchant.objects.get(pk=cast.merchant.pk).publishing_needs_approval is wanted


def test_an_answer_that_runs_out_is_counted_at_home(cast: Cast) -> None:
    faq = made(cast)
    today = cast.now.date()
    save(cast, faq, publish="yes", valid_until=str(today + timedelta(days=3)))
    board = cast.client(cast.olaf).get("/console/mugs/").context["board"]
    [task] = [task for task in board.tasks if task.label == "FAQs that expire soon"]
    assert str(task.number) == "1"
    assert cast.client(cast.olaf).get(task.url).context["rows"][0].faq == faq
    page = cast.client(cast.olaf).get(f"{BASE}{faq.public_id}/")
    assert page.context["validity"].label in {"Expires in 2 days", "Expires in 3 days"}
