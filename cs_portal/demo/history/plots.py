"""How a conversation of each kind goes, from the first question to the last word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from cs_portal.conversations.models import HandoverReason
from cs_portal.demo.history import past
from cs_portal.demo.history.bot import Question
from cs_portal.demo.history.desk import correct, end, own_words, put_off, review, take_over
from cs_portal.demo.history.requests import act, decide, fault_minor
from cs_portal.demo.history.scene import Scene
from cs_portal.demo.history.thread import Thread
from cs_portal.demo.history.topics import Slots
from cs_portal.drafting.models import Review

DETAIL = 0.16


def play(scene: Scene) -> Thread:
    """Let the conversation unfold until its end, or until it reaches the present (:class:`NotYet`)."""
    PLOTS[scene.topic.kind](scene)
    return scene.thread


def _open(scene: Scene, question: Callable[[str, str], Question], *, photo: bool = False) -> Question:
    """The first question; now and then a second line comes before the operator does."""
    text, faq = scene.opener()
    scene.ask(text, scene.at, photo=photo)
    asked = question(text, faq)
    scene.think(asked)
    if scene.rng.random() < DETAIL and not scene.unattended:
        more = scene.say("shopper.details")
        scene.ask(more, scene.thread.at + timedelta(seconds=scene.rng.uniform(6, 50)))
        asked.text = more
        scene.think(asked)
    return asked


def _tag(scene: Scene, name: str, share: float) -> None:
    if scene.rng.random() < share:
        scene.thread.tag(name, scene.thread.at + timedelta(seconds=15), by=scene.operator())


def faq(scene: Scene) -> None:
    question = _open(scene, lambda text, key: Question(scene.topic, text, scene.answer(key), faq=key, answered=True))
    review(scene, question)
    end(scene)


def tracking(scene: Scene) -> None:
    def question(text: str, _faq: str) -> Question:
        order = scene.past_order()
        return Question(
            scene.topic,
            text,
            _whereabouts(scene, order),
            order=order,
            order_version=scene.version(),
            faq="tracking" if scene.rng.random() < 0.5 else "",
            answered=None,
            cards=[{"kind": "order", "number": order["number"]}] if scene.rng.random() < 0.4 else [],
        )

    review(scene, _open(scene, question))
    _tag(scene, "物流", 0.25)
    end(scene)


def _whereabouts(scene: Scene, order: past.Document) -> str:
    if not order["shipments"]:
        return scene.say("reply.tracking-packing")
    parcel = order["shipments"][0]
    arrived = past.moment(parcel["delivered_at"])
    sent = past.moment(parcel["shipped_at"])
    assert sent is not None
    path = "reply.tracking-delivered" if arrived else "reply.tracking-shipped"
    return scene.say(path, date=scene.day(arrived or sent), carrier=parcel["carrier"], tracking=parcel["tracking"])


def product(scene: Scene) -> None:
    def question(text: str, key: str) -> Question:
        reply = scene.say("reply.product", answer=scene.answer(key))
        return Question(scene.topic, text, reply, faq=key, products=_named(scene), answered=True)

    review(scene, _open(scene, question))
    end(scene)


def recommend(scene: Scene) -> None:
    def question(text: str, key: str) -> Question:
        # What goes with a product is never that product.
        companion = bool(scene.title(scene.product)) and scene.title(scene.product) in text
        offered = tuple(each for each in _named(scene, both=True) if not (companion and each is scene.product))
        cards = [{"kind": "product", "id": each.external_id} for each in offered]
        reply = scene.say("reply.companion" if companion else "reply.products")
        if key and scene.rng.random() < 0.5:
            reply = f"{reply} {scene.answer(key)}"
        return Question(
            scene.topic,
            text,
            reply,
            faq=key,
            products=_named(scene, both=True),
            answered=bool(key) or None,
            cards=cards,
        )

    review(scene, _open(scene, question))
    end(scene)


def _named(scene: Scene, *, both: bool = False) -> tuple[Any, ...]:
    return tuple(each for each in (scene.product, scene.other if both else None) if each is not None)


def gap(scene: Scene) -> None:
    """Nobody wrote an answer to this yet."""
    low = scene.rng.random() < 0.25
    reason = HandoverReason.LOW_CONFIDENCE if low else HandoverReason.NO_KNOWLEDGE
    _open(
        scene,
        lambda text, _faq: Question(
            scene.topic, text, scene.say("reply.gap"), needs_person=True, handover=reason, answered=False
        ),
    )
    _tag(scene, "产品建议", 0.0 if scene.unattended else 0.4)
    if scene.until or scene.rng.random() < 0.3:
        by = take_over(scene, note=True)
        if scene.until or scene.rng.random() < 0.5:
            put_off(scene, by)
        own_words(scene, "own.gap", by=by)
    elif scene.rng.random() < 0.6:
        own_words(scene, "own.gap")
    else:
        review(scene, Question(scene.topic, "", "", answered=False))
        own_words(scene, "own.gap")
    end(scene)


def wish(scene: Scene) -> None:
    """As a gap, and a colleague knows what to say."""
    _open(
        scene,
        lambda text, _faq: Question(
            scene.topic,
            text,
            scene.say("reply.gap"),
            needs_person=True,
            handover=HandoverReason.NO_KNOWLEDGE,
            answered=False,
        ),
    )
    by = take_over(scene) if scene.rng.random() < 0.3 else None
    own_words(scene, "", by=by, text=scene.rng.choice(scene.replies).format_map(Slots(scene.slots)))
    end(scene, more=False)


def correction(scene: Scene) -> None:
    """The FAQ's answer, of which an operator puts one sentence right."""
    _open(scene, lambda text, key: Question(scene.topic, text, scene.answer(key), faq=key, answered=True))
    correct(scene)
    end(scene, more=False)


