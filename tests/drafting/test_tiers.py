"""Every kind of action is carried out from a draft as it was previewed, and only by whom the tier permits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cs_portal.commerce.models import ActionState, Order, OrderAction, OrderStatus, Product, Shopper, Variant
from cs_portal.conversations.models import Message
from cs_portal.core.errors import NotAllowed
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.deciding import decide_on
from cs_portal.drafting.errors import DraftStale
from cs_portal.drafting.models import Draft, DraftState, Review
from cs_portal.drafting.services.by_hand import Wish, consider
from cs_portal.drafting.services.review import approve_draft, override_verdict
from cs_portal.drafting.tiers import Barrier, tier_of_override
from cs_portal.merchants.models import Member, Role
from cs_portal.policies.engine.shipped import load_shipped
from cs_portal.policies.models import RulesetVersion, VersionState
from tests.drafting.conftest import Desk, make_desk
from tests.factories import make_member, make_ruleset

ADDRESS = {"name": "Li", "line1": "2 Side St", "country": "CN"}
SWAP = [{"id": "l-1", "quantity": 1, "to_variant": "v-2"}]
KINDS: dict[str, tuple[str, Mapping[str, Any]]] = {
    "refund": (OrderStatus.DELIVERED, {"reason": "damaged"}),
    "return": (OrderStatus.DELIVERED, {"reason": "does_not_fit"}),
    "exchange": (OrderStatus.DELIVERED, {"lines": SWAP}),
    "cancel": (OrderStatus.PENDING, {}),
    "change_address": (OrderStatus.PENDING, {"address": ADDRESS}),
    "change_items": (OrderStatus.PENDING, {"lines": SWAP}),
    "change_payment": (OrderStatus.PENDING, {"payment_method": "m-2"}),
    "resend": (OrderStatus.DELIVERED, {}),
    "place_order": (OrderStatus.DELIVERED, {"lines": SWAP, "address": ADDRESS, "confirmed": True}),
}


GIVING_BACK = {"refund", "return", "cancel"}


def _everything_allowed(approver: str = "operator") -> dict[str, Any]:
    reasons = {"en": "Allowed.", "zh-hans": "可以。"}
    then = {"outcome": "allow", "approver": approver, "reasons": reasons}
    back = {**then, "amount": {"everything_refundable": True}}
    default = {"outcome": "deny", "approver": "operator", "reasons": reasons}
    rules = [
        {"id": "money", "actions": sorted(GIVING_BACK), "then": back},
        {"id": "other", "actions": [kind for kind in KINDS if kind not in GIVING_BACK], "then": then},
    ]
    return {"name": "open", "rules": rules, "default": default}


def _desk(kind: str, *, approver: str = "operator") -> Desk:
    status, more = KINDS[kind]
    request = {"action": kind, "evidence": [], "confirmed": False, **more}
    desk = make_desk(request={"action": "cancel", "evidence": [], "confirmed": False}, status=status)
    with scope(merchant=desk.merchant):
        RulesetVersion.objects.filter(state=VersionState.LIVE).update(state=VersionState.RETIRED)
        version = make_ruleset(desk.merchant, _everything_allowed(approver), number=2)
        product = Product.objects.create(external_id="p-1", title_en="Mug", title_zh="马克杯")
        for key in ("v-1", "v-2"):
            Variant.objects.create(
                product=product, external_id=key, options={"colour": key}, price_minor=4300, currency="CNY", stock=5
            )
        Shopper.objects.filter(pk=desk.order.shopper_id).update(
            payment_methods=[{"id": "m-1", "method": "wechat_pay"}, {"id": "m-2", "method": "alipay"}]
        )
        verdict = {"outcome": "allow", "approver": approver, "amount_minor": 0, "payments": [], "rule": "other"}
        if kind in GIVING_BACK:
            verdict |= {"amount_minor": 8600, "payments": [{"id": "pay-1", "amount_minor": 8600}], "rule": "money"}
        Draft.objects.filter(pk=desk.draft.pk).update(
            request=request,
            verdict=verdict,
            ruleset=version,
            order=None if kind == "place_order" else desk.order,
            order_version=None if kind == "place_order" else desk.order.version,
        )
    return desk


def _approve(desk: Desk, by: Member) -> Review:
    now = timezone.now() - timedelta(minutes=1)
    return approve_draft(draft_id=desk.draft.public_id, by=by, candidate=1, text="Done.", seen=desk.seen(), now=now)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_leaves_with_its_reply(db: None, kind: str) -> None:
    desk = _desk(kind)
    with scope(merchant=desk.merchant):
        review = _approve(desk, desk.olaf)
        assert review.plan is not None and review.plan["kind"] == kind
        run_due(["fast"], keep=False)
        desk.draft.refresh_from_db()
        row = OrderAction.objects.get()
        assert (desk.draft.state, row.state, row.kind) == (DraftState.SENT, ActionState.DONE, kind)
        assert (row.preview, row.key, row.draft) == (review.plan, str(review.public_id), desk.draft.public_id)
        assert Message.objects.filter(draft_key=desk.draft.public_id).count() == 1


def test_what_the_request_does_not_hold_cannot_be_approved(db: None) -> None:
    desk = _desk("change_items")
    with scope(merchant=desk.merchant):
        Draft.objects.filter(pk=desk.draft.pk).update(request={"action": "change_items", "evidence": []})
        with pytest.raises(DraftStale):
            _approve(desk, desk.olaf)
        Draft.objects.filter(pk=desk.draft.pk).update(withheld=True)
        _approve(desk, desk.olaf)
        run_due(["fast"], keep=False)
        desk.draft.refresh_from_db()
        assert (desk.draft.state, OrderAction.objects.count()) == (DraftState.SENT, 0), "its words promise nothing"


def test_stock_that_went_meanwhile_brings_the_draft_back(db: None) -> None:
    desk = _desk("exchange")
    with scope(merchant=desk.merchant):
        _approve(desk, desk.olaf)
        Variant.objects.filter(external_id="v-2").update(stock=0)
        run_due(["fast"], keep=False)
        desk.draft.refresh_from_db()
        assert (desk.draft.state, OrderAction.objects.count()) == (DraftState.READY, 0)
        assert "stock" in desk.draft.reopened_because["en"]
        assert not Message.objects.filter(draft_key=desk.draft.public_id).exists()


def test_another_price_than_approved_brings_the_draft_back(db: None) -> None:
    desk = _desk("exchange")
    with scope(merchant=desk.merchant):
        _approve(desk, desk.olaf)
        Variant.objects.filter(external_id="v-2").update(price_minor=9900)
        run_due(["fast"], keep=False)
        desk.draft.refresh_from_db()
        assert desk.draft.state == DraftState.READY
        assert Order.objects.get(pk=desk.order.pk).status == OrderStatus.DELIVERED


def test_a_price_that_moved_since_one_looked_is_not_approved(db: None) -> None:
    desk = _desk("exchange")
    with scope(merchant=desk.merchant):
        seen = desk.seen()
        Variant.objects.filter(external_id="v-2").update(price_minor=9900)
        with pytest.raises(DraftStale):
            approve_draft(
                draft_id=desk.draft.public_id, by=desk.olaf, candidate=1, text="x", seen=seen, now=timezone.now()
            )


def test_the_admins_tier_is_not_an_operators(db: None) -> None:
    desk = _desk("cancel", approver="admin")
    with scope(merchant=desk.merchant):
        for member in (desk.olaf, desk.nina):
            with pytest.raises(NotAllowed):
                _approve(desk, member)
        assert not Review.objects.exists()
        _approve(desk, desk.ann)


def _cheaper(desk: Desk, price: int = 100, **then: Any) -> RulesetVersion:
    """The mug of 43.00 becomes one of ``price``; above 5.00 an admin approves."""
    Variant.objects.filter(external_id="v-2").update(price_minor=price)
    RulesetVersion.objects.filter(state=VersionState.LIVE).update(state=VersionState.RETIRED)
    document = _everything_allowed("autopilot")
    document["rules"][1]["then"] |= then
    document["approvals"] = {"CNY": [{"up_to_minor": 500, "approver": "operator"}, {"approver": "admin"}]}
    return make_ruleset(desk.merchant, document, number=3)


def _swap_by_hand(desk: Desk, kind: str, **more: Any) -> Wish:
    order = Order.objects.select_related("shopper").get(pk=desk.order.pk)
    return Wish(kind=kind, request=_request(kind), shopper=order.shopper, order=order, **more)


def _request(kind: str) -> dict[str, Any]:
    return {"action": kind, "evidence": [], "confirmed": False, "lines": SWAP}


@pytest.mark.parametrize("kind", ["exchange", "change_items"])
def test_the_difference_of_a_cheaper_variant_has_a_tier(db: None, kind: str) -> None:
    desk = _desk(kind)
    with scope(merchant=desk.merchant):
        rules = _cheaper(desk)
        found = consider(wish=_swap_by_hand(desk, kind), by=desk.olaf, now=timezone.now())
        assert (found.verdict["amount_minor"], found.barrier) == (0, Barrier.ADMIN)
        assert found.plan is not None and found.plan.money_back_minor == 4200
        decided = decide_on(desk.order, _request(kind), now=timezone.now())
        assert decided is not None
        Draft.objects.filter(pk=desk.draft.pk).update(verdict=decided[0], ruleset=rules)
        with pytest.raises(NotAllowed):
            _approve(desk, desk.olaf)
        assert _approve(desk, desk.ann).member == desk.ann


def test_a_price_that_fell_since_the_draft_raises_its_tier(db: None) -> None:
    desk = _desk("exchange", approver="operator")
    with scope(merchant=desk.merchant):
        Draft.objects.filter(pk=desk.draft.pk).update(ruleset=_cheaper(desk))
        with pytest.raises(DraftStale):
            _approve(desk, desk.olaf)


def test_an_override_of_an_exchange_has_the_tier_of_its_difference(db: None) -> None:
    desk = _desk("exchange")
    with scope(merchant=desk.merchant):
        make_member(desk.merchant, Role.OWNER, name="Alice")
        rules = _cheaper(desk, price=4300, outcome="deny", approver="operator")
        wish = _swap_by_hand(desk, "exchange", reason="Kind")
        assert consider(wish=wish, by=desk.ann, now=timezone.now()).barrier is None, "the same price"
        Variant.objects.filter(external_id="v-2").update(price_minor=100)
        assert consider(wish=wish, by=desk.ann, now=timezone.now()).barrier == Barrier.SECOND
        denied = {"outcome": "deny", "approver": "operator", "amount_minor": 0, "payments": []}
        for price, approver in ((100, "admin"), (4300, "operator")):
            Variant.objects.filter(external_id="v-2").update(price_minor=price)
            Draft.objects.filter(pk=desk.draft.pk).update(verdict=denied, ruleset=rules)
            draft = override_verdict(
                draft_id=desk.draft.public_id,
                by=desk.ann,
                outcome="allow",
                amount_minor=None,
                reason="Kind",
                now=timezone.now(),
            )
            assert draft.standing_verdict["approver"] == approver
        Variant.objects.filter(external_id="v-2").update(price_minor=100)
        with pytest.raises(NotAllowed):
            _edited(desk, desk.ann)


def test_an_override_counts_what_went_back_before(desk: Desk) -> None:
    document = load_shipped("standard").to_dict()
    document["approvals"] = {"CNY": [{"up_to_minor": 5000, "approver": "operator"}, {"approver": "admin"}]}
    RulesetVersion.objects.filter(state=VersionState.LIVE).update(state=VersionState.RETIRED)
    version = make_ruleset(desk.merchant, document, number=2)
    assert tier_of_override(None, version, amount_minor=4000, order=desk.order) == "operator"
    desk.order.refunded_minor = 1001
    assert tier_of_override(None, version, amount_minor=4000, order=desk.order) == "admin"


def test_an_override_above_the_tier_takes_a_second_admin(desk: Desk) -> None:
    document = load_shipped("standard").to_dict()
    document["approvals"] = {"CNY": [{"up_to_minor": 5000, "approver": "operator"}, {"approver": "admin"}]}
    RulesetVersion.objects.filter(state=VersionState.LIVE).update(state=VersionState.RETIRED)
    Draft.objects.filter(pk=desk.draft.pk).update(ruleset=make_ruleset(desk.merchant, document, number=2))
    alice = make_member(desk.merchant, Role.OWNER, name="Alice")
    draft = override_verdict(
        draft_id=desk.draft.public_id,
        by=desk.ann,
        outcome="allow",
        amount_minor=8600,
        reason="Kind",
        now=timezone.now(),
    )
    assert draft.standing_verdict["approver"] == "admin"
    with pytest.raises(NotAllowed):
        _edited(desk, desk.ann)
    with pytest.raises(NotAllowed):
        _edited(desk, desk.olaf)
    assert _edited(desk, alice).member == alice


def _edited(desk: Desk, by: Member) -> Review:
    text = "We cancel it and give you everything back."
    return approve_draft(
        draft_id=desk.draft.public_id, by=by, candidate=1, text=text, seen=desk.seen(), now=timezone.now()
    )
