"""Loads the demo store into the database, and takes it out again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from graphlib import TopologicalSorter
from pathlib import Path
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Model

from cs_portal.commerce.models import Product, Shopper
from cs_portal.core.audit import SYSTEM
from cs_portal.core.tenancy import scope, scopes_disabled
from cs_portal.core.triggers import tenant_references
from cs_portal.demo.accounts import ACCOUNTS, draw_passwords, read_passwords, write_passwords
from cs_portal.demo.catalogue import catalogue
from cs_portal.demo.desk import furnish
from cs_portal.demo.faqs import faqs
from cs_portal.demo.generator import DemoStore, generate
from cs_portal.demo.history.save import save
from cs_portal.demo.history.tell import cast_of, tell
from cs_portal.demo.merchants import FERNHILL, MERCHANTS, STOREFRONT, DemoMerchant
from cs_portal.demo.rows import insert_faqs, insert_orders, insert_products, insert_shoppers
from cs_portal.knowledge.services import knowledge_changed
from cs_portal.knowledge.services.gap_watch import ask_for_daily_mining
from cs_portal.knowledge.services.quality_runs import ask_for_check
from cs_portal.merchants.hours import DAYS
from cs_portal.merchants.models import Member, Merchant, Storefront, User, default_business_hours
from cs_portal.policies.engine.shipped import load_shipped
from cs_portal.policies.models import RulesetVersion
from cs_portal.policies.services import publish_ruleset
from cs_portal.recommendations.services import refresh_pairs

RULESET = "standard"


class RealMerchantPresent(Exception):
    """The database serves a merchant that is not of the demo store; nothing was touched."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """``created`` names the merchants that were not there before; ``new_passwords`` says whether some were drawn."""

    created: tuple[str, ...]
    new_passwords: bool


def load_demo(
    *,
    seed: int,
    shop_origin: str,
    accounts_path: Path,
    now: datetime,
    reset: bool = False,
    history: bool = True,
    merchants: Sequence[DemoMerchant] = MERCHANTS,
    report: Callable[[str], None] = lambda _line: None,
) -> Loaded:
    """Make the demo ``merchants``, each in one transaction, unless they are there. A second run changes nothing.

    Passwords are drawn once and kept in ``accounts_path`` (mode 0600); if that file is gone, new ones are set. Another
    ``shop_origin`` than last time (another port) is let in and moves the products' addresses. ``reset`` deletes the
    demo merchants first, with everything that was said and done there; without ``history`` nobody has asked anything
    yet. Raises :class:`RealMerchantPresent`.
    """
    if Merchant.objects.filter(is_demo=False).exists():
        raise RealMerchantPresent
    if reset:
        report("Deleting the old demo store …")
        _delete_demo()
    kept = read_passwords(accounts_path)
    passwords = draw_passwords() if kept is None else kept
    if kept is None:
        # The file comes last: cut short in between, the next run draws again.
        _set_passwords(passwords)
        write_passwords(accounts_path, passwords)
    created = []
    for merchant in merchants:
        known = Merchant.objects.filter(slug=merchant.slug).first()
        if known is None:
            report(f"Making {merchant.name} …")
            _create(merchant, seed=seed, shop_origin=shop_origin, passwords=passwords, now=now, history=history)
            created.append(merchant.slug)
        elif merchant.slug == FERNHILL.slug:
            _follow_shop(known, shop_origin)
    return Loaded(tuple(created), new_passwords=kept is None)


@transaction.atomic
def _set_passwords(passwords: dict[str, str]) -> None:
    for user in User.objects.filter(email__in=passwords):
        user.set_password(passwords[user.email])
        user.save(update_fields=["password"])


def shop_url_of(merchant: DemoMerchant, shop_origin: str) -> str:
    """Only the main merchant has a shop page here; the other one's lies on a domain that cannot exist."""
    return shop_origin if merchant.slug == FERNHILL.slug else f"https://shop.{merchant.domain}"


def origins_of(shop_url: str) -> list[str]:
    """The shop's origin; on this machine also under the loopback's other name, whichever the browser is pointed at."""
    twins = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}
    parts = urlsplit(shop_url)
    twin = twins.get(parts.hostname or "")
    return (
        [shop_url]
        if twin is None
        else [shop_url, f"{parts.scheme}://{parts.netloc.replace(str(parts.hostname), twin)}"]
    )


