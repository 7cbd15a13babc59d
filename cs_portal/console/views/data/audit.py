"""The audit log: who did what, found again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cs_portal.console.files import csv_file
from cs_portal.console.forms.settings import AuditFilterForm
from cs_portal.console.paging import page_of
from cs_portal.console.presenters.audit import describe_all
from cs_portal.console.presenters.audit_words import ACTIONS, KINDS, TARGETS
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import configurer
from cs_portal.core.audit_trail import trail
from cs_portal.core.models import AuditEntry
from cs_portal.core.public_ids import as_uuid
from cs_portal.drafting.audited import member_names
from cs_portal.merchants.models import Member
from cs_portal.merchants.services.roles import log

EXPORTED_ROWS = 50_000


@require_safe
@configurer
def audit(request: ConsoleRequest) -> HttpResponse:
    page = page_of(_entries(request), request=request, by=("-id",))
    context = {
        "section": "settings",
        "setting": "audit",
        "page": page,
        "deeds": describe_all(page.rows),
        "actions": sorted(ACTIONS.items(), key=lambda pair: str(pair[1])),
        "targets": sorted(TARGETS.items(), key=lambda pair: str(pair[1])),
        "actors": Member.objects.select_related("user").order_by("user__name"),
        "kinds": [(kind, label) for kind, label in KINDS.items() if kind != "member"],
        "chosen": request.GET,
    }
    return render(request, "console/settings/audit.html", context)


@require_POST
@configurer
def audit_export(request: ConsoleRequest) -> HttpResponse:
    """The filtered log as CSV, newest first, with every id and code. That it was taken is an entry of the log."""
    rows = list(_entries(request).order_by("-id")[:EXPORTED_ROWS])
    log(request.member, "audit.exported", f"merchant:{request.merchant.public_id}", timezone.now(), {"rows": len(rows)})
    names = member_names({actor for row in rows if row.actor_kind == "member" and (actor := as_uuid(row.actor_id))})
    return csv_file(f"audit-{timezone.localdate():%Y-%m-%d}", _table(rows, names))


def _entries(request: ConsoleRequest) -> QuerySet[AuditEntry]:
    form = AuditFilterForm(request.GET)
    form.is_valid()
    wanted = form.cleaned_data
    actor, target = wanted.get("actor", ""), wanted.get("target", "").strip()
    since, until = wanted.get("since"), wanted.get("until")
    return trail(
        merchant_id=request.merchant.pk,
        action=wanted.get("what", ""),
        **{"actor_kind" if actor in KINDS else "actor": actor},
        **{"kind" if target in TARGETS else "target": target},
        since=_midnight(since) if since else None,
        until=_midnight(until + timedelta(days=1)) if until else None,
    )


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _table(rows: list[AuditEntry], names: dict[str, str]) -> Iterator[list[str]]:
    yield [_("Time"), _("Who"), _("Action"), _("Action code"), _("Target"), _("Details")]
    for row in rows:
        actor = names.get(row.actor_id) or str(KINDS.get(row.actor_kind, row.actor_kind))
        words = str(ACTIONS.get(row.action, row.action))
        details = "; ".join(f"{key}={value}" for key, value in sorted(row.data.items()))
        at = timezone.localtime(row.at).isoformat(timespec="seconds")
        yield [at, actor, words, row.action, row.target, details]
