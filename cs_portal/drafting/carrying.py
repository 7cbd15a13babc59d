"""Whether and how the merchant's shop carries out what a verdict allows: what a reply may promise, and Review shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cs_portal.commerce.actions.plan import Plan
from cs_portal.commerce.connectors.base import ActionRefused
from cs_portal.commerce.connectors.choice import supported_kinds
from cs_portal.commerce.models import Order, Shopper
from cs_portal.commerce.services.actions import preview_action
from cs_portal.drafting.models import Draft

#: The rules' own terms, which an admin's override sets aside.
_TERMS = {"shipping_minor", "restocking_fee_minor"}


@dataclass(frozen=True, slots=True)
class Carried:
    """``plan`` is what would happen now; ``refused`` says why nothing would, though it is allowed."""

    plan: Plan | None = None
    refused: str = ""


def carried(
    *, request: Mapping[str, Any] | None, verdict: Mapping[str, Any] | None, order: Order | None, shopper: Shopper
) -> Carried:
    """What the shop would do for ``request`` under the standing ``verdict``; nothing is written.

    An action is carried out as far as its request holds it: a change of items that names no variant is a person's.
    """
    if request is None or verdict is None or verdict.get("outcome") != "allow":
        return Carried()
    kind = str(request["action"])
    if kind not in supported_kinds():
        return Carried(refused=_("Your shop system does not do this by itself."))
    if order is None and kind != "place_order":
        return Carried()
    if kind == "place_order" and not request.get("confirmed"):
        return Carried(refused=_("The shopper has not confirmed the order yet."))
    try:
        plan = preview_action(kind=kind, request=request, verdict=verdict, order=order, shopper=shopper)
    except ActionRefused as refusal:
        return Carried(refused=str(refusal))
    return Carried(plan)


def terms(draft: Draft) -> dict[str, Any]:
    """The verdict that counts; the rules' shipping fee and restocking fee are none of an admin's override."""
    verdict = draft.standing_verdict
    return verdict if draft.override is None else {key: value for key, value in verdict.items() if key not in _TERMS}


def carried_by(draft: Draft) -> Carried:
    """What sending the draft would do now: nothing where its words do not promise it."""
    if not acts(draft):
        return Carried()
    order, request = draft.order, draft.request
    shopper = order.shopper if order is not None else draft.conversation.shopper
    return carried(request=request, verdict=terms(draft), order=order, shopper=shopper)


def acts(draft: Draft) -> bool:
    """Whether sending the draft does more than send its words."""
    if draft.request is None or draft.withheld or draft.standing_verdict.get("outcome") != "allow":
        return False
    return draft.order is not None or draft.request["action"] == "place_order"


def is_decided(draft: Draft) -> bool:
    """Whether the rules decided on the draft's request, and can be asked again."""
    if draft.request is None or draft.verdict is None or draft.override is not None:
        return False
    return draft.order is not None or draft.request["action"] == "place_order"
