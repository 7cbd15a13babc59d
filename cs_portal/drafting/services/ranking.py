"""Choosing the weights of the ranking: by hand, the defaults, or those that reviews speak for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from bots.composing.ranking import DEFAULT_WEIGHTS, RankingWeights
from cs_portal.core import jobs
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.core.tenancy import current_merchant
from cs_portal.drafting.assessing import weights_of_merchant
from cs_portal.drafting.models import LearnedWeights, MerchantRanking, WeightsState
from cs_portal.merchants.models import Member
from cs_portal.merchants.services.roles import log, require_configurer

#: The job that reads a merchant's reviews; its handler is registered by learning, which sees them all.
LEARN = "learn_from_reviews"
_ASKED = "reviews-asked:"


def save_weights(*, parts: Mapping[str, float], by: Member, now: datetime) -> bool:
    """Rank by these parts from the next candidates on; whether that is a change. Raises :class:`Invalid`."""
    require_configurer(by)
    try:
        weights = RankingWeights.of(parts)
    except ValueError:
        raise Invalid(_("At least one signal needs a weight.")) from None
    with transaction.atomic():
        return _keep(weights, by, now, "ranking.changed")


def reset_weights(*, by: Member, now: datetime) -> bool:
    """Go back to the defaults; whether that is a change."""
    require_configurer(by)
    with transaction.atomic():
        deleted, _rows = MerchantRanking.objects.all().delete()
        if deleted:
            log(by, "ranking.reset", _target(by), now)
    return bool(deleted)


def decide_on_learned(*, learned_id: UUID, accept: bool, by: Member, now: datetime) -> None:
    """Take over what was learned, or leave it. Raises :class:`Conflict` for a proposal that stands no more."""
    require_configurer(by)
    row = LearnedWeights.by_public_id(learned_id)
    state = WeightsState.ACCEPTED if accept else WeightsState.DECLINED
    with transaction.atomic():
        if not LearnedWeights.objects.filter(pk=row.pk, state=WeightsState.OPEN).update(state=state, decided_at=now):
            raise Conflict(_("This proposal was decided on, or there is a newer one."))
        if accept:
            _keep(RankingWeights.of(row.weights), by, now, "ranking.learned_accepted")
        else:
            log(by, "ranking.learned_declined", _target(by), now)


def ask_for_learning(*, by: Member, now: datetime) -> bool:
    """Have the reviews read now; False while that is under way."""
    require_configurer(by)
    with transaction.atomic():
        if is_learning():
            return False
        key = f"{_ASKED}{by.merchant_id}:{uuid4()}"
        jobs.enqueue(LEARN, key=key, merchant_id=by.merchant_id, payload={"asked": True}, now=now)
        log(by, "ranking.learning_asked", _target(by), now)
    return True


def is_learning() -> bool:
    """Whether a member's wish waits or runs."""
    return jobs.pending(key_prefix=f"{_ASKED}{current_merchant().pk}:")


def ask_for_daily_learning(*, now: datetime, at: datetime | None = None) -> None:
    """See to it that the reviews are read on the day of ``at`` (today); asked again it is the same wish."""
    merchant, at = current_merchant(), at or now
    key = f"reviews:{merchant.pk}:{at:%Y%m%d}"
    jobs.enqueue(LEARN, key=key, merchant_id=merchant.pk, payload={"asked": False}, now=now, execute_after=at)


def _keep(weights: RankingWeights, by: Member, now: datetime, action: str) -> bool:
    if weights.as_dict() == weights_of_merchant().as_dict():
        return False
    if weights == DEFAULT_WEIGHTS:
        MerchantRanking.objects.all().delete()
    else:
        MerchantRanking.objects.update_or_create(defaults={"weights": weights.as_dict(), "updated_at": now})
    log(by, action, _target(by), now, {name: round(share, 4) for name, share in weights.as_dict().items()})
    return True


def _target(by: Member) -> str:
    return f"merchant:{by.merchant.public_id}"
