"""Requests on an order: what the shopper wants, what the rules say, and what the order is after it was done."""

from __future__ import annotations

from typing import Any

from cs_portal.conversations.models import HandoverReason
from cs_portal.demo.history import past
from cs_portal.demo.history.bot import Question
from cs_portal.demo.history.scene import Scene
from cs_portal.drafting.models import Decision, Review

ACTIONS = {
    "cancel": "cancel",
    "cancel-late": "cancel",
    "damaged": "refund",
    "return": "return",
    "exchange": "exchange",
    "address": "change_address",
}
REASONS = {"damaged": "damaged", "return": "no_longer_needed"}


def decide(scene: Scene, text: str, *, photo: bool = False) -> Question:
    """The question with the rules' verdict on it, as the bot words it."""
    order = scene.past_order()
    asked = _request(scene, order, photo)
    verdict = past.decided(order, asked, scene.cast.product_documents, now=scene.thread.at)
    escalated = verdict["outcome"] == "escalate"
    return Question(
        scene.topic,
        text,
        _reply(scene, asked, verdict),
        order=order,
        order_version=scene.version(),
        request=asked,
        verdict=verdict,
        faq=scene.topic.faqs[0] if scene.rng.random() < 0.5 else "",
        needs_person=escalated,
        handover=HandoverReason.POLICY if escalated else "",
        answered=None,
    )


def _request(scene: Scene, order: past.Document, photo: bool) -> dict[str, Any]:
    action = ACTIONS[scene.topic.key]
    asked: dict[str, Any] = {"action": action, "evidence": ["photo"] if photo else [], "confirmed": False}
    if scene.topic.key in REASONS:
        asked["reason"] = REASONS[scene.topic.key]
    if action in {"refund", "return", "exchange"}:
        line = order["lines"][0]
        asked["lines"] = [{"id": line["id"], "quantity": 1 if action == "refund" else line["quantity"]}]
    if action == "exchange":
        asked["lines"][0]["to_variant"] = scene.extra["to_variant"]
    if action == "change_address":
        asked["address"] = dict(order["address"])
    return asked


def _reply(scene: Scene, asked: dict[str, Any], verdict: dict[str, Any]) -> str:
    outcome, action = verdict["outcome"], asked["action"]
    if outcome in {"deny", "escalate", "ask"}:
        return scene.say(f"reply.{outcome}", reason=verdict["reasons"][scene.locale])
    path = {"change_address": "address"}.get(action, action)
    if action == "cancel" and not verdict["payments"]:
        return scene.say("reply.cancel-unpaid")
    payments = verdict.get("payments") or []
    return scene.say(
        f"reply.{path}-allow",
        amount=scene.money(verdict.get("amount_minor") or 0),
        method=scene.method(payments),
    )


def fault_minor(order: past.Document) -> int:
    """What one piece of the first line cost."""
    line = order["lines"][0]
    return int(line["unit_price_minor"] - line["discount_minor"] // line["quantity"])


def act(scene: Scene, review: Review | None) -> bool:
    """The approved action is carried out on the order; False where nothing was approved."""
    if review is None or review.decision not in {Decision.APPROVED, Decision.EDITED}:
        return False
    draft, order = review.draft, scene.order
    verdict = draft.standing_verdict
    if order is None or draft.request is None or verdict.get("outcome") != "allow":
        return False
    assert review.executed_at is not None
    at = review.executed_at.isoformat()
    action = draft.request["action"]
    steps = 1
    if action == "cancel":
        order["status"], order["cancelled_at"] = "cancelled", at
    if action in {"cancel", "refund"} and verdict["payments"]:
        steps += action == "cancel"
        key = str(review.public_id)
        order["refunds"].append(
            {
                "id": f"r-{key[-12:]}",
                "key": key,
                "lines": [dict(line) for line in draft.request.get("lines", ())],
                "payments": [dict(share) for share in verdict["payments"]],
                "shipping_minor": 0,
                "created_at": at,
            }
        )
    order["version"] = scene.version() + steps
    return True
