"""A second pair of eyes: what an operator publishes waits for another member, where the merchant wants that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cs_portal.core.errors import Conflict, Invalid, NotAllowed
from cs_portal.core.models import AuditEntry
from cs_portal.knowledge.approvals import declined_requests, request_of, requests_for
from cs_portal.knowledge.models import ApprovalState, Faq, FaqState, PublicationRequest
from cs_portal.knowledge.selectors import faq_with_texts, knowledge_version, served_content
from cs_portal.knowledge.services import approving
from cs_portal.knowledge.services.editing import create_faq, edit_faq
from cs_portal.knowledge.services.lifecycle import publish_faq, publish_faqs, undo_change, unpublish_faq
from cs_portal.knowledge.services.writing import Step, create, needs_approval
from cs_portal.merchants.models import Member, Merchant, Role
from cs_portal.merchants.services.profile import require_approval
from tests.factories import make_member
from tests.knowledge.conftest import Shop, content


@pytest.fixture
def careful(shop: Shop) -> Shop:
    """The merchant wants a second pair of eyes."""
    Merchant.objects.filter(pk=shop.merchant.pk).update(publishing_needs_approval=True)
    for name in ("olaf", "bob", "nina"):
        setattr(shop, name, Member.objects.select_related("merchant").get(pk=getattr(shop, name).pk))
    return shop


def asked(shop: Shop) -> PublicationRequest:
    change = create_faq(by=shop.olaf, content=content(), publish=True, now=shop.now)
    assert change.asked
    found = request_of(change.faq)
    assert found is not None
    return found


def state_of(row: PublicationRequest) -> tuple[str, str]:
    row.refresh_from_db()
    return row.state, Faq.objects.get(pk=row.faq_id).state


def test_owners_and_merchants_who_do_not_want_it_publish_at_once(careful: Shop) -> None:
    owner = make_member(careful.merchant, Role.OWNER)
    assert needs_approval(careful.olaf) and not needs_approval(Member.objects.get(pk=owner.pk))
    Merchant.objects.filter(pk=careful.merchant.pk).update(publishing_needs_approval=False)
    assert not needs_approval(Member.objects.get(pk=careful.olaf.pk))


def test_what_an_operator_publishes_waits_and_goes_live_when_another_approves(careful: Shop) -> None:
    version, row = knowledge_version(), asked(careful)
    assert state_of(row) == ("open", FaqState.DRAFT) and knowledge_version() == version
    with pytest.raises(NotAllowed):
        approving.approve_publication(request_id=row.public_id, by=careful.olaf, now=careful.now)
    with pytest.raises(NotAllowed):
        approving.approve_publication(request_id=row.public_id, by=careful.nina, now=careful.now)
    assert state_of(row) == ("open", FaqState.DRAFT)
    change = approving.approve_publication(request_id=row.public_id, by=careful.bob, now=careful.now)
    assert state_of(row) == ("approved", FaqState.PUBLISHED) and knowledge_version() == version + 1
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["faq.created", "faq.publication_asked", "faq.publication_approved"]
    assert change.change_id is not None
    undo_change(change_id=change.change_id, by=careful.bob, now=careful.now)
    assert Faq.objects.get().state == FaqState.DRAFT


def test_it_is_decided_once(careful: Shop) -> None:
    row = asked(careful)
    approving.approve_publication(request_id=row.public_id, by=careful.bob, now=careful.now)
    for again in (
        lambda: approving.approve_publication(request_id=row.public_id, by=careful.bob, now=careful.now),
        lambda: approving.withdraw_publication(request_id=row.public_id, by=careful.olaf, now=careful.now),
    ):
        with pytest.raises(Conflict):
            again()


def test_a_change_of_a_live_answer_waits_while_the_old_one_is_served(careful: Shop) -> None:
    row = asked(careful)
    faq = approving.approve_publication(request_id=row.public_id, by=careful.bob, now=careful.now).faq
    other = content(answer="To 50 countries.")
    change = edit_faq(
        faq_id=faq.public_id, by=careful.olaf, seen=faq.latest, content=other, publish=True, now=careful.now
    )
    assert change.asked and served_content(faq_with_texts(faq.public_id)) == content()
    tagged = replace(other, tags=("abroad",))
    edit_faq(faq_id=faq.public_id, by=careful.olaf, seen=change.faq.latest, content=tagged, now=careful.now)
    assert PublicationRequest.objects.latest("id").state == ApprovalState.OVERTAKEN
    assert request_of(faq_with_texts(faq.public_id)) is None


def test_declining_says_why_and_can_be_undone(careful: Shop) -> None:
    row = asked(careful)
    with pytest.raises(Invalid):
        approving.decline_publication(request_id=row.public_id, by=careful.bob, reason=" ", now=careful.now)
    approving.decline_publication(request_id=row.public_id, by=careful.bob, reason="Name the country.", now=careful.now)
    assert state_of(row) == ("declined", FaqState.DRAFT)
    told = declined_requests(careful.olaf, now=careful.now).get()
    assert told.reason == "Name the country."
    assert not declined_requests(careful.olaf, now=careful.now + timedelta(days=8)).exists()
    assert not declined_requests(careful.bob, now=careful.now).exists()
    with pytest.raises(Conflict):
        approving.reopen_publication(request_id=row.public_id, by=careful.olaf, now=careful.now)
    approving.reopen_publication(request_id=row.public_id, by=careful.bob, now=careful.now)
    assert state_of(row) == ("open", FaqState.DRAFT)


def test_only_whoever_asked_withdraws(careful: Shop) -> None:
    row = asked(careful)
    with pytest.raises(NotAllowed):
        approving.withdraw_publication(request_id=row.public_id, by=careful.bob, now=careful.now)
    approving.withdraw_publication(request_id=row.public_id, by=careful.olaf, now=careful.now)
    assert state_of(row) == ("withdrawn", FaqState.DRAFT)


def test_asking_twice_is_one_request(careful: Shop) -> None:
    row = asked(careful)
    assert publish_faq(faq_id=row.faq.public_id, by=careful.olaf, seen=1, now=careful.now).asked
    result = publish_faqs(faq_ids=[row.faq.public_id], by=careful.bob, now=careful.now)
    assert (result.asked, result.changed, result.change_id) == (1, 0, None)
    assert PublicationRequest.objects.count() == 1
    assert [each.pk for each in requests_for(careful.bob)] == [row.pk]
    assert not requests_for(careful.olaf).exists() and not requests_for(careful.nina).exists()


def test_no_other_way_puts_unapproved_words_live(careful: Shop) -> None:
    with pytest.raises(NotAllowed):
        create(Step(content(), FaqState.PUBLISHED, goes_live=True), key="x", by=careful.olaf, now=careful.now)
    assert not Faq.objects.exists()


def test_what_was_live_comes_back_without_asking(careful: Shop) -> None:
    row = asked(careful)
    faq = approving.approve_publication(request_id=row.public_id, by=careful.bob, now=careful.now).faq
    change = unpublish_faq(faq_id=faq.public_id, by=careful.olaf, seen=faq.latest, now=careful.now)
    assert change.change_id is not None
    undo_change(change_id=change.change_id, by=careful.olaf, now=careful.now)
    assert Faq.objects.get().state == FaqState.PUBLISHED


def test_only_who_configures_switches_it(shop: Shop) -> None:
    with pytest.raises(NotAllowed):
        require_approval(by=shop.olaf, required=True, now=shop.now)
    owner = make_member(shop.merchant, Role.OWNER)
    assert require_approval(by=owner, required=True, now=shop.now).publishing_needs_approval
