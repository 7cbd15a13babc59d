"""The measurements of rules start from the command line, as `bench/RESULTS.md` names them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.conf import settings


@pytest.mark.parametrize("module", ["bench.policies", "bench.tau_retail", "bench.tau_retail.recorded"])
def test_it_starts_by_itself(module: str) -> None:
    told = subprocess.run(
        [sys.executable, "-m", module, "--help"], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    assert "--shop" in told.stdout
