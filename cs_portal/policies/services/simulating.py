"""Simulations: the working copy decided beside the live rules over days of the past, by a worker, chunk by chunk.

A chunk is one transaction that holds its counts, its changed requests and the cursor, and stands only while the worker
still holds its lease and nobody cancelled: a killed worker leaves whole chunks behind, and the next one goes on there.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cs_portal.core import jobs
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.core.jobs import Lease, LeaseLost
from cs_portal.merchants.models import Member
from cs_portal.policies.engine import Ruleset
from cs_portal.policies.models import SimulatedChange, Simulation, SimulationSource, SimulationState
from cs_portal.policies.selectors import MAX_KEPT, live_version, working_copy
from cs_portal.policies.services.checking import require_rule_editor
from cs_portal.policies.services.compiling import ruleset_of
from cs_portal.policies.services.past import Cursor, Reader, count_of, pages_of
from cs_portal.policies.services.replaying import Differing, Replaying, Tally, decide_all, why

CHUNK = 2000
MAX_DAYS = 730
#: As many changed requests can be read one by one; further ones are counted.
KEPT_CHANGES = 10_000
_OPEN = [SimulationState.WAITING, SimulationState.RUNNING]


def start_simulation(*, by: Member, revision: int, days: int, source: str, now: datetime) -> Simulation:
    """Have a worker decide the past ``days`` by the working copy and by the live rules.

    ``revision`` is that of the working copy that the member saw. Raises :class:`Invalid` and :class:`Conflict`.
    """
    require_rule_editor(by)
    if not 1 <= days <= MAX_DAYS:
        raise Invalid(_("From 1 to %(count)d days.") % {"count": MAX_DAYS}, field="days")
    if source not in SimulationSource.values:
        raise Invalid(_("Choose what is decided."), field="source")
    live, copy = live_version(), working_copy()
    if live is None or copy is None:
        raise Conflict(_("A simulation needs live rules and a working copy."))
    if copy.revision != revision:
        raise Conflict(_("The working copy was changed meanwhile. Look at it before you simulate."))
    try:
        with transaction.atomic():
            simulation = Simulation.objects.create(
                source=source,
                days=days,
                since=now - timedelta(days=days),
                live=live,
                document=copy.document,
                revision=copy.revision,
                member=by,
                created_at=now,
            )
            _log(simulation, "ruleset.simulated", by=by, now=now)
            jobs.enqueue(
                "simulate_rules",
                key=_key(simulation),
                merchant_id=simulation.merchant_id,
                payload={"simulation": simulation.pk},
                now=now,
            )
            _forget_oldest()
    except IntegrityError:
        raise Conflict(_("A simulation is running already. Wait for it, or cancel it.")) from None
    return simulation


def cancel_simulation(*, simulation: Simulation, by: Member, now: datetime) -> None:
    """Stop it; what was counted so far stays. Raises :class:`Conflict` when it has ended already."""
    require_rule_editor(by)
    with transaction.atomic():
        if not Simulation.objects.filter(pk=simulation.pk, state__in=_OPEN).update(
            state=SimulationState.CANCELLED, finished_at=now
        ):
            raise Conflict(_("This simulation has ended already."))
        jobs.cancel(key=_key(simulation), now=now)
        _log(simulation, "ruleset.simulation_cancelled", by=by, now=now)


def run_simulation(*, lease: Lease, simulation_id: int, clock: Callable[[], datetime]) -> None:
    """Decide what is left and finish the job. One that was cancelled, or deleted, ends at once."""
    simulation = Simulation.objects.select_related("live").filter(pk=simulation_id, state__in=_OPEN).first()
    if simulation is not None:
        if simulation.state == SimulationState.WAITING:
            total = count_of(simulation.source, since=simulation.since, until=simulation.created_at)
            Simulation.objects.filter(pk=simulation.pk, state=SimulationState.WAITING).update(
                state=SimulationState.RUNNING, total=total
            )
        rules = Replaying(before=ruleset_of(simulation.live), after=Ruleset.from_dict(simulation.document))
        likely = simulation.source == SimulationSource.ORDERS
        reader = Reader(now=simulation.created_at, moment=simulation.created_at if likely else None)
        with _few_cycles() as collect:
            while _next_chunk(lease, simulation, rules, reader, clock):
                collect()
    now = clock()
    with lease.finishing(now=now):
        Simulation.objects.filter(pk=simulation_id, state=SimulationState.RUNNING).update(
            state=SimulationState.DONE, finished_at=now
        )


def fail_simulation(*, simulation_id: int, now: datetime) -> None:
    """Every attempt failed."""
    Simulation.objects.filter(pk=simulation_id, state__in=_OPEN).update(state=SimulationState.FAILED, finished_at=now)


@contextmanager
def _few_cycles() -> Iterator[Callable[[], object]]:
    """Have the collector look at what is new only, and when it is told to: going through everything that a chunk keeps
    alive, again and again, takes as long as deciding it. What holds no cycle is freed at once as ever.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield lambda: gc.collect(1)
    finally:
        if enabled:
            gc.enable()


