"""What review says and keeps when a draft moves under its reader: stale, decided by others, taken back, overridden."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from cs_portal.commerce.money import with_symbols
from cs_portal.console.presenters.evidence import verdict_card
from cs_portal.console.presenters.verdict_change import verdict_change
from cs_portal.conversations.models import Conversation
from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft, DraftCandidate, Review
from cs_portal.drafting.selectors import draft_detail
from tests.console.conftest import Cast, state_of
from tests.drafting.conftest import make_desk
from tests.factories import make_conversation, make_draft

QUEUE = "/console/mugs/review/queue/"


def _seen(cast: Cast, draft: Draft) -> str:
    with scope(merchant=cast.merchant):
        return draft_detail(draft_id=draft.public_id, now=cast.now).fingerprint


def _approval(cast: Cast, draft: Draft, **changes: object) -> dict[str, object]:
    with scope(merchant=cast.merchant):
        text = DraftCandidate.objects.get(draft=draft, position=1).text
    return {"candidate": 1, "text": text, "seen": _seen(cast, draft), **changes}


def _went_on(cast: Cast, draft: Draft) -> None:
    with scope(merchant=cast.merchant):
        Conversation.objects.filter(pk=draft.conversation_id).update(version=draft.conversation_version + 1)


def _at(cast: Cast, draft: Draft) -> dict[str, str]:
    """As the browser says which draft is open."""
    return {"HX-Current-URL": f"http://testserver{cast.url(draft)}"}


def _name(cast: Cast, draft: Draft, name: str) -> None:
    with scope(merchant=cast.merchant):
        shopper = draft.conversation.shopper
        type(shopper).objects.filter(pk=shopper.pk).update(name=name)


def _banners(page: str) -> list[str]:
    return re.findall(r'class="(banner(?: [^"]*)?)"', page)


@pytest.mark.parametrize("htmx", [True, False])
def test_what_was_typed_is_kept_to_copy_when_a_colleague_sent_first(cast: Cast, htmx: bool) -> None:
    draft = cast.draft()
    mine = _approval(cast, draft, text="My own <b>words</b>\nin two lines")
    cast.client(cast.bob).post(cast.url(draft, "approve/"), _approval(cast, draft))
    answer = cast.client(cast.olaf, htmx=htmx).post(cast.url(draft, "approve/"), mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert 'id="kept-text" tabindex="0">My own &lt;b&gt;words&lt;/b&gt;\nin two lines</p>' in page
    assert 'data-copy="kept-text"' in page
    assert "<textarea" not in page
    assert "kept below" not in page


def test_what_was_typed_is_kept_to_copy_when_the_shopper_wrote_again(cast: Cast) -> None:
    draft = cast.draft()
    mine = _approval(cast, draft, text="My own words")
    with scope(merchant=cast.merchant):
        Draft.objects.filter(pk=draft.pk).update(state="superseded")
    for step, body in (("approve/", mine), ("regenerate/", {"text": "My own words"})):
        page = cast.client(cast.olaf, htmx=True).post(cast.url(draft, step), body).content.decode()
        assert 'id="kept-text" tabindex="0">My own words</p>' in page, step


def test_what_was_typed_stays_in_the_form_when_a_colleague_rejected_first(cast: Cast) -> None:
    draft = cast.draft()
    mine = _approval(cast, draft, text="My own words")
    cast.client(cast.bob).post(cast.url(draft, "reject/"), {"reason": "tone"})
    answer = cast.client(cast.olaf, htmx=True).post(cast.url(draft, "approve/"), mine)
    assert answer.status_code == 409
    assert ">My own words</textarea>" in answer.content.decode()


def test_who_typed_nothing_is_shown_nothing_to_copy(cast: Cast) -> None:
    draft = cast.draft()
    body = _approval(cast, draft)
    cast.client(cast.bob).post(cast.url(draft, "approve/"), body)
    assert "kept-text" not in cast.client(cast.olaf, htmx=True).post(cast.url(draft, "approve/"), body).content.decode()


def test_a_refusal_for_staleness_is_one_banner_in_one_colour(cast: Cast) -> None:
    draft = cast.draft()
    body = _approval(cast, draft, text="Mine")
    _went_on(cast, draft)
    client = cast.client(cast.olaf, htmx=True)
    page = client.post(cast.url(draft, "approve/"), body).content.decode()
    assert _banners(page) == ["banner banner-warn"]
    assert page.count('role="alert"') == 1
    assert "Nothing was sent. Your text is kept below." in page
    # What the claim of the reopened draft puts in its place says the same.
    assert re.search(r'id="refused"\s+name="refused"\s+value="kept"', page)
    status = client.post(cast.url(draft, "claim/"), {"refused": "kept"}).content.decode()
    assert _banners(status) == ["banner banner-warn"]
    assert "Nothing was sent. Your text is kept below." in status


def test_a_send_that_came_back_because_something_moved_is_one_banner(cast: Cast) -> None:
    why = {"en": "The conversation went on.", "zh-hans": "会话有了新内容。"}
    draft = cast.draft(reopened_because=why)
    client = cast.client(cast.olaf)
    page = client.get(cast.url(draft)).content.decode()
    assert _banners(page) == ["banner banner-bad"]
    _went_on(cast, draft)
    page = client.get(cast.url(draft)).content.decode()
    assert _banners(page) == ["banner banner-warn"]
    assert "It was approved but not sent: something changed since this draft was made" in page


def test_the_banner_says_how_the_verdict_changes(cast: Cast) -> None:
    desk = make_desk(status="pending")
    with scope(merchant=desk.merchant):
        before = draft_detail(draft_id=desk.draft.public_id, now=cast.now)
        assert (before.stale, verdict_change(before)) == ([], "")
        type(desk.order).objects.filter(pk=desk.order.pk).update(version=desk.order.version + 1)
        same = draft_detail(draft_id=desk.draft.public_id, now=cast.now)
        assert verdict_change(same) == "The rules decide as before."
        type(desk.order).objects.filter(pk=desk.order.pk).update(status="shipped", shipped_at=cast.now)
        moved = draft_detail(draft_id=desk.draft.public_id, now=cast.now)
        said = verdict_change(moved)
        assert moved.verdict_now is not None
        assert said.startswith("Cancel order ¥86.00 was allowed; now it is refused, because: ")
        assert moved.verdict_now["reasons"]["en"].rstrip(".") in said
        override = {"outcome": "allow", "at": cast.now.isoformat()}
        Draft.objects.filter(pk=desk.draft.pk).update(override=override)
        assert verdict_change(draft_detail(draft_id=desk.draft.public_id, now=cast.now)) == ""


def test_the_row_says_that_a_draft_is_out_of_date_before_it_is_opened(cast: Cast) -> None:
    draft, fresh = cast.draft(), cast.draft("Another")
    client = cast.client(cast.olaf)
    assert "Out of date" not in client.get(QUEUE).content.decode()
    _went_on(cast, draft)
    rows = client.get(QUEUE).content.decode().split('<a class="queue-row')
    assert [("Out of date" in row) for row in rows if f"row-{draft.public_id}" in row] == [True]
    assert [("Out of date" in row) for row in rows if f"row-{fresh.public_id}" in row] == [False]


def test_undo_by_the_notice_leaves_the_draft_at_hand(cast: Cast) -> None:
    first, second = cast.draft(), cast.draft("Another")
    _name(cast, first, "Mei")
    client = cast.client(cast.olaf, htmx=True)
    client.post(cast.url(first, "approve/"), _approval(cast, first))
    answer = client.post(cast.url(first, "undo/"), headers=_at(cast, second))
    body = answer.content.decode()
    assert (answer.status_code, answer["HX-Reswap"]) == (200, "none")
    assert state_of(first) == "ready"
    assert "HX-Push-Url" not in answer
    assert 'data-behaviour="workspace"' not in body
    assert "Taken back. The draft for Mei waits as before; nothing was sent to them." in body
    assert f'hx-get="{cast.url(first)}"' in body
    assert f"draft:undone:{first.public_id}" in json.loads(answer["HX-Trigger"])
    assert "queue:changed" in json.loads(answer["HX-Trigger-After-Settle"])


@pytest.mark.parametrize("at_hand", ["itself", "none"])
def test_undo_shows_the_draft_where_no_other_is_at_hand(cast: Cast, at_hand: str) -> None:
    draft = cast.draft()
    client = cast.client(cast.olaf, htmx=True)
    client.post(cast.url(draft, "approve/"), _approval(cast, draft, text="Mine"))
    place = _at(cast, draft) if at_hand == "itself" else {"HX-Current-URL": "http://testserver/console/mugs/review/"}
    answer = client.post(cast.url(draft, "undo/"), headers=place)
    assert answer["HX-Push-Url"] == cast.url(draft)
    assert ">Mine</textarea>" in answer.content.decode()
    assert f"draft:undone:{draft.public_id}" in json.loads(answer["HX-Trigger"])


def test_undo_that_is_too_late_says_so_and_leaves_the_draft_at_hand(cast: Cast) -> None:
    first, second = cast.draft(), cast.draft("Another")
    client = cast.client(cast.olaf, htmx=True)
    client.post(cast.url(first, "approve/"), _approval(cast, first))
    Job.objects.update(state="leased")
    answer = client.post(cast.url(first, "undo/"), headers=_at(cast, second))
    assert (answer.status_code, answer["HX-Reswap"]) == (409, "none")
    assert "It is too late to undo" in answer.content.decode()
    assert "notice-error" in answer.content.decode()
    assert state_of(first) == "approved"


def test_a_rejection_offers_its_undo_and_the_row_says_whose_it_was(cast: Cast) -> None:
    draft = cast.draft()
    olaf = cast.client(cast.olaf, htmx=True)
    answer = olaf.post(cast.url(draft, "reject/"), {"reason": "tone", "note": "Too cold"}, headers=_at(cast, draft))
    body = answer.content.decode()
    assert f'hx-post="{cast.url(draft, "undo/")}"' in body
    assert f'data-undoes="{draft.public_id}"' in body
    row = " ".join(cast.client(cast.bob).get(QUEUE).content.decode().split())
    assert "Rejected by Olaf: needs your words" in row
    assert "91%" not in row
    page = " ".join(cast.client(cast.bob).get(cast.url(draft)).content.decode().split())
    assert "Tone · Too cold" in page
    assert "Take the rejection back" in page
    assert "Take the rejection back" not in cast.client(cast.nina).get(cast.url(draft)).content.decode()
    back = cast.client(cast.bob).post(cast.url(draft, "undo/"), follow=True).content.decode()
    assert "We are sorry that your mug broke." in back
    assert "Rejected by" not in cast.client(cast.bob).get(QUEUE).content.decode()


def test_after_a_decision_comes_the_next_in_line_also_among_drafts_of_one_moment(cast: Cast) -> None:
    conversations = [make_conversation(cast.merchant, texts=["x"], now=cast.now) for _ in range(4)]
    drafts = [make_draft(cast.merchant, c, now=cast.now - timedelta(minutes=5)) for c in conversations]
    answer = cast.client(cast.olaf, htmx=True).post(cast.url(drafts[1], "approve/"), _approval(cast, drafts[1]))
    assert answer["HX-Push-Url"] == cast.url(drafts[2])


def test_an_override_asks_for_new_words_and_keeps_what_was_typed(cast: Cast) -> None:
    draft, _order, _conversation = cast.refund_draft()
    body = {"outcome": "deny", "reason": "Used for a year", "text": "What I typed"}
    with scope(merchant=cast.merchant):
        DraftCandidate.objects.update(created_at=cast.now - timedelta(minutes=5))
    page = cast.client(cast.ann, htmx=True).post(cast.url(draft, "override/"), body).content.decode()
    assert ">What I typed</textarea>" in page
    assert "The verdict was overridden; the reply is being written anew under it" in page
    assert Job.objects.filter(kind="renew_draft").count() == 1
    unchanged = _approval(cast, draft)
    answer = cast.client(cast.ann).post(cast.url(draft, "approve/"), unchanged)
    assert answer.status_code == 409
    assert "was written before the verdict was overridden" in answer.content.decode()
    with scope(merchant=cast.merchant):
        assert not Review.objects.filter(execute_after__isnull=False).exists()


def test_the_go_to_prefix_means_nothing_else_in_review(cast: Cast) -> None:
    page = cast.client(cast.olaf).get(cast.url(cast.draft())).content.decode()
    assert 'data-key="g"' not in page
    assert 'data-key="d"' in page
    keys = page.split('id="keys"')[1]
    assert "<kbd>G</kbd> <kbd>R</kbd>" in keys


def test_what_is_out_of_date_leads_to_a_new_draft_and_not_to_sending(cast: Cast) -> None:
    draft = cast.draft()
    client = cast.client(cast.olaf)
    assert 'aria-disabled="true"' not in client.get(cast.url(draft)).content.decode()
    _went_on(cast, draft)
    page = client.get(cast.url(draft)).content.decode()
    assert re.search(r"data-approve[^>]*aria-disabled", page)
    assert re.search(r'class="btn btn-primary">\s*<svg[^>]*>.*?</svg>\s*Make a new draft', page, re.DOTALL)


def test_a_draft_that_one_took_over_from_is_withdrawn_once(cast: Cast) -> None:
    draft = cast.draft()
    with scope(merchant=cast.merchant):
        Draft.objects.filter(pk=draft.pk).update(state="superseded")
        Conversation.objects.filter(pk=draft.conversation_id).update(handled_by="person")
        Review.objects.create(draft=draft, member=cast.olaf, decision="superseded", created_at=cast.now)
    own = cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    assert own.count("Withdrawn: you took over") == 1
    assert "Superseded" not in own
    assert "Withdrawn by Olaf" in cast.client(cast.bob).get(cast.url(draft)).content.decode()


def test_outdated_drafts_of_the_queue_are_made_anew_at_once(cast: Cast) -> None:
    fresh, stale, claimed = cast.draft(), cast.draft(), cast.draft()
    for draft in (stale, claimed):
        _went_on(cast, draft)
    cast.client(cast.bob).post(cast.url(claimed, "claim/"))
    page = cast.client(cast.olaf).get("/console/mugs/review/").content.decode()
    assert "2 out of date" in page
    assert "Draft them anew" not in cast.client(cast.nina).get("/console/mugs/review/").content.decode()
    assert cast.client(cast.nina).post("/console/mugs/review/renew/").status_code == 403
    assert not Job.objects.filter(kind="renew_draft").exists()
    answer = cast.client(cast.olaf, htmx=True).post("/console/mugs/review/renew/").content.decode()
    assert "1 draft is being made anew." in answer
    assert [job.payload["draft"] for job in Job.objects.filter(kind="renew_draft")] == [stale.pk]
    assert fresh.pk != stale.pk


def test_money_in_sentences_of_the_rules_is_written_as_everywhere() -> None:
    said = with_symbols("The order costs CNY 1599.00, more than CNY -5.50; JPY 4300 stays, XYZ 5 too.")
    assert said == "The order costs ¥1,599.00, more than -¥5.50; JP¥4,300 stays, XYZ 5 too."


def test_the_rule_that_decided_for_want_of_facts_is_not_said_not_to_apply(cast: Cast) -> None:
    verdict = {
        "outcome": "escalate",
        "rule": "open",
        "reasons": {},
        "trace": [
            {"rule": "no", "matched": False, "because": {"en": "no"}},
            {"rule": "open", "matched": False, "because": {"en": "cannot be known"}},
        ],
    }
    card = verdict_card(verdict, request={"action": "none"}, override=None, names={})
    assert card is not None
    assert [line.open for line in card.trace] == [False, True]
    assert card.action == "A question about an order"
