"""What rules in shadow would have sent, beside what people did with the same drafts. Nothing of it is stored: an
approval that is taken back, or a rejection, counts as soon as it stands and as long as it does.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from statistics import median
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F

from cs_portal.conversations.models import OutgoingReply
from cs_portal.core.tenancy import current_merchant
from cs_portal.drafting.edits import edit_distance
from cs_portal.drafting.models import AutopilotRule, Decision, RejectReason, Review, ShadowSend

#: Of what would have been sent, people must have sent at least this share as it was.
LEAST_UNCHANGED = 0.95
#: Rejections for which no share is small enough.
GRAVE = frozenset({RejectReason.WRONG_FACT, RejectReason.WRONG_POLICY, RejectReason.UNSAFE})
#: An edit up to this distance is a small one.
SMALL_EDIT = 0.2
#: The newest that are compared, of all rules that are asked for together.
MOST = 5000
#: Of a normal distribution, for an interval of 95 %.
_Z = 1.959964


class Outcome(StrEnum):
    """What people did with a draft that autopilot would have answered."""

    UNCHANGED = "unchanged"
    SMALL_EDIT = "small_edit"
    LARGE_EDIT = "large_edit"
    OWN_WORDS = "own_words"  #: a person answered without the draft, or took the conversation over
    REJECTED = "rejected"
    OVERRIDDEN = "overridden"
    MOVED_ON = "moved_on"  #: the shopper wrote again, or the conversation ended, before anybody decided
    WAITING = "waiting"


#: Nobody decided on these.
UNDECIDED = frozenset({Outcome.MOVED_ON, Outcome.WAITING})


@dataclass(frozen=True, slots=True)
class Compared:
    """One reply that would have been sent. ``saved`` are the seconds by which the shopper would have had it earlier."""

    send: ShadowSend
    outcome: Outcome
    distance: float | None = None
    reason: str = ""
    note: str = ""
    text: str = ""
    saved: float | None = None

    @property
    def is_grave(self) -> bool:
        return self.outcome == Outcome.REJECTED and self.reason in GRAVE


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a rule has shown in shadow, the newest first."""

    cases: Sequence[Compared] = ()
    counts: Mapping[Outcome, int] = field(default_factory=dict)
    days: int = 0

    @property
    def decided(self) -> int:
        return sum(number for outcome, number in self.counts.items() if outcome not in UNDECIDED)

    @property
    def unchanged(self) -> int:
        return self.counts.get(Outcome.UNCHANGED, 0)

    @property
    def share(self) -> float | None:
        return self.unchanged / self.decided if self.decided else None

    @property
    def at_least(self) -> float | None:
        """The lower bound of the share that is likely to hold for replies to come."""
        return wilson_lower(self.unchanged, self.decided)

    @property
    def grave(self) -> int:
        return sum(case.is_grave for case in self.cases)

    @property
    def median_saved(self) -> float | None:
        saved = [case.saved for case in self.cases if case.saved is not None]
        return median(saved) if saved else None

    def of(self, *outcomes: Outcome) -> list[Compared]:
        return [case for case in self.cases if case.outcome in outcomes]


class Lack(StrEnum):
    """What keeps a rule from being switched on."""

    FEW = "few"
    DAYS = "days"
    GRAVE = "grave"
    SHARE = "share"


def lacks(evidence: Evidence) -> list[Lack]:
    """Why a rule with this ``evidence`` may not be switched on; empty when it may. Nobody can set this aside."""
    found = []
    if evidence.decided < settings.AUTOPILOT_SHADOW_LEAST:
        found.append(Lack.FEW)
    if evidence.days < settings.AUTOPILOT_SHADOW_DAYS:
        found.append(Lack.DAYS)
    if evidence.grave:
        found.append(Lack.GRAVE)
    if evidence.share is not None and evidence.share < LEAST_UNCHANGED:
        found.append(Lack.SHARE)
    return found


