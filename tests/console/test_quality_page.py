"""Knowledge → Quality: what the page says before, during and after a check."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cs_portal.core.tenancy import scope
from cs_portal.core.workers import run_due
from cs_portal.knowledge.content import FaqContent, LocaleText
from cs_portal.knowledge.services.editing import create_faq
from cs_portal.merchants.models import Member, Merchant, Role
from tests.factories import make_member, make_merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant("mugs")


@pytest.fixture
def member(merchant: Merchant) -> Member:
    return make_member(merchant, role=Role.OPERATOR)


def page(client: Client, member: Member) -> str:
    client.force_login(member.user)
    return client.get(reverse("console:knowledge_quality", args=[member.merchant.slug])).content.decode()


def write(merchant: Merchant, member: Member, question: str, answer: str) -> None:
    with scope(merchant=merchant):
        content = FaqContent({"en": LocaleText(question, answer, ())})
        create_faq(by=member, content=content, publish=True, now=timezone.now())


def test_before_the_first_check_nothing_is_called_sound(client: Client, merchant: Merchant, member: Member) -> None:
    shown = page(client, member)
    assert "Not checked yet" in shown
    assert "No problem stands here" not in shown


def test_a_check_is_asked_for_awaited_and_shown(client: Client, merchant: Merchant, member: Member) -> None:
    write(merchant, member, "How long can I return?", "You can return within 7 days of delivery.")
    write(merchant, member, "What is your return period?", "Returns are accepted within 30 days of delivery.")
    client.force_login(member.user)
    url = reverse("console:quality_check", args=[merchant.slug])
    assert client.post(url, follow=True).status_code == 200
    waiting = page(client, member)
    assert "A check is under way" in waiting or "No worker is running" in waiting
    assert "every 3s" in waiting
    run_due(["upkeep"], keep=False)
    shown = page(client, member)
    assert "every 3s" not in shown
    assert "7 days" in shown
    assert "30 days" in shown


def test_an_analyst_sees_and_cannot_ask(client: Client, merchant: Merchant) -> None:
    analyst = make_member(merchant, role=Role.ANALYST)
    client.force_login(analyst.user)
    assert client.get(reverse("console:knowledge_quality", args=[merchant.slug])).status_code == 200
    assert client.post(reverse("console:quality_check", args=[merchant.slug])).status_code == 403
