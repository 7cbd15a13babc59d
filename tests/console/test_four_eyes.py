"""Two people for one amount, as they see it: the settings, the draft, the queue, the order's page."""

from __future__ import annotations

import pytest

from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft, DraftCandidate, PairLimit, Review
from cs_portal.drafting.selectors import draft_detail
from cs_portal.drafting.services.pair_limits import set_pair_limit
from cs_portal.merchants.models import Member
from tests.console.conftest import Cast

URL = "/console/mugs/settings/second-approval/"


def _page(cast: Cast, member: Member, draft: Draft) -> str:
    return cast.client(member).get(cast.url(draft)).content.decode()


def _approve(cast: Cast, member: Member, draft: Draft) -> str:
    with scope(merchant=cast.merchant):
        seen = draft_detail(draft_id=draft.public_id, now=cast.now).fingerprint
        text = DraftCandidate.objects.get(draft=draft, position=1).text
    given = {"candidate": 1, "text": text, "seen": seen}
    return cast.client(member).post(cast.url(draft, "approve/"), given, follow=True).content.decode()


@pytest.fixture
def waiting(cast: Cast) -> Draft:
    """A refund of ¥86.00, above the limit."""
    draft, _order, _conversation = cast.refund_draft()
    with scope(merchant=cast.merchant):
        set_pair_limit(by=cast.ann, currency="CNY", above_minor=5000, now=cast.now)
    return draft


@pytest.mark.parametrize(("who", "status"), [("olaf", 403), ("nina", 403), ("charlie", 404)])
def test_only_owners_and_admins_set_limits(cast: Cast, who: str, status: int) -> None:
    client = cast.client(getattr(cast, who))
    assert client.get(URL).status_code == status
    assert client.post(URL, {"above": "1", "currency": "CNY"}).status_code == status
    assert client.post(URL + "lift/", {"currency": "CNY"}).status_code == status


def test_a_limit_is_set_shown_and_lifted(cast: Cast) -> None:
    client = cast.client(cast.ann)
    assert "No limit yet" in client.get(URL).content.decode()
    assert client.post(URL, {"above": "500.50", "currency": "CNY"}).status_code == 302
    assert "¥500.50" in client.get(URL).content.decode()
    client.post(URL, {"above": "20", "currency": "CNY"})
    with scope(merchant=cast.merchant):
        assert list(PairLimit.objects.values_list("currency", "above_minor")) == [("CNY", 2000)], "one per currency"
    client.post(URL + "lift/", {"currency": "CNY"})
    assert "No limit yet" in client.get(URL).content.decode()


@pytest.mark.parametrize("given", [{"above": "many", "currency": "CNY"}, {"above": "1.005", "currency": "CNY"}])
def test_what_is_no_amount_is_said_beside_its_field(cast: Cast, given: dict[str, str]) -> None:
    answer = cast.client(cast.ann).post(URL, given)
    assert answer.status_code == 422
    assert "Write an amount in CNY." in answer.content.decode()
    assert f'value="{given["above"]}"' in answer.content.decode()


def test_the_first_is_told_so_and_the_draft_stays(cast: Cast, waiting: Draft) -> None:
    before = _page(cast, cast.olaf, waiting)
    assert "Approve first" in before and "a colleague approves it after you" in before
    told = _approve(cast, cast.olaf, waiting)
    assert "until a colleague agrees, too" in told
    mine = _page(cast, cast.olaf, waiting)
    assert 'data-behaviour="claim"' in before and 'data-behaviour="claim"' not in mine, "a colleague is to take it"
    assert "You agreed to this; a colleague has to, too" in mine
    assert f'action="{cast.url(waiting, "undo/")}"' in mine
    assert "Two people must agree to this amount: a colleague has to approve it, too." in mine


def test_the_second_sees_who_agreed_and_what_goes_back(cast: Cast, waiting: Draft) -> None:
    _approve(cast, cast.olaf, waiting)
    page = _page(cast, cast.bob, waiting)
    assert "Olaf agreed to this; it needs one more person" in page
    assert "Refund ¥86.00 and send" in page
    assert 'data-agreed="' in page and 'data-text-anew="Approve first"' in page
    assert f'action="{cast.url(waiting, "undo/")}"' not in page, "the first's approval is not the second's to take back"
    assert "Approved by Bob." in _approve(cast, cast.bob, waiting)
    with scope(merchant=cast.merchant):
        assert [row.decision for row in Review.objects.order_by("id")] == ["first", "approved"]


def test_the_queue_shows_it_and_filters_by_it(cast: Cast, waiting: Draft) -> None:
    cast.draft("How long does delivery take?")
    _approve(cast, cast.olaf, waiting)
    queue = cast.client(cast.bob).get("/console/mugs/review/").content.decode()
    assert queue.count("Olaf agreed; one more needed") == 1
    narrowed = cast.client(cast.bob).get("/console/mugs/review/?who=second").content.decode()
    assert narrowed.count("data-draft=") < queue.count("data-draft=")
    assert "Olaf agreed; one more needed" in narrowed
    with scope(merchant=cast.merchant):
        set_pair_limit(by=cast.ann, currency="CNY", above_minor=None, now=cast.now)
    for query in ("", "?who=second"):
        lifted = cast.client(cast.bob).get(f"/console/mugs/review/{query}").content.decode()
        assert "agreed; one more needed" not in lifted, "one approval is enough again"
    assert "data-draft=" not in lifted


def test_the_first_is_not_led_to_it_again(cast: Cast, waiting: Draft) -> None:
    with scope(merchant=cast.merchant):
        seen = draft_detail(draft_id=waiting.public_id, now=cast.now).fingerprint
        text = DraftCandidate.objects.get(draft=waiting, position=1).text
    given = {"candidate": 1, "text": text, "seen": seen}
    answer = cast.client(cast.olaf, htmx=True).post(cast.url(waiting, "approve/"), given)
    assert answer.headers["HX-Push-Url"] == "/console/mugs/review/"
    notice = answer.content.decode().split("until a colleague agrees, too")[1]
    assert f'hx-post="{cast.url(waiting, "undo/")}"' in notice, "at hand though the page went on"
