"""How long a worker takes to decide 100,000 past requests by two rulesets, on the path that the console takes.

``python bench/simulation.py`` makes a merchant in a database in a temporary folder (or in the empty one that
``DATABASE_URL`` names, which the next run takes as it was left): ``--requests`` drafts with a request, each about an
order of its own with two lines, a payment and a shipment, a shopper to four orders. It publishes the shipped rules,
changes the working copy, starts the simulation as the console does and runs the worker's own loop until the job is
done. Fails when that takes longer than ``--target`` seconds or when not every request was decided.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import random
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BATCH = 2000
DAYS = 365
REQUESTS: tuple[dict[str, Any], ...] = (
    {"action": "refund", "reason": "damaged", "evidence": ["photo"]},
    {"action": "refund", "reason": "damaged"},
    {"action": "refund", "reason": "wrong_item", "evidence": ["photo"], "lines": [{"id": "1", "quantity": 1}]},
    {"action": "refund", "reason": "never_arrived"},
    {"action": "return", "reason": "no_longer_needed"},
    {"action": "return", "reason": "does_not_fit", "lines": [{"id": "2"}]},
    {"action": "cancel", "reason": "no_longer_needed"},
    {"action": "exchange", "reason": "does_not_fit", "lines": [{"id": "1", "to_variant": "p-7-2"}]},
    {"action": "resend", "reason": "missing_item"},
)


def changed(document: dict[str, Any]) -> dict[str, Any]:
    """Damage is settled by a person only above an amount, and for longer: about a quarter of the requests differ."""
    rules = copy.deepcopy(document)
    rule: dict[str, Any] = {
        "id": "generous",
        "actions": ["refund", "return"],
        "when": {
            "all": [
                {"fact": "order.days_since_delivered", "op": "at_most", "value": 21},
                {"fact": "request.amount_minor", "op": "at_most", "value": 20000},
            ]
        },
        "then": {
            "outcome": "allow",
            "amount": {"percent_of_lines": 100},
            "approver": "autopilot",
            "reasons": {"en": "We refund it.", "zh-hans": "为您退款。"},
        },
    }
    rules["rules"].insert(0, rule)
    return rules


def fill(count: int, now: datetime) -> Any:
    """The merchant."""
    from cs_portal.commerce.models import Order, OrderLine, Payment, Product, Shipment, Shopper, Variant
    from cs_portal.conversations.models import Author, Conversation, ConversationState, Message
    from cs_portal.core.tenancy import scope
    from cs_portal.drafting.models import Draft, DraftState
    from cs_portal.merchants.models import Member, Merchant, Role, Storefront, User

    pick = random.Random(7)
    merchant = Merchant.objects.create(slug="bench", name="Bench")
    user = User.objects.create_user(email="owner@bench.example", password=None, name="Olga Owner")
    with scope(merchant=merchant):
        Member.objects.create(user=user, role=Role.OWNER)
        site = Storefront.objects.create(slug="main", name="Main", allowed_origins=["https://shop.example"])
        titles = [f"Product {n}" for n in range(200)]
        products = Product.objects.bulk_create(
            Product(external_id=f"p-{n}", title_en=title, title_zh=title, category="kitchen")
            for n, title in enumerate(titles)
        )
        Variant.objects.bulk_create(
            Variant(
                product=product, external_id=f"{product.external_id}-{n}", price_minor=4300, currency="CNY", stock=5
            )
            for product in products
            for n in range(3)
        )
        shoppers = Shopper.objects.bulk_create(
            [
                Shopper(external_id=f"s-{n}", name=f"Shopper {n}", created_at=now - timedelta(days=400))
                for n in range(max(1, count // 4))
            ],
            batch_size=BATCH,
        )
        for start in range(0, count, BATCH):
            size = min(BATCH, count - start)
            placed = [now - timedelta(minutes=pick.randrange(60 * 24, 60 * 24 * (DAYS - 40))) for _ in range(size)]
            orders = Order.objects.bulk_create(
                Order(
                    number=str(100_000 + start + n),
                    shopper=shoppers[(start + n) % len(shoppers)],
                    storefront="main",
                    currency="CNY",
                    status="delivered",
                    placed_at=at,
                    paid_at=at,
                    shipped_at=at + timedelta(days=1),
                    delivered_at=at + timedelta(days=4),
                    paid_minor=17200,
                    address={"country": "CN", "city": "上海"},
                )
                for n, at in enumerate(placed)
            )
            OrderLine.objects.bulk_create(
                OrderLine(
                    order=order,
                    external_id=line,
                    product=pick.choice(products).external_id,
                    variant="p-7-1",
                    title="Product",
                    quantity=pick.randrange(1, 4),
                    unit_price_minor=4300,
                )
                for order in orders
                for line in ("1", "2")
            )
            Payment.objects.bulk_create(
                Payment(order=o, external_id="1", method="alipay", amount_minor=17200, captured_at=o.paid_at)
                for o in orders
            )
            Shipment.objects.bulk_create(
                Shipment(
                    order=o,
                    carrier="SF",
                    tracking="SF1",
                    lines=["1", "2"],
                    shipped_at=o.shipped_at,
                    delivered_at=o.delivered_at,
                )
                for o in orders
            )
            asked = [min(now - timedelta(minutes=1), at + timedelta(days=pick.randrange(0, 40))) for at in placed]
            conversations = Conversation.objects.bulk_create(
                Conversation(
                    storefront=site,
                    shopper=order.shopper,
                    state=ConversationState.RESOLVED,
                    locale="en",
                    created_at=at,
                    last_message_at=at,
                )
                for order, at in zip(orders, asked, strict=True)
            )
            messages = Message.objects.bulk_create(
                Message(conversation=row, author=Author.SHOPPER, text="…", client_id="c", created_at=row.created_at)
                for row in conversations
            )
            Draft.objects.bulk_create(
                Draft(
                    conversation=row,
                    message=message,
                    state=DraftState.SENT,
                    locale="en",
                    intent="refund",
                    confidence=0.9,
                    order=order,
                    request=pick.choice(REQUESTS),
                    conversation_version=1,
                    created_at=row.created_at,
                )
                for row, message, order in zip(conversations, messages, orders, strict=True)
            )
    return merchant


def made(count: int, now: datetime) -> Any:
    """The merchant with its requests, its live rules and a working copy that differs."""
    from cs_portal.core.audit import Actor
    from cs_portal.core.tenancy import scope
    from cs_portal.policies.engine import load_shipped
    from cs_portal.policies.models import WorkingCopy
    from cs_portal.policies.services import publish_ruleset

    merchant = fill(count, now)
    with scope(merchant=merchant):
        document = load_shipped("standard").to_dict()
        live = publish_ruleset(document=document, by=Actor("system", ""), now=now)
        WorkingCopy.objects.create(document=changed(live.document), base=live, begun_at=now, changed_at=now)
    return merchant


def measure(count: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections
    from django.utils import timezone

    call_command("migrate", verbosity=0)
    from cs_portal.core.models import Queue
    from cs_portal.core.tenancy import scope
    from cs_portal.core.upkeep import refresh_statistics
    from cs_portal.core.workers import run_due
    from cs_portal.merchants.models import Member, Merchant
    from cs_portal.policies.models import Simulation, SimulationSource
    from cs_portal.policies.services.simulating import start_simulation

    now, began = timezone.now(), time.perf_counter()
    merchant = Merchant.objects.filter(slug="bench").first() or made(count, now)
    print(f"{count} requests at hand after {time.perf_counter() - began:.0f} s", file=sys.stderr)
    with scope(merchant=merchant):
        member = Member.objects.get()
        start_simulation(by=member, revision=1, days=DAYS, source=SimulationSource.REQUESTS, now=now)
    # As the product does from time to time: without it SQLite's planner does not know one index from another.
    refresh_statistics()
    connections.close_all()
    began, processor = time.perf_counter(), time.process_time()
    run_due([Queue.BULK])
    elapsed, processor = time.perf_counter() - began, time.process_time() - processor
    with scope(merchant=merchant):
        found = Simulation.objects.latest("id")
        return {
            "requests": count,
            "decided": found.done - found.skipped,
            "state": found.state,
            "changed": found.changed,
            "rows": found.changes.count(),
            "seconds": round(elapsed, 1),
            "processor_seconds": round(processor, 1),
            "load": [round(figure, 1) for figure in os.getloadavg()],
            "figures": found.figures,
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--target", type=float, default=30.0, help="seconds that the job may take")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cs-portal-bench-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "cs_portal.settings.dev",
            "CS_PORTAL_VAR": folder,
            "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/bench.sqlite3",
            "REDIS_URL": "",
        }
        sys.path.insert(0, str(ROOT))
        found = measure(options.requests)
    print(json.dumps(found, ensure_ascii=False, indent=2))
    whole = found["state"] == "done" and found["decided"] == options.requests
    return 0 if whole and found["seconds"] <= options.target else 1


if __name__ == "__main__":
    sys.exit(main())
