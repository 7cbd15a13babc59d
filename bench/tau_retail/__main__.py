"""The shop's written policy as rules of ours, on 6,000 decisions: ``python -m bench.tau_retail --shop DIR``.

DIR holds ``db.json`` of tau-bench's retail domain. What the policy's text says is worked out by `oracle.py`, which
knows nothing of our engine; the rules are `ruleset.json`; measured is by ``manage.py evaluate policies``.
``--elsewhere`` does the same in a shop with other ids, prices, stock and balances.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from bench.tau_retail.elsewhere import elsewhere
from bench.tau_retail.requests import cases, with_some_acted_upon

RULESET = Path(__file__).with_name("ruleset.json")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shop", type=Path, required=True, help="the folder with db.json")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--elsewhere", action="store_true", help="rename every id, draw prices and stock anew")
    parser.add_argument("--write", type=Path, help="keep the cases in this file")
    options = parser.parse_args()
    shop = json.loads((options.shop / "db.json").read_text("utf-8"))
    if options.elsewhere:
        shop = elsewhere(shop, options.seed)
    drawn = list(cases(with_some_acted_upon(shop, options.seed), options.seed))
    with tempfile.TemporaryDirectory() as folder:
        path = options.write or Path(folder) / "cases.jsonl"
        path.write_text("".join(json.dumps(case) + "\n" for case in drawn), "utf-8")
        measured = subprocess.run(  # noqa: S603 (our own command)
            [sys.executable, "manage.py", "evaluate", "policies", "--ruleset", RULESET, "--cases", path, "--json"],
            check=True,
            capture_output=True,
            text=True,
        )
    found = json.loads(measured.stdout)
    found["expected"] = dict(Counter(case["expected"]["outcome"] for case in drawn))
    print(json.dumps(found, indent=2))
    return 0 if found["agreement"] == 1 and not found["wrongful_grants"] else 1


if __name__ == "__main__":
    sys.exit(main())
