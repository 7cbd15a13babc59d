"""Writing an FAQ: numbered revisions, a lock, and published text that stays until the next one is published."""

from __future__ import annotations

import pytest

from cs_portal.core.errors import Invalid, NotAllowed, NotFound
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.knowledge.content import FaqContent, LocaleText, to_json
from cs_portal.knowledge.models import Faq, FaqPhrasing, FaqRevision, FaqState
from cs_portal.knowledge.retrieval import entries, working_entries
from cs_portal.knowledge.selectors import faq_with_texts, knowledge_version, revisions, same_phrasings, working_copy
from cs_portal.knowledge.services.editing import create_faq, duplicate_faq, edit_faq, restore_revision
from cs_portal.knowledge.services.writing import FaqMoved
from tests.factories import make_faq, make_merchant
from tests.knowledge.conftest import Shop, content


def served() -> list[tuple[str, str, int]]:
    return [(entry.language, entry.answer, entry.revision) for entry in entries()]


def test_a_new_faq_is_a_draft_that_the_bot_does_not_know(shop: Shop) -> None:
    faq = create_faq(by=shop.olaf, content=content(), now=shop.now).faq
    assert (faq.state, faq.revision, faq.latest) == (FaqState.DRAFT, 1, 1)
    assert (entries(), knowledge_version()) == ([], 0)
    assert {entry.answer for entry in working_entries()} == {"Yes, to 40 countries.", "可以，支持 40 个国家。"}


def test_creating_and_publishing_at_once_is_one_revision_that_went_live(shop: Shop) -> None:
    faq = create_faq(by=shop.olaf, content=content(), publish=True, now=shop.now).faq
    assert [(r.number, r.went_live, r.member) for r in revisions(faq)] == [(1, True, shop.olaf)]
    assert served() == [("en", "Yes, to 40 countries.", 1), ("zh-hans", "可以，支持 40 个国家。", 1)]
    assert knowledge_version() == 1


def test_an_edit_of_a_published_faq_waits_while_the_bot_keeps_the_old_text(shop: Shop) -> None:
    faq = create_faq(by=shop.olaf, content=content(), publish=True, now=shop.now).faq
    edit_faq(faq_id=faq.public_id, by=shop.bob, seen=1, content=content(answer="To 50."), now=shop.now)
    faq = faq_with_texts(faq.public_id)
    assert faq.has_unpublished_changes
    assert served()[0] == ("en", "Yes, to 40 countries.", 1)
    assert working_copy(faq).text("en").answer == "To 50."
    assert knowledge_version() == 1
    assert "To 50." in {entry.answer for entry in working_entries()}


def test_saving_and_publishing_serves_the_new_text_and_tells_the_index(shop: Shop) -> None:
    faq = create_faq(by=shop.olaf, content=content(), publish=True, now=shop.now).faq
    edit_faq(faq_id=faq.public_id, by=shop.bob, seen=1, content=content(answer="To 50."), publish=True, now=shop.now)
    assert served()[0] == ("en", "To 50.", 2)
    assert knowledge_version() == 2


def test_a_language_that_was_removed_is_not_served_any_more(shop: Shop) -> None:
    faq = create_faq(by=shop.olaf, content=content(), publish=True, now=shop.now).faq
    edit_faq(faq_id=faq.public_id, by=shop.bob, seen=1, content=content(zh=None), publish=True, now=shop.now)
    assert [language for language, *_ in served()] == ["en"]


def test_two_editors_never_overwrite_each_other_silently(shop: Shop) -> None:
    faq = create_faq(by=shop.olaf, content=content(), now=shop.now).faq
    edit_faq(faq_id=faq.public_id, by=shop.bob, seen=1, content=content(answer="Bob's"), now=shop.now)
    with pytest.raises(FaqMoved):
        edit_faq(faq_id=faq.public_id, by=shop.olaf, seen=1, content=content(answer="Olaf's"), now=shop.now)
    assert working_copy(faq_with_texts(faq.public_id)).text("en").answer == "Bob's"
    assert FaqRevision.objects.count() == 2


