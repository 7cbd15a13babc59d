"""What facts of one case have to do with each other: true of every case, whatever a shop's data hold.

Only what the engine itself guarantees stands here (`order_facts.py` and its neighbours compute both sides from the same
documents). A relation too few makes the analysis say less; a wrong one would make it say what is not so.
"""

from __future__ import annotations

from collections.abc import Mapping

from cs_portal.policies.engine.catalogue import Known
from cs_portal.policies.engine.missing import Missing

Assignment = Mapping[str, Known]

#: Known of every order there is.
_OF_EVERY_ORDER = frozenset(
    {"order.status", "order.items_modified", "order.currency", "order.payment_methods", "order.refunds_count"}
)
_NEEDS_NO_ORDER = frozenset({"order.belongs_to_shopper", "lines.named"})
#: Known means that it happened; it did not, or nobody knows when, means not known.
_TIMES = {
    "order.shipped": ("order.days_since_shipped", "order.shipped_on", "order.days_in_transit"),
    "order.delivered": ("order.days_since_delivered", "order.delivered_on"),
}


def marks(name: str, value: Known) -> tuple[object, ...]:
    """What of a value matters to `contradicts`: values of the same marks contradict the same."""
    if isinstance(value, bool | Missing):
        return (value if isinstance(value, bool) else "?",)
    if isinstance(value, frozenset):
        return (not value, "photo" in value)
    return ()


def contradicts(facts: Assignment) -> bool:
    """Whether no case can have these facts; those that are not named may be anything."""
    return _order(facts) or _shopper(facts) or _times(facts) or _request(facts)


def _known(facts: Assignment, name: str) -> bool:
    return name in facts and not isinstance(facts[name], Missing)


def _there_is_an_order(facts: Assignment) -> bool:
    return any(
        name.startswith(("order.", "lines.", "wanted.")) and name not in _NEEDS_NO_ORDER and _known(facts, name)
        for name in facts
    )


def _order(facts: Assignment) -> bool:
    missing = any(isinstance(facts[name], Missing) for name in _OF_EVERY_ORDER & facts.keys())
    return missing and _there_is_an_order(facts)


def _shopper(facts: Assignment) -> bool:
    """An order is somebody's, or it does not get as far as the rules; nothing is known of an anonymous shopper."""
    if facts.get("shopper.identified") is not False:
        return facts.get("shopper.flagged") is False and bool(
            facts.get("shopper.risk_flags", frozenset()) != frozenset()
        )
    about = any(name.startswith("shopper.") and name != "shopper.identified" and _known(facts, name) for name in facts)
    return about or _there_is_an_order(facts)


def _times(facts: Assignment) -> bool:
    for happened, times in _TIMES.items():
        if happened in facts and facts[happened] is not True and any(_known(facts, name) for name in times):
            return True
    return any(
        facts.get(happened) is True and isinstance(facts.get(day), Missing)
        for happened, day in (("order.shipped", "order.shipped_on"), ("order.delivered", "order.delivered_on"))
    )


def _request(facts: Assignment) -> bool:
    evidence, photo = facts.get("request.evidence"), facts.get("request.photo")
    if isinstance(evidence, frozenset) and photo is not None and ("photo" in evidence) is not photo:
        return True
    if facts.get("lines.named") is False and (
        facts.get("lines.whole_order") is False
        or facts.get("wanted.named") is True
        or any(_known(facts, name) for name in ("wanted.differs", "wanted.stock", "wanted.in_stock"))
    ):
        return True
    if facts.get("payment.named") is False and (
        facts.get("payment.is_original") is False or facts.get("payment.is_shoppers") is False
    ):
        return True
    address = facts.get("request.address_given")
    return address is False and (_known(facts, "request.country") or _known(facts, "request.changes_country"))
