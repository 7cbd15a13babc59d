"""The chat's form in a real Chromium: a refund with a photo, two clicks, two tabs, a reload, a lost connection."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from PIL import Image
from playwright.sync_api import Page, expect

from cs_portal.commerce.models import Order, OrderLine, OrderStatus, Shopper, Variant
from cs_portal.conversations.models import Message, Photo
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.merchants.models import Merchant
from cs_portal.policies.engine.shipped import load_shipped
from tests.factories import make_order, make_product, make_ruleset, make_shopper
from tests.storefront.conftest import Visit
from tests.storefront.live import Visitor
from tests.storefront.other_side import reply, token_for
from tests.storefront.test_requests import NEW_ORDERS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: With a folder named here pictures are taken to be looked at.
PICTURES = os.environ.get("CHAT_PICTURES", "")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)


@pytest.fixture
def shopper(shop_merchant: Merchant) -> Shopper:
    document = load_shipped("standard").to_dict()
    make_ruleset(shop_merchant, {**document, "rules": [NEW_ORDERS, *document["rules"]]})
    product = make_product(shop_merchant, external_id="p-1")
    with scope(merchant=shop_merchant):
        Variant.objects.filter(product=product).update(external_id="v-1", options={"colour": "white"})
        Variant.objects.create(
            merchant=shop_merchant,
            product=product,
            external_id="v-blue",
            options={"colour": "blue"},
            price_minor=4800,
            currency="CNY",
            stock=3,
        )
    methods = [{"id": "m-1", "method": "wechat_pay"}]
    return make_shopper(shop_merchant, "s-17", name="Li Wei", payment_methods=methods)


@pytest.fixture
def delivered(shop_merchant: Merchant, shopper: Shopper) -> Order:
    order = make_order(shop_merchant, shopper, number="10533")
    with scope(merchant=shop_merchant):
        OrderLine.objects.create(
            merchant=shop_merchant,
            order=order,
            external_id="l-2",
            product="p-2",
            variant="v-2",
            title="Tea towel",
            quantity=1,
            unit_price_minor=0,
        )
    return order


@pytest.fixture
def pending(shop_merchant: Merchant, shopper: Shopper) -> Order:
    return make_order(shop_merchant, shopper, number="10540", status=OrderStatus.PENDING)


def photo(tmp_path: Path) -> str:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (200, 90, 60)).save(out, "PNG")
    path = tmp_path / "mug.png"
    path.write_bytes(out.getvalue())
    return str(path)


def messages() -> list[Message]:
    with scopes_disabled():
        return list(Message.objects.order_by("id"))


def enter(shopper: Visitor, **attributes: str) -> None:
    shopper.visit(identity=token_for("s-17"), **attributes)
    shopper.open()


def look(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png")


def to_cancel(shopper: Visitor) -> None:
    """Open the form for the pending order and look at what will happen."""
    shopper.chat.get_by_role("button", name="My orders").first.click()
    shopper.chat.get_by_role("button", name="Cancel the order").click()
    shopper.chat.get_by_label("Reason").select_option("no_longer_needed")
    shopper.chat.get_by_role("button", name="Continue").click()
    expect(shopper.chat.locator("#ask .says li").first).to_have_text("You get ¥86.00 back by WeChat Pay.")


def to_order(visitor: Visitor) -> None:
    """Open the form for the blue mug that a reply recommended, and say where it goes."""
    enter(visitor)
    visitor.say("Which mug do you have?")
    expect(visitor.chat.locator(".message.shopper time")).to_have_count(1)
    reply("This one.", cards=[{"kind": "product", "id": "p-1"}])
    visitor.chat.get_by_role("button", name="Order here").click()
    visitor.chat.get_by_label("Which one").select_option("v-blue")
    for label, text in {"Full name": "Li Wei", "Street and number": "1 Long Street", "City": "Shanghai"}.items():
        visitor.chat.get_by_label(label, exact=True).fill(text)


def test_a_refund_with_a_photo_from_the_list_to_the_status(
    visit: Visit, delivered: Order, tmp_path: Path, shop_merchant: Merchant
) -> None:
    shopper = visit(viewport={"width": 360, "height": 740})
    enter(shopper)
    chat = shopper.chat
    chat.get_by_role("button", name="My orders").first.click()
    expect(chat.locator("#ask .card.order")).to_have_count(1)
    look(shopper.page, "1-orders")
    chat.get_by_role("button", name="Request a refund").click()
    chat.get_by_role("button", name="Continue").click()
    expect(chat.locator("#ask .ask-form > .problem")).to_have_text("Which items is it about?")
    chat.get_by_label("Mug (white)").check()
    chat.get_by_label("How many").select_option("1")
    chat.get_by_label("Reason").select_option("damaged")
    look(shopper.page, "2-form")
    chat.get_by_role("button", name="Continue").click()
    expect(chat.locator("#ask-title")).to_have_text("Something is missing")
    expect(chat.locator("#ask .says")).to_contain_text("Add a photo")
    chat.get_by_role("button", name="Back").click()
    chat.locator("#ask input[type=file]").set_input_files(photo(tmp_path))
    expect(chat.locator("#ask .thumbs img")).to_have_count(1)
    look(shopper.page, "3-photo")
    (frame,) = [each for each in shopper.page.frames if "/chat/" in each.url]
    assert Axe().run(frame).response["violations"] == []  # type: ignore[arg-type]
    chat.get_by_role("button", name="Continue").click()
    expect(chat.locator("#ask .says")).to_contain_text("You get ¥43.00 back by WeChat Pay.")
    look(shopper.page, "4-confirm")
    chat.get_by_role("button", name="Confirm and send").click()
    expect(chat.locator(".request-state")).to_have_text("A colleague is checking this")
    expect(chat.locator(".message.shopper .thumbs img")).to_have_count(1)
    look(shopper.page, "5-sent")
    chat.locator(".message.shopper .thumbs button").click()
    expect(chat.locator("#photo img")).to_be_visible()
    shopper.page.keyboard.press("Escape")
    expect(chat.locator("#photo")).to_be_hidden()
    (message,) = messages()
    assert message.request is not None
    assert message.request["lines"] == [{"id": "l-1", "quantity": 1}]
    assert message.request["evidence"] == ["photo"]
    with scopes_disabled():
        assert Photo.objects.get().message_id == message.pk
    reply("We will see to it.")
    expect(chat.locator(".request-state")).to_have_text("Answered")
    assert shopper.complaints == []


def test_two_clicks_two_tabs_and_a_reload_are_one_request(visit: Visit, pending: Order) -> None:
    shopper = visit()
    enter(shopper)
    other = Visitor(shopper.context, shopper.shop, shopper.storefront)
    enter(other)
    to_cancel(shopper)
    to_cancel(other)
    shopper.chat.get_by_role("button", name="Confirm and send").dblclick()
    expect(shopper.chat.locator(".request-state")).to_have_count(1)
    other.chat.get_by_role("button", name="Confirm and send").click()
    expect(other.chat.locator(".request-state")).to_have_count(1)
    expect(other.chat.locator(".message.shopper")).to_have_count(1)
    shopper.page.reload()
    shopper.chat.locator("#log[aria-busy=false]").wait_for(state="attached")
    expect(shopper.chat.locator(".request-state")).to_have_text("A colleague is checking this")
    assert len(messages()) == 1
    assert (shopper.complaints, other.complaints) == ([], [])


def test_what_changed_before_the_confirmation_is_shown_anew(
    visit: Visit, shopper: Shopper, shop_merchant: Merchant
) -> None:
    visitor = visit()
    to_order(visitor)
    chat = visitor.chat
    chat.get_by_role("button", name="Continue").click()
    expect(chat.locator("#ask .says")).to_contain_text("It comes to ¥48.00.")
    with scope(merchant=shop_merchant):
        Variant.objects.filter(external_id="v-blue").update(price_minor=5300)
    chat.get_by_role("button", name="Confirm and send").click()
    expect(chat.locator("#ask .says")).to_contain_text("It comes to ¥53.00.")
    expect(chat.locator("#ask .problem")).to_contain_text("changed meanwhile")
    expect(chat.locator(".message.sending, .message.failed")).to_have_count(0)
    look(visitor.page, "12-changed")
    chat.get_by_role("button", name="Confirm and send").click()
    expect(chat.locator(".request-state")).to_have_count(1)
    request = messages()[-1].request
    assert request is not None and request["amount_minor"] == 5300


def test_a_request_survives_a_lost_connection_and_a_reload(visit: Visit, pending: Order) -> None:
    shopper = visit()
    enter(shopper)
    to_cancel(shopper)
    shopper.page.route("**/chat/api/requests", lambda route: route.abort())
    shopper.chat.get_by_role("button", name="Confirm and send").click()
    expect(shopper.chat.locator(".message.sending")).to_have_count(1)
    assert messages() == []
    shopper.page.unroute("**/chat/api/requests")
    shopper.page.reload()
    expect(shopper.chat.locator(".request-state")).to_have_text("A colleague is checking this")
    expect(shopper.chat.locator(".message.sending")).to_have_count(0)
    assert len(messages()) == 1


def test_it_works_by_keyboard_and_in_chinese(visit: Visit, pending: Order) -> None:
    shopper = visit(locale="zh-CN", color_scheme="dark", viewport={"width": 360, "height": 740})
    enter(shopper, locale="zh-CN")
    chat, keys = shopper.chat, shopper.page.keyboard
    chat.locator("[data-orders]").focus()
    keys.press("Enter")
    change = chat.locator("#ask .acts button").nth(1)
    expect(change).to_be_visible()
    change.focus()
    keys.press("Enter")
    fields = {"name": "李伟", "line1": "长街 1 号", "city": "上海"}
    expect(chat.locator("#ask [name=name]")).to_be_visible()
    for name, text in fields.items():
        chat.locator(f"#ask [name={name}]").focus()
        keys.type(text)
    look(shopper.page, "6-address-zh")
    keys.press("Enter")
    expect(chat.locator("#ask .says")).to_contain_text("10540")
    look(shopper.page, "7-confirm-zh")
    chat.locator("#ask .save").focus()
    keys.press("Enter")
    expect(chat.locator(".request-state")).to_be_visible()
    look(shopper.page, "8-sent-zh")
    (message,) = messages()
    assert message.request is not None
    assert message.request["address"]["city"] == "上海"
    keys.press("Escape")
    expect(shopper.page.locator("#csportal .panel")).to_be_hidden()
    assert shopper.complaints == []


def test_an_exchange_names_a_variant_in_stock_and_the_difference(visit: Visit, delivered: Order) -> None:
    shopper = visit()
    enter(shopper)
    chat = shopper.chat
    chat.get_by_role("button", name="My orders").first.click()
    chat.get_by_role("button", name="Exchange items").click()
    chat.get_by_label("Mug (white)").check()
    chat.get_by_label("How many").select_option("1")
    wanted = chat.get_by_label("What you would like instead")
    expect(wanted.locator("option")).to_have_text(["Choose…", "blue · ¥5.00 more"])
    wanted.select_option("v-blue")
    chat.get_by_label("Reason").select_option("does_not_fit")
    chat.get_by_role("button", name="Continue").click()
    expect(chat.locator("#ask .says")).to_contain_text("We exchange 1 × Mug for blue.")
    look(shopper.page, "9-exchange")


def test_a_recommended_product_is_ordered_after_its_price_was_told(visit: Visit, shopper: Shopper) -> None:
    visitor = visit()
    to_order(visitor)
    chat = visitor.chat
    chat.get_by_label("Pay by").select_option("m-1")
    look(visitor.page, "10-order")
    chat.get_by_role("button", name="Continue").click()
    expect(chat.locator("#ask .says")).to_contain_text("It comes to ¥48.00.")
    look(visitor.page, "11-order-confirm")
    chat.get_by_role("button", name="Confirm and send").click()
    expect(chat.locator(".request-state")).to_have_count(1)
    request = messages()[-1].request
    assert request is not None
    assert (request["action"], request["amount_minor"], request["payment_method"]) == ("place_order", 4800, "m-1")
    assert visitor.complaints == []


def test_anonymous_visitors_are_told_how_to_sign_in(visit: Visit, pending: Order) -> None:
    visitor = visit()
    visitor.visit()
    visitor.open()
    expect(visitor.chat.locator("#add-photo")).to_be_hidden()
    visitor.chat.locator("#menu-button").click()
    visitor.chat.get_by_role("button", name="My orders").click()
    expect(visitor.chat.locator("#ask-body")).to_have_text(
        "Sign in to the shop and we can look up your orders for you."
    )


def test_a_photo_goes_out_beside_words(visit: Visit, pending: Order, tmp_path: Path) -> None:
    shopper = visit()
    enter(shopper)
    shopper.chat.locator("#photos input[type=file]").set_input_files(photo(tmp_path))
    expect(shopper.chat.locator("#photos .thumbs img")).to_have_count(1)
    look(shopper.page, "12-composer")
    shopper.chat.locator("#send").click()
    expect(shopper.chat.locator(".message.shopper .thumbs img")).to_have_count(1)
    expect(shopper.chat.locator(".bubble")).to_have_text(["I have added a photo."])
    assert messages()[0].attachments == ["photo"]
    assert shopper.complaints == []
