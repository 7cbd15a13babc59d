"""The jobs of the rules: simulations."""

from __future__ import annotations

from django.utils import timezone

from cs_portal.core.jobs import Lease, handler
from cs_portal.core.models import Queue
from cs_portal.merchants.scoping import scope_of
from cs_portal.policies.services.simulating import fail_simulation, run_simulation


def _fail(lease: Lease) -> None:
    with scope_of(lease):
        fail_simulation(simulation_id=lease.payload["simulation"], now=timezone.now())


@handler("simulate_rules", queue=Queue.BULK, max_attempts=10, on_failed=_fail)
def simulate(lease: Lease) -> None:
    with scope_of(lease):
        run_simulation(lease=lease, simulation_id=lease.payload["simulation"], clock=timezone.now)
