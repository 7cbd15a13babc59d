"""Server time and queries of the list of FAQs at 10,000 FAQs, and how long a check of them all takes.

``python bench/knowledge.py`` makes a merchant with that many (and a small one beside it) in a database in a temporary
folder, or in the empty one that ``DATABASE_URL`` names, and asks for the list in many ways as its owner through the
whole stack but the socket. It prints a table and fails when

- a page asks the database more often at the large merchant than at the small one, or
- the 95th percentile of a page is above ``--target`` milliseconds (``--cpu``: of the processor's time, for a machine
  that is busy with other work).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from bench.console import Measured
    from cs_portal.merchants.models import Merchant, User

ROOT = Path(__file__).resolve().parents[1]
SMALL = 60
TAGS = ("sale", "spring", "vip", "furniture", "b2b", "gifts", "returns", "app")
CATEGORIES = ("delivery", "refund", "payment", "product", "account", "other")
NOUNS_EN = ("mug", "kettle", "lamp", "blanket", "chair", "tent", "bottle", "pillow", "bowl", "candle", "shelf", "sofa")
NOUNS_ZH = ("马克杯", "水壶", "台灯", "毛毯", "椅子", "帐篷", "保温瓶", "枕头", "饭碗", "蜡烛", "书架", "沙发")
ASKED = (
    ("How long may I return the {en} number {n}?", "编号{n}的{zh}多久可以退货？"),
    ("When does the {en} number {n} arrive?", "编号{n}的{zh}什么时候能送到？"),
    ("Is the {en} number {n} in stock?", "编号{n}的{zh}有货吗？"),
    ("How do I clean the {en} number {n}?", "编号{n}的{zh}怎么清洗？"),
    ("What warranty has the {en} number {n}?", "编号{n}的{zh}保修多久？"),
)
ANSWERS = (
    (
        "Return it within {days} days of delivery, unused and in its box. We refund you in full.",
        "签收后{days}天内、未使用且包装完好可以退货，全额退款。",
    ),
    (
        "It arrives within {days} business days. You get a link: https://shop.example/track/{n}",
        "{days}个工作日内送达，短信里有链接：https://shop.example/track/{n}",
    ),
    (
        "Wipe it with a damp cloth, never in the machine. Write to us if a stain stays.",
        "用湿布擦拭即可，请勿机洗。污渍去不掉请联系我们。",
    ),
)


class Shop(NamedTuple):
    merchant: Merchant
    owner: User


def make_shop(slug: str, *, faqs: int, now: datetime) -> Shop:
    from cs_portal.core.tenancy import scope
    from cs_portal.knowledge.models import Faq, FaqFigures, FaqState, FaqText, QualityFinding
    from cs_portal.knowledge.services import describe_faqs, knowledge_changed
    from cs_portal.merchants.models import Member, Merchant, Role, User

    rng = random.Random(7)
    merchant = Merchant.objects.create(slug=slug, name=slug.title())
    owner = User.objects.create_user(email=f"{slug}@bench.example", password="x", name="Owner")  # noqa: S106
    with scope(merchant=merchant):
        member = Member.objects.create(user=owner, role=Role.OWNER)
        rows, texts = [], []
        for n in range(faqs):
            day = now.date() + timedelta(days=rng.randint(-30, 300)) if n % 7 == 0 else None
            state = rng.choices((FaqState.PUBLISHED, FaqState.DRAFT, FaqState.ARCHIVED), (85, 10, 5))[0]
            rows.append(
                Faq(
                    key=f"faq-{n}",
                    state=state,
                    category=rng.choice(CATEGORIES),
                    tags=rng.sample(TAGS, rng.randint(0, 2)),
                    valid_until=day,
                    updated_by=member,
                    updated_at=now - timedelta(minutes=rng.randint(0, 500_000)),
                )
            )
        Faq.objects.bulk_create(rows, batch_size=500)
        for n, faq in enumerate(rows):
            which = rng.randrange(len(ASKED))
            noun, days = rng.randrange(len(NOUNS_EN)), rng.choice((7, 14, 30))
            slots: dict[str, Any] = {"en": NOUNS_EN[noun], "zh": NOUNS_ZH[noun], "n": n, "days": days}
            for place, locale in enumerate(("en", "zh-hans")):
                if locale == "zh-hans" and n % 9 == 0:
                    continue
                variants = [f"{slots['en']} {n}?", f"{slots['zh']}{n}"][place : place + 1]
                texts.append(
                    FaqText(
                        faq=faq,
                        locale=locale,
                        question=ASKED[which][place].format(**slots),
                        answer=" ".join(ANSWERS[(which + step) % 3][place].format(**slots) for step in range(3)),
                        variants=variants,
                    )
                )
        FaqText.objects.bulk_create(texts, batch_size=500)
        for start in range(0, faqs, 500):
            describe_faqs(list(Faq.objects.filter(pk__in=[row.pk for row in rows[start : start + 500]])))
        used = [row for row in rows if rng.random() < 0.7]
        FaqFigures.objects.bulk_create(
            [
                FaqFigures(
                    faq=faq,
                    hits=(hits := rng.randint(1, 900)),
                    approved=hits // 2,
                    edited=rng.randint(0, hits // 4),
                    rejected=rng.randint(0, hits // 9),
                    last_hit_at=now - timedelta(minutes=rng.randint(0, 200_000)),
                )
                for faq in used
            ],
            batch_size=500,
        )
        QualityFinding.objects.bulk_create(
            [
                QualityFinding(
                    kind="never_hit", faq=faq, fingerprint=f"{faq.pk}", found_at=now, detail={"since": "2026-01-01"}
                )
                for faq in rows[:: max(1, faqs // 400)]
            ]
        )
        knowledge_changed()
    return Shop(merchant, owner)


PAGES: dict[str, dict[str, str]] = {
    "all": {},
    "most used": {"sort": "hits"},
    "longest unused": {"sort": "not_hit"},
    "most often edited": {"sort": "edited"},
    "by category": {"sort": "category"},
    "“return”": {"q": "return"},
    "“退货 台灯”": {"q": "退货 台灯"},
    "“kett” (typing)": {"q": "kett"},
    "“nothing such”": {"q": "zzzqqq"},
    "drafts": {"state": "draft"},
    "a tag": {"tag": "sale"},
    "a category, most used": {"category": "refund", "sort": "hits"},
    "Chinese missing": {"missing": "zh-hans"},
    "expires soon": {"valid": "soon"},
    "expired, any state": {"valid": "expired", "state": "any"},
    "with a problem": {"problem": "any"},
    "a search, narrowed": {"q": "return", "tag": "vip", "sort": "edited"},
}


def measure(large: Shop, small: Shop, *, times: int) -> list[Measured]:
    from bench.console import Measured, Reader, centile

    reader, beside = Reader(large), Reader(small)  # type: ignore[arg-type]
    wanted = {f"list: {name}": ("knowledge/", query) for name, query in PAGES.items()}
    for name in ("list: all", "list: most used", "list: “return”"):
        if far := reader.deep("knowledge/", wanted[name][1]):
            wanted[f"{name}, 20 pages on"] = ("knowledge/", far)
    wanted["quality"] = ("knowledge/quality/", {})
    wanted["an FAQ"] = (f"knowledge/{_an_faq(large)}/", {})
    found = []
    for name, (path, query) in wanted.items():
        if (status := reader.status(path, query)) != 200:
            print(f"{name}: {status}", file=sys.stderr)
            continue
        clock, cpu = reader.times(path, query, times=times)
        few = 0 if "pages on" in name or name == "an FAQ" else beside.queries(path, query)
        found.append(
            Measured(name, centile(clock, 50), centile(clock, 95), centile(cpu, 95), reader.queries(path, query), few)
        )
    return found


def _an_faq(shop: Shop) -> str:
    from cs_portal.core.tenancy import scope
    from cs_portal.knowledge.models import Faq

    with scope(merchant=shop.merchant):
        return str(Faq.objects.order_by("-pk").values_list("public_id", flat=True)[7])


def check_all_of(shop: Shop) -> str:
    """How long the checks of all answers take, without the embedder."""
    from django.utils import timezone

    from cs_portal.core.tenancy import scope
    from cs_portal.knowledge.listing import today
    from cs_portal.knowledge.quality.checks import check_all
    from cs_portal.knowledge.services.quality_runs import faqs_to_check

    with scope(merchant=shop.merchant):
        began, now = time.process_time(), timezone.now()
        faqs = faqs_to_check()
        read = time.process_time()
        found = check_all(faqs, now=now, today=today(now=now))
        done = time.process_time()
    return (
        f"a check of {len(faqs):,} FAQs: {read - began:.1f} s to read them, {done - read:.1f} s of the processor to "
        f"check them, {len(found)} findings"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faqs", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=40, help="requests of each page")
    parser.add_argument("--target", type=float, default=200.0, help="milliseconds that the 95th percentile may take")
    parser.add_argument("--cpu", action="store_true", help="judge by the processor's time")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from bench.console import table

    with tempfile.TemporaryDirectory(prefix="cs-portal-bench-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "cs_portal.settings.dev",
            "CS_PORTAL_VAR": folder,
            "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/bench.sqlite3",
            "REDIS_URL": "",
        }
        large, small = _shops(options.faqs)
        rows = measure(large, small, times=options.times)
        checked = check_all_of(large)
    print(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=2) if options.json else table(rows))
    print(checked, file=sys.stderr)
    complaints = [
        f"{row.page}: p95 {spent} ms, above {options.target:g} ms"
        for row in rows
        if (spent := row.cpu_p95 if options.cpu else row.p95) > options.target
    ] + [f"{row.page}: more queries at the large merchant" for row in rows if 0 < row.queries_small < row.queries]
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def _shops(faqs: int) -> tuple[Shop, Shop]:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    call_command("migrate", verbosity=0)
    from bench.console import _analyse
    from cs_portal.merchants.models import Merchant

    if Merchant.objects.exists():
        raise SystemExit("This database is in use. Name an empty one.")
    began, now = time.perf_counter(), timezone.now()
    large, small = make_shop("large", faqs=faqs, now=now), make_shop("small", faqs=SMALL, now=now)
    _analyse()
    print(f"made {faqs:,} FAQs in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return large, small


if __name__ == "__main__":
    sys.exit(main())
