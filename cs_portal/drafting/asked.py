"""What a shopper asks for in the chat's form: checked, decided by the rules as they are now, and told before it counts.

The rules decide on the very request that a draft will be made for, so that what the form promises and what an operator
approves are the same thing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from pydantic import ValidationError

from bots.types import IntentGuess, Turn, Understanding, as_language
from cs_portal.commerce.actions.words import tell
from cs_portal.commerce.connectors.base import ActionRefused
from cs_portal.commerce.models import ActionKind, Order, Product, Shopper, Variant
from cs_portal.commerce.services.actions import preview_action
from cs_portal.conversations.models import Message
from cs_portal.conversations.selectors import unanswered_turns
from cs_portal.core.errors import Invalid, NotFound
from cs_portal.drafting.asked_words import ask_sentence, request_text
from cs_portal.drafting.deciding import decide_on
from cs_portal.policies.canonical import Request
from cs_portal.policies.models import RulesetVersion

#: What the form offers, and the fields of the request that it may set for each.
FIELDS: Mapping[str, frozenset[str]] = {
    ActionKind.REFUND: frozenset({"reason", "lines"}),
    ActionKind.RETURN: frozenset({"reason", "lines"}),
    ActionKind.EXCHANGE: frozenset({"reason", "lines", "payment_method"}),
    ActionKind.CANCEL: frozenset({"reason"}),
    ActionKind.CHANGE_ADDRESS: frozenset({"address"}),
    ActionKind.PLACE_ORDER: frozenset({"lines", "address", "payment_method"}),
}
#: The intent that a request stands for.
INTENTS: Mapping[str, str] = {
    ActionKind.REFUND: "refund",
    ActionKind.RETURN: "return_exchange",
    ActionKind.EXCHANGE: "return_exchange",
    ActionKind.CANCEL: "cancel",
    ActionKind.CHANGE_ADDRESS: "change_address",
    ActionKind.PLACE_ORDER: "place_order",
}
#: What one may say after a confirmed request without a doubt that it stands.
_HARMLESS = {"greeting_thanks", "order_status", "refund_status", "delivery"}
_MOST_LINES = 50
_PHOTO = "photo"


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of the request now, in the shopper's words.

    ``outcome`` is the verdict's, or ``refused`` where the rules allow what the order does not permit. ``says`` is what
    the shopper confirms. ``plan`` is what would be done, None where nothing would; ``text`` is the request as a
    sentence. ``seen`` stands for all of it: a confirmation names it.
    """

    outcome: str
    says: tuple[str, ...]
    ask: tuple[str, ...]
    reason_choices: tuple[str, ...]
    text: str
    request: Mapping[str, Any]
    plan: Mapping[str, Any] | None

    @property
    def may_confirm(self) -> bool:
        return self.outcome in {"allow", "escalate"}

    @property
    def seen(self) -> str:
        told = [self.outcome, self.says, self.text, self.plan]
        return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:24]

    def confirmation(self) -> dict[str, Any]:
        """What is kept with the message: what the shopper was told, and the plan behind it."""
        return {"outcome": self.outcome, "says": list(self.says), "plan": self.plan}


def canonical(data: object) -> dict[str, Any]:
    """The request that a form sent, as canonical JSON without what only we may say. Raises :class:`Invalid`."""
    if not isinstance(data, dict):
        raise Invalid(_("Send a JSON object."), field="request")
    allowed = FIELDS.get(str(data.get("action")))
    if allowed is None:
        raise Invalid(_("This cannot be asked for here."), field="action")
    for name in sorted(set(data) - allowed - {"action"}):
        raise Invalid(_("Unknown field."), field=name[:60])
    try:
        parsed = Request.model_validate(data)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Invalid(_("This is not filled in correctly."), field=place[:60] or "request") from None
    request = parsed.model_dump(mode="json", exclude_none=True)
    if len(request.get("lines") or ()) > _MOST_LINES:
        raise Invalid(_("This is not filled in correctly."), field="lines")
    return request


def order_of(*, shopper: Shopper, number: str) -> Order:
    """An order of the shopper who proved who they are. Raises :class:`NotFound` whether the number exists or not."""
    rows = Order.objects.select_related("shopper").prefetch_related("lines", "payments", "refunds", "shipments")
    order = rows.filter(shopper=shopper, number=number).first() if shopper.is_identified and number else None
    if order is None:
        raise NotFound(_("We could not find this order in your account."))
    return order


