"""The chat's form in words: what is asked for, why, and what is missing. In the active language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from cs_portal.commerce.models import ActionKind, Order
from cs_portal.commerce.money import format_minor
from cs_portal.drafting.request_status import RequestState
from cs_portal.policies.engine.vocabulary import REASONS

_BEFORE = ("no_longer_needed", "ordered_by_mistake", "better_price", "other")
_AFTER = tuple(reason for reason in REASONS if reason != "ordered_by_mistake")
#: The reasons that make sense for each action, in the order in which they are offered.
REASONS_OF: Mapping[str, tuple[str, ...]] = {
    ActionKind.CANCEL: _BEFORE,
    ActionKind.REFUND: tuple(REASONS),
    ActionKind.RETURN: tuple(reason for reason in REASONS if reason not in {"missing_item", "never_arrived"}),
    ActionKind.EXCHANGE: tuple(r for r in _AFTER if r not in {"missing_item", "never_arrived", "better_price"}),
}
_ASKED = {
    "photo": gettext_lazy("Add a photo of the items, please: the shop's rules ask for it."),
    "reason": gettext_lazy("Choose the reason, please."),
    "lines": gettext_lazy("Choose the items, please."),
    "address": gettext_lazy("Fill in the address, please."),
    "to_variant": gettext_lazy("Choose what you would like instead, please."),
    "payment_method": gettext_lazy("Choose how to pay, please."),
}

_STATES = {
    RequestState.WAITING: gettext_lazy("A colleague is checking this"),
    RequestState.APPROVED: gettext_lazy("Approved, it is being carried out"),
    RequestState.DONE: gettext_lazy("Done"),
    RequestState.REFUSED: gettext_lazy("Not possible"),
    RequestState.ASKED: gettext_lazy("We need something from you"),
    RequestState.PERSON: gettext_lazy("A colleague decides"),
    RequestState.ANSWERED: gettext_lazy("Answered"),
}


def state_words(state: RequestState) -> str:
    return str(_STATES[state])


def reason_word(reason: str) -> str:
    text = REASONS[reason].to_dict()
    word = text.get(get_language() or "en") or text["en"]
    return word[:1].upper() + word[1:]


def reasons_of(action: str) -> list[tuple[str, str]]:
    """Value and word of every reason that can be given for the action."""
    return [(reason, reason_word(reason)) for reason in REASONS_OF.get(action, ())]


def ask_sentence(what: str, action: str) -> str:
    """What the shopper is asked for before the rules can decide."""
    key = {"items": "lines", "variant": "to_variant"}.get(what, what)
    return str(_ASKED.get(key) or _("The shop needs to know more. Write to us here, please."))


def request_text(request: Mapping[str, Any], order: Order | None, variants: Mapping[str, str]) -> str:
    """The request as the shopper's own message. ``variants`` are the wanted ones' titles."""
    parts = [_head(request["action"], order)]
    titles = {line.external_id: line.title for line in order.lines.all()} if order is not None else {}
    for wish in request.get("lines") or ():
        wanted = variants.get(wish.get("to_variant") or "", "")
        count, title = wish.get("quantity", 1), titles.get(wish["id"], "")
        if order is None:
            parts.append(f"{count} × {wanted}")
        elif wanted:
            parts.append(
                _("%(count)s × %(title)s, for %(wanted)s") % {"count": count, "title": title, "wanted": wanted}
            )
        else:
            parts.append(f"{count} × {title}")
    if reason := request.get("reason"):
        parts.append(_("Reason: %(reason)s") % {"reason": reason_word(reason)})
    if address := request.get("address"):
        shown = [address.get(part) for part in ("name", "line1", "line2", "postal_code", "city", "region", "country")]
        parts.append(_("Address: %(address)s") % {"address": ", ".join(part for part in shown if part)})
    return "\n".join(parts)


def _head(action: str, order: Order | None) -> str:
    number = {"number": order.number if order is not None else ""}
    match action:
        case ActionKind.REFUND:
            return _("I would like a refund for order %(number)s:") % number
        case ActionKind.RETURN:
            return _("I would like to return items of order %(number)s:") % number
        case ActionKind.EXCHANGE:
            return _("I would like to exchange items of order %(number)s:") % number
        case ActionKind.CANCEL:
            return _("Please cancel order %(number)s.") % number
        case ActionKind.CHANGE_ADDRESS:
            return _("Please send order %(number)s to another address.") % number
        case _:
            return _("I would like to order:")


def difference_words(minor: int, currency: str) -> str:
    """What a wanted variant costs more or less than the one on the order."""
    if minor == 0:
        return _("same price")
    amount = {"amount": format_minor(abs(minor), currency)}
    return _("%(amount)s more") % amount if minor > 0 else _("%(amount)s less") % amount
