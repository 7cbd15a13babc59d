"""SQLite's planner knows how many rows there are."""

from __future__ import annotations

import pytest
from django.db import connection

from cs_portal.conversations.models import Conversation
from cs_portal.core.tenancy import scope
from cs_portal.core.upkeep import refresh_statistics
from tests.factories import make_conversation, make_merchant, make_shopper


@pytest.mark.django_db
def test_a_shoppers_conversations_are_found_by_the_shopper() -> None:
    merchant = make_merchant("mugs")
    shoppers = [make_shopper(merchant) for _ in range(20)]
    for number in range(60):
        make_conversation(merchant, shoppers[number % 20])
    refresh_statistics()
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE idx = 'conversations_of_shopper'")
        assert cursor.fetchone() == ("60 60 3",)
    with scope(merchant=merchant):
        rows = Conversation.objects.filter(shopper=shoppers[0]).order_by("-last_message_at", "-id")[:6]
        assert "shopper_id=?" in rows.explain()
