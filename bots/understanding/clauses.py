"""Splitting a message into the parts that may each hold a question of their own."""

from __future__ import annotations

import re

from bots.expressions.folding import fold

_BOUNDARY = re.compile(
    r"[.!?;。!?;\n]+(?=\s|$|[\u4e00-\u9fff])|[。!?;\n]+"
    r"|\s{1,4}(?:and|also|plus|but)\s+(?=(?:can|could|do|does|is|are|how|what|when|where|which|why|who|i|please"
    r"|will|would|my|refund|cancel|send|exchange|return|give|change|tell|let|check|explain)\b)"
    r"|,\s*(?:and|also|plus|but)?\s*(?=(?:can|could|do|does|is|are|how|what|when|where|which|why|who|please"
    r"|will|would|whether|if (?:i|you|it|they) (?:can|could|will|do|does|is|are))\b"
    r"|i (?:only|just|simply|merely) (?:want|need|wanted|ask|wonder)"
    r"|(?:refund|cancel|resend|replace|exchange|give|send) (?:me|it|them|this|that|my|the)\b)"
    r"|,?\s*(?:另外|还有(?!货|现货|吗|没|么|不|多少|几)|以及|顺便|再问一下|还想问|同时)[,，]?|,(?=\s?[\u4e00-\u9fff])",
    re.IGNORECASE | re.ASCII,
)
#: A clause that asks for something to be told. "Can you…" asks for something to be done.
_ASKS = re.compile(
    r"\b(?:what|when|where|which|who|how (?:much|many|long|often|far|do|does|can|is|are))\b|\b(?:do|are) you\b[^?]*\?"
    r"|^(?:whether|if (?:i|you|it|they))\b|能开|可以开|能不能|可不可以|能否"
    r"|几点|几号|几天|多少|多久|多大|什么|怎么|哪里|哪儿|哪个|哪些|是否|有没有|营业时间",
    re.IGNORECASE | re.ASCII,
)
#: What is said in passing, and questions that lean on what was said before.
_LEANS = re.compile(
    r"\b(?:what(?:'s| is) (?:going on|wrong|up|this|that)|what (?:should|can|do|shall|must) i do|what now|what a"
    r"|what the|how (?:can|do|does|is|are) (?:that|this|it|you|i do)|when i|who cares|which (?:is|was|are|were) )\b"
    r"|怎么(?:回事|办|这样|搞的?|还|会)|什么(?:情况|意思|玩意|东西)|有什么用|多少(?:次|遍)|为什么",
    re.IGNORECASE | re.ASCII,
)
#: "手机13812345678": a particular that belongs to what was said before.
_LABELLED_NUMBER = re.compile(
    r"^(?:(?:我的|my )?(?:手机号?码?|电话(?:号码)?|联系方式|座机|邮编|身份证号?|微信号?|qq"
    r"|phone|mobile|tel|cell|post ?code|zip)(?: number| is)*)[\s是为::#]{0,3}[\dXx -]{6,}$",
    re.IGNORECASE,
)
_SHORTEST = {"latin": 3, "cjk": 2}


def split_clauses(text: str) -> list[str]:
    """Clauses in order, without surrounding space and punctuation; those too short to ask anything are left out."""
    folded = fold(text)
    pieces = []
    position = 0
    for match in _BOUNDARY.finditer(folded):
        # The mark of a question belongs to its clause.
        end = match.start() + (1 if match.group().startswith("?") else 0)
        pieces.append(text[position:end])
        position = match.end()
    pieces.append(text[position:])
    return [clause for piece in pieces if _says_something(clause := piece.strip(" \t\n,，;；.。"))]


def asks_something(clause: str) -> bool:
    """Whether the clause is a question of its own, to be answered with words."""
    folded = fold(clause)
    return _ASKS.search(folded) is not None and _LEANS.search(folded) is None


def _says_something(clause: str) -> bool:
    if _LABELLED_NUMBER.match(clause):
        return False
    chinese = len(re.findall(r"[\u4e00-\u9fff]", clause))
    return chinese >= _SHORTEST["cjk"] or len(re.findall(r"[A-Za-z]", clause)) >= _SHORTEST["latin"]
