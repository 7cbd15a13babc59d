"""The conditional answers of an FAQ: in words, and as the editor's blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cs_portal.commerce.listing import ProductFilter, categories, products_matching
from cs_portal.commerce.models import OrderStatus, Product
from cs_portal.console.forms.faq_answers import AnswerRow
from cs_portal.console.presenters.categories import product_category
from cs_portal.console.presenters.knowledge import LANG, LANGUAGE_NAMES
from cs_portal.console.presenters.wording import Words
from cs_portal.knowledge.conditions import DAYS_SINCE, AnswerCondition
from cs_portal.knowledge.content import MAX_ANSWER, FaqContent
from cs_portal.merchants.models import Locale
from cs_portal.merchants.selectors import storefronts

#: Products offered for the words that they are looked for by.
FOUND = 8
#: Categories offered at once.
MAX_CATEGORIES = 60

SINCE: dict[str, Words] = {
    "days_since_paid": gettext_lazy("Days since paid"),
    "days_since_shipped": gettext_lazy("Days since shipped"),
    "days_since_delivered": gettext_lazy("Days since delivered"),
}


@dataclass(frozen=True, slots=True)
class ConditionNames:
    """What people call the products and storefronts that conditions name by id."""

    products: Mapping[str, str] = field(default_factory=dict)
    storefronts: Mapping[str, str] = field(default_factory=dict)


def names_in(conditions: Iterable[AnswerCondition]) -> ConditionNames:
    """At most two queries for any number of conditions."""
    conditions = list(conditions)
    products = {one for when in conditions for one in when.products}
    rows = Product.objects.filter(external_id__in=products) if products else []
    shops = storefronts() if any(when.storefronts for when in conditions) else []
    return ConditionNames({row.external_id: str(row) for row in rows}, {str(row.public_id): row.name for row in shops})


def names_of(*contents: FaqContent) -> ConditionNames:
    return names_in(answer.when for content in contents for answer in content.answers)


def condition_words(when: AnswerCondition, names: ConditionNames) -> list[str]:
    """One phrase per part that is set; all of them must hold."""
    words = []
    if when.products:
        words.append(
            _("Product: %(names)s") % {"names": _either(names.products.get(one, one) for one in when.products)}
        )
    if when.categories:
        words.append(_("Category: %(names)s") % {"names": _either(product_category(one) for one in when.categories)})
    if when.order_statuses:
        words.append(_("Order: %(names)s") % {"names": _either(_status(one) for one in when.order_statuses)})
    for part in DAYS_SINCE:
        if (days := getattr(when, part)) and days != (None, None):
            words.append(f"{SINCE[part]}: {_span(*days)}")
    if when.storefronts:
        shown = _either(names.storefronts.get(one, _("a storefront that is gone")) for one in when.storefronts)
        words.append(_("Storefront: %(names)s") % {"names": shown})
    return words


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class TextBlock:
    """The answer in one language. ``missing``: it is written in the other one only."""

    code: str
    lang: str
    language: Words
    value: str
    errors: Sequence[str]
    missing: bool


@dataclass(frozen=True, slots=True)
class DaysBlock:
    name: str
    label: Words
    least: str
    most: str


@dataclass(frozen=True, slots=True)
class AnswerBlock:
    """One conditional answer of the editor. ``when`` says its conditions in words."""

    id: str
    number: int
    when: Sequence[str]
    texts: Sequence[TextBlock]
    products: Sequence[Choice]
    found: Sequence[Choice]
    find: str
    categories: Sequence[Choice]
    statuses: Sequence[Choice]
    storefronts: Sequence[Choice]
    days: Sequence[DaysBlock]
    errors: Sequence[str]
    is_first: bool
    is_last: bool
    is_new: bool
    limit: int = MAX_ANSWER

    @property
    def is_open(self) -> bool:
        return self.is_new or bool(self.errors or self.find or any(text.errors for text in self.texts))


def answer_blocks(rows: Sequence[AnswerRow]) -> list[AnswerBlock]:
    """A few queries for all rows, and one more for each that looks for products."""
    names = names_in(row.answer().when for row in rows)
    shops = [(str(shop.public_id), shop.name) for shop in storefronts()] if rows else []
    offered = categories(limit=MAX_CATEGORIES) if rows else []
    return [_block(n, row, rows, names, shops, offered) for n, row in enumerate(rows, 1)]


def _block(
    number: int,
    row: AnswerRow,
    rows: Sequence[AnswerRow],
    names: ConditionNames,
    shops: Sequence[tuple[str, str]],
    offered: Sequence[str],
) -> AnswerBlock:
    picked = row.lists.get("products", [])
    known = dict.fromkeys([*offered, *row.lists.get("categories", [])])
    gone = [(one, _("a storefront that is gone")) for one in row.lists.get("storefronts", []) if one not in dict(shops)]
    return AnswerBlock(
        id=row.id,
        number=number,
        when=condition_words(row.answer().when, names),
        texts=_texts(row),
        products=[Choice(one, names.products.get(one, one), True) for one in dict.fromkeys(picked)],
        found=_found(row.find, picked),
        find=row.find,
        categories=[_choice(row, "categories", one, product_category(one)) for one in known],
        statuses=[_choice(row, "order_statuses", value, str(label)) for value, label in OrderStatus.choices],
        storefronts=[_choice(row, "storefronts", value, label) for value, label in [*shops, *gone]],
        days=[DaysBlock(name, label, *row.days.get(name, ("", ""))) for name, label in SINCE.items()],
        errors=row.errors,
        is_first=number == 1,
        is_last=number == len(rows),
        is_new=row.is_new,
    )


def _texts(row: AnswerRow) -> list[TextBlock]:
    written = [code for code in Locale.values if row.texts.get(code)]
    return [
        TextBlock(
            code=code,
            lang=LANG[code],
            language=LANGUAGE_NAMES[code],
            value=row.texts.get(code, ""),
            errors=row.text_errors.get(code, []),
            missing=bool(written) and code not in written,
        )
        for code in Locale.values
    ]


def _found(find: str, picked: Sequence[str]) -> list[Choice]:
    if not find.strip():
        return []
    rows = products_matching(ProductFilter(words=find)).exclude(external_id__in=picked).order_by("-id")[:FOUND]
    return [Choice(row.external_id, str(row)) for row in rows]


def _choice(row: AnswerRow, name: str, value: str, label: str) -> Choice:
    return Choice(value, label, value in row.lists.get(name, []))


def _status(value: str) -> str:
    return str(OrderStatus(value).label) if value in OrderStatus.values else value


def _either(names: Iterable[str]) -> str:
    return _(" or ").join(names)


def _span(least: int | None, most: int | None) -> str:
    if least is None:
        return ngettext("at most %(days)s day", "at most %(days)s days", most or 0) % {"days": most}
    if most is None:
        return ngettext("at least %(days)s day", "at least %(days)s days", least) % {"days": least}
    if least == most:
        return ngettext("%(days)s day", "%(days)s days", least) % {"days": least}
    return _("%(least)s to %(most)s days") % {"least": least, "most": most}
