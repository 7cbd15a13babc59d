"""A draft is stale once the conversation, its order or the ruleset moved; what moved is said in words."""

from __future__ import annotations

import hashlib
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cs_portal.drafting.evidence import order_fields
from cs_portal.drafting.models import Draft
from cs_portal.policies.services import live_version


def fingerprint(draft: Draft) -> str:
    """What the operator saw: rendered into the form and compared when they decide."""
    override = draft.override or {}
    seen = (
        draft.public_id,
        draft.generation,
        draft.conversation_version,
        draft.order_version,
        draft.ruleset_id,
        override.get("outcome"),
        override.get("amount_minor"),
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:24]


def changes(draft: Draft) -> list[str]:
    """Sentences in the active language that say what moved since the draft was made; empty when it is fresh."""
    found: list[str] = []
    if draft.conversation.version != draft.conversation_version:
        found.append(_("The conversation went on since this draft was made."))
    if draft.order is not None and draft.order.version != draft.order_version:
        found += _order_changes(draft)
    if draft.ruleset_id is not None:
        live = live_version()
        if live is None or live.pk != draft.ruleset_id:
            found.append(_("The order and refund rules were changed."))
    return found


def _order_changes(draft: Draft) -> list[str]:
    order = draft.order
    assert order is not None
    language = get_language() or "en"
    before: list[dict[str, Any]] = next(
        (piece["fields"] for piece in draft.evidence if piece["ref"] == f"order:{order.number}"), []
    )
    old = {field["key"]: field["value"] for field in before}
    found = []
    for field in order_fields(order, ZoneInfo(draft.conversation.merchant.timezone)):
        was, value = old.get(field["key"]), field["value"]
        if was != value:
            found.append(
                _("Order %(number)s, %(field)s: %(old)s → %(new)s")
                % {
                    "number": order.number,
                    "field": field["label"].get(language, field["label"]["en"]),
                    "old": was.get(language, was["en"]) if was else "–",
                    "new": value.get(language, value["en"]),
                }
            )
    return found or [_("Order %(number)s was changed.") % {"number": order.number}]