def person(scene: Scene) -> None:
    _open(
        scene,
        lambda text, _faq: Question(
            scene.topic,
            text,
            scene.say("reply.person"),
            faq="business-hours",
            needs_person=True,
            handover=HandoverReason.ASKED_FOR_PERSON,
        ),
    )
    _by_hand(scene, "own.person")


def complaint(scene: Scene) -> None:
    scene.trouble += 1
    _open(
        scene,
        lambda text, _faq: Question(
            scene.topic,
            text,
            scene.say("reply.complaint"),
            faq="complaint",
            answered=True,
            needs_person=scene.rng.random() < 0.6,
            handover=HandoverReason.COMPLAINT,
        ),
    )
    _tag(scene, "Follow up", 0.0 if scene.unattended else 0.5)
    _by_hand(scene, "own.complaint")


def _by_hand(scene: Scene, path: str) -> None:
    """A person takes over, listens and settles it."""
    by = take_over(scene)
    own_words(scene, path, by=by)
    if scene.rng.random() < 0.6:
        scene.thread.say(scene.say("shopper.details"), scene.next_line())
        own_words(scene, scene.rng.choice(("own.gap", "own.escalate")), by=by)
    end(scene, more=False)


def injection(scene: Scene) -> None:
    _open(
        scene,
        lambda text, _faq: Question(
            scene.topic,
            text,
            scene.say("reply.gap"),
            needs_person=True,
            handover=HandoverReason.INJECTION,
            answered=False,
        ),
    )
    review(scene, Question(scene.topic, "", "", answered=False), weights=(55, 15, 30))
    end(scene, more=False)


def thanks_only(scene: Scene) -> None:
    review(scene, _open(scene, lambda text, _faq: Question(scene.topic, text, scene.say("reply.thanks"))))
    end(scene)


def refund_status(scene: Scene) -> None:
    def question(text: str, _faq: str) -> Question:
        order = scene.past_order()
        refund = order["refunds"][-1]
        amount = sum(share["amount_minor"] for share in refund["payments"])
        back = past.moment(refund["created_at"])
        assert back is not None
        reply = scene.say(
            "reply.refunded",
            amount=scene.money(amount),
            method=scene.method(refund["payments"]),
            date=scene.day(back),
        )
        return Question(
            scene.topic, text, reply, order=order, order_version=scene.version(), faq="refund-time", answered=True
        )

    review(scene, _open(scene, question))
    end(scene)


def request(scene: Scene) -> None:
    """The shopper wants something done to an order; the rules decide."""
    photo = scene.topic.key == "damaged" and scene.rng.random() < 0.4
    asked = _open(scene, lambda text, _faq: decide(scene, text, photo=photo), photo=photo)
    outcome = (asked.verdict or {}).get("outcome")
    if outcome == "ask":
        review(scene, asked, weights=(82, 18, 0))
        picture = scene.say("shopper.photo")
        scene.ask(picture, scene.next_line(), photo=True)
        asked = decide(scene, picture, photo=True)
        scene.think(asked)
        outcome = (asked.verdict or {}).get("outcome")
    if outcome == "allow":
        act(scene, review(scene, asked, weights=(80, 20, 0)))
    elif outcome == "escalate":
        act(scene, escalated(scene, asked))
    else:
        scene.trouble += 1
        review(scene, asked, weights=(66, 30, 4))
    _tag(scene, "破损", 0.7 if scene.topic.key == "damaged" else 0.0)
    end(scene)


def escalated(scene: Scene, asked: Question) -> Review | None:
    """A colleague looks into it; an admin may decide against the rules."""
    admin = scene.cast.admin
    if scene.topic.key != "damaged":
        review(scene, asked, weights=(75, 25, 0))
        scene.trouble += scene.rng.random() < 0.4
        own_words(scene, "own.escalate")
        return None
    order = scene.past_order()
    amount = fault_minor(order)
    payments = past.shares(order, amount)
    at = scene.reviewed(pace=1.5)
    scene.thread.override(at, by=admin, amount_minor=amount, payments=payments, why=scene.say("override"))
    text = scene.say("reply.refund-allow", amount=scene.money(amount), method=scene.method(payments))
    return scene.thread.approve(scene.soon(minutes=(0.5, 4)), by=admin, text=text)


PLOTS: Mapping[str, Callable[[Scene], None]] = {
    "faq": faq,
    "tracking": tracking,
    "product": product,
    "recommend": recommend,
    "gap": gap,
    "wish": wish,
    "correction": correction,
    "person": person,
    "complaint": complaint,
    "injection": injection,
    "thanks": thanks_only,
    "refund-status": refund_status,
    "cancel": request,
    "damaged": request,
    "return": request,
    "exchange": request,
    "address": request,
}
