"""Settings → Ranking and confidence: the live example, who saves, what reviews say, is the confidence true."""

from __future__ import annotations

from typing import Any

import pytest

from bots.composing.ranking import DEFAULT_WEIGHTS
from cs_portal.core.tenancy import scope
from cs_portal.drafting.assessing import weights_of_merchant
from cs_portal.drafting.models import Decision, Draft, LearnedWeights, Review, WeightsState
from tests.console.conftest import Cast
from tests.factories import make_candidate, make_conversation, make_draft, make_merchant

URL = "/console/mugs/settings/ranking/"
USUAL = {name: round(share * 100) for name, share in DEFAULT_WEIGHTS.as_dict().items()}
SIGNALS = {"retrieval": 0.9, "guard": 1.0, "coverage": 1.0, "topic": 1.0, "tone": 1.0, "fluency": 0.2, "fit": 0.2}
FLUENT = {**SIGNALS, "coverage": 0.4, "fluency": 0.9, "fit": 0.95}
TOLD = {"log_loss": 0.6, "brier": 0.2, "auc": 0.7}


def rankable(cast: Cast, *, question: str = "Where is it?") -> Draft:
    draft = cast.draft(question, texts=[])
    make_candidate(draft, "The composed words.", signals=SIGNALS)
    make_candidate(draft, "The fluent words.", signals=FLUENT, source="language_model", model="m+reply_v1")
    return draft


def order_in(html: str) -> list[str]:
    places = {text: html.index(text) for text in ("The composed words.", "The fluent words.")}
    return sorted(places, key=places.__getitem__)


@pytest.mark.parametrize(("who", "status"), [("olaf", 403), ("nina", 403), ("charlie", 404)])
def test_only_owners_and_admins_change_anything(cast: Cast, who: str, status: int) -> None:
    client = cast.client(getattr(cast, who))
    assert client.post(URL, {**USUAL, "tone": "90"}).status_code == status
    for step in ("reset/", "learn/", "learned/00000000-0000-4000-8000-000000000000/"):
        assert client.post(URL + step).status_code == status
    with scope(merchant=cast.merchant):
        assert weights_of_merchant() == DEFAULT_WEIGHTS
    if status == 403:
        page = client.get(URL).content.decode()
        assert "Live example" in page and "Save weights" not in page


def test_weights_are_saved_put_back_and_refused(cast: Cast) -> None:
    client = cast.client(cast.ann)
    assert client.post(URL, {**USUAL, "tone": "90"}).status_code == 302
    with scope(merchant=cast.merchant):
        assert weights_of_merchant().tone == pytest.approx(0.9 / 1.8)
    assert "Back to the defaults" in client.get(URL).content.decode()
    for wrong in ({"tone": "x"}, {"tone": "101"}, {"tone": "-1"}, {}):
        assert client.post(URL, wrong).status_code == 422
    assert client.post(URL + "reset/").status_code == 302
    with scope(merchant=cast.merchant):
        assert weights_of_merchant() == DEFAULT_WEIGHTS


def test_the_example_is_ranked_again_as_the_weights_move_and_nothing_is_saved(cast: Cast) -> None:
    draft = rankable(cast)
    client = cast.client(cast.nina, htmx=True)
    assert order_in(client.get(URL).content.decode()) == ["The composed words.", "The fluent words."]
    moved = client.get(URL + "example/", {"fit": "80", "guard": "20", "draft": str(draft.public_id)}).content.decode()
    assert order_in(moved) == ["The fluent words.", "The composed words."]
    assert "up from place 2" in moved and "Nothing is saved yet" in moved and "<html" not in moved
    same = client.get(URL + "example/", {**USUAL, "draft": str(draft.public_id)}).content.decode()
    assert order_in(same) == ["The composed words.", "The fluent words."] and "down from" not in same
    assert "At least one signal" in client.get(URL + "example/", {"fit": "0"}).content.decode()
    with scope(merchant=cast.merchant):
        assert weights_of_merchant() == DEFAULT_WEIGHTS


