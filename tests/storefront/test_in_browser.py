"""The widget in a real Chromium, embedded by a shop of another origin with a strict policy and hostile styles."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from cs_portal.conversations.models import Conversation, Message
from cs_portal.conversations.services import is_away, operator_typing, reply_being_checked
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.merchants.models import Storefront
from tests.storefront.conftest import Visit
from tests.storefront.other_side import conversation, reply, token_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def stored() -> list[str]:
    with scopes_disabled():
        return list(Message.objects.order_by("id").values_list("text", flat=True))


def test_a_question_is_answered_live(visit: Visit) -> None:
    shopper = visit()
    shopper.visit()
    shopper.open()
    assert shopper.page.evaluate("document.activeElement.id") == "csportal"
    expect(shopper.chat.locator("#text")).to_be_focused()
    shopper.say("Where is my order?")
    expect(shopper.chat.locator("#progress-text")).to_have_text("Writing a reply…")
    current = conversation()
    with scope(merchant=current.merchant):
        reply_being_checked(conversation=current, now=timezone.now())
    expect(shopper.chat.locator("#progress-text")).to_have_text("A colleague is checking this")
    with scope(merchant=current.merchant):
        operator_typing(conversation_id=current.pk, now=timezone.now())
    expect(shopper.chat.locator("#progress-text")).to_have_text("A colleague is typing…")
    reply("On its way.")
    expect(shopper.chat.locator(".message.operator .bubble")).to_have_text("On its way.")
    expect(shopper.chat.locator(".message.operator .who")).to_have_text("Olaf Berg")
    expect(shopper.chat.locator("#progress")).to_be_hidden()
    assert shopper.heard() == [
        ["open", None],
        ["ready", None],
        ["message", {"author": "shopper"}],
        ["message", {"author": "operator"}],
    ]
    assert shopper.page.evaluate("Object.keys(window).filter((name) => /portal/i.test(name))") == ["CSPortal"]
    assert shopper.page.context.cookies() == []
    assert shopper.complaints == []


def test_messages_survive_a_reload_and_the_chat_stays_open(visit: Visit) -> None:
    shopper = visit()
    shopper.visit()
    shopper.open()
    shopper.say("One")
    expect(shopper.chat.locator(".message time")).to_have_count(1)
    shopper.chat.locator("#text").fill("Half a thought")
    shopper.page.reload()
    expect(shopper.chat.locator(".bubble")).to_have_text(["One"])
    expect(shopper.chat.locator("#text")).to_have_value("Half a thought")
    assert shopper.page.evaluate("document.activeElement.tagName") == "BODY"


def test_what_is_written_without_a_connection_arrives_once(visit: Visit) -> None:
    shopper = visit()
    shopper.visit()
    shopper.open()
    shopper.say("One")
    expect(shopper.chat.locator(".message time")).to_have_count(1)
    shopper.context.set_offline(True)
    shopper.say("Two")
    shopper.say("Three")
    expect(shopper.chat.locator("#connection")).to_be_visible()
    expect(shopper.chat.locator(".message.sending")).to_have_count(2)
    shopper.context.set_offline(False)
    expect(shopper.chat.locator(".message time")).to_have_count(3)
    expect(shopper.chat.locator("#connection")).to_be_hidden()
    assert shopper.texts() == stored() == ["One", "Two", "Three"]


def test_what_was_not_sent_survives_a_reload(visit: Visit) -> None:
    shopper = visit()
    shopper.visit()
    shopper.open()
    shopper.page.route("**/chat/api/messages", lambda route: route.abort())
    shopper.say("Do not lose me")
    expect(shopper.chat.locator(".message.sending")).to_have_count(1)
    shopper.page.unroute("**/chat/api/messages")
    shopper.page.reload()
    expect(shopper.chat.locator(".message time")).to_have_count(1)
    assert shopper.texts() == stored() == ["Do not lose me"]


def test_a_message_that_is_refused_can_be_sent_again(visit: Visit) -> None:
    shopper = visit()
    shopper.visit()
    shopper.open()
    refusal = '{"error": {"code": "invalid", "message": "Not like this."}}'
    shopper.page.route(
        "**/chat/api/messages", lambda route: route.fulfill(status=422, content_type="application/json", body=refusal)
    )
    shopper.say("Hello")
    expect(shopper.chat.locator(".message.failed .note")).to_contain_text("Not like this.")
    shopper.page.unroute("**/chat/api/messages")
    shopper.chat.get_by_role("button", name="Send again").click()
    expect(shopper.chat.locator(".message time")).to_have_count(1)
    assert stored() == ["Hello"]


def test_signing_in_keeps_the_talk_and_another_shopper_sees_none_of_it(visit: Visit) -> None:
    shopper = visit()
    shopper.visit()
    shopper.open()
    expect(shopper.chat.locator("#sign-in-hint")).to_be_visible()
    shopper.say("My secret")
    expect(shopper.chat.locator(".message time")).to_have_count(1)
    shopper.page.evaluate("(token) => CSPortal('identify', token)", token_for("s-1"))
    expect(shopper.chat.locator("#sign-in-hint")).to_be_hidden()
    expect(shopper.chat.locator(".bubble")).to_have_text(["My secret"])
    shopper.visit(identity=token_for("s-2"))
    expect(shopper.chat.locator("#log[aria-busy=false]")).to_be_attached()
    expect(shopper.chat.locator(".bubble")).to_have_count(0)
    shopper.visit(identity=token_for("s-1"))
    expect(shopper.chat.locator(".bubble")).to_have_text(["My secret"])
    shopper.page.evaluate("CSPortal('identify', null)")
    expect(shopper.chat.locator("#sign-in-hint")).to_be_visible()
    expect(shopper.chat.locator(".bubble")).to_have_count(0)


def test_a_refused_identity_leaves_the_chat_anonymous(visit: Visit) -> None:
    shopper = visit()
    shopper.visit(identity="forged")
    shopper.open()
    expect(shopper.chat.locator("#sign-in-hint")).to_be_visible()
    assert ["error", {"code": "identity_refused"}] in shopper.heard()


def test_nothing_in_a_text_becomes_markup(visit: Visit) -> None:
    shopper = visit()
    shopper.visit()
    shopper.open()
    hostile = '<img src=x onerror="parent.postMessage(1)"> https://example.com/a?b=c. javascript:alert(1)'
    shopper.say("Hello")
    expect(shopper.chat.locator(".message time")).to_have_count(1)
    reply(hostile)
    expect(shopper.chat.locator(".message.operator .bubble")).to_have_text(hostile)
    assert shopper.chat.locator(".bubble img").count() == 0
    links = shopper.chat.locator(".bubble a")
    assert links.evaluate_all("(all) => all.map((a) => [a.href, a.rel, a.target])") == [
        ["https://example.com/a?b=c", "noopener noreferrer nofollow", "_blank"]
    ]
    assert shopper.complaints == []


def test_the_keyboard_opens_closes_and_comes_back(visit: Visit) -> None:
    shopper = visit()
    shopper.visit()
    launcher = shopper.page.locator("#csportal .launcher")
    expect(launcher).to_have_attribute("aria-expanded", "false")
    launcher.focus()
    shopper.page.keyboard.press("Enter")
    expect(shopper.chat.locator("#text")).to_be_focused()
    expect(launcher).to_have_attribute("aria-expanded", "true")
    shopper.page.keyboard.press("Escape")
    expect(launcher).to_have_attribute("aria-expanded", "false")
    expect(launcher).to_be_focused()
    assert [name for name, _ in shopper.heard()] == ["open", "ready", "close"]


def test_a_reply_to_a_closed_chat_is_counted_on_the_launcher(visit: Visit) -> None:
    shopper = visit()
    shopper.visit()
    shopper.open()
    shopper.say("Hello")
    expect(shopper.chat.locator(".message time")).to_have_count(1)
    with shopper.page.expect_response("**/chat/api/leave"):
        shopper.chat.locator("#close").click()
    expect(shopper.page.locator("#csportal .panel")).to_be_hidden()
    assert is_away(conversation(), now=timezone.now())
    reply("On its way.")
    expect(shopper.page.locator("#csportal .badge")).to_have_text("1")
    expect(shopper.page.locator("#csportal .launcher")).to_have_attribute("aria-label", "Open chat, unread: 1")
    with shopper.page.expect_response("**/chat/api/seen"):
        shopper.open()
    expect(shopper.page.locator("#csportal .badge")).to_be_hidden()
    assert not is_away(conversation(), now=timezone.now())


@pytest.mark.parametrize("width", [320, 360])
def test_on_a_phone_the_chat_fills_the_screen(visit: Visit, width: int) -> None:
    shopper = visit(viewport={"width": width, "height": 640}, reduced_motion="reduce")
    shopper.visit()
    shopper.open()
    assert shopper.page.locator("#csportal .panel").bounding_box() == {"x": 0, "y": 0, "width": width, "height": 640}
    expect(shopper.page.locator("#csportal .launcher")).to_be_hidden()
    assert shopper.chat.locator("html").evaluate("(html) => html.scrollWidth") == width
    shopper.chat.locator("#menu-button").focus()
    shopper.page.keyboard.press("Shift+Tab")
    expect(shopper.chat.locator("#text")).to_be_focused()
    shopper.page.keyboard.press("Tab")
    expect(shopper.chat.locator("#menu-button")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_axe_finds_nothing_serious(visit: Visit, scheme: str, locale: str) -> None:
    shopper = visit(color_scheme=scheme)
    shopper.visit(locale=locale)
    shopper.open()
    shopper.say("Hello https://example.com")
    expect(shopper.chat.locator(".message time")).to_have_count(1)
    reply("On its way, see https://example.com/track")
    expect(shopper.chat.locator(".message.operator")).to_be_visible()
    for place in (shopper.page.frames[1], shopper.page):
        found = Axe().run(place).response["violations"]  # type: ignore[arg-type]
        assert [
            (v["id"], [n["html"] for n in v["nodes"]]) for v in found if v["impact"] in {"serious", "critical"}
        ] == []


def test_a_shop_that_is_not_allowed_shows_no_chat(visit: Visit) -> None:
    shopper = visit()
    with scopes_disabled():
        Storefront.objects.update(allowed_origins=["https://elsewhere.example.com"])
    shopper.visit()
    shopper.page.locator("#csportal .launcher").click()
    shopper.page.locator("#csportal iframe").wait_for(state="attached")
    shopper.page.frames[1].wait_for_load_state()
    assert shopper.page.frames[1].url.startswith("chrome-error:")
    with scopes_disabled():
        assert Conversation.objects.count() == 0
