"""What an operator changed of the bot's words: while typing, and afterwards in the history."""

from __future__ import annotations

import pytest
from django.utils import timezone

from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.models import Draft, Review
from tests.console.conftest import Cast

CHANGED = '<del><span class="visually-hidden">removed: </span>refund</del>'


def _difference(cast: Cast, draft: Draft, text: str, candidate: object = 1) -> str:
    client = cast.client(cast.olaf, htmx=True)
    return client.post(cast.url(draft, "difference/"), {"text": text, "candidate": candidate}).content.decode()


def test_what_is_typed_is_shown_against_the_wording_it_began_with(cast: Cast) -> None:
    draft = cast.draft(texts=("We refund you.", "We repay you."))
    page = _difference(cast, draft, "We repay you.")
    assert "What you changed" in page
    assert CHANGED in page
    assert '<ins><span class="visually-hidden">added: </span>repay</ins>' in page
    assert _difference(cast, draft, "We repay you.", 2).strip() == "", "that is the second wording, word for word"


@pytest.mark.parametrize("text", ["We refund you.", " We refund you. ", "We refund\r\nyou."])
def test_space_at_the_ends_and_line_breaks_of_browsers_are_no_change(cast: Cast, text: str) -> None:
    draft = cast.draft(texts=("We refund\nyou." if "\r" in text else "We refund you.",))
    assert _difference(cast, draft, text).strip() == ""


@pytest.mark.parametrize("candidate", [9, "", "x"])
def test_no_wording_no_difference(cast: Cast, candidate: object) -> None:
    assert _difference(cast, cast.draft(), "Own words", candidate).strip() == ""


def test_it_is_the_reviewers_of_this_merchant(cast: Cast) -> None:
    draft = cast.draft(texts=("We refund you.",))
    body = {"text": "Other", "candidate": 1}
    assert cast.client(cast.nina).post(cast.url(draft, "difference/"), body).status_code == 403
    assert cast.client(cast.charlie).post(cast.url(draft, "difference/"), body).status_code == 404
    assert cast.client(cast.olaf).get(cast.url(draft, "difference/")).status_code == 405


def test_markup_that_somebody_types_stays_text(cast: Cast) -> None:
    assert "<b>" not in _difference(cast, cast.draft(texts=("We refund you.",)), "We <b>refund</b> you.")


def _sent(cast: Cast, text: str) -> Draft:
    draft = cast.draft(texts=("We refund you.",))
    seen = cast.client(cast.olaf).get(cast.url(draft)).content.decode().split('id="seen"')[1].split('value="')[1]
    body = {"candidate": 1, "text": text, "seen": seen.split('"')[0]}
    assert cast.client(cast.olaf).post(cast.url(draft, "approve/"), body).status_code == 302
    with scope(merchant=cast.merchant):
        Review.objects.update(execute_after=timezone.now())
    return draft


def _history(cast: Cast, draft: Draft) -> str:
    with scope(merchant=cast.merchant):
        conversation = Draft.objects.get(pk=draft.pk).conversation.public_id
    return cast.client(cast.nina).get(f"/console/mugs/inbox/{conversation}/").content.decode()


def _leave(cast: Cast) -> None:
    Job.objects.update(execute_after=timezone.now())
    run_due(["fast"], keep=False)


def test_the_history_shows_the_edit_of_a_reply_that_left(cast: Cast) -> None:
    draft = _sent(cast, "We repay you.")
    assert "edited the draft" not in _history(cast, draft), "nothing has left yet"
    _leave(cast)
    page = _history(cast, draft)
    assert "Olaf edited the draft" in page
    assert CHANGED in page
    decided = cast.client(cast.nina).get(cast.url(draft)).content.decode()
    assert "What was changed" in decided
    assert CHANGED in decided


def test_a_reply_that_left_as_it_was_has_no_such_line(cast: Cast) -> None:
    draft = _sent(cast, "We refund you.")
    _leave(cast)
    assert "edited the draft" not in _history(cast, draft)
    assert "What was changed" not in cast.client(cast.nina).get(cast.url(draft)).content.decode()
