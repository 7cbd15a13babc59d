"""The rules of the layout that import-linter cannot say, and that what it says is said of everything there is."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "cs_portal"
HTTP_APPS = {"console", "storefront", "integrations", "demo"}
NO_APPS = {"settings", "formats"}
HTTP_MODULES = ("django.http", "django.shortcuts", "django.views", "django.middleware", "django.forms")


def apps() -> set[str]:
    return {path.parent.name for path in PRODUCT.glob("*/__init__.py")} - NO_APPS


def imports(path: Path) -> Iterator[str]:
    """Every module that ``path`` imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"), filename=str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def contracts() -> list[dict[str, object]]:
    return list(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"])


def test_every_app_has_a_place_in_the_layers() -> None:
    layers = next(contract["layers"] for contract in contracts() if "containers" not in contract)
    assert isinstance(layers, list)
    placed = {name.strip().strip("()").removeprefix("cs_portal.") for layer in layers for name in layer.split("|")}
    assert apps() <= placed


def test_every_domain_app_keeps_its_own_layers() -> None:
    containers = next(contract["containers"] for contract in contracts() if "containers" in contract)
    assert isinstance(containers, list)
    with_services = {app for app in apps() - HTTP_APPS if any((PRODUCT / app).glob("services*"))}
    assert with_services
    assert with_services <= {name.removeprefix("cs_portal.") for name in containers}


@pytest.mark.parametrize("app", sorted(apps() - HTTP_APPS - {"core", "merchants"}))
def test_domain_apps_know_no_http(app: str) -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (PRODUCT / app).rglob("*.py")
        for name in imports(path)
        if name.startswith(HTTP_MODULES)
    }
    assert found == set()


def test_settings_alone_read_the_environment() -> None:
    readers = {
        str(path.relative_to(PRODUCT))
        for path in PRODUCT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    # The entry points set a default settings module; the supervisor hands its environment on.
    assert readers <= {"settings/env.py", "asgi.py", "asgi_shop.py", "wsgi.py", "celery.py", "core/supervisor.py"}


def loaded_after(source: str) -> set[str]:
    """Which of the heavy libraries a fresh Python holds after ``source``."""
    report = (
        "import sys; print(*{name.partition('.')[0] for name in sys.modules} & {'torch', 'transformers', 'django'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source) + "\n" + report],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_a_web_process_never_loads_torch() -> None:
    """Not on import, and not when the URLs of the first request pull in every view."""
    source = """
        import os
        os.environ["DJANGO_SETTINGS_MODULE"] = "cs_portal.settings.test"
        import cs_portal.asgi
        from django.urls import get_resolver
        assert get_resolver().url_patterns
    """
    assert loaded_after(source) == {"django"}


def test_the_demo_shop_never_loads_torch() -> None:
    source = """
        import cs_portal.asgi_shop
        from django.urls import get_resolver
        assert get_resolver().url_patterns
    """
    assert loaded_after(source) == {"django"}


def test_the_engine_loads_neither_django_nor_torch_until_asked() -> None:
    assert loaded_after("import bots.api") == set()


def test_the_test_would_see_torch() -> None:
    assert "torch" in loaded_after("import torch")
