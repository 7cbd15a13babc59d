"""People and addresses in a reply that the shopper's own records do not hold: somebody else's data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bots.expressions.folding import normalised
from bots.guard.evidence import Evidence
from bots.guard.proper_names import COMMON
from bots.types import ComposeRequest
from bots.understanding.personal_addresses import find_addresses
from bots.understanding.personal_names import find_names
from bots.understanding.word_lists import listed

_TITLE = re.compile(r"^(?:mr|mrs|ms|miss|mx|dr|prof|sir|madam)\.?\s+", re.IGNORECASE)
_HONORIFIC = re.compile(r"先生|女士|小姐|太太|同学|老师|经理|师傅|您好|你好")
_ROLE = re.compile(
    r"(?:邻居|家人|室友|快递员|派送员|前台|签收人|代收人|收件人|顾客|买家|门卫|保安|朋友|客户)(?:是|叫|为|[:：])?"
    r"(?P<name>[\u4e00-\u9fff]{2,3})(?=代收|签收|收|派送|送|[，。,.]|$|说|反映|先生|女士)"
)
#: Nobody in particular.
_ANYBODY = re.compile(
    r"^(?:sir|madam|customer|team|there|everyone|all|顾客|客户|亲|亲亲|店家|客服|同事)$", re.IGNORECASE
)


def find_strangers(text: str, evidence: Evidence, request: ComposeRequest) -> Iterator[tuple[int, int]]:
    """Spans of names and addresses that no evidence holds."""
    own = [name for name in request.personal.names if name]
    known = normalised(" ".join([evidence.prose, *evidence.titles, *own, *request.catalogue]))
    for start, end in find_addresses(text):
        if normalised(text[start:end]) not in known:
            yield start, end
    for start, end in (*find_names(text), *_in_a_role(text)):
        name = _HONORIFIC.sub("", _TITLE.sub("", text[start:end])).strip()
        if name and not _ANYBODY.match(name) and not _is_known(name, known, own):
            yield start, end


def _in_a_role(text: str) -> Iterator[tuple[int, int]]:
    for match in _ROLE.finditer(text):
        if {match["name"][:1], match["name"][:2]} & listed("surnames_zh.txt"):
            yield match.span("name")


def _is_known(name: str, known: str, own: list[str]) -> bool:
    if normalised(name) in known:
        return True
    if name.isascii():
        words = re.findall(r"[a-z'-]{2,}", name.lower())
        return bool(words) and all(word in COMMON or re.search(rf"\b{re.escape(word)}\b", known) for word in words)
    return any(each.startswith(name) for each in own)
