"""The list of FAQs: how it is narrowed and in which orders it comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Exists,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from cs_portal.core.tenancy import current_merchant
from cs_portal.knowledge.models import Faq, FaqState, FaqTag, QualityFinding
from cs_portal.knowledge.quality.kinds import ANY_PROBLEM
from cs_portal.knowledge.search import asking, matching
from cs_portal.merchants.models import Locale, Member

#: The states that the list can be asked for, beside those of :class:`FaqState`.
ACTIVE, CHANGED, ANY = "active", "changed", "any"
#: An FAQ whose last day is at most so many days ahead expires soon.
SOON = timedelta(days=14)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Validity(StrEnum):
    """By the merchant's today. ``LIMITED``: with a first or a last day, whatever it is."""

    LATER = "later"
    SOON = "soon"
    EXPIRED = "expired"
    LIMITED = "limited"


class Condition(StrEnum):
    """What an FAQ has beside its words. ``ANSWERS``: answers for some cases."""

    ANSWERS = "answers"
    HAND_OVER = "hand_over"
    ACTION = "action"


class FaqOrder(StrEnum):
    """In which the list comes. ``RELEVANCE`` is for a search: FAQs that ask the words first, the most used of them."""

    RELEVANCE = "relevance"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NEWEST = "newest"
    OLDEST = "oldest"
    CATEGORY = "category"
    HITS = "hits"
    FEWEST_HITS = "fewest_hits"
    LAST_HIT = "last_hit"
    NOT_HIT = "not_hit"
    EDITED = "edited"
    REJECTED = "rejected"


#: The sort keys of each order; the last is unique. Names that no column has are annotations, see :func:`in_order`.
KEYS: dict[FaqOrder, tuple[str, ...]] = {
    FaqOrder.RELEVANCE: ("-asks", "-hits", "-id"),
    FaqOrder.CHANGED: ("-updated_at", "-id"),
    FaqOrder.UNCHANGED: ("updated_at", "id"),
    FaqOrder.NEWEST: ("-id",),
    FaqOrder.OLDEST: ("id",),
    FaqOrder.CATEGORY: ("category", "-id"),
    FaqOrder.HITS: ("-hits", "-id"),
    FaqOrder.FEWEST_HITS: ("hits", "id"),
    FaqOrder.LAST_HIT: ("-hit_at", "-id"),
    FaqOrder.NOT_HIT: ("hit_at", "id"),
    FaqOrder.EDITED: ("-edit_rate", "-hits", "-id"),
    FaqOrder.REJECTED: ("-reject_rate", "-hits", "-id"),
}


@dataclass(frozen=True, slots=True)
class FaqFilter:
    """How the list is narrowed; an empty value narrows nothing.

    ``state`` is one of :class:`FaqState`, or ``active``, ``changed`` or ``any``.

    ``problem`` is a kind of finding, or ``any``. ``today`` is the merchant's day that validity is judged by.
    """

    words: str = ""
    state: str = ACTIVE
    category: str = ""
    tag: str = ""
    missing: str = ""
    validity: str = ""
    has: str = ""
    problem: str = ""
    updated_by: UUID | None = None
    today: date = field(default_factory=lambda: timezone.now().date())


def faqs(wanted: FaqFilter) -> QuerySet[Faq]:
    """The FAQs that fit, unordered, with who changed them last, the texts that are served, and their figures."""
    rows = Faq.objects.select_related("updated_by__user", "figures").prefetch_related("texts")
    return rows.filter(_narrowed(wanted))


def in_order(rows: QuerySet[Faq], order: FaqOrder, *, words: str = "") -> QuerySet[Faq]:
    """``rows`` with the annotations that ``KEYS[order]`` names."""
    names = {name.lstrip("-") for name in KEYS[order]}
    return rows.annotate(**{name: make(words) for name, make in _ANNOTATIONS.items() if name in names})


def _asks(words: str) -> Case:
    found = asking(words)
    whens = [] if found is None else [When(pk__in=found, then=Value(1))]
    return Case(*whens, default=Value(0), output_field=IntegerField())


