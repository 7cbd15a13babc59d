"""Whether a reply says of an action what the verdict decided: refuses nothing allowed, allows nothing refused."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bots.guard.statements import clauses
from bots.types import VerdictFacts

_ACTIONS = {
    "refund": r"\b(?:refund\w*|reimburs\w*|money back|your money)\b|退款|退钱|钱[^，。]{0,3}退|退不了",
    "return": r"\b(?:giveback|return\w*|(?:send|sent|sending|take|taking|post)\b[^.,;!?]{0,24}\bback)\b|退货"
    r"|退(?:回来|掉|吧|换|了|的|$)|(?<=[以能给法])退|退不了|寄回来",
    "exchange": r"\b(?:exchang\w*|swap\w*|replac\w*)\b|换",
    "cancel": r"\bcancel\w*\b|取消",
    "change_address": r"\baddress\b|地址",
    "resend": r"\b(?:resend\w*|re-?ship\w*|send (?:it|another|a new one))\b|补发|重发",
}
_MUCH_BESIDES = 2
_REFUSES = re.compile(
    r"\b(?:can(?:not|'t)|can not|could(?:n't| not)|unable|not able|not in a position|not possible|isn't possible"
    r"|impossible"
    r"|(?:won't|will not)(?! (?:be charged|cost|need|have|pay))"
    r"|no longer|too late|not eligible|ineligible|not qualif\w+|declin\w+|reject\w+|refus\w+|denied|deny"
    r"|not (?:been )?(?:approved|granted|accepted))\b|\bno (?=refund|return|exchange|cancell)"
    r"|不能|不可以|不予|不支持|无法|没法|没办法|(?:退|换|取消|办)不了|不符合|拒绝|驳回|(?:没有?|未|不)(?:被)?(?:通过|批准|同意)|不给(?:退|换|取消)|一律不",
    re.IGNORECASE,
)
#: A refusal whatever it is that was asked for.
_REFUSES_ALL = re.compile(
    r"\b(?:request|claim|application|cancellation|return|exchange|refund)\b[^.,;!?]{0,24}\b(?:declined"
    r"|rejected|denied|refused|not (?:been )?(?:approved|granted|accepted))\b"
    r"|\bdecline (?:your|the|this)\b|\bnot eligible\b|\b(?:unable|not able) to (?:offer|do|accept|approve"
    r"|grant|help with) (?:this|that|it|your)\b"
    r"|申请[^，。！？]{0,8}(?:没有?通过|未通过|不通过|驳回|拒绝|没有?批准)|(?:没有?|未)通过审核|不符合[^，。]{0,6}(?:条件|要求|规定|政策)|办不了",
    re.IGNORECASE,
)
_GRANTS = re.compile(
    r"\b(?:can|may|could|possible|accepted|accept|approved?|allowed|welcome|go ahead|arranged?|happy to"
    r"|glad to|we'll|we will|i'll|has been|have been|successful\w*|free to|feel free)\b"
    r"|可以|能|支持|已|帮您|为您|给您|同意|通过|成功|直接|马上|这就|没问题|办好",
    re.IGNORECASE,
)
#: Whoever speaks so decides nothing.
_OPEN = re.compile(
    r"\b(?:until|before|unless|if|once|whether|yet|decide|promise|confirm|say|know|within|would have"
    r"|as soon as|in general|normally|only (?:be )?(?:possible|accepted)|so far|as long as|provided)\b"
    r"|\d+\s?(?:days|天)内|如果|若|一旦|之前|前(?:都|才|可|不)|(?:没有?|尚?未)发货|除非|能不能|能否|是否|可不可以|会不会|不?确定|决定|暂时|核实|审核|本来|的话|要是|之后",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:not|no|never|cannot|unable|nor)\b|n't\b|不(?!过|好意思)|没(?!问题|关系)|无(?!论)|未|勿", re.IGNORECASE
)


def find_wrong_decisions(text: str, verdict: VerdictFacts | None) -> Iterator[tuple[int, int]]:
    """Spans of clauses that say another decision than the verdict's; of the action that the verdict is about only."""
    if verdict is None or verdict.action not in _ACTIONS:
        return
    action = re.compile(_ACTIONS[verdict.action], re.IGNORECASE)
    for start, end in clauses(text):
        clause = text[start:end].replace("’", "'")
        if verdict.outcome == "deny":
            wrong = _is_granted(clause, action)
        elif verdict.outcome == "allow":
            wrong = _is_refused(clause, action)
        else:
            wrong = _is_refused(clause, action) and not _OPEN.search(clause)
        if wrong:
            yield start, end


def follows(terms: frozenset[str], positive: bool, verdict: VerdictFacts | None) -> bool:
    """Whether a statement of ``terms`` says what the verdict decided of its action, whatever answers say in general."""
    if verdict is None or verdict.action not in _ACTIONS:
        return False
    action = re.compile(_ACTIONS[verdict.action], re.IGNORECASE)
    besides = [term for term in terms if not action.search(term)]
    decided = verdict.outcome == "allow" if positive else verdict.outcome == "deny"
    return decided and len(besides) < min(len(terms), _MUCH_BESIDES)


def _is_refused(clause: str, action: re.Pattern[str]) -> bool:
    if _REFUSES_ALL.search(clause):
        return True
    return bool(action.search(clause) and _REFUSES.search(clause)) and not re.search(r"\bno longer exists?\b", clause)


def _is_granted(clause: str, action: re.Pattern[str]) -> bool:
    if _NEGATED.search(clause) or _OPEN.search(clause):
        return False
    return bool(action.search(clause) and _GRANTS.search(clause))
