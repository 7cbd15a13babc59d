"""A question to the language model from the settings: by a job, through the guard, and sent to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bots.api import Bot, HashingEmbedder
from bots.backends.base import BackendTimeout, PromptTooLong
from bots.backends.fake import FakeLanguageModel
from cs_portal.conversations.models import Message
from cs_portal.core.errors import Conflict, Invalid, NotAllowed
from cs_portal.core.models import AuditEntry, Job
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting import engine
from cs_portal.drafting.model_card import model_card, pace
from cs_portal.drafting.services.model_trial import ask_model
from cs_portal.merchants.models import Member, ModelTrial, Role, WorkState
from tests.factories import make_candidate, make_draft, make_faq, make_member, make_merchant

NOW = timezone.now()


@pytest.fixture
def ann(db: None, settings: Any) -> Iterator[Member]:
    settings.LANGUAGE_MODEL = "fake"
    merchant = make_merchant("mugs")
    member = make_member(merchant, Role.ADMIN, name="Ann")
    with scope(merchant=merchant):
        yield member


def _model(monkeypatch: pytest.MonkeyPatch, *answers: str) -> FakeLanguageModel:
    """The shipped fake behind the bot of the model queue."""
    fake = FakeLanguageModel(answers)
    bot = Bot(embedder=HashingEmbedder(), backend=fake)
    monkeypatch.setattr(engine, "drafting_bot", lambda: bot)
    return fake


@pytest.mark.django_db(transaction=True)
def test_the_model_answers_with_the_merchants_knowledge(ann: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = _model(monkeypatch, "Send us a photo within 7 days and we refund you.")
    make_faq(ann.merchant)
    ask_model(by=ann, question="Something arrived broken, what now?", now=NOW)
    assert run_due(["model"], keep=False) == 1
    row = ModelTrial.objects.get()
    assert (row.state, row.answer) == (WorkState.DONE, "Send us a photo within 7 days and we refund you.")
    assert row.model.startswith("fake")
    assert "Something arrived broken" in fake.prompts[0].user
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_the_guard_finds_is_kept(ann: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    _model(monkeypatch, "We refund you ¥99 today, order 10533.")
    ask_model(by=ann, question="Where is my parcel?", now=NOW)
    run_due(["model"], keep=False)
    assert "amount" in {violation["kind"] for violation in ModelTrial.objects.get().violations}


@pytest.mark.django_db(transaction=True)
def test_a_model_that_says_nothing_is_said_to(ann: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    _model(monkeypatch)
    ask_model(by=ann, question="Hello?", now=NOW)
    run_due(["model"], keep=False)
    row = ModelTrial.objects.get()
    assert row.state == WorkState.FAILED
    assert row.note == "nothing"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (BackendTimeout("SmolLM2 finished no reply within 20 s."), "timeout", "未能及时完成"),
        (PromptTooLong("SmolLM2 reads 2048 tokens and would need 3000."), "too_long", "对话超出了它能读取的长度"),
        (RuntimeError("the prompt itself"), "unavailable", "无法连接或加载"),
    ],
)
def test_why_a_model_failed_is_a_code_and_read_in_the_readers_language(
    ann: Member, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str, words: str
) -> None:
    bot = Bot(embedder=HashingEmbedder(), backend=FakeLanguageModel(error=error))
    monkeypatch.setattr(engine, "drafting_bot", lambda: bot)
    trial = ask_model(by=ann, question="Hello?", now=NOW)
    run_due(["model"], keep=False)
    assert (ModelTrial.objects.get().state, ModelTrial.objects.get().note) == (WorkState.FAILED, code)
    client = Client()
    client.force_login(ann.user)
    client.cookies["cs_portal_language"] = "zh-hans"
    page = client.get(f"/console/{ann.merchant.slug}/settings/language-model/tries/{trial.public_id}/")
    assert page.status_code == 200
    assert words in page.content.decode()


@pytest.mark.parametrize("question", ["", "  ", "x" * 501])
def test_questions_that_are_refused(ann: Member, question: str) -> None:
    with pytest.raises(Invalid):
        ask_model(by=ann, question=question, now=NOW)
    assert not Job.objects.exists()


def test_without_a_model_and_without_the_role(ann: Member, settings: Any) -> None:
    with pytest.raises(NotAllowed):
        ask_model(by=make_member(ann.merchant, Role.OPERATOR), question="Hello?", now=NOW)
    settings.LANGUAGE_MODEL = "none"
    with pytest.raises(Conflict):
        ask_model(by=ann, question="Hello?", now=NOW)
    assert model_card() is None
    assert not ModelTrial.objects.exists()


def test_the_question_is_forgotten_after_a_day_and_never_logged(ann: Member) -> None:
    ask_model(by=ann, question="Zephyrine?", now=NOW)
    assert not any("Zephyrine" in str(row) for row in (*AuditEntry.objects.values(), *Job.objects.values()))
    ModelTrial.objects.update(expires_at=NOW - timedelta(seconds=1))
    run_due(["bulk"], keep=False, clock=lambda: NOW + timedelta(days=1, minutes=2))
    assert not ModelTrial.objects.exists()


def test_the_card_names_the_adapter(ann: Member, settings: Any) -> None:
    settings.LANGUAGE_MODEL_ADAPTER = "var/adapters/replies-1"
    card = model_card()
    assert card is not None and card.name == "fake+replies-1"


def test_pace(ann: Member) -> None:
    assert pace() is None
    draft = make_draft(ann.merchant, texts=())
    for n in range(1, 21):
        make_candidate(draft, source="language_model", seconds=float(n))
    found = pace()
    assert found is not None
    assert (found.drafts, found.p50, found.p95) == (20, 10.0, 19.0)
