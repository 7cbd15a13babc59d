"""What the queue and a draft show."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft
from cs_portal.policies.engine import load_shipped
from tests.console.conftest import Cast
from tests.factories import make_candidate, make_conversation, make_draft, make_ruleset


def test_queue_shows_the_longest_waiting_first(cast: Cast) -> None:
    late = make_draft(
        cast.merchant, make_conversation(cast.merchant, texts=["Second"], now=cast.now), now=cast.now, confidence=0.64
    )
    early = make_draft(
        cast.merchant,
        make_conversation(cast.merchant, texts=["First"], now=cast.now),
        now=cast.now - timedelta(minutes=9),
        needs_person=True,
    )
    page = cast.client(cast.olaf).get("/console/mugs/review/").content.decode()
    assert page.index(f"row-{early.public_id}") < page.index(f"row-{late.public_id}")
    assert 'id="queue-count">2<' in page
    assert "64%" in page
    assert page.split('<ol class="queue-list">')[1].count("Needs a person") == 1


def test_the_queue_asks_the_same_number_of_queries_for_any_length(cast: Cast) -> None:
    client = cast.client(cast.olaf)
    client.get("/console/mugs/review/queue/")
    counts = []
    for more in (1, 7):
        for _ in range(more):
            make_draft(cast.merchant, make_conversation(cast.merchant, texts=["Hi"], now=cast.now), now=cast.now)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get("/console/mugs/review/queue/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 8


def test_an_empty_queue_teaches(cast: Cast) -> None:
    page = cast.client(cast.olaf).get("/console/mugs/review/").content.decode()
    assert "Nothing waits for review" in page
    assert 'href="/console/mugs/settings/storefronts/"' in page


def test_claims_of_others_show_in_the_queue_until_they_run_out(cast: Cast) -> None:
    draft = cast.draft()
    with scope(merchant=cast.merchant):
        Draft.objects.filter(pk=draft.pk).update(claimed_by=cast.bob, claimed_until=cast.now + timedelta(minutes=3))
    client = cast.client(cast.olaf)
    assert "With Bob" in client.get("/console/mugs/review/queue/").content.decode()
    with scope(merchant=cast.merchant):
        Draft.objects.filter(pk=draft.pk).update(claimed_until=cast.now - timedelta(seconds=1))
    assert "With Bob" not in client.get("/console/mugs/review/queue/").content.decode()


def test_a_draft_says_what_approving_does(cast: Cast) -> None:
    draft, _order, _conversation = cast.refund_draft()
    page = cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    assert "Refunds ¥86.00 of order 10533 to WeChat Pay." in page
    assert "Refund ¥86.00 and send" in page
    assert "Reported in time." in page
    assert "version 12 of the rules" in page


SHIPPED = load_shipped("standard").to_dict()


def _decided_by(cast: Cast, document: dict[str, Any], code: str) -> str:
    """The page of a draft that the rule of this ``code`` decided, under these rules, in words alone."""
    version = make_ruleset(cast.merchant, document, number=12, now=cast.now)
    draft, _order, _conversation = cast.refund_draft(ruleset=version)
    because = {"en": "it is 900.00", "zh-hans": "金额为 900.00"}
    verdict = {**(draft.verdict or {}), "rule": code, "trace": [{"rule": code, "matched": True, "because": because}]}
    with scope(merchant=cast.merchant):
        Draft.objects.filter(pk=draft.pk).update(verdict=verdict)
    return cast.client(cast.olaf).get(cast.url(draft)).content.decode()


def test_a_verdict_names_its_rules_as_people_do(cast: Cast) -> None:
    page = _decided_by(cast, SHIPPED, "refund-ceiling")
    assert page.count("Refund above the ceiling") == 2  # in the trace and below it
    assert "refund-ceiling" not in page


def test_a_rule_that_nobody_named_is_called_by_its_sentence(cast: Cast) -> None:
    first, *others = SHIPPED["rules"]
    bare = {key: value for key, value in first.items() if key != "label"}
    page = _decided_by(cast, {**SHIPPED, "rules": [bare, *others]}, "refund-ceiling")
    assert page.count("When a shopper asks for a refund and the amount asked for is more than ¥500.00") == 2
    assert "refund-ceiling" not in page


@pytest.mark.parametrize(("code", "name"), [("default", "No rule matched"), ("ownership", "another shopper&#x27;s")])
def test_what_is_no_rule_has_a_name_too(cast: Cast, code: str, name: str) -> None:
    assert page_says(_decided_by(cast, SHIPPED, code), name)


def page_says(page: str, words: str) -> bool:
    trace = page.split('class="verdict-trace"')[1].split("</section>")[0]
    return trace.count(words) == 2


def test_a_rule_of_rules_that_are_gone_keeps_its_code_out_of_translation(cast: Cast) -> None:
    draft, _order, _conversation = cast.refund_draft()
    page = cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    assert page.count('translate="no">fault-with-photo</span>') == 2


def test_an_amount_that_wants_an_admin_bars_the_operator_and_says_why(cast: Cast) -> None:
    draft, _order, _conversation = cast.refund_draft()
    with scope(merchant=cast.merchant):
        Draft.objects.filter(pk=draft.pk).update(verdict={**draft.verdict, "approver": "admin"})
    barred = "The rules want an admin to approve this amount."
    assert barred in cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    assert barred not in cast.client(cast.ann).get(cast.url(draft)).content.decode()


def test_only_configurers_are_offered_the_override(cast: Cast) -> None:
    draft, _order, _conversation = cast.refund_draft()
    assert "Override verdict" in cast.client(cast.ann).get(cast.url(draft)).content.decode()
    assert "Override verdict" not in cast.client(cast.olaf).get(cast.url(draft)).content.decode()


def test_analysts_read_without_buttons(cast: Cast) -> None:
    draft, _order, _conversation = cast.refund_draft()
    page = cast.client(cast.nina).get(cast.url(draft)).content.decode()
    assert "We are sorry that your mug broke." in page
    assert '/approve/"' not in page.split('id="decision"')[1].split("<button")[0] or "<textarea" not in page
    assert "<textarea" not in page
    assert "You can read drafts, not decide on them." in page


def test_statements_name_their_evidence_and_violations_are_marked(cast: Cast) -> None:
    draft, _order, _conversation = cast.refund_draft(texts=())
    text = "Order 10533 is refunded. It arrives tomorrow."
    make_candidate(
        draft,
        text,
        links=[{"start": 0, "end": 24, "evidence": "order:10533"}, {"start": 25, "end": 30, "evidence": "faq:gone:1"}],
        violations=[{"kind": "date", "text": "tomorrow", "start": 36, "end": 44}],
    )
    page = cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    assert '<span class="statement" tabindex="0" data-evidence="order:10533">Order 10533 is refunded.</span>' in page
    assert 'title="Date without evidence">tomorrow' in page
    assert "faq:gone" not in page


def test_marks_show_where_they_are_and_beside_the_reply(cast: Cast) -> None:
    draft, _order, _conversation = cast.refund_draft(texts=())
    text = "Order 10533 is refunded. Our founder paints."
    marks = [
        {"kind": "unsupported", "text": "Our founder paints.", "start": 25, "end": 44},
        {"kind": "unanswered", "text": "Can I wash it?", "start": 44, "end": 44},
    ]
    make_candidate(draft, text, links=[{"start": 0, "end": 24, "evidence": "order:10533"}], violations=marks)
    page = cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    assert 'data-evidence="order:10533">Order 10533 is refunded.</span>' in page
    assert 'title="Sentence without evidence">Our founder paints.' in page
    assert "A question is left unanswered" in page


@pytest.mark.parametrize("payload", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7|add:7 }}"])
def test_words_of_shoppers_and_models_are_never_markup(cast: Cast, payload: str) -> None:
    why = {"en": payload, "zh-hans": payload}
    draft = cast.draft(payload, texts=(payload,), reopened_because=why, model_note=payload)
    page = cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "{{ 7|add:7 }}" in page or "&lt;" in page


def test_a_stale_draft_says_so_before_one_tries(cast: Cast) -> None:
    draft, order, _conversation = cast.refund_draft()
    with scope(merchant=cast.merchant):
        type(order).objects.filter(pk=order.pk).update(version=order.version + 1)
    page = cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    assert "Out of date: something changed since this draft was made" in page


def test_status_tells_a_reader_of_an_older_draft_that_it_moved_on(cast: Cast) -> None:
    draft = cast.draft()
    client = cast.client(cast.olaf, htmx=True)
    moved = "This draft was made anew or its verdict was overridden."
    assert moved in client.get(cast.url(draft, "status/") + "?seen=older").content.decode()
    assert moved not in client.get(cast.url(draft, "status/")).content.decode()


def test_htmx_gets_the_workspace_and_everybody_else_the_page(cast: Cast) -> None:
    draft = cast.draft()
    fragment = cast.client(cast.olaf, htmx=True).get(cast.url(draft))
    assert "<html" not in fragment.content.decode()
    page = cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    assert "<html" in page
    assert 'id="queue"' in page


def test_a_draft_in_the_query_opens_it(cast: Cast) -> None:
    draft = cast.draft()
    answer = cast.client(cast.olaf).get(f"/console/mugs/review/?draft={draft.public_id}")
    assert answer["Location"] == cast.url(draft)
    assert cast.client(cast.olaf).get("/console/mugs/review/?draft=nonsense").status_code == 200


def test_answers_that_fit_badly_are_folded_unless_a_candidate_rests_on_them(cast: Cast) -> None:
    def faq(key: str, score: float) -> dict[str, object]:
        both = {"en": key, "zh-hans": key}
        return {"ref": f"faq:{key}:1", "kind": "faq", "title": both, "text": both, "score": score, "fields": []}

    draft = cast.draft(texts=(), evidence=[faq("fits", 0.25), faq("linked", 0.02), faq("weak", 0.24)])
    make_candidate(draft, "Text", links=[{"start": 0, "end": 4, "evidence": "faq:linked:1"}])
    page = cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    shown, folded = page.split('<details class="folded"')
    assert "evidence-faq-fits-1" in shown
    assert "evidence-faq-linked-1" in shown
    assert "evidence-faq-weak-1" in folded
    assert "1 answer that fits less" in folded
