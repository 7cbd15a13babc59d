"""A merchant's rows are reached within its scope, or not at all — also where django-scopes lets queries pass."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from cs_portal.commerce.models import Order, Shopper
from cs_portal.core.errors import NotFound
from cs_portal.core.tenancy import ForeignTenant, ScopeError, scope, scopes_disabled
from cs_portal.core.triggers import tenant_references
from cs_portal.knowledge.models import Faq
from tests.factories import make_merchant, make_order, make_shopper

pytestmark = pytest.mark.django_db

UNSCOPED: dict[str, Callable[[], object]] = {
    "all": lambda: list(Shopper.objects.all()),
    "exists": lambda: Shopper.objects.filter(name="x").exists(),
    "exists on manager": lambda: Shopper.objects.exists(),
    "count": lambda: Shopper.objects.count(),
    "explain": lambda: Shopper.objects.all().explain(),
    "bulk_create": lambda: Shopper.objects.bulk_create([]),
    "bulk_update": lambda: Shopper.objects.bulk_update([], ["name"]),
    "create": lambda: Shopper.objects.create(name="x"),
    "update": lambda: Shopper.objects.update(name="x"),
    "delete": lambda: Shopper.objects.all().delete(),
    "aggregate": lambda: Shopper.objects.aggregate(),
    "iterator": lambda: list(Shopper.objects.iterator()),
    "in_bulk": lambda: Shopper.objects.in_bulk(),
    "raw": lambda: list(Shopper.objects.raw("select * from commerce_shopper")),
    "none": lambda: Shopper.objects.none().exists(),
    "using": lambda: Shopper.objects.using("default").exists(),
    "union": lambda: list(Shopper.objects.union(Shopper.objects.all())),
    "base manager": lambda: Shopper._base_manager.exists(),
    "default manager": lambda: Shopper._default_manager.exists(),
}


@pytest.mark.parametrize("query", UNSCOPED.values(), ids=UNSCOPED.keys())
def test_an_unscoped_query_raises(query: Callable[[], object]) -> None:
    with pytest.raises(ScopeError):
        query()


def test_rows_of_another_merchant_are_not_seen() -> None:
    ours, theirs = make_merchant(), make_merchant()
    make_shopper(theirs, name="Not ours")
    mine = make_shopper(ours, name="Ours")
    with scope(merchant=ours):
        assert list(Shopper.objects.all()) == [mine]
        assert Shopper.objects.filter(name="Not ours").count() == 0
        assert not Shopper.objects.filter(name="Not ours").update(name="taken")


def test_by_public_id_of_another_merchant_is_not_found() -> None:
    ours, theirs = make_merchant(), make_merchant()
    foreign = make_shopper(theirs)
    with scope(merchant=ours), pytest.raises(NotFound):
        Shopper.by_public_id(foreign.public_id)


def test_a_foreign_key_is_not_traversed_without_scope() -> None:
    order = make_order(make_merchant())
    with scopes_disabled():
        bare = Order.objects.get(pk=order.pk)
    with pytest.raises(ScopeError):
        _ = bare.shopper


def test_a_foreign_key_is_not_traversed_into_another_merchant() -> None:
    order = make_order(make_merchant())
    with scopes_disabled():
        bare = Order.objects.get(pk=order.pk)
    with scope(merchant=make_merchant()), pytest.raises(Shopper.DoesNotExist):
        _ = bare.shopper


def test_a_related_manager_needs_the_scope() -> None:
    order = make_order(make_merchant())
    with pytest.raises(ScopeError):
        order.lines.exists()


def test_saving_outside_of_any_scope_raises() -> None:
    shopper = make_shopper(make_merchant())
    shopper.name = "changed"
    with pytest.raises(ScopeError):
        shopper.save()
    with pytest.raises(ScopeError):
        shopper.delete()
    with pytest.raises(ScopeError):
        shopper.refresh_from_db()


def test_saving_in_another_merchants_scope_raises() -> None:
    shopper = make_shopper(make_merchant())
    with scope(merchant=make_merchant()), pytest.raises(ForeignTenant):
        shopper.save()


def test_bulk_creation_checks_every_row() -> None:
    ours, theirs = make_merchant(), make_merchant()
    rows = [Shopper(merchant=theirs, created_at="2026-01-01T00:00:00Z")]
    with scope(merchant=ours), pytest.raises(ForeignTenant):
        Shopper.objects.bulk_create(rows)


def test_the_merchant_comes_from_the_scope() -> None:
    merchant = make_merchant()
    with scope(merchant=merchant):
        faq = Faq.objects.create(key="k", updated_at="2026-01-01T00:00:00Z")
    assert faq.merchant_id == merchant.pk


def test_the_database_refuses_a_child_of_another_merchant() -> None:
    ours, theirs = make_merchant(), make_merchant()
    order, stranger = make_order(ours), make_shopper(theirs)
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="another merchant"), transaction.atomic():
        cursor.execute("UPDATE commerce_order SET shopper_id = %s WHERE id = %s", [stranger.pk, order.pk])


def test_the_database_refuses_to_move_a_child_to_another_merchant() -> None:
    ours, theirs = make_merchant(), make_merchant()
    order = make_order(ours)
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="another merchant"), transaction.atomic():
        cursor.execute("UPDATE commerce_order SET merchant_id = %s WHERE id = %s", [theirs.pk, order.pk])


def test_a_row_without_parents_cannot_move_either() -> None:
    ours, theirs = make_merchant(), make_merchant()
    shopper = make_shopper(ours)
    with scope(merchant=ours), pytest.raises(DatabaseError, match="another merchant"), transaction.atomic():
        Shopper.objects.filter(pk=shopper.pk).update(merchant=theirs)


def test_every_reference_between_rows_of_merchants_is_guarded() -> None:
    names = {f"{model._meta.db_table}.{field.column}" for model, field in tenant_references()}
    assert {"drafting_draft.order_id", "conversations_message.conversation_id", "commerce_refund.order_id"} <= names
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'tenant_%%'")
            expected = 2 * len(names)
        else:
            cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'tenant_%%'")
            expected = len(names)
        assert cursor.fetchone()[0] == expected


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_rebuilds_a_guarded_table_finds_no_trigger_in_its_way() -> None:
    """SQLite refuses to rebuild a table that a trigger of another table mentions."""
    call_command("migrate", "drafting", "0002", verbosity=0)
    call_command("migrate", verbosity=0)  # all of them: apps that refer to drafts were rolled back, too
    test_every_reference_between_rows_of_merchants_is_guarded()
