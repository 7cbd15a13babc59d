"""Serving a picture that somebody sent: as nothing but a picture, to nobody's cache, with nothing that could run."""

from __future__ import annotations

from django.http import HttpResponse

#: ``sandbox``: even what a browser mistook for a page would have no origin, no script and no form.
POLICY = "default-src 'none'; sandbox"


def jpeg_response(data: bytes, *, name: str) -> HttpResponse:
    """``data`` is a JPEG of our own encoding, ``name`` a file name of ours."""
    response = HttpResponse(data, content_type="image/jpeg")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Content-Disposition"] = f'inline; filename="{name}.jpg"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response
