"""A rejection and its undo: everything as before, and only while nobody went on from there."""

from __future__ import annotations

import pytest
from django.utils import timezone

from cs_portal.core.errors import NotAllowed, NotFound
from cs_portal.core.models import AuditEntry, Event
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.errors import DraftAlreadyDecided, TooLateToUndo
from cs_portal.drafting.models import Decision, Draft, DraftState, Review
from cs_portal.drafting.selectors import draft_detail, drafts_awaiting_review, rejections
from cs_portal.drafting.services.candidates import regenerate_draft
from cs_portal.drafting.services.rejecting import reject_draft, undo_rejection
from cs_portal.drafting.services.review import approve_draft, undo_approval
from cs_portal.drafting.services.undoing import undo_decision
from tests.drafting.conftest import Desk
from tests.factories import make_merchant

NOW = timezone.now()


def _reject(desk: Desk, by=None) -> Review:  # type: ignore[no-untyped-def]
    return reject_draft(draft_id=desk.draft.public_id, by=by or desk.olaf, reason="tone", note="Too cold", now=NOW)


def _undo(desk: Desk, by=None) -> Draft:  # type: ignore[no-untyped-def]
    return undo_rejection(draft_id=desk.draft.public_id, by=by or desk.olaf, now=NOW)


def _words(desk: Desk) -> list[str]:
    return [row.text for row in draft_detail(draft_id=desk.draft.public_id, now=NOW).candidates]


def test_undo_brings_the_wordings_back_and_wants_no_person_who_was_not_wanted_before(desk: Desk) -> None:
    before = _words(desk)
    review = _reject(desk)
    assert _words(desk) == []
    assert _undo(desk, by=desk.ann).state == DraftState.READY
    assert _words(desk) == before != []
    desk.draft.refresh_from_db()
    desk.conversation.refresh_from_db()
    review.refresh_from_db()
    assert (desk.draft.needs_person, desk.conversation.needs_person) == (False, False)
    assert review.undone_at == NOW
    entry = AuditEntry.objects.order_by("-id").first()
    assert entry is not None
    assert (entry.action, entry.actor_id) == ("draft.undone", str(desk.ann.public_id))
    assert Event.objects.filter(name="draft:undone").count() == 1
    approve_draft(draft_id=desk.draft.public_id, by=desk.olaf, candidate=1, text=before[0], seen=desk.seen(), now=NOW)


def test_who_wanted_a_person_before_still_does_after_the_undo(desk: Desk) -> None:
    Draft.objects.filter(pk=desk.draft.pk).update(needs_person=True)
    type(desk.conversation).objects.filter(pk=desk.conversation.pk).update(needs_person=True)
    _reject(desk)
    _undo(desk)
    desk.draft.refresh_from_db()
    desk.conversation.refresh_from_db()
    assert (desk.draft.needs_person, desk.conversation.needs_person) == (True, True)


def test_it_is_too_late_once_the_draft_was_made_anew(desk: Desk) -> None:
    _reject(desk)
    regenerate_draft(draft_id=desk.draft.public_id, by=desk.olaf, now=NOW)
    run_due(["fast"], keep=False)
    words = _words(desk)
    with pytest.raises(TooLateToUndo):
        _undo(desk)
    assert _words(desk) == words != []
    assert Review.objects.get(decision=Decision.REJECTED).undone_at is None


def test_it_is_too_late_once_somebody_answered_in_their_own_words(desk: Desk) -> None:
    _reject(desk)
    approve_draft(draft_id=desk.draft.public_id, by=desk.olaf, candidate=None, text="Mine.", seen=desk.seen(), now=NOW)
    with pytest.raises(TooLateToUndo):
        _undo(desk)
    desk.draft.refresh_from_db()
    assert (desk.draft.state, desk.draft.generation) == (DraftState.APPROVED, 2)


def test_a_rejection_is_taken_back_once_and_nothing_else_is_one(desk: Desk) -> None:
    with pytest.raises(TooLateToUndo):
        _undo(desk)
    _reject(desk)
    _undo(desk)
    with pytest.raises(TooLateToUndo):
        _undo(desk)
    desk.draft.refresh_from_db()
    assert desk.draft.generation == 1


def test_readers_and_strangers_take_nothing_back(desk: Desk) -> None:
    _reject(desk)
    with pytest.raises(NotAllowed):
        _undo(desk, by=desk.nina)
    with scope(merchant=make_merchant()), pytest.raises(NotFound):
        _undo(desk)
    assert _words(desk) == []


def test_a_draft_that_a_colleague_decided_is_not_rejected(desk: Desk) -> None:
    approve_draft(draft_id=desk.draft.public_id, by=desk.ann, candidate=1, text="Yes.", seen=desk.seen(), now=NOW)
    with pytest.raises(DraftAlreadyDecided):
        _reject(desk)
    desk.conversation.refresh_from_db()
    assert not desk.conversation.needs_person
    assert not Review.objects.filter(decision=Decision.REJECTED).exists()


def test_undoing_takes_back_whichever_came_last(desk: Desk) -> None:
    _reject(desk)
    approve_draft(draft_id=desk.draft.public_id, by=desk.olaf, candidate=None, text="Mine.", seen=desk.seen(), now=NOW)
    undo_decision(draft_id=desk.draft.public_id, by=desk.olaf, now=NOW)
    assert _words(desk) == []
    undo_decision(draft_id=desk.draft.public_id, by=desk.olaf, now=NOW)
    assert len(_words(desk)) == 2
    with pytest.raises(TooLateToUndo):
        undo_approval(draft_id=desk.draft.public_id, by=desk.olaf, now=NOW)


def test_the_queue_knows_who_rejected_until_new_words_came(desk: Desk) -> None:
    _reject(desk)
    assert {pk: review.member for pk, review in rejections(drafts_awaiting_review()).items()} == {
        desk.draft.pk: desk.olaf
    }
    regenerate_draft(draft_id=desk.draft.public_id, by=desk.olaf, now=NOW)
    run_due(["fast"], keep=False)
    Draft.objects.update(needs_person=True)
    assert rejections(drafts_awaiting_review()) == {}