def preview_request(*, shopper: Shopper, order: Order | None, data: object, photos: int, now: datetime) -> Preview:
    """Decide on the request and tell what would happen, in the active language. Nothing is written.

    ``data`` is what the form sent; ``photos`` how many pictures go with it. Raises :class:`Invalid`.
    """
    request = canonical(data)
    _complete(request, order, shopper)
    request |= {"evidence": [_PHOTO] if photos else [], "confirmed": True, "said_at": now.isoformat()}
    decided = decide_on(order, request, shopper=shopper, now=now)
    verdict: Mapping[str, Any] = decided[0] if decided else {"outcome": "escalate"}
    outcome = str(verdict["outcome"])
    plan, refusal = None, ""
    if outcome in {"allow", "escalate"}:
        try:
            plan = preview_action(
                kind=request["action"], request=request, verdict=verdict, order=order, shopper=shopper
            )
        except ActionRefused as refused:
            refusal = str(refused.args[0])
    if plan is not None and request["action"] == ActionKind.PLACE_ORDER:
        request["amount_minor"] = next((step.amount_minor for step in plan.steps if step.what == "total"), 0)
    told = tuple(tell(plan, reader="shopper")) if plan is not None else ()
    if outcome == "allow" and refusal:
        outcome, told = "refused", (refusal,)
    elif outcome == "escalate":
        # What a colleague may still decide otherwise is no promise: only what is asked for and what it costs is told.
        costs = request["action"] in {ActionKind.PLACE_ORDER, ActionKind.EXCHANGE}
        told = (_("A colleague decides on this and answers you here."), *(told if costs else ()))
        plan = plan if costs else None
    elif outcome == "deny":
        told = (_reason(verdict) or _("The shop's rules do not allow this."),)
    elif outcome == "ask":
        told = tuple(ask_sentence(what, request["action"]) for what in verdict.get("ask") or ("other",))
    return Preview(
        outcome=outcome,
        says=told,
        ask=tuple(verdict.get("ask") or ()),
        reason_choices=tuple(verdict.get("reason_choices") or ()),
        text=request_text(request, order, _titles(request)),
        request=request,
        plan=plan.to_dict() if plan is not None else None,
    )


# --- when a draft is made for it --------------------------------------------------------------------------------------


def as_asked(understanding: Understanding, asked: Message, turns: Sequence[Message]) -> Understanding:
    """What the form said instead of what its words would be guessed to mean; other questions of the turn stay."""
    assert asked.request is not None
    intent = IntentGuess(INTENTS[asked.request["action"]], 1.0, asked.text)
    alone = len(turns) == 1
    others = () if alone else tuple(guess for guess in understanding.intents if guess.name != intent.name)
    return replace(
        understanding,
        language=as_language(asked.conversation.locale) if alone else understanding.language,
        intents=(intent, *others),
        requested_action=asked.request["action"],
        reason=asked.request.get("reason"),
    )


def asked_order(asked: Message, shopper: Shopper) -> Order | None:
    """The order that it is about, as long as it is this shopper's."""
    try:
        return order_of(shopper=shopper, number=asked.request_order)
    except NotFound:
        return None


def decide_asked(
    asked: Message, order: Order | None, *, shopper: Shopper, bot: Any, now: datetime
) -> tuple[dict[str, Any] | None, dict[str, Any] | None, RulesetVersion | None]:
    """The confirmed request with the evidence there is by now, and what the rules decide on it.

    It counts as confirmed as long as what would be done is what the shopper was told, and they did not write
    something else since.
    """
    assert asked.request is not None
    if order is None and asked.request["action"] != ActionKind.PLACE_ORDER:
        return None, None, None
    turns = unanswered_turns(conversation_id=asked.conversation_id)
    photo = any(_PHOTO in turn.attachments for turn in turns)
    stands = not _contradicted([turn.text for turn in turns if turn.pk > asked.pk], asked, bot, now)
    request = {**asked.request, "evidence": [_PHOTO] if photo else [], "confirmed": stands}
    decided = decide_on(order, request, shopper=shopper, now=now)
    if decided is not None and stands and not _still_confirmed(asked, request, order, shopper, decided[0]):
        request["confirmed"] = False
        decided = decide_on(order, request, shopper=shopper, now=now)
    return (request, decided[0], decided[1]) if decided is not None else (request, None, None)


