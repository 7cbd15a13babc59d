"""The search over everything: what it finds, in a fixed number of queries, and never beyond the merchant."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cs_portal.console.presenters.finds import finds_for
from cs_portal.conversations.services import receive_shopper_message
from cs_portal.core.tenancy import scope
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.models import Faq
from cs_portal.knowledge.search import index_faqs
from tests.console.conftest import Cast
from tests.factories import make_conversation, make_faq, make_order, make_product, make_shopper

URL = "/console/mugs/search/"


@pytest.fixture
def shop(cast: Cast) -> Cast:
    for merchant in (cast.merchant, cast.charlie.merchant):
        shopper = make_shopper(merchant, name="Quentin Quill", email="quentin@example.com")
        make_order(merchant, shopper, number="10533")
        make_product(merchant, title_en="Quilted throw", title_zh="绗缝毯")
        make_faq(merchant, en=("Do you quilt to order?", "We do."), zh=("可以定制吗？", "可以。"))
        conversation = make_conversation(merchant, shopper)
        with scope(merchant=merchant):
            receive_shopper_message(
                conversation_id=conversation.pk, text="Is the quilt warm? 我要退款", client_id="m-1", now=cast.now
            )
    return cast


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("10533", ["Orders", "Conversations"]),
        ("#10533", ["Orders", "Conversations"]),
        ("quentin@example.com", ["Orders", "Conversations", "Shoppers"]),
        ("Quilted", ["Products"]),
        ("绗缝", ["Products"]),
        ("退款", ["Conversations"]),
        ("quilt to", ["FAQs"]),
        ("nothing of the kind", []),
        ("'\"; DROP TABLE", []),
        ("%_", []),
    ],
)
def test_each_kind_is_found_by_its_own_words(shop: Cast, query: str, kinds: list[str]) -> None:
    answer = shop.client(shop.nina).get(URL, {"q": query})
    found = [group.label for group in answer.context["groups"]]
    assert found == kinds
    assert all(len(group.rows) == 1 for group in answer.context["groups"])


def test_the_palette_gets_options_and_the_page_a_page(shop: Cast) -> None:
    fragment = shop.client(shop.olaf, htmx=True).get(URL, {"q": "10533"}).content.decode()
    assert fragment.count("#10533") == 1
    assert "<html" not in fragment
    assert "Nothing found" in shop.client(shop.olaf).get(URL, {"q": "zzz"}).content.decode()


def test_many_rows_cost_no_more_queries_and_lead_to_the_whole_list(shop: Cast) -> None:
    client = shop.client(shop.olaf, htmx=True)
    client.get(URL, {"q": "105"})
    with CaptureQueriesContext(connection) as one:
        client.get(URL, {"q": "105"})
    shopper = make_shopper(shop.merchant)
    for number in range(10540, 10550):
        make_order(shop.merchant, shopper, number=str(number))
    with CaptureQueriesContext(connection) as many:
        page = client.get(URL, {"q": "105"}).content.decode()
    assert len(one) == len(many) <= 16
    assert "/console/mugs/commerce/orders/?q=105" in page


def test_an_answer_that_was_never_published_is_found_by_its_title(cast: Cast) -> None:
    client = cast.client(cast.ann)
    faq = make_faq(cast.merchant, "zephyr-1", en=("", ""), zh=("", ""), state="draft")
    with scope(merchant=cast.merchant):
        faq.texts.all().delete()
        Faq.objects.filter(pk=faq.pk).update(title="Zephyr delivery?")
        index_faqs([(faq, FaqContent({"en": LocaleText("Zephyr delivery?")}))])
        rows = finds_for("zephyr", merchant="mugs")
    assert [(finds.label, [find.text for find in finds.rows]) for finds in rows] == [("FAQs", ["Zephyr delivery?"])]
    assert "Zephyr delivery?" in client.get("/console/mugs/search/", {"q": "zephyr"}).content.decode()
