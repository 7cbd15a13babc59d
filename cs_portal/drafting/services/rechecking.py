"""After new rules: drafts on which they decide as before rest on them from then on; the others are out of date.

A draft says what the rules decided, not which version did. Were every draft out of date with every version, a change
of one rule would have the whole queue made anew.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from cs_portal.core import jobs
from cs_portal.core.jobs import Lease
from cs_portal.drafting.models import Draft, DraftState
from cs_portal.drafting.services.candidates import regenerate_draft
from cs_portal.drafting.services.notices import tell_console
from cs_portal.drafting.services.roles import require_reviewer
from cs_portal.drafting.staleness import decided_alike, outdated
from cs_portal.merchants.models import Member
from cs_portal.policies.models import RulesetVersion
from cs_portal.policies.services import live_version

JOB = "recheck_drafts"
#: As many drafts are looked at by one job: shoppers' questions come in between.
BATCH = 50
#: As many of the longest waiting are looked at when the outdated ones are made anew.
RENEWED_AT_ONCE = 500


def renew_outdated(*, drafts: QuerySet[Draft], by: Member, now: datetime) -> int:
    """Ask for fresh drafts in place of those of ``drafts`` that are out of date; how many were asked for.

    What a colleague looks at stays theirs to renew.
    """
    require_reviewer(by)
    free = drafts.exclude(~Q(claimed_by=by), claimed_by__isnull=False, claimed_until__gte=now)
    rows = list(free[:RENEWED_AT_ONCE])
    stale = outdated(rows, now=now)
    for draft in rows:
        if draft.pk in stale:
            regenerate_draft(draft_id=draft.public_id, by=by, now=now)
    return len(stale)


def ask_for_recheck(*, version: RulesetVersion, now: datetime, after: int = 0) -> None:
    """Have the open drafts held against ``version``. Within the caller's transaction."""
    jobs.enqueue(
        JOB,
        key=f"recheck:{version.public_id}:{after}",
        merchant_id=version.merchant_id,
        payload={"after": after},
        now=now,
    )


def recheck_drafts(*, lease: Lease, after: int, now: datetime) -> int:
    """Look at the next :data:`BATCH` drafts that an older version decided on; returns how many keep up."""
    live = live_version()
    rows = Draft.objects.filter(
        state__in=[DraftState.READY, DraftState.APPROVED], pk__gt=after, ruleset__isnull=False
    ).exclude(ruleset=live)
    drafts = list(rows.select_related("order", "conversation").order_by("pk")[:BATCH]) if live else []
    kept = sum(keep_up(draft, now=now) for draft in drafts)
    with lease.finishing(now=now):
        if live is not None and len(drafts) == BATCH:
            ask_for_recheck(version=live, now=now, after=drafts[-1].pk)
    return kept


def keep_up(draft: Draft, *, now: datetime) -> bool:
    """Note the live rules on a draft on which they decide as noted; False, and nothing happens, where they do not."""
    decided = decided_alike(draft, now=now)
    if decided is None:
        return False
    verdict, live = decided
    with transaction.atomic():
        same = Draft.objects.filter(
            pk=draft.pk,
            generation=draft.generation,
            ruleset=draft.ruleset_id,
            state__in=[DraftState.READY, DraftState.APPROVED],
        )
        if not same.update(ruleset=live, verdict=verdict):
            return False
        draft.ruleset, draft.verdict = live, verdict
        tell_console(draft, "draft:updated", now=now)
    return True
