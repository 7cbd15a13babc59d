"""When gaps are looked for without anybody asking: daily, and after published answers changed.

The handler is registered by learning, which holds the mining.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cs_portal.core import jobs
from cs_portal.core.tenancy import current_merchant
from cs_portal.knowledge.models import GapState, KnowledgeGap

DAILY = "mine_gaps_daily"
#: After a change of what is published the gaps are looked at again, once things have settled.
SETTLED = timedelta(seconds=20)


def ask_for_daily_mining(*, now: datetime, at: datetime | None = None) -> None:
    """See to it that gaps are looked for on the day of ``at`` (today); asked again it is the same wish."""
    merchant, at = current_merchant(), at or now
    key = f"gaps:{merchant.pk}:{at:%Y%m%d}"
    jobs.enqueue(DAILY, key=key, merchant_id=merchant.pk, payload={}, now=now, execute_after=at)


def ask_after_publishing(*, now: datetime) -> None:
    """Published answers may settle gaps: look soon, within the caller's transaction. Nothing where there are none."""
    if not KnowledgeGap.objects.filter(state=GapState.OPEN).exists():
        return
    merchant, at = current_merchant(), now + SETTLED
    key = f"gaps:{merchant.pk}:{at:%Y%m%d%H%M}"
    jobs.enqueue(DAILY, key=key, merchant_id=merchant.pk, payload={}, now=now, execute_after=at)