@transaction.atomic
def _create(
    merchant: DemoMerchant, *, seed: int, shop_origin: str, passwords: dict[str, str], now: datetime, history: bool
) -> None:
    shop_url = shop_url_of(merchant, shop_origin)
    row = Merchant.objects.create(
        slug=merchant.slug,
        name=merchant.name,
        name_zh=merchant.name_zh,
        timezone=merchant.timezone,
        is_demo=True,
        business_hours=_hours(merchant),
    )
    store = generate(merchant, seed=seed, today=now, shop_url=shop_url)
    with scope(merchant=row):
        _create_members(merchant, passwords)
        Storefront.objects.create(
            slug=STOREFRONT,
            name=merchant.name,
            locale=merchant.locale,
            currency=merchant.currency,
            accent=merchant.accent,
            greeting_en=merchant.greeting["en"],
            greeting_zh=merchant.greeting.get("zh-hans", ""),
            allowed_origins=origins_of(shop_url),
        )
        for site in merchant.further_storefronts:
            Storefront.objects.create(
                slug=site.slug,
                name=site.name,
                locale=site.locale,
                currency=site.currency,
                accent=site.accent,
                greeting_en=site.greeting["en"],
                greeting_zh=site.greeting.get("zh-hans", ""),
                allowed_origins=[site.origin],
            )
        insert_faqs(faqs(merchant), now=now)
        knowledge_changed()
        ask_for_check(now=now)
        insert_products(store.products, catalogue(merchant.slug))
        ruleset = publish_ruleset(document=load_shipped(RULESET).to_dict(), by=SYSTEM, now=now)
        shoppers = insert_shoppers(store.shoppers)
        furnish(now=now)
        if not (history and merchant.has_history and merchant.statuses):
            insert_orders(store.orders, shoppers, now=now)
        else:
            _tell_history(row, store, shoppers, ruleset, seed=seed, now=now)
            ask_for_daily_mining(now=now)
        refresh_pairs(now=now)


def _hours(merchant: DemoMerchant) -> dict[str, list[list[str]]]:
    if merchant.open_daily is None:
        return default_business_hours()
    return {day: [list(merchant.open_daily)] for day in DAYS}


def _tell_history(
    row: Merchant,
    store: DemoStore,
    shoppers: dict[str, Shopper],
    ruleset: RulesetVersion,
    *,
    seed: int,
    now: datetime,
) -> None:
    """Insert the orders with the conversations that made some of them what they are."""
    in_stories = {story.person.id for story in store.stories}
    crowd = {id: shopper for id, shopper in shoppers.items() if id not in in_stories}
    cast = cast_of(row, ruleset=ruleset, shoppers=crowd, product_documents=store.products, now=now)
    ledger, orders = tell(cast, store.orders, seed=seed)
    save(ledger, insert_orders(orders, shoppers, now=now), cast=cast)


def _create_members(merchant: DemoMerchant, passwords: dict[str, str]) -> None:
    for account in ACCOUNTS:
        if account.merchant == merchant.slug:
            user = User.objects.filter(email=account.email).first() or User.objects.create_user(
                email=account.email, password=passwords[account.email], name=account.name
            )
            Member.objects.create(user=user, role=account.role)


@transaction.atomic
def _follow_shop(row: Merchant, shop_origin: str) -> None:
    with scope(merchant=row):
        storefront = Storefront.objects.get(slug=STOREFRONT)
        missing = [origin for origin in origins_of(shop_origin) if origin not in storefront.allowed_origins]
        if missing:
            storefront.allowed_origins = [*storefront.allowed_origins, *missing]
            storefront.save(update_fields=["allowed_origins", "updated_at"])
        documents = {product.id: product.canonical(shop_url=shop_origin) for product in catalogue(row.slug)}
        moved = [
            product
            for product in Product.objects.filter(external_id__in=documents)
            if product.url != documents[product.external_id]["url"]
        ]
        for product in moved:
            product.url = documents[product.external_id]["url"]
            product.image = documents[product.external_id]["image"]
        Product.objects.bulk_update(moved, ["url", "image"])


@transaction.atomic
def _delete_demo() -> None:
    parents: dict[type[Model], set[type[Model]]] = {}
    for child, field in tenant_references():
        parents.setdefault(child, set())
        if field.related_model is not child:  # rows that name one of their own kind go along with it
            parents.setdefault(field.related_model, set()).add(child)
    children_first = tuple(TopologicalSorter(parents).static_order())
    for merchant in Merchant.objects.filter(is_demo=True):
        with scope(merchant=merchant):
            for model in children_first:
                if getattr(model, "append_only", False):
                    continue
                model._default_manager.all().delete()
            merchant.delete()
    # Deleting a user looks for memberships in every merchant; by now there are none but the demo's.
    with scopes_disabled():
        User.objects.filter(email__in=[account.email for account in ACCOUNTS]).delete()
