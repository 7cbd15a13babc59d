"""Who gets in: every URL of the console for members, strangers, anonymous visitors and wrong methods."""

from __future__ import annotations

import re

import pytest

from cs_portal.core.models import AuditEntry, Event, Job
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Review
from tests.console.conftest import Cast, state_of

READ = ["review/", "review/queue/", "review/count/", "settings/storefronts/"]
READ_DRAFT = ["", "candidates/", "thread/", "status/"]
WRITE_DRAFT = ["approve/", "reject/", "undo/", "regenerate/", "select/", "claim/", "release/", "typing/", "override/"]


@pytest.mark.parametrize("path", READ)
def test_every_role_reads(cast: Cast, path: str) -> None:
    for member in (cast.alice, cast.ann, cast.olaf, cast.nina):
        assert cast.client(member).get(f"/console/mugs/{path}").status_code == 200


@pytest.mark.parametrize(
    "path", ["inbox/?q=", "commerce/orders/?q=", "knowledge/?category=", "settings/audit/?target="]
)
def test_no_question_holds_nul(cast: Cast, path: str) -> None:
    """PostgreSQL refuses it."""
    answer = cast.client(cast.ann).get(f"/console/mugs/{path}a%00%%000b")
    assert answer.status_code == 200
    assert not any("\x00" in value for value in answer.wsgi_request.GET.values())


def test_no_posted_text_holds_nul(cast: Cast) -> None:
    answer = cast.client(cast.ann).post("/console/mugs/settings/tags/", {"name": "a\x00b", "x": ["\x00", "c"]})
    assert answer.status_code < 500
    assert answer.wsgi_request.POST.getlist("x") == ["", "c"]
    assert answer.wsgi_request.POST["name"] == "ab"


@pytest.mark.parametrize("step", READ_DRAFT)
def test_every_role_reads_drafts(cast: Cast, step: str) -> None:
    draft = cast.draft()
    for member in (cast.alice, cast.nina):
        assert cast.client(member).get(cast.url(draft, step)).status_code == 200


@pytest.mark.parametrize("path", READ)
def test_stranger_and_unknown_merchant_get_the_same_404(cast: Cast, path: str) -> None:
    client = cast.client(cast.charlie)
    stranger = client.get(f"/console/mugs/{path}")
    unknown = client.get(f"/console/nobody/{path}")
    assert stranger.status_code == unknown.status_code == 404
    assert _bare(stranger.content, "mugs") == _bare(unknown.content, "nobody")


@pytest.mark.parametrize("step", READ_DRAFT)
def test_a_member_of_another_merchant_reaches_no_draft_through_their_own(cast: Cast, step: str) -> None:
    draft = cast.draft()
    path = cast.url(draft, step).replace("mugs", "rival")
    assert cast.client(cast.charlie).get(path).status_code == 404


@pytest.mark.parametrize("step", WRITE_DRAFT)
def test_strangers_change_nothing(cast: Cast, step: str) -> None:
    draft = cast.draft()
    body = {"text": "hello", "seen": "x", "candidate": 1, "reason": "tone", "position": 2, "outcome": "deny"}
    for path in (cast.url(draft, step), cast.url(draft, step).replace("mugs", "rival")):
        assert cast.client(cast.charlie).post(path, body).status_code == 404
    _nothing_happened(cast, draft)


@pytest.mark.parametrize("step", WRITE_DRAFT)
def test_analysts_change_nothing(cast: Cast, step: str) -> None:
    draft = cast.draft()
    body = {"text": "hello", "seen": "x", "candidate": 1, "reason": "tone", "position": 2, "outcome": "deny"}
    assert cast.client(cast.nina).post(cast.url(draft, step), body).status_code == 403
    _nothing_happened(cast, draft)


def test_operators_override_no_verdict(cast: Cast) -> None:
    draft, _order, _conversation = cast.refund_draft()
    answer = cast.client(cast.olaf).post(cast.url(draft, "override/"), {"outcome": "deny", "reason": "no"})
    assert answer.status_code == 403
    _nothing_happened(cast, draft)


