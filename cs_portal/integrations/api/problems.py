"""Refusals as RFC 9457 problem documents that name the field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpResponse

from cs_portal.commerce.imports.problems import Problem, sentence

TYPE = "application/problem+json"


class Refusal(Exception):
    """``code`` is for programs, ``detail`` for their authors. ``errors`` name fields."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Iterable[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers = [dict(error) for error in errors], dict(headers or {})

    def answer(self) -> HttpResponse:
        return problem(self.status, self.code, self.detail, errors=self.errors, headers=self.headers)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Iterable[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    body: dict[str, Any] = {"type": "about:blank", "title": code, "status": status, "detail": detail}
    if errors := list(errors):
        body["errors"] = errors
    # A name that was sent may hold half a character, which JSON can write and UTF-8 cannot: it goes back as it came.
    text = json.dumps(body, ensure_ascii=False).encode(errors="backslashreplace")
    answer = HttpResponse(text, status=status, content_type=TYPE)
    for name, value in (headers or {}).items():
        answer[name] = value
    return answer


def field_error(each: Problem) -> dict[str, str]:
    """Where, our code, and what it says; never what was sent."""
    return {"field": each.column, "code": each.code, "message": sentence(each.code, each.params)}


def invalid(field: str, code: str, message: str) -> Refusal:
    return Refusal(422, "invalid", message, errors=[{"field": field, "code": code, "message": message}])
