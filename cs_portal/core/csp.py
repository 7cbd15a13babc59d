"""The last wall before a Content-Security-Policy: whatever a view adds, only sources that can be nothing else get in.

One character outside of ASCII makes Django encode the whole header as MIME, which browsers do not read as a policy; a
space, comma or semicolon would end the source and begin something else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

#: A keyword, a scheme alone, or scheme://host[:port].
_SOURCE = re.compile(
    r"'[a-zA-Z0-9+/=_-]+'|[a-z][a-z0-9+.-]*:|https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?"
)
_NOTHING = "'none'"


def is_source(value: object) -> bool:
    return isinstance(value, str) and _SOURCE.fullmatch(value) is not None


def only_sources(directives: Mapping[str, Any] | None, *, otherwise: list[str]) -> dict[str, Any] | None:
    """``directives`` without what is no source; ``otherwise`` where nothing is left."""
    if not directives:
        return None
    kept: dict[str, Any] = {}
    for name, values in directives.items():
        listed = [values] if isinstance(values, str) else list(values or ())
        if sources := [value for value in listed if is_source(value)] or otherwise:
            kept[name] = sources
    return kept


class PolicyMiddleware(CSPMiddleware):
    """django-csp's header, with what views add to the settings' policy checked first."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request=request, response=response, report_only=report_only)
        parts.update = only_sources(parts.update, otherwise=[])
        parts.replace = only_sources(parts.replace, otherwise=[_NOTHING])
        return parts
