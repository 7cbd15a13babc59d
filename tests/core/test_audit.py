"""The audit log is append-only, by the database's own word."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from cs_portal.core.audit import Actor, record
from cs_portal.core.audit_trail import trail
from cs_portal.core.models import AuditEntry
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db


def _entry() -> AuditEntry:
    return record(
        merchant_id=make_merchant().pk,
        actor=Actor("member", "m-1"),
        action="draft.approved",
        target="draft:1",
        now=timezone.now(),
        data={"rule": "r4"},
    )


def test_an_entry_names_actor_action_and_target() -> None:
    entry = AuditEntry.objects.get(pk=_entry().pk)
    assert (entry.actor_kind, entry.actor_id, entry.action, entry.target) == (
        "member",
        "m-1",
        "draft.approved",
        "draft:1",
    )
    assert entry.data == {"rule": "r4"}


def test_an_entry_cannot_be_changed() -> None:
    entry = _entry()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(action="nothing.happened")


def test_an_entry_cannot_be_deleted() -> None:
    entry = _entry()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).delete()


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({}, "audit_of_merchant"),
        ({"action": "draft.approved"}, "audit_of_action"),
        ({"actor": "m-1"}, "audit_of_actor"),
    ],
)
def test_filters_of_the_log_read_an_index_in_the_order_of_the_page(wanted: dict[str, str], index: str) -> None:
    rows = trail(merchant_id=1, action=wanted.get("action", ""), actor=wanted.get("actor", "")).order_by("-id")[:51]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
    plan = rows.explain()
    assert index in plan and "TEMP B-TREE" not in plan and "Sort" not in plan
