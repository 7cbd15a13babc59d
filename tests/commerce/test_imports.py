"""Runs: checked, confirmed, written in chunks; exactly once, whatever is killed in between."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from cs_portal.commerce.connectors import local
from cs_portal.commerce.connectors.base import Action
from cs_portal.commerce.imports.columns import template_csv
from cs_portal.commerce.models import ImportRun, Order, OrderAction, Payment, Product, Refund, Shopper, Variant
from cs_portal.commerce.selectors import order_document, orders_of, product_document
from cs_portal.commerce.services import actions, importing, imports
from cs_portal.commerce.services.import_traces import forget_old_uploads
from cs_portal.commerce.services.importing import apply_import, check_import, fail_import
from cs_portal.commerce.services.imports import confirm_import, discard_import, start_import
from cs_portal.conversations import search
from cs_portal.core.audit import Actor
from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from cs_portal.core.jobs import LeaseLost, lease_next
from cs_portal.core.models import AuditEntry, Job
from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.merchants.models import Member, Merchant, Role
from tests.commerce.shops import make_shop_order, variant_of
from tests.factories import make_conversation, make_member, make_merchant, make_order, make_product, make_shopper

pytestmark = pytest.mark.django_db

HEADER = "id,title_en,variant_id,price_minor,currency,stock\n"


@pytest.fixture
def merchant() -> Iterator[Merchant]:
    made = make_merchant()
    with scope(merchant=made):
        yield made


@pytest.fixture
def owner(merchant: Merchant) -> Member:
    return make_member(merchant, Role.OWNER)


def _uploads() -> list[Path]:
    folder = Path(settings.VAR_DIR) / "imports"
    return sorted(folder.iterdir()) if folder.exists() else []


@pytest.fixture(autouse=True)
def _no_uploads_stay() -> Iterator[None]:
    for path in _uploads():
        path.unlink()
    yield
    for path in _uploads():
        path.unlink()


def _start(owner: Member, text: str, kind: str = "products") -> ImportRun:
    return start_import(kind=kind, file_name="file.csv", blocks=[text.encode()], by=owner, now=timezone.now())


def _import(owner: Member, text: str, kind: str = "products") -> ImportRun:
    run = _start(owner, text, kind)
    run_due(["bulk"], keep=False)
    confirm_import(run_id=run.public_id, by=owner, now=timezone.now())
    assert run_due(["bulk"], keep=False) >= 1
    run.refresh_from_db()
    return run


def _counts(run: ImportRun) -> tuple[int, int, int, int]:
    return run.created, run.updated, run.unchanged, run.refused


def _rows(count: int, start: int = 0) -> str:
    return HEADER + "".join(f"p-{n},Mug {n},v-{n},4300,CNY,3\n" for n in range(start, start + count))


def test_checking_says_what_would_happen_and_writes_nothing(owner: Member) -> None:
    make_product(owner.merchant, external_id="p-0", title_en="Old")
    run = _start(owner, _rows(3) + "p-9,Bad,v-9,-1,CNY,3\n")
    assert (run.state, run.records, _counts(run)) == ("ready", 4, (2, 1, 0, 1))
    assert run.problems == [{"line": 5, "column": "price_minor", "code": "negative", "params": {"least": "0"}}]
    assert run.preview[0][1]["title_en"] == "Mug 0"
    assert list(Product.objects.values_list("title_en", flat=True)) == ["Old"]
    (upload,) = _uploads()
    assert upload.stat().st_mode & 0o777 == 0o600


def test_a_confirmed_file_is_written_once_reported_and_deleted(owner: Member) -> None:
    run = _import(owner, _rows(3) + "p-9,Bad,v-9,-1,CNY,3\n")
    assert (run.state, run.cursor, _counts(run), run.problems_count) == ("done", 4, (3, 0, 0, 1), 1)
    assert Product.objects.count() == Variant.objects.count() == 3
    assert (_uploads(), run.token) == ([], "")
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert actions == ["import.uploaded", "import.confirmed", "import.finished"]
    again = _import(owner, _rows(3))
    assert _counts(again) == (0, 0, 3, 0)


def test_products_are_replaced_by_what_the_file_says_and_keep_what_it_leaves_out(owner: Member) -> None:
    product = make_product(owner.merchant, external_id="p-0", category="kitchen", description_en="Nice", tags=["new"])
    run = _import(owner, HEADER + "p-0,New mug,v-a,100,CNY,1\np-0,,v-b,200,CNY,0\n")
    assert _counts(run) == (0, 1, 0, 0)
    product.refresh_from_db()
    assert (product.title_en, product.category, product.description_en) == ("New mug", "kitchen", "Nice")
    assert product.title_zh == ""
    assert sorted(product.variants.values_list("external_id", flat=True)) == ["v-a", "v-b"]


def test_a_variant_of_another_product_is_refused(owner: Member) -> None:
    product = make_product(owner.merchant)
    variant = Variant.objects.get(product=product)
    rows = f"p-new,Mug,{variant.external_id},1,CNY,1\np-x,Pot,v-x,1,CNY,1\np-y,Pan,v-x,1,CNY,1\n"
    run = _import(owner, HEADER + rows)
    assert [(p["line"], p["column"], p["code"]) for p in run.problems] == [
        (2, "variant_id", "variant_elsewhere"),
        (4, "variant_id", "variant_elsewhere"),
    ]
    variant.refresh_from_db()
    assert (variant.product_id, _counts(run)) == (product.pk, (1, 0, 0, 2))


def test_the_same_ids_at_another_merchant_are_not_touched(owner: Member) -> None:
    other = make_merchant()
    theirs = make_product(other, external_id="p-0", title_en="Theirs")
    shopper = make_shopper(other, "s-1")
    assert _counts(_import(owner, _rows(1))) == (1, 0, 0, 0)
    run = _import(owner, template_csv("orders").replace("s-17", "s-1"), "orders")
    assert [problem["code"] for problem in run.problems] == ["unknown_shopper"]
    with scope(merchant=other):
        theirs.refresh_from_db()
        assert (theirs.title_en, Product.objects.count(), orders_of(shopper=shopper).count()) == ("Theirs", 1, 0)


def test_the_templates_go_in_one_after_the_other(owner: Member) -> None:
    for kind in ("products", "shoppers", "orders"):
        assert _counts(_import(owner, template_csv(kind), kind)) == (1, 0, 0, 0)
        assert _counts(_import(owner, template_csv(kind), kind)) == (0, 0, 1, 0)
    order = orders_of(shopper=Shopper.objects.get()).get()
    assert (order.paid_minor, order.refunded_minor, order.utc_offset_minutes) == (9600, 4300, 480)
    assert order.payments.get().refunded_minor == 4300


def test_what_goes_out_as_canonical_json_comes_in_unchanged(owner: Member) -> None:
    product = make_product(owner.merchant)
    order = make_order(owner.merchant, now=timezone.now().replace(microsecond=0))
    local.execute(
        Action("refund", order.pk, "k-1", payments=[{"id": "pay-1", "amount_minor": 100}]), now=timezone.now()
    )
    for kind, document in (
        ("products", product_document(product)),
        ("orders", order_document(orders_of(shopper=order.shopper).get())),
    ):
        assert _counts(_import(owner, json.dumps(document), kind)) == (0, 0, 1, 0)


def _orders(owner: Member, change: dict[str, object] | None = None) -> str:
    """The template's order as JSON, with ``change``."""
    order = Order.objects.get(number="10533")
    return json.dumps(order_document(order) | (change or {}))


