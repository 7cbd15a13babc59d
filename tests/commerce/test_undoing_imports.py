"""Taking an import back: as a whole, unless something happened to its rows since; and what it says then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cs_portal.commerce.connectors import local
from cs_portal.commerce.connectors.base import Action
from cs_portal.commerce.imports.columns import template_csv
from cs_portal.commerce.models import ImportChange, ImportRun, Order, OrderEvent, Product, Refund, Shopper, Variant
from cs_portal.commerce.selectors import order_document, product_document
from cs_portal.commerce.services.import_traces import forget_in_imports
from cs_portal.commerce.services.imports import confirm_import, start_import
from cs_portal.commerce.services.undoing_imports import UNDO_FOR, can_be_undone, undo_import
from cs_portal.core.errors import Conflict, NotAllowed, NotFound
from cs_portal.core.models import AuditEntry, Job
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.merchants.models import Member, Role
from tests.factories import make_conversation, make_draft, make_member, make_merchant, make_order, make_product

pytestmark = pytest.mark.django_db

HEADER = "id,title_en,variant_id,price_minor,currency,stock\n"


@pytest.fixture
def owner() -> Iterator[Member]:
    merchant = make_merchant()
    with scope(merchant=merchant):
        yield make_member(merchant, Role.OWNER)


def _import(owner: Member, text: str, kind: str = "products") -> ImportRun:
    now = timezone.now()
    run = start_import(kind=kind, file_name="file", blocks=[text.encode()], by=owner, now=now)
    confirm_import(run_id=run.public_id, by=owner, now=now)
    run_due(["bulk"], keep=False)
    run.refresh_from_db()
    assert run.state == "done"
    return run


def _undo(owner: Member, run: ImportRun) -> ImportRun:
    undo_import(run_id=run.public_id, by=owner, now=timezone.now())
    run_due(["bulk"], keep=False)
    run.refresh_from_db()
    assert run.state == "undone"
    return run


def _everything() -> str:
    """All rows but the history, which is never rewritten, and versions, which only grow."""
    orders = Order.objects.order_by("number").prefetch_related("lines", "payments", "refunds", "shipments")
    documents: list[Any] = [order_document(order) for order in orders]
    documents += [product_document(product) for product in Product.objects.order_by("external_id")]
    shoppers = Shopper.objects.order_by("external_id")
    documents += list(shoppers.values("external_id", "name", "email", "phone", "locale", "tags", "created_at"))
    refunded = list(Order.objects.order_by("number").values_list("number", "paid_minor", "refunded_minor"))
    return json.dumps([documents, refunded], default=str, sort_keys=True)


def test_what_an_import_made_goes_and_what_it_changed_is_as_it_was(owner: Member) -> None:
    make_product(owner.merchant, external_id="p-0", title_en="Old", category="kitchen", tags=["new"])
    before = _everything()
    run = _import(owner, HEADER + "p-0,New,v-a,100,CNY,1\np-0,,v-b,200,CNY,0\np-1,Mug,v-1,1,CNY,1\n")
    assert before != _everything()
    _undo(owner, run)
    assert (_everything(), run.undone, run.kept) == (before, 2, 0)
    assert ImportChange.objects.count() == 0
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions[-2:] == ["import.undo_asked", "import.undone"]


def test_three_imports_are_taken_back_one_after_the_other(owner: Member) -> None:
    before = _everything()
    runs = [_import(owner, template_csv(kind), kind) for kind in ("products", "shoppers", "orders")]
    for run in reversed(runs):
        run = _undo(owner, run)
        assert (run.undone, run.kept) == (1, 0)
    assert _everything() == before


def test_an_order_gets_its_lines_money_and_refunds_back(owner: Member) -> None:
    for kind in ("products", "shoppers", "orders"):
        _import(owner, template_csv(kind), kind)
    before = _everything()
    order = order_document(Order.objects.get())
    order |= {"status": "returned", "note": "Changed", "lines": [{**order["lines"][0], "quantity": 3}]}
    order["refunds"] = [
        *order["refunds"],
        {"id": "r-9", "payments": [{"id": "pay-1", "amount_minor": 100}], "created_at": "2026-11-07T10:00:00+08:00"},
    ]
    version = Order.objects.get().version
    run = _import(owner, json.dumps(order), "orders")
    assert Refund.objects.count() == 2
    _undo(owner, run)
    assert (_everything(), Refund.objects.count()) == (before, 1)
    assert Order.objects.get().version > version
    last = OrderEvent.objects.order_by("id").last()
    assert last is not None
    assert (last.status_after, last.source, last.by) == ("delivered", "import", str(run.public_id))


def test_what_happened_to_a_row_since_keeps_it_and_is_said(owner: Member) -> None:
    run = _import(owner, HEADER + "".join(f"p-{n},Mug {n},v-{n},1,CNY,1\n" for n in range(4)))
    Product.objects.filter(external_id="p-1").update(title_en="Renamed since")
    Product.objects.get(external_id="p-2").delete()
    order = make_order(owner.merchant)
    order.lines.update(product="p-3")
    _undo(owner, run)
    assert (run.undone, run.kept) == (1, 3)
    assert dict(run.changes.values_list("key", "kept")) == {"p-1": "changed", "p-2": "gone", "p-3": "used"}
    assert set(Product.objects.values_list("external_id", flat=True)) >= {"p-1", "p-3"}
    assert not Product.objects.filter(external_id="p-0").exists()


def test_money_given_back_since_keeps_the_order(owner: Member) -> None:
    for kind in ("products", "shoppers"):
        _import(owner, template_csv(kind), kind)
    run = _import(owner, template_csv("orders"), "orders")
    order = Order.objects.get()
    shares = [{"id": "pay-1", "amount_minor": 1}]
    local.execute(Action(kind="refund", order_id=order.pk, key="k", payments=shares), now=timezone.now())
    _undo(owner, run)
    assert (run.undone, run.kept, Order.objects.count(), Refund.objects.count()) == (0, 1, 1, 2)


def test_a_conversation_keeps_its_shopper_and_a_draft_its_order(owner: Member) -> None:
    shoppers = _import(owner, template_csv("shoppers"), "shoppers")
    orders = _import(owner, template_csv("orders"), "orders")
    conversation = make_conversation(owner.merchant, shopper=Shopper.objects.get())
    make_draft(owner.merchant, conversation=conversation, order=Order.objects.get())
    assert [(run.undone, run.kept) for run in (_undo(owner, orders), _undo(owner, shoppers))] == [(0, 1), (0, 1)]
    assert (Order.objects.count(), Shopper.objects.count()) == (1, 1)


def test_a_variant_that_moved_on_keeps_its_product(owner: Member) -> None:
    run = _import(owner, HEADER + "p-1,Mug,v-1,1,CNY,5\n")
    Variant.objects.update(stock=4)
    _undo(owner, run)
    assert (run.kept, Variant.objects.get().stock) == (1, 4)


def test_a_killed_worker_leaves_whole_chunks_and_the_next_goes_on(
    owner: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cs_portal.commerce.services import undoing_imports

    run = _import(owner, HEADER + "".join(f"p-{n},Mug {n},v-{n},1,CNY,1\n" for n in range(25)))
    monkeypatch.setattr(undoing_imports, "CHUNK", 10)
    undo, calls = undoing_imports._undo, []

    def breaks(*args: Any, **how: Any) -> str:
        calls.append(args)
        if len(calls) == 15:
            raise RuntimeError
        return undo(*args, **how)

    monkeypatch.setattr(undoing_imports, "_undo", breaks)
    undo_import(run_id=run.public_id, by=owner, now=timezone.now())
    run_due(["bulk"], keep=False)
    run.refresh_from_db()
    assert (run.state, run.undone, Product.objects.count()) == ("undoing", 10, 15)
    Job.objects.filter(kind="undo_import").update(execute_after=timezone.now() - timedelta(seconds=1))
    run_due(["bulk"], keep=False)
    run.refresh_from_db()
    assert (run.state, run.undone, Product.objects.count()) == ("undone", 25, 0)


def test_who_may_and_when(owner: Member) -> None:
    run = _import(owner, HEADER + "p-1,Mug,v-1,1,CNY,5\n")
    now = timezone.now()
    with pytest.raises(NotAllowed):
        undo_import(run_id=run.public_id, by=make_member(owner.merchant, Role.OPERATOR), now=now)
    other = make_merchant()
    with scope(merchant=other), pytest.raises(NotFound):
        undo_import(run_id=run.public_id, by=make_member(other, Role.OWNER), now=now)
    assert can_be_undone(run, now=now)
    with pytest.raises(Conflict):
        undo_import(run_id=run.public_id, by=owner, now=now + UNDO_FOR)
    undo_import(run_id=run.public_id, by=owner, now=now)
    undo_import(run_id=run.public_id, by=owner, now=now)
    assert Job.objects.filter(kind="undo_import").count() == 1
    run_due(["bulk"], keep=False)
    assert undo_import(run_id=run.public_id, by=owner, now=now).state == "undone"


def test_an_import_that_changed_nothing_leaves_nothing_to_take_back(owner: Member) -> None:
    _import(owner, HEADER + "p-1,Mug,v-1,1,CNY,5\n")
    again = _import(owner, HEADER + "p-1,Mug,v-1,1,CNY,5\n")
    with pytest.raises(Conflict):
        undo_import(run_id=again.public_id, by=owner, now=timezone.now())


def test_what_is_remembered_goes_in_time_and_with_its_shopper(owner: Member) -> None:
    _import(owner, template_csv("shoppers"), "shoppers")
    _import(owner, template_csv("orders"), "orders")
    _import(owner, json.dumps({"id": "s-17", "name": "Renamed"}), "shoppers")
    order = {**order_document(Order.objects.get()), "note": "Changed"}
    _import(owner, json.dumps(order), "orders")
    assert "Li Wei" in json.dumps(list(ImportChange.objects.values_list("before", flat=True)))
    forget_in_imports({"s-17"})
    left = json.dumps(list(ImportChange.objects.values_list("before", flat=True)))
    assert "Li Wei" not in left
    assert "s-17" not in left
    assert ImportChange.objects.exists()
    ImportRun.objects.update(created_at=timezone.now() - UNDO_FOR)
    Job.objects.filter(kind="forget_import_changes").update(execute_after=timezone.now())
    run_due(["bulk"], keep=False)
    assert not ImportChange.objects.exists()


def test_a_row_that_cannot_be_put_back_stays_and_stops_no_other(owner: Member) -> None:
    _import(owner, HEADER + "p-1,Mug,v-a,100,CNY,1\np-1,,v-b,100,CNY,1\n")
    run = _import(owner, HEADER + "p-1,Mug,v-a,100,CNY,1\np-3,Other,v-z,5,CNY,1\n")  # takes v-b from p-1
    _import(owner, HEADER + "p-2,Cup,v-b,100,CNY,1\n")
    _undo(owner, run)
    assert (run.undone, run.kept) == (1, 1)
    assert dict(run.changes.values_list("key", "kept")) == {"p-1": "blocked"}
    assert set(Variant.objects.values_list("external_id", "product__external_id")) == {("v-a", "p-1"), ("v-b", "p-2")}
