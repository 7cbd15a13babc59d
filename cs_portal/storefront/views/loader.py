"""The script that shops embed."""

from __future__ import annotations

import hashlib
import json
import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.http import etag, require_safe

from cs_portal.storefront.strings import launcher_labels

PATH = settings.BASE_DIR / "static" / "widget" / "loader.js"
PLACEHOLDER = "{/* labels */}"
_COMMENT = re.compile(r"(?<=[\s{(])/\*.*?\*/", re.DOTALL)
_INDENTATION = re.compile(r"(?m)^\s+")


class _Gzip(GZipMiddleware):
    #: Random padding hides lengths of secrets (BREACH); this script has none, and the same bytes for all cache well.
    max_random_bytes = 0


def loader_source() -> str:
    """The loader as shops get it: its labels in every language put in, comments and indentation taken out."""
    labels = json.dumps(launcher_labels(), ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    source = PATH.read_text(encoding="utf-8").replace(PLACEHOLDER, labels)
    return _INDENTATION.sub("", _COMMENT.sub("", source))


def _etag(request: HttpRequest) -> str:
    return f'"{hashlib.sha256(loader_source().encode()).hexdigest()[:32]}"'


@require_safe
@decorator_from_middleware(_Gzip)
@etag(_etag)
def loader(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(loader_source(), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