def _next_chunk(
    lease: Lease, simulation: Simulation, rules: Replaying, reader: Reader, clock: Callable[[], datetime]
) -> bool:
    """Decide the next requests; False when there are none, or nobody wants to know any more."""
    begun = perf_counter()
    asked = pages_of(
        simulation.source,
        since=simulation.since,
        until=simulation.created_at,
        after=_cursor(simulation.cursor),
        limit=CHUNK,
    )
    if not asked:
        return False
    tally = Tally.from_json(simulation.figures)
    differing = decide_all(rules, reader.cases(asked), tally)
    kept = differing[: max(0, KEPT_CHANGES - simulation.changed)]
    rows = [_row(simulation, item) for item in kept]
    moved = {
        "cursor": [asked[-1].at.isoformat(), asked[-1].key],
        "done": simulation.done + len(asked),
        "skipped": simulation.skipped + tally.skipped,
        "changed": simulation.changed + tally.changed,
        "figures": tally.to_json(),
        "seconds": simulation.seconds + perf_counter() - begun,
    }
    with transaction.atomic():
        if not lease.renew(until=clock() + timedelta(seconds=settings.JOB_LEASE_SECONDS)):
            raise LeaseLost
        if not Simulation.objects.filter(pk=simulation.pk, state=SimulationState.RUNNING, done=simulation.done).update(
            **moved
        ):
            return False
        SimulatedChange.objects.bulk_create(rows, batch_size=500)
    for name, value in moved.items():
        setattr(simulation, name, value)
    return True


def _cursor(written: Sequence[Any] | None) -> Cursor | None:
    return None if written is None else (datetime.fromisoformat(written[0]), int(written[1]))


def _row(simulation: Simulation, item: Differing) -> SimulatedChange:
    request: Mapping[str, Any] = item.past.case.request
    before, after = item.before, item.after
    return SimulatedChange(
        simulation=simulation,
        order_id=item.past.order_id,
        asked_at=item.past.case.now,
        action=item.past.action,
        reason=str(request.get("reason") or ""),
        before_outcome=before.outcome,
        after_outcome=after.outcome,
        before_rule=before.rule,
        after_rule=after.rule,
        before_minor=before.amount_minor,
        after_minor=after.amount_minor,
        currency=before.currency or after.currency or "",
        before_approver=before.approver,
        after_approver=after.approver,
        why=why(item).to_dict(),
        request={name: request[name] for name in ("lines", "evidence", "confirmed") if request.get(name)},
    )


def _forget_oldest() -> None:
    last = Simulation.objects.order_by("-id").values_list("id", flat=True)[MAX_KEPT : MAX_KEPT + 1]
    for edge in last:
        Simulation.objects.filter(pk__lte=edge).delete()


def _key(simulation: Simulation) -> str:
    return f"simulate_rules:{simulation.public_id}"


def _log(simulation: Simulation, action: str, *, by: Member, now: datetime) -> None:
    record(
        merchant_id=by.merchant_id,
        actor=Actor("member", str(by.public_id)),
        action=action,
        target=f"simulation:{simulation.public_id}",
        data={"days": simulation.days, "source": simulation.source, "revision": simulation.revision},
        now=now,
    )