def wilson_lower(hits: int, n: int) -> float | None:
    """Lower end of Wilson's 95 % score interval for a proportion (Wilson, 1927); None without any case."""
    if not n:
        return None
    share, z2 = hits / n, _Z * _Z
    middle = share + z2 / (2 * n)
    spread = _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, (middle - spread) / (1 + z2 / n))


def evidence_of(rules: Collection[AutopilotRule]) -> dict[int, Evidence]:
    """By rule, what its present conditions have shown since their evidence counts. Three queries, however many."""
    rows = list(
        ShadowSend.objects.filter(
            rule__in=[rule.pk for rule in rules],
            rule_version=F("rule__version"),
            created_at__gte=F("rule__evidence_since"),
        )
        .select_related("candidate", "draft__conversation__shopper")
        .order_by("-created_at", "-id")[:MOST]
    )
    zone = ZoneInfo(current_merchant().timezone)
    cases: defaultdict[int, list[Compared]] = defaultdict(list)
    for case in _compared(rows):
        cases[case.send.rule_id].append(case)
    return {rule.pk: _summed(cases[rule.pk], zone) for rule in rules}


def _summed(cases: Sequence[Compared], zone: ZoneInfo) -> Evidence:
    counts = Counter(case.outcome for case in cases)
    days = {case.send.created_at.astimezone(zone).date() for case in cases if case.outcome not in UNDECIDED}
    return Evidence(cases, counts, len(days))


def _compared(rows: Sequence[ShadowSend]) -> list[Compared]:
    reviews: defaultdict[int, list[Review]] = defaultdict(list)
    standing = Review.objects.filter(draft__in={row.draft_id for row in rows}, undone_at=None)
    for review in standing.order_by("id"):
        reviews[review.draft_id].append(review)
    withdrawn = {
        row.draft.conversation_id
        for row in rows
        if any(one.decision == Decision.SUPERSEDED for one in reviews[row.draft_id])
    }
    written: defaultdict[int, list[OutgoingReply]] = defaultdict(list)
    if withdrawn:
        replies = OutgoingReply.objects.filter(conversation__in=withdrawn, undone_at=None)
        for reply in replies.order_by("id"):
            written[reply.conversation_id].append(reply)
    return [_compare(row, reviews[row.draft_id], written[row.draft.conversation_id]) for row in rows]


def _compare(row: ShadowSend, reviews: Iterable[Review], written: Iterable[OutgoingReply]) -> Compared:
    last = {review.decision: review for review in reviews}
    if (rejection := last.get(Decision.REJECTED)) is not None:
        return Compared(row, Outcome.REJECTED, reason=rejection.reason, note=rejection.note)
    if Decision.OVERRIDDEN in last:
        return Compared(row, Outcome.OVERRIDDEN)
    approval = last.get(Decision.APPROVED) or last.get(Decision.EDITED)
    if approval is not None:
        return _beside(row, approval.text, approval.created_at)
    withdrawal = last.get(Decision.SUPERSEDED)
    if withdrawal is None:
        return Compared(row, Outcome.WAITING)
    if withdrawal.member_id is None:
        return Compared(row, Outcome.MOVED_ON)
    reply = next((one for one in written if one.created_at >= withdrawal.created_at), None)
    if reply is None:
        return Compared(row, Outcome.OWN_WORDS)
    found = _beside(row, reply.text, reply.created_at)
    if found.outcome == Outcome.LARGE_EDIT:
        return Compared(row, Outcome.OWN_WORDS, found.distance, text=found.text, saved=found.saved)
    return found


def _beside(row: ShadowSend, text: str, at: datetime) -> Compared:
    """What would have been sent beside what a person sent."""
    distance = edit_distance(row.candidate.text.strip(), text.strip())
    outcome = Outcome.UNCHANGED
    if distance:
        outcome = Outcome.SMALL_EDIT if distance <= SMALL_EDIT else Outcome.LARGE_EDIT
    return Compared(row, outcome, distance, text=text, saved=(at - row.created_at).total_seconds())
