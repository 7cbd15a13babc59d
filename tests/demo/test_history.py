"""Past conversations are written in bulk; whatever the services would have kept true is true of them, too."""

from __future__ import annotations

import random
import tempfile
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db.models import F
from django.test import TestCase

from cs_portal.commerce.models import Order, OrderStatus, Product, Refund
from cs_portal.conversations import search
from cs_portal.conversations.models import Activity, Author, Conversation, HandoverReason, Message, Note, OutgoingReply
from cs_portal.conversations.services.texts import preview
from cs_portal.core.models import AuditEntry, Job
from cs_portal.core.tenancy import scope
from cs_portal.demo.history.past import as_of
from cs_portal.demo.history.rhythm import arrival, weight
from cs_portal.demo.history.topics import phrase, topics
from cs_portal.demo.services import load_demo
from cs_portal.drafting.models import Decision, Draft, DraftState, Review
from cs_portal.knowledge.models import Faq
from cs_portal.merchants.models import Member, Merchant

NOW = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)


def threads() -> dict[int, list[Message]]:
    rows: dict[int, list[Message]] = defaultdict(list)
    for message in Message.objects.order_by("id"):
        rows[message.conversation_id].append(message)
    return rows


class TheHistory(TestCase):
    """Loaded once: it takes some seconds."""

    past: Merchant

    @classmethod
    def setUpTestData(cls) -> None:
        with tempfile.TemporaryDirectory() as folder:
            load_demo(seed=1, shop_origin="http://shop.example", accounts_path=Path(folder) / "accounts.json", now=NOW)
        cls.past = Merchant.objects.get(slug="fernhill")

    def setUp(self) -> None:
        self.enterContext(scope(merchant=self.past))

    def test_there_is_something_for_every_page(self) -> None:
        assert Conversation.objects.count() >= 400
        states = Counter(Conversation.objects.values_list("state", flat=True))
        assert states["resolved"] > 350
        assert 10 <= states["open"] <= 40
        assert states["snoozed"] >= 2
        days = {at.date() for at in Conversation.objects.values_list("created_at", flat=True)}
        assert len(days) >= 58
        assert set(Conversation.objects.values_list("storefront__slug", flat=True)) == {"main", "international"}
        decisions = Counter(Review.objects.values_list("decision", flat=True))
        assert (
            min(decisions[d] for d in (Decision.APPROVED, Decision.EDITED, Decision.REJECTED, Decision.SUPERSEDED)) > 20
        )
        assert Draft.objects.filter(state=DraftState.READY).count() >= 4
        assert {"allow", "deny", "escalate", "ask"} == {
            d.verdict["outcome"] for d in Draft.objects.exclude(verdict=None)
        }
        assert Conversation.objects.filter(csat_score__isnull=False).count() > 80
        assert Conversation.objects.filter(reopened_count__gt=0).exists()
        assert Conversation.objects.filter(waiting_since__isnull=False, reply_due_at__lt=NOW).exists()
        assert Note.objects.count() > 10
        texts = set(Message.objects.filter(author=Author.SHOPPER).values_list("text", flat=True))
        assert len(texts) > 300

    def test_nobody_wrote_before_the_shop_knew_them(self) -> None:
        early = Conversation.objects.filter(shopper__created_at__gt=F("created_at"))
        assert not early.exists()

    def test_no_product_goes_with_itself(self) -> None:
        asked = [
            (draft, product)
            for draft in Draft.objects.filter(intent="recommendation").select_related("message")
            for product in Product.objects.all()
            if draft.message.text in {f"What goes well with the {product.title_en}?", f"{product.title_zh}搭配什么好看"}
        ]
        assert asked
        for draft, product in asked:
            assert product.external_id not in {card.get("id") for card in draft.cards}

    def test_complaints_are_handed_over_as_such(self) -> None:
        reasons = Draft.objects.filter(intent="complaint", needs_person=True).values_list("handover_reason", flat=True)
        assert set(reasons) == {HandoverReason.COMPLAINT}

    def test_every_answer_that_topics_name_is_an_faq(self) -> None:
        known = set(Faq.objects.values_list("key", flat=True)) | {""}
        named = {faq for topic in topics().values() for faq in topic.faqs}
        named |= {faq for topic in topics().values() for answers in topic.answers.values() for faq in answers}
        assert named <= known

    def test_the_counters_of_a_conversation_follow_from_its_messages(self) -> None:
        spoken = threads()
        for row in Conversation.objects.select_related("storefront"):
            said = [message for message in spoken[row.pk] if message.author != Author.SYSTEM]
            replies = [message for message in said if message.author != Author.SHOPPER]
            assert row.version == len(said)
            assert row.created_at == said[0].created_at
            assert (row.last_message_at, row.last_author) == (said[-1].created_at, said[-1].author)
            assert row.preview == preview(said[-1].text)
            assert row.first_reply_at == (replies[0].created_at if replies else None)
            own = [message.created_at for message in replies if message.author == Author.OPERATOR]
            assert row.first_person_reply_at == (own[0] if own else None)
            assert row.first_reply_due_at > row.created_at
            assert row.next_replies_late <= row.next_replies
            answered = said[-1].author != Author.SHOPPER
            if row.state != "resolved":
                assert (row.waiting_since is None) == answered
                assert (row.waiting_since is None) == (row.reply_due_at is None)
            moments = [message.created_at for message in said]
            assert moments == sorted(moments)
            assert moments[-1] < NOW

    def test_the_first_unanswered_message_is_what_waits(self) -> None:
        spoken = threads()
        waiting = Conversation.objects.filter(waiting_since__isnull=False)
        assert waiting
        for row in waiting:
            said = spoken[row.pk]
            last_reply = max((m.pk for m in said if m.author in {Author.BOT, Author.OPERATOR}), default=0)
            first_open = next(m for m in said if m.pk > last_reply and m.author == Author.SHOPPER)
            assert row.waiting_since == first_open.created_at

    def test_resolutions_are_whole(self) -> None:
        for row in Conversation.objects.all():
            resolved = row.state == "resolved"
            assert (row.resolved_at is not None) == resolved == bool(row.resolved_by)
            assert (row.state == "snoozed") == (row.snoozed_until is not None)
            if resolved:
                assert (row.needs_person, row.waiting_since, row.handled_by) == (False, None, "bot")
                assert row.csat_asked_at == row.resolved_at
            if row.csat_answered_at:
                assert row.csat_score in range(1, 6)
            reopened = Activity.objects.filter(conversation=row, kind="reopened").count() if row.reopened_count else 0
            assert row.reopened_count == reopened
        silent = Conversation.objects.filter(resolved_by="assumed")
        assert silent
        assert not silent.filter(resolved_at__lt=F("last_message_at") + timedelta(hours=24)).exists()

    def test_every_sent_reply_has_a_draft_or_a_writer_and_an_entry_in_the_log(self) -> None:
        drafts = {draft.public_id: draft for draft in Draft.objects.filter(state=DraftState.SENT)}
        written = {reply.public_id: reply for reply in OutgoingReply.objects.all()}
        replies = list(Message.objects.filter(author__in=[Author.BOT, Author.OPERATOR]))
        assert {message.draft_key for message in replies} == set(drafts) | set(written)
        entries = AuditEntry.objects.filter(merchant_number=self.past.pk, action="reply.sent")
        assert entries.count() == len(replies)
        reviews = {
            review.draft_id: review
            for review in Review.objects.filter(decision__in=[Decision.APPROVED, Decision.EDITED], undone_at=None)
        }
        logged = {entry.target for entry in entries}
        for message in replies:
            draft = drafts.get(message.draft_key)
            if draft is None:
                assert message.author == Author.OPERATOR
                assert message.text == written[message.draft_key].text
                continue
            review = reviews[draft.pk]
            assert f"draft:{draft.public_id}" in logged
            assert (message.text, message.member_id, message.created_at) == (
                review.text, review.member_id, review.executed_at,
            )  # fmt: skip
            assert message.author == (Author.BOT if review.decision == Decision.APPROVED else Author.OPERATOR)
            same = review.candidate is not None and review.candidate.text.strip() == review.text
            assert same == (review.decision == Decision.APPROVED)

    def test_drafts_answer_the_last_message_of_their_time(self) -> None:
        spoken = threads()
        for draft in Draft.objects.select_related("message", "conversation", "order"):
            assert draft.message.author == Author.SHOPPER
            before = [
                m for m in spoken[draft.conversation_id] if m.pk <= draft.message_id and m.author != Author.SYSTEM
            ]
            assert draft.conversation_version == len(before)
            assert (draft.state == DraftState.READY) == (draft.closed_at is None)
            assert draft.created_at > draft.message.created_at
            if draft.state == DraftState.READY:
                assert draft.conversation.version == draft.conversation_version
                assert draft.order is None or draft.order_version == draft.order.version
            if draft.state == DraftState.SUPERSEDED:
                assert Review.objects.filter(draft=draft, decision=Decision.SUPERSEDED).count() == 1

    def test_evidence_refers_to_what_there_is(self) -> None:
        faqs = {str(key) for key in Faq.objects.values_list("public_id", flat=True)}
        orders = set(Order.objects.values_list("number", flat=True))
        seen = Counter()
        for draft in Draft.objects.all():
            for piece in draft.evidence:
                kind, name = piece["ref"].split(":")[:2]
                seen[kind] += 1
                assert kind != "faq" or name in faqs
                assert kind != "order" or name in orders
            assert (draft.verdict is not None) == (draft.request is not None) == (draft.ruleset_id is not None)
        assert min(seen[kind] for kind in ("faq", "order", "verdict", "product")) > 20

    def test_money_that_was_promised_was_paid_and_no_other(self) -> None:
        reviews = {str(review.public_id): review for review in Review.objects.select_related("draft__order")}
        kept = {refund.key: refund for refund in Refund.objects.select_related("order")}
        decided = 0
        for key, review in reviews.items():
            draft = review.draft
            sent = review.executed_at is not None and draft.request is not None
            verdict = draft.standing_verdict if sent else {}
            pays = verdict.get("outcome") == "allow" and bool(verdict.get("payments"))
            assert (key in kept) == (pays and draft.request["action"] in {"refund", "cancel"})
            if key in kept:
                decided += 1
                assert kept[key].order_id == draft.order_id
                assert kept[key].amount_minor == verdict["amount_minor"]
                assert kept[key].created_at == review.executed_at
            if sent and draft.request["action"] == "cancel" and verdict.get("outcome") == "allow":
                assert (draft.order.status, draft.order.cancelled_at) == (OrderStatus.CANCELLED, review.executed_at)
        assert decided >= 15
        for order in Order.objects.prefetch_related("refunds", "payments"):
            assert (
                order.refunded_minor == sum(refund.amount_minor for refund in order.refunds.all()) <= order.paid_minor
            )
            for payment in order.payments.all():
                shares = [
                    s for refund in order.refunds.all() for s in refund.payments if s["id"] == payment.external_id
                ]
                assert payment.refunded_minor == sum(share["amount_minor"] for share in shares)

    def test_only_those_who_may_decide_did(self) -> None:
        readers = set(Member.objects.filter(role="analyst").values_list("pk", flat=True))
        assert not Review.objects.filter(member__in=readers).exists()
        assert not Message.objects.filter(member__in=readers).exists()
        for review in Review.objects.filter(decision=Decision.OVERRIDDEN).select_related("member"):
            assert review.member.may_configure

    def test_what_lies_ahead_has_its_job(self) -> None:
        for row in Conversation.objects.filter(state="snoozed"):
            assert row.snoozed_until > NOW
            assert Job.objects.filter(kind="wake_conversation", payload__conversation=row.pk).exists()

    def test_the_past_can_be_searched(self) -> None:
        row = Conversation.objects.filter(shopper__name__gt="").first()
        assert row.pk in search.matching(row.shopper.name)

    def test_operators_answer_by_day(self) -> None:
        hours = Counter(
            at.astimezone(ZoneInfo(self.past.timezone)).hour
            for at in Review.objects.exclude(member=None).values_list("created_at", flat=True)
        )
        assert sum(hours[hour] for hour in range(9, 21)) / hours.total() > 0.95


