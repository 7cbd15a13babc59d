from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from cs_portal.demo.merchants import FERNHILL
from cs_portal.demo.services import load_demo
from cs_portal.settings import demo_shop


@pytest.fixture
def empty_shop(settings, db) -> Client:
    """A browser in the demo shop, with the shop's own settings, before the demo store is loaded."""
    for name in (
        "ROOT_URLCONF",
        "MIDDLEWARE",
        "TEMPLATES",
        "SESSION_ENGINE",
        "LANGUAGE_COOKIE_NAME",
        "CSRF_FAILURE_VIEW",
        "CONTENT_SECURITY_POLICY",
    ):
        setattr(settings, name, getattr(demo_shop, name))
    settings.PORTAL_URL = "http://portal.example"
    return Client()


@pytest.fixture
def shop(empty_shop: Client, tmp_path: Path) -> Client:
    # The stories alone: what the shop shows does not depend on the crowd, and loading takes a tenth of the time.
    stories_only = replace(FERNHILL, shoppers={}, statuses={})
    load_demo(
        merchants=[stories_only],
        seed=1,
        shop_origin="http://shop.example",
        accounts_path=tmp_path / "demo-accounts.json",
        now=timezone.now(),
    )
    return empty_shop
