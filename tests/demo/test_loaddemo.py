import json
import stat
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cs_portal.commerce.models import Order, OrderStatus, Product, Refund, Shipment, Shopper, Variant
from cs_portal.commerce.selectors import order_document, product_document, total_minor
from cs_portal.conversations.services import receive_shopper_message, start_conversation
from cs_portal.core.tenancy import scope
from cs_portal.demo.generator import generate
from cs_portal.demo.merchants import FERNHILL
from cs_portal.demo.services import RealMerchantPresent, load_demo
from cs_portal.knowledge.selectors import knowledge_version, published_texts
from cs_portal.merchants.models import Member, Merchant, Role, Storefront, User
from cs_portal.policies.services import decide_request, live_version
from tests.factories import make_merchant

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
SHOP = "http://127.0.0.1:8001"

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    return tmp_path / "demo-accounts.json"


@pytest.fixture
def load(accounts: Path):
    def run(**changes):
        return load_demo(
            **{"seed": 1, "shop_origin": SHOP, "accounts_path": accounts, "now": NOW, "history": False, **changes}
        )

    return run


def fernhill():
    return scope(merchant=Merchant.objects.get(slug="fernhill"))


def snapshot() -> list[tuple]:
    rows: list[tuple] = list(User.objects.order_by("id").values_list("email", "password"))
    for merchant in Merchant.objects.order_by("id"):
        with scope(merchant=merchant):
            for model in (Storefront, Product, Variant, Order, Shopper, Refund, Member):
                rows += list(model.objects.order_by("id").values_list())
            rows.append((knowledge_version(), live_version().number))
    return rows


def test_it_makes_two_merchants_with_everything(load) -> None:
    assert load().created == ("fernhill", "quillmoor")
    with fernhill():
        assert Product.objects.count() >= 120
        assert Shopper.objects.count() >= 300
        assert Order.objects.count() >= 800
        assert set(Order.objects.values_list("status", flat=True)) == set(OrderStatus.values)
        assert len(published_texts()) == 2 * 64
        assert knowledge_version() == 1
        assert Shipment.objects.count() > 200
        storefront = Storefront.objects.get(slug="main")
        assert Storefront.objects.get(slug="international").locale == "en"
        assert storefront.allowed_origins == [SHOP, "http://localhost:8001"]
        assert (storefront.locale, storefront.currency) == ("zh-hans", "CNY")
        assert sorted(Member.objects.values_list("role", flat=True)) == sorted(
            [Role.OWNER, Role.ADMIN, Role.OPERATOR, Role.OPERATOR, Role.ANALYST]
        )
    with scope(merchant=Merchant.objects.get(slug="quillmoor")):
        assert (Product.objects.count(), Shopper.objects.count(), Order.objects.count()) == (8, 6, 12)
        assert Storefront.objects.get().allowed_origins == ["https://shop.quillmoor.example"]
        assert [member.role for member in Member.objects.all()] == [Role.OWNER]


def test_a_second_run_changes_nothing_and_asks_little(load) -> None:
    load()
    before = snapshot()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert load(now=NOW.replace(day=25)).created == ()
    assert snapshot() == before
    assert len(queries) < 15


def test_the_rows_read_back_as_the_documents_they_came_from(load) -> None:
    load()
    store = generate(FERNHILL, seed=1, today=NOW, shop_url=SHOP)
    with fernhill():
        rows = {order.number: order for order in Order.objects.all()}
        assert [order_document(rows[document["number"]]) for document in store.orders] == list(store.orders)
        products = {product.external_id: product for product in Product.objects.all()}
        assert [product_document(products[document["id"]]) for document in store.products] == list(store.products)
        for order in rows.values():
            captured = sum(p.amount_minor for p in order.payments.all() if p.captured_at)
            assert order.paid_minor == captured
            assert sum(p.amount_minor for p in order.payments.all()) == total_minor(order)


def test_the_live_ruleset_decides_on_the_stories(load) -> None:
    load()
    with fernhill():

        def verdict(number: str, **request):
            order = Order.objects.get(number=number)
            document = order_document(order)
            products = Product.objects.filter(external_id__in=[line["product"] for line in document["lines"]])
            decided = decide_request(
                order=document,
                shopper={"id": document["shopper"]},
                products=[product_document(product) for product in products],
                request=request,
                now=NOW,
            )
            return decided.verdict["outcome"], decided.verdict.get("amount_minor")

        broken = {"action": "refund", "reason": "damaged", "lines": [{"id": "l-1", "quantity": 1}]}
        assert verdict("10801", **broken)[0] == "ask"
        assert verdict("10801", **broken, evidence=["photo"]) == ("allow", 4300)
        assert verdict("10803", action="cancel")[0] == "allow"
        assert verdict("10806", action="cancel")[0] == "deny"
        assert verdict("10807", action="return", reason="no_longer_needed")[0] == "deny"
        assert verdict("10808", action="return", reason="no_longer_needed")[0] == "escalate"
        assert verdict("10809", action="refund", reason="damaged", evidence=["photo"])[0] == "escalate"
        assert verdict("10811", action="refund", reason="never_arrived")[0] == "escalate"


