"""What sentences state, clause by clause: of which things, said or denied, who pays, before or after what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from bots.expressions.folding import CJK, sentences
from bots.guard.lists import lines_of

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'"})
_SPLIT = re.compile(
    r"[,，;；:：]|(?<=\s)[-–—]+(?=\s)|——|[()（）]"
    r"|\bbut\b|\bhowever\b|\balthough\b|\bthough\b|\bunlike\b|\bwhereas\b"
    r"|\band(?= (?:can|can't|is|are|isn't|it|you|we|i|please|there|they|must|do|don't|does|never|no|was|has|have"
    r"|will|won't|may|takes|keep|best|so|the)\b)"
    r"|不过|但是|但(?!愿)|可是",
    re.IGNORECASE,
)
#: A clause that begins so says when the next one holds, or why.
_LEADING = re.compile(
    r"^\W*(?:(?:now that|once|when|after|until|before|as soon as|as|since|because|if|unless|while|due to|for)\b"
    r"|如果|如|一旦|若|由于|因为|只要|除非|当|等)",
    re.IGNORECASE,
)
#: A clause that begins so tells more of what the one before it speaks of.
_TRAILING = re.compile(
    r"^\W*(?:which|including|such as|namely|e\.g\.|i\.e\.|\w+ (?:included|excluded))\b", re.IGNORECASE
)
_NEGATION = re.compile(
    r"\b(?:not(?! only)|no(?! problem| worries| doubt| matter| later than)|never"
    r"|without(?! (?:any )?(?:problem|issue|trouble|fuss|hassle))|unable|cannot|neither|nor"
    r"|impossible|nothing|none|refus\w+|declin\w+|prohibit\w*|avoid\w*|excluded?|excluding|except|closed|unavailable"
    r"|too late|needn't|(?:is|are|lies|'s) outside|fixed|final|unwashable|ineligible|separately)\b"
    r"|n't\b(?! (?:worry|hesitate))"
    r"|不(?!过|好意思|仅|错|客气|用谢|便|满|足|同|论|管|少|妨|久|完|良|知|懂|锈)|没(?!问题|关系|事)|无(?!论|理由|忧|法取得)|未(?!来)"
    r"|非(?!常)|勿|禁止|避免|除外|除了|拒绝|谢绝|难以|休息(?!室)|另购|再等|别(?!的|人|处|墅|致|担心|着急|客气)",
    re.IGNORECASE,
)
_FREE = re.compile(
    r"(?<!not )(?<!n't )(?<!isn't )\bfree\b(?! of (?:dust|scratches))|\bno (?:extra |additional )?(?:charge"
    r"|cost|fee)s?\b"
    r"|\bwe (?:will |gladly |always |also )*(?:pay|cover|bear)\b|\byou (?:don't|won't|do not|will not|needn't|need not)"
    r"(?: have to| need to)? (?:pay|be charged)|\bdoesn't cost\b|\bon us\b"
    r"|(?<!不)免费|免运费|(?<!不)包邮|不用(?:承担|出|付)|不(?:收|用付|需付|用您|需要?您)[^，。！？]{0,6}|不收费|我们(?:来|全部)?(?:承担|出|付)|运费(?:都?是|由|算)?我们|商家(?:来)?(?:承担|出)",
    re.IGNORECASE,
)
_COSTS = re.compile(
    r"\b(?:not|isn't|aren't|never) (?:be )?free\b|\byou (?:will |must |have to |need to |'ll )*(?:pay|bear|cover)\b"
    r"|\bcosts? (?:a fee|extra|money)\b|(?<!no )\bfees? (?:appl|is charged|will be)\w*"
    r"|\bat your (?:own )?(?:cost|expense)\b"
    r"|\bwe (?:do not|don't|won't|will not|cannot|can't) (?:pay|cover|bear)\b|我们不(?:承担|出|付|包)"
    r"|不包邮|不免费?|(?<!不)(?<!不会)(?<!不另)收费|要收|另收|另外收|(?:您|买家|顾客|自己|自行)(?:自己|自行|来|需要?|要)*(?:承担|出|付)|自理|自付"
    r"|要买家出",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\b(?:until|before|beforehand|in time|as long as|while (?:it|the|your))\b"
    r"|\b(?:not|n't|hadn't|hasn't) (?:yet )?(?:been )?(?:shipped|left|dispatched|sent)\b"
    r"|之前|[^天日周月年]前(?!台|往|后|面|来|方|去)|(?:没有?|还没|尚?未)(?:有)?(?:发货|发出|寄出)",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\b(?:once|afterwards?|now that|even after|after (?:it|the|that|shipping|they|your)|already (?:left|shipped|on)"
    r"|has (?:already )?left)\b|已(?:经)?发|发货后|之后|(?<=发货)的|收到后",
    re.IGNORECASE,
)
_NOW = re.compile(r"\b(?:still|now|even now)\b|现在|还(?=可以|能)", re.IGNORECASE)
_HYPOTHETICAL = re.compile(
    r"^\W*(?:should|had)\b|\b(?:if|unless|would have|could have|should you|in case|whether|provided|otherwise"
    r"|as long as)\b"
    r"|如果|如有|如需|若|除非|要是|万一|是否|能否|能不能|可不可以|会不会",
    re.IGNORECASE,
)
_REQUIRES = re.compile(r"\b(?:must|need to|have to|required)\b|需|须|保持|务必", re.IGNORECASE)
_CONCEDES = re.compile(
    r"\b(?:doesn't|does not) matter\b|\bno problem\b|也(?:没关系|没问题|没事|可以|能|行|不影响)|不要紧|无所谓",
    re.IGNORECASE,
)
_VERB = r"(?:must|can|is|are|do|does|will|may|has|have|should)"
_SUBJECT = re.compile(rf"[^.]*?(?=\b{_VERB}\b)", re.IGNORECASE)
_NO_SUBJECT = re.compile(rf"\W*(?:and )?{_VERB}\b", re.IGNORECASE)
_WORD = re.compile(r"[a-z][a-z'-]*[a-z]|\d+", re.IGNORECASE)
_HAN_STOP = re.compile(
    r"可以|不能|不可以?|不会|不支持|支持|能够?|需要|不用|无需|不必|无法|没有|没法|没办法|不予|请|您的?|我们的?|你们?|我的?|这款|这个|这边|这里|该|也|都|的话?|了|是|会|哦|哈|呢|啦|吧|吗|呀|啊|很|就|(?<![返归退偿])还|再|把|被|将|已经?"
    r"|商品|产品|宝贝|一般|目前|暂时?|均|只要?|才|和|与|或者?|并且?|及|以及|等|在|对|给|为|由|从|于|其|非常|抱歉|不|无|未|勿|没|别|先|提供|同样|放心|方便|使用|进行|要|得|必须|暂|所有|随时|如果|如|以|之|后|前|比较|建议|注意|避免"
    r"|[0-9a-z.,¥$%]+"
)
_IRREGULAR = {
    "left": "leav",
    "leaves": "leav",
    "leave": "leav",
    "sent": "send",
    "paid": "pay",
    "bought": "buy",
    "broken": "break",
    "kept": "keep",
    "worn": "wear",
    "shown": "show",
    "dried": "dry",
    "countries": "country",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """``text[start:end]`` says something of ``terms``: that it is so (``positive``) or that it is not; ``denied``
    are the terms behind the negation.

    ``cost`` is 1 where the shopper pays nothing, -1 where they pay, 0 where nobody speaks of it. ``phase`` is -1 for
    before a parcel leaves, 1 for afterwards. What is only supposed is ``hypothetical``; what must be is
    ``requires``, and what does no harm ``concedes``.
    """

    terms: frozenset[str]
    denied: frozenset[str]
    positive: bool
    cost: int
    phase: int
    hypothetical: bool
    requires: bool
    concedes: bool
    start: int
    end: int


def statements(text: str, *, shipped: bool = False) -> Iterator[Statement]:
    """The statements of ``text``. ``shipped``: whether "still" and "now" mean after the parcel left."""
    before = ""
    for start, end in clauses(text):
        clause = text[start:end].translate(_APOSTROPHES)
        # "are not suitable for the microwave" is said of what the clause before it is about
        subject = _SUBJECT.match(before) if _NO_SUBJECT.match(clause) else None
        before = clause
        terms = terms_of(clause) | (terms_of(subject[0]) if subject else frozenset())
        if terms:
            bare = _without_phases(clause)
            negation = _NEGATION.search(bare)
            yield Statement(
                terms,
                terms_of(bare[negation.end() :]) if negation else frozenset(),
                negation is None,
                _cost(clause),
                _phase(clause, shipped),
                _HYPOTHETICAL.search(clause) is not None,
                _REQUIRES.search(clause) is not None,
                _CONCEDES.search(clause) is not None,
                start,
                end,
            )


def clauses(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the clauses of all sentences that are no questions."""
    for start, end in sentences(text):
        if not text[start:end].rstrip("”」\"' ").endswith(("?", "？")):
            yield from _clauses(text, start, end)


