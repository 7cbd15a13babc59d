"""Server time and queries of the console's pages at 100,000 conversations.

``python bench/console.py`` makes a merchant with that many (and a small one beside it) in a database in a temporary
folder, or in the empty one that ``DATABASE_URL`` names, and asks for every list and page as its owner through the whole
stack but the socket. It prints a table and fails when

- a page asks the database more often at the large merchant than at the small one, or
- the 95th percentile of a page is above ``--target`` milliseconds.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client

    from bench.console_rows import Shop

ROOT = Path(__file__).resolve().parents[1]
SMALL = 600
#: How often "more" is followed for a deep page.
DEEP = 20


@dataclass(frozen=True)
class Measured:
    """Milliseconds, and queries at the large and at the small merchant.

    ``cpu_p95`` is the processor's time alone (SQLite's included): what a page costs while other work keeps it waiting.
    """

    page: str
    p50: float
    p95: float
    cpu_p95: float
    queries: int
    queries_small: int


def pages(shop: Shop) -> dict[str, tuple[str, dict[str, str]]]:
    """Name → path below the merchant and its parameters."""
    from cs_portal.commerce.models import Order
    from cs_portal.conversations.models import Conversation
    from cs_portal.core.tenancy import scope
    from cs_portal.drafting.models import Draft, DraftState

    with scope(merchant=shop.merchant):
        conversation = Conversation.objects.order_by("-last_message_at").values_list("public_id", flat=True)[5]
        order = Order.objects.select_related("shopper").order_by("-placed_at")[5]
        draft = Draft.objects.filter(state=DraftState.READY).values_list("public_id", flat=True)[0]
    tag, shopper = shop.tags[0].public_id, order.shopper.public_id
    return {
        "home": ("", {}),
        "review queue": ("review/", {}),
        "draft": (f"review/{draft}/", {}),
        "inbox": ("inbox/", {}),
        "inbox: all": ("inbox/", {"state": "any"}),
        "inbox: resolved": ("inbox/", {"state": "resolved"}),
        "inbox: mine": ("inbox/", {"assignee": "me", "state": "any"}),
        "inbox: nobody's": ("inbox/", {"assignee": "nobody"}),
        "inbox: tag": ("inbox/", {"tag": str(tag), "state": "any"}),
        "inbox: Chinese": ("inbox/", {"language": "zh-hans", "state": "any"}),
        "inbox: intent": ("inbox/", {"intent": "refund", "state": "any"}),
        "inbox: longest waiting": ("inbox/", {"sort": "waiting"}),
        "inbox: overdue": ("inbox/", {"overdue": "1"}),
        "inbox: a week a year ago": ("inbox/", {"state": "any", "until": f"{shop.now:%Y}-01-20"}),
        "inbox: “refund”": ("inbox/", {"q": "refund", "state": "any"}),
        "inbox: “退款”": ("inbox/", {"q": "退款", "state": "any"}),
        "inbox: “退款 台灯”": ("inbox/", {"q": "退款 台灯", "state": "any"}),
        "inbox: “parcel”, open": ("inbox/", {"q": "parcel"}),
        "inbox: an order number": ("inbox/", {"q": order.number, "state": "any"}),
        "inbox: a name": ("inbox/", {"q": order.shopper.name, "state": "any"}),
        "inbox: nothing found": ("inbox/", {"q": "zzzqqq", "state": "any"}),
        "conversation": (f"inbox/{conversation}/", {"state": "any"}),
        "orders": ("commerce/orders/", {}),
        "orders: search": ("commerce/orders/", {"q": order.number}),
        "order": (f"commerce/orders/{order.public_id}/", {}),
        "shoppers": ("commerce/shoppers/", {}),
        "shoppers: search": ("commerce/shoppers/", {"q": order.shopper.name[:4]}),
        "shopper": (f"commerce/shoppers/{shopper}/", {}),
        "products": ("commerce/products/", {}),
        "analytics": ("analytics/", {}),
        "analytics: 90 days": ("analytics/", {"period": "90"}),
        "knowledge": ("knowledge/", {}),
        "tags": ("settings/tags/", {}),
        "search": ("search/", {"q": "refund"}),
    }


class Reader:
    """The owner at one merchant."""

    def __init__(self, shop: Shop) -> None:
        from django.test import Client

        self.base = f"/console/{shop.merchant.slug}/"
        self.client: Client = Client(raise_request_exception=False, headers={"Accept-Language": "en"})
        self.client.force_login(shop.owner)

    def get(self, path: str, query: dict[str, str]) -> Any:
        return self.client.get(self.base + path, query)

    def status(self, path: str, query: dict[str, str]) -> int:
        return int(self.get(path, query).status_code)

    def queries(self, path: str, query: dict[str, str]) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        self.get(path, query)
        with CaptureQueriesContext(connection) as asked:
            self.get(path, query)
        return len(asked)

    def times(self, path: str, query: dict[str, str], *, times: int) -> tuple[list[float], list[float]]:
        """Milliseconds of each request: by the clock, and of the processor."""
        clock, cpu = [], []
        gc.collect()
        for _ in range(times):
            began, worked = time.perf_counter(), time.process_time()
            self.get(path, query)
            clock.append((time.perf_counter() - began) * 1000)
            cpu.append((time.process_time() - worked) * 1000)
        return clock, cpu

    def deep(self, path: str, query: dict[str, str]) -> dict[str, str] | None:
        """The parameters of the page that lies ``DEEP`` pages on, by following "more"."""
        import re
        from html import unescape
        from urllib.parse import parse_qsl

        for _ in range(DEEP):
            found = re.search(r'rel="next"[^>]*href="\?([^"]+)"', self.get(path, query).content.decode())
            found = found or re.search(r'href="[^"?]*\?([^"]+)"[^>]*rel="next"', self.get(path, query).content.decode())
            if not found:
                return None
            query = dict(parse_qsl(unescape(found[1])))
        return query


def measure(large: Shop, small: Shop, *, times: int) -> list[Measured]:
    reader, beside = Reader(large), Reader(small)
    wanted = pages(large)
    for name in ("inbox: all", "inbox: “refund”", "orders", "shoppers"):
        path, query = wanted[name]
        if reader.status(path, query) == 200 and (far := reader.deep(path, query)):
            wanted[f"{name}, {DEEP} pages on"] = (path, far)
    smaller = pages(small)
    found = []
    for name, (path, query) in wanted.items():
        if (status := reader.status(path, query)) != 200:
            print(f"{name}: {status}", file=sys.stderr)
            continue
        clock, cpu = reader.times(path, query, times=times)
        few = beside.queries(*smaller[name]) if name in smaller else 0
        asked = reader.queries(path, query)
        found.append(Measured(name, centile(clock, 50), centile(clock, 95), centile(cpu, 95), asked, few))
    return found


def centile(values: list[float], number: int) -> float:
    return round(statistics.quantiles(values, n=100, method="inclusive")[number - 1], 1)


def table(rows: list[Measured]) -> str:
    head = ["page", "p50 ms", "p95 ms", "processor p95 ms", "queries", "at the small merchant"]
    cells = [[r.page, f"{r.p50:g}", f"{r.p95:g}", f"{r.cpu_p95:g}", r.queries, r.queries_small or "–"] for r in rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in [head, ["---"] * len(head), *cells])


def complaints(rows: list[Measured], *, target: float) -> list[str]:
    slow = [f"{row.page}: p95 {row.p95} ms, above {target:g} ms" for row in rows if row.p95 > target]
    grows = [
        f"{row.page}: {row.queries} queries, {row.queries_small} at the small merchant"
        for row in rows
        if row.queries_small and row.queries > row.queries_small
    ]
    return slow + grows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=40, help="requests of each page")
    parser.add_argument("--target", type=float, default=200.0, help="milliseconds that the 95th percentile may take")
    parser.add_argument("--keep", type=Path, help="a folder for the database: made there once, used again next time")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cs-portal-bench-") as folder:
        var = options.keep or Path(folder)
        var.mkdir(parents=True, exist_ok=True)
        given = os.environ.get("DATABASE_URL") or f"sqlite:///{var.resolve()}/bench.sqlite3"
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "cs_portal.settings.dev",
            "CS_PORTAL_VAR": str(var.resolve()),
            "DATABASE_URL": given,
            "REDIS_URL": "",
        }
        sys.path.insert(0, str(ROOT))
        large, small = shops(options.conversations)
        rows = measure(large, small, times=options.times)
    print(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2) if options.json else table(rows))
    for complaint in (found := complaints(rows, target=options.target)):
        print(complaint, file=sys.stderr)
    return 1 if found else 0


def shops(conversations: int) -> tuple[Shop, Shop]:
    """The large and the small merchant: those of a database that was kept, else new ones."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    call_command("migrate", verbosity=0)
    from bench.console_rows import found_shop, make_shop
    from cs_portal.merchants.models import Merchant

    if Merchant.objects.filter(slug="large").exists():
        return found_shop("large"), found_shop("small")
    if Merchant.objects.exists():
        raise SystemExit("This database is in use. Name an empty one.")
    began = time.perf_counter()
    now = timezone.now()
    large = make_shop("large", conversations=conversations, now=now)
    small = make_shop("small", conversations=SMALL, now=now)
    _analyse()
    print(f"made {conversations:,} conversations in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return large, small


def _analyse() -> None:
    """The planner's statistics, as the portal itself keeps them on SQLite and autovacuum on PostgreSQL."""
    from django.db import connection

    from cs_portal.core.upkeep import refresh_statistics

    refresh_statistics()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


if __name__ == "__main__":
    sys.exit(main())
