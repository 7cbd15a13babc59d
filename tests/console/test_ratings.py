"""Marks on a draft's evidence: each member has one on each piece, and an FAQ tells how often it was found wrong."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft, EvidenceRating
from cs_portal.knowledge.models import Faq
from tests.console.conftest import Cast
from tests.factories import make_candidate, make_faq


def _draft(cast: Cast) -> tuple[Draft, Faq, str]:
    faq = make_faq(cast.merchant)
    reference = f"faq:{faq.public_id}:1"
    piece = {
        "ref": reference,
        "kind": "faq",
        "title": {"en": "How long?", "zh-hans": "多久？"},
        "text": {"en": "Three days.", "zh-hans": "三天。"},
        "score": 0.9,
        "phrasing": "How long?",
        "locale": "en",
        "fields": [],
    }
    draft = cast.draft(texts=(), evidence=[piece])
    make_candidate(draft, "Three days.", links=[{"start": 0, "end": 11, "evidence": reference}])
    return draft, faq, reference


def _rate(cast: Cast, draft: Draft, reference: str, mark: str, who: str = "olaf", htmx: bool = True) -> str:
    client = cast.client(getattr(cast, who), htmx=htmx)
    return client.post(cast.url(draft, "rate/"), {"reference": reference, "mark": mark}).content.decode()


def _marks(cast: Cast) -> list[tuple[str, str]]:
    with scope(merchant=cast.merchant):
        return [(str(row.member.user), row.mark) for row in EvidenceRating.objects.select_related("member__user")]


def test_a_mark_is_set_changed_and_taken_off(cast: Cast) -> None:
    draft, _faq, reference = _draft(cast)
    page = _rate(cast, draft, reference, "helped")
    assert page.count('aria-pressed="true"') == 1
    assert _marks(cast) == [("Olaf", "helped")]
    _rate(cast, draft, reference, "wrong")
    assert _marks(cast) == [("Olaf", "wrong")]
    assert 'aria-pressed="true"' not in _rate(cast, draft, reference, "wrong")
    assert _marks(cast) == []
    actions = AuditEntry.objects.filter(action__startswith="evidence.").order_by("id")
    assert [entry.action for entry in actions] == ["evidence.rated", "evidence.rated", "evidence.unrated"]


def test_colleagues_see_who_marked_what_and_have_marks_of_their_own(cast: Cast) -> None:
    draft, _faq, reference = _draft(cast)
    _rate(cast, draft, reference, "wrong")
    page = _rate(cast, draft, reference, "helped", who="bob")
    assert "Olaf" in page
    assert sorted(_marks(cast)) == [("Bob", "helped"), ("Olaf", "wrong")]
    assert "Olaf" in cast.client(cast.nina).get(cast.url(draft)).content.decode()


def test_the_database_keeps_one_mark_of_each(cast: Cast) -> None:
    draft, faq, reference = _draft(cast)
    row = {"draft": draft, "reference": reference, "faq": faq, "member": cast.olaf, "created_at": cast.now}
    with scope(merchant=cast.merchant):
        EvidenceRating.objects.create(mark="helped", **row)
        with pytest.raises(IntegrityError), transaction.atomic():
            EvidenceRating.objects.create(mark="wrong", **row)


def test_every_piece_has_its_buttons(cast: Cast) -> None:
    draft, _faq, _reference = _draft(cast)
    page = cast.client(cast.olaf).get(cast.url(draft)).content.decode()
    assert page.count('class="rating"') == 1
    assert "Wrong or out of date" in page
    assert 'value="helped"\n              class="rating-mark"\n              aria-pressed="false"' in page
    refund, _order, _conversation = cast.refund_draft(
        evidence=[{"ref": "verdict:refund", "kind": "verdict"}, {"ref": "order:10533", "kind": "order", "fields": []}]
    )
    page = cast.client(cast.olaf).get(cast.url(refund)).content.decode()
    assert page.count('class="rating"') == 2


@pytest.mark.parametrize(
    ("who", "status"), [("nina", 403), ("charlie", 404)], ids=["who only reads", "another merchant's"]
)
def test_others_mark_nothing(cast: Cast, who: str, status: int) -> None:
    draft, _faq, reference = _draft(cast)
    body = {"reference": reference, "mark": "wrong"}
    assert cast.client(getattr(cast, who)).post(cast.url(draft, "rate/"), body).status_code == status
    assert _marks(cast) == []


def test_what_the_draft_does_not_rest_on_cannot_be_marked(cast: Cast) -> None:
    draft, _faq, reference = _draft(cast)
    client = cast.client(cast.olaf)
    assert client.post(cast.url(draft, "rate/"), {"reference": "order:1", "mark": "wrong"}).status_code == 404
    assert client.post(cast.url(draft, "rate/"), {"reference": reference, "mark": "so-so"}).status_code == 422
    assert _marks(cast) == []


def test_without_htmx_it_leads_back_to_the_draft(cast: Cast) -> None:
    draft, _faq, reference = _draft(cast)
    answer = cast.client(cast.olaf).post(cast.url(draft, "rate/"), {"reference": reference, "mark": "helped"})
    assert (answer.status_code, answer["Location"]) == (302, cast.url(draft))


def test_the_faq_tells_how_often_it_was_found_wrong_and_where(cast: Cast) -> None:
    draft, faq, reference = _draft(cast)
    client = cast.client(cast.nina)
    page, quality = f"/console/mugs/knowledge/{faq.public_id}/", "/console/mugs/knowledge/quality/"
    _rate(cast, draft, reference, "helped", who="bob")
    assert "Marked as wrong" not in client.get(page).content.decode()
    assert "Marked as wrong" not in client.get(quality).content.decode()
    for who in ("olaf", "ann"):
        _rate(cast, draft, reference, "wrong", who=who)
    with scope(merchant=cast.merchant):
        conversation = Draft.objects.get(pk=draft.pk).conversation.public_id
    told = client.get(page).content.decode()
    assert "Marked as wrong" in told
    assert f"/console/mugs/inbox/{conversation}/" in told
    assert "marked as wrong 2 times" in client.get(quality).content.decode()
