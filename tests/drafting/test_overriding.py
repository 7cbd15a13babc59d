"""An override is answered in new words, written under it; it stays as long as it decides the same thing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cs_portal.commerce.models import Order, OrderStatus
from cs_portal.conversations.models import Message
from cs_portal.core.errors import Conflict
from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.models import Decision, Draft, Review
from cs_portal.drafting.selectors import draft_detail
from cs_portal.drafting.services import candidates
from cs_portal.drafting.services.candidates import regenerate_draft
from cs_portal.drafting.services.review import approve_draft, override_verdict
from tests.drafting.conftest import Desk, make_desk

pytestmark = pytest.mark.django_db


def _override(desk: Desk, outcome: str, amount: int | None = None) -> None:
    override_verdict(
        draft_id=desk.draft.public_id,
        by=desk.ann,
        outcome=outcome,
        amount_minor=amount,
        reason="Internal: the boss said so",
        now=timezone.now(),
    )


def _made_anew(desk: Desk) -> Draft:
    run_due(["fast"], keep=False)
    return Draft.objects.select_related("conversation").get(pk=desk.draft.pk)


def _words(draft: Draft) -> str:
    return draft.candidates.get(generation=draft.generation, position=1).text


def test_a_refusal_by_override_is_written_as_a_refusal_without_the_rules_or_the_admins_reasons(desk: Desk) -> None:
    assert desk.draft.verdict is not None and desk.draft.verdict["outcome"] == "allow"
    _override(desk, "deny")
    draft = _made_anew(desk)
    assert (draft.generation, draft.override["outcome"]) == (2, "deny")  # type: ignore[index]
    words = _words(draft)
    assert "cannot cancel" in words.replace("can't", "cannot").replace("unable to", "cannot")
    assert "boss" not in words
    assert not draft.candidates.get(generation=2, position=1).violations
    assert draft.verdict["outcome"] == "allow"  # type: ignore[index]
    assert draft.standing_verdict["outcome"] == "deny"
    assert draft.verdict["reasons"]["en"] not in words  # type: ignore[index]


def test_an_allowance_by_override_says_its_amount(db: None) -> None:
    request = {"action": "refund", "evidence": [], "confirmed": False, "reason": "damaged"}
    desk = make_desk(request=request, status=OrderStatus.DELIVERED, delivered_at=timezone.now() - timedelta(days=40))
    with scope(merchant=desk.merchant):
        assert desk.draft.verdict is not None and desk.draft.verdict["outcome"] == "deny"
        Message.objects.update(text=f"Order {desk.order.number} arrived damaged, please refund it")
        _override(desk, "allow", 4300)
        draft = _made_anew(desk)
        assert (draft.override["outcome"], draft.override["amount_minor"]) == ("allow", 4300)  # type: ignore[index]
        assert "43" in _words(draft)
        assert not draft.needs_person


def test_old_words_are_not_sent_under_a_new_verdict_as_they_are_but_edited_ones_are(desk: Desk) -> None:
    text = _words(desk.draft)
    _override(desk, "deny")
    assert draft_detail(draft_id=desk.draft.public_id, now=timezone.now()).before_override
    _refused(desk, text)
    assert not Review.objects.filter(decision=Decision.APPROVED).exists()
    assert _approve(desk, "Sorry, we cannot.").decision == Decision.EDITED


def test_the_new_words_are_sent_as_they_are(desk: Desk) -> None:
    _override(desk, "deny")
    draft = _made_anew(desk)
    assert not draft_detail(draft_id=desk.draft.public_id, now=timezone.now()).before_override
    assert _approve(desk, _words(draft)).decision == Decision.APPROVED


def test_asking_for_other_words_keeps_the_override(desk: Desk) -> None:
    _override(desk, "deny")
    _made_anew(desk)
    regenerate_draft(draft_id=desk.draft.public_id, by=desk.olaf, now=timezone.now())
    draft = _made_anew(desk)
    assert (draft.generation, draft.override["outcome"]) == (3, "deny")  # type: ignore[index]


def test_an_override_ends_with_the_state_of_the_order_that_it_decided_on(desk: Desk) -> None:
    _override(desk, "deny")
    _made_anew(desk)
    Order.objects.filter(pk=desk.order.pk).update(version=desk.order.version + 1)
    regenerate_draft(draft_id=desk.draft.public_id, by=desk.olaf, now=timezone.now())
    draft = _made_anew(desk)
    assert (draft.generation, draft.override) == (3, None)


def test_an_override_while_the_draft_is_made_anew_is_not_lost(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    regenerate_draft(draft_id=desk.draft.public_id, by=desk.olaf, now=timezone.now())
    compose, overridden = candidates.engine.compose, []

    def override_meanwhile(request: Any) -> Any:
        if not overridden:
            overridden.append(_override(desk, "deny"))
        return compose(request)

    monkeypatch.setattr(candidates.engine, "compose", override_meanwhile)
    for _ in range(4):
        Job.objects.update(execute_after=timezone.now())
        draft = _made_anew(desk)
    assert (draft.generation, draft.override["outcome"]) == (2, "deny")  # type: ignore[index]
    assert "cannot cancel" in _words(draft).replace("can't", "cannot").replace("unable to", "cannot")


def _approve(desk: Desk, text: str) -> Review:
    return approve_draft(
        draft_id=desk.draft.public_id, by=desk.olaf, candidate=1, text=text, seen=desk.seen(), now=timezone.now()
    )


def _refused(desk: Desk, text: str) -> None:
    with pytest.raises(Conflict, match="before the verdict was overridden"):
        _approve(desk, text)
