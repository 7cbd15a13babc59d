"""Hypothesis strategies: valid canonical cases, tidy and untidy, and valid rulesets over the whole catalogue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st
from policy_cases import texts

from cs_portal.policies.engine.catalogue import FactSpec
from cs_portal.policies.engine.facts import FACTS
from cs_portal.policies.engine.operators import OPERATORS
from cs_portal.policies.engine.vocabulary import ACTIONS, PAYMENT_METHODS, REASONS, STATUSES

LINE_IDS = ("l-1", "l-2", "l-3")
VARIANTS = ("v-1", "v-2", "v-3", "v-4")
money = st.integers(0, 60_000) | st.integers(0, 2**53 - 1)


def or_none(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def moments(draw: st.DrawFn) -> str:
    offset = timezone(timedelta(minutes=draw(st.sampled_from([0, 480, -480, 330, -690, 840]))))
    moment = datetime(2026, 11, 20, 12, tzinfo=UTC) - timedelta(minutes=draw(st.integers(-3000, 70_000)))
    return moment.astimezone(offset).isoformat()


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    count = draw(st.integers(1, 3))
    pay_ids = draw(st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3))
    refund = st.fixed_dictionaries(
        {
            "id": st.just("r"),
            "lines": st.lists(
                st.fixed_dictionaries({"id": st.sampled_from(LINE_IDS), "quantity": st.integers(1, 3)}), max_size=2
            ),
            "payments": st.lists(
                st.fixed_dictionaries({"id": st.sampled_from(["a", "b", "c", "lost"]), "amount_minor": money}),
                max_size=2,
            ),
        }
    )
    return {
        "number": "1",
        "shopper": draw(st.sampled_from(["s-1", "s-1", "s-1", "s-2"])),
        "currency": draw(st.sampled_from(["CNY", "CNY", "JPY", "KWD", "QQQ"])),
        "status": draw(st.sampled_from(list(STATUSES))),
        "storefront": draw(or_none(st.just("main"))),
        "items_modified": draw(st.booleans()),
        "placed_at": draw(moments()),
        **{key: draw(or_none(moments())) for key in ("paid_at", "shipped_at", "delivered_at")},
        "lines": [
            {
                "id": LINE_IDS[index],
                "product": draw(st.sampled_from(["p-1", "p-2", "p-lost"])),
                "variant": draw(st.sampled_from(VARIANTS)),
                "title": "x",
                "quantity": draw(st.integers(1, 3)),
                "unit_price_minor": draw(money),
                "discount_minor": draw(or_none(st.integers(0, 9000))),
                "final_sale": draw(st.booleans()),
                "tags": draw(st.lists(st.sampled_from(["x", "y"]), max_size=2)),
            }
            for index in range(count)
        ],
        **{key: draw(or_none(st.integers(0, 9000))) for key in ("shipping_minor", "discount_minor", "tax_minor")},
        "payments": [
            {
                "id": key,
                "method": draw(st.sampled_from(list(PAYMENT_METHODS))),
                "method_id": draw(or_none(st.sampled_from(["m-1", "m-2"]))),
                "amount_minor": draw(money),
            }
            for key in pay_ids
        ],
        "refunds": draw(st.lists(refund, max_size=2)),
        "shipments": draw(
            st.lists(
                st.fixed_dictionaries({"shipped_at": or_none(moments()), "delivered_at": or_none(moments())}),
                max_size=2,
            )
        ),
    }


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    line = st.fixed_dictionaries(
        {
            "id": st.sampled_from([*LINE_IDS, "l-1", "l-1"]),
            "quantity": or_none(st.integers(1, 3)),
            "to_variant": or_none(st.sampled_from([*VARIANTS, "v-lost"])),
        }
    )
    return {
        "action": draw(st.sampled_from(list(ACTIONS))),
        "reason": draw(or_none(st.sampled_from(list(REASONS)))),
        "lines": draw(or_none(st.lists(line, max_size=3))),
        "amount_minor": draw(or_none(money)),
        "payment_method": draw(or_none(st.sampled_from(["m-1", "m-2", "m-lost"]))),
        "evidence": draw(st.lists(st.sampled_from(["photo", "video"]), max_size=2)),
        "confirmed": draw(st.booleans()),
    }


shoppers = st.fixed_dictionaries(
    {
        "id": st.just("s-1"),
        "orders_count": or_none(st.integers(0, 9)),
        "refunds_90_days": or_none(st.integers(0, 9)),
        "lifetime_value_minor": or_none(money),
        "locale": or_none(st.sampled_from(["en", "zh-hans"])),
        "tags": st.lists(st.sampled_from(["vip", "x"]), max_size=2),
        "payment_methods": st.just([{"id": "m-1", "method": "alipay"}])
        | st.just([{"id": "m-2", "method": "gift_card", "balance_minor": 700}]),
    }
)

PRODUCTS = [
    {"id": "p-1", "title": {"en": "x"}, "category": "home", "variants": [
        {"id": "v-1", "price_minor": 4000, "currency": "CNY", "stock": 3},
        {"id": "v-2", "price_minor": 4500, "currency": "JPY", "stock": 0},
    ]},
    {"id": "p-2", "title": {"zh-hans": "物"}, "consumable": True, "tags": ["x"], "variants": [
        {"id": "v-3", "price_minor": 0, "currency": "CNY", "stock": -1},
        {"id": "v-4", "price_minor": 70_000, "currency": "CNY", "stock": 1},
    ]},
]  # fmt: skip

nows = moments().map(datetime.fromisoformat)


@st.composite
def comparisons(draw: st.DrawFn) -> dict[str, Any]:
    spec = draw(st.sampled_from([item for item in FACTS.values() if item.kind != "date"]))
    operator = draw(st.sampled_from([item for item in OPERATORS.values() if spec.kind in item.kinds]))
    one = _values(spec)
    value = draw(
        {
            "one": one,
            "several": st.lists(one, min_size=1, max_size=3, unique=True),
            "pair": st.lists(one, min_size=2, max_size=2).map(sorted),
            "flag": st.booleans(),
        }[operator.operand]
    )
    return {"fact": spec.name, "op": operator.name, "value": value}


def _values(spec: FactSpec) -> st.SearchStrategy[Any]:
    if spec.choices:
        return st.sampled_from(list(spec.choices))
    if spec.kind == "boolean":
        return st.booleans()
    if spec.kind in ("string", "set"):
        return st.sampled_from(["x", "y", "vip", "main", "CNY", "en"])
    return st.integers(-5, 40) | money


conditions: st.SearchStrategy[dict[str, Any]] = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)


def _with_terms(amount: dict[str, Any], terms: dict[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in terms.items() if value is not None}
    return amount if "fixed_minor" in amount else {**amount, **given}


fixed_amounts = st.integers(1, 9000).map(lambda minor: {"fixed_minor": minor, "currency": "CNY"})
terms = st.fixed_dictionaries(
    {
        "shipping": or_none(st.sampled_from(["kept", "refunded"])),
        "restocking_fee": or_none(st.integers(1, 100).map(lambda percent: {"percent": percent}) | fixed_amounts),
        "at_most": or_none(st.integers(1, 9000).map(lambda minor: {"amount_minor": minor, "currency": "CNY"})),
    }
)
approvals = st.lists(st.integers(1, 90_000), min_size=0, max_size=2, unique=True).map(
    lambda bounds: {
        "CNY": [
            *(
                {"up_to_minor": bound, "approver": approver}
                for bound, approver in zip(sorted(bounds), ("autopilot", "operator"), strict=False)
            ),
            {"approver": "admin"},
        ]
    }
)
days = st.integers(-40, 3).map(lambda number: (datetime(2026, 11, 20, tzinfo=UTC) + timedelta(number)).date())
validities = st.lists(days, min_size=2, max_size=2).map(
    lambda pair: {"from": min(pair).isoformat(), "until": max(pair).isoformat()}
)

decisions: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries(
        {
            "outcome": st.just("allow"),
            "amount": st.builds(
                _with_terms,
                st.one_of(
                    st.integers(1, 100).map(lambda percent: {"percent_of_lines": percent}),
                    fixed_amounts,
                    st.just({"everything_refundable": True}),
                ),
                terms,
            ),
            "approvals": or_none(approvals),
        }
    ),
    st.sampled_from(
        [
            {"outcome": "deny"},
            {"outcome": "escalate"},
            {"outcome": "ask", "ask": ["photo"]},
            {"outcome": "ask", "ask": ["photo", "reason"], "reason_choices": ["damaged", "other"]},
        ]
    ),
).map(
    lambda then: {
        **then,
        "approver": "operator",
        "reasons": {"en": "on {order.delivered_on} {} {request.amount_minor}", "zh-hans": texts()["zh-hans"]},
    }
)


@st.composite
def rulesets(draw: st.DrawFn) -> dict[str, Any]:
    actions = st.just("any") | st.lists(st.sampled_from(list(ACTIONS)), min_size=1, max_size=4, unique=True)
    return {
        "name": "drawn",
        "version": draw(st.integers(1, 9)),
        "time_zone": draw(or_none(st.sampled_from(["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati"]))),
        "approvals": draw(or_none(approvals)),
        "rules": [
            {
                "id": f"r{index}",
                "actions": draw(actions),
                "when": draw(conditions),
                "then": draw(decisions),
                "valid": draw(or_none(validities)),
            }
            for index in range(draw(st.integers(0, 5)))
        ],
        "default": draw(decisions),
    }
