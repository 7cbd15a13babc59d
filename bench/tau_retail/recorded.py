"""The recorded actions of tau-bench's training tasks, carried out: ``python -m bench.tau_retail.recorded --shop DIR``.

The shop is imported into a database of its own in a temporary folder (or the empty one that ``DATABASE_URL`` names).
Every task begins with the shop as published. Each of its actions is considered and done by the services by which a
colleague acts on an order; independently, the policy's text says whether it may be done (`oracle.py`) and what must
come out of it (`outcomes.py`), and the two orders are compared after every action. Its authors warn that some tasks are
outdated: what the policy forbids is listed, action by action.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RULESET = Path(__file__).with_name("ruleset.json")


def measure(folder: Path) -> int:
    import django

    django.setup()
    from django.core.management import call_command

    from bench.tau_retail import portal
    from bench.tau_retail.replaying import replayed, told
    from cs_portal.core.tenancy import scope
    from cs_portal.merchants.models import Member, Merchant, Role, User

    shop = json.loads((folder / "db.json").read_text("utf-8"))
    tasks = json.loads((folder / "train_tasks.json").read_text("utf-8"))
    call_command("migrate", verbosity=0)
    merchant = Merchant.objects.create(slug="tau", name="Retail", timezone="America/New_York")
    user = User.objects.create_user(email="owner@tau.example", password=None, name="Olga Owner")
    with scope(merchant=merchant):
        owner = Member.objects.create(user=user, role=Role.OWNER)
        began = time.process_time()
        portal.load(shop, json.loads(RULESET.read_text("utf-8")), by=owner)
        loaded = time.process_time()
        rows = list(replayed(shop, tasks, by=owner))
    print(told(rows, len(tasks)))
    print(f"{loaded - began:.0f} s of the processor to import, {time.process_time() - loaded:.0f} s to act")
    return 0 if all(row["ours"] == row["policy"] and not row["differs"] for row in rows) else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shop", type=Path, required=True, help="the folder with db.json and train_tasks.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cs-portal-bench-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "cs_portal.settings.dev",
            "CS_PORTAL_VAR": folder,
            "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/bench.sqlite3",
            "REDIS_URL": "",
        }
        sys.path.insert(0, str(ROOT))
        return measure(options.shop)


if __name__ == "__main__":
    sys.exit(main())
