"""Mining gaps: what comes in, where it goes, what becomes of it, and what is forgotten."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from cs_portal.conversations.models import Conversation
from cs_portal.core.models import Job
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.models import Draft
from cs_portal.drafting.services.shopper_export import shopper_data
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.models import Faq, GapQuestion, GapRun, GapState, KnowledgeGap, WorkState
from cs_portal.knowledge.services.editing import create_faq
from cs_portal.knowledge.services.forgetting import forget_conversations
from cs_portal.knowledge.services.gap_runs import ask_for_draft, ask_for_mining, ask_for_replay
from cs_portal.knowledge.services.gaps import dismiss_gaps
from cs_portal.learning.gaps.answering import write_faq
from cs_portal.learning.gaps.mining import mine
from cs_portal.learning.gaps.neutral import Neutraliser
from cs_portal.learning.gaps.settling import settle
from cs_portal.merchants.models import Member, Merchant
from tests.factories import make_product
from tests.knowledge.gap_rows import BOT, NOW
from tests.learning.conftest import ask

pytestmark = pytest.mark.django_db

ENGRAVE = ["Can you engrave the mug with a name?", "Can you engrave a mug with a name please?"]


def look(merchant: Merchant) -> list[tuple[str, int]]:
    """Mine, and the gaps by title with their size."""
    with scope(merchant=merchant):
        mine(bot=BOT, now=NOW)
        return sorted(KnowledgeGap.objects.values_list("title", "size"))


def test_like_questions_make_one_gap_and_others_another(merchant: Merchant) -> None:
    for text in ENGRAVE:
        ask(merchant, text)
    ask(merchant, "Do you rent out tents?")
    assert [size for _title, size in look(merchant)] == [2, 1]


def test_a_second_run_changes_nothing_and_new_questions_join_what_is_known(merchant: Merchant) -> None:
    ask(merchant, ENGRAVE[0])
    look(merchant)
    with scope(merchant=merchant):
        first = KnowledgeGap.objects.get().public_id
    assert look(merchant) == [(ENGRAVE[0], 1)]
    ask(merchant, ENGRAVE[1])
    assert look(merchant) == [(ENGRAVE[0], 2)]
    with scope(merchant=merchant):
        assert KnowledgeGap.objects.get().public_id == first


def test_questions_are_redacted_before_they_are_stored(merchant: Merchant) -> None:
    ask(merchant, "Anna Li here, order 10533: can you engrave it? Call 13812345678")
    look(merchant)
    with scope(merchant=merchant):
        assert GapQuestion.objects.get().text == "[NAME] here, order [ORDER]: can you engrave it? Call [PHONE]"


def test_products_do_not_part_what_is_asked(merchant: Merchant) -> None:
    make_product(merchant, title_en="Finch Bird Feeder", title_zh="雀鸟喂食器")
    make_product(merchant, title_en="Campfire Enamel Mug", title_zh="营火珐琅杯")
    ask(merchant, "Is the Finch Bird Feeder engraved?")
    ask(merchant, "Is the Campfire Enamel Mug engraved?")
    assert [size for _title, size in look(merchant)] == [2]
    assert Neutraliser(["Mug"])("Mugs for the MUG?", "en") == "Mugs for the product?"


def test_several_lines_are_one_question_and_one_that_was_passed_over_is_its_own(merchant: Merchant) -> None:
    passed = [{"name": "other", "probability": 0.0, "question": "Are they vegan?", "unanswered": True}]
    ask(merchant, "When does it come? Are they vegan?", answered=True, intents=passed)
    ask(merchant, "?!")
    assert look(merchant) == [("Are they vegan?", 1)]


def test_trend_counts_four_weeks_and_the_four_before(merchant: Merchant) -> None:
    for days in (1, 3, 40):
        ask(merchant, ENGRAVE[0], at=NOW - timedelta(days=days))
    look(merchant)
    with scope(merchant=merchant):
        gap = KnowledgeGap.objects.get()
    assert (gap.recent, gap.before, gap.size, gap.trend) == (2, 1, 3, 1)


def test_a_dismissed_gap_takes_new_questions_in_silence(merchant: Merchant, member: Member) -> None:
    ask(merchant, ENGRAVE[0])
    look(merchant)
    with scope(merchant=merchant):
        gap = KnowledgeGap.objects.get()
        dismiss_gaps(gap_ids=[gap.public_id], reason="one_off", by=member, now=NOW)
    ask(merchant, ENGRAVE[1])
    look(merchant)
    with scope(merchant=merchant):
        gap.refresh_from_db()
    assert (gap.state, gap.size) == (GapState.DISMISSED, 2)


def publish(merchant: Merchant, member: Member, question: str, answer: str = "Yes, for ¥30.") -> Faq:
    with scope(merchant=merchant):
        content = FaqContent({"en": LocaleText(question, answer, (ENGRAVE[1],))})
        return create_faq(by=member, content=content, publish=True, now=timezone.now()).faq


def settle_all(merchant: Merchant) -> int:
    with scope(merchant=merchant):
        return settle(list(KnowledgeGap.objects.filter(state=GapState.OPEN)), bot=BOT, now=timezone.now())


def test_what_is_published_since_resolves_a_gap_and_asking_again_opens_it(merchant: Merchant, member: Member) -> None:
    ask(merchant, ENGRAVE[0])
    look(merchant)
    faq = publish(merchant, member, ENGRAVE[0])
    assert settle_all(merchant) == 1
    with scope(merchant=merchant):
        gap = KnowledgeGap.objects.get()
        assert (gap.state, gap.faq_id) == (GapState.RESOLVED, faq.pk)
        later = timezone.now() + timedelta(hours=1)
    ask(merchant, ENGRAVE[1], at=later)
    with scope(merchant=merchant):
        mine(bot=BOT, now=later + timedelta(hours=1))
        gap.refresh_from_db()
    assert (gap.state, gap.size, gap.closed_at) == (GapState.OPEN, 2, None)


def test_what_was_live_when_they_asked_resolves_nothing(merchant: Merchant, member: Member) -> None:
    publish(merchant, member, ENGRAVE[0])
    ask(merchant, ENGRAVE[0], at=timezone.now() + timedelta(minutes=1))
    with scope(merchant=merchant):
        mine(bot=BOT, now=timezone.now() + timedelta(minutes=2))
    assert settle_all(merchant) == 0


def test_an_faq_is_made_of_the_most_central_reply_without_anybodys_data(merchant: Merchant) -> None:
    good = "Hi Anna, yes, we engrave mugs for ¥30. Kind regards, Sam"
    ask(merchant, ENGRAVE[0], reply=good)
    ask(merchant, ENGRAVE[0], reply="Dear Anna, yes, we engrave mugs for ¥30, up to 12 letters.")
    ask(merchant, ENGRAVE[1], reply="Hi Anna, your order 10533 arrives on 3 December 2026.")
    ask(merchant, "可以刻字吗，马克杯", reply="您好，可以的，刻字 30 元。", locale="zh-hans")
    look(merchant)
    with scope(merchant=merchant):
        kept = KnowledgeGap.objects.order_by("-size").first()
        assert kept is not None
        GapQuestion.objects.update(gap=kept)
        written = write_faq(kept, bot=BOT)
    english, chinese = written.content.text("en"), written.content.text("zh-hans")
    assert english.answer in {"Yes, we engrave mugs for ¥30.", "Yes, we engrave mugs for ¥30, up to 12 letters."}
    assert sorted([english.question, *english.phrasings]) == sorted(ENGRAVE)
    assert chinese.answer == "可以的，刻字 30 元。"
    assert written.replies == 3


def test_the_jobs_from_a_look_to_a_replay(merchant: Merchant, member: Member) -> None:
    """Through the job table, as members start them."""
    for text in ENGRAVE:
        ask(merchant, text, reply="Hi Anna, yes, we engrave mugs for ¥30, up to 12 letters.")
    now = timezone.now()
    with scope(merchant=merchant):
        run = ask_for_mining(by=member, now=now)
    # Minutes long in a large shop: no queue that somebody waits for is kept by it.
    assert run_due(["fast", "model", "bulk"], keep=False) == 0
    run_due(["upkeep"], keep=False)
    with scope(merchant=merchant):
        run.refresh_from_db()
        assert (run.state, run.result["read"], run.result["made"]) == (WorkState.DONE, 2, 1)
        gap = KnowledgeGap.objects.get()
        ask_for_draft(gap_id=gap.public_id, by=member, now=now)
    run_due(["bulk"], keep=False)
    with scope(merchant=merchant):
        gap.refresh_from_db()
        assert gap.faq is not None
        assert gap.faq.state == "draft"
        replayed = ask_for_replay(faq_id=gap.faq.public_id, gap_id=gap.public_id, by=member, now=now)
    run_due(["bulk"], keep=False)
    with scope(merchant=merchant):
        replayed.refresh_from_db()
        assert [found["answered"] for found in replayed.result["questions"]] == [True, True]
        assert [found["answered_before"] for found in replayed.result["questions"]] == [False, False]
    assert not Job.objects.filter(state="failed").exists()


def test_erasing_a_conversation_takes_its_questions_and_an_empty_gap(merchant: Merchant) -> None:
    one, two = ask(merchant, ENGRAVE[0]), ask(merchant, "Do you rent out tents?")
    ask(merchant, ENGRAVE[1])
    look(merchant)
    with scope(merchant=merchant):
        ids: list[UUID] = list(
            Conversation.objects.filter(drafts__in=[one.pk, two.pk]).values_list("public_id", flat=True)
        )
        shopper = Draft.objects.get(pk=one.pk).conversation.shopper
        kept = shopper_data(shopper, now=NOW)["knowledge"]["unanswered_questions"]
        assert [row["text"] for row in kept] == [ENGRAVE[0]]
        forget_conversations(ids, now=NOW)
        assert list(KnowledgeGap.objects.values_list("title", "size")) == [(ENGRAVE[1], 1)]


def test_two_members_who_look_at_once_wait_for_one_run(merchant: Merchant, member: Member) -> None:
    with scope(merchant=merchant):
        assert ask_for_mining(by=member, now=NOW).pk == ask_for_mining(by=member, now=NOW).pk
        assert GapRun.objects.count() == 1
