"""A draft is stale once the conversation, its order, the rules or an answer it rests on moved; what moved is said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cs_portal.core.tenancy import current_merchant
from cs_portal.drafting.answering import local_day
from cs_portal.drafting.carrying import acts, carried_by, is_decided
from cs_portal.drafting.deciding import decide_on
from cs_portal.drafting.evidence import order_fields
from cs_portal.drafting.models import Draft, DraftCandidate
from cs_portal.knowledge.answers import choose_answer, context_from_json
from cs_portal.knowledge.markdown import to_plain
from cs_portal.knowledge.models import FaqState
from cs_portal.knowledge.selectors import ServedFaq, served_faqs
from cs_portal.policies.models import RulesetVersion
from cs_portal.policies.services import live_version, refuse_foreign_order

#: Actions whose effect rests on more than the order and the rules.
BEYOND_ORDER = {"exchange", "change_items", "change_payment", "resend", "place_order"}

#: What of a verdict the reply says, or approving it does. Which version and rule decided is noted with it.
SAID = ("outcome", "amount_minor", "currency", "payments", "lines", "approver", "ask", "reasons")


@dataclass(frozen=True, slots=True)
class World:
    """What drafts are held against: the live rules, and of each draft the answers that it rests on, then and now."""

    live: RulesetVersion | None
    rested_on: Mapping[int, set[str]]
    served: Mapping[str, ServedFaq]
    today: date


def fingerprint(draft: Draft) -> str:
    """What the operator saw: rendered into the form and compared when they decide."""
    override = draft.override or {}
    seen = (
        draft.public_id,
        draft.generation,
        draft.conversation_version,
        draft.order_version,
        [(draft.verdict or {}).get(part) or None for part in SAID],
        override.get("outcome"),
        override.get("amount_minor"),
        [sorted(card.items()) for card in draft.cards],
        *_beyond_order(draft),
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:24]


def _beyond_order(draft: Draft) -> list[object]:
    """What would happen, where prices, stock or payment methods decide on it besides order and rules."""
    if draft.request is None or draft.request["action"] not in BEYOND_ORDER or not acts(draft):
        return []
    plan = carried_by(draft).plan
    return [json.dumps(plan.to_dict(), sort_keys=True) if plan is not None else None]


def changes(draft: Draft, *, now: datetime) -> list[str]:
    """Sentences in the active language that say what moved since the draft was made; empty when it is fresh."""
    return [sentence for say in _moves(draft, _world([draft], now)) for sentence in say()]


def moved_answers(draft: Draft, *, now: datetime) -> dict[str, str]:
    """By reference, what became of the answers that a wording rests on, where it is not the very same any more."""
    world = _world([draft], now)
    moved = ((piece["ref"], _answer_moved(piece, world)) for piece in draft.evidence if _rests_on(draft, piece, world))
    return {ref: say() for ref, say in moved if say is not None}


def outdated(drafts: Iterable[Draft], *, now: datetime) -> set[int]:
    """The ids of those that are stale. At most four queries for any number of drafts with conversation and order."""
    drafts = list(drafts)
    world = _world(drafts, now)
    return {draft.pk for draft in drafts if any(True for _say in _moves(draft, world))}


def verdict_now(draft: Draft, *, now: datetime) -> dict[str, Any] | None:
    """What the rules decide by now, where they decide otherwise than in the draft.

    ``None`` where they decide the same, where no rules were asked, and where an admin decided instead of them.
    """
    before = draft.verdict
    if draft.ruleset_id is None or before is None or draft.request is None or not is_decided(draft):
        return None
    decided = decide_on(draft.order, draft.request, now=now, shopper=draft.conversation.shopper)
    if decided is None:
        return None
    # Under the same rules the clock alone moves what is said, from one day to the next: only what is done counts.
    other = differs(before, decided[0]) if decided[1].pk == draft.ruleset_id else not alike(before, decided[0])
    return decided[0] if other else None


def decided_alike(draft: Draft, *, now: datetime) -> tuple[dict[str, Any], RulesetVersion] | None:
    """The live rules' verdict where it says what the draft's says and is another version's; ``None`` elsewhere."""
    if draft.ruleset_id is None or draft.verdict is None or draft.request is None:
        return None
    decided: tuple[dict[str, Any], RulesetVersion] | None
    if draft.order is not None:
        decided = decide_on(draft.order, draft.request, now=now)
    else:
        foreign = refuse_foreign_order()
        decided = (foreign.verdict, foreign.version) if foreign else None
    if decided is None or decided[1].pk == draft.ruleset_id or not alike(draft.verdict, decided[0]):
        return None
    return decided


def alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two verdicts say the same. Nothing, an empty list and zero are one."""
    return all(_stored(one.get(part)) == _stored(other.get(part)) for part in SAID)


def _stored(value: Any) -> Any:
    """As the database gives it back."""
    return json.loads(json.dumps(value)) or None


def differs(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether two verdicts do different things, or the later one wants an admin where the earlier did not."""
    if after.get("approver") == "admin" != before.get("approver"):
        return True
    return any(before.get(key) != after.get(key) for key in ("outcome", "amount_minor"))


def before_override(draft: Draft, candidates: Sequence[DraftCandidate]) -> bool:
    """Whether these words were written under the verdict that an admin overrode since."""
    if draft.override is None or "at" not in draft.override:
        return False
    overridden_at = datetime.fromisoformat(draft.override["at"])
    return bool(candidates) and all(candidate.created_at < overridden_at for candidate in candidates)


def _moves(draft: Draft, world: World) -> Iterator[Callable[[], list[str]]]:
    """One callable per thing that moved; it says what, which may take queries."""
    if draft.conversation.version != draft.conversation_version:
        yield lambda: [_("The conversation went on since this draft was made.")]
    if draft.order is not None and draft.order.version != draft.order_version:
        yield lambda: _order_changes(draft)
    if draft.ruleset_id is not None and (world.live is None or world.live.pk != draft.ruleset_id):
        yield lambda: [_("The order and refund rules were changed.")]
    for piece in draft.evidence:
        if _rests_on(draft, piece, world) and (say := _answer_moved(piece, world)):
            yield lambda say=say: [say()]  # type: ignore[misc]


def _world(drafts: list[Draft], now: datetime) -> World:
    with_answers = [draft.pk for draft in drafts if any(_faq_of(piece) for piece in draft.evidence)]
    rested_on: dict[int, set[str]] = {}
    if with_answers:
        rows = DraftCandidate.objects.filter(draft__in=with_answers, generation=F("draft__generation"))
        for draft_id, links in rows.values_list("draft_id", "links"):
            rested_on.setdefault(draft_id, set()).update(link["evidence"] for link in links)
    wanted = {
        faq
        for draft in drafts
        for piece in draft.evidence
        if piece["ref"] in rested_on.get(draft.pk, ()) and (faq := _faq_of(piece))
    }
    return World(
        live=live_version() if any(draft.ruleset_id for draft in drafts) else None,
        rested_on=rested_on,
        served=served_faqs(wanted) if wanted else {},
        today=local_day(current_merchant(), now),
    )


def _rests_on(draft: Draft, piece: Mapping[str, Any], world: World) -> bool:
    return piece["ref"] in world.rested_on.get(draft.pk, ())


def _faq_of(piece: Mapping[str, Any]) -> str:
    """The public id of the FAQ that a piece of evidence quotes; empty for other pieces."""
    if piece.get("kind") != "faq":
        return ""
    try:
        return str(UUID(piece["ref"].split(":")[1]))
    except (IndexError, ValueError):
        return ""


def _answer_moved(piece: Mapping[str, Any], world: World) -> Callable[[], str] | None:
    """How to say what became of a quoted answer; ``None`` while the shop still gives the very same one."""
    if not (faq := _faq_of(piece)):
        return None
    served, locale = world.served.get(faq), str(piece.get("locale", ""))
    title = {"title": piece["title"].get(locale, "")}
    if served is not None and served.state == FaqState.ARCHIVED:
        return lambda: _("The answer “%(title)s” was archived.") % title
    if served is None or served.state != FaqState.PUBLISHED or not served.content.text(locale).question:
        return lambda: _("The answer “%(title)s” is no longer published.") % title
    if not served.content.holds_on(world.today):
        return lambda: _("The answer “%(title)s” is not valid today.") % title
    context = context_from_json(piece.get("context") or {})
    chosen = choose_answer(served.content, context, locale, today=world.today)
    if chosen is not None and chosen.id != piece.get("answer", "") and chosen.text:
        return lambda: _("The FAQ “%(title)s” has another answer for this case by now.") % title
    if (to_plain(chosen.text) if chosen else "") != piece["text"].get(locale):
        return lambda: _("The answer “%(title)s” was changed.") % title
    return None


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
