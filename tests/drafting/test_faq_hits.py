"""What FAQs are worth: counted once, moved with every decision, right after undo, re-runs and erasures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cs_portal.conversations.models import Conversation
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft, DraftCandidate, FaqHit
from cs_portal.drafting.services.erasure import erase_shopper
from cs_portal.drafting.services.faq_hits import forget_hits, keep_hits, keep_hits_of, recount
from cs_portal.drafting.services.rejecting import reject_draft, undo_rejection
from cs_portal.drafting.services.review import approve_draft, undo_approval
from cs_portal.drafting.services.supersede import revive_draft, supersede_drafts
from cs_portal.knowledge.figures import Figures, figures_of
from cs_portal.knowledge.models import Faq
from tests.drafting.conftest import Desk
from tests.factories import make_draft, make_faq, make_merchant

NOW = timezone.now()


def _figures(faq: Faq) -> Figures:
    return figures_of(Faq.objects.select_related("figures").get(pk=faq.pk))


def _rest(draft: Draft, *faqs: Faq, position: int = 1) -> None:
    """The candidate rests on these."""
    links = [{"start": 0, "end": 3, "evidence": f"faq:{faq.public_id}:1"} for faq in faqs]
    draft.candidates.filter(position=position).update(links=links)
    keep_hits(draft)


@pytest.fixture
def faq(desk: Desk) -> Faq:
    return make_faq(desk.merchant)


def test_a_hit_counts_once_however_often_it_is_told(desk: Desk, faq: Faq) -> None:
    assert _figures(faq) == Figures()
    _rest(desk.draft, faq)
    keep_hits(desk.draft)
    keep_hits_of([desk.draft.pk])
    assert _figures(faq) == Figures(hits=1, last_hit_at=desk.draft.created_at)


def test_only_what_is_shown_first_is_a_hit(desk: Desk, faq: Faq) -> None:
    other = make_faq(desk.merchant)
    _rest(desk.draft, faq)
    _rest(desk.draft, other, position=2)
    assert (_figures(faq).hits, _figures(other).hits) == (1, 0)
    first, second = DraftCandidate.objects.filter(draft=desk.draft).order_by("position")
    for row, position in ((first, 50), (second, 1), (first, 2)):
        DraftCandidate.objects.filter(pk=row.pk).update(position=position)
    keep_hits(desk.draft)
    assert (_figures(faq).hits, _figures(other).hits) == (0, 1)
    assert _figures(faq).last_hit_at is None


def test_an_faq_that_was_deleted_and_a_reference_to_nothing_count_nowhere(desk: Desk, faq: Faq) -> None:
    desk.draft.candidates.filter(position=1).update(
        links=[{"evidence": "faq:nonsense:1"}, {"evidence": "order:1"}, {"evidence": f"faq:{faq.public_id}:1"}]
    )
    faq.delete()
    keep_hits(desk.draft)
    assert not FaqHit.objects.exists()


def test_decisions_move_the_figures_and_so_does_taking_them_back(desk: Desk, faq: Faq) -> None:
    _rest(desk.draft, faq)
    text = desk.draft.candidates.get(position=1).text
    approve: dict[str, Any] = {"draft_id": desk.draft.public_id, "by": desk.olaf, "candidate": 1, "now": NOW}
    approve_draft(**approve, text=text, seen=desk.seen())
    assert _figures(faq).approval == 1.0
    undo_approval(draft_id=desk.draft.public_id, by=desk.olaf, now=NOW)
    assert _figures(faq) == Figures(hits=1, last_hit_at=desk.draft.created_at)
    approve_draft(**approve, text=f"{text} Bye.", seen=desk.seen())
    found = _figures(faq)
    assert (found.approved, found.edited, found.edit_rate) == (0, 1, 1.0)


def test_a_rejection_counts_for_what_was_rejected(desk: Desk, faq: Faq) -> None:
    _rest(desk.draft, faq)
    reject_draft(draft_id=desk.draft.public_id, by=desk.olaf, reason="tone", note="", now=NOW)
    assert (_figures(faq).hits, _figures(faq).rejected, _figures(faq).rejection) == (1, 1, 1.0)
    undo_rejection(draft_id=desk.draft.public_id, by=desk.olaf, now=NOW)
    assert (_figures(faq).hits, _figures(faq).rejected) == (1, 0)


def test_a_draft_that_nobody_saw_before_a_newer_one_came_is_no_hit(desk: Desk, faq: Faq) -> None:
    _rest(desk.draft, faq)
    conversation = Conversation.objects.get(pk=desk.conversation.pk)
    supersede_drafts(conversation, by=None, now=NOW)
    assert _figures(faq).hits == 0
    assert revive_draft(conversation, by=None, now=NOW)
    assert _figures(faq).hits == 1
    Draft.objects.filter(pk=desk.draft.pk).update(opened_at=NOW)
    supersede_drafts(conversation, by=None, now=NOW)
    assert _figures(faq).hits == 1


def test_an_erasure_takes_the_hits_of_the_shopper_and_leaves_the_others(desk: Desk, faq: Faq) -> None:
    _rest(desk.draft, faq)
    earlier = make_draft(desk.merchant, now=NOW - timedelta(days=3))
    _rest(earlier, faq)
    assert (_figures(faq).hits, _figures(faq).last_hit_at) == (2, desk.draft.created_at)
    shopper = desk.conversation.shopper
    erase_shopper(shopper_id=shopper.public_id, by=desk.ann, confirmation=shopper.email, now=NOW)
    assert (_figures(faq).hits, _figures(faq).last_hit_at) == (1, earlier.created_at)
    assert FaqHit.objects.count() == 1


def test_a_recount_finds_what_was_counted_and_mends_what_was_not(desk: Desk, faq: Faq) -> None:
    _rest(desk.draft, faq)
    kept = _figures(faq)
    assert recount() == 1
    assert _figures(faq) == kept
    FaqHit.objects.all().delete()
    assert recount() == 1
    assert _figures(faq) == kept
    forget_hits([desk.draft.pk])
    assert _figures(faq) == Figures()


def test_a_reference_to_an_faq_of_another_merchant_counts_nowhere(desk: Desk) -> None:
    stranger = make_merchant()
    theirs = make_faq(stranger)
    _rest(desk.draft, theirs)
    assert not FaqHit.objects.exists()
    with scope(merchant=stranger):
        assert _figures(theirs) == Figures()
