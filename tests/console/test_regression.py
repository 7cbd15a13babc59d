"""The pages of the regression set: who may, what is shown, and what is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cs_portal.conversations.models import Message
from cs_portal.core.models import AuditEntry, Job
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft, Review
from cs_portal.knowledge.models import CaseOrigin, Faq
from cs_portal.knowledge.services.lifecycle import archive_faq
from tests.console.conftest import Cast
from tests.console.regression_desk import BASE, case, cases, faq
from tests.factories import make_faq

# --- cases -----------------------------------------------------------------------------------------------------


def test_an_empty_set_says_how_to_begin(cast: Cast) -> None:
    assert "From reviews" in cast.client(cast.olaf).get(BASE).content.decode()
    assert "From reviews" not in cast.client(cast.nina).get(BASE).content.decode()


def test_a_case_is_written_by_hand(cast: Cast) -> None:
    row = faq(cast)
    client = cast.client(cast.olaf)
    page = client.get(f"{BASE}new/?find=abroad&question=overseas")
    assert f'value="{row.public_id}"' in page.content.decode()
    data = {"question": "  overseas\n? ", "expects": str(row.public_id), "find": "abroad"}
    assert client.post(f"{BASE}new/", data).status_code == 302
    assert client.post(f"{BASE}new/", {"question": "weather?", "expects": "nothing"}).status_code == 302
    assert cases(cast) == [("overseas ?", row.title, "hand"), ("weather?", None, "hand")]
    assert AuditEntry.objects.filter(action="regression.case_added").count() == 2
    assert "overseas" not in str(AuditEntry.objects.filter(action="regression.case_added").values())


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": ""},
        {"question": "?!"},
        {"question": "x" * 501},
        {"expects": ""},
        {"expects": "nonsense"},
        {"question": "OVERSEAS？"},
    ],
)
def test_a_case_that_breaks_a_rule_comes_back(cast: Cast, wrong: dict[str, str]) -> None:
    row = faq(cast)
    case(cast, "overseas", row)
    data = {"question": "abroad", "expects": str(row.public_id)} | wrong
    assert cast.client(cast.olaf).post(f"{BASE}new/", data).status_code == 422
    assert len(cases(cast)) == 1


def test_an_archived_or_a_foreign_faq_cannot_be_expected(cast: Cast) -> None:
    gone, theirs = faq(cast), make_faq(cast.charlie.merchant)
    with scope(merchant=cast.merchant):
        archive_faq(faq_id=gone.public_id, by=cast.olaf, seen=1, now=cast.now)
    client = cast.client(cast.olaf)
    assert client.post(f"{BASE}new/", {"question": "x", "expects": str(gone.public_id)}).status_code == 422
    assert client.post(f"{BASE}new/", {"question": "x", "expects": str(theirs.public_id)}).status_code == 404
    assert cases(cast) == []


def test_a_case_is_corrected_removed_and_brought_back(cast: Cast) -> None:
    row, other = faq(cast), faq(cast, "How do I wash the towels?")
    made = case(cast, "overseas", row)
    client = cast.client(cast.olaf)
    data = {"question": "wash", "expects": str(other.public_id)}
    assert client.post(f"{BASE}{made.public_id}/", data).status_code == 302
    assert cases(cast) == [("wash", other.title, "hand")]
    client.post(f"{BASE}remove/", {"case": [str(made.public_id)]})
    assert cases(cast) == []
    assert client.get(f"{BASE}{made.public_id}/").status_code == 404
    assert client.post(f"{BASE}restore/").status_code == 302
    assert cases(cast) == [("wash", other.title, "hand")]


def test_what_was_removed_cannot_come_back_twice(cast: Cast) -> None:
    made = case(cast, "overseas", None)
    client = cast.client(cast.olaf)
    client.post(f"{BASE}remove/", {"case": [str(made.public_id)]})
    case(cast, "Overseas!", None)
    assert client.post(f"{BASE}restore/").status_code == 409
    assert [question for question, _faq, _origin in cases(cast)] == ["Overseas!"]


def test_analysts_read_and_strangers_find_nothing(cast: Cast) -> None:
    made = case(cast, "overseas", faq(cast))
    nina, charlie = cast.client(cast.nina), cast.client(cast.charlie)
    assert b"overseas" in nina.get(BASE).content
    assert nina.post(f"{BASE}{made.public_id}/", {"question": "x", "expects": "nothing"}).status_code == 403
    assert nina.post(f"{BASE}remove/", {"case": [str(made.public_id)]}).status_code == 403
    assert nina.post(f"{BASE}run/").status_code == 403
    assert charlie.get(f"/console/rival/knowledge/regression/{made.public_id}/").status_code == 404
    charlie.post("/console/rival/knowledge/regression/remove/", {"case": [str(made.public_id)]})
    assert len(cases(cast)) == 1
    assert not Job.objects.filter(kind="run_regression").exists()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["weather", "gone", "overseas"]),
        ("?q=OVER", ["overseas"]),
        ("?q=abroad", ["overseas"]),
        ("?state=nothing", ["weather"]),
        ("?state=homeless", ["gone"]),
        ("?state=failing", []),
        ("?state=new", ["weather", "gone", "overseas"]),
        ("?state=nonsense&faq=nonsense", ["weather", "gone", "overseas"]),
    ],
)
def test_the_set_is_searched_and_narrowed(cast: Cast, query: str, found: list[str]) -> None:
    row, old = faq(cast), faq(cast, "Old?")
    case(cast, "overseas", row)
    case(cast, "gone", old)
    case(cast, "weather", None)
    with scope(merchant=cast.merchant):
        archive_faq(faq_id=old.public_id, by=cast.olaf, seen=1, now=cast.now)
    page = cast.client(cast.nina).get(f"{BASE}{query}")
    assert [each.case.question for each in page.context["rows"]] == found
    of_faq = cast.client(cast.nina).get(f"{BASE}?faq={old.public_id}")
    assert [each.case.question for each in of_faq.context["rows"]] == ["gone"]


def test_the_list_costs_the_same_for_two_and_for_forty(cast: Cast) -> None:
    client = cast.client(cast.nina)

    def queries() -> int:
        client.get(BASE)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(BASE).status_code == 200
        return len(captured)

    for number in range(2):
        case(cast, f"question {number}", faq(cast, f"FAQ {number}?"))
    few = queries()
    for number in range(2, 40):
        case(cast, f"question {number}", faq(cast, f"FAQ {number}?"))
    assert queries() == few


# --- files -----------------------------------------------------------------------------------------------------


def upload(cast: Cast, text: str | bytes, name: str = "cases.csv") -> object:
    data = text.encode() if isinstance(text, str) else text
    return cast.client(cast.olaf).post(f"{BASE}file/", {"file": SimpleUploadedFile(name, data)})


def test_a_file_is_looked_at_before_anything_is_written(cast: Cast) -> None:
    row = faq(cast)
    case(cast, "known", row)
    text = (
        "query,faq_id,locale\n"
        f"by key,{row.key},en\n"
        f"by id,{row.public_id},en\n"
        'by question,"Do you ship abroad?",en\n'
        "weather,,en\n"
        f"known,{row.key},en\n"
        "known?,,en\n"
        "nobody,no-such-faq,en\n"
        f",{row.key},en\n"
    )
    page = upload(cast, text)
    assert page.status_code == 200  # type: ignore[attr-defined]
    context = page.context  # type: ignore[attr-defined]
    assert [c.question for c, _faq in context["weighed"].new] == ["by key", "by id", "by question", "weather"]
    assert [c.question for c in context["weighed"].known] == ["known"]
    assert [(r.line, r.reason) for r in context["refused"]] == [
        (7, "Line 6 asks the same and names another FAQ."),
        (8, "There is no FAQ “no-such-faq”."),
        (9, "Type a question."),
    ]
    assert len(cases(cast)) == 1
    confirmed = cast.client(cast.olaf).post(f"{BASE}file/confirm/", {"cases": context["confirm"]["cases"].value()})
    assert confirmed.status_code == 302
    assert cases(cast)[1:] == [
        ("by key", row.title, "file"),
        ("by id", row.title, "file"),
        ("by question", row.title, "file"),
        ("weather", None, "file"),
    ]


def test_a_question_that_the_set_has_with_another_faq_is_refused(cast: Cast) -> None:
    case(cast, "known", faq(cast))
    page = upload(cast, "query,faq_id\nknown,\n")
    assert page.context["weighed"].new == []  # type: ignore[attr-defined]
    assert [r.reason for r in page.context["refused"]] == [  # type: ignore[attr-defined]
        "The set has this question already, with another FAQ."
    ]


def test_json_lines_and_other_encodings_are_read(cast: Cast) -> None:
    row = faq(cast)
    lines = f'{{"question": "寄国外吗", "faq": "{row.key}"}}\n{{"question": "no key"}}\n{{broken\n'
    page = upload(cast, lines, "cases.jsonl")
    assert [c.question for c, _faq in page.context["weighed"].new] == ["寄国外吗"]  # type: ignore[attr-defined]
    assert [r.line for r in page.context["refused"]] == [2, 3]  # type: ignore[attr-defined]
    gbk = upload(cast, f"问题,faq\n寄国外吗,{row.key}\n".encode("gbk"))
    assert [c.question for c, _faq in gbk.context["weighed"].new] == ["寄国外吗"]  # type: ignore[attr-defined]


def test_the_set_of_the_bench_can_be_taken_up(cast: Cast) -> None:
    """Without its FAQs each of its answerable queries is refused by name, and so is one without a word."""
    page = upload(cast, Path("bench/zh_faq/queries.csv").read_bytes())
    assert page.status_code == 200  # type: ignore[attr-defined]
    assert len(page.context["weighed"].new) == 55  # type: ignore[attr-defined]
    assert page.context["refused_count"] == 456  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "query\nx\n", b"PK\x03\x04zip", "query,faq_id\n" + "x" * 600_000])
def test_what_is_no_such_file_is_refused_with_a_reason(cast: Cast, text: str | bytes) -> None:
    page = upload(cast, text)
    assert page.status_code == 422  # type: ignore[attr-defined]
    assert page.context["form"].errors["file"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("cases_sent", ["", "no json", "[1]", '[["x"]]', '{"a": 1}'])
def test_a_confirmation_that_is_none_adds_nothing(cast: Cast, cases_sent: str) -> None:
    assert cast.client(cast.olaf).post(f"{BASE}file/confirm/", {"cases": cases_sent}).status_code == 422
    assert cases(cast) == []


def test_what_is_exported_is_known_when_it_comes_back(cast: Cast) -> None:
    row = faq(cast)
    case(cast, "=1+1 寄国外", row)
    case(cast, "weather, please", None)
    exported = cast.client(cast.nina).get(f"{BASE}export/")
    assert b"'=1+1" in exported.content
    page = upload(cast, exported.content)
    assert page.context["weighed"].new == []  # type: ignore[attr-defined]
    assert len(page.context["weighed"].known) == 2  # type: ignore[attr-defined]


# --- reviews ---------------------------------------------------------------------------------------------------


def approved(cast: Cast, text: str, row: Faq, *, score: float = 0.9) -> object:
    evidence = [
        {"ref": f"faq:{row.public_id}:1", "kind": "faq", "title": {}, "text": {}, "score": score, "locale": "en"}
    ]
    draft = cast.draft(text, evidence=evidence, locale="en")
    with scope(merchant=cast.merchant):
        Review.objects.create(draft=draft, member=cast.olaf, decision="approved", created_at=cast.now)
    return draft


def test_questions_of_approved_replies_are_offered_without_personal_data(cast: Cast) -> None:
    row = faq(cast)
    good = approved(cast, "Do you ship to Spain? Mail me: li@example.com or 138 0013 8000", row)
    approved(cast, "weak one", row, score=0.2)
    client = cast.client(cast.olaf)
    page = client.get(f"{BASE}reviews/")
    offered = page.context["offered"]
    assert [(each.question, each.faq) for each in offered] == [
        ("Do you ship to Spain? Mail me: [EMAIL] or [PHONE]", row)
    ]
    draft_id = good.public_id  # type: ignore[attr-defined]
    data = {"draft": [str(draft_id)], f"question-{draft_id}": "Do you ship to Spain?"}
    assert client.post(f"{BASE}reviews/", data).status_code == 302
    assert cases(cast) == [("Do you ship to Spain?", row.title, CaseOrigin.REVIEW)]
    assert client.get(f"{BASE}reviews/").context["offered"] == []


def test_the_rest_of_a_question_is_not_offered(cast: Cast) -> None:
    row = faq(cast)
    draft = approved(cast, "Do you ship to Spain?", row)
    with scope(merchant=cast.merchant):
        first = draft.message  # type: ignore[attr-defined]
        later = Message.objects.create(
            conversation=first.conversation, author="shopper", text="in 30 days", created_at=cast.now
        )
        Draft.objects.filter(pk=draft.pk).update(message=later)  # type: ignore[attr-defined]
    assert cast.client(cast.olaf).get(f"{BASE}reviews/").context["offered"] == []


def test_a_height_and_a_weight_are_no_phone_number_and_an_address_alone_no_question(cast: Cast) -> None:
    approved(cast, "175 60kg which size?", faq(cast))
    approved(cast, "li@example.com", faq(cast))
    offered = cast.client(cast.olaf).get(f"{BASE}reviews/").context["offered"]
    assert [each.question for each in offered] == ["175 60kg which size?"]


def test_the_questions_of_reviews_cost_the_same_for_two_and_for_twenty(cast: Cast) -> None:
    row, client = faq(cast), cast.client(cast.olaf)

    def queries() -> int:
        client.get(f"{BASE}reviews/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{BASE}reviews/").status_code == 200
        return len(captured)

    for number in range(2):
        approved(cast, f"question {number}?", row)
    few = queries()
    for number in range(2, 20):
        approved(cast, f"question {number}?", row)
    assert queries() == few


def test_choosing_none_or_emptying_the_words_adds_nothing(cast: Cast) -> None:
    draft = approved(cast, "Do you ship to Spain?", faq(cast))
    client, draft_id = cast.client(cast.olaf), draft.public_id  # type: ignore[attr-defined]
    assert client.post(f"{BASE}reviews/", {}).status_code == 422
    assert client.post(f"{BASE}reviews/", {"draft": [str(draft_id)], f"question-{draft_id}": " "}).status_code == 422
    assert cases(cast) == []