@pytest.mark.parametrize("step", WRITE_DRAFT)
def test_decisions_are_posts(cast: Cast, step: str) -> None:
    draft = cast.draft()
    assert cast.client(cast.olaf).get(cast.url(draft, step)).status_code == 405
    _nothing_happened(cast, draft)


@pytest.mark.parametrize("step", READ_DRAFT)
def test_reading_is_no_post(cast: Cast, step: str) -> None:
    assert cast.client(cast.olaf).post(cast.url(cast.draft(), step)).status_code == 405


def test_reading_changes_nothing(cast: Cast) -> None:
    draft = cast.draft()
    for step in READ_DRAFT:
        cast.client(cast.olaf).get(cast.url(draft, step))
    _nothing_happened(cast, draft)


def test_anonymous_visitors_sign_in_and_come_back(cast: Cast) -> None:
    draft = cast.draft()
    answer = cast.client(None).get(cast.url(draft))
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={cast.url(draft)}"


def test_anonymous_post_does_not_come_back_to_the_post(cast: Cast) -> None:
    draft = cast.draft()
    answer = cast.client(None).post(cast.url(draft, "approve/"), {"text": "hello"})
    assert answer["Location"] == "/accounts/login/?next=/"
    _nothing_happened(cast, draft)


def test_expired_login_of_a_fragment_redirects_the_page_around_it(cast: Cast) -> None:
    draft = cast.draft()
    headers = {"HX-Current-URL": f"http://testserver{cast.url(draft)}"}
    answer = cast.client(None, htmx=True).get("/console/mugs/review/queue/", headers=headers)
    assert answer["HX-Redirect"] == f"/accounts/login/?next={cast.url(draft)}"


def test_pages_vary_for_htmx_and_are_not_stored(cast: Cast) -> None:
    answer = cast.client(cast.olaf).get("/console/mugs/review/")
    assert "HX-Request" in answer["Vary"]
    assert "no-store" in answer["Cache-Control"]


def test_home_leads_to_the_first_merchants_home_page(cast: Cast) -> None:
    answer = cast.client(cast.olaf).get("/console/")
    assert answer["Location"] == "/console/mugs/"


def test_a_user_without_a_merchant_is_told_so(cast: Cast) -> None:
    client = cast.client(cast.olaf)
    with scope(merchant=cast.merchant):
        cast.olaf.delete()
    answer = client.get("/console/")
    assert answer.status_code == 200
    assert "You are not a member of a merchant yet" in answer.content.decode()


def _bare(body: bytes, slug: str) -> str:
    """Without the address that was asked for and the CSRF tokens, which differ each time."""
    return re.sub(r"[A-Za-z0-9]{64}", "-", body.decode().replace(slug, "-"))


def _nothing_happened(cast: Cast, draft: object) -> None:
    assert state_of(draft) == "ready"  # type: ignore[arg-type]
    with scope(merchant=cast.merchant):
        assert not Review.objects.exists()
    assert not Job.objects.exists()
    assert not Event.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("settings/tags/", "olaf"),
        ("commerce/imports/", "olaf"),
        ("policies/draft/discard/", "olaf"),
        ("policies/draft/import/", "olaf"),
        ("policies/draft/rule/", "olaf"),
        ("knowledge/test/", "nina"),
    ],
)
def test_pages_that_all_read_take_forms_of_some_whatever_is_in_them(cast: Cast, path: str, who: str) -> None:
    """An empty form of who may not send it is refused for the sender, not for what is missing in it."""
    url = f"/console/mugs/{path}"
    reader = cast.client(getattr(cast, who))
    assert reader.get(url).status_code == 200
    assert reader.post(url).status_code == 403
    assert reader.put(url).status_code == 405
    assert cast.client(cast.ann).post(url).status_code != 403
