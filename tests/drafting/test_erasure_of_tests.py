"""Erasing a shopper takes along what of them was tried and kept as cases; others' stays."""

from __future__ import annotations

import pytest
from django.utils import timezone

from cs_portal.core.tenancy import scope
from cs_portal.drafting.services.erasure import erase_shopper, typed_name
from cs_portal.knowledge.models import CaseOrigin, QuestionTest, RegressionCase
from cs_portal.knowledge.services.regression_cases import NewCase, add_case, add_cases, remove_cases
from cs_portal.knowledge.services.trying import Asker, ask_question
from tests.drafting.conftest import Desk
from tests.factories import make_shopper

NOW = timezone.now()


@pytest.mark.parametrize("removed", [False, True])
def test_cases_from_their_reviews_go_with_a_shopper(desk: Desk, removed: bool) -> None:
    theirs = NewCase("Please cancel order 10021.", None, desk.draft.public_id)
    add_cases(cases=[theirs], by=desk.olaf, origin=CaseOrigin.REVIEW, now=NOW)
    own = add_case(question="weather?", faq_id=None, by=desk.olaf, now=NOW)
    if removed:
        case_ids = RegressionCase.objects.exclude(pk=own.pk).values_list("public_id", flat=True)
        assert remove_cases(case_ids=case_ids, by=desk.olaf, now=NOW) == 1
    shopper = desk.conversation.shopper
    erase_shopper(shopper_id=shopper.public_id, by=desk.ann, confirmation=typed_name(shopper), now=NOW)
    assert list(RegressionCase.objects.all()) == [own]


def test_what_was_tried_in_their_name_goes_with_a_shopper(desk: Desk) -> None:
    shopper, other = desk.conversation.shopper, make_shopper(desk.merchant)
    by_name = ask_question(question="a", by=desk.olaf, asker=Asker(shopper=shopper.email), now=NOW)
    by_order = ask_question(question="b", by=desk.olaf, asker=Asker(order=f"#{desk.order.number}"), now=NOW)
    kept = [
        ask_question(question="c", by=desk.olaf, asker=Asker(shopper=other.external_id or ""), now=NOW),
        ask_question(question="d", by=desk.olaf, now=NOW),
    ]
    assert (by_name.shopper, by_order.shopper, by_order.order) == (shopper, shopper, desk.order)
    erase_shopper(shopper_id=shopper.public_id, by=desk.ann, confirmation=typed_name(shopper), now=NOW)
    with scope(merchant=desk.merchant):
        assert list(QuestionTest.objects.order_by("id")) == kept