def test_there_are_enough_ways_to_ask_in_each_language() -> None:
    for locale in ("en", "zh-hans"):
        assert len({opener for topic in topics().values() for opener in topic.openers[locale]}) >= 60
    for topic in topics().values():
        for locale, answers in topic.answers.items():
            assert len(answers) == len(topic.openers[locale]), topic.key


def test_shoppers_write_more_by_day_than_by_night_and_on_mondays_than_on_sundays() -> None:
    monday, today = datetime(2026, 11, 16, 21, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC).date()
    evening = weight(monday, locale="zh-hans", today=today)
    assert evening > weight(monday.replace(hour=4), locale="zh-hans", today=today)
    assert evening > weight(monday - timedelta(days=1), locale="zh-hans", today=today)
    assert arrival(monday, monday - timedelta(hours=1), locale="en", rng=random.Random(1)) is None


def test_an_order_is_seen_as_it_was() -> None:
    document = {
        "number": "1", "status": "closed", "placed_at": "2026-11-01T10:00:00+08:00",
        "paid_at": "2026-11-01T10:05:00+08:00", "shipped_at": "2026-11-02T16:00:00+08:00",
        "delivered_at": "2026-11-05T12:00:00+08:00", "cancelled_at": None, "version": 3,
        "payments": [{"id": "p", "amount_minor": 100, "captured_at": "2026-11-01T10:05:00+08:00"}],
        "refunds": [{"id": "r", "key": "k", "created_at": "2026-11-06T10:00:00+08:00"}],
        "shipments": [{"shipped_at": "2026-11-02T16:00:00+08:00", "delivered_at": "2026-11-05T12:00:00+08:00"}],
    }  # fmt: skip

    def seen(text: str) -> dict:
        return as_of(document, datetime.fromisoformat(text))

    assert seen("2026-11-01T10:01:00+08:00")["payments"][0]["captured_at"] is None
    assert seen("2026-11-01T10:30:00+08:00")["status"] == "pending"
    assert seen("2026-11-03T10:00:00+08:00")["status"] == "shipped"
    assert seen("2026-11-03T10:00:00+08:00")["shipments"][0]["delivered_at"] is None
    assert (seen("2026-11-05T18:00:00+08:00")["status"], seen("2026-11-05T18:00:00+08:00")["refunds"]) == (
        "delivered", [],
    )  # fmt: skip
    assert seen("2026-11-07T18:00:00+08:00")["refunds"] == [{"id": "r", "created_at": "2026-11-06T10:00:00+08:00"}]


def test_a_phrase_about_what_is_not_known_is_not_said() -> None:
    said = {phrase("shopper.details", "en", {"days": "3", "city": "Leeds"}, random.Random(seed)) for seed in range(60)}
    assert "I've been waiting for 3 days now." in said
    assert not any("Order" in text or "about the" in text for text in said), said
