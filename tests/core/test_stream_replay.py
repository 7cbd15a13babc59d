"""``Last-Event-ID``: wherever a stream is cut, its client hears every event once, in order, or is told to resync."""

from __future__ import annotations

import asyncio
import json
import random
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cs_portal.core.events import CONSOLE
from cs_portal.core.models import Event
from cs_portal.core.stream import table
from cs_portal.core.stream.asgi import App
from cs_portal.core.stream.audience import Audience, StreamRequest
from cs_portal.core.stream.gateway import StreamGateway
from cs_portal.merchants.models import Merchant
from tests.core.stream_client import connect, parse, scope_of, stream
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db(transaction=True)

CUTS = 200


@pytest.fixture
def merchant(settings: Any) -> Merchant:
    settings.EVENT_POLL_SECONDS = 0.02
    return make_merchant("north")


def gateway_for(merchant: Merchant) -> StreamGateway:
    audience = Audience(merchant.pk, (CONSOLE,), "user:1")

    def everybody(request: StreamRequest) -> Audience:
        return audience

    async def nowhere(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError

    inner: App = nowhere
    return StreamGateway(inner, {"/stream/console/": everybody})


def add_events(
    merchant: Merchant, count: int, *, first: int = 0, topic: str = CONSOLE, age_hours: float = 0
) -> list[int]:
    at = timezone.now() - timedelta(hours=age_hours)
    rows = Event.objects.bulk_create(
        Event(merchant=merchant, topic=topic, name="draft:ready", data={"n": number}, created_at=at)
        for number in range(first, first + count)
    )
    return [row.pk for row in rows]


async def in_thread(work: Any) -> Any:
    return await asyncio.to_thread(table.and_disconnect, work)


def back_with(last_id: object) -> dict[str, Any]:
    return scope_of("/stream/console/north/", last_event_id=str(last_id))


async def opening_of(gateway: StreamGateway, scope: dict[str, Any]) -> tuple[list[str], list[int], str]:
    """Names, numbers and last id that the first bytes of a stream hold."""
    async with stream(gateway, scope) as client:
        heard, last_id = parse(bytes(client.raw))
    return [event.name for event in heard], [json.loads(event.data).get("n", -1) for event in heard], last_id


def run(scenario: Any, merchant: Merchant) -> None:
    async def play() -> None:
        gateway = gateway_for(merchant)
        try:
            await scenario(gateway)
        finally:
            await gateway.stop()

    asyncio.run(play())


def test_cut_at_random_bytes_without_gap_or_duplicate(merchant: Merchant) -> None:
    """A writer goes on while the client is cut off at any byte and comes back at once, sometimes to another process."""
    dice = random.Random(20)
    heard: list[int] = []
    written = 0
    cuts = 0

    def add_some() -> int:
        # Others' events take ids, too.
        add_events(merchant, 1, topic="conversation:x")
        return len(add_events(merchant, dice.randint(1, 4), first=written))

    async def write(stop: asyncio.Event) -> None:
        nonlocal written
        while not stop.is_set():
            written += await in_thread(add_some)
            await asyncio.sleep(dice.uniform(0, 0.02))

    async def listen(gateways: list[StreamGateway], last_id: str) -> None:
        nonlocal cuts
        while cuts < CUTS:
            cut_at = dice.randint(1, 300)
            client = connect(dice.choice(gateways), back_with(last_id))
            await client.until(lambda it, most=cut_at: len(it.raw) >= most)
            events, last_id = parse(bytes(client.raw[:cut_at]), last_id=last_id)
            await client.leave()
            heard.extend(json.loads(event.data)["n"] for event in events)
            assert "resync" not in [event.name for event in events]
            cuts += 1
        async with stream(gateways[0], back_with(last_id)) as client:
            stop.set()
            await writer
            await client.until(lambda it: len(heard) + len(it.heard) >= written)
            heard.extend(json.loads(event.data)["n"] for event in client.heard)

    async def play() -> None:
        nonlocal stop, writer
        gateways = [gateway_for(merchant), gateway_for(merchant)]
        stop = asyncio.Event()
        # An empty table has no newest id to start from.
        await in_thread(lambda: add_events(merchant, 1, topic="conversation:x"))
        _, _, last_id = await opening_of(gateways[0], scope_of("/stream/console/north/"))
        writer = asyncio.create_task(write(stop))
        try:
            await listen(gateways, last_id)
        finally:
            stop.set()
            for gateway in gateways:
                await gateway.stop()

    stop: asyncio.Event
    writer: asyncio.Task[None]
    asyncio.run(play())
    assert heard == list(range(written))
    assert cuts == CUTS
    assert len(heard) > CUTS


def test_a_client_cut_before_its_first_event_misses_nothing(merchant: Merchant) -> None:
    async def scenario(gateway: StreamGateway) -> None:
        await in_thread(lambda: add_events(merchant, 2))
        _, _, last_id = await opening_of(gateway, scope_of("/stream/console/north/"))
        await in_thread(lambda: add_events(merchant, 1, first=2))
        async with stream(gateway, back_with(last_id)) as client:
            # In the opening where the tailer has read the row already, live a poll later where not.
            await client.until(lambda it: bool(it.heard))
            heard, newest = parse(bytes(client.raw))
        assert [(event.name, json.loads(event.data)["n"]) for event in heard] == [("draft:ready", 2)]
        assert newest == str(int(last_id) + 1)

    run(scenario, merchant)


def test_the_id_may_come_in_the_query(merchant: Merchant) -> None:
    async def scenario(gateway: StreamGateway) -> None:
        ids = await in_thread(lambda: add_events(merchant, 3))
        scope = scope_of("/stream/console/north/", query=f"last_event_id={ids[1]}")
        assert (await opening_of(gateway, scope))[1] == [2]

    run(scenario, merchant)


def test_only_the_own_topics_of_the_own_merchant_are_replayed(merchant: Merchant) -> None:
    other = make_merchant("south")

    async def scenario(gateway: StreamGateway) -> None:
        first = await in_thread(lambda: add_events(merchant, 1))
        await in_thread(lambda: add_events(other, 5, first=100))
        await in_thread(lambda: add_events(merchant, 5, first=200, topic="conversation:x"))
        await in_thread(lambda: add_events(merchant, 1, first=1))
        assert (await opening_of(gateway, back_with(first[0])))[1] == [1]

    run(scenario, merchant)


def test_as_many_as_are_replayed_and_one_more(merchant: Merchant) -> None:
    async def scenario(gateway: StreamGateway) -> None:
        ids = await in_thread(lambda: add_events(merchant, table.REPLAY_ROWS + 1))
        names, numbers, last_id = await opening_of(gateway, back_with(ids[0]))
        assert (names[0], numbers, last_id) == ("draft:ready", list(range(1, table.REPLAY_ROWS + 1)), str(ids[-1]))
        assert await opening_of(gateway, back_with(ids[0] - 1)) == (["resync"], [-1], str(ids[-1]))

    run(scenario, merchant)


@pytest.mark.parametrize("given", ["-5", "abc", "1e3", "٣", "9" * 19, "9" * 5000, "7; drop table"])
def test_an_id_that_is_not_ours_means_resync(merchant: Merchant, given: str) -> None:
    async def scenario(gateway: StreamGateway) -> None:
        ids = await in_thread(lambda: add_events(merchant, 1))
        scope = scope_of("/stream/console/north/")
        scope["headers"].append((b"last-event-id", given.encode()))
        assert await opening_of(gateway, scope) == (["resync"], [-1], str(ids[-1]))

    run(scenario, merchant)


def test_an_id_from_another_time_of_the_database_means_resync_and_live_events_after_it(merchant: Merchant) -> None:
    async def scenario(gateway: StreamGateway) -> None:
        ids = await in_thread(lambda: add_events(merchant, 1))
        async with stream(gateway, back_with(ids[0] + 1000)) as client:
            await in_thread(lambda: add_events(merchant, 1))
            await client.until_heard(2)
            assert client.names == ["resync", "draft:ready"]

    run(scenario, merchant)


def test_an_id_that_was_pruned_means_resync(merchant: Merchant) -> None:
    async def scenario(gateway: StreamGateway) -> None:
        old = await in_thread(lambda: add_events(merchant, 3, age_hours=49))
        young = await in_thread(lambda: add_events(merchant, 2, first=3))
        assert await in_thread(lambda: table.prune(now=timezone.now())) == 3
        assert await opening_of(gateway, back_with(old[1])) == (["resync"], [-1], str(young[-1]))
        # Everything after the last pruned id is still there.
        assert (await opening_of(gateway, back_with(old[2])))[1] == [3, 4]

    run(scenario, merchant)


def test_pruning_goes_in_batches_and_keeps_the_newest(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "PRUNE_ROWS", 10)
    ids = add_events(merchant, 35, age_hours=72)
    assert table.prune(now=timezone.now()) == 34
    assert list(Event.objects.values_list("id", flat=True)) == [ids[-1]]
    assert table.prune(now=timezone.now()) == 0


def test_the_first_listener_has_old_events_pruned(merchant: Merchant) -> None:
    async def scenario(gateway: StreamGateway) -> None:
        await in_thread(lambda: add_events(merchant, 3, age_hours=49))
        await in_thread(lambda: add_events(merchant, 1))
        async with stream(gateway, scope_of("/stream/console/north/")), asyncio.timeout(10):
            while await in_thread(Event.objects.count) > 1:
                await asyncio.sleep(0.01)

    run(scenario, merchant)


def test_one_query_a_poll_however_many_listen(
    merchant: Merchant, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_events(merchant, 3)
    with django_assert_num_queries(1):
        table.rows_after(0, missing={2, 99})
    with django_assert_num_queries(2):
        table.replay(Audience(merchant.pk, (CONSOLE,), "user:1"), after=0, through=3, without=())