def wanted_products(asked: Message | None) -> list[Product]:
    """The products that a new order is for."""
    if asked is None or (asked.request or {}).get("action") != ActionKind.PLACE_ORDER:
        return []
    wanted = [wish["to_variant"] for wish in (asked.request or {}).get("lines") or ()]
    return list(Product.objects.filter(variants__external_id__in=wanted).distinct().prefetch_related("variants"))


def _contradicted(texts: Sequence[str], asked: Message, bot: Any, now: datetime) -> bool:
    """Whether what the shopper wrote afterwards may take the request back, or ask for something else."""
    if not texts:
        return False
    turn = Turn("shopper", "\n".join(texts))
    language = as_language(asked.conversation.locale)
    understood = bot.understand([turn], locale_hint=language, now=now, timezone=asked.merchant.timezone)
    return understood.requested_action is not None or understood.intent.name not in _HARMLESS


def _still_confirmed(
    asked: Message, request: Mapping[str, Any], order: Order | None, shopper: Shopper, verdict: Mapping[str, Any]
) -> bool:
    """Whether what would be done now is what the shopper agreed to. A price or the stock may have moved since."""
    agreed = (asked.confirmation or {}).get("plan")
    if verdict["outcome"] != "allow":
        return True
    if agreed is None:
        return request["action"] not in {ActionKind.PLACE_ORDER, ActionKind.EXCHANGE}
    try:
        plan = preview_action(
            kind=str(request["action"]), request=request, verdict=verdict, order=order, shopper=shopper
        )
    except ActionRefused:
        return False
    return _what_it_costs(plan.to_dict()) == _what_it_costs(agreed)


def _what_it_costs(plan: Mapping[str, Any]) -> list[Any]:
    """The steps that a shopper cares about: their money, their items; not the stock's."""
    return [step for step in plan["steps"] if step["what"] not in {"stock_taken", "stock_back", "status"}]


def _complete(request: Mapping[str, Any], order: Order | None, shopper: Shopper) -> None:
    """What the schema cannot know: lines of this order, an address for a parcel, the shopper's own method."""
    action = request["action"]
    if (order is None) != (action == ActionKind.PLACE_ORDER):
        raise Invalid(_("This cannot be asked for here."), field="order")
    lines = request.get("lines") or []
    if order is not None and lines:
        left = {line.external_id: line.quantity for line in order.lines.all()}
        for wish in lines:
            pieces = wish.setdefault("quantity", left.get(wish["id"], 0))
            if not 0 < pieces <= left.get(wish["id"], 0):
                raise Invalid(_("The order has no such item any more."), field="lines")
            left[wish["id"]] -= pieces
    if action == ActionKind.EXCHANGE and not (lines and all(wish.get("to_variant") for wish in lines)):
        raise Invalid(_("Choose what you would like instead."), field="to_variant")
    if action == ActionKind.PLACE_ORDER and not (lines and all(wish.get("to_variant") for wish in lines)):
        raise Invalid(_("Choose what you would like to order."), field="to_variant")
    if "address" in FIELDS[action]:
        address = request.get("address") or {}
        for part in ("name", "line1", "city"):
            if not address.get(part):
                raise Invalid(_("Fill in name, street and city."), field=part)
    method = request.get("payment_method")
    if method and not any(each.get("id") == method for each in shopper.payment_methods):
        raise Invalid(_("This is none of your payment methods."), field="payment_method")


def _titles(request: Mapping[str, Any]) -> dict[str, str]:
    """What the wanted variants are called, in the active language."""
    wanted = {wish["to_variant"] for wish in request.get("lines") or () if wish.get("to_variant")}
    chinese = get_language() == "zh-hans"
    found = {}
    for variant in Variant.objects.filter(external_id__in=wanted).select_related("product"):
        product = variant.product
        title = (product.title_zh if chinese else product.title_en) or product.title_en or product.title_zh
        options = ", ".join(str(value) for value in variant.options.values())
        found[variant.external_id] = f"{title} ({options})" if options else title
    return found


def _reason(verdict: Mapping[str, Any]) -> str:
    reasons = verdict.get("reasons") or {}
    return str(reasons.get(get_language() or "en") or reasons.get("en") or "")
