"""Publishing, archiving, bulk, undo — and that the bot uses published text only, at every step."""

from __future__ import annotations

from uuid import uuid4

import pytest

from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from cs_portal.knowledge.models import Faq, FaqRevision, FaqState
from cs_portal.knowledge.retrieval import entries
from cs_portal.knowledge.selectors import faq_with_texts, knowledge_version, working_copy
from cs_portal.knowledge.services.editing import create_faq, edit_faq
from cs_portal.knowledge.services.lifecycle import (
    archive_faq,
    archive_faqs,
    discard_changes,
    publish_faq,
    publish_faqs,
    restore_faq,
    undo_change,
    unpublish_faq,
)
from cs_portal.knowledge.services.writing import FaqMoved
from tests.factories import make_faq, make_merchant
from tests.knowledge.conftest import Shop, content


def served() -> list[str]:
    return [entry.answer for entry in entries() if entry.language == "en"]


@pytest.fixture
def live(shop: Shop) -> Faq:
    """Published, with a change that waits (revision 2)."""
    faq = create_faq(by=shop.olaf, content=content(answer="Old"), publish=True, now=shop.now).faq
    edit_faq(faq_id=faq.public_id, by=shop.olaf, seen=1, content=content(answer="New"), now=shop.now)
    return faq_with_texts(faq.public_id)


def test_publishing_takes_the_waiting_change_live(shop: Shop, live: Faq) -> None:
    publish_faq(faq_id=live.public_id, by=shop.olaf, seen=2, now=shop.now)
    assert (served(), knowledge_version()) == (["New"], 2)


def test_publishing_again_changes_nothing(shop: Shop, live: Faq) -> None:
    publish_faq(faq_id=live.public_id, by=shop.olaf, seen=2, now=shop.now)
    assert publish_faq(faq_id=live.public_id, by=shop.olaf, seen=3, now=shop.now).change_id is None
    assert knowledge_version() == 2


def test_what_lacks_an_answer_is_not_published(shop: Shop) -> None:
    faq = create_faq(by=shop.olaf, content=content(answer="", zh=None), now=shop.now).faq
    with pytest.raises(Invalid, match="answer"):
        publish_faq(faq_id=faq.public_id, by=shop.olaf, seen=1, now=shop.now)
    assert (served(), knowledge_version()) == ([], 0)


@pytest.mark.parametrize("away", [unpublish_faq, archive_faq])
def test_what_is_taken_away_is_served_no_more_and_comes_back_by_undo(shop: Shop, live: Faq, away: object) -> None:
    change = away(faq_id=live.public_id, by=shop.olaf, seen=2, now=shop.now)  # type: ignore[operator]
    assert (served(), knowledge_version()) == ([], 2)
    undo_change(change_id=change.change_id, by=shop.olaf, now=shop.now)
    assert (served(), knowledge_version()) == (["Old"], 3)
    faq = faq_with_texts(live.public_id)
    assert faq.has_unpublished_changes
    assert working_copy(faq).text("en").answer == "New"


def test_archived_and_restored_is_a_draft(shop: Shop, live: Faq) -> None:
    archive_faq(faq_id=live.public_id, by=shop.olaf, seen=2, now=shop.now)
    restore_faq(faq_id=live.public_id, by=shop.olaf, seen=3, now=shop.now)
    faq = faq_with_texts(live.public_id)
    assert (faq.state, working_copy(faq).text("en").answer, served()) == (FaqState.DRAFT, "New", [])


def test_undoing_a_publication_serves_the_text_before(shop: Shop, live: Faq) -> None:
    change = publish_faq(faq_id=live.public_id, by=shop.olaf, seen=2, now=shop.now)
    undo_change(change_id=change.change_id, by=shop.olaf, now=shop.now)
    assert (served(), knowledge_version()) == (["Old"], 3)
    assert working_copy(faq_with_texts(live.public_id)).text("en").answer == "New"
    told = FaqRevision.objects.filter(number__gt=3).order_by("number")
    assert [(r.number, r.cause, r.source, r.served) for r in told] == [(4, "undone", 2, 4), (5, "undone", 2, 4)]


