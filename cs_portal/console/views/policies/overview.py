"""What is live, and what was live before."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from cs_portal.console.paging import page_of
from cs_portal.console.presenters.policies import rules_view
from cs_portal.console.presenters.policies_changes import changes_view, summary
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view
from cs_portal.core.errors import NotFound
from cs_portal.core.public_ids import as_uuid
from cs_portal.policies.models import RulesetVersion
from cs_portal.policies.selectors import live_version, main_currency, version_by_id, versions, working_copy


@require_safe
@member_view
def overview(request: ConsoleRequest) -> HttpResponse:
    """The live rules as sentences; without any, how to begin."""
    live, copy, currency = live_version(), working_copy(), main_currency()
    context: dict[str, Any] = {"section": "policies", "tab": "rules", "live": live, "copy": copy}
    if live is not None:
        context["rules"] = rules_view(live.document, currency, action=request.GET.get("action", ""))
        context["pending"] = changes_view(live.document, copy.document, currency) if copy else None
    return render(request, "console/policies/overview.html", context)


@require_safe
@member_view
def version_list(request: ConsoleRequest) -> HttpResponse:
    page = page_of(versions(), by=("-number",), request=request, size=30)
    page.rows[:] = [{"version": row, "changes": summary(row.changes)} for row in page.rows]
    return render(request, "console/policies/versions.html", {"section": "policies", "tab": "versions", "page": page})


@require_safe
@member_view
def version(request: ConsoleRequest, version_id: UUID) -> HttpResponse:
    row, live = version_by_id(version_id=version_id), live_version()
    context = {
        "section": "policies",
        "tab": "versions",
        "version": row,
        "live": live,
        "rules": rules_view(row.document, main_currency(), action=request.GET.get("action", "")),
    }
    return render(request, "console/policies/version.html", context)


@require_safe
@member_view
def export(request: ConsoleRequest, version_id: UUID) -> HttpResponse:
    """The version as JSON, as an import takes it."""
    row = version_by_id(version_id=version_id)
    return json_file({**row.document, "version": row.number}, f"{slugify(row.name) or 'rules'}-v{row.number}.json")


@require_safe
@member_view
def export_working_copy(request: ConsoleRequest) -> HttpResponse:
    copy = working_copy()
    if copy is None:
        raise NotFound
    return json_file(copy.document, f"{slugify(copy.document['name']) or 'rules'}-draft.json")


def json_file(document: dict[str, Any], name: str) -> HttpResponse:
    written = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    response = HttpResponse(written, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
@member_view
def comparison(request: ConsoleRequest) -> HttpResponse:
    """Two versions beside each other; ``from`` and ``to`` in the URL, the last two where they are left out."""
    choices = list(versions()[:100])
    copy = working_copy()
    before = _chosen(request.GET.get("from", ""), choices, 1)
    after = None if copy and request.GET.get("to") == "working" else _chosen(request.GET.get("to", ""), choices, 0)
    context: dict[str, Any] = {
        "section": "policies",
        "tab": "versions",
        "choices": choices,
        "copy": copy,
        "before": before,
        "after": after,
    }
    document = after.document if after else copy.document if copy else None
    if before is not None and document is not None:
        context["changes"] = changes_view(before.document, document, main_currency())
    return render(request, "console/policies/compare.html", context)


def _chosen(public_id: str, choices: list[RulesetVersion], otherwise: int) -> RulesetVersion | None:
    """The version named; a name that is none of the merchant's counts like none at all."""
    if wanted := as_uuid(public_id):
        with suppress(NotFound):
            return version_by_id(version_id=wanted)
    fallback = choices[otherwise : otherwise + 1] or choices[:1]
    return version_by_id(version_id=fallback[0].public_id) if fallback else None
