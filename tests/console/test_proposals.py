"""Proposals from edits, and suggested phrasings, in the console."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from cs_portal.core.tenancy import scope
from cs_portal.knowledge.models import Faq, FaqProposal, PhrasingSuggestion, ProposalState
from cs_portal.knowledge.selectors import working_copy
from cs_portal.merchants.models import Member, Merchant, Role
from tests.factories import PASSWORD, make_faq, make_member, make_merchant
from tests.knowledge.gap_rows import NOW

pytestmark = pytest.mark.django_db

ANSWER = "It takes 3 to 5 days. Orders over ¥200 ship free."


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant("pine")


@pytest.fixture
def faq(merchant: Merchant) -> Faq:
    return make_faq(merchant, en=("How long does delivery take?", ANSWER))


@pytest.fixture
def client(merchant: Merchant) -> Client:
    member: Member = make_member(merchant)
    browser = Client()
    assert browser.login(username=member.user.email, password=PASSWORD)
    return browser


def propose(faq: Faq, **fields: Any) -> FaqProposal:
    given = {"before": "It takes 3 to 5 days.", "after": "It takes 2 to 4 days.", "times": 3, **fields}
    with scope(merchant=faq.merchant):
        return FaqProposal.objects.create(faq=faq, locale="en", revision=faq.latest, created_at=NOW, **given)


def suggest(faq: Faq, text: str) -> PhrasingSuggestion:
    with scope(merchant=faq.merchant):
        return PhrasingSuggestion.objects.create(
            faq=faq,
            locale="en",
            text=text,
            folded=text.casefold().strip("?"),
            similarity=0.3,
            conversation=uuid4(),
            draft=uuid4(),
            asked_at=NOW,
        )


def url(name: str, *args: object) -> str:
    return reverse(f"console:{name}", args=["pine", *args])


def now_of(faq: Faq) -> tuple[str, int, int]:
    """The answer being worked on, and the revisions newest and served."""
    with scope(merchant=faq.merchant):
        faq = Faq.objects.prefetch_related("texts").get(pk=faq.pk)
        return working_copy(faq).text("en").answer, faq.latest, faq.revision


def state_of(proposal: FaqProposal) -> str:
    with scope(merchant=proposal.merchant):
        proposal.refresh_from_db()
    return str(proposal.state)


def test_an_empty_list_says_how_proposals_come(client: Client) -> None:
    assert "change the same sentence of an FAQ three times" in client.get(url("proposals")).content.decode()


def test_the_list_shows_the_difference(client: Client, faq: Faq) -> None:
    propose(faq)
    text = client.get(url("proposals")).content.decode()
    assert "<del>" in text
    assert "How long does delivery take?" in text
    assert "How long does delivery take?" not in client.get(url("proposals") + "?state=dismissed").content.decode()


def test_accepting_writes_a_revision_and_undo_takes_it_out(client: Client, faq: Faq) -> None:
    proposal = propose(faq)
    client.post(url("proposal_accept", proposal.public_id), {"seen": 1})
    assert now_of(faq) == ("It takes 2 to 4 days. Orders over ¥200 ship free.", 2, 1)
    assert state_of(proposal) == ProposalState.ACCEPTED
    client.post(url("proposal_undo", proposal.public_id))
    assert now_of(faq)[0] == ANSWER
    assert state_of(proposal) == ProposalState.OPEN


def test_accepting_and_publishing_in_other_words_and_undoing_both(client: Client, faq: Faq) -> None:
    proposal = propose(faq)
    client.post(url("proposal_accept", proposal.public_id), {"seen": 1, "answer": "It takes 2 days.", "publish": "yes"})
    assert now_of(faq) == ("It takes 2 days.", 3, 3)
    client.post(url("proposal_undo", proposal.public_id))
    assert now_of(faq)[0] == ANSWER


def test_with_a_second_pair_of_eyes_it_waits(client: Client, merchant: Merchant, faq: Faq) -> None:
    Merchant.objects.filter(pk=merchant.pk).update(publishing_needs_approval=True)
    proposal = propose(faq)
    client.post(url("proposal_accept", proposal.public_id), {"seen": 1, "publish": "yes"})
    assert now_of(faq) == ("It takes 2 to 4 days. Orders over ¥200 ship free.", 2, 1)


def test_an_faq_that_moved_is_no_place_for_it(client: Client, faq: Faq) -> None:
    proposal = propose(faq)
    assert client.post(url("proposal_accept", proposal.public_id), {"seen": 7}).status_code == 409
    assert state_of(proposal) == ProposalState.OPEN
    gone = propose(faq, before="It takes a week.")
    client.post(url("proposal_accept", gone.public_id), {"seen": 1})
    assert state_of(gone) == ProposalState.STALE
    assert now_of(faq) == (ANSWER, 1, 1)


def test_dismissing_and_taking_it_back(client: Client, faq: Faq) -> None:
    proposal = propose(faq)
    client.post(url("proposal_dismiss", proposal.public_id))
    assert state_of(proposal) == ProposalState.DISMISSED
    client.post(url("proposal_undo", proposal.public_id))
    assert state_of(proposal) == ProposalState.OPEN


def test_an_analyst_changes_nothing(merchant: Merchant, faq: Faq) -> None:
    proposal = propose(faq)
    analyst = Client()
    analyst.login(username=make_member(merchant, Role.ANALYST).user.email, password=PASSWORD)
    assert analyst.get(url("proposal", proposal.public_id)).status_code == 200
    assert analyst.post(url("proposal_accept", proposal.public_id), {"seen": 1}).status_code == 403
    assert now_of(faq) == (ANSWER, 1, 1)


def test_the_editor_suggests_phrasings_and_one_click_adds_them(client: Client, faq: Faq) -> None:
    row = suggest(faq, "when does my stuff come?")
    suggest(faq, "when does my stuff come?")
    text = client.get(url("faq", faq.public_id)).content.decode()
    assert "when does my stuff come?" in text
    assert "×2" in text
    client.post(url("suggestions_add", faq.public_id), {"seen": 1, "suggestion": [str(row.public_id)]})
    with scope(merchant=faq.merchant):
        saved = Faq.objects.prefetch_related("texts").get(pk=faq.pk)
        assert working_copy(saved).text("en").phrasings == ("when does my stuff come?",)
        assert not saved.has_unpublished_changes
    assert "Shoppers also ask so" not in client.get(url("faq", faq.public_id)).content.decode()


def test_a_suggestion_is_put_aside_and_brought_back(client: Client, faq: Faq) -> None:
    row = suggest(faq, "when does my stuff come?")
    client.post(url("suggestion_dismiss", faq.public_id, row.public_id))
    assert "my stuff" not in client.get(url("faq", faq.public_id)).content.decode()
    client.post(url("suggestion_restore", faq.public_id, row.public_id))
    assert "my stuff" in client.get(url("faq", faq.public_id)).content.decode()
