"""Files of other shop systems: their rows become rows under our own columns, and the rest of the way is the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.utils.functional import Promise

from cs_portal.commerce.canonical import moment_or_none
from cs_portal.commerce.imports.reading import Row
from cs_portal.commerce.money import EXPONENTS
from cs_portal.core.bidi import without_controls
from cs_portal.core.spreadsheets import unguarded

#: Our own files, whose columns may have any name once they are matched.
PORTAL = "portal"
#: Systems that do not count a product's stock sell it as long as they have it: as many pieces as this.
UNTRACKED_STOCK = 999
_AMOUNT = re.compile(r"-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?", re.ASCII)
#: Longer numbers than these are nobody's, and converting them takes ever longer.
_LONGEST, _MOST_DIGITS = 40, 20
SIGNS = "¥￥$€£ \u00a0"
_QUOTED = re.compile(r'^=\s*"(.*)"$', re.S)
#: What a spreadsheet makes of a long number: the digits are lost.
DAMAGED = re.compile(r"^\d(\.\d+)?[eE]\+\d+$")
_CHINESE = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who bought, as the order says it: found by id, else by e-mail, else made."""

    id: str
    name: str = ""
    email: str = ""
    phone: str = ""
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Extra:
    """What an order of another system says beside the canonical order.

    ``refunded_minor`` is what was given back altogether; when, and how often, such files do not say. ``by_variant``:
    its lines name variants only, their products are looked up.
    """

    buyer: Buyer | None = None
    refunded_minor: int = 0
    refunded_at: datetime | None = None
    by_variant: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """What a file leaves open: the currency of a catalogue without one."""

    currency: str = ""


@dataclass(frozen=True, slots=True)
class Converted:
    rows: list[Row]
    extra: Extra = field(default_factory=Extra)


Cells = Mapping[str, str]
Groups = Iterator[tuple[str, list[Row]]]


@dataclass(frozen=True, slots=True)
class Source:
    """A format. ``signature`` are headers, in lower case, that tell it; ``names`` says which of its columns ours come
    from, for reports. ``group`` puts the rows of one record together, wherever they are."""

    name: str
    kind: str
    label: str | Promise
    signature: frozenset[str]
    group: Callable[[Iterable[Row]], Groups]
    convert: Callable[[Sequence[Row], Settings], Converted]
    names: Mapping[str, str]
    wants_currency: bool = False

    def fits(self, header: Sequence[str]) -> bool:
        return self.signature <= set(header)


def cell(text: str) -> str:
    """A cell without what keeps a spreadsheet from counting with it: ``="123"``, ``'123``; "null" is nothing."""
    text = without_controls(text).strip()
    if match := _QUOTED.match(text):
        text = match.group(1).strip()
    elif text.startswith("'"):
        text = unguarded(text).removeprefix("'")
    return "" if text.lower() in {"null", "--"} else text


def cells_of(row: Row) -> dict[str, str]:
    return {name: cell(str(value)) for name, value in row.cells.items()}


def grouped_by(column: str) -> Callable[[Iterable[Row]], Groups]:
    """Rows with the same value in ``column``, in the order in which the first of each came."""

    def group(rows: Iterable[Row]) -> Groups:
        groups: dict[str, list[Row]] = {}
        for row in rows:
            groups.setdefault(cell(str(row.cells.get(column, ""))), []).append(row)
        yield from groups.items()

    return group


def minor_of(text: str, currency: str) -> int | None:
    """``"1,299.00"`` of a currency with hundredths is 129900; ``None`` for what is no amount or has too many digits.

    A comma must group thousands: ``1,29`` could be either of two amounts, so it is none.
    """
    if len(text) > _LONGEST or not _AMOUNT.fullmatch(text):
        return None
    try:
        minor = Decimal(text.replace(",", "")).scaleb(EXPONENTS.get(currency, 2))
        whole = minor.to_integral_value()
    except (InvalidOperation, ValueError):
        return None
    return int(whole) if minor == whole and abs(whole) < 10**18 else None


def money(name: str, text: str, currency: str) -> dict[str, str]:
    """The cell for our column ``name`` (``…_minor``); an amount that cannot be read is left to be refused."""
    if not text:
        return {}
    minor = minor_of(text.strip(SIGNS), currency)
    return {name.removesuffix("_minor"): text} if minor is None else {name: str(minor)}


def title_cells(text: str) -> dict[str, str]:
    """A catalogue in one language: Chinese characters tell which."""
    return {"title_zh_hans" if _CHINESE.search(text) else "title_en": text[:200]}


def locale_of(*texts: str) -> str:
    return "zh-hans" if any(_CHINESE.search(text) for text in texts) else "en"


def listed(text: str, *, separators: str = ",", limit: int = 40, most: int = 50) -> str:
    """Words that are separated by commas, for a cell of ours; what is too long is cut."""
    words = [part.strip().replace(";", ",")[:limit] for part in re.split(f"[{re.escape(separators)}]", text)]
    return "; ".join([word for word in dict.fromkeys(words) if word][:most])


def options_cell(pairs: Iterable[tuple[str, str]]) -> str:
    def plain(text: str) -> str:
        return text.replace(";", ",").replace("；", "，").replace("=", ":").strip()

    return "; ".join(
        f"{plain(name)[:60]}={plain(value)[:120]}" for name, value in pairs if plain(name) and plain(value)
    )


def stock_of(text: str, *, tracked: bool) -> str:
    """Pieces that can be sold: shops oversell, and then it is none."""
    if not text:
        return str(UNTRACKED_STOCK if not tracked else 0)
    try:
        pieces = Decimal(text[: _LONGEST + 1])
    except InvalidOperation:
        return text
    if len(text) > _LONGEST or not pieces.is_finite() or abs(pieces.adjusted()) >= _MOST_DIGITS:
        return text
    return str(max(0, int(pieces)))


def pieces_of(text: str) -> int | None:
    """A number of pieces; ``None`` for what is none, or too long to be one."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def latest_of(texts: Iterable[str]) -> datetime | None:
    """The last of the times that an order may have; what is no such time is passed over."""
    return max((at for text in texts if (at := moment_or_none(text)) is not None), default=None)
