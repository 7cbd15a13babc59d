"""Findings: found, kept, ignored for a reason, back when something changes, mended by one click and undone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from cs_portal.core.jobs import Lease, lease_next
from cs_portal.core.models import AuditEntry, Job, JobState
from cs_portal.core.tenancy import scope
from cs_portal.drafting.services.answer_checks import check_answers
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.findings import counts, findings_of, problems_of
from cs_portal.knowledge.models import Faq, FaqFigures, FaqState, LinkCheck, LinkState, QualityCheck, QualityFinding
from cs_portal.knowledge.quality.kinds import Kind
from cs_portal.knowledge.selectors import faq_with_texts, working_copy
from cs_portal.knowledge.services.editing import create_faq, edit_faq
from cs_portal.knowledge.services.lifecycle import archive_faq, undo_change
from cs_portal.knowledge.services.mending import mend
from cs_portal.knowledge.services.quality import heed_finding, ignore_finding
from cs_portal.knowledge.services.quality_runs import JOB, ask_for_check
from tests.factories import make_draft, make_merchant
from tests.knowledge.conftest import Shop

EN, ZH = "en", "zh-hans"


def made(shop: Shop, question: str, answer: str = "Yes.", *, zh: tuple[str, str] | None = None, **settings: Any) -> Faq:
    texts = {EN: LocaleText(question, answer, settings.pop("phrasings", ()))}
    if zh:
        texts[ZH] = LocaleText(*zh)
    content = replace(FaqContent(texts, settings.pop("category", "")), **settings)
    return create_faq(by=shop.olaf, content=content, publish=settings.pop("publish", True), now=shop.now).faq


def check(shop: Shop) -> dict[str, int]:
    """Run the check that waits, whenever it is due; findings by kind."""
    Job.objects.filter(kind=JOB, state=JobState.READY).update(execute_after=shop.now)
    lease = lease_next(["upkeep"], owner="test", now=timezone.now())
    assert isinstance(lease, Lease) and lease.kind == JOB
    check_answers(lease=lease, now=timezone.now())
    return counts().by_kind


def only() -> QualityFinding:
    return QualityFinding.objects.select_related("faq", "other").exclude(kind=Kind.UNTRANSLATED).get()


def contradicting(shop: Shop) -> tuple[Faq, Faq]:
    return (
        made(shop, "How long can I return?", "Returns within 30 days.", zh=("多久可以退", "30 天内可退。")),
        made(shop, "What is the return window?", "Returns are accepted for 14 days.", zh=("退货期", "30 天内可退。")),
    )


def test_a_contradiction_is_found_with_its_words_and_goes_when_it_is_mended(shop: Shop) -> None:
    first, second = contradicting(shop)
    # The second one also disagrees with its own Chinese.
    assert check(shop) == {Kind.CONTRADICTION: 1, Kind.TRANSLATION: 1}
    row = QualityFinding.objects.get(kind=Kind.CONTRADICTION)
    assert (row.faq, row.other) == (first, second)
    assert row.detail["topic"] == "return_window"
    assert [row.detail[side]["shown"] for side in ("first", "second")] == ["30 days", "14 days"]
    assert problems_of([first, second]) == {
        first.pk: [Kind.CONTRADICTION],
        second.pk: [Kind.CONTRADICTION, Kind.TRANSLATION],
    }
    content = working_copy(faq_with_texts(second.public_id))
    texts = {**content.texts, EN: replace(content.text(EN), answer="Returns are accepted for 30 days.")}
    edit_faq(faq_id=second.public_id, by=shop.olaf, seen=1, content=replace(content, texts=texts), now=shop.now)
    assert check(shop) == {}


def test_ignored_stays_ignored_until_what_it_rests_on_changes(shop: Shop) -> None:
    first, _second = contradicting(shop)
    check(shop)
    row = QualityFinding.objects.get(kind=Kind.CONTRADICTION)
    ignore_finding(finding_id=row.public_id, by=shop.olaf, reason=" B2B  only ", now=shop.now)
    ask_for_check(now=shop.now)
    assert check(shop) == {Kind.TRANSLATION: 1}
    kept = QualityFinding.objects.get(pk=row.pk)
    assert (kept.reason, kept.ignored_by) == ("B2B only", shop.olaf)
    assert counts().ignored == 1
    assert problems_of([first]) == {}
    content = working_copy(faq_with_texts(first.public_id))
    texts = {
        EN: replace(content.text(EN), answer="Returns within 60 days."),
        ZH: LocaleText("多久可以退", "60 天内可退。"),
    }
    edit_faq(faq_id=first.public_id, by=shop.olaf, seen=1, content=replace(content, texts=texts), now=shop.now)
    assert check(shop) == {Kind.CONTRADICTION: 1, Kind.TRANSLATION: 1}
    assert counts().ignored == 0


def test_an_ignore_needs_a_reason_and_is_taken_back(shop: Shop) -> None:
    contradicting(shop)
    check(shop)
    row = QualityFinding.objects.get(kind=Kind.CONTRADICTION)
    with pytest.raises(Invalid):
        ignore_finding(finding_id=row.public_id, by=shop.olaf, reason=" ", now=shop.now)
    with pytest.raises(NotAllowed):
        ignore_finding(finding_id=row.public_id, by=shop.nina, reason="no", now=shop.now)
    ignore_finding(finding_id=row.public_id, by=shop.olaf, reason="no", now=shop.now)
    with pytest.raises(Conflict):
        ignore_finding(finding_id=row.public_id, by=shop.bob, reason="no", now=shop.now)
    heed_finding(finding_id=row.public_id, by=shop.bob, now=shop.now)
    assert QualityFinding.objects.get(pk=row.pk).ignored_at is None
    assert [entry.action for entry in AuditEntry.objects.order_by("-id")[:2]] == ["finding.heeded", "finding.ignored"]
    assert re.search(r"no\b", str(AuditEntry.objects.order_by("-id")[0].data)) is None


def test_days_languages_labels_and_unused_ones(shop: Shop) -> None:
    day = shop.now.date()
    made(shop, "Sale?", valid_until=day - timedelta(days=2), zh=("促销", "是"))
    made(shop, "Soon?", valid_until=day + timedelta(days=3), zh=("快", "是"), category="Shipping")
    made(shop, "Other?", zh=("别的", "是"), category="shipping")
    old = made(shop, "English only?", zh=None, category="Shipping")
    assert check(shop) == {Kind.EXPIRED: 1, Kind.EXPIRING: 1, Kind.UNTRANSLATED: 1, Kind.LABEL: 1}
    Faq.objects.filter(pk=old.pk).update(updated_at=shop.now - timedelta(days=31))
    for _number in range(50):
        make_draft(shop.merchant)
    ask_for_check(now=shop.now)
    assert check(shop)[Kind.NEVER_HIT] == 1
    FaqFigures.objects.create(faq=old, hits=1)
    ask_for_check(now=shop.now)
    assert Kind.NEVER_HIT not in check(shop)


def test_a_duplicate_is_merged_by_one_click_and_undone(shop: Shop) -> None:
    kept = made(shop, "Do you ship abroad?", "Yes.", phrasings=("Overseas?",))
    gone = made(shop, "Shipping to Spain", "We do.", phrasings=("overseas", "To France?"), zh=("寄国外吗", "可以"))
    check(shop)
    row = only()
    assert (row.kind, row.detail["why"], row.detail["shown"]) == (Kind.DUPLICATE, "phrasing", "overseas")
    change = mend(finding_id=row.public_id, deed="merge_first", by=shop.olaf, now=shop.now)
    content = working_copy(faq_with_texts(kept.public_id))
    assert content.text(EN).phrasings == ("Overseas?", "Shipping to Spain", "To France?")
    assert content.text(ZH).answer == "可以"
    assert Faq.objects.get(pk=kept.pk).has_unpublished_changes is False
    assert Faq.objects.get(pk=gone.pk).state == FaqState.ARCHIVED
    assert not QualityFinding.objects.filter(pk=row.pk).exists()
    assert change is not None
    undo_change(change_id=change, by=shop.olaf, now=shop.now)
    assert working_copy(faq_with_texts(kept.public_id)).text(EN).phrasings == ("Overseas?",)
    assert Faq.objects.get(pk=gone.pk).state == FaqState.PUBLISHED


def test_an_expired_one_holds_on_or_is_archived_and_nothing_else(shop: Shop) -> None:
    day = shop.now.date()
    faq = made(shop, "Sale?", valid_until=day - timedelta(days=2), zh=("促销", "是"))
    check(shop)
    row = only()
    with pytest.raises(Invalid):
        mend(finding_id=row.public_id, deed="unify", by=shop.olaf, now=shop.now)
    with pytest.raises(NotAllowed):
        mend(finding_id=row.public_id, deed="prolong", by=shop.nina, now=shop.now)
    assert Faq.objects.get(pk=faq.pk).valid_until == day - timedelta(days=2)
    mend(finding_id=row.public_id, deed="prolong", by=shop.olaf, now=shop.now)
    assert Faq.objects.get(pk=faq.pk).valid_until is None
    with pytest.raises(NotFound):
        mend(finding_id=row.public_id, deed="archive", by=shop.olaf, now=shop.now)


def test_one_spelling_for_all(shop: Shop) -> None:
    for number, category in enumerate(("Home", "Home", "home")):
        made(shop, f"Question {number}?", f"Answer {number}.", zh=(f"问题{number}", "是"), category=category)
    check(shop)
    row = only()
    assert (row.kind, row.detail["written"], row.detail["usual"]) == (Kind.LABEL, "home", "Home")
    mend(finding_id=row.public_id, deed="unify", by=shop.olaf, now=shop.now)
    assert set(Faq.objects.values_list("category", flat=True)) == {"Home"}


def test_a_broken_address_is_told_where_it_stands(shop: Shop) -> None:
    faq = made(shop, "Where?", "See https://shop.example/gone.", zh=("哪里", "看 https://shop.example/ok 。"))
    check(shop)
    assert set(LinkCheck.objects.values_list("url", "state")) == {
        ("https://shop.example/gone", LinkState.NEW),
        ("https://shop.example/ok", LinkState.NEW),
    }
    LinkCheck.objects.filter(url__endswith="gone").update(state=LinkState.BROKEN, note="404")
    ask_for_check(now=shop.now)
    assert check(shop) == {Kind.LINK: 1}
    assert [row.detail for row in findings_of(faq)] == [{"url": "https://shop.example/gone", "note": "404"}]
    archive_faq(faq_id=faq.public_id, by=shop.olaf, seen=1, now=shop.now)
    assert check(shop) == {}
    assert not LinkCheck.objects.exists()


def test_a_check_follows_every_change_and_the_next_day_but_never_twice(shop: Shop) -> None:
    def waiting() -> list[Any]:
        rows = Job.objects.filter(kind=JOB, state=JobState.READY)
        return list(rows.values_list("execute_after", flat=True))

    made(shop, "One?")
    made(shop, "Two?")
    assert waiting() == [shop.now + timedelta(seconds=5)]
    check(shop)
    done = QualityCheck.objects.get()
    assert done.faqs == 2
    assert waiting() == [done.finished_at + timedelta(days=1)]
    QualityCheck.objects.update(seconds=60)
    later = done.finished_at + timedelta(seconds=1)
    ask_for_check(now=later)
    assert waiting() == [done.finished_at + timedelta(seconds=600)]
    ask_for_check(now=later, at_once=True)
    assert waiting() == [later]


def test_findings_of_another_merchant_do_not_exist(shop: Shop) -> None:
    contradicting(shop)
    check(shop)
    row = QualityFinding.objects.get(kind=Kind.CONTRADICTION)
    other = make_merchant("other")
    with scope(merchant=other), pytest.raises(NotFound):
        heed_finding(finding_id=row.public_id, by=shop.olaf, now=shop.now)