def test_the_race_between_two_editors_is_settled_by_the_database(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have read revision 1; the second writes after the first committed."""
    faq = create_faq(by=shop.olaf, content=content(), now=shop.now).faq
    stale = faq_with_texts(faq.public_id)
    edit_faq(faq_id=faq.public_id, by=shop.bob, seen=1, content=content(answer="Bob's"), now=shop.now)
    monkeypatch.setattr("cs_portal.knowledge.services.editing.faq_with_texts", lambda _id: stale)
    with pytest.raises(FaqMoved):
        edit_faq(faq_id=faq.public_id, by=shop.olaf, seen=1, content=content(answer="Olaf's"), now=shop.now)
    assert FaqRevision.objects.count() == 2


def test_saving_without_a_change_writes_nothing(shop: Shop) -> None:
    faq = create_faq(by=shop.olaf, content=content(), now=shop.now).faq
    entries_before = AuditEntry.objects.count()
    change = edit_faq(faq_id=faq.public_id, by=shop.olaf, seen=1, content=content(), now=shop.now)
    assert change.change_id is None
    assert (FaqRevision.objects.count(), AuditEntry.objects.count()) == (1, entries_before)


def test_analysts_write_nothing(shop: Shop) -> None:
    faq = create_faq(by=shop.olaf, content=content(), now=shop.now).faq
    for refused in (
        lambda: create_faq(by=shop.nina, content=content(), now=shop.now),
        lambda: edit_faq(faq_id=faq.public_id, by=shop.nina, seen=1, content=content(answer="x"), now=shop.now),
        lambda: duplicate_faq(faq_id=faq.public_id, by=shop.nina, now=shop.now),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert (Faq.objects.count(), FaqRevision.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (FaqContent({}), "question_en"),
        (content(question=""), "question_en"),
        (content(question="x" * 301), "question_en"),
        (content(answer="x" * 4001), "answer_en"),
        (content(answer=""), "answer_en"),
        (content(phrasings=("Abroad?", "abroad ？")), "phrasings_en"),
        (content(phrasings=("do you ship abroad",)), "phrasings_en"),
        (content(phrasings=tuple(f"phrasing {n}" for n in range(51))), "phrasings_en"),
        (content(phrasings=("x" * 301,)), "phrasings_en"),
        (content(category="x" * 61), "category"),
        (FaqContent({"en": LocaleText("Q", "A"), "zh-hans": LocaleText("", "答")}), "question_zh-hans"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_field(shop: Shop, wrong: FaqContent, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        create_faq(by=shop.olaf, content=wrong, publish=True, now=shop.now)
    assert refusal.value.field == field
    assert (Faq.objects.count(), AuditEntry.objects.count(), knowledge_version()) == (0, 0, 0)


def test_a_draft_may_still_lack_its_answer(shop: Shop) -> None:
    assert create_faq(by=shop.olaf, content=content(answer="", zh=None), now=shop.now).faq.languages == ""


def test_an_faq_that_came_in_bulk_gets_a_history_with_its_first_change(shop: Shop) -> None:
    faq = make_faq(shop.merchant)
    edit_faq(faq_id=faq.public_id, by=shop.olaf, seen=1, content=content(), now=shop.now)
    first, second = revisions(faq).order_by("number")
    assert (first.number, first.went_live, first.texts["en"]["question"]) == (1, True, "Something arrived broken")
    assert (second.number, second.served, second.member) == (2, 1, shop.olaf)


def test_an_earlier_revision_is_taken_up_as_a_new_one(shop: Shop) -> None:
    faq = create_faq(by=shop.olaf, content=content(), publish=True, now=shop.now).faq
    edit_faq(faq_id=faq.public_id, by=shop.bob, seen=1, content=content(answer="To 50."), publish=True, now=shop.now)
    restore_revision(faq_id=faq.public_id, number=1, by=shop.olaf, seen=2, now=shop.now)
    faq = faq_with_texts(faq.public_id)
    assert working_copy(faq) == content()
    assert served()[0] == ("en", "To 50.", 2)
    assert revisions(faq).first().texts == to_json(content())  # type: ignore[union-attr]


def test_revisions_are_never_altered(shop: Shop) -> None:
    faq = create_faq(by=shop.olaf, content=content(), now=shop.now).faq
    before = list(FaqRevision.objects.values())
    edit_faq(faq_id=faq.public_id, by=shop.bob, seen=1, content=content(answer="New"), publish=True, now=shop.now)
    assert list(FaqRevision.objects.filter(number=1).values()) == before


def test_a_duplicate_is_a_draft_and_shares_its_phrasings(shop: Shop) -> None:
    faq = create_faq(by=shop.olaf, content=content(phrasings=("Overseas?",)), publish=True, now=shop.now).faq
    copy = duplicate_faq(faq_id=faq.public_id, by=shop.bob, now=shop.now).faq
    assert (copy.state, copy.key != faq.key) == (FaqState.DRAFT, True)
    found = same_phrasings(content(phrasings=("overseas ？",)), apart_from=copy)
    assert {phrasing: [f.pk for f in faqs] for phrasing, faqs in found.items()} == {
        "do you ship abroad": [faq.pk],
        "overseas": [faq.pk],
        "可以寄到国外吗": [faq.pk],
    }


def test_archived_and_other_merchants_faqs_claim_no_phrasing(shop: Shop) -> None:
    make_faq(shop.merchant, en=("Do you ship abroad?", "x"), state=FaqState.ARCHIVED)
    make_faq(make_merchant("rival"), en=("Do you ship abroad?", "x"))
    assert same_phrasings(content(), apart_from=None) == {}


def test_another_merchants_faq_is_not_found(shop: Shop) -> None:
    rival = make_merchant("rival")
    theirs = make_faq(rival)
    for act in (
        lambda: edit_faq(faq_id=theirs.public_id, by=shop.olaf, seen=1, content=content(), now=shop.now),
        lambda: duplicate_faq(faq_id=theirs.public_id, by=shop.olaf, now=shop.now),
        lambda: restore_revision(faq_id=theirs.public_id, number=1, by=shop.olaf, seen=1, now=shop.now),
    ):
        with pytest.raises(NotFound):
            act()
    with scope(merchant=rival):
        assert FaqRevision.objects.count() == 0


def test_the_audit_log_holds_no_text(shop: Shop) -> None:
    faq = create_faq(by=shop.olaf, content=content(), publish=True, now=shop.now).faq
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target, entry.actor_id) == (
        "faq.created",
        f"faq:{faq.public_id}",
        str(shop.olaf.public_id),
    )
    assert entry.data == {"revision": 1, "state": "published"}


def test_phrasings_follow_the_newest_revision(shop: Shop) -> None:
    faq = create_faq(by=shop.olaf, content=content(phrasings=("Overseas?",)), now=shop.now).faq
    edit_faq(faq_id=faq.public_id, by=shop.olaf, seen=1, content=content(zh=None), now=shop.now)
    assert list(FaqPhrasing.objects.values_list("folded", flat=True)) == ["do you ship abroad"]