def test_an_order_grows_and_its_version_tells(owner: Member) -> None:
    _import(owner, template_csv("shoppers"), "shoppers")
    _import(owner, template_csv("orders"), "orders")
    run = _import(owner, _orders(owner, {"status": "closed", "note": "done"}), "orders")
    order = Order.objects.get(number="10533")
    assert (_counts(run), order.status, order.note, order.version) == ((0, 1, 0, 0), "closed", "done", 2)


def test_money_given_back_here_does_not_vanish_by_an_import(owner: Member) -> None:
    _import(owner, template_csv("shoppers"), "shoppers")
    _import(owner, template_csv("orders"), "orders")
    before = _orders(owner)
    order = Order.objects.get(number="10533")
    local.execute(
        Action("refund", order.pk, "k-1", payments=[{"id": "pay-1", "amount_minor": 5000}]), now=timezone.now()
    )
    _import(owner, before, "orders")
    order.refresh_from_db()
    assert (order.refunded_minor, order.payments.get().refunded_minor, order.refunds.count()) == (9300, 9300, 2)
    less = json.loads(before) | {"note": "x", "payments": [json.loads(before)["payments"][0] | {"amount_minor": 5000}]}
    run = _import(owner, json.dumps(less), "orders")
    assert [problem["code"] for problem in run.problems] == ["refund_exceeds_payment"]
    order.refresh_from_db()
    assert (order.paid_minor, order.note) == (9600, "")


