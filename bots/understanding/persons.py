"""Whether a shopper asks for a person."""

from __future__ import annotations

import re

from bots.expressions.folding import fold

_PERSON = re.compile(
    r"\b(?:talk|speak|chat|connect|transfer|put me through|hand me over|contact|get|need|want|reach"
    r"|escalate)\b[^.?!\n]{0,35}"
    r"\b(?:human|(?:real|actual|live) (?:person|agent|human|someone)|person|agent|representative|rep"
    r"|operator|manager|supervisor|advisor|staff|employee|boss|someone|somebody)\b"
    r"|\b(?:real|live|actual) (?:person|human|agent)\b|\bhuman (?:being|please|agent|support)\b"
    r"|^\W*(?:human|agent|operator|representative)(?: please| pls)?\W*$"
    r"|\b(?:someone|somebody) real\b|\b(?:call|ring|phone) me(?: back)?\b"
    r"|\b(?:stop|hate|useless) (?:the |this )?bot\b|\bthis bot is useless\b"
    r"|转人工|人工(?:客服|服务|坐席|处理|$|[,。!? ])|^人工|真人|活人|(?:转|换|找|叫|让|要).{0,4}(?:个人"
    r"|客服|经理|主管|老板|工作人员|同事|专员)|别机器人|不想跟机器人"
    r"|(?:跟|和|与)(?:你们)?客服(?:本人)?(?:说|讲|聊|谈)|客服本人|机器人没用|(?:给我|回)个?电话",
    re.IGNORECASE | re.ASCII,
)
_NOT_MEANT = re.compile(
    r"\b(?:rude|for someone|for somebody|complain|complaint|delivery guy|courier)\b|投诉(?:客服|员工)"
    r"|找人代付|帮忙找",
    re.IGNORECASE,
)


def wants_person(text: str) -> bool:
    """Whether ``text`` asks to be served by a human being."""
    folded = fold(text)
    return _PERSON.search(folded) is not None and _NOT_MEANT.search(folded) is None
