"""The code that docs/embed.md gives to merchants does what it says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings

from cs_portal.merchants.models import Storefront
from cs_portal.storefront.identity import Identity, verify_identity
from tests.storefront.conftest import NOW

pytestmark = pytest.mark.django_db
GUIDE = settings.BASE_DIR / "docs" / "embed.md"


def test_the_python_example_signs_an_identity(storefront: Storefront) -> None:
    found = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(found[1], names)
    token = names["csportal_identity"](storefront.identity_secret, "s-17", "李伟", "li@example.com")
    assert verify_identity(token, storefront=storefront, now=NOW) == Identity("s-17", "李伟", "li@example.com")


def test_every_attribute_and_command_of_the_loader_is_explained() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    loader = (settings.BASE_DIR / "static" / "widget" / "loader.js").read_text(encoding="utf-8")
    attributes = set(re.findall(r"settings\.(\w+)", loader))
    commands = set(re.findall(r"^    (\w+): (?:function|close)", loader, re.MULTILINE))
    assert attributes == {"storefront", "locale", "identity", "position", "accent", "launcher", "look"}
    assert commands == {"open", "close", "toggle", "identify", "update", "on", "off", "destroy"}
    assert all(f"`data-{name}`" in guide for name in attributes)
    assert all(f'"{name}"' in guide for name in commands)


def test_every_event_of_the_loader_is_explained_and_typed() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    loader = (settings.BASE_DIR / "static" / "widget" / "loader.js").read_text(encoding="utf-8")
    passed_on = re.search(r"/\^\((.*?)\)\$/\.test\(type\)", loader)
    assert passed_on is not None
    events = set(re.findall(r'tell\("([\w:]+)"', loader)) | set(passed_on[1].split("|"))
    events |= set(re.findall(r"listeners\.(\w+)", loader))
    passed = {"ready", "open", "close", "unread", "message", "identified", "product:clicked", "error"}
    assert events == passed | {"add_to_cart"}
    typed = re.search(r"interface CSPortalEvents \{(.*?)\n\}", guide, re.DOTALL)
    assert typed is not None
    assert {name.strip('"') for name in re.findall(r'^  ("?[\w:]+"?): ', typed[1], re.MULTILINE)} == events
    assert all(f"`{name}`" in guide for name in events)
