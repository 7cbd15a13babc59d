"""Settings → Incoming webhooks: who may, the address, the secret that is never shown again, and what came."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.integrations.models import ReceivedWebhook, ShopifyWebhook
from cs_portal.integrations.services.webhooks import add_webhook
from tests.console.conftest import Cast
from tests.factories import make_merchant

URL = "/console/mugs/settings/incoming/"
GIVEN = {"domain": "mugs.myshopify.com", "secret": "shpss_0123456789abcdef", "storefront": "main"}


def _webhooks(cast: Cast) -> list[ShopifyWebhook]:
    with scope(merchant=cast.merchant):
        return list(ShopifyWebhook.objects.all())


def _log(cast: Cast) -> list[str]:
    with scope(merchant=cast.merchant):
        return list(AuditEntry.objects.filter(action__startswith="webhooks.").values_list("action", flat=True))


def _received(cast: Cast, **fields: Any) -> ShopifyWebhook:
    with scope(merchant=cast.merchant):
        row = add_webhook(domain=GIVEN["domain"], secret=GIVEN["secret"], now=timezone.now())
        for number, (topic, outcome, problem) in enumerate(fields.get("rows", ())):
            ReceivedWebhook.objects.create(
                webhook=row, delivery=str(number), topic=topic, outcome=outcome, problem=problem,
                received_at=timezone.now(),
            )  # fmt: skip
    return row


@pytest.mark.parametrize(("who", "status"), [("olaf", 403), ("nina", 403), ("charlie", 404)])
def test_only_owners_and_admins(cast: Cast, who: str, status: int) -> None:
    row = _received(cast)
    client = cast.client(getattr(cast, who))
    assert client.get(URL).status_code == status
    assert client.post(URL, {**GIVEN, "domain": "others.myshopify.com"}).status_code == status
    assert client.post(f"{URL}{row.public_id}/stop/").status_code == status
    assert [each.is_active for each in _webhooks(cast)] == [True]
    assert _log(cast) == []


def test_a_shop_is_accepted_and_its_secret_never_shown(cast: Cast) -> None:
    client = cast.client(cast.ann)
    assert client.post(URL, GIVEN).status_code == 302
    (row,) = _webhooks(cast)
    assert (row.domain, row.secret, row.storefront, row.is_active) == (*GIVEN.values(), True)
    page = client.get(URL).content.decode()
    assert f"/hooks/shopify/{row.public_id}" in page or str(row.public_id) in page
    assert "Nothing yet" in page
    assert GIVEN["secret"] not in page
    assert _log(cast) == ["webhooks.accepted"]


def test_a_new_secret_replaces_the_one_before(cast: Cast) -> None:
    row = _received(cast)
    cast.client(cast.alice).post(URL, {**GIVEN, "secret": "shpss_another_one_of_theirs"})
    (again,) = _webhooks(cast)
    assert (again.public_id, again.secret) == (row.public_id, "shpss_another_one_of_theirs")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"domain": "mugs.example.com"}, "ends in .myshopify.com"),
        ({"secret": "short"}, "The secret is too short."),
        ({"storefront": "none"}, "Select a valid choice"),
        ({"domain": ""}, "This field is required."),
    ],
)
def test_what_is_wrong_is_told_at_its_field(cast: Cast, change: dict[str, str], told: str) -> None:
    answer = cast.client(cast.ann).post(URL, {**GIVEN, **change})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert GIVEN["secret"] not in answer.content.decode()
    assert _webhooks(cast) == []


def test_what_came_and_what_could_not_be_taken_are_shown(cast: Cast) -> None:
    _received(cast, rows=[("orders/create", "created", ""), ("orders/updated", "refused", "lines[0].quantity: bad")])
    page = cast.client(cast.ann).get(URL).content.decode()
    assert page.index("orders/updated") < page.index("orders/create</td>")
    for told in ("Added", "Could not be taken", "lines[0].quantity: bad"):
        assert told in page


def test_nothing_more_is_taken_from_a_shop_that_was_stopped(cast: Cast) -> None:
    row = _received(cast)
    client = cast.client(cast.ann)
    assert client.post(f"{URL}{row.public_id}/stop/").status_code == 302
    assert client.post(f"{URL}{row.public_id}/stop/").status_code == 302
    assert [each.is_active for each in _webhooks(cast)] == [False]
    assert _log(cast) == ["webhooks.stopped"]
    page = client.get(URL).content.decode()
    assert "Stopped" in page
    assert f"{row.public_id}/stop/" not in page


def test_another_merchants_shop_is_out_of_reach(cast: Cast) -> None:
    other = make_merchant("other")
    with scope(merchant=other):
        row = add_webhook(domain="other.myshopify.com", secret=GIVEN["secret"], now=timezone.now())
    client = cast.client(cast.ann)
    assert client.post(f"{URL}{row.public_id}/stop/").status_code == 404
    assert "other.myshopify.com" not in client.get(URL).content.decode()
    with scope(merchant=other):
        assert ShopifyWebhook.objects.get().is_active
