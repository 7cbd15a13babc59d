"""Knowledge gaps in the console: the list, one gap, and what may be done with them by whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope
from cs_portal.knowledge.models import GapQuestion, GapRun, GapState, KnowledgeGap, WorkState
from cs_portal.merchants.models import Member, Merchant, Role
from tests.factories import PASSWORD, make_faq, make_member, make_merchant
from tests.knowledge.gap_rows import NOW, make_gap

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant("pine")


@pytest.fixture
def member(merchant: Merchant) -> Member:
    return make_member(merchant, name="Olaf")


@pytest.fixture
def client(member: Member) -> Client:
    browser = Client()
    assert browser.login(username=member.user.email, password=PASSWORD)
    return browser


def analyst_of(merchant: Merchant) -> Client:
    browser = Client()
    browser.login(username=make_member(merchant, Role.ANALYST).user.email, password=PASSWORD)
    return browser


def url(name: str, *args: object) -> str:
    return reverse(f"console:{name}", args=["pine", *args])


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_languages_are_called_as_in_the_rest_of_knowledge(client: Client, merchant: Merchant) -> None:
    make_gap(merchant, "Can you engrave it?")
    shown = page(client, url("gaps"))
    assert '<option value="zh-hans"' in shown
    assert "Simplified Chinese" not in shown


def again(gap: KnowledgeGap) -> KnowledgeGap:
    with scope(merchant=gap.merchant):
        gap.refresh_from_db()
    return gap


def test_the_empty_list_teaches(client: Client) -> None:
    assert "Nobody has looked for gaps yet" in page(client, url("gaps"))


def test_the_list_is_sorted_by_what_was_asked_lately(client: Client, merchant: Merchant) -> None:
    make_gap(merchant, "Do you rent tents?", "Can I rent one?", "Rent?", at=NOW - timedelta(days=40))
    make_gap(merchant, "Can you engrave it?", "Can you engrave a mug?")
    text = page(client, url("gaps"))
    assert text.index("Can you engrave it?") < text.index("Do you rent tents?")
    rising = page(client, url("gaps") + "?sort=size")
    assert rising.index("Do you rent tents?") < rising.index("Can you engrave it?")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?q=engrave", {"Can you engrave it?"}),
        ("?language=zh-hans", {"能自提吗"}),
        ("?state=dismissed", {"Are they vegan?"}),
        ("?state=all", {"Can you engrave it?", "能自提吗", "Are they vegan?"}),
        ("?assignee=me", set()),
        ("?assignee=nobody", {"Can you engrave it?", "能自提吗"}),
        ("?why=rejected", set()),
        ("?state=nonsense", {"Can you engrave it?", "能自提吗"}),
    ],
)
def test_filters_are_in_the_address(client: Client, merchant: Merchant, query: str, shown: set[str]) -> None:
    make_gap(merchant, "Can you engrave it?")
    make_gap(merchant, "能自提吗", locale="zh-hans")
    make_gap(merchant, "Are they vegan?", state=GapState.DISMISSED)
    text = page(client, url("gaps") + query)
    assert {title for title in ("Can you engrave it?", "能自提吗", "Are they vegan?") if title in text} == shown


def test_the_list_takes_as_many_queries_for_one_as_for_many(client: Client, merchant: Merchant) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            page(client, url("gaps"))
        return len(seen)

    make_gap(merchant, "One?", "And one?")
    page(client, url("gaps"))
    few = queries()
    for number in range(20):
        make_gap(merchant, f"Number {number}?", f"And number {number}?")
    assert queries() == few


def test_a_gap_shows_its_questions_and_others_like_it(client: Client, merchant: Merchant) -> None:
    gap = make_gap(merchant, "Can you engrave a mug?", "Is engraving possible?")
    make_gap(merchant, "Can you engrave the mug with a name?")
    text = page(client, url("gap", gap.public_id))
    assert "Is engraving possible?" in text
    assert "Can you engrave the mug with a name?" in text
    assert "Draft an FAQ" in text


def test_dismissing_asks_for_a_reason_and_can_be_undone(client: Client, merchant: Merchant) -> None:
    gap = make_gap(merchant, "Can you engrave it?")
    assert client.post(url("gap_dismiss", gap.public_id), {}).status_code == 422
    assert again(gap).state == GapState.OPEN
    client.post(url("gap_dismiss", gap.public_id), {"reason": "one_off", "note": "once"})
    assert (again(gap).state, gap.dismissal, gap.note) == (GapState.DISMISSED, "one_off", "once")
    client.post(url("gaps_reopen") + f"?gap={gap.public_id}")
    assert (again(gap).state, gap.dismissal, gap.note) == (GapState.OPEN, "", "")


def test_merging_and_taking_it_back(client: Client, merchant: Merchant) -> None:
    kept, other = make_gap(merchant, "Engrave?", "Engraving?"), make_gap(merchant, "Names on mugs?")
    client.post(url("gap_merge", kept.public_id), {"gap": [str(other.public_id)]})
    assert (again(kept).size, again(other).state) == (3, GapState.MERGED)
    assert "Merged into" in page(client, url("gap", other.public_id))
    client.post(url("gaps_unmerge") + f"?gap={other.public_id}")
    assert (again(kept).size, again(other).size, other.state) == (2, 1, GapState.OPEN)


def test_splitting_and_taking_it_back(client: Client, merchant: Merchant) -> None:
    gap = make_gap(merchant, "Engrave?", "Engraving?", "Do you rent tents?")
    with scope(merchant=merchant):
        odd = GapQuestion.objects.get(text="Do you rent tents?")
    response = client.post(url("gap_split", gap.public_id), {"question": [str(odd.public_id)]})
    with scope(merchant=merchant):
        made = KnowledgeGap.objects.get(title="Do you rent tents?")
    assert response["Location"] == url("gap", made.public_id)
    assert (again(gap).size, made.size) == (2, 1)
    client.post(url("gap_unsplit", made.public_id))
    assert again(gap).size == 3
    assert client.get(url("gap", made.public_id)).status_code == 404


def test_all_of_its_questions_cannot_be_split_off(client: Client, merchant: Merchant) -> None:
    gap = make_gap(merchant, "Engrave?")
    with scope(merchant=merchant):
        only = GapQuestion.objects.get()
    client.post(url("gap_split", gap.public_id), {"question": [str(only.public_id)]})
    assert again(gap).size == 1
    with scope(merchant=merchant):
        assert KnowledgeGap.objects.count() == 1


def test_assigning_one_and_many(client: Client, merchant: Merchant, member: Member) -> None:
    one, two = make_gap(merchant, "Engrave?"), make_gap(merchant, "Rent?")
    client.post(url("gap_assign", one.public_id), {"member": str(member.public_id)})
    assert again(one).assignee_id == member.pk
    ids = [str(one.public_id), str(two.public_id)]
    client.post(url("gaps_bulk"), {"gap": ids, "action": "assign", "member": str(member.public_id)})
    assert again(two).assignee_id == member.pk
    analyst = make_member(merchant, Role.ANALYST)
    client.post(url("gaps_bulk"), {"gap": ids, "action": "assign", "member": str(analyst.public_id)})
    assert again(two).assignee_id == member.pk


def test_dismissing_and_merging_many(client: Client, merchant: Merchant) -> None:
    gaps = [make_gap(merchant, text) for text in ("Engrave?", "Rent?", "Vegan?")]
    ids = [str(gap.public_id) for gap in gaps]
    client.post(url("gaps_bulk"), {"gap": ids[:2], "action": "merge"})
    assert [again(gap).state for gap in gaps] == ["open", "merged", "open"]
    client.post(url("gaps_bulk"), {"gap": [ids[0], ids[2]], "action": "dismiss", "reason": "not_ours"})
    assert [again(gap).state for gap in gaps] == ["dismissed", "merged", "dismissed"]


def test_looking_for_gaps_is_one_run_at_a_time(client: Client, merchant: Merchant) -> None:
    client.post(url("gaps_mine"))
    client.post(url("gaps_mine"))
    with scope(merchant=merchant):
        run = GapRun.objects.get()
    assert Job.objects.filter(kind="mine_gaps").count() == 1
    assert "Looking for gaps" in page(client, url("gaps"))
    part = client.get(url("gap_run", run.public_id), headers={"HX-Request": "true"})
    assert 'id="gap-run"' in part.content.decode()
    with scope(merchant=merchant):
        GapRun.objects.update(state=WorkState.DONE, result={})
    part = client.get(url("gap_run", run.public_id), headers={"HX-Request": "true"})
    assert part["HX-Refresh"] == "true"


def test_drafting_waits_and_then_opens_the_editor(client: Client, merchant: Merchant) -> None:
    gap = make_gap(merchant, "Engrave?")
    response = client.post(url("gap_draft", gap.public_id))
    with scope(merchant=merchant):
        run = GapRun.objects.get()
    assert response["Location"] == url("gap_run", run.public_id)
    assert "Drafting an FAQ" in page(client, url("gap_run", run.public_id))
    faq = make_faq(merchant, state="draft")
    with scope(merchant=merchant):
        GapRun.objects.update(state=WorkState.DONE, result={"replies": 1}, faq=faq)
        KnowledgeGap.objects.update(faq=faq)
    assert client.get(url("gap_run", run.public_id))["Location"] == url("faq", faq.public_id)
    assert client.post(url("gap_draft", gap.public_id)).status_code == 409
    editor = page(client, url("faq", faq.public_id))
    assert "Drafted for a gap" in editor


def test_a_replay_says_what_would_be_answered(client: Client, merchant: Merchant) -> None:
    faq = make_faq(merchant, state="draft")
    gap, other = make_gap(merchant, "Engrave?", "Engraving?", faq=faq), make_gap(merchant, "Names?")
    client.post(url("gap_replay", gap.public_id))
    with scope(merchant=merchant):
        found = [
            {
                "question": str(row.public_id),
                "own": row.gap_id == gap.pk,
                "before": 0.1,
                "answered_before": False,
                "after": 0.9,
                "answered": row.text != "Engraving?",
                "found": True,
            }
            for row in GapQuestion.objects.order_by("id")
        ]
        GapRun.objects.update(
            state=WorkState.DONE, result={"threshold": 0.5, "revision": faq.latest, "questions": found}, finished_at=NOW
        )
    text = page(client, url("gap", gap.public_id))
    assert "It would answer 1 of the 2 questions of this gap. 1 question of another gap, too." in text
    with scope(merchant=merchant):
        other.questions.all().delete()
    assert "of another gap, too" not in page(client, url("gap", gap.public_id))


def test_an_analyst_reads_and_changes_nothing(merchant: Merchant) -> None:
    gap = make_gap(merchant, "Engrave?", "Engraving?")
    analyst = analyst_of(merchant)
    text = page(analyst, url("gap", gap.public_id))
    assert "Draft an FAQ" not in text
    assert "Split off" not in text
    assert analyst.post(url("gap_dismiss", gap.public_id), {"reason": "one_off"}).status_code == 403
    assert again(gap).state == GapState.OPEN


def test_a_gap_of_another_merchant_is_not_there(client: Client) -> None:
    theirs = make_gap(make_merchant("theirs"), "Engrave?")
    assert client.get(url("gap", theirs.public_id)).status_code == 404
    assert client.post(url("gap_dismiss", theirs.public_id), {"reason": "one_off"}).status_code == 404
    client.post(url("gaps_bulk"), {"gap": [str(theirs.public_id)], "action": "dismiss", "reason": "one_off"})
    assert again(theirs).state == GapState.OPEN
