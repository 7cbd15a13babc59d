"""How friendly a reply sounds, by words of both languages: a measure to compare replies with, not to judge one by."""

from __future__ import annotations

import re

_WARM = re.compile(
    r"\b(?:thank\w*|glad\w*|happy|happily|welcome|pleas(?:e|ure|ed)|gladly|certainly|of course|good news|great|sorry"
    r"|apolog\w+|understand\w*|help\w*|appreciate\w*|enjoy\w*|kind\w*)\b"
    r"|感谢|谢谢|很高兴|乐意|欢迎|抱歉|对不起|好消息|当然|可以|理解|帮助|辛苦|祝|放心|您",
    re.IGNORECASE,
)
_COLD = re.compile(
    r"\b(?:cannot|can't|could not|couldn't|unable|not possible|impossible|refus\w+|reject\w+|den(?:y|ied)|unfortunately"
    r"|no longer|not allowed|must|fail\w*|wrong|invalid|complain\w*|never)\b"
    r"|不能|无法|不可以|不支持|拒绝|遗憾|必须|不符合|失败|错误|无效|不再|不允许",
    re.IGNORECASE,
)


def tone(text: str) -> float:
    """From -1 (refusing words alone) to 1 (friendly words alone), 0 where neither is there."""
    warm, cold = len(_WARM.findall(text)), len(_COLD.findall(text))
    return (warm - cold) / (warm + cold) if warm + cold else 0.0
