"""What the chat does besides talking, in a real Chromium: the page's API, cards, a person, the end, a copy."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Route, expect

from cs_portal.commerce.models import Order
from cs_portal.conversations.models import Author
from cs_portal.conversations.services import give_back, reply_being_checked, resolve, take_over
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.merchants.models import Merchant, Storefront
from tests.factories import make_member, make_order, make_product, make_shopper
from tests.storefront.conftest import Visit
from tests.storefront.live import QUEUE, Visitor
from tests.storefront.other_side import conversation, reply, token_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QUICK = [{"en": "Where is my parcel?", "zh": "我的包裹到哪了？"}, {"en": "How do I return it?", "zh": "怎么退货？"}]


def configure(**fields: object) -> None:
    with scopes_disabled():
        Storefront.objects.update(**fields)


def settle() -> None:
    current = conversation()
    with scope(merchant=current.merchant):
        resolve(conversation_id=current.public_id, by=make_member(current.merchant), now=timezone.now())


def ask(shopper: Visitor, text: str = "Hello") -> None:
    shopper.say(text)
    expect(shopper.chat.locator(".message.shopper time")).to_have_count(1)


# --- the page's API ---------------------------------------------------------------------------------------------------


def test_calls_made_before_the_loader_came_are_kept_in_order(visit: Visit) -> None:
    shopper = visit()
    token = token_for("s-1")
    queue = f"""{QUEUE}
        CSPortal("identify", "{token}");
        CSPortal("update", {{launcher: "Help", position: "left"}});
        CSPortal("open");
    """
    shopper.page.route("**/queue.js", lambda route: route.fulfill(content_type="text/javascript", body=queue))
    shopper.visit()
    shopper.chat.locator("#log[aria-busy=false]").wait_for(state="attached")
    expect(shopper.chat.locator("#sign-in-hint")).to_be_hidden()
    assert [name for name, _detail in shopper.heard()] == ["open", "ready", "identified"]
    panel = shopper.page.locator("#csportal .panel").bounding_box()
    assert panel is not None
    assert panel["x"] == 20
    shopper.page.evaluate("CSPortal('toggle')")
    expect(shopper.page.locator("#csportal .launcher")).to_have_text("Help")
    assert shopper.complaints == []


def test_settings_change_while_the_chat_is_there(visit: Visit) -> None:
    shopper = visit()
    configure(look="dark", position="left", launcher_text_en="Need help?", launcher_text_zh="联系客服")
    shopper.visit()
    launcher = shopper.page.locator("#csportal .launcher")
    expect(launcher).to_have_text("Need help?")
    box = launcher.bounding_box()
    assert box is not None
    assert box["x"] == 20
    shopper.open()
    ask(shopper)
    expect(shopper.chat.locator("body")).to_have_css("background-color", "rgb(22, 25, 29)")
    shopper.page.evaluate("CSPortal('update', {locale: 'zh-CN', look: 'light', accent: '#ffcc00', position: 'right'})")
    expect(shopper.chat.locator("#text")).to_have_attribute("placeholder", "输入消息…")
    expect(shopper.chat.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(shopper.chat.locator(".header")).to_have_css("background-color", "rgb(255, 204, 0)")
    expect(shopper.chat.locator(".bubble")).to_have_text(["Hello"])
    shopper.page.evaluate("CSPortal('close')")
    expect(launcher).to_have_text("联系客服")


def test_destroy_leaves_nothing_and_a_fresh_start_is_possible(visit: Visit) -> None:
    shopper = visit()
    shopper.visit()
    shopper.open()
    shopper.page.evaluate("window.kept = CSPortal; CSPortal('destroy'); kept('open');")
    assert shopper.page.locator("#csportal").count() == 0
    assert shopper.page.evaluate("[typeof CSPortal, sessionStorage.length]") == ["undefined", 0]
    shopper.page.evaluate(
        "(src) => { const tag = document.createElement('script'); tag.src = src.src;"
        " Object.assign(tag.dataset, src.data); document.head.append(tag); }",
        {
            "src": shopper.page.locator("script[data-storefront]").get_attribute("src"),
            "data": {"storefront": shopper.storefront},
        },
    )
    shopper.open()
    expect(shopper.chat.locator("#text")).to_be_focused()
    assert shopper.complaints == []


def test_off_ends_listening_and_an_unknown_command_is_named(visit: Visit) -> None:
    shopper = visit()
    shopper.visit()
    shopper.page.evaluate("CSPortal('off', 'open'); CSPortal('open'); CSPortal('close'); CSPortal('dance');")
    assert [name for name, _detail in shopper.heard() if name != "ready"] == ["close"]
    assert shopper.complaints == ["CS Portal: there is no command dance."]


def test_what_came_while_the_shopper_was_away_is_counted_after_a_reload(visit: Visit) -> None:
    shopper = visit()
    shopper.visit()
    shopper.open()
    ask(shopper)
    shopper.chat.locator("#close").click()
    expect(shopper.page.locator("#csportal .panel")).to_be_hidden()
    shopper.page.goto("about:blank")
    reply("On its way.")
    reply("It comes tomorrow.")
    shopper.visit()
    expect(shopper.page.locator("#csportal .badge")).to_have_text("2")
    assert ["unread", 2] in shopper.heard()
    shopper.open()
    expect(shopper.page.locator("#csportal .badge")).to_be_hidden()
    shopper.page.reload()
    expect(shopper.chat.locator(".bubble")).to_have_count(3)
    expect(shopper.page.locator("#csportal .badge")).to_be_hidden()


@pytest.mark.parametrize("late", ["chat/composer.js", "sessions"], ids=["the script", "the session"])
def test_enter_before_the_chat_is_ready_sends_once_it_is(visit: Visit, late: str) -> None:
    shopper = visit()
    held: list[Route] = []
    awaited = re.compile(rf"/{re.escape(late)}($|\?)")
    shopper.page.route(awaited, lambda route: held.append(route))
    shopper.visit()
    with shopper.page.expect_request(awaited):
        shopper.page.locator("#csportal .launcher").click()
    text = shopper.chat.locator("#text")
    text.press_sequentially("Hello")
    text.press("Enter")
    held.pop().continue_()
    expect(shopper.chat.locator(".message.shopper time")).to_have_count(1)
    assert shopper.texts() == ["Hello"]
    expect(text).to_have_value("")
    assert shopper.complaints == []


# --- choices ----------------------------------------------------------------------------------------------------------


def test_a_quick_reply_sends_itself_and_the_others_go(visit: Visit) -> None:
    shopper = visit()
    configure(quick_replies=QUICK)
    shopper.visit()
    shopper.open()
    shopper.chat.get_by_role("button", name="Where is my parcel?").click()
    expect(shopper.chat.locator(".message.shopper .bubble")).to_have_text("Where is my parcel?")
    expect(shopper.chat.locator("#quick")).to_be_hidden()
    expect(shopper.chat.locator("#text")).to_be_focused()
    shopper.page.reload()
    expect(shopper.chat.locator(".bubble")).to_have_count(1)
    expect(shopper.chat.locator("#quick")).to_be_hidden()


def test_a_person_is_asked_for_comes_and_goes(visit: Visit) -> None:
    shopper = visit()
    shopper.visit()
    shopper.open()
    ask(shopper)
    expect(shopper.chat.locator("#who")).to_have_text("Assistant, checked by our team")
    lines = shopper.chat.locator(".message.system .bubble")
    shopper.chat.locator("#menu-button").press("Enter")
    expect(shopper.chat.locator("#ask-person")).to_be_focused()
    shopper.page.keyboard.press("Enter")
    expect(lines).to_have_text(["A colleague will answer you here."])
    expect(shopper.chat.locator("#who")).to_have_text("A colleague will answer you here")
    expect(shopper.chat.locator("#text")).to_be_focused()
    current = conversation()
    with scope(merchant=current.merchant):
        member = make_member(current.merchant, name="Anna Berg")
        take_over(conversation_id=current.public_id, by=member, now=timezone.now())
    expect(shopper.chat.locator("#who")).to_have_text("You are talking to Anna Berg")
    expect(lines.last).to_have_text("Anna Berg has joined the conversation.")
    shopper.chat.locator("#menu-button").click()
    expect(shopper.chat.locator("#ask-person")).to_be_hidden()
    shopper.page.keyboard.press("Escape")
    expect(shopper.chat.locator("#menu-button")).to_be_focused()
    with scope(merchant=current.merchant):
        give_back(conversation_id=current.public_id, by=member, now=timezone.now())
    expect(shopper.chat.locator("#who")).not_to_contain_text("Anna Berg")
    expect(lines.last).to_contain_text("Anna Berg has left.")


def test_outside_of_hours_the_address_is_asked_for_at_once(visit: Visit) -> None:
    shopper = visit()
    configure(hours={}, offline_notice_en="Back on Monday.")
    shopper.visit()
    shopper.open()
    expect(shopper.chat.locator("#offline")).to_have_text("Back on Monday.")
    expect(shopper.chat.locator("#who")).to_have_text("Closed now")
    ask(shopper)
    # Closed, and still somebody who checks: one of them would be untrue.
    expect(shopper.chat.locator("#progress")).to_have_text("We have your message and answer when we are back")
    current = conversation()
    with scope(merchant=current.merchant):
        reply_being_checked(conversation=current, now=timezone.now())
    shopper.page.reload()
    expect(shopper.chat.locator("#progress")).to_have_text("We have your message and answer when we are back")
    # Nobody has what is still on its way.
    shopper.page.route("**/chat/api/messages", lambda route: route.abort())
    shopper.say("Are you there?")
    expect(shopper.chat.locator(".message.sending")).to_have_count(1)
    expect(shopper.chat.locator("#progress")).to_be_hidden()
    shopper.page.unroute("**/chat/api/messages")
    expect(shopper.chat.locator("#progress")).to_be_visible()
    expect(shopper.chat.locator("#email-form")).to_be_visible()
    shopper.chat.locator("#email").fill("li@example.com")
    shopper.chat.locator("#email-form .save").click()
    expect(shopper.chat.locator("#told")).to_have_text("Thank you. If you leave, we will write to li@example.com.")
    expect(shopper.chat.locator("#email-form")).to_be_hidden()
    assert conversation().email == "li@example.com"


# --- cards ------------------------------------------------------------------------------------------------------------


def test_cards_show_products_and_orders(visit: Visit, shop_merchant: Merchant) -> None:
    shopper = visit()
    make_product(
        shop_merchant,
        external_id="p-9",
        title_en="Mug <b>",
        image=f"{shopper.shop}/mug.svg",
        url=f"{shopper.shop}/?storefront={shopper.storefront}&identity={token_for('s-1')}&product=9",
    )
    make_product(shop_merchant, external_id="p-8", title_en="Lamp", image="javascript:1", url="javascript:1")
    # The 20th where the browser is, the 21st where the shop is.
    night = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    order = make_order(shop_merchant, make_shopper(shop_merchant, "s-1"), number="10533")
    with scopes_disabled():
        Order.objects.filter(pk=order.pk).update(placed_at=night)
    shopper.visit(identity=token_for("s-1"))
    shopper.open()
    ask(shopper)
    cards = [{"kind": "product", "id": "p-9"}, {"kind": "product", "id": "p-8"}, {"kind": "order", "number": "10533"}]
    reply("See here.", cards=cards)
    product, card = shopper.chat.locator(".card.product").first, shopper.chat.locator(".card.order")
    lamp = shopper.chat.locator(".card.product").nth(1)
    expect(card).to_contain_text("Nov 21, 2026")
    expect(lamp.locator(".name")).to_have_text("Lamp")
    expect(lamp.get_by_role("link")).to_have_count(0)
    expect(product.get_by_role("link", name="Open product")).to_be_visible()
    expect(product.get_by_role("button")).to_have_count(0)  # the shop's page has no cart to offer
    expect(product.locator(".name")).to_have_text("Mug <b>")
    expect(product).to_contain_text("¥43.00")
    product.locator("img").evaluate("(image) => image.decode()")
    assert product.locator("img").evaluate("(image) => image.naturalWidth") == 9
    expect(card).to_contain_text("Order 10533")
    expect(card).to_contain_text("Delivered")
    expect(card.locator(".lines li")).to_have_text(["Mug× 2"])
    assert shopper.complaints == []
    with shopper.page.expect_navigation():
        product.click()
    assert "product=9" in shopper.page.url
    expect(shopper.chat.locator(".card.product .open").first).to_be_visible()


def test_a_click_on_a_product_is_told_to_the_page(visit: Visit, shop_merchant: Merchant) -> None:
    shopper = visit()
    make_product(shop_merchant, external_id="p-9", url="https://elsewhere.example/p-9")
    shopper.visit()
    shopper.open()
    ask(shopper)
    reply("", cards=[{"kind": "product", "id": "p-9"}])
    shopper.context.route("https://elsewhere.example/**", lambda route: route.fulfill(body="A page of its own"))
    with shopper.context.expect_page():
        shopper.chat.locator(".card.product").click()
    assert ["product:clicked", {"id": "p-9", "url": "https://elsewhere.example/p-9"}] in shopper.heard()


def test_a_product_goes_into_the_shops_cart(visit: Visit, shop_merchant: Merchant) -> None:
    shopper = visit()
    url = "https://elsewhere.example/p-9"
    make_product(shop_merchant, external_id="p-9", title_en="Mug", url=url)
    shopper.visit()
    shopper.open()
    ask(shopper)
    reply("", cards=[{"kind": "product", "id": "p-9"}])
    button = shopper.chat.locator(".card.product .add")
    expect(button).to_be_hidden()
    shopper.page.evaluate(
        """() => {
          window.asked = [];
          window.answers = [];
          CSPortal("on", "add_to_cart", (detail) => {
            asked.push(detail);
            return new Promise((resolve) => answers.push(resolve));
          });
        }"""
    )
    expect(button).to_have_text("Add to cart")
    expect(button).to_have_accessible_description("Mug")
    button.press("Enter")
    expect(button).to_have_text("Adding…")
    shopper.until("answers.length === 1")
    button.dispatch_event("click")  # once more, while it is under way
    shopper.page.evaluate("answers[0](false)")
    expect(button).to_have_text("Not added. Try again")
    button.click()
    shopper.until("answers.length === 2")
    shopper.page.evaluate("answers[1]()")
    expect(button).to_have_text("In your cart")
    (variant,) = {detail["variant"] for detail in shopper.page.evaluate("asked")}
    assert shopper.page.evaluate("asked") == [{"id": "p-9", "variant": variant, "url": url}] * 2
    assert variant
    assert "product:clicked" not in [name for name, _detail in shopper.heard()]
    assert shopper.complaints == []
    shopper.page.evaluate("CSPortal('off', 'add_to_cart')")
    expect(button).to_be_hidden()


# --- the end ----------------------------------------------------------------------------------------------------------


def test_a_settled_question_is_rated_by_keyboard(visit: Visit) -> None:
    shopper = visit()
    shopper.visit()
    shopper.open()
    ask(shopper)
    reply("Which order do you mean?")
    expect(shopper.chat.locator(".message.operator")).to_have_count(1)
    expect(shopper.chat.locator("#solved")).to_be_hidden()
    reply("It is on its way.\n" * 40)
    shopper.chat.get_by_role("button", name="Yes", exact=True).press("Enter")
    expect(shopper.chat.locator("#wrap-up")).to_be_visible()
    expect(shopper.chat.get_by_role("radio", name="Terrible").locator("xpath=..")).to_be_in_viewport()
    assert shopper.chat.locator("#scroller").evaluate("(s) => s.scrollHeight - s.scrollTop - s.clientHeight < 2")
    shopper.chat.get_by_role("radio", name="Terrible").focus()
    for _ in range(3):
        shopper.page.keyboard.press("ArrowRight")
    shopper.chat.locator("#comment").fill("Quick")
    shopper.chat.get_by_role("button", name="Send rating").press("Enter")
    expect(shopper.chat.locator("#rated")).to_have_text("Thank you for your rating: Good")
    expect(shopper.chat.locator("#rated")).to_be_focused()
    assert (conversation().csat_score, conversation().csat_comment) == (4, "Quick")
    shopper.say("One more thing")
    expect(shopper.chat.locator("#wrap-up")).to_be_hidden()
    settle()
    expect(shopper.chat.locator("#rating")).to_be_visible()
    assert shopper.chat.locator("#rating :checked").count() == 0


def test_a_reply_that_did_not_help_is_not_asked_about_again(visit: Visit) -> None:
    shopper = visit()
    shopper.visit()
    shopper.open()
    ask(shopper)
    reply("It is on its way.", author=Author.BOT)
    shopper.chat.get_by_role("button", name="Not yet").click()
    expect(shopper.chat.locator("#solved")).to_be_hidden()
    expect(shopper.chat.locator("#text")).to_be_focused()
    reply("It arrives tomorrow.", author=Author.BOT)
    expect(shopper.chat.locator("#solved")).to_be_visible()


def test_the_conversation_can_be_kept(visit: Visit, tmp_path: Path) -> None:
    shopper = visit()
    shopper.visit()
    shopper.open()
    ask(shopper, "Where is my <b>parcel</b>?")
    shopper.chat.locator("#menu-button").click()
    expect(shopper.chat.locator("#mail-transcript")).to_be_hidden()
    with shopper.page.expect_download() as download:
        shopper.chat.locator("#download").click()
    path = tmp_path / "chat.html"
    download.value.save_as(path)
    assert download.value.suggested_filename.startswith("Tea House ")
    assert "Where is my &lt;b&gt;parcel&lt;/b&gt;?" in path.read_text(encoding="utf-8")
    assert shopper.complaints == []


def test_deletion_is_asked_for_only_after_a_yes(visit: Visit) -> None:
    shopper = visit()
    shopper.visit()
    shopper.open()
    ask(shopper)
    requests = AuditEntry.objects.filter(action="shopper.erasure_requested")
    shopper.chat.locator("#menu-button").click()
    shopper.chat.locator("#ask-erase").click()
    shopper.page.keyboard.press("Escape")
    expect(shopper.chat.locator("#erase")).to_be_hidden()
    expect(shopper.page.locator("#csportal .panel")).to_be_visible()
    expect(shopper.chat.locator("#menu-button")).to_be_focused()
    assert not requests.exists()
    shopper.chat.locator("#menu-button").click()
    shopper.chat.locator("#ask-erase").click()
    shopper.chat.get_by_role("button", name="Ask for deletion").click()
    expect(shopper.chat.locator(".message.system .bubble")).to_contain_text("delete your data")
    assert requests.count() == 1


# --- for everyone -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "scheme", "width"),
    [("en", "light", 320), ("en", "dark", 360), ("zh", "light", 360), ("zh", "dark", 320)],
)
def test_axe_finds_nothing_serious(visit: Visit, shop_merchant: Merchant, locale: str, scheme: str, width: int) -> None:
    shopper = visit(color_scheme=scheme, viewport={"width": width, "height": 640})
    configure(quick_replies=QUICK, hours={})
    make_product(shop_merchant, external_id="p-9", title_zh="很长很长的商品名称" * 4, title_en="An endless name " * 6)
    make_order(shop_merchant, make_shopper(shop_merchant, "s-1", email="li@example.com"), number="10533")
    shopper.visit(identity=token_for("s-1"), locale=locale)
    shopper.open()
    look_at(shopper, width)
    shopper.chat.locator("#menu-button").click()
    look_at(shopper, width)
    shopper.page.keyboard.press("Escape")
    ask(shopper)
    reply("https://example.com", cards=[{"kind": "product", "id": "p-9"}, {"kind": "order", "number": "10533"}])
    expect(shopper.chat.locator("#solved")).to_be_visible()
    look_at(shopper, width)
    settle()
    shopper.chat.locator(".score").nth(3).click()
    expect(shopper.chat.locator("#comment")).to_be_visible()
    look_at(shopper, width)
    shopper.chat.locator("#menu-button").click()
    shopper.chat.locator("#ask-erase").click()
    look_at(shopper, width)
    assert shopper.complaints == []


def look_at(shopper: Visitor, width: int) -> None:
    """Nothing wider than the screen, and nothing that axe calls serious."""
    assert shopper.chat.locator("html").evaluate("(html) => html.scrollWidth") == width
    assert shopper.chat.locator("#scroller").evaluate("(box) => box.scrollWidth <= box.clientWidth")
    complaints = list(shopper.complaints)
    for place in (shopper.page.frames[1], shopper.page):
        found = Axe().run(place).response["violations"]  # type: ignore[arg-type]
        serious = [v for v in found if v["impact"] in {"serious", "critical"}]
        assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in serious] == []
    shopper.complaints[:] = complaints  # axe talks to frames, and complains of the one that does not answer
