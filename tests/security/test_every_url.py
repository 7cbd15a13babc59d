"""The walk: every URL × foreign ids × roles × methods. Denied means the same page for all and nothing written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft
from cs_portal.merchants.models import Member, Merchant, Role, Storefront
from tests.factories import PASSWORD, make_draft, make_member, make_merchant, make_order, make_storefront
from tests.security.commerce import commerce_ids
from tests.security.desk import desk_ids
from tests.security.inbox import inbox_ids
from tests.security.knowledge import knowledge_ids
from tests.security.policies import policies_ids
from tests.security.settings import settings_ids
from tests.security.walk import (
    ACCOUNT_PREFIXES,
    API,
    BEARER,
    CONFIGURE,
    MERCHANT_PAGES,
    PUBLIC,
    READ,
    REVIEW,
    Page,
    database_digest,
    named_patterns,
)

pytestmark = pytest.mark.django_db

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
BODY = {
    "candidate": "1",
    "text": "Taken over",
    "seen": "x",
    "reason": "other",
    "note": "",
    "position": "2",
    "outcome": "allow",
    "amount": "1",
    "name": "Taken over",
    "locale": "en",
    "accent": "#123456",
    "origins": "https://evil.example",
    "is_active": "on",
}


@dataclass
class World:
    ours: Merchant
    theirs: Merchant
    members: dict[str, Member]
    our_ids: dict[str, Any]
    their_ids: dict[str, Any]


def _ids(merchant: Merchant) -> dict[str, Any]:
    storefront: Storefront = make_storefront(merchant)
    draft: Draft = make_draft(merchant, order=make_order(merchant))
    job = Job.objects.create(
        kind="draft_reply",
        queue="fast",
        merchant=merchant,
        key=f"failed:{merchant.slug}",
        state="failed",
        execute_after=draft.created_at,
        created_at=draft.created_at,
        finished_at=draft.created_at,
    )
    ids = {
        "job_id": job.pk,
        "draft_id": draft.public_id,
        "storefront_id": storefront.public_id,
        "table": "days",
        "part": "volume",
    }
    for rows in (knowledge_ids, policies_ids, commerce_ids, desk_ids, inbox_ids, settings_ids):
        more = rows(merchant)
        assert not ids.keys() & more.keys(), "one name for two kinds of row: a page would be walked with the wrong one"
        ids |= more
    return ids


@pytest.fixture
def world() -> World:
    ours, theirs = make_merchant("ours"), make_merchant("theirs")
    members = {role: make_member(ours, role) for role in Role.values}
    members["stranger"] = make_member(theirs, Role.OWNER)
    return World(ours, theirs, members, _ids(ours), _ids(theirs))


def _url(name: str, slug: str, ids: dict[str, Any]) -> str:
    route = dict(named_patterns())[name]
    wanted = {key: value for key, value in ids.items() if f":{key}>" in route}
    return reverse(name, kwargs={"merchant": slug, **wanted})


def _client(member: Member | None) -> Client:
    client = Client()
    if member is not None:
        assert client.login(email=member.user.email, password=PASSWORD)
    return client


def _may(member: Member, need: str) -> bool:
    return {REVIEW: member.may_review, CONFIGURE: member.may_configure}.get(need, True)


def test_every_url_is_known_to_the_walk() -> None:
    unknown = {
        name
        for name, _ in named_patterns()
        if name not in MERCHANT_PAGES
        and name not in BEARER
        and name not in API
        and name not in PUBLIC
        and not name.startswith(ACCOUNT_PREFIXES)
    }
    assert unknown == set()


@pytest.mark.parametrize("name", MERCHANT_PAGES)
def test_a_stranger_gets_the_page_of_a_merchant_that_does_not_exist(world: World, name: str) -> None:
    client, before = _client(world.members["stranger"]), database_digest()
    for method in METHODS:
        refused = client.generic(method, _url(name, "ours", world.our_ids))
        nowhere = client.generic(method, _url(name, "no-such-shop", world.our_ids))
        assert (refused.status_code, nowhere.status_code) == (404, 404)
        assert _body(refused) == _body(nowhere)
    assert database_digest() == before


def _body(response: Any) -> bytes:
    """The page without what differs per request anyway."""
    content = re.sub(rb'(name="csrfmiddlewaretoken" value="|"x-csrftoken": ")[^"]+', b"", response.content, flags=re.I)
    return content.replace(b"no-such-shop", b"ours")


@pytest.mark.parametrize("name", MERCHANT_PAGES)
def test_nobody_signed_in_is_sent_to_sign_in(world: World, name: str) -> None:
    before = database_digest()
    for method in METHODS:
        response = Client().generic(method, _url(name, "ours", world.our_ids))
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")
    assert database_digest() == before


@pytest.mark.parametrize("name", [name for name, _ in named_patterns() if name in MERCHANT_PAGES and "<uuid" in _])
def test_ids_of_another_merchant_are_not_found_in_ours(world: World, name: str) -> None:
    client, before = _client(world.members[Role.OWNER]), database_digest()
    page = MERCHANT_PAGES[name]
    for method in page.methods:
        data = BODY if method == "POST" else {}
        response = getattr(client, method.lower())(_url(name, "ours", world.their_ids), data)
        assert response.status_code == 404, (name, method)
        assert b"Mug" not in _body(response)  # a random token may well spell it
    assert database_digest() == before


@pytest.mark.parametrize("name", MERCHANT_PAGES)
def test_methods_that_a_page_does_not_answer_are_refused(world: World, name: str) -> None:
    client, before = _client(world.members[Role.OWNER]), database_digest()
    page = MERCHANT_PAGES[name]
    for method in set(METHODS) - set(page.methods):
        assert client.generic(method, _url(name, "ours", world.our_ids)).status_code == 405, (name, method)
    assert database_digest() == before


def _roles_denied(page: Page) -> list[str]:
    denied = {REVIEW: [Role.ANALYST], CONFIGURE: [Role.ANALYST, Role.OPERATOR]}
    return [str(role) for role in denied.get(page.post, [])]


@pytest.mark.parametrize(
    "name", [name for name, page in MERCHANT_PAGES.items() if "POST" in page.methods and page.post != READ]
)
def test_a_role_that_may_not_is_refused_and_nothing_is_written(world: World, name: str) -> None:
    page = MERCHANT_PAGES[name]
    assert _roles_denied(page)
    for role in _roles_denied(page):
        client, before = _client(world.members[role]), database_digest()
        response = client.post(_url(name, "ours", world.our_ids), BODY)
        assert response.status_code == 403, (name, role)
        assert database_digest() == before


@pytest.mark.parametrize("name", [name for name, page in MERCHANT_PAGES.items() if "GET" in page.methods])
def test_every_member_may_read_and_reading_changes_nothing(world: World, name: str) -> None:
    for role in Role.values:
        client, before = _client(world.members[role]), database_digest()
        expected = 200 if _may(world.members[role], MERCHANT_PAGES[name].get) else 403
        assert client.get(_url(name, "ours", world.our_ids)).status_code == expected, (name, role)
        assert database_digest() == before


@pytest.mark.parametrize(
    "name", [name for name, page in MERCHANT_PAGES.items() if page.methods == ("GET", "POST") and page.post == READ]
)
def test_a_post_that_every_member_may_send_only_asks(world: World, name: str) -> None:
    """A question that is too private for a URL: whoever asks it, nothing is written."""
    for role in Role.values:
        client, before = _client(world.members[role]), database_digest()
        assert client.post(_url(name, "ours", world.our_ids), BODY).status_code in {200, 422}, (name, role)
        assert database_digest() == before


@pytest.mark.parametrize("name", [name for name, page in MERCHANT_PAGES.items() if "POST" in page.methods])
def test_posting_without_a_csrf_token_is_refused(world: World, name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.login(email=world.members[Role.OWNER].user.email, password=PASSWORD)
    before = database_digest()
    assert client.post(_url(name, "ours", world.our_ids), BODY).status_code == 403
    assert database_digest() == before


@pytest.mark.parametrize("name", sorted(BEARER))
@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer guess", "Basic eDp5"])
def test_the_shoppers_interface_wants_a_token(world: World, name: str, token: str) -> None:
    before = database_digest()
    for method in METHODS:
        headers = {"Authorization": token} if token else {}
        response = Client().generic(method, reverse(name), data="{}", content_type="application/json", headers=headers)
        assert response.status_code in {401, 405}, (name, method, response.status_code)
    assert database_digest() == before


@pytest.mark.parametrize("name", sorted(API))
@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer guess", f"Bearer csp_{'x' * 43}", "Basic eDp5"])
def test_the_programs_interface_wants_a_token(world: World, name: str, token: str) -> None:
    before = database_digest()
    wanted = {} if name.endswith("s") else {"key": "x"}
    member = _client(world.members[Role.OWNER])  # a signed-in owner is no program
    for client in (Client(), member):
        for method in METHODS:
            headers = {"Authorization": token} if token else {}
            path = reverse(name, kwargs=wanted)
            response = client.generic(method, path, data="{}", content_type="application/json", headers=headers)
            assert response.status_code == (401 if method in API[name] else 405), (name, method)
            assert "merchant" not in response.content.decode()
    assert database_digest() == before


def test_no_account_page_fails_or_writes_for_nobody(world: World) -> None:
    before = database_digest()
    for name, route in named_patterns():
        if name.startswith(ACCOUNT_PREFIXES) and "<" not in route and "(?P" not in route:
            for method in ("GET", "POST"):
                assert Client().generic(method, reverse(name)).status_code < 500, (name, method)
    assert database_digest() == before


def test_the_scope_of_a_request_ends_with_it(world: World) -> None:
    from cs_portal.core.tenancy import ScopeError

    _client(world.members[Role.OWNER]).get(_url("console:review", "ours", world.our_ids))
    with pytest.raises(ScopeError):
        Draft.objects.count()
    with scope(merchant=world.ours):
        assert Draft.objects.filter(public_id=world.our_ids["draft_id"]).count() == 1
