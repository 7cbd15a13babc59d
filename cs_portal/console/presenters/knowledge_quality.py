"""Findings on answers in words: what, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from cs_portal.console.presenters.categories import category_label
from cs_portal.console.presenters.knowledge import LANG, LANGUAGE_NAMES
from cs_portal.console.presenters.knowledge_list import KIND_NAMES
from cs_portal.console.presenters.wording import Words
from cs_portal.knowledge.findings import GRAVE, links_by_url
from cs_portal.knowledge.models import Faq, QualityFinding
from cs_portal.knowledge.quality.kinds import Kind
from cs_portal.knowledge.services.mending import DEEDS
from cs_portal.merchants.models import Locale

ICONS = {
    Kind.DUPLICATE: "copy",
    Kind.CONTRADICTION: "git-compare",
    Kind.RULES: "scale",
    Kind.TRANSLATION: "language",
    Kind.LINK: "link",
    Kind.NEVER_HIT: "zzz",
    Kind.EXPIRED: "clock",
    Kind.EXPIRING: "clock",
    Kind.UNTRANSLATED: "language",
    Kind.LABEL: "category",
}
_ADVICE: dict[str, Words] = {
    Kind.CONTRADICTION: gettext_lazy("Correct one of the two, or say in the answer for which case each figure holds."),
    Kind.RULES: gettext_lazy("Correct the answer, or the rule. The bot promises what the rules do not keep."),
    Kind.TRANSLATION: gettext_lazy("Correct one language."),
    Kind.LINK: gettext_lazy("Correct the address in the answer, or take it out."),
    Kind.UNTRANSLATED: gettext_lazy("Write the missing language: its shoppers get no answer from this FAQ."),
    Kind.NEVER_HIT: gettext_lazy("Add phrasings as shoppers write them, or archive it."),
    Kind.EXPIRED: gettext_lazy("The bot does not use it any more. Archive it, or let it hold on."),
    Kind.EXPIRING: gettext_lazy("Let it hold on, or write what comes after."),
    Kind.DUPLICATE: gettext_lazy("Keep one: it takes the phrasings of the other, which is archived."),
    Kind.LABEL: gettext_lazy("Use one spelling for all."),
}
_TOPICS: dict[str, Words] = {
    "free_shipping": gettext_lazy("free shipping"),
    "shipping_fee": gettext_lazy("the shipping fee"),
    "restocking_fee": gettext_lazy("the restocking fee"),
    "warranty": gettext_lazy("the warranty"),
    "price_protection": gettext_lazy("price protection"),
    "invoice": gettext_lazy("invoices"),
    "unpaid": gettext_lazy("unpaid orders"),
    "dispatch": gettext_lazy("dispatch"),
    "delivery": gettext_lazy("delivery"),
    "refund_arrival": gettext_lazy("when a refund arrives"),
    "exchange_window": gettext_lazy("exchanges"),
    "cancel_window": gettext_lazy("cancellations"),
    "return_window": gettext_lazy("returns"),
    "refund_share": gettext_lazy("refunds"),
    "points": gettext_lazy("points"),
    "points_validity": gettext_lazy("points"),
    "gift_card_validity": gettext_lazy("gift cards"),
    "coupon_validity": gettext_lazy("coupons"),
    "discount": gettext_lazy("discounts"),
    "deposit": gettext_lazy("deposits"),
    "cash_on_delivery": gettext_lazy("cash on delivery"),
    "reply_time": gettext_lazy("replies"),
    "trial": gettext_lazy("the trial"),
    "minimum_order": gettext_lazy("the minimum order"),
}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the FAQs of a finding. ``before``, ``marked`` and ``after`` are its sentence around the figure."""

    faq: Faq
    lang: str = ""
    before: str = ""
    marked: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A finding as it is shown. ``deeds`` are (value, words, icon) of what one click does."""

    row: QualityFinding
    name: Words
    icon: str
    tone: str
    what: str
    sides: Sequence[Side]
    advice: Words
    deeds: Sequence[tuple[str, str, str]]
    link: str = ""
    checked_at: datetime | None = None


def shown(rows: Iterable[QualityFinding]) -> list[Item]:
    """Findings in words, with when their addresses were asked last; one query where one names an address."""
    rows = list(rows)
    urls = {row.detail["url"] for row in rows if "url" in row.detail}
    checked = {url: row.checked_at for url, row in links_by_url(urls).items()} if urls else {}
    return [_item(row, checked) for row in rows]


def _item(row: QualityFinding, checked: Mapping[str, datetime | None]) -> Item:
    url = row.detail.get("url", "")
    return Item(
        row=row,
        name=KIND_NAMES.get(row.kind, row.kind),
        icon=ICONS.get(Kind(row.kind), "alert-triangle"),
        tone="bad" if row.kind in GRAVE else "warn",
        what=_what(row.kind, row.detail),
        sides=_sides(row),
        advice=_ADVICE.get(row.kind, ""),
        deeds=_deeds(row),
        link=url,
        checked_at=checked.get(url),
    )


def _what(kind: str, detail: Mapping[str, Any]) -> str:
    if kind == Kind.CONTRADICTION:
        figures = {"first": detail["first"]["shown"], "second": detail["second"]["shown"]}
        topic = _TOPICS.get(detail["topic"], detail["topic"])
        return _("About %(topic)s, one answer says %(first)s and the other %(second)s.") % {"topic": topic, **figures}
    if kind == Kind.RULES:
        text = str(detail.get(get_language() or Locale.EN) or detail.get("en", ""))
        return text[:1].upper() + text[1:]
    if kind == Kind.TRANSLATION:
        shown = [f"{LANGUAGE_NAMES[code]}: {detail[code]}" for code in Locale.values if code in detail]
        return " · ".join(shown)
    if kind == Kind.UNTRANSLATED:
        return _("Missing: %(languages)s") % {"languages": ", ".join(str(LANGUAGE_NAMES[c]) for c in detail["missing"])}
    if kind == Kind.DUPLICATE:
        return _duplicate(detail)
    if kind in (Kind.EXPIRED, Kind.EXPIRING):
        day = date_format(date.fromisoformat(detail["until"]), "DATE_FORMAT")
        return _("Its last day was %(day)s.") % {"day": day} if kind == Kind.EXPIRED else _day(day)
    if kind == Kind.LABEL:
        return _label(detail)
    if kind == Kind.NEVER_HIT:
        day = date_format(date.fromisoformat(detail["since"]), "DATE_FORMAT")
        return _("Unchanged since %(day)s, and no draft ever rested on it.") % {"day": day}
    return _answered(str(detail.get("note", "")))


def _label(detail: Mapping[str, Any]) -> str:
    words = ngettext(
        "%(count)s FAQ has “%(written)s”, others “%(usual)s”.",
        "%(count)s FAQs have “%(written)s”, others “%(usual)s”.",
        detail["faqs"],
    )
    ways = {name: category_label(detail[name]) for name in ("written", "usual")}
    return words % {"count": detail["faqs"], **ways}


def _day(day: str) -> str:
    return _("Its last day is %(day)s.") % {"day": day}


def _duplicate(detail: Mapping[str, Any]) -> str:
    if detail["why"] == "phrasing":
        return _("Both have the phrasing “%(shown)s”.") % {"shown": detail["shown"]}
    if detail["why"] == "answer":
        return _("Both have the same answer.")
    return _("Their questions mean the same.")


def _answered(note: str) -> str:
    if note.isdigit():
        return _("Its server answers %(status)s.") % {"status": note}
    return _("Its server could not be reached, or did not answer.")


def _sides(row: QualityFinding) -> list[Side]:
    faqs = [faq for faq in (row.faq, row.other) if faq is not None]
    if row.kind != Kind.CONTRADICTION or len(faqs) < 2:
        return [Side(faq) for faq in faqs]
    lang = LANG.get(row.detail.get("locale", ""), "")
    sides = []
    for faq, part in zip(faqs, (row.detail["first"], row.detail["second"]), strict=True):
        words, start, end = part["words"], part["start"], part["end"]
        sides.append(Side(faq, lang, words[:start], words[start:end], words[end:]))
    return sides


def _deeds(row: QualityFinding) -> list[tuple[str, str, str]]:
    words = {
        "merge_first": (_("Keep “%(title)s”") % {"title": _short(row.faq)}, "check"),
        "merge_second": (_("Keep “%(title)s”") % {"title": _short(row.other)}, "check"),
        "archive": (_("Archive"), "archive"),
        "prolong": (_("Without a last day"), "restore"),
        "unify": (_("Use “%(usual)s”") % {"usual": category_label(row.detail.get("usual", ""))}, "check"),
        "recheck": (_("Check again"), "refresh"),
    }
    return [(deed, *words[deed]) for deed in DEEDS.get(row.kind, ())]


def _short(faq: Faq | None) -> str:
    title = faq.title if faq else ""
    return title if len(title) <= 40 else f"{title[:39]}…"
