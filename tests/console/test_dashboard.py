"""The home page: true figures, a fixed number of queries, and failed work that can be tried again."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from cs_portal.analytics.filters import Filters
from cs_portal.analytics.periods import last_days, today
from cs_portal.analytics.selectors.asking import unanswered
from cs_portal.analytics.selectors.deciding import deciding
from cs_portal.commerce.models import Refund
from cs_portal.console import context
from cs_portal.console.paging import capped_count
from cs_portal.console.presenters import dashboard
from cs_portal.console.presenters.dashboard import dashboard_of
from cs_portal.conversations.models import Conversation, ConversationState
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import NotAllowed, NotFound
from cs_portal.core.models import AuditEntry, Job, JobState, Queue
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft, Review
from cs_portal.merchants.models import Member
from cs_portal.merchants.services.failed_work import retry_job
from tests.console.conftest import Cast
from tests.factories import make_conversation, make_draft

pytestmark = pytest.mark.django_db


def _failed(cast: Cast, **fields: object) -> Job:
    given = {"kind": "draft_reply", "queue": Queue.FAST, "merchant": cast.merchant, "key": f"k{Job.objects.count()}"}
    return Job.objects.create(
        **{
            **given,
            "state": JobState.FAILED,
            "attempts": 5,
            "error": "ValueError",
            "execute_after": cast.now,
            "created_at": cast.now,
            "finished_at": cast.now,
            **fields,
        }
    )


def test_drafts_are_counted_by_their_age(cast: Cast) -> None:
    for minutes in (1, 14, 16, 59, 61, 241):
        draft = cast.draft()
        with scope(merchant=cast.merchant):
            Draft.objects.filter(pk=draft.pk).update(created_at=cast.now - timedelta(minutes=minutes))
    with scope(merchant=cast.merchant):
        waiting = dashboard_of(cast.olaf, since=None, now=cast.now).waiting
    assert [age.number.number for age in waiting.ages] == [2, 2, 1, 1]
    assert [age.share for age in waiting.ages] == [100, 100, 50, 50]
    assert str(waiting.drafts) == "6"
    assert waiting.oldest_at == cast.now - timedelta(minutes=241)


def test_today_stands_beside_the_same_hours_a_week_ago(cast: Cast) -> None:
    noon = timezone.localtime(cast.now, timezone.get_default_timezone()).replace(hour=12, minute=0, second=0)
    for at in (noon - timedelta(hours=1), noon - timedelta(days=7, hours=1), noon - timedelta(days=7, hours=2)):
        make_conversation(cast.merchant, storefront=cast.storefront, texts=["Hi"], now=at)
    for late in (noon - timedelta(days=7) + timedelta(minutes=1), noon - timedelta(days=1)):
        make_conversation(cast.merchant, storefront=cast.storefront, texts=["Hi"], now=late)
    with scope(merchant=cast.merchant):
        figure = dashboard_of(cast.olaf, since=None, now=noon).figures[0]
    assert (figure.today, figure.before, figure.trend) == ("1", "2", "down")


def test_nothing_refunded_is_nothing_of_the_shops_currency(cast: Cast) -> None:
    with scope(merchant=cast.merchant):
        assert dashboard_of(cast.olaf, since=None, now=cast.now).figures[3].today == "¥0.00"


def test_a_share_names_its_denominator_and_none_is_no_share(cast: Cast) -> None:
    draft = cast.draft()
    with scope(merchant=cast.merchant):
        figure = dashboard_of(cast.olaf, since=None, now=cast.now + timedelta(seconds=1)).figures[2]
        assert (figure.today, figure.before, figure.trend) == ("–", "–", "")
        for decision in ("approved", "edited", "rejected"):
            made = make_draft(cast.merchant, make_conversation(cast.merchant, storefront=cast.storefront))
            Review.objects.create(draft=made, decision=decision, created_at=cast.now)
        Review.objects.create(draft=draft, decision="approved", created_at=cast.now, undone_at=cast.now)
        figure = dashboard_of(cast.olaf, since=None, now=cast.now + timedelta(seconds=1)).figures[2]
    assert figure.today == "33% of 3"


def test_the_page_costs_the_same_with_many_rows(cast: Cast, django_assert_max_num_queries: object) -> None:
    client = cast.client(cast.olaf)
    client.get("/console/mugs/")
    for _ in range(5):
        cast.draft()
        _failed(cast)
    with django_assert_max_num_queries(23):  # type: ignore[operator]
        assert client.get("/console/mugs/").status_code == 200


def test_changes_of_colleagues_are_told_and_ones_own_and_daily_work_are_not(cast: Cast) -> None:
    for member, action in ((cast.ann, "ruleset.published"), (cast.olaf, "faq.published"), (cast.ann, "draft.approved")):
        record(
            merchant_id=cast.merchant.pk,
            actor=Actor("member", str(member.public_id)),
            action=action,
            target="x:1",
            now=cast.now,
        )
    with scope(merchant=cast.merchant):
        board = dashboard_of(cast.olaf, since=cast.now - timedelta(minutes=1), now=cast.now)
    assert [entry.action for entry in board.changes] == ["ruleset.published"]


def test_an_admin_tries_failed_work_again(cast: Cast) -> None:
    job = _failed(cast)
    page = cast.client(cast.ann).get("/console/mugs/").content.decode()
    assert f"/console/mugs/jobs/{job.pk}/retry/" in page
    assert cast.client(cast.ann).post(f"/console/mugs/jobs/{job.pk}/retry/").status_code == 302
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == (JobState.READY, 0, "")
    entry = AuditEntry.objects.get(action="job.retried")
    assert (entry.actor_id, entry.target, entry.data) == (
        str(cast.ann.public_id),
        f"job:{job.pk}",
        {"kind": "draft_reply"},
    )
    assert cast.client(cast.ann).post(f"/console/mugs/jobs/{job.pk}/retry/").status_code == 409


@pytest.mark.parametrize("who", ["olaf", "nina", "charlie"])
def test_others_do_not(cast: Cast, who: str) -> None:
    job = _failed(cast)
    member: Member = getattr(cast, who)
    assert cast.client(member).post(f"/console/mugs/jobs/{job.pk}/retry/").status_code in {403, 404}
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    with scope(merchant=member.merchant), pytest.raises((NotAllowed, NotFound)):
        retry_job(job_id=job.pk, by=member, now=cast.now)
    assert not AuditEntry.objects.filter(action="job.retried").exists()


def test_another_merchants_job_does_not_exist(cast: Cast) -> None:
    job = _failed(cast, merchant=cast.charlie.merchant)
    assert cast.client(cast.ann).post(f"/console/mugs/jobs/{job.pk}/retry/").status_code == 404
    job.refresh_from_db()
    assert job.state == JobState.FAILED


def test_a_visit_after_a_while_begins_a_new_one(cast: Cast) -> None:
    client = cast.client(cast.olaf)
    client.get("/console/mugs/")
    assert "since:mugs" not in client.session
    with scope(merchant=cast.merchant):
        assert Member.objects.get(pk=cast.olaf.pk).last_visit_at is not None
        ended = timezone.now() - timedelta(hours=3)
        Member.objects.filter(pk=cast.olaf.pk).update(last_visit_at=ended)
    client.get("/console/mugs/")
    assert client.session["since:mugs"] == ended.isoformat()


def test_drafts_of_snoozed_conversations_wait_for_nobody(cast: Cast) -> None:
    draft = cast.draft()
    with scope(merchant=cast.merchant):
        Conversation.objects.filter(pk=draft.conversation_id).update(
            state=ConversationState.SNOOZED, snoozed_until=cast.now + timedelta(days=1)
        )
        waiting = dashboard_of(cast.olaf, since=None, now=cast.now).waiting
    assert (str(waiting.drafts), waiting.oldest_at) == ("0", None)


def test_numbers_are_counted_up_to_a_thousand_and_no_further(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard, "COUNTED", 2)
    for _ in range(4):
        make_draft(
            cast.merchant,
            make_conversation(cast.merchant, storefront=cast.storefront, texts=["Hi"], now=cast.now),
            now=cast.now,
            answered=False,
        )
    with scope(merchant=cast.merchant):
        Conversation.objects.update(needs_person=True)
        board = dashboard_of(cast.olaf, since=None, now=cast.now + timedelta(minutes=1))
    assert str(board.waiting.drafts) == "2+" and str(board.waiting.ages[0].number) == "2+"
    assert [str(task.number) for task in board.tasks] == ["2+", "0", "0", "2+", "0"]
    assert [task.state for task in board.tasks] == ["warn", "", "", "info", ""]


def test_refunds_are_those_of_the_dashboard(cast: Cast) -> None:
    """Money that another system gave back is the shop's, not what approvals carried out."""
    draft, order, _conversation = cast.refund_draft(request={"action": "refund"})
    now = cast.now + timedelta(minutes=1)
    with scope(merchant=cast.merchant):
        review = Review.objects.create(draft=draft, decision="approved", created_at=cast.now, executed_at=cast.now)
        for key, amount in ((str(review.public_id), 8600), ("shop-77", 500)):
            Refund.objects.create(
                order=order, external_id=key, key=key, amount_minor=amount, lines=[], payments=[], created_at=cast.now
            )
        home = dashboard_of(cast.olaf, since=None, now=now).figures[3]
        period = today(now=now, zone=ZoneInfo(cast.merchant.timezone))
        counted = deciding(Filters(period=period)).refunded
    assert (home.label, home.today, home.before) == ("Refunded", "¥86.00", "¥0.00")
    assert counted == {"CNY": (8600, 1)}


