"""The stream while its surroundings misbehave: rows out of order, no Redis, no table."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.db import connection, transaction

from cs_portal.core.hints import CHANNEL, hint
from cs_portal.core.models import Event
from cs_portal.core.stream.gateway import StreamGateway
from cs_portal.core.stream.hints import follow_hints
from cs_portal.merchants.models import Merchant
from tests.core.stream_client import connect, scope_of, stream
from tests.core.test_stream_replay import add_events, back_with, gateway_for, in_thread
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db(transaction=True)

NEW = scope_of("/stream/console/north/")


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant("north")


def run(merchant: Merchant, scenario: Callable[[StreamGateway], Any]) -> None:
    async def play() -> None:
        gateway = gateway_for(merchant)
        try:
            await scenario(gateway)
        finally:
            await gateway.stop()

    asyncio.run(play())


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def numbers(client: Any) -> list[str]:
    return [event.data for event in client.heard]


class OpenTransaction:
    """A thread that has inserted event number 1 and commits, or rolls back, when told."""

    def __init__(self, merchant: Merchant) -> None:
        self._merchant = merchant
        self._inserted, self._end = threading.Event(), threading.Event()
        self._rolls_back = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._inserted.wait(10)

    def _run(self) -> None:
        with transaction.atomic():
            add_events(self._merchant, 1, first=1)
            self._inserted.set()
            self._end.wait(10)
            transaction.set_rollback(self._rolls_back)
        connection.close()

    def end(self, *, rolls_back: bool = False) -> None:
        self._rolls_back = rolls_back
        self._end.set()
        self._thread.join()


@pytest.mark.postgres
@pytest.mark.parametrize("comes_back", [False, True])
def test_rows_that_commit_out_of_id_order_are_heard_in_order(merchant: Merchant, comes_back: bool) -> None:
    add_events(merchant, 1)

    async def scenario(gateway: StreamGateway) -> None:
        async with stream(gateway, NEW) as client:
            first = await asyncio.to_thread(OpenTransaction, merchant)
            await in_thread(lambda: add_events(merchant, 1, first=2))
            await until(lambda: gateway.tailer.position.missing)
            assert client.heard == []
            if comes_back:
                newest = await in_thread(lambda: Event.objects.latest("id").pk)
                async with stream(gateway, back_with(newest - 2)) as again:
                    await in_thread(first.end)
                    await again.until_heard(2)
                    assert numbers(again) == ['{"n":1}', '{"n":2}']
            await in_thread(first.end)
            await client.until_heard(2)
            assert numbers(client) == ['{"n":1}', '{"n":2}']

    run(merchant, scenario)


@pytest.mark.postgres
def test_a_row_that_was_rolled_back_holds_the_others_up_for_a_moment_only(merchant: Merchant) -> None:
    add_events(merchant, 1)

    async def scenario(gateway: StreamGateway) -> None:
        async with stream(gateway, NEW) as client:
            first = await asyncio.to_thread(OpenTransaction, merchant)
            await in_thread(lambda: add_events(merchant, 1, first=2))
            await in_thread(lambda: first.end(rolls_back=True))
            await client.until_heard(1)
            assert numbers(client) == ['{"n":2}']

    run(merchant, scenario)


@pytest.mark.postgres
def test_a_row_that_commits_very_late_is_heard_once_and_takes_no_clients_id_back(merchant: Merchant) -> None:
    add_events(merchant, 1)

    async def scenario(gateway: StreamGateway) -> None:
        first = await asyncio.to_thread(OpenTransaction, merchant)
        second = (await in_thread(lambda: add_events(merchant, 1, first=2)))[0]
        # A process that starts now knows nothing of the open transaction but a hole in the ids.
        async with stream(gateway, back_with(second)) as client:
            await in_thread(first.end)
            await client.until_heard(1)
            assert numbers(client) == ['{"n":1}']
            assert b"\nid:" not in client.raw.partition(b"retry: 1000\n")[2].partition(b": beat")[0]

    run(merchant, scenario)


@pytest.mark.redis
def test_a_hint_wakes_the_tailer_before_its_poll(merchant: Merchant, settings: Any) -> None:
    settings.EVENT_POLL_SECONDS = 3600

    async def scenario(gateway: StreamGateway) -> None:
        server = redis.Redis.from_url(settings.REDIS_URL)
        before = dict(server.pubsub_numsub(CHANNEL))[CHANNEL.encode()]
        async with stream(gateway, NEW) as client:
            await until(lambda: dict(server.pubsub_numsub(CHANNEL))[CHANNEL.encode()] > before)
            await in_thread(lambda: (add_events(merchant, 1), hint()))
            await client.until_heard(1)
        server.close()

    run(merchant, scenario)


@pytest.mark.redis
def test_following_hints_ends_whenever_it_is_cancelled(settings: Any) -> None:
    dice = random.Random(4)

    async def play() -> None:
        for _ in range(50):
            following = asyncio.create_task(follow_hints(settings.REDIS_URL, lambda: None))
            await asyncio.wait({following}, timeout=dice.uniform(0, 0.02))
            following.cancel()
            done, _ = await asyncio.wait({following}, timeout=10)
            assert done

    asyncio.run(play())


def test_without_a_redis_that_answers_polling_goes_on(
    merchant: Merchant, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    async def scenario(gateway: StreamGateway) -> None:
        async with stream(gateway, NEW) as client:
            await until(lambda: "No event hints" in caplog.text)
            await in_thread(lambda: add_events(merchant, 1))
            await client.until_heard(1)

    run(merchant, scenario)


def rename_table(old: str, new: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")


def test_a_database_that_fails_for_a_while_costs_delay_and_503_but_no_event(
    merchant: Merchant, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EVENT_POLL_SECONDS = 0.02
    table = Event._meta.db_table

    async def scenario(gateway: StreamGateway) -> None:
        async with stream(gateway, NEW) as client:
            await in_thread(lambda: add_events(merchant, 1))
            await client.until_heard(1)
            await in_thread(lambda: rename_table(table, "away"))
            try:
                await until(lambda: "cannot be read" in caplog.text)
                refused = connect(gateway, back_with(1))
                await refused.until(lambda it: it.ended)
                assert (refused.status, refused.headers["retry-after"]) == (503, "1")
                await refused.leave()
                assert len(gateway.hub) == 1
            finally:
                await in_thread(lambda: rename_table("away", table))
            await in_thread(lambda: add_events(merchant, 1, first=1))
            await client.until_heard(2)
            assert numbers(client) == ['{"n":0}', '{"n":1}']

    run(merchant, scenario)