def _hit_at(words: str) -> Coalesce:
    return Coalesce("figures__last_hit_at", Value(_NEVER, output_field=DateTimeField()))


def _rate(part: str, of: tuple[str, ...]) -> Case:
    """A share of 1; -1 where there was nothing to count, so that it comes last."""
    total = sum((F(f"figures__{name}") for name in of[1:]), start=F(f"figures__{of[0]}"))
    share = Cast(F(f"figures__{part}"), FloatField()) / Cast(total, FloatField())
    counted = Q()
    for name in of:
        counted |= Q(**{f"figures__{name}__gt": 0})
    return Case(When(counted, then=share), default=Value(-1.0), output_field=FloatField())


_ANNOTATIONS: Mapping[str, Callable[[str], Case | Coalesce]] = {
    "asks": _asks,
    "hits": lambda words: Coalesce("figures__hits", Value(0)),
    "hit_at": _hit_at,
    "edit_rate": lambda words: _rate("edited", ("approved", "edited")),
    "reject_rate": lambda words: _rate("rejected", ("approved", "edited", "rejected")),
}


def _narrowed(wanted: FaqFilter) -> Q:
    found = _of_state(wanted.state) & _of_validity(wanted.validity, wanted.today) & _that_has(wanted.has)
    if (words := matching(wanted.words)) is not None:
        found &= Q(pk__in=words)
    elif wanted.words.strip():
        found &= Q(pk__in=[])
    if wanted.category:
        found &= Q(category=wanted.category)
    if wanted.tag:
        found &= Q(Exists(FaqTag.objects.filter(faq=OuterRef("pk"), tag=wanted.tag)))
    if wanted.problem:
        found &= _with_problem(wanted.problem)
    if wanted.missing in Locale.values:
        found &= ~Q(languages__contains=f"{wanted.missing},")
    if wanted.updated_by is not None:
        found &= Q(updated_by__public_id=wanted.updated_by)
    return found


def _of_state(state: str) -> Q:
    if state == ACTIVE:
        return ~Q(state=FaqState.ARCHIVED)
    if state == CHANGED:
        return Q(state=FaqState.PUBLISHED, latest__gt=F("revision"))
    return Q(state=state) if state in FaqState.values else Q()


def _of_validity(validity: str, today: date) -> Q:
    if validity == Validity.EXPIRED:
        return Q(valid_until__lt=today)
    if validity == Validity.SOON:
        return Q(valid_until__gte=today, valid_until__lte=today + SOON)
    if validity == Validity.LATER:
        return Q(valid_from__gt=today)
    return Q(valid_from__isnull=False) | Q(valid_until__isnull=False) if validity == Validity.LIMITED else Q()


def _that_has(what: str) -> Q:
    if what == Condition.ANSWERS:
        return ~Q(answers=[])
    if what == Condition.HAND_OVER:
        return Q(hand_over=True)
    return ~Q(action="") if what == Condition.ACTION else Q()


def _with_problem(kind: str) -> Q:
    """In either place of a pair."""
    rows = QualityFinding.objects.filter(ignored_at=None)
    if kind != ANY_PROBLEM:
        rows = rows.filter(kind=kind)
    return Q(pk__in=rows.values("faq")) | Q(pk__in=rows.filter(other__isnull=False).values("other"))


def today(*, now: datetime) -> date:
    """The merchant's day."""
    return now.astimezone(ZoneInfo(current_merchant().timezone)).date()


def categories() -> list[str]:
    """The categories in use, by name."""
    return list(Faq.objects.exclude(category="").order_by("category").values_list("category", flat=True).distinct())


def tags() -> list[tuple[str, int]]:
    """The tags in use with how many FAQs have them, archived ones left out, by name."""
    rows = FaqTag.objects.exclude(faq__state=FaqState.ARCHIVED).values_list("tag")
    return list(rows.annotate(n=Count("pk")).order_by("tag"))


def editors() -> QuerySet[Member]:
    """Members who changed an FAQ that still is as they left it."""
    changed = Faq.objects.filter(updated_by=OuterRef("pk"))
    return Member.objects.filter(Exists(changed)).select_related("user").order_by("user__name", "id")
