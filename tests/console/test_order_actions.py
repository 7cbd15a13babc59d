"""Acting on an order from its page: the form, the preview, the confirmation, the proposal, the shop's answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from cs_portal.commerce.connectors.base import Action
from cs_portal.commerce.connectors.local import execute
from cs_portal.commerce.models import ActionState, Order, OrderAction, OrderEvent, OrderStatus, Return, Shopper, Variant
from cs_portal.core.models import AuditEntry, Job
from cs_portal.core.tenancy import scope
from cs_portal.drafting.services.pair_limits import set_pair_limit
from cs_portal.policies.engine.shipped import load_shipped
from tests.console.conftest import Cast
from tests.factories import make_order, make_product, make_ruleset

CANCEL = {"reason": "ordered_by_mistake", "confirmed": "on"}


@pytest.fixture
def order(cast: Cast) -> Order:
    document = load_shipped("standard").to_dict()
    document["approvals"] = {"CNY": [{"up_to_minor": 10_000, "approver": "operator"}, {"approver": "admin"}]}
    make_ruleset(cast.merchant, document)
    return make_order(cast.merchant, number="10533", status=OrderStatus.PENDING, now=cast.now)


def _url(order: Order, kind: str = "cancel") -> str:
    return f"/console/mugs/commerce/orders/{order.public_id}/act/{kind}/"


def _line(cast: Cast, order: Order) -> UUID:
    with scope(merchant=cast.merchant):
        line: UUID = order.lines.get().public_id
    return line


def _hidden(html: str) -> dict[str, str]:
    found = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', html))
    found.pop("csrfmiddlewaretoken", None)
    return found


def _preview(client: Client, url: str, data: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    response = client.post(url, data)
    html = response.content.decode()
    assert response.status_code == 200, html
    return html, _hidden(html)


def _now(cast: Cast, order: Order) -> Order:
    with scope(merchant=cast.merchant):
        return Order.objects.get(pk=order.pk)


def test_the_page_offers_what_the_order_permits_to_reviewers_only(cast: Cast, order: Order) -> None:
    url = f"/console/mugs/commerce/orders/{order.public_id}/"
    html = cast.client(cast.olaf).get(url).content.decode()
    assert _url(order) in html and _url(order, "refund") in html
    assert _url(order, "exchange") not in html
    assert "/act/" not in cast.client(cast.nina).get(url).content.decode()


def test_a_cancellation_is_previewed_confirmed_and_told(cast: Cast, order: Order) -> None:
    client = cast.client(cast.olaf)
    assert client.get(_url(order)).status_code == 200
    data = {**CANCEL, f"quantity_{_line(cast, order)}": "2"}
    html, hidden = _preview(client, _url(order), data)
    assert "¥86.00" in html and "goes back by WeChat Pay" in html
    assert _now(cast, order).status == OrderStatus.PENDING
    done = client.post(_url(order), {**hidden, "step": "confirm"})
    assert (done.status_code, done["Location"]) == (302, f"/console/mugs/commerce/orders/{order.public_id}/")
    again = client.post(_url(order), {**hidden, "step": "confirm"})
    assert again.status_code == 302
    other_tab = client.post(_url(order), {**hidden, "key": str(uuid4()), "step": "confirm"})
    assert other_tab.status_code == 422 and "Nothing is left of these items" in other_tab.content.decode()
    after = _now(cast, order)
    assert (after.status, after.refunded_minor) == (OrderStatus.CANCELLED, 8600)
    with scope(merchant=cast.merchant):
        assert OrderAction.objects.count() == 1
        assert AuditEntry.objects.filter(action="order.cancel").count() == 1
    page = client.get(f"/console/mugs/commerce/orders/{order.public_id}/").content.decode()
    assert "Olaf" in page and "Cancel before shipping" in page


def test_some_pieces_only(cast: Cast, order: Order) -> None:
    client = cast.client(cast.olaf)
    _html, hidden = _preview(client, _url(order), {**CANCEL, f"quantity_{_line(cast, order)}": "1"})
    client.post(_url(order), {**hidden, "step": "confirm"})
    with scope(merchant=cast.merchant):
        row = OrderAction.objects.get()
    assert row.request["lines"] == [{"id": "l-1", "quantity": 1}]


def test_the_same_thing_seen_in_two_tabs_is_done_once(cast: Cast, order: Order) -> None:
    """Two pieces, one chosen in each tab: enough is left for both, yet the second tab did not see the first."""
    client = cast.client(cast.olaf)
    data = {**CANCEL, f"quantity_{_line(cast, order)}": "1"}
    (_one, first), (_two, second) = _preview(client, _url(order), data), _preview(client, _url(order), data)
    assert client.post(_url(order), {**first, "step": "confirm"}).status_code == 302
    answer = client.post(_url(order), {**second, "key": str(uuid4()), "step": "confirm"})
    assert answer.status_code == 409
    assert "Something changed since you looked" in answer.content.decode()
    assert _now(cast, order).refunded_minor == 4300


def test_nothing_chosen_and_too_much_are_refused(cast: Cast, order: Order) -> None:
    client = cast.client(cast.olaf)
    assert client.post(_url(order), CANCEL).status_code == 422
    assert client.post(_url(order), {**CANCEL, f"quantity_{_line(cast, order)}": "3"}).status_code == 422
    assert client.get(_url(order, "nonsense")).status_code == 404


def test_a_confirmation_of_something_else_answers_409(cast: Cast, order: Order) -> None:
    client = cast.client(cast.olaf)
    _html, hidden = _preview(client, _url(order), {**CANCEL, f"quantity_{_line(cast, order)}": "2"})
    refused = client.post(_url(order), {**hidden, "seen": "another", "step": "confirm"})
    assert refused.status_code == 409
    assert _now(cast, order).refunded_minor == 0
    assert client.post(_url(order), {**hidden, "key": "x", "step": "confirm"}).status_code == 422


@pytest.mark.parametrize("who", ["nina", "charlie"])
def test_who_may_not_is_turned_away(cast: Cast, order: Order, who: str) -> None:
    client = cast.client(getattr(cast, who))
    wanted = 403 if who == "nina" else 404
    data = {**CANCEL, f"quantity_{_line(cast, order)}": "2", "step": "confirm", "key": "x", "seen": "x"}
    assert client.get(_url(order)).status_code == wanted
    assert client.post(_url(order), data).status_code == wanted
    with scope(merchant=cast.merchant):
        assert not OrderAction.objects.exists() and not Job.objects.filter(kind="call_shop").exists()


def test_an_operator_cannot_set_the_rules_aside_and_an_admin_can(cast: Cast, order: Order) -> None:
    url, line = _url(order, "refund"), _line(cast, order)
    data = {f"quantity_{line}": "1", "reason": "other"}
    html, hidden = _preview(cast.client(cast.olaf), url, data)
    assert "An owner or an admin may decide otherwise" in html
    assert (
        cast.client(cast.olaf).post(url, {**hidden, "override_reason": "x", "override_amount": "5"}).status_code == 403
    )
    admin = cast.client(cast.ann)
    html, hidden = _preview(admin, url, data)
    assert "override_reason" in html
    assert admin.post(url, {**hidden, "override_reason": "Kind", "override_amount": "87"}).status_code == 422
    html, hidden = _preview(admin, url, {**hidden, "override_reason": "Kind", "override_amount": "5"})
    assert "You decide against the rules" in html and "¥5.00" in html
    assert admin.post(url, {**hidden, "step": "confirm"}).status_code == 302
    assert _now(cast, order).refunded_minor == 500
    told = cast.client(cast.olaf).get(f"/console/mugs/commerce/orders/{order.public_id}/").content.decode()
    assert "Against the rules, by Ann: Kind" in told


def test_above_the_tier_it_is_proposed_and_approved_by_an_admin(cast: Cast) -> None:
    document = load_shipped("standard").to_dict()
    document["approvals"] = {"CNY": [{"up_to_minor": 100, "approver": "operator"}, {"approver": "admin"}]}
    make_ruleset(cast.merchant, document)
    order = make_order(cast.merchant, status=OrderStatus.PENDING, now=cast.now)
    olaf = cast.client(cast.olaf)
    html, hidden = _preview(olaf, _url(order), {**CANCEL, f"quantity_{_line(cast, order)}": "2"})
    assert "Propose it to an admin" in html
    olaf.post(_url(order), {**hidden, "step": "confirm"})
    with scope(merchant=cast.merchant):
        row = OrderAction.objects.get()
    assert row.state == ActionState.PROPOSED
    base = f"/console/mugs/commerce/orders/actions/{row.public_id}/"
    for who, status in ((cast.nina, 403), (cast.charlie, 404), (cast.olaf, 403)):
        assert cast.client(who).post(f"{base}approve/").status_code == status
    page = olaf.get(f"/console/mugs/commerce/orders/{order.public_id}/").content.decode()
    assert f"{base}withdraw/" in page and f"{base}approve/" not in page
    assert cast.client(cast.bob).post(f"{base}withdraw/").status_code == 403
    assert cast.client(cast.ann).post(f"{base}approve/").status_code == 302
    assert cast.client(cast.ann).post(f"{base}approve/").status_code == 409
    assert _now(cast, order).status == OrderStatus.CANCELLED


def test_what_takes_two_is_proposed_to_a_colleague(cast: Cast, order: Order) -> None:
    with scope(merchant=cast.merchant):
        set_pair_limit(by=cast.ann, currency="CNY", above_minor=8599, now=cast.now)
    html, hidden = _preview(cast.client(cast.ann), _url(order), {**CANCEL, f"quantity_{_line(cast, order)}": "2"})
    assert "Propose it to a colleague" in html and "to an admin" not in html
    cast.client(cast.ann).post(_url(order), {**hidden, "step": "confirm"})
    with scope(merchant=cast.merchant):
        base = f"/console/mugs/commerce/orders/actions/{OrderAction.objects.get().public_id}/"
    assert cast.client(cast.ann).post(f"{base}approve/").status_code == 403
    assert _now(cast, order).refunded_minor == 0
    assert cast.client(cast.bob).post(f"{base}approve/").status_code == 302
    assert _now(cast, order).refunded_minor == 8600
    page = cast.client(cast.bob).get(f"/console/mugs/commerce/orders/{order.public_id}/").content.decode()
    assert "Bob, proposed by Ann" in page


def test_an_exchange_lets_one_choose_the_variant(cast: Cast, order: Order) -> None:
    product = make_product(cast.merchant, external_id="p-1")
    with scope(merchant=cast.merchant):
        Variant.objects.create(
            product=product, external_id="v-blue", options={"colour": "blue"}, price_minor=4300, currency="CNY", stock=3
        )
        Order.objects.filter(pk=order.pk).update(status=OrderStatus.DELIVERED, delivered_at=cast.now)
        pk = order.lines.get().public_id
    client = cast.client(cast.olaf)
    assert "blue" in client.get(_url(order, "exchange")).content.decode()
    assert client.post(_url(order, "exchange"), {f"quantity_{pk}": "1"}).status_code == 422
    html, hidden = _preview(client, _url(order, "exchange"), {f"quantity_{pk}": "1", f"variant_{pk}": "v-blue"})
    assert "To be exchanged: 1 × Mug for blue." in html
    assert client.post(_url(order, "exchange"), {**hidden, "step": "confirm"}).status_code == 302
    with scope(merchant=cast.merchant):
        assert Variant.objects.get(external_id="v-blue").stock == 2


def test_a_new_address(cast: Cast, order: Order) -> None:
    client, url = cast.client(cast.olaf), _url(order, "change_address")
    assert client.post(url, {"address_line1": ""}).status_code == 422
    html, hidden = _preview(client, url, {"address_line1": "2 Side St", "address_country": "CN"})
    assert "Address: " in html.split("What will happen")[1] and "2 Side St" in html.split("What will happen")[1]
    client.post(url, {**hidden, "step": "confirm"})
    assert _now(cast, order).address["line1"] == "2 Side St"


def test_a_new_order_for_the_shopper(cast: Cast, order: Order) -> None:
    product = make_product(cast.merchant, external_id="p-1")
    with scope(merchant=cast.merchant):
        variant = product.variants.get()
    admin, url = cast.client(cast.ann), _url(order, "place_order")
    data = {
        "new_0": variant.external_id,
        "pieces_0": "2",
        "address_line1": "1 Main St",
        "address_country": "CN",
        "confirmed": "on",
        "override_reason": "By phone",
    }
    html, hidden = _preview(admin, url, data)
    assert "It comes to ¥86.00." in html
    assert admin.post(url, {**hidden, "step": "confirm"}).status_code == 302
    with scope(merchant=cast.merchant):
        placed = Order.objects.exclude(pk=order.pk).get()
        assert (placed.shopper_id, placed.lines.get().quantity) == (order.shopper_id, 2)


def test_an_unknown_result_is_shown_and_asked_for_again(cast: Cast, order: Order) -> None:
    with scope(merchant=cast.merchant):
        row = OrderAction.objects.create(
            kind="refund",
            state=ActionState.UNKNOWN,
            key="hand:1",
            order=order,
            shopper=Shopper.objects.get(pk=order.shopper_id),
            preview={"kind": "refund", "order": order.number, "currency": "CNY", "steps": []},
            currency="CNY",
            connector="webhook",
            approved_at=timezone.now(),
            begun_at=timezone.now(),
            created_at=timezone.now(),
        )
    client = cast.client(cast.olaf)
    other = make_order(cast.merchant, number="77777", now=cast.now)
    listed = client.get("/console/mugs/commerce/orders/?action=under_way").content.decode()
    assert order.number in listed and other.number not in listed
    assert order.number not in client.get("/console/mugs/commerce/orders/?action=proposed").content.decode()
    assert other.number in client.get("/console/mugs/commerce/orders/?action=nonsense").content.decode()
    page = client.get(f"/console/mugs/commerce/orders/{order.public_id}/").content.decode()
    assert "Unknown, checking" in page and "every 4s" in page
    assert client.get(f"/console/mugs/commerce/orders/{order.public_id}/actions/").status_code == 200
    assert cast.client(cast.nina).get(f"/console/mugs/commerce/orders/{order.public_id}/actions/").status_code == 200
    check = f"/console/mugs/commerce/orders/actions/{row.public_id}/check/"
    assert cast.client(cast.nina).post(check).status_code == 403
    assert client.post(check).status_code == 302
    with scope(merchant=cast.merchant):
        assert Job.objects.filter(kind="check_action").exists()


def test_a_return_that_is_here_pays_what_was_promised(cast: Cast, order: Order) -> None:
    with scope(merchant=cast.merchant):
        Order.objects.filter(pk=order.pk).update(status=OrderStatus.RETURN_REQUESTED)
        promised = Return.objects.create(
            order=order,
            key="r",
            lines=[{"id": "l-1", "quantity": 1}],
            amount_minor=4300,
            payments=[{"id": "pay-1", "amount_minor": 4300}],
            created_at=cast.now,
        )
    url = f"/console/mugs/commerce/orders/returns/{promised.public_id}/received/"
    assert cast.client(cast.nina).post(url).status_code == 403
    assert cast.client(cast.charlie).post(url).status_code == 404
    assert cast.client(cast.olaf).post(url).status_code == 302
    assert cast.client(cast.olaf).post(url).status_code == 409
    assert _now(cast, order).refunded_minor == 4300
    with scope(merchant=cast.merchant):
        assert OrderEvent.objects.filter(order=order, kind="return_received", by=str(cast.olaf.public_id)).exists()


def test_an_amount_without_items_is_money_back_that_settles_none(cast: Cast, order: Order) -> None:
    client = cast.client(cast.ann)
    with scope(merchant=cast.merchant):
        Order.objects.filter(pk=order.pk).update(status=OrderStatus.DELIVERED, delivered_at=cast.now)
    assert client.post(_url(order, "refund"), {"reason": "damaged", "photo": "on"}).status_code == 422
    asked = {"amount": "5", "reason": "damaged", "photo": "on", "confirmed": "on"}
    html, hidden = _preview(client, _url(order, "refund"), asked)
    assert "¥5.00 goes back by WeChat Pay." in html
    assert "Settled by it" not in html
    assert client.post(_url(order, "refund"), {**hidden, "step": "confirm"}).status_code == 302
    with scope(merchant=cast.merchant):
        assert Order.objects.get(pk=order.pk).refunded_minor == 500
        assert order.lines.get().refunded_quantity == 0


@pytest.mark.parametrize(("restock", "stock"), [("1", 4), ("0", 2)])
def test_an_exchange_is_finished_once(cast: Cast, order: Order, restock: str, stock: int) -> None:
    with scope(merchant=cast.merchant):
        line = order.lines.get()
        line.product, line.variant = "p-1", "v-red"
        line.save()
    product = make_product(cast.merchant, external_id="p-1")
    with scope(merchant=cast.merchant):
        for key in ("v-red", "v-blue"):
            Variant.objects.create(
                product=product, external_id=key, options={"c": key}, price_minor=4300, currency="CNY", stock=2
            )
        Order.objects.filter(pk=order.pk).update(status=OrderStatus.DELIVERED, delivered_at=cast.now)
        wish = [{"id": line.external_id, "to_variant": "v-blue"}]
        with transaction.atomic():
            execute(Action("exchange", order.pk, "swap", lines=wish), now=cast.now)
        row = order.exchanges.get()
    client = cast.client(cast.olaf)
    page = client.get(f"/console/mugs/commerce/orders/{order.public_id}/").content.decode()
    address = f"/console/mugs/commerce/orders/exchanges/{row.public_id}/ended/"
    assert address in page
    assert client.post(address, {"restock": restock}).status_code == 302
    assert client.post(address, {"restock": restock}).status_code == 409
    with scope(merchant=cast.merchant):
        assert Variant.objects.get(external_id="v-red").stock == stock
        assert Order.objects.get(pk=order.pk).status == OrderStatus.DELIVERED


def _cancelled(cast: Cast, order: Order) -> None:
    client = cast.client(cast.olaf)
    data = {**CANCEL, f"quantity_{_line(cast, order)}": "2"}
    _html, hidden = _preview(client, _url(order), data)
    assert client.post(_url(order), {**hidden, "step": "confirm"}).status_code == 302


def _trace(html: str) -> list[str]:
    """The lines of every trace on the page, without marks."""
    found = []
    for part in html.split('class="verdict-trace"')[1:]:
        items = part.split("</ul>")[0].split("<li")[1:]
        found += [" ".join(re.sub(r"<[^>]*>", " ", item.partition(">")[2]).split()) for item in items]
    return found


@pytest.mark.parametrize(
    ("locale", "summary", "line"),
    [
        ("en", "Why: 1 rule was tried", "order status: pending"),
        ("zh-hans", "", "订单状态：待处理"),
    ],
)
def test_the_order_and_the_log_tell_why_the_rules_allowed_it(
    cast: Cast, order: Order, locale: str, summary: str, line: str
) -> None:
    _cancelled(cast, order)
    client = cast.client(cast.ann)
    client.cookies["django_language"] = locale
    for url in (f"/console/mugs/commerce/orders/{order.public_id}/", "/console/mugs/settings/audit/"):
        html = client.get(url, headers={"Accept-Language": locale}).content.decode()
        told = _trace(html)
        assert any(line in each for each in told), (url, told)
        assert summary in html


def test_a_proposal_shows_the_rules_that_were_tried(cast: Cast, order: Order) -> None:
    """A colleague who has to approve it reads the trace beside the buttons."""
    with scope(merchant=cast.merchant):
        verdict = {
            "outcome": "allow", "approver": "admin", "rule": "gone", "proposed_by": str(cast.olaf.public_id),
            "trace": [
                {"rule": "first", "matched": False, "because": {"en": "delivered 9 days ago", "zh-hans": "9 天前签收"}},
                {"rule": "gone", "matched": True, "because": {"en": "<b>always</b>", "zh-hans": "总是"}},
            ],
        }  # fmt: skip
        OrderAction.objects.create(
            kind="cancel", key="k", order=order, shopper=order.shopper, request={"action": "cancel"}, verdict=verdict,
            preview={"kind": "cancel", "currency": "CNY", "order": order.number, "steps": []}, currency="CNY",
            created_at=timezone.now(),
        )  # fmt: skip
    html = cast.client(cast.ann).get(f"/console/mugs/commerce/orders/{order.public_id}/").content.decode()
    assert "Why: 2 rules were tried" in html
    assert _trace(html) == ["does not apply: first · delivered 9 days ago", "applies: gone · &lt;b&gt;always&lt;/b&gt;"]
