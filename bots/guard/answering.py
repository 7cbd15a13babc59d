"""Marks for an operator: questions that a reply passes over, and sentences that rest on nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bots.expressions.folding import sentences
from bots.guard.evidence import usable_answers
from bots.guard.lists import pattern_of
from bots.guard.statements import terms_of
from bots.types import ComposeRequest


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the shopper, and the terms of which an answer holds one."""

    question: str
    terms: frozenset[str]


#: Intents that need no answer of their own: a person takes them, or there is nothing to know.
_NO_QUESTION = {"greeting_thanks", "wants_a_person", "complaint", "other"}
#: Words by which a reply speaks of what an intent asks for, beside those of the question and its answers.
_SPOKEN_OF: Mapping[str, str] = {
    "order_status": "order shipped dispatched tracking parcel carrier delivered prepared warehouse way"
    " 订单 发货 物流 快递 签收 备货 单号 运输 包裹 路上",
    "delivery": "shipping delivery deliver ship parcel 配送 发货 送达 寄到 包邮",
    "cancel": "cancel cancelled cancellation 取消",
    "change_address": "address 地址",
    "refund": "refund refunded money back photo 退款 退还 退回 退给 照片",
    "refund_status": "refund refunded money 退款 退还 已退 到账",
    "return_exchange": "return exchange back 退货 换货 退换 换大",
    "damaged_or_wrong_item": "photo refund exchange replacement picture 照片 退款 换货 补发",
    "invoice": "invoice 发票",
    "payment": "payment method 支付 付款",
    "discount_coupon": "coupon code discount voucher 优惠券 折扣",
    "size_advice": "size 尺码",
    "recommendation": "suggest recommend like look price 推荐 看看 价格",
    "stock": "stock available sold price 有货 缺货 现货 库存 售价 价格",
    "place_order": "order card stock 下单 卡片 有货",
    "account": "account password 账户 密码",
}
_HANDS_OVER = re.compile(
    r"\b(?:colleague|team member|specialist|somebody from our team|passed (?:it|this|your))\w*|同事|专人|人工"
    r"|转(?:给|交|接)",
    re.IGNORECASE,
)
_ASKS_BACK = re.compile(r"(?:^|[.!?。！？\n])[^.!?。！？\n]*[?？]")
_COURTESY = re.compile(
    r"^\W*(?:thank|thanks|hi|hello|hey|dear|kind|best|warm|all the best)\b|\bquestions?\b|\bhesitate\b|\bfeel free\b"
    r"|\bto hear from\b|\bhave an? \w+ (?:day|week)|您好|你好|感谢|谢谢|祝您|疑问|随时|欢迎|留言|为您服务|支持我们",
    re.IGNORECASE,
)
_LONGEST_COURTESY = 80
_OFFERS = re.compile(
    r"\belse\b|\bhelp you\b|\bassist\b|\bany\w* (?:other |further )?questions?\b|其他|别的|还有什么|帮您|帮到",
    re.IGNORECASE,
)


def first_passed_over(text: str, asked: Sequence[Asked]) -> Asked | None:
    """The first of the questions ``asked`` that gets no answer, no question back and no person."""
    if _HANDS_OVER.search(text) or any(not _OFFERS.search(m.group()) for m in _ASKS_BACK.finditer(text)):
        return None
    said = [terms_of(text[start:end]) for start, end in sentences(text) if not _is_mere_courtesy(text[start:end])]
    return next((each for each in asked if not any(terms & each.terms for terms in said)), None)


def find_unsupported(text: str, known: frozenset[str], claimed: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans of sentences that state what no evidence speaks of: no checked fact (``claimed``), few of its words."""
    for start, end in sentences(text):
        sentence = text[start:end]
        if sentence.rstrip().endswith(("?", "？")) or pattern_of("small_talk").search(sentence):
            continue
        if any(start <= from_ and to <= end for from_, to in claimed):
            continue
        terms = terms_of(sentence)
        if len(terms) > 1 and 3 * len(terms & known) < len(terms):
            yield start, end


def questions_of(request: ComposeRequest) -> tuple[Asked, ...]:
    """The shopper's questions; the terms of one are those by which an answer to it, and to no other one, is known."""
    understanding = request.understanding
    answers = usable_answers(request)
    found = []
    for intent in understanding.intents:
        if intent.name in _NO_QUESTION or not intent.question:
            continue
        hits = [hit for hit in answers if not hit.query or hit.query == intent.question]
        texts = [intent.question, _SPOKEN_OF.get(intent.name, "")]
        texts += [text for hit in hits[:1] for text in (hit.entry.question, hit.entry.answer)]
        if intent.name in {"stock", "recommendation", "product_question", "place_order", "size_advice"}:
            texts += [title for product in request.products for title in product.title.values()]
        found.append(Asked(intent.question, terms_of(" . ".join(texts)) - terms_of(request.store_name)))
    telling = []
    for number, wanted in enumerate(found):
        others = frozenset[str]().union(*(each.terms for at, each in enumerate(found) if at != number))
        telling.append(Asked(wanted.question, wanted.terms - others or wanted.terms))
    return tuple(each for each in telling if each.terms)


def _is_mere_courtesy(sentence: str) -> bool:
    return len(sentence) < _LONGEST_COURTESY and _COURTESY.search(sentence) is not None
