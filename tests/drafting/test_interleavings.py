"""What happens in between: a sign-in while drafting, an override while approving, a wish that came to nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from cs_portal.conversations.models import Conversation
from cs_portal.conversations.services import receive_shopper_message
from cs_portal.core import jobs
from cs_portal.core.models import Job, JobState
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.models import Draft, DraftState, Review
from cs_portal.drafting.services import create
from cs_portal.drafting.services.candidates import regenerate_draft
from cs_portal.drafting.services.review import approve_draft, override_verdict, undo_approval
from tests.drafting.conftest import Desk
from tests.factories import make_conversation, make_faq, make_merchant

pytestmark = pytest.mark.django_db


def _run_all(queue: str = "fast") -> None:
    """Run due jobs, and retried ones without waiting for their backoff."""
    for _ in range(8):
        Job.objects.filter(state=JobState.READY).update(execute_after=timezone.now() - timedelta(seconds=1))
        run_due([queue], keep=False)


def test_a_shopper_who_signs_in_while_the_draft_is_made_gets_one(monkeypatch: pytest.MonkeyPatch) -> None:
    merchant = make_merchant()
    make_faq(merchant)
    with scope(merchant=merchant):
        conversation = make_conversation(merchant)
        message, _ = receive_shopper_message(
            conversation_id=conversation.pk, text="How long does delivery take?", client_id="c", now=timezone.now()
        )
        compose, moved = create.engine.compose, []

        def sign_in_meanwhile(request):  # type: ignore[no-untyped-def]
            if not moved:
                moved.append(Conversation.objects.filter(pk=conversation.pk).update(version=F("version") + 1))
            return compose(request)

        monkeypatch.setattr(create.engine, "compose", sign_in_meanwhile)
        _run_all()
        assert Draft.objects.get().message == message
        assert Draft.objects.get().conversation_version == Conversation.objects.get().version


def test_a_question_that_cannot_be_drafted_enters_the_queue_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    merchant = make_merchant()
    with scope(merchant=merchant):
        conversation = make_conversation(merchant)
        receive_shopper_message(conversation_id=conversation.pk, text="Hello?", client_id="c", now=timezone.now())
        monkeypatch.setattr(create, "prepare", lambda *args, **kwargs: 1 / 0)
        _run_all()
        draft = Draft.objects.get()
        assert (draft.state, draft.needs_person, draft.candidates.count()) == (DraftState.READY, True, 0)
        assert Job.objects.get(kind="draft_reply").state == JobState.FAILED


def test_asking_anew_works_again_after_a_wish_that_came_to_nothing(desk: Desk) -> None:
    regenerate_draft(draft_id=desk.draft.public_id, by=desk.olaf, now=timezone.now())
    approve_draft(
        draft_id=desk.draft.public_id, by=desk.olaf, candidate=1, text="Done.", seen=desk.seen(), now=timezone.now()
    )
    run_due(["fast"], keep=False)
    undo_approval(draft_id=desk.draft.public_id, by=desk.olaf, now=timezone.now())
    assert Draft.objects.get().model_state == "done"
    regenerate_draft(draft_id=desk.draft.public_id, by=desk.olaf, now=timezone.now())
    run_due(["fast"], keep=False)
    assert Draft.objects.get().generation == 2


def test_a_model_job_that_fails_for_good_says_so(desk: Desk) -> None:
    Draft.objects.filter(pk=desk.draft.pk).update(model_state="running")
    payload = {"draft": desk.draft.pk, "generation": 1}
    jobs.enqueue("add_candidates", key="k", merchant_id=desk.merchant.pk, payload=payload, now=timezone.now())
    Job.objects.update(attempts=9)
    run_due(["model"], keep=False)
    draft = Draft.objects.get()
    assert (draft.model_state, draft.model_note) == ("failed", "worker")


def test_every_override_is_kept(desk: Desk) -> None:
    for outcome, reason in (("deny", "First"), ("allow", "Second")):
        override_verdict(
            draft_id=desk.draft.public_id,
            by=desk.ann,
            outcome=outcome,
            amount_minor=None,
            reason=reason,
            now=timezone.now(),
        )
    assert list(Review.objects.order_by("id").values_list("decision", "note")) == [
        ("overridden", "First"),
        ("overridden", "Second"),
    ]
