"""Which FAQs drafts rested on, and what operators decided on them: facts per draft, and sums per FAQ kept with them.

Every service that moves a draft says so (:func:`keep_hits`) within its own transaction: the draft's facts are made anew
from its rows, and the sums of the FAQs concerned move by the difference. So a job that runs twice counts once, and no
page has to count. ``docs/metrics.md`` defines the figures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Max, Sum

from cs_portal.core.public_ids import as_uuid
from cs_portal.drafting.models import Decision, Draft, DraftCandidate, DraftState, FaqHit, Review
from cs_portal.knowledge.models import Faq, FaqFigures

#: The job that counts a merchant's hits anew.
RECOUNT = "recount_faq_hits"
BATCH = 500
COUNTED = {Decision.APPROVED: "approved", Decision.EDITED: "edited", Decision.REJECTED: "rejected"}
_SUMS = ("hits", *COUNTED.values())


@dataclass(slots=True)
class _Uses:
    """What one draft says of one FAQ."""

    at: datetime
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED.values(), 0))


def keep_hits(draft: Draft) -> None:
    """Bring the facts of a draft that moved up to date, within the caller's transaction."""
    _keep([draft.pk])


def keep_hits_of(draft_ids: Sequence[int]) -> None:
    """The same for many drafts, such as those of an import."""
    for start in range(0, len(draft_ids), BATCH):
        with transaction.atomic():
            _keep(draft_ids[start : start + BATCH])


def forget_hits(draft_ids: Sequence[int]) -> None:
    """These drafts are about to be deleted: they do not count any more. Within the caller's transaction."""
    for start in range(0, len(draft_ids), BATCH):
        rows = list(FaqHit.objects.filter(draft__in=draft_ids[start : start + BATCH]))
        FaqHit.objects.filter(pk__in=[row.pk for row in rows]).delete()
        _move(_difference(rows, []))


def recount() -> int:
    """Make all facts and sums of the merchant anew, while drafts go on; how many drafts there were."""
    ids = list(Draft.objects.order_by("pk").values_list("pk", flat=True))
    keep_hits_of(ids)
    faqs = {*FaqHit.objects.values_list("faq", flat=True).distinct(), *FaqFigures.objects.values_list("faq", flat=True)}
    for start in range(0, len(faqs), BATCH):
        with transaction.atomic():
            _sum_up(sorted(faqs)[start : start + BATCH])
    return len(ids)


def _sum_up(faqs: Sequence[int]) -> None:
    """Locked first: a draft that is counted at the same time adds its difference afterwards."""
    FaqFigures.objects.bulk_create([FaqFigures(faq_id=faq) for faq in faqs], ignore_conflicts=True)
    rows = {row.pk: row for row in FaqFigures.objects.select_for_update().filter(faq__in=faqs).order_by("faq")}
    counted = FaqHit.objects.filter(faq__in=faqs).values("faq").annotate(hits=Count("pk"), last_hit_at=Max("at"))
    sums = {row["faq"]: row for row in counted.annotate(**{f"sum_{name}": Sum(name) for name in COUNTED.values()})}
    for faq, row in rows.items():
        found = sums.get(faq, {})
        row.hits, row.last_hit_at = found.get("hits", 0), found.get("last_hit_at")
        for name in COUNTED.values():
            setattr(row, name, found.get(f"sum_{name}", 0))
    FaqFigures.objects.bulk_update(rows.values(), [*_SUMS, "last_hit_at"], batch_size=BATCH)


def _keep(draft_ids: Collection[int]) -> None:
    wanted = _wanted(draft_ids)
    before = list(FaqHit.objects.filter(draft__in=draft_ids))
    known = {(row.draft_id, row.faq_id): row for row in before}
    after = [
        FaqHit(draft_id=draft, faq_id=faq, at=uses.at, **uses.counts) for (draft, faq), uses in sorted(wanted.items())
    ]
    if {key: _values(row) for key, row in known.items()} == {(row.draft_id, row.faq_id): _values(row) for row in after}:
        return
    gone = [row.pk for key, row in known.items() if key not in wanted]
    if gone:
        FaqHit.objects.filter(pk__in=gone).delete()
    FaqHit.objects.bulk_create(
        after,
        update_conflicts=True,
        unique_fields=["draft", "faq"],
        update_fields=["at", *COUNTED.values()],
    )
    _move(_difference(before, after))


def _values(row: FaqHit) -> tuple[Any, ...]:
    return row.at, row.approved, row.edited, row.rejected


# What drafts say