def terms_of(text: str) -> frozenset[str]:
    """Stems of the words that mean something; pairs of neighbouring characters in Chinese."""
    folded = text.lower().translate(_APOSTROPHES)
    found = set()
    for term, pattern in _synonyms():
        folded, count = pattern.subn(f" {term} " if term.isascii() else term, folded)
        if count and len(term) > 1 and term.isascii():
            found.add(term)
    for word in _WORD.findall(folded):
        if word not in _stop_words() and word.removesuffix("n't") not in _stop_words() and not word.isdigit():
            found.add(word if word in found else _stem(word))
    if CJK.search(folded):
        for run in re.findall(r"[\u4e00-\u9fff]+", _HAN_STOP.sub(" ", folded)):
            found |= {run[at : at + 2] for at in range(max(1, len(run) - 1))}
    return frozenset(term for term in found if len(term) > 1 or term == "投")


def _clauses(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    borders = [start]
    for match in _SPLIT.finditer(text, start, end):
        borders += [match.start() if match.group().isalpha() else match.end()]
    borders.append(end)
    merged: list[tuple[int, int]] = []
    leads = False
    for from_, to in pairwise(borders):
        piece = text[from_:to]
        if merged and (leads or _TRAILING.search(piece)):
            merged[-1] = merged[-1][0], to
            leads = False
        elif piece.strip():
            merged.append((from_, to))
            leads = _LEADING.search(piece) is not None
    yield from merged


def _without_phases(clause: str) -> str:
    """``clause`` without "has not been shipped yet", which tells when and denies nothing."""
    return re.sub(
        r"\b(?:has|had|have|is|was)?\s?(?:not|n't) (?:yet )?(?:been )?(?:shipped|left|dispatched|sent)\b"
        r"|(?:没有?|还没|尚?未)(?:有)?(?:发货|发出|寄出)|不(?=会?有问题)|no longer (?=than)",
        " ",
        clause,
        flags=re.IGNORECASE,
    )


def _cost(clause: str) -> int:
    if _COSTS.search(clause):
        return -1
    return 1 if _FREE.search(clause) else 0


def _phase(clause: str, shipped: bool) -> int:
    if _BEFORE.search(clause):
        return -1
    if _AFTER.search(clause) or (shipped and _NOW.search(clause)):
        return 1
    return 0


@cache
def _synonyms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    pairs = (line.split(": ", 1) for line in lines_of("synonyms"))
    return tuple((term, re.compile(wordings, re.IGNORECASE)) for term, wordings in pairs)


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(word for line in lines_of("stop_words") for word in line.split())


@cache
def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending in ("ations", "ation", "ings", "ing", "ies", "ied", "ed", "es", "ly", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
