"""Order numbers in a message: by the shape of the shop's own, by a cue, or by their length.

Numbers with letters in them ("US-501", "Y70001") are told by those that the shop has: whoever writes another shopper's
must not be taken to have named none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bots.types import Entity

_CUED = re.compile(
    r"#\s?(?P<a>(?:[A-Za-z]{1,5}-?)?\d{3,20})\b"
    r"|\b(?:order|purchase|parcel|package)(?:\s+(?:number|no\.?|nr\.?|id|num|ref(?:erence)?))?(?:\s+is"
    r"|\s+was)?\s*[:#]?\s*(?P<b>(?:[A-Za-z]{1,5}-?)?\d{4,20})\b"
    r"|\b(?:number|no\.|id)(?:\s+is)?\s*[:#]?\s*(?P<n>(?:[A-Za-z]{1,5}-)?\d{4,20})\b(?![ -]\d{4}\b)"
    r"|(?:订单|单号|编号)(?:编号|号码|号)?(?:是|为)?\s*[::#]?\s*(?P<c>(?:[A-Za-z]{1,5}-?)?\d{4,20})"
    r"|(?<![\d\w.])(?P<d>\d{4,20})(?:这个|这一|这)?(?:订单|单|号订单)",
    re.IGNORECASE | re.ASCII,
)
_BARE = re.compile(r"(?<![\w.,¥$€£/:+-])\d{4,20}(?![\w%/:]|[.,]\d)", re.ASCII)
#: Complaint lines, banks and carriers that shoppers threaten with or were called by: five digits, as orders have.
_HOTLINE = re.compile(
    r"123(?:0[0-9]|1[0358]|2[0189]|3[138]|4[58]|5[5-8]|6[01569]|7[178]|8[0-9]|9[0-9]|15)|9[56]\d{3,4}|[48]00\d{7}",
    re.ASCII,
)
#: What stands before a number that is called, or complained at.
_CALLED = re.compile(
    r"(?:打|拨|拨打|致电|电话|热线|举报|投诉|消协|工商|\b(?:call(?:ing|ed)?|dial(?:ling)?|hotline|phone|tel|complain\w*"
    r"(?: to| at)?))\W{0,3}$",
    re.IGNORECASE | re.ASCII,
)
_PHONE = re.compile(r"1[3-9]\d{9}|\d{3}[-\s]\d{4}[-\s]\d{4}")
#: A shop that has more shapes than these numbers its orders without any.
_MOST_SHAPES = 20
_RUN = re.compile(r"[A-Z]+|\d+|[^A-Z\d]+", re.ASCII)


def find_own(text: str, known: Sequence[str]) -> list[Entity]:
    """Numbers in the shape of the shop's own. ``text`` is folded, ``known`` are some of the shop's numbers."""
    samples = _by_upper(known)
    shapes = {_shape(number) for number in samples if number and not number.isdigit()}
    if not 0 < len(shapes) <= _MOST_SHAPES:
        return []
    pattern = "|".join(sorted(shapes, key=lambda shape: (-len(shape), shape)))
    found = re.finditer(rf"(?<![A-Za-z\d])(?:{pattern})(?![A-Za-z\d])", text, re.IGNORECASE | re.ASCII)
    return [Entity("order_number", _as_known(match.group(), samples), *match.span()) for match in found]


def find_others(text: str, known: Sequence[str], *, beside_own: bool) -> Iterator[Entity]:
    """Numbers with a cue, else bare ones that are known or as long as the known.

    ``beside_own``: with a number of the shop's shape there, one without the word "order" means something else.
    """
    samples = _by_upper(known)
    cued = beside_own
    for match in _CUED.finditer(text):
        group = match.lastgroup or "a"
        # "Number 12315" alone names no order.
        if group == "n" and (beside_own or _is_called(text, match, group, samples)):
            continue
        cued = True
        yield Entity("order_number", _as_known(match[group], samples), *match.span(group))
    if not cued:
        yield from _bare(text, samples)


def _by_upper(known: Sequence[str]) -> dict[str, str]:
    return {number.upper().lstrip("#"): number for number in known}


def _shape(number: str) -> str:
    """A pattern for numbers like this one: its letters, about as many digits, marks between them or none."""
    parts = []
    for run in _RUN.findall(number):
        if run.isdigit():
            parts.append(rf"\d{{{max(1, len(run) - 1)},{len(run) + 2}}}")
        elif run.isascii() and run.isalpha():
            parts.append(run)
        else:
            parts.append(rf"(?:{re.escape(run)})?")
    return "".join(parts)


def _as_known(written: str, samples: dict[str, str]) -> str:
    """The number as the shop writes it, where it is one of the known, with or without its letters."""
    number = written.upper()
    if number.isdigit():
        return _digits(samples).get(number, number)
    plain = {re.sub(r"[^A-Z\d]", "", each): known for each, known in samples.items()}
    return plain.get(re.sub(r"[^A-Z\d]", "", number), number)


def _digits(samples: dict[str, str]) -> dict[str, str]:
    return {re.sub(r"\D", "", number): known for number, known in samples.items()}


def _bare(text: str, samples: dict[str, str]) -> Iterator[Entity]:
    phones = [phone.span() for phone in _PHONE.finditer(text)]
    lengths = {len(digits) for digits in _digits(samples)}
    for match in _BARE.finditer(text):
        number = match.group()
        year = len(number) == 4 and number.startswith("20") and number not in samples
        unlike = lengths and len(number) not in lengths
        if year or unlike or _is_called(text, match, 0, samples):
            continue
        if not any(start <= match.start() < end for start, end in phones):
            yield Entity("order_number", _as_known(number, samples), match.start(), match.end())


def _is_called(text: str, match: re.Match[str], group: int | str, samples: dict[str, str]) -> bool:
    """Whether the number is a hotline's, or stands where one is called; never one that is an order's."""
    number = match[group].upper()
    if number in samples:
        return False
    return bool(_HOTLINE.fullmatch(number) or _CALLED.search(text[: match.start(group)]))