def test_an_undo_is_undone(shop: Shop, live: Faq) -> None:
    change = publish_faq(faq_id=live.public_id, by=shop.olaf, seen=2, now=shop.now)
    undo_change(change_id=change.change_id, by=shop.olaf, now=shop.now)
    undo_id = FaqRevision.objects.order_by("-id").values_list("change_id", flat=True)[0]
    undo_change(change_id=undo_id, by=shop.olaf, now=shop.now)
    assert served() == ["New"]
    assert not faq_with_texts(live.public_id).has_unpublished_changes


def test_discarding_goes_back_to_what_is_live_without_a_new_index(shop: Shop, live: Faq) -> None:
    change = discard_changes(faq_id=live.public_id, by=shop.olaf, seen=2, now=shop.now)
    faq = faq_with_texts(live.public_id)
    assert (working_copy(faq).text("en").answer, faq.has_unpublished_changes) == ("Old", False)
    assert (served(), knowledge_version()) == (["Old"], 1)
    undo_change(change_id=change.change_id, by=shop.olaf, now=shop.now)
    assert working_copy(faq_with_texts(live.public_id)).text("en").answer == "New"


def test_an_undo_after_another_change_is_refused(shop: Shop, live: Faq) -> None:
    change = archive_faq(faq_id=live.public_id, by=shop.olaf, seen=2, now=shop.now)
    edit_faq(faq_id=live.public_id, by=shop.bob, seen=3, content=content(answer="Bob's"), now=shop.now)
    with pytest.raises(Conflict):
        undo_change(change_id=change.change_id, by=shop.olaf, now=shop.now)
    assert working_copy(faq_with_texts(live.public_id)).text("en").answer == "Bob's"


@pytest.mark.parametrize("act", [publish_faq, unpublish_faq, archive_faq, restore_faq, discard_changes])
def test_every_step_wants_the_newest_revision_and_the_role(shop: Shop, live: Faq, act: object) -> None:
    before = FaqRevision.objects.count()
    with pytest.raises(FaqMoved):
        act(faq_id=live.public_id, by=shop.olaf, seen=1, now=shop.now)  # type: ignore[operator]
    with pytest.raises(NotAllowed):
        act(faq_id=live.public_id, by=shop.nina, seen=2, now=shop.now)  # type: ignore[operator]
    assert (FaqRevision.objects.count(), served()) == (before, ["Old"])


def test_bulk_publishes_what_can_be_and_names_the_rest(shop: Shop, live: Faq) -> None:
    draft = create_faq(by=shop.olaf, content=content(answer="Third"), now=shop.now).faq
    lacking = create_faq(by=shop.olaf, content=content("No answer yet?", "", zh=None), now=shop.now).faq
    result = publish_faqs(faq_ids=[live.public_id, draft.public_id, lacking.public_id], by=shop.olaf, now=shop.now)
    assert (result.changed, [title for title, _ in result.refused]) == (2, ["No answer yet?"])
    assert sorted(served()) == ["New", "Third"]
    assert result.change_id is not None
    undo_change(change_id=result.change_id, by=shop.olaf, now=shop.now)
    assert served() == ["Old"]


def test_bulk_leaves_other_merchants_faqs_alone(shop: Shop) -> None:
    theirs = make_faq(make_merchant("rival"))
    assert archive_faqs(faq_ids=[theirs.public_id], by=shop.olaf, now=shop.now).changed == 0
    assert FaqRevision.objects.count() == 0


def test_bulk_wants_a_choice_and_the_role(shop: Shop, live: Faq) -> None:
    with pytest.raises(Invalid):
        archive_faqs(faq_ids=[], by=shop.olaf, now=shop.now)
    with pytest.raises(NotAllowed):
        archive_faqs(faq_ids=[live.public_id], by=shop.nina, now=shop.now)
    assert served() == ["Old"]


def test_an_unknown_change_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound):
        undo_change(change_id=uuid4(), by=shop.olaf, now=shop.now)
