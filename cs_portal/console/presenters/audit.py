"""The audit log in the reader's words. Entries hold ids and codes; names are looked up when they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext

from cs_portal.commerce.cards import title_in
from cs_portal.commerce.models import ImportRun, Order, OrderAction, Product, Shopper
from cs_portal.commerce.money import format_minor
from cs_portal.console.presenters.audit_words import ACTIONS, DETAILS, KINDS, ROWS, TARGETS, VALUES
from cs_portal.console.presenters.queue import shopper_name
from cs_portal.console.presenters.rule_names import rule_names
from cs_portal.console.presenters.verdict_trace import TraceLine, trace_lines
from cs_portal.console.presenters.wording import Words, word
from cs_portal.conversations.models import Conversation
from cs_portal.core.models import AuditEntry
from cs_portal.core.public_ids import as_uuid
from cs_portal.core.tenancy import TenantModel, current_merchant
from cs_portal.drafting.audited import rows_named
from cs_portal.drafting.models import Draft
from cs_portal.knowledge.models import Faq
from cs_portal.merchants.models import Invitation, Member
from cs_portal.policies.models import RulesetVersion
from cs_portal.policies.selectors import main_currency
from cs_portal.recommendations.models import Exclusion, Pin

#: Where an entry's target is shown: the URL's name and its argument's name.
_PAGES = {
    "autopilot_rule": ("console:autopilot_rule", "autopilot_rule_id"),
    "draft": ("console:draft", "draft_id"),
    "conversation": ("console:conversation", "conversation_id"),
    "storefront": ("console:storefront", "storefront_id"),
    "shopper": ("console:shopper", "shopper_id"),
    "order": ("console:order", "order_id"),
    "product": ("console:product", "product_id"),
    "faq_import": ("console:knowledge_import", "faq_import_id"),
    "import": ("console:import", "import_id"),
    "faq": ("console:faq", "faq_id"),
    "ruleset": ("console:ruleset", "version_id"),
}
#: What a draft's verdict is kept for: it does not change any more.
_APPROVALS = {"draft.approved", "draft.edited"}
_LISTS = {
    "working_copy": "console:working_copy",
    "member": "console:team",
    "invitation": "console:team",
    "token": "console:tokens",
    "merchant": "console:profile",
    "pin": "console:recommendations",
    "exclusion": "console:recommendations",
    "model": "console:language_model",
    "canned_reply": "console:canned_replies",
    "macro": "console:macros",
    "tag": "console:tags",
    "job": "console:dashboard",
}
_ICONS = {
    "autopilot": "robot",
    "autopilot_rule": "robot",
    "conversation": "messages",
    "draft": "list-check",
    "reply": "send",
    "order": "receipt-2",
    "faq": "book",
    "ruleset": "scale",
    "working_copy": "scale",
    "verdict": "scale",
    "storefront": "window",
    "member": "users-group",
    "invitation": "mail",
    "token": "api",
    "shopper": "user",
    "pin": "gift",
    "exclusion": "gift",
    "merchant": "building-store",
    "audit": "download",
    "canned_reply": "message",
    "faq_import": "upload",
    "import": "upload",
    "job": "refresh",
    "macro": "bolt",
    "model": "sparkles",
    "tag": "tag",
    "view": "filter",
}


@dataclass(frozen=True, slots=True)
class Detail:
    """A key and its value in words; ``is_code`` for a value that has none, as a model's name."""

    label: str
    value: str
    is_code: bool


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry as it is shown. ``name`` is the target's, ``url`` is empty where it has no page (any more)."""

    at: datetime
    sentence: str
    icon: str
    actor: str
    target: str
    name: str
    url: str
    details: tuple[Detail, ...]
    trace: Sequence[TraceLine] = ()


class _Names:
    """What entries name, looked up together: one query for every kind of row, and one for the rules' currency."""

    def __init__(self, entries: Iterable[AuditEntry]) -> None:
        wanted: dict[str, set[UUID]] = {}
        for kind, text in _named(entries):
            if public_id := as_uuid(text):
                wanted.setdefault(kind, set()).add(public_id)
        self._rows = rows_named(wanted)
        self._currency = main_currency() if wanted.get("ruleset") or wanted.get("draft") else ""
        self._rules: dict[str, dict[str, str]] = {}

    def of(self, text: str) -> str:
        """The name of the row with that public id; empty where it is gone or has none."""
        row = self._rows.get(text)
        return _name(row) if row is not None else ""

    def is_there(self, text: str) -> bool:
        return text in self._rows

    def rule(self, code: str, ruleset: str) -> str:
        return self._rules_of(ruleset).get(code, code)

    def trace(self, entry: AuditEntry, target: str) -> list[TraceLine]:
        """That of the verdict which the entry's action, or the approved draft, rests on."""
        row = self._rows.get(str(entry.data.get("action"))) or self._rows.get(target)
        ruleset = str(entry.data.get("ruleset", ""))
        if isinstance(row, OrderAction):
            return trace_lines(row.verdict, self._rules_of(ruleset))
        if isinstance(row, Draft) and entry.action in _APPROVALS:
            return trace_lines(row.standing_verdict, self._rules_of(ruleset))
        return []

    def _rules_of(self, ruleset: str) -> dict[str, str]:
        version = self._rows.get(ruleset)
        if not isinstance(version, RulesetVersion):
            return {}
        if ruleset not in self._rules:
            self._rules[ruleset] = rule_names(version.document, self._currency)
        return self._rules[ruleset]

    def money(self, minor: int, target: str) -> str:
        """In the currency of the order that the draft ``target`` is about."""
        draft = self._rows.get(target)
        order = draft.order if isinstance(draft, Draft) else None
        return format_minor(minor, order.currency if order else self._currency or main_currency())


