"""Each figure on a handful of rows whose answer can be counted on the fingers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cs_portal.analytics.filters import Filters
from cs_portal.analytics.metrics import Rate
from cs_portal.analytics.periods import Period
from cs_portal.analytics.selectors.asking import asking, unanswered
from cs_portal.analytics.selectors.automation import automation
from cs_portal.analytics.selectors.deciding import deciding
from cs_portal.analytics.selectors.response import response
from cs_portal.analytics.selectors.reviewing import reviewing
from cs_portal.analytics.selectors.satisfaction import satisfaction
from cs_portal.analytics.selectors.volume import volume
from cs_portal.analytics.selectors.wording import wording
from cs_portal.commerce.models import Refund
from cs_portal.conversations.models import Activity, Conversation
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Decision, Draft, DraftState, Review
from cs_portal.merchants.models import Member, Merchant
from tests.factories import (
    make_candidate,
    make_conversation,
    make_draft,
    make_member,
    make_merchant,
    make_message,
    make_order,
    make_storefront,
)

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Asia/Shanghai")
#: Monday, ten o'clock in Shanghai; the merchant is open from nine to six on weekdays.
MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
FILTERS = Filters(Period(date(2026, 11, 16), date(2026, 11, 22), ZONE))


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    merchant = make_merchant("mugs")
    make_storefront(merchant)
    with scope(merchant=merchant):
        yield merchant


def talk(merchant: Merchant, at: datetime = MONDAY, **fields: object) -> Conversation:
    return make_conversation(merchant, texts=["Where is it?"], now=at, **fields)


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def decide(draft: Draft, decision: str, at: datetime, member: Member | None = None, **fields: object) -> Review:
    return Review.objects.create(draft=draft, decision=decision, member=member, created_at=at, **fields)


def test_days_and_hours_are_the_merchants(merchant) -> None:
    talk(merchant, MONDAY)
    talk(merchant, MONDAY + timedelta(hours=1))
    talk(merchant, datetime(2026, 11, 22, 15, 59, tzinfo=UTC))  # Sunday, one minute to midnight
    talk(merchant, datetime(2026, 11, 22, 16, 0, tzinfo=UTC))  # Monday after the period
    talk(merchant, datetime(2026, 11, 15, 15, 59, tzinfo=UTC))  # Sunday before it
    make_conversation(merchant, now=MONDAY)  # opened, but nobody wrote
    found = volume(FILTERS)
    assert found.total == 3
    assert found.by_day == {day: {0: 2, 6: 1}.get(number, 0) for number, day in enumerate(FILTERS.period.days)}
    assert found.by_hour == {(0, 10): 1, (0, 11): 1, (6, 23): 1}


def test_figures_narrow_to_storefront_language_operator_and_intent(merchant) -> None:
    other = make_storefront(merchant, "other")
    olaf = make_member(merchant)
    here = talk(merchant, locale="en")
    there = talk(merchant, storefront=other, locale="zh-hans")
    make_message(there, "Hello", author="operator", member=olaf)
    make_draft(merchant, here, intent="delivery", now=MONDAY)
    assert volume(FILTERS).total == 2
    assert volume(replace(FILTERS, storefront=other.pk)).total == 1
    assert volume(replace(FILTERS, locale="zh-hans")).total == 1
    assert volume(replace(FILTERS, member=olaf.pk)).total == 1
    assert volume(replace(FILTERS, intent="delivery")).total == 1
    assert volume(replace(FILTERS, intent="delivery", locale="zh-hans")).total == 0
    assert asking(replace(FILTERS, locale="zh-hans")).intents == []


def test_another_merchants_rows_do_not_count(merchant) -> None:
    rival = make_merchant("rival")
    talk(rival)
    talk(merchant)
    assert volume(FILTERS).total == 1


def test_waits_are_medians_in_business_hours_and_on_the_wall(merchant) -> None:
    for wait in (4, 6, 30):
        talk(merchant, first_reply_at=MONDAY + minutes(wait))
    evening = MONDAY + timedelta(hours=7, minutes=50)  # ten to six
    morning = MONDAY + timedelta(hours=23, minutes=10)  # ten past nine, the day after
    talk(merchant, evening, first_reply_at=morning, first_person_reply_at=morning)
    talk(merchant, state="resolved", resolved_at=MONDAY + minutes(90), resolved_by="shopper")
    talk(merchant, resolved_at=None)
    found = response(FILTERS, now=NOW)
    assert (found.first_by_bot.open.n, found.first_by_bot.open.median, found.first_by_bot.open.high) == (
        3, pytest.approx(6, abs=0.01), pytest.approx(30, abs=0.01),
    )  # fmt: skip
    assert found.first_by_person.open.median == pytest.approx(20, abs=0.01)
    assert found.first_by_person.wall.median == pytest.approx(15 * 60 + 20, abs=0.01)
    assert found.resolution.open.median == pytest.approx(90, abs=0.01)


def test_a_promise_counts_once_it_is_kept_or_broken(merchant) -> None:
    due = MONDAY + minutes(60)
    talk(merchant, first_reply_due_at=due, first_reply_at=due)
    talk(merchant, first_reply_due_at=due, first_reply_at=due + minutes(1), next_replies=3, next_replies_late=1)
    talk(merchant, first_reply_due_at=due)
    talk(merchant, first_reply_due_at=NOW + minutes(5))
    found = response(FILTERS, now=NOW)
    assert (found.first_in_time, found.next_in_time) == (Rate(1, 3), Rate(2, 3))


def test_the_bot_settled_what_nobody_wrote_in(merchant) -> None:
    bot = {"bot_involved_at": MONDAY, "state": "resolved", "resolved_at": MONDAY + minutes(60)}
    talk(merchant, **bot, resolved_by="shopper")
    talk(merchant, **bot, resolved_by="assumed")
    talk(merchant, **bot, resolved_by="shopper", first_person_reply_at=MONDAY + minutes(2))
    talk(merchant, **bot, resolved_by="member")
    back = talk(merchant, **bot, resolved_by="shopper", reopened_count=1)
    for kind, at in (("resolved", MONDAY + minutes(30)), ("reopened", MONDAY + timedelta(days=6))):
        Activity.objects.create(conversation=back, kind=kind, created_at=at)
    late = talk(merchant, **bot, resolved_by="shopper", reopened_count=1)
    for kind, at in (("resolved", MONDAY + minutes(30)), ("reopened", MONDAY + timedelta(days=8))):
        Activity.objects.create(conversation=late, kind=kind, created_at=at)
    talk(merchant, bot_involved_at=MONDAY, handed_over_at=MONDAY, handover_reason="policy")
    talk(merchant)
    found = automation(FILTERS)
    assert found.involved == Rate(7, 8)
    assert (found.confirmed, found.assumed) == (Rate(2, 7), Rate(1, 7))
    assert found.automated == pytest.approx(3 / 8)
    assert (found.handed_over, found.reasons) == (Rate(1, 7), {"policy": 1})
    assert found.reopened == Rate(1, 6)


def test_decisions_by_operator_reason_and_day(merchant) -> None:
    olaf, bob = make_member(merchant), make_member(merchant)
    drafts = [make_draft(merchant, talk(merchant), now=MONDAY, intent="delivery") for _ in range(5)]
    decide(drafts[0], Decision.APPROVED, MONDAY + minutes(2), olaf)
    decide(drafts[1], Decision.APPROVED, MONDAY + minutes(4), olaf)
    candidate = drafts[2].candidates.get(position=1)
    decide(drafts[2], Decision.EDITED, MONDAY + minutes(6), bob, candidate=candidate, text=candidate.text[:-1])
    decide(drafts[3], Decision.REJECTED, MONDAY + minutes(8), bob, reason="tone")
    decide(drafts[4], Decision.SUPERSEDED, MONDAY + minutes(8))
    decide(drafts[4], Decision.APPROVED, MONDAY + minutes(9), bob, undone_at=MONDAY + minutes(10))
    Draft.objects.exclude(pk=drafts[3].pk).update(state=DraftState.SENT)
    found = reviewing(FILTERS, now=NOW)
    assert found.all.decisions == Counter(approved=2, edited=1, rejected=1)
    assert (found.all.clean, found.all.edited, found.all.rejected) == (Rate(2, 4), Rate(1, 3), Rate(1, 4))
    assert found.all.latency.open.median == pytest.approx(4, abs=0.01)
    assert found.by_member[olaf.pk].clean == Rate(2, 2)
    assert found.by_member[bob.pk].rejected == Rate(1, 2)
    assert found.by_day[date(2026, 11, 16)] == Counter(approved=2, edited=1, rejected=1)
    assert found.reasons == {"tone": 1}
    assert found.distance.median == pytest.approx(1 / len(candidate.text))
    assert (found.waiting, found.oldest_waiting) == (1, MONDAY)


def test_verdicts_by_rule_and_the_money_that_went_back(merchant) -> None:
    def decided(outcome: str, rule: str, **fields: object) -> Draft:
        verdict = {"outcome": outcome, "rule": rule}
        return make_draft(merchant, talk(merchant), now=MONDAY, verdict=verdict, request={"action": "refund"}, **fields)

    paid = decided("allow", "fault", state=DraftState.SENT)
    decided("allow", "fault", state=DraftState.SENT)
    decided("deny", "late")
    decided("deny", "late", state=DraftState.SUPERSEDED)
    review = decide(paid, Decision.APPROVED, MONDAY, executed_at=MONDAY + minutes(1))
    order = make_order(merchant, now=NOW)
    for key, amount in ((str(review.public_id), 4300), ("somebody-elses", 9900)):
        Refund.objects.create(
            order=order, external_id=key[:8], key=key, amount_minor=amount, created_at=MONDAY + minutes(1)
        )
    found = deciding(FILTERS)
    assert found.by_rule == {"fault": Counter(allow=2), "late": Counter(deny=1)}
    assert found.refunded == {"CNY": (4300, 1)}


def test_intents_coverage_and_what_found_no_answer(merchant) -> None:
    for intent, answered in (("delivery", True), ("delivery", None), ("stock", False)):
        make_draft(merchant, talk(merchant), now=MONDAY, intent=intent, answered=answered)
    seen = make_draft(merchant, talk(merchant), now=MONDAY, intent="stock", state=DraftState.SUPERSEDED)
    assert seen.opened_at is None
    found = asking(FILTERS)
    assert [(each.name, each.questions, each.covered) for each in found.intents] == [
        ("delivery", 2, Rate(1, 1)),
        ("stock", 1, Rate(0, 1)),
    ]
    assert found.covered == Rate(1, 2)
    assert [(each.text, each.intent) for each in unanswered(FILTERS)] == [("Where is it?", "stock")]


def test_satisfaction_counts_fours_and_fives(merchant) -> None:
    for score in (5, 4, 3, 1, None):
        talk(merchant, csat_asked_at=MONDAY, csat_score=score)
    talk(merchant)
    found = satisfaction(FILTERS)
    assert (found.positive, found.answered) == (Rate(2, 4), Rate(4, 5))
    assert found.by_score == {5: 1, 4: 1, 3: 1, 2: 0, 1: 1}


def test_wordings_by_source_with_the_models_seconds(merchant) -> None:
    draft = make_draft(merchant, talk(merchant), now=MONDAY, texts=["One"])
    for seconds in (2.0, 4.0, 9.0):
        make_candidate(draft, source="language_model", model="smol", seconds=seconds)
    make_candidate(draft, source="language_model", model="smol", violations=[{"kind": "amount"}, {"kind": "amount"}])
    found = wording(FILTERS)
    assert found.best == {("composer", "composer"): 1}
    assert (found.seconds.n, found.seconds.median, found.seconds.high) == (3, 4.0, 9.0)
    assert found.blocked == {"amount": 1}


def test_wordings_of_rounds_that_were_drafted_anew_were_offered_to_nobody(merchant) -> None:
    draft = make_draft(merchant, talk(merchant), now=MONDAY, texts=(), generation=2)
    make_candidate(draft, position=1, source="language_model", model="small", generation=1)
    make_candidate(draft, position=1, source="composer", model="", generation=2)
    make_candidate(draft, position=2, source="language_model", model="small", generation=2)
    assert wording(FILTERS).best == {("composer", ""): 1}


def test_nothing_is_no_zero(merchant) -> None:
    assert response(FILTERS, now=NOW).first_by_bot.open.median is None
    assert automation(FILTERS).involved.share is None
    assert automation(FILTERS).automated is None
    assert reviewing(FILTERS, now=NOW).distance.n == 0
    assert deciding(FILTERS).refunded == {}
    assert satisfaction(FILTERS).positive.share is None


def test_a_review_keeps_what_its_figures_need_however_it_is_written(merchant) -> None:
    other = make_storefront(merchant, "other")
    draft = make_draft(merchant, talk(merchant, storefront=other), now=MONDAY, intent="stock")
    candidate = draft.candidates.get(position=1)
    saved = decide(draft, Decision.EDITED, MONDAY + minutes(3), candidate=candidate, text=candidate.text + "!")
    fields = {"draft": draft, "decision": Decision.REJECTED, "created_at": MONDAY + minutes(2)}
    (many,) = Review.objects.bulk_create([Review(**fields)])
    for row, distance in ((saved, 1 / len(saved.text)), (many, None)):
        row.refresh_from_db()
        assert (row.ready_at, row.intent, row.storefront_id) == (MONDAY, "stock", other.pk)
        assert row.distance == (None if distance is None else pytest.approx(distance))


@pytest.mark.parametrize(("executed", "counted"), [(True, {"CNY": (100, 1)}), (False, {})])
def test_a_refund_counts_with_the_approval_that_was_carried_out(merchant, executed: bool, counted) -> None:
    draft = make_draft(merchant, talk(merchant), now=MONDAY, request={"action": "refund"}, state=DraftState.SENT)
    done_at = MONDAY + minutes(1)
    review = decide(draft, Decision.APPROVED, MONDAY, executed_at=done_at if executed else None)
    order = make_order(merchant, now=NOW)
    Refund.objects.create(order=order, external_id="r", key=str(review.public_id), amount_minor=100, created_at=done_at)
    assert deciding(FILTERS).refunded == counted


def test_refunds_that_no_review_made_do_not_count_however_they_are_keyed(merchant) -> None:
    draft = make_draft(merchant, talk(merchant), now=MONDAY, request={"action": "refund"}, state=DraftState.SENT)
    review = decide(draft, Decision.APPROVED, MONDAY, executed_at=MONDAY + minutes(1))
    order = make_order(merchant, now=NOW)
    for number, key in enumerate((review.public_id.hex, str(review.public_id).upper(), "", "r-1")):
        Refund.objects.create(
            order=order, external_id=str(number), key=key, amount_minor=100, created_at=MONDAY + minutes(1)
        )
    assert deciding(FILTERS).refunded == {}