def test_a_file_that_says_the_same_again_reverts_nothing(owner: Member) -> None:
    _import(owner, template_csv("shoppers"), "shoppers")
    text = template_csv("orders")
    _import(owner, text, "orders")
    Order.objects.update(status="cancelled", cancelled_at=timezone.now())
    assert (checked := _start(owner, text, "orders")).updated == 0 < checked.unchanged
    again = _import(owner, text, "orders")
    assert again.updated == 0 < again.unchanged
    assert Order.objects.get(number="10533").status == "cancelled"
    # A file that says something else is news.
    assert _import(owner, text.replace("1 Mug Road", "2 Mug Road"), "orders").updated == 1
    assert Order.objects.get(number="10533").status != "cancelled"


def test_a_file_that_changed_nothing_is_known_when_it_comes_again(owner: Member) -> None:
    _import(owner, template_csv("shoppers"), "shoppers")
    _import(owner, template_csv("orders"), "orders")
    text = _orders(owner)
    Order.objects.update(file_digest="")
    assert _counts(_import(owner, text, "orders")) == (0, 0, 1, 0)
    Order.objects.update(note="Ring twice")
    assert _counts(_import(owner, text, "orders")) == (0, 0, 1, 0)
    assert Order.objects.get(number="10533").note == "Ring twice"


def test_an_order_does_not_move_to_another_shopper(owner: Member) -> None:
    _import(owner, template_csv("shoppers"), "shoppers")
    _import(owner, template_csv("orders"), "orders")
    make_shopper(owner.merchant, "s-18")
    run = _import(owner, _orders(owner, {"shopper": "s-18"}), "orders")
    assert [problem["code"] for problem in run.problems] == ["other_shopper"]


def _done(order: Order, kind: str, key: str, **request: object) -> OrderAction:
    order = Order.objects.select_related("shopper").get(pk=order.pk)
    row = actions.propose_action(
        key=key,
        kind=kind,
        request=request,
        verdict={"outcome": "allow", "amount_minor": 0, "payments": []},
        order=order,
        shopper=order.shopper,
        now=timezone.now(),
    )
    actions.approve_action(action=row, by=Actor("member", "olaf"), now=timezone.now())
    return actions.carry_out(action=row, now=timezone.now())


def _told(order: Order, **change: object) -> str:
    return json.dumps(order_document(Order.objects.get(pk=order.pk)) | change)


def test_cancelled_pieces_that_were_never_paid_stay_so(owner: Member) -> None:
    order = make_shop_order(status="pending")
    Payment.objects.filter(order=order).update(captured_at=None)
    Order.objects.filter(pk=order.pk).update(paid_minor=0, paid_at=None)
    _done(order, "cancel", "k-1", lines=[{"id": "l-1", "quantity": 1}])
    _import(owner, _told(order, note="x"), "orders")
    assert order.lines.get().cancelled_quantity == 1
    lines = json.loads(_told(order))["lines"]
    _import(owner, _told(order, lines=[lines[0] | {"id": "l-9"}]), "orders")
    _import(owner, _told(order, lines=lines), "orders")
    assert order.lines.get().cancelled_quantity == 1, "not even where the line was away"
    order.lines.update(cancelled_quantity=2)
    _import(owner, _told(order, note="y"), "orders")
    assert order.lines.get().cancelled_quantity == 2, "the line alone tells"


def test_a_currency_stays_once_money_moved(owner: Member) -> None:
    order = make_shop_order()
    run = _import(owner, _told(order, currency="JPY"), "orders")
    assert [(problem["column"], problem["code"]) for problem in run.problems] == [("currency", "other_currency")]
    order.refresh_from_db()
    assert order.currency == "CNY"
    Payment.objects.filter(order=order).update(captured_at=None)
    Order.objects.filter(pk=order.pk).update(paid_minor=0, paid_at=None)
    assert _counts(_import(owner, _told(order, currency="JPY"), "orders")) == (0, 1, 0, 0)


