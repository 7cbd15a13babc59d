"""Rules for the walk: a live version, a working copy and a simulation."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Merchant
from cs_portal.policies.engine.shipped import load_shipped
from cs_portal.policies.models import Simulation, SimulationSource, SimulationState
from tests.factories import make_ruleset, make_working_copy


def policies_ids(merchant: Merchant) -> dict[str, Any]:
    version, now = make_ruleset(merchant, load_shipped("standard").to_dict()), timezone.now()
    with scope(merchant=merchant):
        make_working_copy(merchant, version.document)
        simulation = Simulation.objects.create(
            state=SimulationState.DONE,
            source=SimulationSource.REQUESTS,
            days=30,
            since=now,
            live=version,
            document=version.document,
            revision=1,
            created_at=now,
        )
    return {"version_id": version.public_id, "simulation_id": simulation.public_id}