def test_a_real_merchant_keeps_it_out(load, accounts: Path) -> None:
    make_merchant("honest-shop")
    with pytest.raises(RealMerchantPresent):
        load()
    assert list(Merchant.objects.values_list("slug", flat=True)) == ["honest-shop"]
    assert not User.objects.exists()
    assert not accounts.exists()


def test_a_real_merchant_keeps_a_reset_out_too(load) -> None:
    load()
    make_merchant("honest-shop")
    before = snapshot_of_demo()
    with pytest.raises(RealMerchantPresent):
        load(reset=True)
    assert snapshot_of_demo() == before


def snapshot_of_demo() -> int:
    with fernhill():
        return Order.objects.count()


def test_the_passwords_work_and_only_their_owner_reads_them(load, accounts: Path) -> None:
    assert load().new_passwords is True
    assert stat.S_IMODE(accounts.stat().st_mode) == 0o600
    rows = json.loads(accounts.read_text("utf-8"))
    assert len(rows) == 6
    assert set(rows[0]) == {"merchant", "role", "name", "email", "password"}
    assert len({row["password"] for row in rows}) == 6
    for row in rows:
        assert User.objects.get(email=row["email"]).check_password(row["password"])


def test_the_passwords_are_drawn_once(load, accounts: Path) -> None:
    load()
    before = accounts.read_text("utf-8")
    assert load().new_passwords is False
    load(reset=True)
    assert accounts.read_text("utf-8") == before
    row = json.loads(before)[0]
    assert User.objects.get(email=row["email"]).check_password(row["password"])


def test_a_lost_file_means_new_passwords(load, accounts: Path) -> None:
    load()
    old = json.loads(accounts.read_text("utf-8"))
    accounts.unlink()
    assert load().new_passwords is True
    new = json.loads(accounts.read_text("utf-8"))
    assert old[0]["password"] != new[0]["password"]
    assert User.objects.get(email=new[0]["email"]).check_password(new[0]["password"])


def test_another_port_is_let_in_and_moves_the_products(load) -> None:
    load()
    load(shop_origin="http://127.0.0.1:9001")
    with fernhill():
        assert Storefront.objects.get(slug="main").allowed_origins == [
            SHOP, "http://localhost:8001", "http://127.0.0.1:9001", "http://localhost:9001",
        ]  # fmt: skip
        assert Product.objects.get(external_id="p-501").url == "http://127.0.0.1:9001/products/p-501/"
        assert Product.objects.get(external_id="p-501").image == "http://127.0.0.1:9001/pictures/v-501-1.svg"


def test_a_reset_forgets_what_was_said_and_done(load) -> None:
    load()
    with fernhill():
        shopper = Shopper.objects.get(external_id="s-001")
        conversation = start_conversation(
            storefront=Storefront.objects.get(slug="main"), shopper=shopper, locale="en", now=NOW
        )
        receive_shopper_message(conversation_id=conversation.pk, text="Hello", client_id="c-1", now=NOW)
        Order.objects.filter(number="10803").update(status=OrderStatus.CANCELLED)
    assert load(reset=True).created == ("fernhill", "quillmoor")
    with fernhill():
        assert Order.objects.get(number="10803").status == OrderStatus.PENDING
        assert type(conversation).objects.count() == 0


def test_the_command_speaks_plainly(settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    said, told = StringIO(), StringIO()
    call_command("loaddemo", shop_origin=SHOP + "/", stdout=said, stderr=told)
    assert said.getvalue().splitlines() == [
        "Made fernhill, quillmoor.",
        f"The demo accounts' passwords are in {tmp_path / 'demo-accounts.json'}.",
    ]
    assert told.getvalue().splitlines() == ["Making Fernhill …", "Making Quillmoor Tea …"]
    said = StringIO()
    call_command("loaddemo", shop_origin=SHOP, stdout=said)
    assert said.getvalue() == "The demo store is there already.\n"


def test_the_command_explains_a_refusal(settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    make_merchant("honest-shop")
    with pytest.raises(CommandError, match="has a merchant of its own"):
        call_command("loaddemo")


def test_the_command_explains_a_damaged_file(settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    (tmp_path / "demo-accounts.json").write_text("{")
    with pytest.raises(CommandError, match="is damaged"):
        call_command("loaddemo")
    assert not Merchant.objects.exists()