def test_a_payment_that_was_taken_here_stays(owner: Member) -> None:
    order = make_shop_order()
    payments = json.loads(_told(order))["payments"]
    _done(order, "exchange", "k-1", lines=[{"id": "l-1", "quantity": 1, "to_variant": variant_of(order, 1, "b")}])
    assert Order.objects.get(pk=order.pk).paid_minor == 9600
    _import(owner, _told(order, payments=payments, note="x"), "orders")
    assert _counts(_import(owner, _told(order, payments=payments), "orders")) == (0, 0, 1, 0)
    order.refresh_from_db()
    assert (order.paid_minor, order.note) == (9600, "x")
    assert set(order.payments.values_list("external_id", "amount_minor")) == {("pay-1", 8600), ("pay-2", 1000)}
    # The shop tells of the same money by a name of its own: it is not counted twice.
    own = {**payments[0], "id": "txn-7", "amount_minor": 1000}
    _import(owner, _told(order, payments=[*payments, own]), "orders")
    order.refresh_from_db()
    assert (order.paid_minor, order.payments.count()) == (9600, 2)


def test_a_killed_worker_is_followed_by_one_that_goes_on_where_it_was(
    owner: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 10)
    run = _start(owner, _rows(35))
    now = timezone.now()
    confirm_import(run_id=run.public_id, by=owner, now=now)
    first = lease_next(["bulk"], owner="killed", now=now)
    assert first is not None
    ticks = iter(range(100))

    def killed() -> object:
        if next(ticks) == 2:
            raise SystemExit
        return timezone.now()

    with pytest.raises(SystemExit):
        apply_import(lease=first, run_id=run.pk, clock=killed)
    run.refresh_from_db()
    assert (run.cursor, run.created, Product.objects.count()) == (20, 20, 20)
    second = lease_next(["bulk"], owner="next", now=now + timedelta(minutes=5))
    assert second is not None
    with pytest.raises(LeaseLost):
        apply_import(lease=first, run_id=run.pk, clock=timezone.now)
    assert Product.objects.count() == 20
    apply_import(lease=second, run_id=run.pk, clock=timezone.now)
    run.refresh_from_db()
    assert (run.state, run.cursor, _counts(run)) == ("done", 35, (35, 0, 0, 0))
    assert Product.objects.count() == 35
    with pytest.raises(LeaseLost):
        apply_import(lease=second, run_id=run.pk, clock=timezone.now)


