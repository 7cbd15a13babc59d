"""What is wrong with a row: where, and a code that is worded when it is read. Never what a cell held."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Path = Sequence[str | int]

SENTENCES: dict[str, str | Promise] = {
    "required": _("A value is missing."),
    "too_long": _("Longer than %(limit)s characters."),
    "not_whole": _("Not a whole number in minor units (¥43.00 is 4300)."),
    "not_number": _("Not a whole number."),
    "not_amount": _("Not an amount in %(currency)s."),
    "negative": _("Below zero."),
    "too_small": _("At least %(least)s."),
    "too_large": _("Too large."),
    "total_too_large": _("Together these come to more than an order can hold."),
    "not_text": _("Not a text."),
    "not_flag": _("Neither true nor false."),
    "not_moment": _("Not a time like 2026-11-01T10:00:00+08:00."),
    "not_choice": _("Must be one of: %(choices)s."),
    "not_email": _("Not an e-mail address."),
    "not_address": _("Not an http or https address."),
    "not_currency": _("Not a currency code like CNY."),
    "not_list": _("Not a list."),
    "too_many": _("More than %(limit)s of them."),
    "not_object": _("Not an object."),
    "not_pairs": _("Not pairs like colour=white; size=M."),
    "unknown_key": _("Unknown key."),
    "no_title": _("A title is needed in at least one language."),
    "no_variants": _("At least one variant is needed."),
    "no_lines": _("At least one line is needed."),
    "twice": _("This id comes twice in the record."),
    "again": _("This id came before, in line %(line)s. Rows of one record must follow each other."),
    "differs": _("Differs from the first row of the same record."),
    "discount_too_large": _("The discount is larger than the line."),
    "no_such_line": _("There is no such line in the order."),
    "no_such_payment": _("There is no such payment in the order."),
    "refund_exceeds_payment": _("More is refunded than this payment holds."),
    "refund_exceeds_line": _("More pieces are refunded than the line has."),
    "refund_of_nothing": _("A refund needs an amount above zero."),
    "unknown_shopper": _("There is no shopper with this id. Import shoppers first."),
    "other_shopper": _("This order belongs to another shopper here."),
    "other_currency": _("Money moved in another currency here: the order keeps it."),
    "variant_elsewhere": _("This variant belongs to another product."),
    "damaged": _("A spreadsheet has shortened this number; its last digits are lost. Export it again as text."),
    "not_storable": _("Holds characters that are no text."),
    "not_json": _("Not a JSON object in one line."),
    "no_rows": _("There is no row under the header."),
    "too_many_rows": _("The file has more than %(limit)s rows. Split it."),
    "cells": _("More cells than the header has columns."),
    "cell_too_large": _("A cell is too large."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    line: int
    column: str
    code: str
    params: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def sentence(code: str, params: Mapping[str, str]) -> str:
    """In the active language."""
    text = str(SENTENCES.get(code, code))
    return text % params if params else text


class Report:
    """Collects the problems of one record. ``locate`` turns a path in the document into line and column."""

    def __init__(self, locate: Callable[[Path], tuple[int, str]]) -> None:
        self.problems: list[Problem] = []
        self._locate = locate

    def add(self, path: Path, code: str, **params: object) -> None:
        line, column = self._locate(path)
        self.problems.append(Problem(line, column, code, {key: str(value) for key, value in params.items()}))