def _wanted(draft_ids: Collection[int]) -> dict[tuple[int, int], _Uses]:
    """(draft, FAQ) → what it says; FAQs that were deleted since are left out."""
    drafts = {row.pk: row for row in Draft.objects.filter(pk__in=draft_ids).only(*_OF_DRAFT)}
    seen = {pk: row for pk, row in drafts.items() if row.state != DraftState.SUPERSEDED or row.opened_at is not None}
    shown, of_candidate = _candidates(drafts)
    # Autopilot's own approvals say nothing of an FAQ.
    decided = Review.objects.filter(
        draft__in=draft_ids, undone_at=None, autopilot__isnull=True, decision__in=list(COUNTED)
    )
    reviews = list(decided)
    used: dict[tuple[int, UUID], _Uses] = {}

    def rests(draft: int, faqs: Iterable[UUID], decision: str = "") -> None:
        for faq in faqs:
            uses = used.setdefault((draft, faq), _Uses(drafts[draft].created_at))
            if decision:
                uses.counts[COUNTED[Decision(decision)]] += 1

    for pk, row in seen.items():
        rests(pk, shown.get((pk, row.generation), ()))
    for review in reviews:
        rested: Iterable[UUID]
        if review.decision == Decision.REJECTED:
            rested = shown.get((review.draft_id, int((review.before or {}).get("generation", 1))), ())
        else:
            rested = of_candidate.get(review.candidate_id or 0, ())
        rests(review.draft_id, rested, review.decision)
    numbers = dict(Faq.objects.filter(public_id__in={faq for _draft, faq in used}).values_list("public_id", "pk"))
    return {(draft, numbers[faq]): uses for (draft, faq), uses in used.items() if faq in numbers}


_OF_DRAFT = ("merchant", "state", "opened_at", "generation", "created_at")


def _candidates(
    drafts: Mapping[int, Draft],
) -> tuple[dict[tuple[int, int], tuple[UUID, ...]], dict[int, tuple[UUID, ...]]]:
    """The FAQs of the first candidate by draft and generation, and those of every candidate by its id."""
    first: dict[tuple[int, int], tuple[UUID, ...]] = {}
    every: dict[int, tuple[UUID, ...]] = {}
    rows = DraftCandidate.objects.filter(draft__in=drafts).order_by("position")
    for pk, draft, generation, links in rows.values_list("pk", "draft_id", "generation", "links"):
        every[pk] = tuple(dict.fromkeys(_faqs_in(links)))
        first.setdefault((draft, generation), every[pk])
    return first, every


def _faqs_in(links: Iterable[Mapping[str, Any]]) -> Iterator[UUID]:
    """References look like ``faq:<public id>:<revision>``."""
    for link in links:
        kind, _colon, rest = str(link.get("evidence", "")).partition(":")
        if kind == "faq" and (found := as_uuid(rest.partition(":")[0])) is not None:
            yield found


# Sums


def _difference(before: Iterable[FaqHit], after: Iterable[FaqHit]) -> dict[int, dict[str, Any]]:
    """FAQ → by how much its sums move; ``newest`` is the latest hit among ``after``, ``lost`` whether one went."""
    moved: dict[int, dict[str, Any]] = defaultdict(lambda: {**dict.fromkeys(_SUMS, 0), "newest": None, "lost": False})
    for rows, sign in ((before, -1), (after, 1)):
        for row in rows:
            sums = moved[row.faq_id]
            sums["hits"] += sign
            for name in COUNTED.values():
                sums[name] += sign * getattr(row, name)
            if sign > 0:
                sums["newest"] = max(filter(None, (sums["newest"], row.at)))
            else:
                sums["lost"] = True
    return dict(moved)


def _move(moved: Mapping[int, Mapping[str, Any]]) -> None:
    """In the order of ids, so that two drafts that share FAQs never wait for each other."""
    FaqFigures.objects.bulk_create([FaqFigures(faq_id=faq) for faq in sorted(moved)], ignore_conflicts=True)
    for faq, sums in sorted(moved.items()):
        rows = FaqFigures.objects.filter(faq=faq)
        if changed := {name: F(name) + sums[name] for name in _SUMS if sums[name]}:
            rows.update(**changed)
        if sums["lost"]:
            newest = FaqHit.objects.filter(faq=faq).order_by("-at").values_list("at", flat=True).first()
            rows.update(last_hit_at=newest)
        elif sums["newest"] is not None:
            rows.exclude(last_hit_at__gte=sums["newest"]).update(last_hit_at=sums["newest"])
