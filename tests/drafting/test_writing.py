"""What a model writes is seen while it writes, by those who look, and it stops when nobody waits for it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bots.api import Bot, HashingEmbedder
from bots.backends.fake import FakeLanguageModel
from cs_portal.core import jobs
from cs_portal.core.models import Event, Job
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting import engine
from cs_portal.drafting.models import Draft, DraftState, ModelUsage
from cs_portal.drafting.services.model_calls import word_candidates
from cs_portal.merchants.models import Role
from tests.bots.requests import request
from tests.drafting.conftest import Desk, make_desk
from tests.drafting.models_at_hand import make_connection
from tests.factories import make_member, make_merchant
from tests.model_server import model_server, writes_slowly

pytestmark = pytest.mark.django_db(transaction=True)
REPLY = "Thank you for your message. We are looking into it."


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    return make_desk()


class Interrupted(FakeLanguageModel):
    """Does ``between`` before its second word."""

    def __init__(self, *answers: str, between: Any = None) -> None:
        super().__init__(answers)
        self.told: list[tuple[str, str]] = []
        self._between = between

    def generate(self, *args: Any, **options: Any) -> Any:
        tell = options["on_progress"]

        def hear(text: str) -> bool:
            if self._between is not None and len(text.split()) == 2:
                self._between()
            wanted: bool = tell(text)
            self.told.append((text, Draft.objects.values_list("model_writing", flat=True).get()))
            return wanted

        return super().generate(*args, **{**options, "on_progress": hear})


def write(desk: Desk, monkeypatch: pytest.MonkeyPatch, model: FakeLanguageModel) -> Draft:
    """The draft after the job in which ``model`` wrote for it."""
    monkeypatch.setattr(engine, "has_language_model", lambda: True)
    monkeypatch.setattr(engine, "drafting_bot", lambda: Bot(embedder=HashingEmbedder(), backend=model))
    payload = {"draft": desk.draft.pk, "generation": 1}
    jobs.enqueue("add_candidates", key="k", merchant_id=desk.merchant.pk, payload=payload, now=timezone.now())
    run_due(["model"], keep=False)
    desk.draft.refresh_from_db()
    return desk.draft


def test_who_has_the_draft_open_sees_it_being_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Interrupted(REPLY, between=lambda: Draft.objects.update(opened_at=timezone.now()))
    with scope(merchant=desk.merchant):
        draft = write(desk, monkeypatch, model)
        assert draft.candidates.get(source="language_model").text == REPLY
        assert model.told[0] == ("Thank", "")  # nobody looked yet
        assert model.told[1] == ("Thank you", "Thank you")
        assert model.told[-1] == (REPLY, REPLY)
        assert (draft.model_state, draft.model_writing) == ("done", "")
    events = Event.objects.filter(name="candidate:extended")
    assert events.count() == len(model.told) - 1
    assert {str(event.data) for event in events} == {str({"draft": str(draft.public_id)})}


def test_nothing_is_written_for_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Interrupted(REPLY)
    with scope(merchant=desk.merchant):
        write(desk, monkeypatch, model)
        assert {kept for _, kept in model.told} == {""}
        assert desk.draft.candidates.filter(source="language_model").count() == 1
    assert not Event.objects.filter(name="candidate:extended").exists()


@pytest.mark.parametrize(
    "change",
    [{"state": DraftState.SUPERSEDED}, {"state": DraftState.APPROVED}, {"generation": 2}],
    ids=["superseded", "approved", "made anew"],
)
def test_a_model_stops_when_the_draft_has_moved_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    model = Interrupted(REPLY, between=lambda: Draft.objects.update(**change))
    with scope(merchant=desk.merchant):
        Draft.objects.update(opened_at=timezone.now())
        draft = write(desk, monkeypatch, model)
        assert [text for text, _ in model.told] == ["Thank", "Thank you"]
        assert not draft.candidates.filter(source="language_model").exists()
        assert draft.model_note == ""
    assert Job.objects.get(kind="add_candidates").state == "done"


def test_no_further_model_is_asked_for_a_draft_that_moved_on(desk: Desk, settings: Any) -> None:
    with model_server() as server, scope(merchant=desk.merchant):
        settings.LANGUAGE_MODEL_HOSTS = [server.host]
        server.always = writes_slowly("And so on and on.", pause=0.4)
        first = make_connection(desk.merchant, server.url, "First")
        make_connection(desk.merchant, server.url, "Second")
        made, (attempt,) = word_candidates(request(), clock=timezone.now, on_progress=lambda text: not text)
        assert (made, attempt.name, attempt.failure) == ([], "First", "unwanted")
        assert len(server.requests) == settings.MODEL_CANDIDATES
        first.refresh_from_db()
        assert (first.failures, first.last_failure) == (0, "")
        usage = ModelUsage.objects.get()
        assert (usage.calls, usage.failures) == (1, 0)


def test_the_console_shows_it_as_text(desk: Desk, client: Client) -> None:
    with scope(merchant=desk.merchant):
        Draft.objects.filter(pk=desk.draft.pk).update(model_writing="<b>We</b> &")
    client.force_login(desk.nina.user)
    url = reverse("console:draft_writing", args=[desk.merchant.slug, desk.draft.public_id])
    assert "&lt;b&gt;We&lt;/b&gt; &amp;" in client.get(url).content.decode()
    stranger = make_member(make_merchant("other"), Role.OWNER)
    client.force_login(stranger.user)
    assert client.get(url).status_code == 404
