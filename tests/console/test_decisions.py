"""Approve, edit, reject, undo, override — with and without htmx."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft, DraftCandidate, Review
from cs_portal.drafting.selectors import draft_detail
from tests.console.conftest import Cast, state_of
from tests.factories import make_conversation, make_draft, make_message


def _seen(cast: Cast, draft: Draft) -> str:
    with scope(merchant=cast.merchant):
        return draft_detail(draft_id=draft.public_id, now=cast.now).fingerprint


def _text(cast: Cast, draft: Draft, position: int = 1) -> str:
    with scope(merchant=cast.merchant):
        return DraftCandidate.objects.get(draft=draft, position=position).text


def _approval(cast: Cast, draft: Draft, **changes: object) -> dict[str, object]:
    return {"candidate": 1, "text": _text(cast, draft), "seen": _seen(cast, draft), **changes}


def _review(cast: Cast) -> Review:
    with scope(merchant=cast.merchant):
        return Review.objects.get()


def test_approving_without_javascript_leads_back_to_the_draft_with_its_undo(cast: Cast) -> None:
    draft = cast.draft()
    client = cast.client(cast.olaf)
    answer = client.post(cast.url(draft, "approve/"), _approval(cast, draft), follow=True)
    assert answer.redirect_chain == [(cast.url(draft), 302)]
    page = answer.content.decode()
    assert "Approved. The reply to" in page
    assert "Approved by Olaf." in page
    assert f'action="{cast.url(draft, "undo/")}"' in page
    review = _review(cast)
    assert (review.decision, review.text) == ("approved", _text(cast, draft))
    assert Job.objects.get(key=f"send:{review.public_id}").execute_after == review.execute_after


def test_browsers_line_breaks_make_no_edit(cast: Cast) -> None:
    draft = cast.draft(texts=("One.\nTwo.",))
    cast.client(cast.olaf).post(cast.url(draft, "approve/"), _approval(cast, draft, text="One.\r\nTwo."))
    assert (_review(cast).decision, _review(cast).text) == ("approved", "One.\nTwo.")


def test_another_text_is_an_edit(cast: Cast) -> None:
    draft = cast.draft()
    cast.client(cast.olaf).post(cast.url(draft, "approve/"), _approval(cast, draft, text="My own words"))
    assert (_review(cast).decision, _review(cast).text) == ("edited", "My own words")


def test_with_htmx_the_next_draft_follows_with_an_undo_notice(cast: Cast) -> None:
    first = cast.draft()
    second = make_draft(
        cast.merchant,
        make_conversation(cast.merchant, texts=["Next"], now=cast.now),
        now=cast.now + timedelta(seconds=1),
    )
    answer = cast.client(cast.olaf, htmx=True).post(cast.url(first, "approve/"), _approval(cast, first))
    body = answer.content.decode()
    assert answer.status_code == 200
    assert answer["HX-Push-Url"] == cast.url(second)
    assert f'data-draft="{second.public_id}"' in body
    assert f'hx-post="{cast.url(first, "undo/")}"' in body
    seconds = int(body.split('data-seconds="')[1].split('"')[0])
    assert 0 < seconds <= settings.UNDO_SECONDS


def test_with_htmx_the_last_approval_ends_in_an_empty_workspace(cast: Cast) -> None:
    draft = cast.draft()
    answer = cast.client(cast.olaf, htmx=True).post(cast.url(draft, "approve/"), _approval(cast, draft))
    assert answer["HX-Push-Url"] == "/console/mugs/review/"
    assert "All done" in answer.content.decode()


def test_a_draft_that_a_colleague_looks_at_is_not_next(cast: Cast) -> None:
    first, second = cast.draft(), cast.draft("Another")
    with scope(merchant=cast.merchant):
        Draft.objects.filter(pk=second.pk).update(claimed_by=cast.bob, claimed_until=cast.now + timedelta(minutes=3))
    answer = cast.client(cast.olaf, htmx=True).post(cast.url(first, "approve/"), _approval(cast, first))
    assert answer["HX-Push-Url"] == "/console/mugs/review/"


def test_a_stale_draft_answers_409_says_what_changed_and_keeps_the_text(cast: Cast) -> None:
    draft, _order, conversation = cast.refund_draft()
    body = _approval(cast, draft, text="What I typed <b>")
    make_message(conversation, "Wait, one more thing")
    with scope(merchant=cast.merchant):
        type(conversation).objects.filter(pk=conversation.pk).update(version=conversation.version + 1)
    for htmx in (True, False):
        answer = cast.client(cast.olaf, htmx=htmx).post(cast.url(draft, "approve/"), body)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "The conversation went on since this draft was made." in page
        assert "Nothing was sent. Your text is kept below." in page
        assert ">What I typed &lt;b&gt;</textarea>" in page
        assert ("<html" in page) is not htmx
    assert state_of(draft) == "ready"
    assert not Job.objects.exists()


def test_a_draft_overridden_meanwhile_answers_409(cast: Cast) -> None:
    draft, _order, _conversation = cast.refund_draft()
    body = _approval(cast, draft)
    cast.client(cast.ann).post(cast.url(draft, "override/"), {"outcome": "deny", "reason": "Used for a year"})
    answer = cast.client(cast.olaf).post(cast.url(draft, "approve/"), body)
    assert answer.status_code == 409
    assert "The draft was made anew or overridden." in answer.content.decode()


def test_the_second_approval_answers_409_and_sends_nothing(cast: Cast) -> None:
    draft = cast.draft()
    body = _approval(cast, draft)
    cast.client(cast.olaf).post(cast.url(draft, "approve/"), body)
    answer = cast.client(cast.bob).post(cast.url(draft, "approve/"), body)
    assert answer.status_code == 409
    assert "A colleague was faster" in answer.content.decode()
    assert Job.objects.filter(kind="send_reply").count() == 1


def test_an_empty_text_answers_422(cast: Cast) -> None:
    draft = cast.draft()
    answer = cast.client(cast.olaf).post(cast.url(draft, "approve/"), _approval(cast, draft, text="  \r\n "))
    assert answer.status_code == 422
    assert "Write a reply first." in answer.content.decode()
    assert state_of(draft) == "ready"


def test_a_text_above_the_limit_answers_422_and_stays(cast: Cast) -> None:
    draft = cast.draft()
    long = "x" * (settings.MESSAGE_MAX_CHARACTERS + 1)
    answer = cast.client(cast.olaf).post(cast.url(draft, "approve/"), _approval(cast, draft, text=long))
    assert answer.status_code == 422
    assert f">{long}</textarea>" in answer.content.decode()


def test_undo_brings_the_edited_text_back(cast: Cast) -> None:
    draft = cast.draft()
    client = cast.client(cast.olaf)
    client.post(cast.url(draft, "approve/"), _approval(cast, draft, text="My own words"))
    page = client.post(cast.url(draft, "undo/"), follow=True).content.decode()
    assert state_of(draft) == "ready"
    assert "Taken back. The draft for" in page
    assert ">My own words</textarea>" in page
    assert Job.objects.get(kind="send_reply").state == "cancelled"


def test_undo_without_an_approval_answers_409(cast: Cast) -> None:
    draft = cast.draft()
    answer = cast.client(cast.olaf).post(cast.url(draft, "undo/"))
    assert answer.status_code == 409
    assert "It is too late to undo" in answer.content.decode()


def test_rejecting_keeps_reason_and_note(cast: Cast) -> None:
    draft = cast.draft()
    answer = cast.client(cast.olaf).post(cast.url(draft, "reject/"), {"reason": "tone", "note": "Too cold"})
    assert answer["Location"] == cast.url(draft)
    review = _review(cast)
    assert (review.decision, review.reason, review.note) == ("rejected", "tone", "Too cold")
    assert state_of(draft) == "ready"
    assert "We are sorry" not in cast.client(cast.olaf).get(cast.url(draft)).content.decode()


def test_rejecting_without_a_reason_answers_422_and_keeps_the_text(cast: Cast) -> None:
    draft = cast.draft()
    answer = cast.client(cast.olaf).post(cast.url(draft, "reject/"), {"text": "Typed", "note": "x"})
    assert answer.status_code == 422
    assert "Choose a reason." in answer.content.decode()
    assert ">Typed</textarea>" in answer.content.decode()
    assert state_of(draft) == "ready"


def test_overriding_takes_money_as_people_write_it(cast: Cast) -> None:
    draft, _order, _conversation = cast.refund_draft()
    client = cast.client(cast.ann)
    client.post(cast.url(draft, "override/"), {"outcome": "allow", "amount": "43.50", "reason": "One mug only"})
    with scope(merchant=cast.merchant):
        draft.refresh_from_db()
    assert (draft.override["outcome"], draft.override["amount_minor"]) == ("allow", 4350)
    page = client.get(cast.url(draft)).content.decode()
    assert "Overridden by Ann" in page
    assert "Refund ¥43.50 and send" in page


def test_overriding_above_what_is_refundable_or_with_too_many_decimals_answers_422(cast: Cast) -> None:
    draft, _order, _conversation = cast.refund_draft()
    for amount in ("86.01", "1.234", "0", "-1", "1e3", "NaN", "abc"):
        body = {"outcome": "allow", "amount": amount, "reason": "x"}
        assert cast.client(cast.ann).post(cast.url(draft, "override/"), body).status_code == 422, amount
    with scope(merchant=cast.merchant):
        draft.refresh_from_db()
    assert draft.override is None


def test_a_refused_override_keeps_what_was_written_and_names_what_is_refundable(cast: Cast) -> None:
    draft, _order, _conversation = cast.refund_draft()
    body = {"outcome": "deny", "amount": "1.234", "reason": "Only <one> mug"}
    for amount, said in (("1.234", "This amount has too many decimals."), ("900.00", "at most ¥86.00")):
        answer = cast.client(cast.ann, htmx=True).post(
            cast.url(draft, "override/"), {**body, "outcome": "allow", "amount": amount}
        )
        page = answer.content.decode()
        dialog = page.split('<dialog id="override-dialog"')[1].split("</dialog>")[0]
        assert (answer.status_code, 'data-behaviour="opens-itself"' in dialog) == (422, True)
        assert f'value="{amount}"' in dialog
        assert 'value="Only &lt;one&gt; mug"' in dialog
        assert said in dialog
        assert "still refundable: ¥86.00." in dialog


def test_an_overridden_verdict_no_longer_gives_the_rules_reason(cast: Cast) -> None:
    draft, _order, _conversation = cast.refund_draft()
    client = cast.client(cast.ann)
    assert "Reported in time." in client.get(cast.url(draft)).content.decode()
    client.post(cast.url(draft, "override/"), {"outcome": "allow", "amount": "43.50", "reason": "One mug only"})
    page = client.get(cast.url(draft)).content.decode()
    assert "One mug only" in page
    assert "Reported in time." not in page


def test_selecting_a_candidate_is_kept_and_shown(cast: Cast) -> None:
    draft = cast.draft()
    client = cast.client(cast.olaf)
    client.post(cast.url(draft, "select/"), {"position": 2})
    with scope(merchant=cast.merchant):
        draft.refresh_from_db()
    assert draft.selected == 2
    assert f">{_text(cast, draft, 2)}</textarea>" in client.get(cast.url(draft)).content.decode()


def test_selecting_what_is_not_there(cast: Cast) -> None:
    draft = cast.draft()
    client = cast.client(cast.olaf)
    assert client.post(cast.url(draft, "select/"), {"position": 9}).status_code == 404
    assert client.post(cast.url(draft, "select/"), {"position": "x"}).status_code == 422


def test_claiming_and_releasing(cast: Cast) -> None:
    draft = cast.draft()
    olaf, bob = cast.client(cast.olaf, htmx=True), cast.client(cast.bob, htmx=True)
    assert "You are handling this" in olaf.post(cast.url(draft, "claim/")).content.decode()
    assert "Olaf is handling this" in bob.post(cast.url(draft, "claim/")).content.decode()
    assert "Olaf is handling this" in bob.post(cast.url(draft, "release/")).content.decode()
    assert "Nobody is handling this." in olaf.post(cast.url(draft, "release/")).content.decode()
    assert cast.client(cast.olaf).post(cast.url(draft, "claim/"))["Location"] == cast.url(draft)


def test_regenerating_queues_one_job(cast: Cast) -> None:
    draft = cast.draft()
    client = cast.client(cast.olaf)
    assert client.post(cast.url(draft, "regenerate/")).status_code == 302
    client.post(cast.url(draft, "regenerate/"))
    assert Job.objects.filter(kind="renew_draft").count() == 1


def test_typing_tells_the_shopper_and_shows_nothing(cast: Cast) -> None:
    answer = cast.client(cast.olaf).post(cast.url(cast.draft(), "typing/"))
    assert (answer.status_code, answer.content) == (204, b"")