def describe_all(entries: Iterable[AuditEntry]) -> list[Deed]:
    """All entries in a fixed number of queries."""
    rows = list(entries)
    names = _Names(rows)
    return [_describe(row, names) for row in rows]


def _describe(entry: AuditEntry, names: _Names) -> Deed:
    kind, _sep, target = entry.target.partition(":")
    actor = names.of(entry.actor_id) if entry.actor_kind in {"member", "shopper"} else ""
    if entry.actor_kind == "autopilot":
        actor = _autopilot(names.of(entry.actor_id))
    return Deed(
        at=entry.at,
        sentence=word(ACTIONS, entry.action),
        icon=_ICONS.get(entry.action.partition(".")[0], "history"),
        actor=actor or word(KINDS, entry.actor_kind),
        target=word(TARGETS, kind),
        name=names.of(target),
        url=_url(kind, target, names),
        details=tuple(_details(entry, target, names)),
        trace=names.trace(entry, target),
    )


def _autopilot(rule: str) -> str:
    """Autopilot by the rule that let it act, as long as there is that rule."""
    return gettext("Autopilot: %(rule)s") % {"rule": rule} if rule else ""


def _named(entries: Iterable[AuditEntry]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        kind, _sep, target = entry.target.partition(":")
        yield kind, target
        yield "autopilot_rule" if entry.actor_kind == "autopilot" else entry.actor_kind, entry.actor_id
        for key, value in entry.data.items():
            if key in ROWS and isinstance(value, str):
                yield ROWS[key], value


def _details(entry: AuditEntry, target: str, names: _Names) -> Iterator[Detail]:
    data = entry.data
    for key, value in sorted(data.items()):
        if key not in DETAILS or value in ("", None, []):
            continue
        label = word(DETAILS, key)
        if key in {"amount", "amount_minor"}:
            if value:
                yield Detail(label, names.money(int(value), target), is_code=False)
        elif key == "rule":
            yield Detail(label, names.rule(str(value), str(data.get("ruleset", ""))), is_code=False)
        elif as_uuid(value):
            if name := names.of(str(value)):
                yield Detail(label, name, is_code=False)
        else:
            yield _plain(label, value, VALUES.get(key, {}))


def _plain(label: str, value: Any, words: Mapping[str, Words]) -> Detail:
    values = value if isinstance(value, list) else [value]
    texts = [_text(each, words) for each in values]
    spoken = all(text is not None for text in texts)
    shown = ", ".join(str(each) if text is None else text for each, text in zip(values, texts, strict=True))
    return Detail(label, shown, is_code=not spoken)


def _text(value: Any, words: Mapping[str, Words]) -> str | None:
    """In words; None for a code that has none."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, int):
        return str(number_format(value, force_grouping=True))
    if str(value) in words:
        return str(words[str(value)])
    moment = _moment(str(value))
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None


def _name(row: TenantModel) -> str:
    match row:
        case Member():
            return str(row.user)
        case Conversation():
            return shopper_name(row.shopper)
        case Draft():
            return shopper_name(row.conversation.shopper)
        case Shopper():
            return shopper_name(row)
        case Order():
            return f"#{row.number}"
        case Product():
            return title_in(row, get_language() or "en")
        case Pin():
            return title_in(row.recommended, get_language() or "en")
        case Exclusion():
            return row.value
        case Faq():
            return row.title or row.key
        case ImportRun():
            return row.file_name
        case Invitation():
            return row.email
        case RulesetVersion():
            return gettext("version %(number)s of the rules") % {"number": row.number}
        case _:
            return str(row)


def _url(kind: str, target: str, names: _Names) -> str:
    slug = current_merchant().slug
    try:
        if kind in _PAGES:
            name, argument = _PAGES[kind]
            return reverse(name, kwargs={"merchant": slug, argument: target}) if names.is_there(target) else ""
        return reverse(_LISTS[kind], args=[slug]) if kind in _LISTS else ""
    except NoReverseMatch:
        return ""
