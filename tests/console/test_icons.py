"""The sprite holds what is drawn, and nothing else: every reader loads all of it."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
SPRITE = ROOT / "static" / "vendor" / "tabler-icons" / "sprite.svg"
USERS = [(ROOT / "templates", "*.html"), (ROOT / "cs_portal", "*.py"), (ROOT / "static" / "js", "*.js")]


def test_every_icon_is_drawn_somewhere() -> None:
    icons = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE.read_text(encoding="utf-8")))
    text = "\n".join(path.read_text(encoding="utf-8") for folder, kind in USERS for path in folder.rglob(kind))
    named = set(re.findall(r"""["'#]([a-z0-9]+(?:-[a-z0-9]+)*)["']""", text))
    assert icons - named == set()


def test_every_icon_that_a_template_names_is_there() -> None:
    sprite = SPRITE.read_text(encoding="utf-8")
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html"))
    drawn = re.findall(r'components/(?:icon|state|empty_state)\.html" with [^%]*?(?:name|icon)="([\w-]+)"', text)
    assert {name for name in drawn if f'<symbol id="{name}"' not in sprite} == set()
