"""Why a question goes to a person, in the words of the figures."""

from __future__ import annotations

from bots.composing.composer import plan_reply
from bots.retrieval.index import ANSWER_THRESHOLD
from cs_portal.conversations.models import HandoverReason
from cs_portal.drafting.prepare import Prepared

#: What is settled without knowledge: small talk, a person, and what only an order can tell.
NOT_ASKED = {"greeting_thanks", "wants_a_person", "order_status", "refund_status"}
#: Below this probability the bot does not know what the shopper wants.
UNSURE = 0.3


def was_answered(prepared: Prepared) -> bool | None:
    """Whether an FAQ answers above the threshold; None where the question was none for the knowledge.

    An order, a verdict or products answer questions, too; those are no gaps of knowledge.
    """
    hits = prepared.request.answers
    if any(hit.score >= ANSWER_THRESHOLD for hit in hits):
        return True
    understanding = prepared.understanding
    records = prepared.standing_verdict is not None or prepared.order is not None or bool(prepared.request.products)
    if records or understanding.requested_action is not None or understanding.intent.name in NOT_ASKED:
        return None
    return False


def handover_reason(prepared: Prepared) -> str:
    """The first that holds, from the gravest on; empty while the bot's draft can settle it.

    Whenever the reply promises a person there is a reason: the composer's plan says so, not its words.
    """
    understanding = prepared.understanding
    plan = plan_reply(prepared.request)
    outcome = (prepared.standing_verdict or {}).get("outcome")
    if understanding.injection:
        return HandoverReason.INJECTION
    if understanding.wants_person:
        return HandoverReason.ASKED_FOR_PERSON
    if outcome == "escalate":
        return HandoverReason.POLICY
    if outcome == "allow" and not prepared.promised:
        return HandoverReason.UNSUPPORTED_REQUEST
    if plan.order_to_person:
        return HandoverReason.UNSUPPORTED_REQUEST
    if not plan.hands_over:
        return ""
    if plan.complaint:
        return HandoverReason.COMPLAINT
    if plan.by_answer:
        return HandoverReason.ANSWER
    if understanding.requested_action is not None and was_answered(prepared) is None:
        return HandoverReason.UNSUPPORTED_REQUEST
    if understanding.intent.probability < UNSURE:
        return HandoverReason.LOW_CONFIDENCE
    return HandoverReason.NO_KNOWLEDGE
