"""The list's own pages: views that are saved, deeds on a choice, figures and filters as they are shown."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from cs_portal.conversations.models import SavedPlace, SavedView
from cs_portal.conversations.selectors.desk import saved_views
from cs_portal.core.tenancy import scope
from cs_portal.knowledge.models import Faq, FaqFigures, FaqState
from tests.console.conftest import Cast
from tests.factories import make_faq

BASE = "/console/mugs/knowledge/"


def test_a_view_is_saved_renamed_shared_and_deleted(cast: Cast) -> None:
    olaf, ann = cast.client(cast.olaf), cast.client(cast.ann)
    page = olaf.post(f"{BASE}views/save/?state=draft&after=x&sort=hits", {"name": "My drafts"}, follow=True)
    assert page.redirect_chain[-1][0] == f"{BASE}?state=draft&sort=hits"
    with scope(merchant=cast.merchant):
        view = SavedView.objects.get()
        assert (view.query, view.place, view.member) == ("state=draft&sort=hits", SavedPlace.KNOWLEDGE, cast.olaf)
        assert list(saved_views(cast.olaf)) == []
    assert [one.label for one in page.context["views"].all if one.current] == ["My drafts"]
    address = f"{BASE}views/{view.public_id}/"
    assert ann.get(address).status_code == 404
    assert olaf.post(address, {"name": ""}).status_code == 422
    assert olaf.post(address, {"name": "Mine"}).url == f"{BASE}?state=draft&sort=hits"
    assert "Draft" in olaf.get(address).content.decode()
    olaf.post(f"{BASE}views/save/?state=archived", {"replaces": str(view.public_id)})
    with scope(merchant=cast.merchant):
        assert SavedView.objects.get().query == "state=archived"
    assert olaf.post(f"{address}delete/").status_code == 302
    with scope(merchant=cast.merchant):
        assert not SavedView.objects.exists()


def test_a_view_of_the_inbox_is_none_of_this_list(cast: Cast) -> None:
    with scope(merchant=cast.merchant):
        view = SavedView.objects.create(name="Late", query="overdue=1", member=cast.olaf)
    olaf = cast.client(cast.olaf)
    assert olaf.get(f"{BASE}views/{view.public_id}/").status_code == 404
    assert olaf.post(f"{BASE}views/{view.public_id}/delete/").status_code == 404
    assert "Late" not in olaf.get(BASE).content.decode()
    with scope(merchant=cast.merchant):
        assert SavedView.objects.exists()


def test_who_reads_saves_nothing_and_sees_no_choice(cast: Cast) -> None:
    make_faq(cast.merchant)
    nina = cast.client(cast.nina)
    assert nina.post(f"{BASE}views/save/?state=draft", {"name": "x"}).status_code == 403
    assert b"data-selection-bar" not in nina.get(BASE).content
    with scope(merchant=cast.merchant):
        assert not SavedView.objects.exists()


def bulk(cast: Cast, *faqs: Faq, **fields: str) -> str:
    data = {"faq": [str(faq.public_id) for faq in faqs], "query": "state=draft", **fields}
    page = cast.client(cast.olaf).post(f"{BASE}bulk/", data, follow=True)
    assert page.redirect_chain[-1][0] == f"{BASE}?state=draft"
    return page.content.decode()


def test_a_choice_is_tagged_moved_and_taken_back(cast: Cast) -> None:
    first, second = make_faq(cast.merchant, "one"), make_faq(cast.merchant, "two")
    assert "2 FAQs tagged." in bulk(cast, first, second, action="tag", tag=" Spring  Sale ")
    assert "2 FAQs moved." in bulk(cast, first, second, action="move", category="Refund")
    with scope(merchant=cast.merchant):
        assert {tuple(faq.tags) for faq in Faq.objects.all()} == {("spring sale",)}
        assert set(Faq.objects.values_list("category", flat=True)) == {"refund"}
        change = Faq.objects.get(key="one").revisions.order_by("-number").first()
    cast.client(cast.olaf).post(f"{BASE}undo/{change.change_id}/")
    with scope(merchant=cast.merchant):
        assert set(Faq.objects.values_list("category", flat=True)) == {""}
        assert {tuple(faq.tags) for faq in Faq.objects.all()} == {("spring sale",)}
    assert "Tag removed from 1 FAQ." in bulk(cast, first, action="untag", tag="spring sale")


def test_a_deed_without_what_it_needs_is_refused_and_changes_nothing(cast: Cast) -> None:
    faq = make_faq(cast.merchant)
    assert "Type or choose a tag." in bulk(cast, faq, action="tag", tag="  ")
    assert "Choose at least one FAQ." in bulk(cast, action="archive")
    assert "Nothing changed." in bulk(cast, faq, action="restore")
    with scope(merchant=cast.merchant):
        assert Faq.objects.get().state == FaqState.PUBLISHED
        assert not Faq.objects.get().revisions.exists()


def test_figures_and_days_are_shown_with_their_words(cast: Cast) -> None:
    faq = make_faq(cast.merchant, en=("Used?", "Yes."))
    never = make_faq(cast.merchant, en=("Never?", "No."))
    with scope(merchant=cast.merchant):
        FaqFigures.objects.create(faq=faq, hits=12, approved=6, edited=2, last_hit_at=cast.now)
        Faq.objects.filter(pk=never.pk).update(valid_until=cast.now.date() - timedelta(days=5))
    page = cast.client(cast.nina).get(f"{BASE}?sort=hits").content.decode()
    assert page.index("Used?") < page.index("Never?")
    assert "2 of 8 sent replies were edited" in page
    assert "25%" in page
    assert "Expired" in page[page.index("Never?") :]
    filtered = cast.client(cast.nina).get(f"{BASE}?valid=expired&tag=nothing")
    assert [chip.label for chip in filtered.context["chips"]] == ["#nothing", "Expired"]
    assert filtered.context["chips"][0].query == "?valid=expired"


def test_every_filter_and_order_costs_the_same_number_of_queries(cast: Cast) -> None:
    for number in range(3):
        make_faq(cast.merchant, f"k{number}")
    client = cast.client(cast.olaf)

    def queries(query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{BASE}{query}").status_code == 200
        return len(captured)

    queries("")
    plain = queries("")
    for query in ("?q=photo", "?q=照片&sort=edited", "?problem=any", "?valid=soon&has=answers", "?sort=not_hit"):
        assert queries(query) <= plain, query
    assert plain <= 24
