"""A colleague's own deed on an order: the rules are asked as for a shopper, the plan is shown, and it happens once.

What the rules do not allow an admin may decide against them, with a reason that is kept. What lies above a member's
tier is proposed, and waits on the order's page for somebody who may approve it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cs_portal.commerce.actions.plan import Plan
from cs_portal.commerce.connectors.base import ActionRefused
from cs_portal.commerce.models import ActionState, Order, OrderAction, Product, Shopper
from cs_portal.commerce.selectors import order_document, product_document, shopper_document
from cs_portal.commerce.services import actions
from cs_portal.commerce.services.exchanges import end_exchange
from cs_portal.commerce.services.remote_actions import ask_again, withdraw_unsent
from cs_portal.commerce.services.returns import close_return, receive_return
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict, Invalid, NotAllowed
from cs_portal.drafting.pairs import needs_pair
from cs_portal.drafting.services.roles import require_reviewer
from cs_portal.drafting.staleness import differs
from cs_portal.drafting.tiers import DIFFERENCE, Barrier, barrier, barrier_of_both, sentence, tier_of_override
from cs_portal.merchants.models import Member
from cs_portal.policies.models import RulesetVersion
from cs_portal.policies.selectors import order_to_decide
from cs_portal.policies.services import decide_request

#: Actions by which money goes back: an override of them names how much.
GIVING_BACK = {"refund", "return", "cancel"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a colleague wants done. ``request`` is canonical, a new order has no ``order``.

    ``reason`` sets the rules aside, and ``amount_minor`` says then how much goes back; all that is refundable of a
    cancellation where it is left out.
    """

    kind: str
    request: Mapping[str, Any]
    shopper: Shopper
    order: Order | None = None
    reason: str = ""
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Considered:
    """The rules' ``decided`` and the standing ``verdict``, and what would happen; nothing is written.

    ``plan`` is ``None`` where the verdict allows nothing, and where the order does not permit it: ``refused`` says why.
    ``barrier`` keeps this member from approving it themselves. ``fingerprint`` is what was seen.
    """

    decided: dict[str, Any] | None
    verdict: dict[str, Any]
    ruleset: RulesetVersion | None
    plan: Plan | None
    refused: str
    barrier: Barrier | None
    fingerprint: str


def consider(*, wish: Wish, by: Member, now: datetime) -> Considered:
    """Ask the rules and make the plan. Raises :class:`NotAllowed` and :class:`Invalid` for a bad override."""
    require_reviewer(by)
    decided, ruleset = _decided(wish, now=now)
    verdict = _overridden(wish, decided, by=by, now=now) if wish.reason else dict(decided or {})
    plan, refused = None, ""
    if verdict.get("outcome") == "allow":
        try:
            plan = actions.preview_action(
                kind=wish.kind, request=wish.request, verdict=verdict, order=wish.order, shopper=wish.shopper
            )
        except ActionRefused as refusal:
            refused = str(refusal)
    if wish.reason:
        back = plan.money_back_minor if plan is not None and wish.kind in DIFFERENCE else verdict["amount_minor"]
        verdict["approver"] = tier_of_override(decided, ruleset, amount_minor=back, order=wish.order)
    found = barrier(verdict, by=by)
    if found is None and needs_pair(plan, order=wish.order):
        found = Barrier.PAIR
    return Considered(
        decided=decided,
        verdict=verdict,
        ruleset=ruleset,
        plan=plan,
        refused=refused,
        barrier=found,
        fingerprint=_fingerprint(wish, verdict, plan),
    )


def act_by_hand(*, wish: Wish, by: Member, key: UUID, seen: str, now: datetime) -> OrderAction:
    """Do what was previewed, or propose it where another has to approve. The same ``key`` again does nothing.

    ``seen`` is the fingerprint of the preview. Raises :class:`Conflict` when it would do something else by now,
    :class:`NotAllowed` when neither the rules nor the role permit it, :class:`ActionRefused` when the shop refuses;
    nothing is kept then.
    """
    require_reviewer(by)
    with transaction.atomic():
        _lock(wish)
        known = OrderAction.objects.filter(key=_key(key)).first()
        if known is not None:
            return _same(known, wish)
        found = consider(wish=wish, by=by, now=now)
        if found.verdict.get("outcome") != "allow":
            raise NotAllowed(
                _("The rules do not allow this. An owner or an admin may decide otherwise, with a reason.")
            )
        if found.refused:
            raise Conflict(found.refused)
        if seen != found.fingerprint:
            raise Conflict(_("Something changed since you looked. Read again what would happen."))
        if found.barrier is not None and _is_proposed(wish):
            raise Conflict(_("The same was proposed already, and waits for an approval on the order's page."))
        action = actions.propose_action(
            key=_key(key),
            kind=wish.kind,
            request=wish.request,
            verdict={**found.verdict, "proposed_by": str(by.public_id)},
            order=wish.order,
            shopper=wish.shopper,
            rules=found.ruleset.public_id if found.ruleset else None,
            now=now,
        )
        if found.barrier is not None:
            _log(action, by, "action.proposed", now)
            return action
        actions.approve_action(action=action, by=Actor("member", str(by.public_id)), now=now)
        action = actions.carry_out(action=action, now=now)
        _log(action, by, _deed(action), now)
    return action


