"""The shop's data and its figures, each action by mouse, by keys alone and without scripts."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.hands import Hands

pytestmark = [pytest.mark.browser, pytest.mark.models]


def test_a_product_is_pinned_and_taken_off(hands: Hands) -> None:
    page = hands.page
    hands.go("recommendations/")
    hands.write(page.locator("#pick-words"), "lantern")
    if not hands.scripts:
        hands.button("Search", page.locator("#pick"))
    pick = page.locator("#pick-results li").filter(has_text="Lantern").first
    title = pick.locator("span").first.inner_text().split("\n")[0]
    title = title.split("p-")[0].strip()
    hands.press(pick.get_by_role("button"))
    hands.told("Pinned")
    pins = page.locator("section[aria-labelledby=pins-title]")
    expect(pins.locator(".plain-list").first).to_contain_text(title)
    hands.go("recommendations/try/")
    expect(page.locator(".offer").first).to_contain_text(title)

    hands.go("recommendations/")
    hands.press(pins.get_by_role("button", name=f"Take the pin of {title} off"))
    hands.told("taken off")
    expect(pins.get_by_role("button", name=f"Take the pin of {title} off")).to_have_count(0)


def test_a_product_is_excluded_and_allowed_again(hands: Hands) -> None:
    page = hands.page
    hands.go("recommendations/")
    hands.choose(page.locator("#id_kind"), "Product")
    hands.write(page.locator("#id_value"), "p-106")
    hands.button("Exclude")
    excluded = page.locator("section[aria-labelledby=exclusions-title]")
    expect(excluded.locator(".plain-list")).to_contain_text("Firefly Camping Lantern")
    hands.undo()
    hands.told("again")
    expect(excluded).not_to_contain_text("Firefly Camping Lantern")


def test_recommendations_are_tried_for_a_shopper(hands: Hands) -> None:
    page = hands.page
    hands.go("recommendations/")
    hands.press(page.locator("main .tabs a").last)
    hands.write(page.locator("#try-shopper"), "s-001")
    hands.write(page.locator("#try-product"), "p-106")
    hands.button("Show recommendations")
    expect(page.locator("main h2")).to_contain_text("looking at Firefly Camping Lantern")
    expect(page.locator(".offer").first).to_be_visible()
    expect(page.locator(".offer a", has_text="Firefly Camping Lantern")).to_have_count(0)


def test_an_order_is_found_and_opened(hands: Hands) -> None:
    page = hands.page
    hands.go("commerce/orders/")
    hands.search(page.locator("#filter-q"), "10805")
    row = page.locator(".data-table [data-row]")
    expect(row).to_have_count(1)
    hands.press(row)
    expect(page.get_by_role("heading", level=1)).to_contain_text("10805")


def test_a_file_of_products_is_checked_and_imported(hands: Hands, tmp_path: Path) -> None:
    page, file = hands.page, tmp_path / f"{hands.mark}.csv"
    with file.open("w", newline="", encoding="utf-8") as opened:
        rows = csv.writer(opened)
        rows.writerow(["id", "title_en", "variant_id", "price", "currency", "stock"])
        rows.writerow([hands.mark, f"Thimble {hands.mark}", f"{hands.mark}-v", "9.00", "CNY", 5])
        rows.writerow([f"{hands.mark}-bad", "Thimble", f"{hands.mark}-w", "9.00", "CNY", "many"])
    hands.go("commerce/imports/")
    hands.choose(page.locator("#id_kind"), "Products")
    hands.put_file(page.locator("#id_file"), file)
    hands.button("Upload and check")
    hands.wait_for(page.get_by_role("button", name="Import 1 record"), again=page.url)
    expect(page.locator("section[aria-labelledby=problems-title]")).to_contain_text("stock")
    hands.button("Import 1 record")
    hands.wait_for(page.get_by_text("1 record was imported."), again=page.url)
    hands.go("commerce/products/")
    hands.search(page.locator("main [type=search]"), hands.mark)
    expect(page.locator(".data-table [data-row]")).to_have_text(re.compile(f"Thimble {hands.mark}"))


def test_figures_of_another_period_are_read_and_downloaded(hands: Hands) -> None:
    page = hands.page
    hands.go("analytics/")
    before = page.locator("p.lede").inner_text()
    period = page.locator("#filter-period")
    wanted = period.locator("option:not(:checked)").nth(1).inner_text().strip()
    hands.choose(period, wanted)
    if not hands.scripts:
        hands.button("Filter", page.locator("form.filters"))
    page.wait_for_url("**period=**")
    expect(page.locator("#filter-period option:checked")).to_have_text(wanted)
    expect(page.locator("p.lede")).not_to_have_text(before)

    figure = page.locator("figure").filter(has_text="As a table").first
    if hands.scripts:
        hands.press(figure.locator("summary"))
    expect(figure.locator("table")).to_be_visible()
    with page.expect_download() as download:
        hands.press(figure.get_by_role("link", name="CSV"))
    lines = list(csv.reader(download.value.path().read_text(encoding="utf-8-sig").splitlines()))
    assert len(lines) == figure.locator("tbody tr").count() + 1
