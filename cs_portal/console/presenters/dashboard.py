"""What the home page shows: what waits, how today goes, what changed. A fixed number of queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from cs_portal.analytics.filters import Filters
from cs_portal.analytics.metrics import Rate
from cs_portal.analytics.periods import today
from cs_portal.analytics.selectors.home import Day, day, queue_by_age, tasks_of
from cs_portal.commerce.money import format_minor
from cs_portal.console.paging import Count
from cs_portal.core.audit_trail import changes_by_others
from cs_portal.core.job_failures import failed_jobs
from cs_portal.core.models import AuditEntry, Job
from cs_portal.drafting.answering import local_day
from cs_portal.drafting.services.autopilot_sampling import held_back, sends_to_check
from cs_portal.knowledge.approvals import declined_requests, requests_for
from cs_portal.knowledge.listing import FaqFilter, Validity, faqs
from cs_portal.knowledge.models import FaqState
from cs_portal.merchants.models import Member, Storefront

#: Upper bounds of the age of a waiting draft, with the words of the band; the last band is open.
AGES: tuple[tuple[timedelta, Callable[[], str]], ...] = (
    (timedelta(minutes=15), lambda: _("under 15 minutes")),
    (timedelta(hours=1), lambda: _("15 minutes to 1 hour")),
    (timedelta(hours=4), lambda: _("1 to 4 hours")),
)
#: As many of each are counted.
COUNTED = 1000
SHOWN_CHANGES = 8
SHOWN_FAILURES = 5
#: Changes of how the shop works are told; the daily decisions on drafts and conversations have pages of their own.
DAILY = ("draft.", "reply.", "conversation.", "note.", "order.")


@dataclass(frozen=True, slots=True)
class Age:
    """How many drafts wait that long; ``share`` of the fullest band, 0 to 100."""

    label: str
    number: Count
    share: int


@dataclass(frozen=True, slots=True)
class Waiting:
    drafts: Count
    oldest_at: datetime | None
    ages: list[Age]


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for a person; ``tone`` colours it only when the number is above zero."""

    icon: str
    label: str
    number: Count
    url: str
    tone: str

    @property
    def state(self) -> str:
        return self.tone if self.number else ""


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of today until now, beside the same hours of the same weekday last week."""

    label: str
    today: str
    before: str
    trend: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    waiting: Waiting
    tasks: list[Task]
    figures: list[Compared]
    failures: list[Job]
    since: datetime
    changes: list[AuditEntry]


def dashboard_of(member: Member, *, since: datetime | None, now: datetime) -> Dashboard:
    since = since or now - timedelta(days=1)
    changes = changes_by_others(merchant_id=member.merchant_id, member=member.public_id, since=since, without=DAILY)
    return Dashboard(
        waiting=_waiting(now),
        tasks=_tasks(member, now),
        figures=_figures(now, ZoneInfo(member.merchant.timezone)),
        failures=list(failed_jobs(merchant_id=member.merchant_id, now=now)[:SHOWN_FAILURES]),
        since=since,
        changes=list(changes[:SHOWN_CHANGES]),
    )


def _count(number: int) -> Count:
    return Count(min(number, COUNTED), number > COUNTED)


def _waiting(now: datetime) -> Waiting:
    queue = queue_by_age([bound for bound, _label in AGES], now=now, limit=COUNTED)
    most = max(queue.by_age) or 1
    labels = [*(label() for _bound, label in AGES), _("over 4 hours")]
    ages = [
        Age(label, _count(number), round(100 * number / most))
        for label, number in zip(labels, queue.by_age, strict=True)
    ]
    return Waiting(_count(sum(queue.by_age)), queue.oldest_at, ages)


def _tasks(member: Member, now: datetime) -> list[Task]:
    slug = member.merchant.slug
    inbox = reverse("console:inbox", args=[slug])
    found = tasks_of(member, now=now, limit=COUNTED)
    gaps = _("Questions without an answer, 7 days")
    tasks = [
        Task("hand-stop", _("Need a person"), _count(found.needs_person), f"{inbox}?needs=1", "warn"),
        Task("clock", _("Past the reply target"), _count(found.overdue), f"{inbox}?overdue=1", "bad"),
        Task("user-check", _("Assigned to me"), _count(found.mine), f"{inbox}?assignee=me", "info"),
        Task("zoom-question", gaps, _count(found.gaps), reverse("console:gaps", args=[slug]), "info"),
    ]
    return tasks + _autopilot_tasks(member) + _knowledge_tasks(member, now)


def _autopilot_tasks(member: Member) -> list[Task]:
    """Replies to check and rules that were held back; nothing where the shop has none of it."""
    slug, tasks = member.merchant.slug, []
    if to_check := sends_to_check()[: COUNTED + 1].count():
        url = reverse("console:autopilot_checks", args=[slug])
        tasks.append(Task("checkbox", _("Replies by autopilot to check"), _count(to_check), url, "info"))
    if member.may_configure and (braked := held_back()):
        url = reverse("console:autopilot", args=[slug])
        tasks.append(Task("robot", _("Autopilot rules held back after wrong replies"), _count(braked), url, "bad"))
    return tasks


def _knowledge_tasks(member: Member, now: datetime) -> list[Task]:
    """Answers that run out, and those that wait for a second pair of eyes where the merchant wants one."""
    slug = member.merchant.slug
    soon = FaqFilter(state=FaqState.PUBLISHED, validity=Validity.SOON, today=local_day(member.merchant, now))
    expiring = faqs(soon)[: COUNTED + 1].count()
    listed = f"{reverse('console:knowledge', args=[slug])}?state=published&valid=soon"
    tasks = [Task("clock", _("FAQs that expire soon"), _count(expiring), listed, "warn")]
    if member.merchant.publishing_needs_approval:
        waiting = requests_for(member)[: COUNTED + 1].count() + declined_requests(member, now=now)[:COUNTED].count()
        url = reverse("console:knowledge_approvals", args=[slug])
        tasks.append(Task("user-check", _("Answers that wait for approval"), _count(waiting), url, "warn"))
    return tasks


def _figures(now: datetime, zone: ZoneInfo) -> list[Compared]:
    filters = Filters(period=today(now=now, zone=zone))
    currency = Storefront.objects.order_by("id").values_list("currency", flat=True).first() or "CNY"
    current, before = day(filters), day(filters.before())
    return [
        _counted(_("New conversations"), current.conversations, before.conversations),
        _counted(_("Replies sent"), current.replies, before.replies),
        _shared(_("Approved unedited"), current.unedited, before.unedited),
        Compared(_("Refunded"), _money(current, currency), _money(before, currency), ""),
    ]


def _counted(label: str, current: int, before: int) -> Compared:
    texts = [str(number_format(number, force_grouping=True)) for number in (current, before)]
    return Compared(label, texts[0], texts[1], _trend(current, before))


def _shared(label: str, current: Rate, before: Rate) -> Compared:
    """A rate with its n; without a denominator there is no rate."""
    texts = [
        "–" if rate.share is None else _("%(percent)s%% of %(n)s") % {"percent": round(100 * rate.share), "n": rate.n}
        for rate in (current, before)
    ]
    if current.share is None or before.share is None:
        return Compared(label, texts[0], texts[1], "")
    return Compared(label, texts[0], texts[1], _trend(round(100 * current.share), round(100 * before.share)))


def _money(day: Day, currency: str) -> str:
    """Nothing is nothing of ``currency``, the shop's own."""
    refunded = day.refunded or {currency: 0}
    return " + ".join(format_minor(amount, code) for code, amount in refunded.items())


def _trend(current: int, before: int) -> str:
    if current == before:
        return "same"
    return "up" if current > before else "down"