def _is_proposed(wish: Wish) -> bool:
    waiting = OrderAction.objects.filter(
        shopper=wish.shopper, order=wish.order, kind=wish.kind, state=ActionState.PROPOSED
    )
    return any(row.request == {**wish.request, "action": wish.kind} for row in waiting)


def done_by_form(*, key: UUID, kind: str, shopper: Shopper) -> OrderAction | None:
    """What a form with this ``key`` brought about already."""
    row: OrderAction | None = (
        OrderAction.objects.select_related("order").filter(key=_key(key), kind=kind, shopper=shopper).first()
    )
    return row


def approve_proposal(*, action: OrderAction, by: Member, now: datetime) -> OrderAction:
    """Approve what a colleague proposed. What the rules or the order do not permit any more is refused, and kept so.

    Raises :class:`NotAllowed` below the tier, for one's own override where another admin must agree, and for one's own
    proposal where two people must;
    :class:`ActionMoved` when somebody was first.
    """
    require_reviewer(by)
    if (found := barrier_of_proposal(action, by=by)) is not None:
        raise NotAllowed(sentence(found))
    wish = Wish(kind=action.kind, request=action.request, shopper=action.shopper, order=action.order)
    with transaction.atomic():
        _lock(wish)
        if "by" not in action.verdict:
            decided, _rules = _decided(wish, now=now)
            if decided is None or differs(action.verdict, decided):
                return _refused(action, by, "rules_moved", now)
        actions.approve_action(action=action, by=Actor("member", str(by.public_id)), now=now)
        try:
            with transaction.atomic():
                action = actions.carry_out(action=action, now=now)
        except ActionRefused as refusal:
            return _refused(action, by, refusal.code, now)
        _log(action, by, _deed(action), now)
    return action


def barrier_of_proposal(action: OrderAction, *, by: Member) -> Barrier | None:
    """What keeps ``by`` from approving a colleague's proposal. Where two must agree, who proposed it is the first."""
    if action.state != ActionState.PROPOSED or not needs_pair(Plan.from_dict(action.preview), order=action.order):
        return barrier(action.verdict, by=by)
    proposed_by = action.verdict.get("proposed_by")
    first = Member.objects.filter(public_id=proposed_by).first() if proposed_by else None
    if first is None or not first.may_be_assigned:
        return Barrier.PAIR
    return barrier_of_both(action.verdict, first=first, by=by)


def withdraw_proposal(*, action: OrderAction, by: Member, now: datetime) -> OrderAction:
    """Take back a proposal, or what never reached the shop: one's own, or as an admin anybody's.

    Raises :class:`ActionMoved` when it went on.
    """
    require_reviewer(by)
    if not by.may_configure and str(by.public_id) not in {action.verdict.get("proposed_by"), action.approved_by}:
        raise NotAllowed(_("Only who proposed it, an owner or an admin may withdraw it."))
    with transaction.atomic():
        if action.is_unsent:
            if not withdraw_unsent(action=action, now=now):
                raise actions.ActionMoved(_("The action has moved on meanwhile."))
            action.refresh_from_db()
        elif action.state == ActionState.PROPOSED:
            action = actions.withdraw_action(action=action, now=now)
        else:
            raise actions.ActionMoved(_("The action has moved on meanwhile."))
        _log(action, by, "action.withdrawn", now)
    return action


def check_again(*, action: OrderAction, by: Member, now: datetime) -> None:
    """Ask the shop now what became of an action whose result is unknown."""
    require_reviewer(by)
    if action.state != ActionState.UNKNOWN:
        raise actions.ActionMoved(_("The action has moved on meanwhile."))
    with transaction.atomic():
        ask_again(action=action, now=now)


def take_return_in(*, return_id: UUID, by: Member, now: datetime) -> Order:
    """The pieces of a return are here: what was promised for them goes back. Raises :class:`ActionRefused`."""
    require_reviewer(by)
    with transaction.atomic():
        return receive_return(return_id=return_id, by=Actor("member", str(by.public_id)), now=now)


def close_open_return(*, return_id: UUID, by: Member, now: datetime) -> Order:
    """The pieces of a return never came: nothing is paid for them. Raises :class:`ActionRefused`."""
    require_reviewer(by)
    with transaction.atomic():
        return close_return(return_id=return_id, by=Actor("member", str(by.public_id)), now=now)


def end_open_exchange(*, exchange_id: UUID, restock: bool, by: Member, now: datetime) -> Order:
    """The new pieces are on their way. Raises :class:`ActionRefused`."""
    require_reviewer(by)
    with transaction.atomic():
        actor = Actor("member", str(by.public_id))
        return end_exchange(exchange_id=exchange_id, restock=restock, by=actor, now=now)


