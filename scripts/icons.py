"""Add outline icons to static/vendor/tabler-icons/sprite.svg: ``.venv/bin/python scripts/icons.py tag clock …``.

Fetches the package that VENDOR.md names (needs npm), appends what is missing and corrects the checksum there.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
SPRITE = VENDOR / "tabler-icons" / "sprite.svg"
LIST = VENDOR / "VENDOR.md"
SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
    'stroke-linecap="round" stroke-linejoin="round">{shapes}</symbol>\n'
)


def outlines(version: str, names: list[str]) -> dict[str, str]:
    """The inner SVG of each icon, by name; stops at a name that the package lacks."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", f"@tabler/icons@{version}"], cwd=folder, check=True, capture_output=True)  # noqa: S603, S607
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
            return {name: _inner(package, name) for name in names}


def _inner(package: tarfile.TarFile, name: str) -> str:
    try:
        member = package.extractfile(f"package/icons/outline/{name}.svg")
    except KeyError:
        raise SystemExit(f"There is no outline icon named {name}.") from None
    assert member is not None
    inner = re.search(r"<svg[^>]*>(.*)</svg>", member.read().decode(), re.S)
    assert inner is not None
    return re.sub(r"\s*\n\s*", "", inner[1]).replace(" />", "/>").strip()


def main(names: list[str]) -> None:
    sprite = SPRITE.read_text()
    wanted = [name for name in dict.fromkeys(names) if f'id="{name}"' not in sprite]
    listed = LIST.read_text()
    version = re.search(r"`@tabler/icons` \| ([\d.]+)", listed)
    assert version is not None
    symbols = "".join(SYMBOL.format(name=name, shapes=shapes) for name, shapes in outlines(version[1], wanted).items())
    sprite = sprite.replace("</svg>", "").rstrip("\n") + "\n" + symbols + "</svg>\n" if wanted else sprite
    SPRITE.write_text(sprite)
    digest = hashlib.sha256(SPRITE.read_bytes()).hexdigest()
    LIST.write_text(re.sub(r"[0-9a-f]{64}(?=  tabler-icons/sprite.svg)", digest, listed))
    sys.stdout.write(f"{len(wanted)} added, {sprite.count('<symbol')} in all\n")


if __name__ == "__main__":
    main(sys.argv[1:])
