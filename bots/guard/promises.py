"""Sentences that commit the merchant: they need a verdict that allows, a recorded fact, or the FAQ's own condition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WE = (
    r"\b(?:we|i)(?:'ll|'ve|'re|'m)?(?:\s+(?:will|have|are|am|can|just|now|also|already|happily|gladly|been|be"
    r"|go ahead and|gone ahead and))*\s+"
)
_BE = (
    r"(?:has been|have been|was|is|is being|will be|'ll be|are|been|should be)\s+(?:already |now |fully "
    r"|successfully )*"
)
_ZH = r"(?:已经?|将会?|会|马上|立即|立刻|正在|这就|可以|现在就?)"
_FOR = r"(?:为|给|帮|替|向)(?:您|你)"
_DO = r"(?:办理|处理|安排|申请|发起|提交|全额|部分|进行|操作|完成|成功|受理|通过|同意|重新|再|了)*"

_ENGLISH = {
    "refund": (
        rf"{_WE}(?:refund(?:ed|ing)?\b|reimburs\w+|(?:issu\w+|process\w*|arrang\w+|approv\w+|send\w*|mak\w+"
        rf"|giv\w+|start\w*)"
        r"\s+(?:you\s+)?(?:a|the|your|back)?\s*(?:full |partial )?(?:refund|money))",
        r"\b(?:we|i)(?:'ll| will| would)\b(?:(?!\btalk|\blook|\bdecide|\bcheck|\bdiscuss|\breview|\btell"
        r"|\bsee\b|\bconsider)[^.!?;,\n]){0,30}\b(?:refund|reimburse)\b",
        r"\byou(?:'ll| will|'re going to| are going to| should)\s+(?:get|receive|have|be given|see)\s+(?:a"
        r"|the|your|back|all)?"
        r"\s*(?:full |partial )?(?:refund|money|reimburs)",
        rf"\b(?:refund|money|reimbursement)\b[^.!?;\n]{{0,40}}?\b(?:{_BE})(?:approved|processed|issued|sent"
        rf"|returned|completed"
        r"|confirmed|on its way|on the way|credited|paid|back|granted|initiated)",
        r"\b(?:been|be|being|was|were|is|are) (?:fully |already )?(?:refunded|reimbursed|compensated"
        r"|credited back|paid back)\b",
        r"\b(?:entitled to|eligible for|qualif\w+ for|get) (?:a|your) (?:full |partial )?refund",
    ),
    "cancel": (
        rf"{_WE}cancel(?:l?ed|l?ing)?\b",
        rf"\b(?:{_BE})cancel(?:l?ed)\b",
    ),
    "change_address": (
        rf"{_WE}(?:chang\w+|updat\w+|correct\w*|edit\w*) (?:the|your) (?:shipping |delivery )?address",
        rf"\baddress (?:{_BE})(?:changed|updated|corrected|edited)",
    ),
    "exchange": (
        rf"{_WE}exchang\w+",
        rf"{_WE}(?:approv\w+|arrang\w+|process\w*) (?:the|your|an) exchange",
        rf"\bexchange (?:{_BE})(?:approved|processed|arranged|confirmed|set up)",
    ),
    "resend": (
        rf"{_WE}(?:re-?send\w*|re-?ship\w*|(?:send\w*|ship\w*)\s+(?:you\s+)?(?:a|another|the)\s+(?:new |free )?"
        r"(?:replacement|one|item|parcel|package))",
        rf"\b(?:replacement|new parcel|new one)\b[^.!?;\n]{{0,30}}?\b(?:{_BE})(?:sent|shipped|dispatched|on its way)",
    ),
    "return": (
        rf"{_WE}(?:accept\w*|approv\w+) (?:the|your) return",
        rf"\breturn (?:request )?(?:{_BE})(?:approved|accepted|confirmed)",
    ),
    "place_order": (
        rf"{_WE}(?:plac\w+|creat\w+) (?:an|the|your|this) (?:new )?order",
        rf"\border (?:{_BE})(?:placed|created)\b",
    ),
    "gift": (
        rf"{_WE}(?:giv\w+|offer\w*|send\w*|add\w*|appl\w+|includ\w+|compensat\w+|waiv\w+)\b[^.!?;\n]{{0,40}}?"
        r"(?:coupon|voucher|discount|credit|gift|points|for free|compensat\w+|shipping fee)",
        r"\bcompensat(?:ion|e you)\b",
        r"\bthrow in\b",
    ),
    "free": (
        r"\b(?:a|one|another|your) free \w+",
        r"\b(?:free of charge|at no (?:extra |additional )?(?:cost|charge)|for free)\b",
        r"\bfree (?:express |next-day |standard |priority )?(?:delivery|shipping|gift|item|replacement|sample"
        r"|upgrade)\b",
    ),
    "guarantee": (
        r"\bguarantee\w*",
        r"\b(?:we|i) promise\b",
        r"\b(?:you have|i give you) (?:my|our) word\b|\bcount on it\b",
        r"\bdefinitely\b",
        r"\bwithout fail\b",
        r"\bcertainly will\b",
    ),
}
_CHINESE = {
    "refund": (
        rf"{_ZH}(?:{_FOR})?{_DO}退款",
        rf"{_FOR}{_DO}退款",
        rf"退款(?:申请)?{_ZH}{_DO}(?:到账|批准|原路|退|审批)?",
        r"退(?:您|你|给您)[^,，。]{0,6}(?:钱|款)|(?:会|将|稍后|马上)[^,，。]{0,5}把[^,，。]{0,6}(?:钱|款)[^,，。]{0,6}(?:打|退|转)",
        rf"(?:{_ZH}|{_FOR}){_DO}(?:退钱|打款|打钱)",
        r"退款成功|同意(?:您|你)?的?退款|退(?:还|回)?给(?:您|你)|已退款|(?:全额|全部)退(?:款|还)",
        r"(?:款项|钱|金额)[^。！？;\n]{0,12}?(?:已|将|会)[^。！？;\n]{0,6}?(?:退|到账|返还)",
    ),
    "cancel": (
        rf"{_ZH}(?:{_FOR})?{_DO}取消",
        rf"{_FOR}{_DO}取消",
        r"取消(?:成功|完成|好了)|订单已(?:被)?取消|已取消",
    ),
    "change_address": (
        rf"地址{_ZH}?{_DO}(?:更新|修改|更改|改|变更)(?:为|成|好|完|了)",
        rf"(?:{_ZH}|{_FOR}){_DO}(?:修改|更改|变更|更新|改)(?:了|好)?(?:您|你)?的?(?:收货)?地址",
    ),
    "exchange": (rf"(?:{_ZH}|{_FOR}){_DO}(?:换货|更换|换一)", r"换货(?:申请)?已"),
    "resend": (rf"(?:{_ZH}|{_FOR}){_DO}(?:补发|重发|发货一次|寄一)", r"重新(?:发货|寄出)", r"补发(?:已|成功)"),
    "return": (rf"(?:{_ZH}|{_FOR}){_DO}退货", r"退货(?:申请)?已|同意(?:您|你)?的?退货"),
    "place_order": (rf"(?:{_ZH}|{_FOR}){_DO}(?:下单|创建订单|下好单)", r"下单成功"),
    "gift": (
        r"赠送|送(?:您|你)|补偿|(?:发|补|给)(?:您|你)[^,，。]{0,8}(?:券|红包|积分|礼品)|赔(?!率)|双倍|优惠券已|免费(?:送|给|为|寄)|给(?:您|你)(?:优惠|打折|免)",
    ),
    "guarantee": (r"保证|承诺|绝对|一定(?!要|程度|的|期|不|量)|肯定(?!不)|包退|百分百|必定",),
}
_NEGATION = re.compile(
    r"\b(?:not|cannot|never|no|unable|without|nothing|isn't|wasn't|hasn't|haven't|can't|won't|don't|doesn't"
    r"|whether|if)\b"
    r"|无法|不能|不可|不支持|没有|没办法|没法|尚未|未|不会|不予|不再|还没|暂不|是否|能否|会不会",
    re.IGNORECASE | re.ASCII,
)
_DENIED_AFTER = re.compile(r"[^,;。!?]{0,4}(?:是)?(?:不行|不了|不可|不能)")
#: What depends on somebody's decision is no promise of it.
_ON_APPROVAL = re.compile(
    r"\b(?:if|once|when|after|as soon as)\b[^,;.]{0,40}\b(?:approve\w*|confirm\w*|accept\w*|agree\w*)"
    r"|(?:如果|如|若|一旦|待|等)[^,;。]{0,12}(?:通过|同意|确认)",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:if|once|when|after|as soon as|unless|until|upon)\b|如果|如需|一旦|若|待|(?<![售今])后"
    r"|的话|审核|(?<!已)经(?![常济过])",
    re.IGNORECASE,
)
_FUTURE = re.compile(
    r"\bwill\b|'ll\b|\bgoing to\b|\bshould\b|\bcan\b|将|会|马上|立即|立刻|这就|可以", re.IGNORECASE | re.ASCII
)


def _compiled(table: dict[str, tuple[str, ...]]) -> list[tuple[str, re.Pattern[str]]]:
    return [(action, re.compile("|".join(patterns), re.IGNORECASE | re.ASCII)) for action, patterns in table.items()]


_PATTERNS = _compiled(_ENGLISH) + _compiled(_CHINESE)


@dataclass(frozen=True, slots=True)
class Promise:
    """``sentence[start:end]`` commits to ``action`` (canonical, or ``gift`` and ``guarantee``)."""

    action: str
    start: int
    end: int
    conditional: bool
    future: bool
    on_approval: bool


def find_promises(sentence: str) -> Iterator[Promise]:
    """Commitments in one folded sentence. A negated clause and a question commit to nothing."""
    if sentence.rstrip().endswith("?"):
        return
    for action, pattern in _PATTERNS:
        for match in pattern.finditer(sentence):
            if not _negated(sentence, match.start(), match.start() if action == "free" else match.end()):
                conditional = _CONDITION.search(sentence) is not None
                future = _FUTURE.search(match.group()) is not None
                on_approval = _ON_APPROVAL.search(sentence) is not None
                yield Promise(action, match.start(), match.end(), conditional, future, on_approval)


def _negated(sentence: str, start: int, end: int) -> bool:
    clause = max(sentence.rfind(mark, 0, start) for mark in ",;:，；：.") + 1
    return _NEGATION.search(sentence[clause:end]) is not None or _DENIED_AFTER.match(sentence, end) is not None
