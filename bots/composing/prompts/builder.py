"""The prompt of one request: instructions apart, data fenced, personal values masked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.resources import files

from bots.backends.base import Prompt
from bots.composing.composer import compose_grounded
from bots.composing.masking import Masker
from bots.composing.order_facts import local_date, subject_order
from bots.composing.product_facts import title_of
from bots.expressions.folding import without_format_characters
from bots.expressions.money import format_amount
from bots.guard.evidence import usable_answers
from bots.types import ComposeRequest, Language, OrderFacts, PersonalValues, Turn
from bots.understanding.personal import find_personal

#: Recorded with every candidate; a new wording gets a new version and a new file.
VERSION = "reply_v2"
_TURNS = 6
_LONGEST_TEXT = 1_500

#: Where values of a kind that was found in the conversation stand among those of the records.
_FIELDS = {
    "NAME": "names",
    "EMAIL": "emails",
    "PHONE": "phones",
    "ADDRESS": "addresses",
    "ORDER": "order_numbers",
    "TRACKING": "trackings",
}

_LABELS: dict[Language, dict[str, str]] = {
    "en": {
        "shopper": "Shopper",
        "store": "Store",
        "answer": "Shop's answer",
        "order": "Order",
        "product": "Product",
        "decision": "Decision",
        "conversation": "Conversation",
        "checked": "Checked facts in plain words",
        "ask": "Reply to the shopper:",
        "allow": "allowed",
        "deny": "not allowed",
        "escalate": "a colleague decides later",
        "missing": "something is missing",
    },
    "zh-hans": {
        "shopper": "顾客",
        "store": "商家",
        "answer": "商家的标准答案",
        "order": "订单",
        "product": "商品",
        "decision": "处理决定",
        "conversation": "对话",
        "checked": "已核实的事实",
        "ask": "给顾客的回复：",
        "allow": "同意",
        "deny": "不同意",
        "escalate": "稍后由同事决定",
        "missing": "还缺少信息",
    },
}


@dataclass(frozen=True, slots=True)
class MaskedPrompt:
    """``masker`` restores what the prompt masked."""

    prompt: Prompt
    masker: Masker


def build_prompt(request: ComposeRequest) -> MaskedPrompt:
    """The prompt of ``request``, without any value of ``request.personal`` and without what turns tell of persons."""
    masker = masker_of(request.personal, (turn.text for turn in _turns(request)), today=request.now.date())
    ask = _LABELS[request.language]["ask"]
    store = request.store_name
    return fenced(VERSION, request.language, facts_of(request), masker, ask=ask, store=store, seed=request.seed)


def fenced(
    version: str, language: Language, sections: Iterable[str], masker: Masker, *, ask: str, seed: int, **fields: str
) -> MaskedPrompt:
    """The template of ``version`` with its ``fields`` for instructions, and ``sections`` as data, all of it masked."""
    body = "\n\n".join(masker.mask(without_format_characters(section)) for section in sections)
    fence = _fence(body, seed)
    # The fence differs from prompt to prompt, so templates name it last: what stands before is read once per shop.
    fixed, behind = _template(version, language).split("{fence}")
    for name, value in fields.items():
        field = masker.mask(" ".join(without_format_characters(value).split()))
        fixed, behind = (part.replace(f"{{{name}}}", field) for part in (fixed, behind))
    user = f"{fence}\n{body}\n{fence}\n\n{ask}"
    return MaskedPrompt(Prompt(system=f"{fixed}{fence}{behind}", user=user, fixed=fixed), masker)


def masker_of(personal: PersonalValues, texts: Iterable[str], *, today: date) -> Masker:
    """Of the records' values, and of what looks personal in ``texts``: a phone number typed in the chat, say."""
    typed: dict[str, set[str]] = {}
    for each in texts:
        text = without_format_characters(each[:_LONGEST_TEXT])
        for span in find_personal(text, today=today):
            typed.setdefault(span.kind, set()).add(text[span.start : span.end].strip())
    known = {field: (*getattr(personal, field), *typed.pop(kind, ())) for kind, field in _FIELDS.items()}
    return Masker(PersonalValues(**known), others=sorted(set().union(*typed.values()) - {""}))


@cache
def _template(version: str, language: Language) -> str:
    return files(__package__).joinpath(f"{version}.{language}.txt").read_text(encoding="utf-8").strip()


def _fence(body: str, seed: int) -> str:
    """A mark that does not occur in the data, so that nothing in it can close the fence."""
    attempt = 0
    while True:
        mark = f"=== {sha256(f'{seed}:{attempt}:{body}'.encode()).hexdigest()[:8]} ==="
        if mark not in body:
            return mark
        attempt += 1


def facts_of(request: ComposeRequest) -> list[str]:
    """All that a reply may rest on, and the conversation, in sections."""
    labels = _LABELS[request.language]
    sections = []
    for hit in [hit for hit in usable_answers(request) if hit.entry.answer.strip()][:3]:
        sections.append(f"{labels['answer']}: {hit.entry.question}\n{hit.entry.answer[:_LONGEST_TEXT]}")
    order = subject_order(request)
    if order is not None:
        sections.append(f"{labels['order']}: {_order_line(request, order)}")
    for product in request.products[:3]:
        price = format_amount(product.price_minor, product.currency)
        sections.append(f"{labels['product']}: {title_of(product, request)}, {price} {product.url}".strip())
    sections.extend(_decision(request))
    sections.append(f"{labels['checked']}: {compose_grounded(request).text}")
    sections.append(f"{labels['conversation']}:\n{_conversation(request)}")
    return sections


def _order_line(request: ComposeRequest, order: OrderFacts) -> str:
    parts = [f"#{order.number}", order.status, local_date(order.placed_at, request)]
    parts += [f"{line.title} × {line.quantity}" for line in order.lines]
    parts += [f"{shipment.carrier} {shipment.tracking}" for shipment in order.shipments]
    return "; ".join([*parts, format_amount(order.total_minor, order.currency)])


def _decision(request: ComposeRequest) -> list[str]:
    verdict = request.verdict
    if verdict is None or verdict.action == "none":
        return []
    labels = _LABELS[request.language]
    outcome = labels["missing" if verdict.outcome == "ask" else verdict.outcome]
    amount = ""
    if verdict.amount_minor is not None and verdict.currency:
        amount = f", {format_amount(verdict.amount_minor, verdict.currency)}"
    reason = verdict.reasons.get(request.language, "")
    return [f"{labels['decision']}: {verdict.action}: {outcome}{amount}. {reason}".strip()]


def _conversation(request: ComposeRequest) -> str:
    labels = _LABELS[request.language]
    names = {"shopper": labels["shopper"], "operator": labels["store"], "bot": labels["store"]}
    return "\n".join(f"{names[turn.author]}: {turn.text[:_LONGEST_TEXT]}" for turn in _turns(request))


def _turns(request: ComposeRequest) -> list[Turn]:
    return [turn for turn in request.turns if turn.author in {"shopper", "operator", "bot"}][-_TURNS:]
