"""The list of FAQs: the full-text search in both languages, every filter and every order, and deeds on a choice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from cs_portal.core.errors import Invalid, NotAllowed
from cs_portal.core.tenancy import scope
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.listing import KEYS, Condition, FaqFilter, FaqOrder, Validity, categories, faqs, in_order, tags
from cs_portal.knowledge.models import Faq, FaqFigures, FaqState, QualityFinding
from cs_portal.knowledge.selectors import faq_with_texts, working_copy
from cs_portal.knowledge.services.editing import create_faq, edit_faq
from cs_portal.knowledge.services.labelling import move_faqs, restore_faqs, tag_faqs, unpublish_faqs, untag_faqs
from cs_portal.knowledge.services.lifecycle import archive_faqs, undo_change
from tests.factories import make_faq, make_merchant
from tests.knowledge.conftest import Shop

TODAY = date(2026, 11, 26)
EN, ZH = "en", "zh-hans"


def made(shop: Shop, question: str, answer: str = "Yes.", *, publish: bool = True, **settings: Any) -> Faq:
    texts = settings.pop("texts", None) or {EN: LocaleText(question, answer, settings.pop("phrasings", ()))}
    content = replace(FaqContent(texts, settings.pop("category", "")), **settings)
    return create_faq(by=shop.olaf, content=content, publish=publish, now=shop.now).faq


def found(order: FaqOrder = FaqOrder.RELEVANCE, **wanted: Any) -> list[str]:
    given = FaqFilter(today=TODAY, **wanted)
    return [row.title for row in in_order(faqs(given), order, words=given.words).order_by(*KEYS[order])]


def test_words_are_found_in_both_languages_in_questions_answers_phrasings_and_labels(shop: Shop) -> None:
    made(shop, "Returns?", "Send it back.", phrasings=("Can I give it back",), category="Orders", tags=("spring",))
    made(
        shop,
        "",
        texts={
            EN: LocaleText("Money?", "Soon."),
            ZH: LocaleText("退款多久到账", "三天内原路退回支付宝。", ("钱什么时候退",)),
        },
    )
    for words in ("returns", "SEND it", "ｇｉｖｅ", "give retur", "orders", "spring"):
        assert found(words=words) == ["Returns?"], words
    for words in ("退款", "到账", "支付宝", "退钱", "钱"):
        expected = ["Money?"] if words != "退钱" else []
        assert found(words=words) == expected, words
    assert found(words="return money") == []
    assert found(words="!!") == []
    assert set(found(words="  ")) == {"Returns?", "Money?"}


def test_what_was_edited_is_found_by_its_new_words_before_it_is_published(shop: Shop) -> None:
    faq = made(shop, "Returns?", "Send it back.")
    edited = FaqContent({EN: LocaleText("Returns?", "Use the locker.")})
    edit_faq(faq_id=faq.public_id, by=shop.olaf, seen=1, content=edited, now=shop.now)
    assert found(words="locker") == ["Returns?"]
    assert found(words="send") == []


def test_whoever_asks_the_words_comes_before_whoever_answers_with_them(shop: Shop) -> None:
    made(shop, "Voucher codes?")
    used = made(shop, "Where is my voucher?")
    made(shop, "Discounts?", "Enter the voucher at checkout.")
    FaqFigures.objects.create(faq=used, hits=9)
    assert found(words="voucher") == ["Where is my voucher?", "Voucher codes?", "Discounts?"]


def test_nothing_of_another_merchant_is_found(shop: Shop) -> None:
    other = make_merchant("other")
    make_faq(other, en=("Zephyr?", "Zephyr."))
    assert found(words="zephyr") == []
    with scope(merchant=other):
        assert found(words="zephyr") == ["Zephyr?"]


def test_filters(shop: Shop) -> None:
    made(shop, "Plain")
    made(shop, "Old sale", valid_until=TODAY - timedelta(days=1), tags=("sale",), category="Deals")
    made(shop, "Ends soon", valid_until=TODAY + timedelta(days=14), tags=("sale", "vip"))
    made(shop, "Ends later", valid_until=TODAY + timedelta(days=15))
    made(shop, "Begins", valid_from=TODAY + timedelta(days=1), hand_over=True, action="refund")
    draft = made(shop, "Draft", publish=False)
    assert found(validity=Validity.EXPIRED) == ["Old sale"]
    assert found(validity=Validity.SOON) == ["Ends soon"]
    assert found(validity=Validity.LATER) == ["Begins"]
    assert set(found(validity=Validity.LIMITED)) == {"Old sale", "Ends soon", "Ends later", "Begins"}
    assert set(found(tag="sale")) == {"Old sale", "Ends soon"}
    assert found(tag="vip") == ["Ends soon"]
    assert found(category="Deals") == ["Old sale"]
    assert found(has=Condition.HAND_OVER) == found(has=Condition.ACTION) == ["Begins"]
    assert found(has=Condition.ANSWERS) == []
    assert found(state=FaqState.DRAFT) == ["Draft"]
    assert len(found(missing=ZH)) == 6
    assert found(missing=EN) == []
    QualityFinding.objects.create(kind="link", faq=draft, fingerprint="a", found_at=shop.now)
    assert found(problem="any") == found(problem="link") == ["Draft"]
    assert found(problem="expired") == []
    QualityFinding.objects.update(ignored_at=shop.now)
    assert found(problem="any") == []
    assert (tags(), categories()) == ([("sale", 2), ("vip", 1)], ["Deals"])


def test_orders(shop: Shop) -> None:
    first, second, third = (made(shop, name) for name in ("A", "B", "C"))
    for faq, hits, edited, days in ((first, 5, 1, 1), (second, 9, 9, 3)):
        at = shop.now - timedelta(days=days)
        FaqFigures.objects.create(
            faq=faq, hits=hits, approved=hits - edited, edited=edited, rejected=days, last_hit_at=at
        )
    assert found(FaqOrder.HITS) == ["B", "A", "C"]
    assert found(FaqOrder.FEWEST_HITS) == ["C", "A", "B"]
    assert found(FaqOrder.LAST_HIT) == ["A", "B", "C"]
    assert found(FaqOrder.NOT_HIT) == ["C", "B", "A"]
    assert found(FaqOrder.EDITED) == ["B", "A", "C"]
    assert found(FaqOrder.REJECTED) == ["B", "A", "C"]
    assert found(FaqOrder.NEWEST) == ["C", "B", "A"]
    assert found(FaqOrder.OLDEST) == ["A", "B", "C"]
    assert third.pk > second.pk


def copy_of(faq: Faq) -> FaqContent:
    return working_copy(faq_with_texts(faq.public_id))


def test_labels_go_on_and_off_many_at_once_and_back(shop: Shop) -> None:
    live, pending = made(shop, "Live", tags=("a",)), made(shop, "Pending")
    edited = FaqContent({EN: LocaleText("Pending", "Changed.")})
    edit_faq(faq_id=pending.public_id, by=shop.olaf, seen=1, content=edited, now=shop.now)
    ids = [live.public_id, pending.public_id]
    done = tag_faqs(faq_ids=ids, tag="b", by=shop.olaf, now=shop.now)
    assert (done.changed, done.refused) == (2, ())
    assert (copy_of(live).tags, copy_of(pending).tags) == (("a", "b"), ("b",))
    assert not Faq.objects.get(pk=live.pk).has_unpublished_changes
    assert Faq.objects.get(pk=pending.pk).has_unpublished_changes
    assert tag_faqs(faq_ids=ids, tag="b", by=shop.olaf, now=shop.now).changed == 0
    moved = move_faqs(faq_ids=ids, category="Home", by=shop.olaf, now=shop.now)
    assert categories() == ["Home"]
    assert moved.change_id is not None
    undo_change(change_id=moved.change_id, by=shop.olaf, now=shop.now)
    assert categories() == []
    assert copy_of(pending).text(EN).answer == "Changed."
    assert untag_faqs(faq_ids=ids, tag="a", by=shop.olaf, now=shop.now).changed == 1
    assert (tags(), copy_of(live).tags) == ([("b", 2)], ("b",))


def test_one_that_has_all_tags_it_may_have_is_named(shop: Shop) -> None:
    full = made(shop, "Full", tags=tuple(f"t{number}" for number in range(20)))
    room = made(shop, "Room")
    done = tag_faqs(faq_ids=[full.public_id, room.public_id], tag="one more", by=shop.olaf, now=shop.now)
    assert done.changed == 1
    assert [title for title, _reason in done.refused] == ["Full"]


def test_states_of_many(shop: Shop) -> None:
    live, draft = made(shop, "Live"), made(shop, "Draft", publish=False)
    ids = [live.public_id, draft.public_id]
    assert unpublish_faqs(faq_ids=ids, by=shop.olaf, now=shop.now).changed == 1
    assert archive_faqs(faq_ids=ids, by=shop.olaf, now=shop.now).changed == 2
    assert unpublish_faqs(faq_ids=ids, by=shop.olaf, now=shop.now).changed == 0
    assert found() == []
    assert restore_faqs(faq_ids=ids, by=shop.olaf, now=shop.now).changed == 2
    assert set(found(state=FaqState.DRAFT)) == {"Live", "Draft"}


def test_who_reads_changes_nothing(shop: Shop) -> None:
    faq = made(shop, "Live")
    with pytest.raises(NotAllowed):
        tag_faqs(faq_ids=[faq.public_id], tag="b", by=shop.nina, now=shop.now)
    with pytest.raises(Invalid):
        tag_faqs(faq_ids=[], tag="b", by=shop.olaf, now=shop.now)
    assert tags() == []
