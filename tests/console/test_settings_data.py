"""Language model, autopilot, privacy, tokens and the audit log: pages over the services."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cs_portal.commerce.models import Shopper
from cs_portal.conversations.models import Conversation, Message
from cs_portal.core.audit import SYSTEM, Actor, record
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting import privacy
from cs_portal.merchants.models import ApiToken, Merchant, ModelTrial, ShopperExport, WorkState
from cs_portal.merchants.services.tokens import authenticate_token
from tests.console.conftest import Cast
from tests.factories import make_conversation, make_shopper


def _url(path: str = "") -> str:
    return f"/console/mugs/settings/{path}"


def _shopper(cast: Cast) -> Shopper:
    shopper = make_shopper(cast.merchant, name="Zephyrine", email="zq@example.org")
    make_conversation(cast.merchant, shopper, cast.storefront, texts=["marzipan"])
    return shopper


# --- privacy -----------------------------------------------------------------------------------------------------


def test_finding_copying_and_erasing_a_shopper(cast: Cast) -> None:
    shopper, client = _shopper(cast), cast.client(cast.ann)
    assert "Zephyrine" in client.get(_url("privacy/?q=ZQ@example.org")).content.decode()
    page = _url(f"privacy/shoppers/{shopper.public_id}/")
    client.post(f"{page}export/")
    assert run_due(["bulk"], keep=False) == 1
    with scope(merchant=cast.merchant):
        export = ShopperExport.objects.get()
    answer = client.post(_url(f"privacy/exports/{export.public_id}/download/"))
    assert json.loads(answer.content)["profile"]["name"] == "Zephyrine"
    assert "attachment" in answer["Content-Disposition"] and "no-store" in answer["Cache-Control"]
    assert client.post(f"{page}erase/", {"confirmation": "zephyrine"}).status_code == 422
    assert client.post(f"{page}erase/", {"confirmation": " ZQ@example.org "}).status_code == 302
    with scope(merchant=cast.merchant):
        assert not Message.objects.exists()
    assert client.get(page).status_code == 404


@pytest.mark.parametrize("step", ["", "export/", "erase/"])
def test_a_shoppers_data_are_for_configurers_of_their_merchant(cast: Cast, step: str) -> None:
    shopper = _shopper(cast)
    url = _url(f"privacy/shoppers/{shopper.public_id}/{step}")
    body = {"confirmation": "zq@example.org"}
    for member in (cast.olaf, cast.nina):
        assert cast.client(member).post(url, body).status_code in {403, 405}
        assert cast.client(member).get(url).status_code in {403, 405}
    theirs = url.replace("mugs", "rival")
    assert cast.client(cast.charlie).post(theirs, body).status_code in {404, 405}
    with scope(merchant=cast.merchant):
        assert Message.objects.exists()
        assert not ShopperExport.objects.exists()


def test_counting_before_erasing_by_age(cast: Cast) -> None:
    make_conversation(cast.merchant, storefront=cast.storefront, now=cast.now - timedelta(days=40))
    client = cast.client(cast.ann)
    assert "1 conversation is older than 30 days" in client.get(_url("privacy/?days=30")).content.decode()
    assert "No conversation is older than 50 days" in client.get(_url("privacy/?days=50")).content.decode()
    with scope(merchant=cast.merchant):
        assert Conversation.objects.count() == 1
    assert client.post(_url("privacy/retention/"), {"days": "30"}).status_code == 302
    assert Merchant.objects.get(pk=cast.merchant.pk).retention_days == 30
    assert client.post(_url("privacy/retention/"), {"days": "3"}).status_code == 422
    assert cast.client(cast.olaf).post(_url("privacy/retention/"), {"days": "9"}).status_code == 403
    assert Merchant.objects.get(pk=cast.merchant.pk).retention_days == 30


def test_who_asked_to_be_erased_is_listed_until_it_is_done(cast: Cast) -> None:
    shopper = _shopper(cast)
    record(
        merchant_id=cast.merchant.pk,
        actor=Actor("shopper", str(shopper.public_id)),
        action="shopper.erasure_requested",
        target=f"shopper:{shopper.public_id}",
        now=cast.now,
    )
    client = cast.client(cast.ann)
    assert "Asked to be erased" in client.get(_url("privacy/")).content.decode()
    url = _url(f"privacy/shoppers/{shopper.public_id}/erase/")
    client.post(url, {"confirmation": "zq@example.org"})
    assert "Asked to be erased" not in client.get(_url("privacy/")).content.decode()


def test_requests_come_in_pages(cast: Cast) -> None:
    shoppers = [make_shopper(cast.merchant, name=f"Shopper {number:02}") for number in range(51)]
    for shopper in shoppers:
        target = f"shopper:{shopper.public_id}"
        record(
            merchant_id=cast.merchant.pk, actor=SYSTEM, action="shopper.erasure_requested", target=target, now=cast.now
        )
    client = cast.client(cast.ann)
    first = client.get(_url("privacy/"))
    assert [each.shopper for each in first.context["requests"].rows] == shoppers[:50]
    html = client.get(_url(f"privacy/{first.context['requests'].older}")).content.decode()
    assert "Shopper 50" in html and "Shopper 49" not in html
    assert client.get(_url("privacy/?asked=x")).context["requests"].newer == ""


def test_many_requests_and_answered_ones_hide_nobody(cast: Cast) -> None:
    """The list holds whom the shop knows first, and nobody who was answered."""

    def ask(shopper: Shopper, action: str = "shopper.erasure_requested") -> None:
        target = f"shopper:{shopper.public_id}"
        record(merchant_id=cast.merchant.pk, actor=SYSTEM, action=action, target=target, now=cast.now)

    known = _shopper(cast)
    ask(known)
    strangers = [make_shopper(cast.merchant, external_id=None) for _ in range(4)]
    for shopper in strangers:
        ask(shopper)
        ask(shopper)
    answered = [make_shopper(cast.merchant) for _ in range(4)]
    for shopper in answered:
        ask(shopper)
        ask(shopper, "shopper.erased")
    with scope(merchant=cast.merchant):
        found = [request.shopper for request in privacy.open_requests(cast.merchant)]
        assert found[0] == known
        assert len(found) == 5 and set(found[1:]) == set(strangers)
        ask(answered[0])
        assert answered[0] in [request.shopper for request in privacy.open_requests(cast.merchant)]


# --- tokens ------------------------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_revoked(cast: Cast) -> None:
    client = cast.client(cast.ann)
    page = client.post(_url("tokens/"), {"name": "ERP", "scopes": ["read"], "days": "30"}).content.decode()
    plain = page.partition('id="token"')[2].partition(">")[2].partition("<")[0].strip()
    assert authenticate_token(presented=plain, scope="read", now=cast.now) is not None
    assert plain not in client.get(_url("tokens/")).content.decode()
    with scope(merchant=cast.merchant):
        token = ApiToken.objects.get()
    client.post(_url(f"tokens/{token.public_id}/revoke/"))
    assert authenticate_token(presented=plain, scope="read", now=cast.now) is None


def test_tokens_are_for_configurers(cast: Cast) -> None:
    data = {"name": "ERP", "scopes": ["read"], "days": "30"}
    assert cast.client(cast.olaf).post(_url("tokens/"), data).status_code == 403
    assert cast.client(cast.olaf).get(_url("tokens/")).status_code == 403
    assert cast.client(cast.charlie).post(_url("tokens/"), data).status_code == 404
    assert cast.client(cast.ann).post(_url("tokens/"), {**data, "scopes": []}).status_code == 422
    with scope(merchant=cast.merchant):
        assert not ApiToken.objects.exists()


def test_the_page_says_what_a_token_may_do(cast: Cast) -> None:
    page = cast.client(cast.ann).get(_url("tokens/")).content.decode()
    assert "Create and update products, shoppers and orders." in page
    assert "/api/v1/openapi.json" in page


# --- language model ----------------------------------------------------------------------------------------------


def test_the_answer_is_fetched_until_it_is_there(cast: Cast, settings: object) -> None:
    settings.LANGUAGE_MODEL = "fake"  # type: ignore[attr-defined]
    client = cast.client(cast.ann)
    where = client.post(_url("language-model/try/"), {"question": "Do you ship?"})["Location"]
    page = client.get(where).content.decode()
    assert 'hx-trigger="load delay:2s"' in page and "Look again" in page
    with scope(merchant=cast.merchant):
        ModelTrial.objects.update(
            state=WorkState.DONE, answer="<b>Yes</b>", violations=[{"kind": "amount", "text": "<i>¥9"}], seconds=1.5
        )
    part = cast.client(cast.ann, htmx=True).get(where).content.decode()
    assert "&lt;b&gt;Yes" in part and "&lt;i&gt;¥9" in part
    assert "hx-trigger" not in part and "<html" not in part


def test_asking_is_for_configurers_and_needs_a_model(cast: Cast) -> None:
    data = {"question": "Do you ship?"}
    assert cast.client(cast.olaf).post(_url("language-model/try/"), data).status_code == 403
    assert cast.client(cast.ann).post(_url("language-model/try/"), data).status_code == 422
    assert "Not installed" in cast.client(cast.nina).get(_url("language-model/")).content.decode()
    with scope(merchant=cast.merchant):
        assert not ModelTrial.objects.exists()


# --- audit log ---------------------------------------------------------------------------------------------------


def _entry(cast: Cast, action: str, target: str = "draft:1", **fields: object) -> AuditEntry:
    given = {"actor": SYSTEM, "now": cast.now, **fields}
    return record(merchant_id=cast.merchant.pk, action=action, target=target, **given)  # type: ignore[arg-type]


def test_filters_of_the_log(cast: Cast) -> None:
    ann = Actor("member", str(cast.ann.public_id))
    _entry(cast, "draft.approved", actor=ann, data={"source": "composer"})
    _entry(cast, "reply.sent", "shopper:2", now=cast.now - timedelta(days=9))
    client = cast.client(cast.ann)

    def shown(query: str) -> tuple[bool, bool]:
        body = client.get(_url(f"audit/{query}")).content.decode().partition("<tbody>")[2]
        return "Draft approved" in body, "Reply sent" in body

    week = (cast.now - timedelta(days=3)).date().isoformat()
    assert shown("") == (True, True)
    assert shown("?what=reply.sent") == (False, True)
    assert shown(f"?actor={cast.ann.public_id}") == (True, False)
    assert shown("?actor=system") == (False, True)
    assert shown("?target=shopper") == (False, True)
    assert shown("?target=shopper:2") == (False, True)
    assert shown(f"?since={week}") == (True, False)
    assert shown(f"?until={week}") == (False, True)
    assert shown("?since=9999-12-31&until=x&after=%00") == (True, True)


def test_another_merchants_entries_are_not_there(cast: Cast) -> None:
    _entry(cast, "draft.approved")
    page = cast.client(cast.charlie).get("/console/rival/settings/audit/").content.decode()
    assert "Draft approved" not in page.partition("<tbody>")[2]
    assert cast.client(cast.olaf).get(_url("audit/")).status_code == 403


def test_the_log_in_pages_with_a_constant_number_of_queries(cast: Cast) -> None:
    client, counts = cast.client(cast.ann), []
    for more in (3, 60):
        for n in range(more):
            _entry(cast, "draft.approved", actor=Actor("member", str(cast.ann.public_id)), data={"count": n})
        client.get(_url("audit/"))
        with CaptureQueriesContext(connection) as queries:
            page = client.get(_url("audit/"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
    older = page.context["page"].older
    second = client.get(_url(f"audit/{older}"))
    assert len(second.context["page"].rows) == 13


def test_the_exported_log_runs_no_formula_and_is_logged(cast: Cast) -> None:
    _entry(cast, "draft.approved", "=HYPERLINK(1)")
    _entry(cast, "reply.sent")
    answer = cast.client(cast.ann).post(_url("audit/export/?what=draft.approved"))
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 2
    assert rows[1][3:5] == ["draft.approved", "'=HYPERLINK(1)"]
    assert AuditEntry.objects.filter(action="audit.exported").count() == 1
    assert cast.client(cast.olaf).post(_url("audit/export/")).status_code == 403
