"""The store of a case: FAQs, rules, products, shoppers and orders as rows, made as a merchant's own would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from cs_portal.commerce.history import SHOP
from cs_portal.commerce.imports.checks import check_document
from cs_portal.commerce.imports.columns import KEYS
from cs_portal.commerce.imports.problems import Problem, Report, sentence
from cs_portal.commerce.imports.records import Record
from cs_portal.commerce.imports.tally import Item
from cs_portal.commerce.imports.writing import settle
from cs_portal.commerce.models import ImportKind, Shopper
from cs_portal.core.audit import SYSTEM
from cs_portal.core.storable import first_unstorable
from cs_portal.core.tenancy import scope
from cs_portal.knowledge.models import Faq, FaqState, FaqText
from cs_portal.knowledge.services import describe_faqs
from cs_portal.knowledge.services.writing import knowledge_changed
from cs_portal.merchants.models import Merchant, Storefront
from cs_portal.policies.engine import Ruleset, RulesetError, UnknownShippedRuleset, load_shipped
from cs_portal.policies.services.publishing import publish_ruleset

Document = Mapping[str, Any]
#: The keys of a case that make its store; cases that agree in all of them share one.
KEYS_OF_A_STORE = ("merchant", "faqs", "ruleset", "products", "orders", "shopper")
LOCALES = ("en", "zh-hans")
_USUAL_ZONE = "Asia/Shanghai"


class BadStore(ValueError):
    """A part of the store does not keep to its format; the text names the part and says what is wrong."""


@dataclass(frozen=True, slots=True)
class Store:
    """``shopper`` is who writes, ``None`` for a stranger; ``faqs`` gives the file's id of an FAQ by its public id."""

    merchant: Merchant
    storefront: Storefront
    shopper: Shopper | None
    faqs: Mapping[str, str]

    def stranger(self, now: datetime) -> Shopper:
        """Somebody who is not signed in, anew each time."""
        return Shopper.objects.create(created_at=now)


def moment_of(case: Document) -> datetime:
    """When the case takes place."""
    try:
        at = datetime.fromisoformat(case["now"]) if isinstance(case.get("now"), str) else None
    except ValueError:
        at = None
    if at is None or at.utcoffset() is None or not 1900 <= at.year <= 2999:
        raise BadStore("now: must be an ISO 8601 time with its offset")
    return at


def open_store(case: Document, *, slug: str) -> Store:
    """Make the rows of ``case``. Raises :class:`BadStore`; what was written by then is the caller's to roll back."""
    now = moment_of(case)
    name, zone = _named(case.get("merchant"), now)
    products, orders = _list(case, "products"), _list(case, "orders")
    priced = [each for each in (*orders, *_variants(products)) if isinstance(each, dict)]
    currency = next((each["currency"] for each in priced if isinstance(each.get("currency"), str)), "CNY")
    merchant = Merchant.objects.create(slug=slug, name=name, name_zh=name, timezone=zone)
    with scope(merchant=merchant):
        storefront = Storefront.objects.create(slug="main", name=name, currency=currency[:3], allowed_origins=[])
        faqs = _write_faqs(_list(case, "faqs"), now)
        _write(ImportKind.PRODUCTS, products, "products", now)
        shopper = _write_shoppers(case.get("shopper"), orders, now)
        _write(ImportKind.ORDERS, orders, "orders", now)
        publish_ruleset(document=_ruleset(case.get("ruleset")).to_dict(), by=SYSTEM, now=now)
    return Store(merchant, storefront, shopper, faqs)


def _named(merchant: Any, now: datetime) -> tuple[str, str]:
    """Name and time zone; a merchant without a zone has the offset of ``now``."""
    data = merchant if isinstance(merchant, dict) else {"name": merchant}
    name = data.get("name")
    if name is not None and not isinstance(name, str):
        raise BadStore("merchant: must be a name, or an object with a name")
    offset = now.utcoffset() or timedelta()
    hours, rest = divmod(int(offset.total_seconds()), 3600)
    usual = _USUAL_ZONE if hours == 8 and not rest else f"Etc/GMT{-hours:+d}" if not rest else "UTC"
    return (name or "Shop").strip()[:80] or "Shop", str(data.get("timezone") or usual)


