"""What makes a draft out of date, what is said about it, and what the queue may spend on knowing it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cs_portal.commerce.models import OrderStatus
from cs_portal.core.audit import Actor
from cs_portal.core.models import Event
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.drafting.errors import DraftStale
from cs_portal.drafting.models import Draft, DraftState
from cs_portal.drafting.selectors import draft_detail, drafts_awaiting_review
from cs_portal.drafting.services.review import approve_draft
from cs_portal.drafting.staleness import changes, fingerprint, outdated
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.models import Faq
from cs_portal.knowledge.services.editing import edit_faq
from cs_portal.knowledge.services.lifecycle import archive_faq, publish_faq, restore_faq, unpublish_faq
from cs_portal.merchants.models import Member, Merchant, Role
from cs_portal.policies.engine.shipped import load_shipped
from cs_portal.policies.models import RulesetVersion
from cs_portal.policies.services import publish_ruleset
from tests.drafting.conftest import Desk, make_desk
from tests.factories import make_candidate, make_conversation, make_draft, make_faq, make_member, make_merchant

pytestmark = pytest.mark.django_db
ANSWER = "Delivery takes 3 to 5 days."
ZH = ("多久能送到？", "一般 3 到 5 天送达。")


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    merchant = make_merchant()
    with scope(merchant=merchant):
        yield merchant


@pytest.fixture
def olaf(merchant: Merchant) -> Member:
    return make_member(merchant, Role.OPERATOR, name="Olaf")


@pytest.fixture
def faq(merchant: Merchant) -> Faq:
    return make_faq(merchant, "delivery", en=("How long does delivery take?", ANSWER), zh=ZH)


def _resting_on(faq: Faq, *, linked: bool = True, **fields: Any) -> Draft:
    """A draft whose reply quotes the answer, or that only looked at it."""
    both = {"en": "How long does delivery take?", "zh-hans": "How long does delivery take?"}
    ref = f"faq:{faq.public_id}:{faq.revision}"
    piece = {
        "ref": ref,
        "kind": "faq",
        "title": both,
        "text": dict.fromkeys(both, ANSWER),
        "locale": "en",
        "score": 0.9,
    }
    draft = make_draft(faq.merchant, texts=(), evidence=[piece], **fields)
    make_candidate(draft, ANSWER, links=[{"start": 0, "end": len(ANSWER), "evidence": ref if linked else ""}])
    return Draft.objects.select_related("conversation").get(pk=draft.pk)


def _now(faq: Faq) -> Faq:
    return Faq.objects.get(pk=faq.pk)


def _change(faq: Faq, by: Member, *, en: str = ANSWER, zh: str = ZH[1]) -> None:
    texts = {"en": LocaleText("How long does delivery take?", en), "zh-hans": LocaleText(ZH[0], zh)}
    edit_faq(
        faq_id=faq.public_id,
        by=by,
        seen=_now(faq).latest,
        content=FaqContent(texts),
        publish=True,
        now=timezone.now(),
    )


def test_an_archived_answer_makes_the_draft_stale_and_names_itself(merchant: Merchant, olaf: Member, faq: Faq) -> None:
    draft = _resting_on(faq)
    assert changes(draft, now=timezone.now()) == []
    archive_faq(faq_id=faq.public_id, by=olaf, seen=faq.latest, now=timezone.now())
    said = ["The answer “How long does delivery take?” was archived."]
    assert changes(draft, now=timezone.now()) == said
    with pytest.raises(DraftStale) as refusal:
        approve_draft(
            draft_id=draft.public_id,
            by=olaf,
            candidate=1,
            text=ANSWER,
            seen=fingerprint(draft),
            now=timezone.now(),
        )
    assert refusal.value.changes == said
    assert Draft.objects.get().state == DraftState.READY


def test_the_evidence_says_which_answer_moved(merchant: Merchant, olaf: Member, faq: Faq) -> None:
    draft, ref = _resting_on(faq), f"faq:{faq.public_id}:{faq.revision}"
    assert draft_detail(draft_id=draft.public_id, now=timezone.now()).moved_answers == {}
    archive_faq(faq_id=faq.public_id, by=olaf, seen=faq.latest, now=timezone.now())
    moved = draft_detail(draft_id=draft.public_id, now=timezone.now()).moved_answers
    assert moved == {ref: "The answer “How long does delivery take?” was archived."}


def test_an_unpublished_answer_makes_the_draft_stale_until_it_is_back(
    merchant: Merchant, olaf: Member, faq: Faq
) -> None:
    draft = _resting_on(faq)
    unpublish_faq(faq_id=faq.public_id, by=olaf, seen=faq.latest, now=timezone.now())
    assert changes(draft, now=timezone.now()) == ["The answer “How long does delivery take?” is no longer published."]
    publish_faq(faq_id=faq.public_id, by=olaf, seen=_now(faq).latest, now=timezone.now())
    assert changes(draft, now=timezone.now()) == []


def test_an_answer_that_was_archived_and_taken_up_again_unpublished_stays_away(
    merchant: Merchant, olaf: Member, faq: Faq
) -> None:
    draft = _resting_on(faq)
    archive_faq(faq_id=faq.public_id, by=olaf, seen=faq.latest, now=timezone.now())
    restore_faq(faq_id=faq.public_id, by=olaf, seen=_now(faq).latest, now=timezone.now())
    assert changes(draft, now=timezone.now()) == ["The answer “How long does delivery take?” is no longer published."]


def test_a_changed_answer_makes_the_draft_stale_but_another_language_does_not(
    merchant: Merchant, olaf: Member, faq: Faq
) -> None:
    draft = _resting_on(faq)
    _change(faq, olaf, zh="一般 2 天送达。")
    assert changes(draft, now=timezone.now()) == []
    _change(faq, olaf, en="Delivery takes 9 days.")
    assert changes(draft, now=timezone.now()) == ["The answer “How long does delivery take?” was changed."]


def test_an_answer_that_no_wording_rests_on_moves_nothing(merchant: Merchant, olaf: Member, faq: Faq) -> None:
    draft = _resting_on(faq, linked=False)
    archive_faq(faq_id=faq.public_id, by=olaf, seen=faq.latest, now=timezone.now())
    assert changes(draft, now=timezone.now()) == []


def test_consoles_are_told_that_an_answer_changed(merchant: Merchant, olaf: Member, faq: Faq) -> None:
    archive_faq(faq_id=faq.public_id, by=olaf, seen=faq.latest, now=timezone.now())
    assert Event.objects.get(name="knowledge:changed").data == {"faq": str(faq.public_id)}


def test_the_queue_finds_stale_drafts_with_the_same_queries_for_any_number(
    merchant: Merchant, olaf: Member, faq: Faq
) -> None:
    counts, stale = [], set()
    for more in (1, 6):
        for _ in range(more):
            stale.add(_resting_on(faq).pk)
        if more == 1:
            fresh = make_draft(merchant, make_conversation(merchant, texts=["Hi"]))
            archive_faq(faq_id=faq.public_id, by=olaf, seen=faq.latest, now=timezone.now())
        rows = list(drafts_awaiting_review())
        with CaptureQueriesContext(connection) as captured:
            assert outdated(rows, now=timezone.now()) == stale
        assert fresh.pk not in stale
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 4


def test_what_the_rules_decide_by_now_is_told_before_one_approves(db: None) -> None:
    """Opened on the seventh day, approved on the eighth: the window closed at midnight."""
    now = timezone.now()
    request = {"action": "return", "reason": "no_longer_needed", "evidence": [], "confirmed": False}
    desk = make_desk(request=request, status=OrderStatus.DELIVERED, delivered_at=now - timedelta(days=6))
    with scope(merchant=desk.merchant):
        today = draft_detail(draft_id=desk.draft.public_id, now=now)
        assert (today.stale, today.verdict_now) == ([], None)
        later = now + timedelta(days=4)
        detail = draft_detail(draft_id=desk.draft.public_id, now=later)
        assert detail.verdict_now is not None
        assert detail.verdict_now["outcome"] == "escalate"
        assert detail.stale == ["The rules decide differently by now."]
        with pytest.raises(DraftStale):
            _approve(desk, later)


def _published(desk: Desk, change: Any) -> RulesetVersion:
    """The shipped rules, changed, go live."""
    document = load_shipped("standard").to_dict()
    change(document)
    return publish_ruleset(document=document, by=Actor("member", str(desk.ann.public_id)), now=timezone.now())


def _rename(document: dict[str, Any]) -> None:
    document["rules"][0]["label"] = {"en": "A new name", "zh-hans": "新名字"}


def _refuse_all(document: dict[str, Any]) -> None:
    for rule in document["rules"]:
        if "cancel" in rule["actions"]:
            rule["then"] = {"outcome": "deny", "reasons": {"en": "Never.", "zh-hans": "从不。"}}


def test_rules_that_decide_as_before_leave_a_draft_fresh_and_are_noted_on_it(desk: Desk) -> None:
    seen, before = desk.seen(), desk.draft.ruleset_id
    version = _published(desk, _rename)
    assert changes(desk.draft, now=timezone.now()) == ["The order and refund rules were changed."]
    run_due(["fast"], keep=False)
    assert (desk.seen(), desk.draft.ruleset_id) == (seen, version.pk)
    assert desk.draft.verdict is not None and desk.draft.verdict["version"] == version.number
    assert version.pk != before
    assert changes(desk.draft, now=timezone.now()) == []
    assert outdated(drafts_awaiting_review(), now=timezone.now()) == set()


def test_approving_before_the_rules_were_held_against_the_draft_notes_them_too(desk: Desk) -> None:
    version = _published(desk, _rename)
    _approve(desk, timezone.now())
    assert Draft.objects.get().ruleset_id == version.pk


def test_rules_that_decide_otherwise_put_a_draft_out_of_date(desk: Desk) -> None:
    before = desk.draft.ruleset_id
    _published(desk, _refuse_all)
    run_due(["fast"], keep=False)
    desk.seen()
    assert desk.draft.ruleset_id == before
    assert changes(desk.draft, now=timezone.now()) == ["The order and refund rules were changed."]
    with pytest.raises(DraftStale):
        _approve(desk, timezone.now())


def _approve(desk: Desk, now: Any) -> None:
    text = "We are sorry that your mug broke. We refund you."
    approve_draft(draft_id=desk.draft.public_id, by=desk.olaf, candidate=1, text=text, seen=desk.seen(), now=now)
