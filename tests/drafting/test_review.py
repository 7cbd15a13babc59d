"""Approve, edit, reject, undo, override: allowed, denied, too late; denied means that nothing happened."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from cs_portal.commerce.models import Order
from cs_portal.conversations.models import Conversation, Message
from cs_portal.core.errors import Invalid, NotAllowed, NotFound
from cs_portal.core.models import AuditEntry, Event, Job, JobState
from cs_portal.core.tenancy import scope
from cs_portal.drafting.errors import DraftAlreadyDecided, DraftStale, TooLateToUndo
from cs_portal.drafting.models import Decision, DraftState, Review
from cs_portal.drafting.services.rejecting import reject_draft
from cs_portal.drafting.services.review import (
    approve_draft,
    override_verdict,
    select_candidate,
    undo_approval,
)
from tests.drafting.conftest import Desk
from tests.factories import make_merchant, make_ruleset

NOW = timezone.now()
TEXT = "We are sorry that your mug broke. We refund you."


def _approve(desk: Desk, *, text: str = TEXT, seen: str = "", by=None, candidate: int | None = 1) -> Review:  # type: ignore[no-untyped-def]
    return approve_draft(
        draft_id=desk.draft.public_id,
        by=by or desk.olaf,
        candidate=candidate,
        text=text,
        seen=seen or desk.seen(),
        now=NOW,
    )


def _nothing_happened(desk: Desk) -> None:
    desk.draft.refresh_from_db()
    assert desk.draft.state == DraftState.READY
    assert not Review.objects.exists()
    assert not Job.objects.exists()
    assert not AuditEntry.objects.exists()


def test_approving_records_the_decision_and_a_job_for_the_end_of_the_undo_window(desk: Desk) -> None:
    review = _approve(desk)
    desk.draft.refresh_from_db()
    assert (desk.draft.state, review.decision) == (DraftState.APPROVED, Decision.APPROVED)
    job = Job.objects.get(kind="send_reply")
    assert job.execute_after == review.execute_after == NOW + timedelta(seconds=settings.UNDO_SECONDS)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_id, entry.target) == (
        "draft.approved",
        str(desk.olaf.public_id),
        f"draft:{desk.draft.public_id}",
    )
    assert entry.data["ruleset"] and entry.data["rule"]
    assert TEXT not in str(entry.data)
    assert not Message.objects.filter(draft_key=desk.draft.public_id).exists()
    assert Event.objects.filter(name="draft:approved").count() == 1


def test_another_text_is_an_edit(desk: Desk) -> None:
    assert _approve(desk, text="My own words.").decision == Decision.EDITED
    assert AuditEntry.objects.get().action == "draft.edited"


def test_an_analyst_may_not_approve(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        _approve(desk, by=desk.nina)
    _nothing_happened(desk)


def test_a_stranger_finds_no_draft(desk: Desk) -> None:
    with scope(merchant=make_merchant()), pytest.raises(NotFound):
        approve_draft(draft_id=desk.draft.public_id, by=desk.olaf, candidate=1, text=TEXT, seen="", now=NOW)
    _nothing_happened(desk)


@pytest.mark.parametrize("text", ["", "  \n", "x" * 4001])
def test_an_empty_or_overlong_reply_is_refused(desk: Desk, text: str) -> None:
    with pytest.raises(Invalid):
        _approve(desk, text=text)
    _nothing_happened(desk)


def test_the_second_approval_is_refused(desk: Desk) -> None:
    seen = desk.seen()
    _approve(desk, seen=seen)
    with pytest.raises(DraftAlreadyDecided):
        _approve(desk, seen=seen, by=desk.ann)
    assert Review.objects.count() == 1


def test_a_draft_is_stale_when_the_conversation_went_on(desk: Desk) -> None:
    Conversation.objects.filter(pk=desk.conversation.pk).update(version=desk.conversation.version + 1)
    with pytest.raises(DraftStale) as refusal:
        _approve(desk)
    assert refusal.value.changes == ["The conversation went on since this draft was made."]
    _nothing_happened(desk)


def test_a_draft_is_stale_when_its_order_moved_and_says_how(desk: Desk) -> None:
    from zoneinfo import ZoneInfo

    from cs_portal.drafting.evidence import gather

    evidence = gather(
        hits=(), orders=[desk.order], products=(), verdict=None, action=None, zone=ZoneInfo("Asia/Shanghai")
    )
    type(desk.draft).objects.filter(pk=desk.draft.pk).update(evidence=evidence)
    Order.objects.filter(pk=desk.order.pk).update(status="shipped", version=2)
    with pytest.raises(DraftStale) as refusal:
        _approve(desk)
    assert refusal.value.changes == [f"Order {desk.order.number}, Status: Pending → Shipped"]
    _nothing_happened(desk)


def test_a_draft_is_stale_when_the_rules_changed(desk: Desk) -> None:
    desk.draft.ruleset.state = "retired"  # type: ignore[union-attr]
    desk.draft.ruleset.save()  # type: ignore[union-attr]
    document = deepcopy(desk.draft.ruleset.document)  # type: ignore[union-attr]
    for rule in document["rules"]:
        rule["then"] = {"outcome": "deny", "reasons": {"en": "Never.", "zh-hans": "从不。"}}
    make_ruleset(desk.merchant, document, number=2)
    with pytest.raises(DraftStale) as refusal:
        _approve(desk)
    assert refusal.value.changes == ["The order and refund rules were changed."]
    _nothing_happened(desk)


def test_what_was_not_seen_is_not_approved(desk: Desk) -> None:
    with pytest.raises(DraftStale):
        _approve(desk, seen="0" * 24)
    _nothing_happened(desk)


def test_undo_within_the_window_brings_the_draft_back(desk: Desk) -> None:
    review = _approve(desk)
    draft = undo_approval(draft_id=desk.draft.public_id, by=desk.olaf, now=NOW)
    review.refresh_from_db()
    assert (draft.state, review.undone_at) == (DraftState.READY, NOW)
    assert Job.objects.get(kind="send_reply").state == JobState.CANCELLED
    assert _approve(desk).pk != review.pk


def test_undo_is_too_late_once_the_job_began(desk: Desk) -> None:
    _approve(desk)
    Job.objects.update(state=JobState.LEASED, fence=1)
    with pytest.raises(TooLateToUndo):
        undo_approval(draft_id=desk.draft.public_id, by=desk.olaf, now=NOW)
    desk.draft.refresh_from_db()
    assert desk.draft.state == DraftState.APPROVED


def test_rejecting_needs_a_reason_and_leaves_the_conversation_to_a_person(desk: Desk) -> None:
    with pytest.raises(Invalid):
        reject_draft(draft_id=desk.draft.public_id, by=desk.olaf, reason="because", note="", now=NOW)
    _nothing_happened(desk)
    reject_draft(draft_id=desk.draft.public_id, by=desk.olaf, reason="tone", note=" too cold ", now=NOW)
    desk.draft.refresh_from_db()
    desk.conversation.refresh_from_db()
    assert (desk.draft.state, desk.draft.needs_person, desk.draft.generation) == (DraftState.READY, True, 2)
    assert not desk.draft.candidates.filter(generation=2).exists()
    assert _approve(desk, text="My own words.", candidate=None).decision == Decision.EDITED
    rejection = Review.objects.get(decision=Decision.REJECTED)
    assert (rejection.reason, rejection.note) == ("tone", "too cold")


def test_picking_another_candidate(desk: Desk) -> None:
    assert select_candidate(draft_id=desk.draft.public_id, by=desk.olaf, position=2, now=NOW).selected == 2
    with pytest.raises(NotFound):
        select_candidate(draft_id=desk.draft.public_id, by=desk.olaf, position=9, now=NOW)
    with pytest.raises(NotAllowed):
        select_candidate(draft_id=desk.draft.public_id, by=desk.nina, position=1, now=NOW)


def _override(desk: Desk, by, **options) -> None:  # type: ignore[no-untyped-def]
    given = {"outcome": "allow", "amount_minor": 1000, "reason": "A good customer", **options}
    override_verdict(draft_id=desk.draft.public_id, by=by, now=NOW, **given)


def test_an_admin_overrides_with_a_reason_that_is_logged(desk: Desk) -> None:
    seen = desk.seen()
    _override(desk, desk.ann)
    desk.draft.refresh_from_db()
    assert desk.draft.override is not None
    assert desk.draft.override["payments"] == [{"id": "pay-1", "amount_minor": 1000}]
    assert AuditEntry.objects.get().action == "verdict.overridden"
    assert Review.objects.get(decision=Decision.OVERRIDDEN).note == "A good customer"
    with pytest.raises(DraftStale):
        _approve(desk, seen=seen)


def test_an_operator_may_not_override(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        _override(desk, desk.olaf)
    _nothing_happened(desk)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"outcome": "escalate"}, "outcome"),
        ({"amount_minor": 8601}, "amount_minor"),
        ({"amount_minor": 0}, "amount_minor"),
    ],
)
def test_an_override_is_checked(desk: Desk, options: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        _override(desk, desk.ann, **options)
    assert refusal.value.field == field
    _nothing_happened(desk)


def test_an_amount_above_the_operators_tier_wants_an_admin(desk: Desk) -> None:
    verdict = {**desk.draft.verdict, "approver": "admin"}  # type: ignore[dict-item]
    type(desk.draft).objects.filter(pk=desk.draft.pk).update(verdict=verdict)
    with pytest.raises(NotAllowed):
        _approve(desk)
    _nothing_happened(desk)
    assert _approve(desk, by=desk.ann).decision == Decision.APPROVED