def test_the_count_at_review_is_capped(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.draft()
    monkeypatch.setattr(context, "capped_count", lambda rows: capped_count(rows, limit=0))
    html = cast.client(cast.olaf).get("/console/mugs/").content.decode()
    assert re.search(r'id="review-count"[^>]*>0\+<', html)


def test_questions_without_an_answer_are_those_that_the_link_shows(cast: Cast) -> None:
    zone = ZoneInfo(cast.merchant.timezone)
    midnight = timezone.localtime(cast.now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    for at, fields in (
        (cast.now, {}),
        (midnight - timedelta(days=6), {}),
        (midnight - timedelta(days=6, seconds=1), {}),
        (cast.now, {"state": "superseded"}),
    ):
        conversation = make_conversation(cast.merchant, storefront=cast.storefront, texts=["Why?"], now=at)
        make_draft(cast.merchant, conversation, now=at, answered=False, **fields)
    with scope(merchant=cast.merchant):
        task = dashboard_of(cast.olaf, since=None, now=cast.now).tasks[3]
        shown = unanswered(Filters(period=last_days(7, now=cast.now, zone=zone)))
    assert task.number.number == len(shown) == 2
    html = cast.client(cast.olaf).get(task.url).content.decode()
    assert "2 questions without a good answer in the last 7 days." in " ".join(html.split())