def _decided(wish: Wish, *, now: datetime) -> tuple[dict[str, Any] | None, RulesetVersion | None]:
    """The live rules on the wish, as it would be for a shopper; nothing without published rules."""
    order = None if wish.order is None else order_document(wish.order, captured_only=True)
    found = decide_request(
        order=None if wish.order is None else order_to_decide(wish.order),
        shopper=shopper_document(wish.shopper, now=now),
        products=[product_document(product) for product in _products(wish, order)],
        request=wish.request,
        now=now,
    )
    return (found.verdict, found.version) if found is not None else (None, None)


def _products(wish: Wish, order: Mapping[str, Any] | None) -> list[Product]:
    """Every product that the order or the request names."""
    held = {line["product"] for line in (order or {}).get("lines", ())}
    wanted = {line["to_variant"] for line in wish.request.get("lines") or () if line.get("to_variant")}
    rows = Product.objects.prefetch_related("variants").order_by("id")
    found = {row.pk: row for row in rows.filter(external_id__in=held)}
    if wanted:
        found |= {row.pk: row for row in rows.filter(variants__external_id__in=wanted)}
    return list(found.values())


def _overridden(wish: Wish, decided: dict[str, Any] | None, *, by: Member, now: datetime) -> dict[str, Any]:
    """The verdict by which an admin decides instead of the rules, but for its tier.

    The rules' shipping and restocking fees are none of it.
    """
    if not by.may_configure:
        raise NotAllowed(_("Only an owner or an admin may override a verdict."))
    if len(wish.reason) > 300:
        raise Invalid(_("Say why, in at most 300 characters."), field="reason")
    amount = _amount(wish)
    kept = {
        key: value for key, value in (decided or {}).items() if key not in {"shipping_minor", "restocking_fee_minor"}
    }
    return {
        **kept,
        "outcome": "allow",
        "ask": [],
        "amount_minor": amount,
        "payments": [],
        "reason": wish.reason,
        "by": str(by.public_id),
        "by_name": str(by.user),
        "at": now.isoformat(),
    }


def _amount(wish: Wish) -> int:
    if wish.order is None or wish.kind not in GIVING_BACK:
        return 0
    refundable = wish.order.paid_minor - wish.order.refunded_minor
    if wish.amount_minor is None:
        if wish.kind != "cancel":
            raise Invalid(_("Say how much goes back."), field="amount")
        return refundable
    if not 0 < wish.amount_minor <= refundable:
        raise Invalid(_("The amount must be above zero and within what is refundable."), field="amount")
    return wish.amount_minor


def _lock(wish: Wish) -> None:
    """Two clicks meet here: whoever comes second finds the action of the first."""
    if wish.order is not None:
        Order.objects.filter(pk=wish.order.pk).update(version=F("version"))
        wish.order.refresh_from_db(fields=["version"])  # as it is now that nobody else moves it
    else:
        Shopper.objects.filter(pk=wish.shopper.pk).update(locale=F("locale"))


def _same(known: OrderAction, wish: Wish) -> OrderAction:
    asked = {**wish.request, "action": wish.kind}
    if (known.kind, known.request, known.shopper_id) != (wish.kind, asked, wish.shopper.pk):
        raise actions.ActionKeyReused(_("This form was used already. Open it again."))
    return known


def _refused(action: OrderAction, by: Member, code: str, now: datetime) -> OrderAction:
    action = actions.refuse_action(action=action, code=code, now=now)
    _log(action, by, "action.refused", now)
    return action


def _key(key: UUID) -> str:
    return f"hand:{key}"


def _deed(action: OrderAction) -> str:
    return f"order.{action.kind}" if action.state == ActionState.DONE else "action.begun"


def _fingerprint(wish: Wish, verdict: Mapping[str, Any], plan: Plan | None) -> str:
    seen = [
        wish.kind,
        # Whatever happened to the order since was not seen: the same refund in two tabs is one that somebody looked at.
        wish.order.version if wish.order is not None else None,
        wish.request,
        wish.reason,
        {key: verdict.get(key) for key in ("outcome", "amount_minor", "approver", "rule", "version")},
        plan.to_dict() if plan is not None else None,
    ]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:24]


def _log(action: OrderAction, by: Member, what: str, now: datetime) -> None:
    target = f"order:{action.order.public_id}" if action.order else f"shopper:{action.shopper.public_id}"
    record(
        merchant_id=action.merchant_id,
        actor=Actor("member", str(by.public_id)),
        action=what,
        target=target,
        now=now,
        data={
            "kind": action.kind,
            "action": str(action.public_id),
            "amount": action.amount_minor,
            "ruleset": str(action.rules or ""),
            "rule": action.verdict.get("rule") or "",
            "overridden": "by" in action.verdict,
            "code": action.error,
        },
    )
