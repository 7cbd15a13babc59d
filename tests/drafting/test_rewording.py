"""The same reply said otherwise: by the composer without a model, of other words by a connected one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from cs_portal.core.errors import Conflict, Invalid, NotAllowed
from cs_portal.core.models import AuditEntry, Job
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.errors import DraftAlreadyDecided
from cs_portal.drafting.models import Draft, DraftCandidate, DraftState, Rewording
from cs_portal.drafting.services.rewording import MOST_CANDIDATES, ask_for_rewording
from tests.drafting.conftest import Desk, make_desk
from tests.drafting.models_at_hand import make_connection
from tests.factories import make_candidate
from tests.model_server import ModelServer, fails, model_server, writes

pytestmark = pytest.mark.django_db(transaction=True)
CALM = "We have cancelled order #10533 for you."


@pytest.fixture
def desk(transactional_db: None) -> Iterator[Desk]:
    desk = make_desk()
    with scope(merchant=desk.merchant):
        yield desk


@pytest.fixture
def server(desk: Desk, settings: Any) -> Iterator[ModelServer]:
    with model_server() as running:
        settings.LANGUAGE_MODEL_HOSTS = [running.host]
        running.always = writes(CALM)
        make_connection(desk.merchant, running.url)
        yield running


def ask(desk: Desk, wish: str, *, text: str = "", candidate: int | None = 1, by: Any = None) -> Rewording:
    return ask_for_rewording(
        draft_id=desk.draft.public_id,
        by=by or desk.olaf,
        wish=wish,
        candidate=candidate,
        text=text,
        now=timezone.now(),
    )


def made(desk: Desk, wish: str, **fields: Any) -> DraftCandidate:
    row = ask(desk, wish, **fields)
    run_due(["fast", "model"], keep=False)
    row.refresh_from_db()
    assert (row.state, row.failure) == ("done", "")
    assert row.candidate is not None
    return row.candidate


@pytest.mark.parametrize(
    ("wish", "said", "unsaid"),
    [
        ("brief", "Hello.", "anything else"),
        ("warm", "glad to help", "Let me know if"),
        ("formal", "Dear customer", "Hi"),
        ("zh-hans", "您好", "Hello"),
    ],
)
def test_the_composer_says_it_otherwise_on_the_same_facts(desk: Desk, wish: str, said: str, unsaid: str) -> None:
    before = list(desk.draft.candidates.values_list("position", "text"))
    new = made(desk, wish)
    assert (new.source, new.wish, new.position) == ("composer", wish, len(before) + 1)
    assert said in new.text
    assert unsaid not in new.text
    assert desk.order.number in new.text
    assert not [each for each in new.violations if each["kind"] not in {"unanswered", "unsupported"}]
    assert {each["evidence"] for each in new.links} >= {"verdict:cancel"}
    assert list(desk.draft.candidates.values_list("position", "text"))[: len(before)] == before
    desk.draft.refresh_from_db()
    assert desk.draft.selected == 1, "what is read stays"


def test_the_same_wish_again_says_nothing_new(desk: Desk) -> None:
    made(desk, "warm")
    row = ask(desk, "warm")
    run_due(["fast"], keep=False)
    row.refresh_from_db()
    assert (row.state, row.failure) == ("failed", "same")


def test_it_is_asked_once_at_a_time_and_noted_without_words(desk: Desk) -> None:
    ask(desk, "warm")
    with pytest.raises(Conflict):
        ask(desk, "warm")
    assert Job.objects.filter(kind="compose_rewording").count() == 1
    (entry,) = AuditEntry.objects.filter(action="draft.reworded")
    assert entry.data["wish"] == "warm"
    assert desk.draft.candidates.get(position=1).text not in str(entry.data)


def test_who_only_reads_asks_for_nothing(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        ask(desk, "warm", by=desk.nina)
    with pytest.raises(Invalid):
        ask(desk, "sung")
    assert not Job.objects.exists()
    assert not Rewording.objects.exists()


def test_a_decided_draft_is_left_alone(desk: Desk) -> None:
    row = ask(desk, "warm")
    Draft.objects.filter(pk=desk.draft.pk).update(state=DraftState.APPROVED)
    run_due(["fast"], keep=False)
    row.refresh_from_db()
    assert (row.failure, desk.draft.candidates.filter(wish="warm").count()) == ("moved", 0)
    with pytest.raises(DraftAlreadyDecided):
        ask(desk, "brief")


def test_there_are_no_more_wordings_than_number_keys(desk: Desk) -> None:
    while desk.draft.candidates.count() < MOST_CANDIDATES:
        make_candidate(desk.draft, f"Wording {desk.draft.candidates.count()}.")
    with pytest.raises(Conflict):
        ask(desk, "warm")


def test_other_words_need_a_connected_model(desk: Desk) -> None:
    make_candidate(desk.draft, "A model wrote this.", source="language_model")
    for fields in ({"text": "I typed this."}, {"candidate": 3}, {"candidate": None, "text": "From nothing."}):
        with pytest.raises(Invalid):
            ask(desk, "brief", **fields)
    assert not Job.objects.exists()


def test_a_connected_model_rewrites_what_was_typed_without_seeing_a_person(desk: Desk, server: ModelServer) -> None:
    shopper = desk.conversation.shopper
    typed = f"Dear {shopper.name}, order #10533 is cancelled; write to {shopper.email} if not."
    new = made(desk, "brief", text=typed)
    assert (new.text, new.source, new.wish, new.model) == (CALM, "language_model", "brief", "small-1+reword_v1")
    sent = str(server.requests)
    assert "Reply to rewrite" in sent
    assert "shorter" in sent
    for secret in (shopper.name, shopper.email, "10533"):
        assert secret not in sent
    assert Rewording.objects.get().text == "", "the words are kept as the candidate alone"


def test_what_a_model_rewrote_is_checked_against_the_evidence(desk: Desk, server: ModelServer) -> None:
    server.always = writes("We refund 999.00 USD today.")
    new = made(desk, "warm", text="Your order is cancelled.")
    assert "amount" in {each["kind"] for each in new.violations}


def test_a_model_that_fails_leaves_a_reason_and_nothing_else(desk: Desk, server: ModelServer) -> None:
    server.always = fails(401)
    before = desk.draft.candidates.count()
    row = ask(desk, "warm", text="Your order is cancelled.")
    run_due(["model"], keep=False)
    row.refresh_from_db()
    assert (row.state, row.failure, row.text) == ("failed", "not_authorised", "")
    assert desk.draft.candidates.count() == before


def test_an_answer_that_is_not_translated_cannot_be_said_in_the_other_language(desk: Desk, monkeypatch: Any) -> None:
    from cs_portal.drafting.services import rewording

    def untranslated(*_args: Any, **_fields: Any) -> Any:
        raise rewording.NotTranslated

    monkeypatch.setattr(rewording, "reworded_request", untranslated)
    row = ask(desk, "zh-hans")
    run_due(["fast"], keep=False)
    row.refresh_from_db()
    assert row.failure == "untranslated"
    assert connection.vendor