def test_a_chunk_that_fails_leaves_nothing_of_itself(owner: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK", 10)
    run = _start(owner, _rows(25))
    confirm_import(run_id=run.pk and run.public_id, by=owner, now=timezone.now())
    written = importing.settle

    def breaks(kind: str, items: list, **how: object):
        tally = written(kind, items, **how)
        if items[0][1]["id"] == "p-10":
            raise RuntimeError
        return tally

    monkeypatch.setattr(importing, "settle", breaks)
    run_due(["bulk"], keep=False)
    run.refresh_from_db()
    assert (run.state, run.cursor, run.created, Product.objects.count()) == ("running", 10, 10, 10)
    assert Job.objects.get(kind="apply_import").state == "ready"


def test_a_large_file_is_checked_in_the_background(owner: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "AT_ONCE_BYTES", 10)
    run = _start(owner, _rows(3))
    assert (run.state, run.records) == ("checking", 0)
    with pytest.raises(Conflict):
        confirm_import(run_id=run.public_id, by=owner, now=timezone.now())
    run_due(["bulk"], keep=False)
    run.refresh_from_db()
    assert (run.state, run.records, run.created) == ("ready", 3, 3)


def test_confirming_twice_is_one_wish_and_a_discarded_file_is_gone(owner: Member) -> None:
    run = _start(owner, _rows(1))
    for _ in range(2):
        confirm_import(run_id=run.public_id, by=owner, now=timezone.now())
    assert Job.objects.filter(kind="apply_import").count() == 1
    with pytest.raises(Conflict):
        discard_import(run_id=run.public_id, by=owner, now=timezone.now())
    other = _start(owner, _rows(1))
    assert discard_import(run_id=other.public_id, by=owner, now=timezone.now()).state == "discarded"
    assert len(_uploads()) == 1
    with pytest.raises(Conflict):
        confirm_import(run_id=other.public_id, by=owner, now=timezone.now())


@pytest.mark.parametrize(("text", "kind"), [("", "products"), ("PK\x03\x04", "products"), (_rows(1), "refunds")])
def test_what_cannot_be_read_leaves_nothing_behind(owner: Member, text: str, kind: str) -> None:
    with pytest.raises(Invalid):
        _start(owner, text, kind)
    assert (ImportRun.objects.count(), _uploads(), AuditEntry.objects.count()) == (0, [], 0)


def test_a_file_above_the_limit_leaves_nothing_behind(owner: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cs_portal.commerce.services.uploads.MAX_BYTES", 20)
    with pytest.raises(Invalid):
        _start(owner, _rows(1))
    assert (ImportRun.objects.count(), _uploads()) == (0, [])


def test_a_header_without_rows_cannot_be_confirmed(owner: Member) -> None:
    run = _start(owner, HEADER)
    assert (run.state, _uploads()) == ("refused", [])


def test_too_many_rows_are_refused(owner: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cs_portal.commerce.imports.reading.MAX_LINES", 2)
    run = _start(owner, _rows(3))
    assert (run.state, run.problems[0]["code"]) == ("refused", "too_many_rows")


def test_uploads_that_nobody_confirms_are_forgotten(owner: Member) -> None:
    run = _start(owner, _rows(1))
    forget_old_uploads(now=timezone.now() + timedelta(days=8))
    run.refresh_from_db()
    assert (run.state, run.preview, _uploads()) == ("discarded", [], [])


def test_a_run_that_failed_says_so_and_deletes_its_file(owner: Member) -> None:
    run = _start(owner, _rows(1))
    confirm_import(run_id=run.public_id, by=owner, now=timezone.now())
    fail_import(run_id=run.pk, now=timezone.now())
    run.refresh_from_db()
    assert (run.state, _uploads()) == ("failed", [])
    check_import(run_id=run.pk, now=timezone.now())
    run.refresh_from_db()
    assert run.state == "failed"


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ANALYST])
def test_only_those_who_configure_import(owner: Member, role: str) -> None:
    run, by = _start(owner, _rows(1)), make_member(owner.merchant, role)
    before = AuditEntry.objects.count()
    for call in (
        lambda: _start(by, _rows(1)),
        lambda: confirm_import(run_id=run.public_id, by=by, now=timezone.now()),
        lambda: discard_import(run_id=run.public_id, by=by, now=timezone.now()),
    ):
        with pytest.raises(NotAllowed):
            call()
    run.refresh_from_db()
    assert (run.state, ImportRun.objects.count(), AuditEntry.objects.count()) == ("ready", 1, before)


def test_another_merchants_run_is_not_found(owner: Member) -> None:
    run = _start(owner, _rows(1))
    other = make_merchant()
    stranger = make_member(other, Role.OWNER)
    with scope(merchant=other), pytest.raises(NotFound):
        confirm_import(run_id=run.public_id, by=stranger, now=timezone.now())


def test_imported_orders_are_asked_for_what_goes_together(owner: Member) -> None:
    _import(owner, template_csv("shoppers"), "shoppers")
    assert Job.objects.filter(kind="refresh_pairs").count() == 0
    _import(owner, template_csv("orders"), "orders")
    assert Job.objects.filter(kind="refresh_pairs").exists()
    assert Refund.objects.get().key.startswith("import:")


def test_thousands_of_rows_cost_bounded_work(owner: Member) -> None:
    """A sanity check of speed, in this process's own time: checking and writing are linear and batched."""
    started = time.process_time()
    run = _import(owner, _rows(6_000))
    assert _counts(run) == (6_000, 0, 0, 0)
    assert time.process_time() - started < 20


def test_who_is_renamed_by_an_import_is_found_by_the_new_name(owner: Member) -> None:
    """Their conversations are; nobody runs a command for it."""
    renamed, same = (make_shopper(owner.merchant, key, name="Xaver", email="") for key in ("s-1", "s-2"))
    conversations = [make_conversation(owner.merchant, shopper, texts=["hello"]) for shopper in (renamed, same)]
    search.reindex_all()
    assert len(search.matching("xaver")) == 2
    _import(owner, "id,name,email\ns-1,Zephyrine,\ns-2,Xaver,x@example.com\n", "shoppers")
    assert search.matching("zephyrine") == [conversations[0].pk]
    assert search.matching("xaver") == search.matching("x@example.com") == [conversations[1].pk]