def test_a_wording_without_evidence_stays_behind_whatever_the_weights(cast: Cast) -> None:
    draft = rankable(cast)
    with scope(merchant=cast.merchant):
        lie = [{"kind": "amount", "text": "The", "start": 0, "end": 3}]
        draft.candidates.filter(source="language_model").update(violations=lie)
    html = cast.client(cast.ann, htmx=True).get(URL + "example/", {"fit": "100"}).content.decode()
    assert order_in(html) == ["The composed words.", "The fluent words."] and "Never first" in html


def test_another_shops_drafts_are_no_example(cast: Cast) -> None:
    other = make_merchant("other")
    foreign = make_draft(other, make_conversation(other, texts=["Secret?"]), texts=[])
    for text in ("Foreign one", "Foreign two"):
        make_candidate(foreign, text, signals=SIGNALS)
    client = cast.client(cast.ann)
    html = client.get(URL + "example/", {**USUAL, "draft": str(foreign.public_id)}).content.decode()
    assert "Foreign" not in html and "Foreign" not in client.get(URL).content.decode()


def test_the_page_asks_as_much_with_many_drafts(cast: Cast, django_assert_max_num_queries: Any) -> None:
    client = cast.client(cast.ann)
    rankable(cast)
    client.get(URL)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get(URL)
    for number in range(8):
        rankable(cast, question=f"Question {number}?")
    with django_assert_max_num_queries(len(few)):
        client.get(URL)


def test_what_is_missing_a_proposal_and_its_acceptance(cast: Cast) -> None:
    client = cast.client(cast.ann)
    html = client.get(URL).content.decode()
    assert "50 unedited replies are still missing" in html and "No review yet" in html
    with scope(merchant=cast.merchant):
        row = LearnedWeights.objects.create(
            state=WeightsState.OPEN,
            weights={"tone": 0.7, "guard": 0.3},
            figures={"reviews": 120, "before": TOLD, "after": TOLD, "held": ["fluency"], "kept": ["fit"]},
            created_at=cast.now,
        )
        draft = cast.draft("q")
        for number in range(100):
            candidate = make_candidate(draft, f"w{number}", signals=SIGNALS)
            decision = Decision.REJECTED if number % 2 else Decision.APPROVED
            own = cast.draft("q", texts=[])
            Review.objects.create(draft=own, decision=decision, candidate=candidate, created_at=cast.now)
    html = client.get(URL).content.decode()
    assert "Held at 0" in html and "Fluency" in html and "70 %" in html
    assert "91 %" in html and "Sent unedited" in html
    url = f"{URL}learned/{row.public_id}/"
    assert "Use these weights" not in cast.client(cast.nina).get(URL).content.decode()
    assert client.post(url, {"accept": "1"}).status_code == 302
    with scope(merchant=cast.merchant):
        assert weights_of_merchant().tone == pytest.approx(0.7)
    assert client.post(url, {"accept": "1"}).status_code == 409


def test_review_tells_why_a_wording_comes_first_and_what_the_confidence_is_made_of(cast: Cast) -> None:
    draft = rankable(cast)
    factors = [{"code": "intent", "share": 0.96}, {"code": "unanswered", "share": 0.4}]
    with scope(merchant=cast.merchant):
        Draft.objects.filter(pk=draft.pk).update(prior=0.38, confidence=0.3, factors=factors, selected=1)
    html = cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    assert "Why this one first" in html and "Completeness" in html
    assert html.index("A question is left open") < html.index("The question is understood surely")
    assert "38 % by these, 30 %" in html


def test_drafts_of_older_versions_show_their_confidence_as_before(cast: Cast) -> None:
    draft = cast.draft()
    html = cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    assert "91%" in html and "Why this one first" not in html and "confidence-reasons" not in html
