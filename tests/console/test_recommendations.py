"""Pages of recommendations: overview, trying, pinning with undo, excluding."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from cs_portal.commerce.models import OrderLine, Product
from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope
from cs_portal.recommendations.models import Exclusion, Pin
from cs_portal.recommendations.services import pin_product, refresh_pairs
from tests.console.conftest import Cast
from tests.factories import make_order, make_product, make_shopper

URL = "/console/mugs/recommendations/"


@pytest.fixture
def goods(cast: Cast) -> dict[str, Product]:
    """Tent and mat are bought together by two shoppers, the lamp by another one."""
    made = {name: make_product(cast.merchant, title_en=name.title(), tags=["gift"]) for name in ("tent", "mat", "lamp")}
    for basket in (("tent", "mat"), ("tent", "mat"), ("lamp",), ("lamp",)):
        shopper = make_shopper(cast.merchant)
        for name in basket:
            order = make_order(cast.merchant, shopper, now=cast.now)
            with scope(merchant=cast.merchant):
                OrderLine.objects.filter(order=order).update(product=made[name].external_id)
    with scope(merchant=cast.merchant):
        refresh_pairs(now=cast.now)
    return made


def _undo(response: Any) -> str:
    (message,) = get_messages(response.wsgi_request)
    return str(message.extra_tags).removeprefix("undo:")


def test_the_overview_shows_pairs_pins_and_exclusions(cast: Cast, goods: dict[str, Product]) -> None:
    client = cast.client(cast.nina)
    response = client.get(URL)
    assert [
        (pair.product, pair.other, pair.together, pair.percent, pair.lift) for pair in response.context["pairs"]
    ] == [("Tent", "Mat", 2, 100, "2.0")]
    assert "Find a product to pin" not in response.content.decode()
    assert "Find a product to pin" in cast.client(cast.ann).get(URL).content.decode()


def test_trying_says_what_and_why(cast: Cast, goods: dict[str, Product]) -> None:
    client = cast.client(cast.nina)
    found = client.get(f"{URL}try/", {"product": goods["tent"].external_id}).context["offers"]
    assert [(offer.row.title, offer.because) for offer in found] == [
        ("Mat", "Bought together with Tent by 2 shoppers"),
        ("Lamp", "Bought by 2 shoppers"),
    ]
    by_title = client.get(f"{URL}try/", {"product": "tent"}).context["offers"]
    assert by_title[0].row.title == "Mat"
    nobody = client.get(f"{URL}try/", {"shopper": "no-such", "product": "no such"})
    assert nobody.context["unknown_shopper"] and nobody.context["unknown_product"]
    shopper = make_shopper(cast.merchant, "s-new", email="new@example.com")
    assert client.get(f"{URL}try/", {"shopper": "New@example.com"}).context["shopper"] == shopper


def test_a_pin_is_set_on_a_products_page_and_taken_back(cast: Cast, goods: dict[str, Product]) -> None:
    client = cast.client(cast.ann)
    page = f"/console/mugs/commerce/products/{goods['tent'].public_id}/"
    assert "Pin Lamp" in client.get(page, {"pick": "lamp"}).content.decode()
    body = {"recommended": goods["lamp"].public_id, "with_product": goods["tent"].public_id}
    response = client.post(f"{URL}pins/add/", body)
    assert (response.status_code, response["Location"]) == (302, page)
    undo = _undo(response)
    assert "Lamp" in str(client.get(page).context["pins"])
    assert client.post(f"{URL}pins/add/", body).status_code == 409
    again = client.post(undo)
    with scope(merchant=cast.merchant):
        assert Pin.objects.filter(removed_at=None).count() == 0
    client.post(_undo(again))
    with scope(merchant=cast.merchant):
        assert Pin.objects.filter(removed_at=None).count() == 1


def test_an_exclusion_is_made_refused_and_taken_back(cast: Cast, goods: dict[str, Product]) -> None:
    client = cast.client(cast.ann)
    assert client.post(f"{URL}exclusions/add/", {"kind": "product", "value": "no-such"}).status_code == 422
    response = client.post(f"{URL}exclusions/add/", {"kind": "tag", "value": "gift"})
    assert response.status_code == 302
    assert client.get(f"{URL}try/").context["offers"] == []
    refused = client.post(f"{URL}exclusions/add/", {"kind": "tag", "value": "gift"})
    assert (refused.status_code, "excluded already" in refused.content.decode()) == (422, True)
    client.post(_undo(response))
    assert len(client.get(f"{URL}try/").context["offers"]) == 3


def test_making_the_pairs_anew_is_a_job(cast: Cast) -> None:
    assert cast.client(cast.ann).post(f"{URL}refresh/").status_code == 302
    assert Job.objects.filter(kind="refresh_pairs").count() == 1


def test_who_only_operates_or_reads_changes_nothing(cast: Cast, goods: dict[str, Product]) -> None:
    with scope(merchant=cast.merchant):
        pin = pin_product(recommended=goods["lamp"].public_id, with_product=None, by=cast.ann, now=timezone.now())
    steps = [f"pins/{pin.public_id}/{step}/" for step in ("remove", "restore", "move")]
    for member in (cast.olaf, cast.nina):
        client = cast.client(member)
        for step in (*steps, "pins/add/", "exclusions/add/", "refresh/"):
            assert client.post(URL + step, {"kind": "tag", "value": "gift"}).status_code == 403
    for step in ("", "try/", *steps):
        assert cast.client(cast.charlie).get(URL + step).status_code == 404
    with scope(merchant=cast.merchant):
        assert (Pin.objects.filter(removed_at=None).count(), Exclusion.objects.count()) == (1, 0)


def test_reviewers_send_the_cards_that_they_ticked(cast: Cast, goods: dict[str, Product]) -> None:
    draft = cast.draft(cards=[{"kind": "product", "id": goods["tent"].external_id}])
    client = cast.client(cast.olaf)
    page = client.get(cast.url(draft))
    assert f'value="product:{goods["tent"].external_id}"' in page.content.decode()
    body = {
        "candidate": "1",
        "text": page.context["work"].text,
        "seen": page.context["work"].detail.fingerprint,
        "cards_shown": "1",
        "cards": [goods["lamp"].external_id, "order:not-theirs"],
    }
    refused = client.post(cast.url(draft, "approve/"), body)
    assert refused.status_code == 422
    chosen = {choice.value: choice.chosen for choice in refused.context["work"].cards}
    assert chosen == {
        f"product:{goods['tent'].external_id}": False,
        f"product:{goods['lamp'].external_id}": True,
    }
    assert client.post(cast.url(draft, "approve/"), {**body, "cards": [goods["lamp"].external_id]}).status_code == 302
    with scope(merchant=cast.merchant):
        assert type(draft).objects.get(pk=draft.pk).cards == [{"kind": "product", "id": goods["lamp"].external_id}]
