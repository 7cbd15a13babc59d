"""A rule for questions about delivery, and drafts that fit it, made as the pipeline makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from cs_portal.conversations.models import Conversation, Message
from cs_portal.core.models import Job
from cs_portal.core.workers import run_due
from cs_portal.drafting.models import AutopilotRule, Draft, Review, ShadowSend
from cs_portal.drafting.services.autopilot_rules import RuleChange, create_rule
from cs_portal.drafting.services.autopilot_sending import approve_by_autopilot
from cs_portal.drafting.services.review import approve_draft
from cs_portal.drafting.staleness import fingerprint
from cs_portal.merchants.models import Member, Merchant
from tests.factories import make_conversation, make_draft

TEXT = "We deliver within three days."
CHANGE = RuleChange(name="Delivery", intents=("delivery", "stock"))


@dataclass
class Pilot:
    """Drafts that fit ``rule``; its state is written directly, as if shadow had shown enough."""

    merchant: Merchant
    by: Member
    rule: AutopilotRule
    now: datetime = field(default_factory=timezone.now)

    @classmethod
    def ready(cls, merchant: Merchant, by: Member, *, state: str = "shadow", **change: Any) -> Pilot:
        now = timezone.now() - timedelta(days=10)
        given = RuleChange(**{"name": CHANGE.name, "intents": CHANGE.intents, **change})
        pilot = cls(merchant, by, create_rule(by=by, change=given, shadow=True, now=now))
        pilot.place(state)
        return pilot

    def place(self, state: str) -> None:
        AutopilotRule.objects.filter(pk=self.rule.pk).update(state=state)
        self.rule.refresh_from_db()

    def draft(self, conversation: Conversation | None = None, *, text: str = TEXT, **fields: Any) -> Draft:
        conversation = conversation or make_conversation(self.merchant, texts=["When will you deliver?"])
        given: dict[str, Any] = {
            "intent": "delivery",
            "intents": [{"name": "delivery", "probability": 0.95}],
            "confidence": 0.95,
            "texts": (text,),
            **fields,
        }
        return make_draft(self.merchant, conversation, **given)

    def meet(self, draft: Draft, *, at: datetime | None = None) -> Review | None:
        """What autopilot makes of the fresh draft."""
        fresh = Draft.objects.select_related("message", "conversation__storefront").get(pk=draft.pk)
        return approve_by_autopilot(fresh, now=at or timezone.now() - timedelta(minutes=1))

    def shadowed(self, *, at: datetime | None = None, **fields: Any) -> Draft:
        draft = self.draft(**fields)
        assert self.meet(draft, at=at) is None
        assert ShadowSend.objects.filter(draft=draft, rule=self.rule).exists()
        return draft

    def decide(self, draft: Draft, *, text: str = TEXT, now: datetime | None = None) -> Review:
        draft = Draft.objects.select_related("conversation").get(pk=draft.pk)
        return approve_draft(
            draft_id=draft.public_id,
            by=self.by,
            candidate=1,
            text=text,
            seen=fingerprint(draft),
            now=now or timezone.now(),
        )

    def prove(self, *, decided: int, days: int = 3) -> None:
        """Evidence that suffices: ``decided`` replies that people sent as they were, over ``days``."""
        for number in range(decided):
            self.decide(self.shadowed(at=timezone.now() - timedelta(days=number % days)))


def run_sends(draft: Draft) -> int:
    """Let every waiting job run; how often the draft's reply was posted."""
    Job.objects.filter(state="ready").update(execute_after=timezone.now() - timedelta(seconds=1))
    run_due(["fast"], keep=False)
    draft.refresh_from_db()
    return Message.objects.filter(draft_key=draft.public_id).count()
