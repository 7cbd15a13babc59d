"""Pictures from outside, encoded anew: what leaves here is a JPEG of ours, whatever came in.

Only what Pillow reads as JPEG, PNG or WebP is taken. A picture is measured before it is decoded, so that a small file
cannot unfold to gigabytes; place, camera and every other note in it stay behind, as does anything hidden after its end.
"""

from __future__ import annotations

import io
import struct
import threading
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from cs_portal.core.errors import Invalid, TooMany

if TYPE_CHECKING:
    from PIL import Image

MAX_BYTES = 8 * 1024 * 1024
#: Phones take up to 50 megapixels; a JPEG of that size is decoded at a fraction of it.
MAX_PIXELS = 50_000_000
#: PNG and WebP are decoded in full.
MAX_PIXELS_IN_FULL = 25_000_000
LONGEST_SIDE, SMALL_SIDE = 1600, 320
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 82
#: As many are decoded at once; each takes up to 100 MB for a moment.
_AT_ONCE = threading.BoundedSemaphore(2)
_PATIENCE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Encoded:
    """Two JPEG files of one picture."""

    large: bytes
    small: bytes
    width: int
    height: int


def encode(data: bytes) -> Encoded:
    """Raises :class:`Invalid` for what is no picture or too large, ``TooMany`` while too many are at it."""
    if not _AT_ONCE.acquire(timeout=_PATIENCE_SECONDS):
        raise TooMany(5)
    try:
        return _encode(data)
    except (OSError, SyntaxError, ValueError, EOFError, ArithmeticError, IndexError, KeyError) as error:
        raise _unreadable() from error
    except (struct.error, zlib.error, MemoryError) as error:
        raise _unreadable() from error
    finally:
        _AT_ONCE.release()


def _unreadable() -> Invalid:
    return Invalid(_("This is no picture that we can read. Send a JPEG, PNG or WebP."), field="photo")


def _too_large(most: int) -> Invalid:
    return Invalid(_("The picture has more than %(limit)s megapixels.") % {"limit": most // 1_000_000}, field="photo")


def _encode(data: bytes) -> Encoded:
    # Imported here: a web process that never sees a picture does without.
    from PIL import Image, ImageOps

    try:
        opening = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise _too_large(MAX_PIXELS) from None
    with opening as opened:
        width, height = opened.size
        most = MAX_PIXELS if opened.format in {"JPEG", "MPO"} else MAX_PIXELS_IN_FULL
        if width * height > most:
            raise _too_large(most)
        if opened.format in {"JPEG", "MPO"}:
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(opened)
        picture = _on_white(upright)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    small = picture.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE))
    return Encoded(_jpeg(picture), _jpeg(small), picture.width, picture.height)


def _on_white(picture: Image.Image) -> Image.Image:
    from PIL import Image

    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return picture.convert("RGB")


def _jpeg(picture: Image.Image) -> bytes:
    # A new picture: notes that came with the old one hang at it.
    from PIL import Image

    clean = Image.new("RGB", picture.size)
    clean.paste(picture)
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()
