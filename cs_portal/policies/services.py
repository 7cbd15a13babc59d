"""The merchant's decision on a request, and the publishing of rulesets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from cs_portal.core.audit import Actor, record
from cs_portal.core.tenancy import current_merchant
from cs_portal.policies.engine import Ruleset, Verdict, decide, not_the_shoppers
from cs_portal.policies.models import RulesetVersion, VersionState


@dataclass(frozen=True, slots=True)
class Decided:
    """A canonical verdict and the version that made it."""

    version: RulesetVersion
    verdict: dict[str, Any]


def live_version() -> RulesetVersion | None:
    return RulesetVersion.objects.filter(state=VersionState.LIVE).first()


def decide_request(
    *,
    order: Mapping[str, Any],
    shopper: Mapping[str, Any],
    products: Sequence[Mapping[str, Any]],
    request: Mapping[str, Any],
    now: datetime,
) -> Decided | None:
    """Ask the live ruleset about canonical documents; ``None`` when the merchant has published none."""
    version = live_version()
    if version is None:
        return None
    ruleset = Ruleset.from_dict(version.document)
    verdict = decide(ruleset, order=order, shopper=shopper, products=products, request=request, now=now)
    return _decided(version, verdict)


def refuse_foreign_order() -> Decided | None:
    """The verdict on an order number that is not the shopper's: denied, and nothing about that order is said.

    It is the same whether the number exists or not. ``None`` when the merchant has published no ruleset.
    """
    version = live_version()
    if version is None:
        return None
    return _decided(version, not_the_shoppers(Ruleset.from_dict(version.document)))


def _decided(version: RulesetVersion, verdict: Verdict) -> Decided:
    return Decided(version, {**verdict.to_dict(), "ruleset": version.name, "version": version.number})


def publish_ruleset(*, document: Mapping[str, Any], by: Actor, now: datetime) -> RulesetVersion:
    """Validate ``document``, make it the next version and put it live. Raises the engine's named errors."""
    name = Ruleset.from_dict(document).name
    with transaction.atomic():
        rows = RulesetVersion.objects.filter(name=name)
        number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
        rows.filter(state=VersionState.LIVE).update(state=VersionState.RETIRED)
        version = RulesetVersion.objects.create(
            name=name,
            number=number,
            state=VersionState.LIVE,
            document=dict(document),
            created_at=now,
            published_at=now,
        )
        record(
            merchant_id=current_merchant().pk,
            actor=by,
            action="ruleset.published",
            target=f"ruleset:{version.public_id}",
            data={"number": number},
            now=now,
        )
    return version
