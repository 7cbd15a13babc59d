"""What a merchant sets, each action by mouse, by keys alone and without scripts."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.hands import Hands

pytestmark = [pytest.mark.browser, pytest.mark.models]


def test_the_shop_gets_a_name_and_hours(hands: Hands) -> None:
    page = hands.page
    hands.go("settings/profile/")
    address = f"{hands.mark}@fernhill.example"
    hands.write(page.locator("#id_support_email"), address)
    hands.button("Save", page.locator("form.setting-form"))
    hands.told("Saved")
    hands.go("settings/profile/")
    expect(page.locator("#id_support_email")).to_have_value(address)

    hands.go("settings/hours/")
    minutes = "45" if page.locator("#id_next_reply_minutes").input_value() != "45" else "50"
    hands.write(page.locator("#id_next_reply_minutes"), minutes)
    hands.button("Save")
    hands.told("Saved")
    expect(page.locator("#id_next_reply_minutes")).to_have_value(minutes)
    holidays = page.locator("#holidays")
    hands.write(holidays.locator("#id_date"), "2031-05-09")
    hands.write(holidays.locator("#id_name"), f"Day of {hands.mark}")
    hands.button("Add", holidays.locator("form.inline-form"))
    expect(holidays.locator(".plain-list")).to_contain_text(f"Day of {hands.mark}")
    hands.button(f"Remove Day of {hands.mark}", holidays)
    expect(holidays).not_to_contain_text(f"Day of {hands.mark}")


def test_a_storefront_is_made(hands: Hands) -> None:
    page, name = hands.page, f"Outlet {hands.mark}"
    hands.go("settings/storefronts/")
    hands.link("New storefront")
    hands.write(page.locator("#id_name"), name)
    hands.write(page.locator("#id_origins"), f"https://{hands.mark}.example.com")
    hands.button("Create", page.locator("form.setting-form"))
    expect(page.locator("#snippet")).to_contain_text("loader.js")
    hands.go("settings/storefronts/")
    expect(page.locator(".storefront-list a", has_text=name)).to_contain_text(f"https://{hands.mark}.example.com")


def test_a_tag_a_canned_reply_and_a_macro_are_made(hands: Hands) -> None:
    page, mark = hands.page, hands.mark
    hands.go("settings/tags/")
    hands.write(page.locator("#id_name"), f"Tag {mark}")
    hands.choose(page.locator("#id_tone"), "Green")
    hands.button("Add tag")
    expect(page.locator(".data-table")).to_contain_text(f"Tag {mark}")

    hands.go("settings/canned-replies/")
    hands.link("New canned reply")
    hands.write(page.locator("#id_shortcut"), mark)
    hands.write(page.locator("#id_title"), f"Where we are {mark}")
    hands.write(page.locator("#id_text_en"), "We are in Bristol. ")
    hands.button("Save", page.locator(".form-foot"))
    hands.told("Saved")
    hands.go("settings/canned-replies/")
    expect(page.locator(".data-table")).to_contain_text(f"/{mark}")

    hands.go("settings/macros/")
    hands.link("New macro")
    hands.write(page.locator("#id_name"), f"Send address {mark}")
    hands.choose(page.locator("#id_reply"), f"/{mark} · Where we are {mark}")
    hands.tick(page.locator("label.chip", has_text=f"Tag {mark}").locator("input"))
    hands.choose(page.locator("#id_state"), "Resolve it")
    hands.button("Save", page.locator(".form-foot"))
    hands.told("Saved")
    hands.go("settings/macros/")
    row = page.locator(".data-table tr", has_text=f"Send address {mark}")
    expect(row).to_contain_text(f"Tag {mark}")
    hands.press(row.get_by_role("link"))
    hands.button("Delete", page.locator(".form-foot"))
    expect(page.locator("main")).not_to_contain_text(f"Send address {mark}")
    hands.undo()
    hands.go("settings/macros/")
    expect(page.locator("main")).to_contain_text(f"Send address {mark}")


def test_letters_are_chosen(hands: Hands) -> None:
    page = hands.page
    hands.go("settings/notifications/")
    box = page.locator("form.setting-form input[type=checkbox]").first
    was = box.is_checked()
    hands.tick(box, on=not was)
    hands.button("Save", page.locator("form.setting-form"))
    hands.told("Saved")
    expect(page.locator("form.setting-form input[type=checkbox]").first).to_be_checked(checked=not was)


def test_the_language_model_is_asked(hands: Hands) -> None:
    page = hands.page
    hands.go("settings/language-model/")
    hands.write(page.locator("#id_question"), f"Do you ship to Norway? {hands.mark}")
    hands.button("Ask the model")
    expect(page.locator("#trial")).to_contain_text(hands.mark)
    answered = page.locator("#trial p.trial-text[role=status], #trial .banner").first
    hands.wait_for(answered, again=page.url, seconds=90)


def test_a_language_model_is_connected_put_in_order_and_deleted(hands: Hands) -> None:
    page, name = hands.page, f"Model {hands.mark}"
    hands.go("settings/language-model/connections/new/")
    hands.write(page.locator("#id_name"), name)
    hands.write(page.locator("#id_base_url"), "https://models.example.com/v1")
    hands.write(page.locator("#id_model"), "small-1")
    hands.button("Connect", page.locator("form.setting-form"))
    hands.told("The model is connected")
    english = page.locator(".model-orders .panel").first
    order = english.locator("ol .plain-row")
    hands.button(f"Use {name}", english)
    expect(order.last).to_contain_text(name)
    hands.button(f"Move {name} up", english)
    expect(order.last).not_to_contain_text(name)
    hands.button(f"Leave {name} out", english)
    expect(english.locator("ol")).not_to_contain_text(name)
    hands.link(name)
    hands.button("Delete", page.locator("section[aria-labelledby=delete-title]"))
    hands.told("Deleted")
    expect(page.locator("main")).not_to_contain_text(name)


def test_a_shoppers_data_is_copied_and_erased(hands: Hands) -> None:
    page = hands.page
    shopper = {"mouse": "s-201", "keys": "s-202", "no-scripts": "s-203"}[hands.way]
    hands.go("settings/privacy/")
    with page.expect_navigation():
        hands.write(page.locator("#shopper-search"), shopper)
        page.keyboard.press("Enter") if hands.keys else hands.button("Find")
    hands.press(page.locator("section[aria-labelledby=find-title] .plain-row a").first)
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Privacy")
    who = page.get_by_role("heading", level=1).inner_text()
    hands.button("Make the file")
    download = page.get_by_role("button", name="Download").first
    again = page.get_by_role("link", name="Look again").first
    for _ in range(30):
        # The file may be there with the very page that was asked for.
        expect(download.or_(again).first).to_be_visible()
        if download.count():
            break
        hands.press(again)
        page.wait_for_timeout(700)
    with page.expect_download() as kept:
        hands.press(download)
    assert who in json.dumps(json.loads(kept.value.path().read_text(encoding="utf-8")), ensure_ascii=False)

    hands.link("Erase this shopper…")
    hands.write(page.locator("#id_confirmation"), page.locator("label[for=id_confirmation] code").inner_text())
    hands.button("Erase for good")
    hands.told("erased")
    hands.go(f"settings/privacy/?q={shopper}")
    expect(page.locator("section[aria-labelledby=find-title]")).to_contain_text("Nobody found")


def test_a_token_is_made_and_revoked_and_the_log_tells_it(hands: Hands) -> None:
    page, name = hands.page, f"Warehouse {hands.mark}"
    hands.go("settings/tokens/")
    hands.write(page.locator("#id_name"), name)
    hands.choose(page.locator("#id_days"), "30 days")
    hands.button("Create", page.locator("form.setting-form"))
    expect(page.locator("#token")).to_have_text(re.compile(r"\S{20,}"))
    hands.go("settings/tokens/")
    expect(page.locator("#token")).to_have_count(0)
    hands.button(f"Revoke {name}")
    expect(page.locator(".data-table tr", has_text=name)).to_contain_text("Revoked")

    hands.go("settings/audit/")
    what = page.locator("form.filters [name=what]")
    label = next(
        one for one in what.locator("option").all_inner_texts() if "token" in one.lower() and "revoke" in one.lower()
    )
    hands.choose(what, label.strip())
    if not hands.scripts:
        hands.button("Filter", page.locator("form.filters"))
    page.wait_for_url(re.compile("what=token.revoked"))
    expect(page.locator(".data-table tbody tr").first).to_contain_text(re.compile("token", re.IGNORECASE))