def _list(case: Document, key: str) -> list[Any]:
    value = case.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadStore(f"{key}: must be a list")
    return value


def _variants(products: Sequence[Any]) -> list[Any]:
    found = [each.get("variants") for each in products if isinstance(each, dict)]
    return [variant for variants in found if isinstance(variants, list) for variant in variants]


def _ruleset(given: Any) -> Ruleset:
    try:
        return Ruleset.from_dict(given) if isinstance(given, dict) else load_shipped(str(given or "standard"))
    except UnknownShippedRuleset:
        raise BadStore(f"ruleset: {given!r} is not the name of a shipped one") from None
    except RulesetError as error:
        raise BadStore(f"ruleset: {error}") from None


def _write(kind: str, documents: Sequence[Any], where: str, now: datetime) -> None:
    items: list[Item] = []
    for number, data in enumerate(documents):
        record = Record(kind, "", number, {}, text=False)
        report = Report(record.locate)
        if not isinstance(data, dict):
            raise BadStore(f"{where}.{number}: must be an object")
        if first_unstorable(data) is not None:
            raise BadStore(f"{where}.{number}: holds characters that are no text")
        document = check_document(kind, data, report)
        _refuse(report.problems, where, number)
        record.key = document[KEYS[kind]]
        items.append((record, document))
    tally = settle(kind, items, write=True, now=now, provenance=SHOP)
    for problem in tally.problems:
        _refuse([problem], where, problem.line)


def _refuse(problems: Sequence[Problem], where: str, number: int) -> None:
    for problem in problems:
        said = sentence(problem.code, problem.params)
        raise BadStore(f"{where}.{number}.{problem.column}: {said}")


def _write_shoppers(given: Any, orders: Sequence[Any], now: datetime) -> Shopper | None:
    """Who writes, and whoever else the orders belong to."""
    own = {"id": given} if isinstance(given, str) else given
    if own is not None and not isinstance(own, dict):
        raise BadStore("shopper: must be an object, or an id")
    everybody = {each["shopper"] for each in orders if isinstance(each, dict) and isinstance(each.get("shopper"), str)}
    others = sorted(everybody - {(own or {}).get("id")})
    documents = [*([own] if own else []), *({"id": each} for each in others)]
    _write(ImportKind.SHOPPERS, [{"created_at": now.isoformat()} | each for each in documents], "shopper", now)
    return Shopper.objects.get(external_id=own["id"]) if own else None


def _write_faqs(documents: Sequence[Any], now: datetime) -> dict[str, str]:
    """Every FAQ live. Documents with one id are its languages."""
    rows: dict[str, Faq] = {}
    for number, data in enumerate(documents):
        where = f"faqs.{number}"
        if not isinstance(data, dict):
            raise BadStore(f"{where}: must be an object")
        key, question, answer = (_text(data, name, where) for name in ("id", "question", "answer"))
        locale, variants = data.get("locale"), data.get("variants") or []
        if locale not in LOCALES:
            raise BadStore(f"{where}.locale: must be one of {', '.join(LOCALES)}")
        if not isinstance(variants, list) or not all(isinstance(each, str) for each in variants):
            raise BadStore(f"{where}.variants: must be a list of texts")
        if key not in rows:
            rows[key] = Faq.objects.create(
                key=key[:80], state=FaqState.PUBLISHED, valid_until=_day(data, where), updated_at=now
            )
        elif FaqText.objects.filter(faq=rows[key], locale=locale).exists():
            raise BadStore(f"{where}.id: comes twice in {locale}")
        FaqText.objects.create(faq=rows[key], locale=locale, question=question, answer=answer, variants=variants)
    describe_faqs(list(rows.values()))
    knowledge_changed()
    return {str(row.public_id): key for key, row in rows.items()}


def _text(data: Document, name: str, where: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or first_unstorable(value) is not None or (name != "answer" and not value.strip()):
        raise BadStore(f"{where}.{name}: must be a text")
    return value


def _day(data: Document, where: str) -> date | None:
    """Until when the answer holds: beside the contract, for cases of our own."""
    try:
        return date.fromisoformat(data["valid_until"]) if data.get("valid_until") else None
    except (TypeError, ValueError):
        raise BadStore(f"{where}.valid_until: must be a date") from None
