"""Candidates side by side: which words are marked, and what the page offers."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from cs_portal.console.presenters.candidates import candidate_tabs
from cs_portal.console.presenters.comparison import Column, comparison, spans
from cs_portal.drafting.models import DraftCandidate
from tests.console.conftest import Cast
from tests.factories import make_candidate


def _columns(*texts: str, **fields: object) -> list[Column]:
    rows = [
        DraftCandidate(position=number, source="composer", model="c", text=text, score=0.5, **fields)
        for number, text in enumerate(texts, start=1)
    ]
    return comparison(rows, candidate_tabs(rows, selected=1, known={"order:1"}), known={"order:1"})


def _marked(column: Column) -> list[str]:
    return [piece.text for piece in column.segments if piece.differs]


def test_words_that_the_first_does_not_say_are_marked_and_in_the_first_those_that_no_other_says() -> None:
    first, second, third = _columns("Hi, we refund 5 today.", "Hi, we refund 5 soon.", "Hi, we sent 5 today.")
    assert _marked(first) == [], "each of its words stands in one of the others"
    assert (_marked(second), _marked(third)) == (["soon"], ["sent"])
    first, second = _columns("Hi, we refund 5.", "Hello, we refund 5.")
    assert (_marked(first), _marked(second)) == (["Hi"], ["Hello"])


def test_every_text_stays_whole_with_its_evidence_and_violations() -> None:
    links = [{"start": 0, "end": 9, "evidence": "order:1"}]
    violations = [{"start": 4, "end": 7, "kind": "amount", "text": "two"}]
    columns = _columns("one two three", "one six three", links=links, violations=violations)
    assert ["".join(piece.text for piece in column.segments) for column in columns] == [
        "one two three",
        "one six three",
    ]
    marked = [piece for piece in columns[1].segments if piece.differs]
    assert [(piece.text, piece.evidence, bool(piece.violation)) for piece in marked] == [("six", "order:1", True)]


def test_chinese_is_compared_by_characters() -> None:
    first, second = _columns("您好，退款今天到账。", "您好，退款明天到账。")
    assert (_marked(first), _marked(second)) == (["今"], ["明"])


def test_one_wording_alone_is_compared_with_nothing() -> None:
    assert _columns("One.") == []


def test_spans_are_offsets_into_the_text_that_they_are_of() -> None:
    assert spans("a b c", "a x c", "added") == [(2, 3)]
    assert spans("a bb c", "a c", "removed") == [(2, 4)]


def test_the_page_offers_the_columns_with_a_key_and_a_choice_each(cast: Cast) -> None:
    draft = cast.draft(texts=("We refund you.", "We repay you."))
    page = cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    assert 'data-behaviour="compare"' in page
    assert 'data-key="c"' in page
    assert '<em class="differs">repay</em>' in page
    assert page.count("Choose this one") == 1
    assert page.count("Chosen") == 1
    reads = cast.client(cast.nina).get(cast.url(draft)).content.decode()
    assert 'class="beside-column' in reads
    assert "Choose this one" not in reads


def test_a_lone_candidate_has_no_columns(cast: Cast) -> None:
    assert (
        'data-behaviour="compare"'
        not in cast.client(cast.olaf).get(cast.url(cast.draft(texts=("We refund you.",)))).content.decode()
    )


def test_more_candidates_cost_no_more_queries(cast: Cast) -> None:
    draft = cast.draft(texts=("One.", "Two."))
    client = cast.client(cast.olaf, htmx=True)
    client.get(cast.url(draft, "candidates/"))
    with CaptureQueriesContext(connection) as few:
        client.get(cast.url(draft, "candidates/"))
    for text in ("Three.", "Four.", "Five."):
        make_candidate(draft, text)
    with CaptureQueriesContext(connection) as more:
        client.get(cast.url(draft, "candidates/"))
    assert len(more) == len(few)
