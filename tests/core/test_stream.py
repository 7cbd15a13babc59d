"""The live stream, driven as an ASGI callable: who may listen, what is heard, and when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone

from cs_portal.console.stream import console_audience
from cs_portal.core.events import CONSOLE, conversation_topic, publish
from cs_portal.core.models import Event
from cs_portal.core.secrets import new_token, token_hash
from cs_portal.core.stream import table
from cs_portal.core.stream.gateway import STREAMS_PER_HOLDER, StreamGateway
from cs_portal.core.stream.keeper import Timing
from cs_portal.core.stream.listener import QUEUE_FRAMES
from cs_portal.core.tenancy import scope
from cs_portal.merchants.models import Member, Merchant, Role, Storefront, User
from cs_portal.storefront.models import ChatSession
from cs_portal.storefront.stream import chat_audience
from tests.core.stream_client import connect, scope_of, stream
from tests.factories import make_conversation, make_member, make_merchant

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")
AUDIENCES = {"/stream/console/": console_audience, "/stream/chat/": chat_audience}
#: Rechecked at every tick, so that no test has to wait.
EAGER = Timing(heartbeat=3600, recheck=0, tick=0.02)


@dataclass(frozen=True)
class Cast:
    """Olaf operates in his merchant; Charlie works for another; a shopper chats with Olaf's."""

    merchant: Merchant
    other: Merchant
    olaf: User
    cookie: str
    charlies_cookie: str
    token: str
    topic: str


def sign_in(user: User) -> str:
    browser = Browser()
    browser.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def open_chat(merchant: Merchant, *, expires_in: timedelta = timedelta(hours=1)) -> tuple[str, str]:
    """A chat session's token and the topic of its conversation."""
    conversation = make_conversation(merchant)
    token = new_token()
    with scope(merchant=merchant):
        ChatSession.objects.create(
            storefront_id=conversation.storefront_id,
            shopper_id=conversation.shopper_id,
            conversation=conversation,
            token_hash=token_hash(token),
            expires_at=timezone.now() + expires_in,
            created_at=timezone.now(),
        )
    return token, conversation_topic(conversation.public_id)


@pytest.fixture
def cast(settings: Any) -> Cast:
    settings.EVENT_POLL_SECONDS = 0.02
    merchant, other = make_merchant("north"), make_merchant("south")
    olaf = make_member(merchant, Role.ANALYST).user
    charlie = make_member(other, Role.OWNER).user
    token, topic = open_chat(merchant)
    return Cast(merchant, other, olaf, sign_in(olaf), sign_in(charlie), token, topic)


def run(scenario: Callable[[StreamGateway], Any], **options: Any) -> None:
    """Play ``scenario`` against a gateway of its own, and see that the gateway leaves no task behind."""

    async def play() -> None:
        gateway = StreamGateway(django_stand_in, AUDIENCES, **options)
        try:
            await scenario(gateway)
        finally:
            await gateway.stop()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert len(gateway.hub) == 0

    asyncio.run(play())


async def django_stand_in(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"django"})


async def in_thread(work: Callable[[], T]) -> T:
    return await asyncio.to_thread(table.and_disconnect, work)


async def tell(merchant: Merchant, topic: str = CONSOLE, name: str = "draft:ready", number: int = 0) -> None:
    await in_thread(
        lambda: publish(merchant_id=merchant.pk, topic=topic, name=name, data={"n": number}, now=timezone.now())
    )


def publish_many(merchant: Merchant, count: int) -> None:
    """In one transaction, as a worker does that changes many drafts."""
    now = timezone.now()
    Event.objects.bulk_create(
        Event(merchant=merchant, topic=CONSOLE, name="draft:ready", data={"n": number}, created_at=now)
        for number in range(count)
    )


async def status_of(gateway: StreamGateway, scope: dict[str, Any]) -> int:
    client = connect(gateway, scope)
    await client.until(lambda it: it.status != 0)
    await client.leave()
    return client.status


def console(cast: Cast, slug: str = "north", **headers: str) -> dict[str, Any]:
    return scope_of(f"/stream/console/{slug}/", **{"cookie": cast.cookie, **headers})


def chat(cast: Cast, **headers: str) -> dict[str, Any]:
    return scope_of("/stream/chat/", **{"authorization": f"Bearer {cast.token}", **headers})


# --- who may listen ----------------------------------------------------------------------------------------------

REFUSALS: dict[str, tuple[int, Callable[[Cast], dict[str, Any]]]] = {
    "no session": (401, lambda cast: scope_of("/stream/console/north/")),
    "invented session": (401, lambda cast: console(cast, cookie=f"{settings.SESSION_COOKIE_NAME}=x" * 2)),
    "stranger": (404, lambda cast: console(cast, cookie=cast.charlies_cookie)),
    "no such merchant": (404, lambda cast: console(cast, "west")),
    "path below": (404, lambda cast: console(cast, "north/more")),
    "no slug": (404, lambda cast: scope_of("/stream/console/", cookie=cast.cookie)),
    "unknown stream": (404, lambda cast: scope_of("/stream/orders/", cookie=cast.cookie)),
    "another site": (403, lambda cast: console(cast, sec_fetch_site="cross-site")),
    "another port": (403, lambda cast: console(cast, sec_fetch_site="same-site")),
    "typed into the address bar": (403, lambda cast: console(cast, sec_fetch_site="none")),
    "another origin": (403, lambda cast: console(cast, origin="https://shop.example.com")),
    "null origin": (403, lambda cast: console(cast, origin="null")),
    "look-alike origin": (403, lambda cast: console(cast, origin="http://testserver.example.com")),
    "no token": (401, lambda cast: scope_of("/stream/chat/")),
    "blank token": (401, lambda cast: chat(cast, authorization="Bearer ")),
    "wrong token": (401, lambda cast: chat(cast, authorization=f"Bearer {new_token()}")),
    "hash as token": (401, lambda cast: chat(cast, authorization=f"Bearer {token_hash(cast.token)}")),
    "token with another scheme": (401, lambda cast: chat(cast, authorization=f"Basic {cast.token}")),
    "session instead of token": (401, lambda cast: scope_of("/stream/chat/", cookie=cast.cookie)),
    "chat path below": (404, lambda cast: {**chat(cast), "path": "/stream/chat/more/"}),
    "post": (405, lambda cast: {**console(cast), "method": "POST"}),
    "wants a page": (406, lambda cast: console(cast, accept="text/html")),
    "foreign host": (400, lambda cast: console(cast, host="evil.example.com")),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refused(cast: Cast, case: str) -> None:
    status, make_scope = REFUSALS[case]

    async def scenario(gateway: StreamGateway) -> None:
        client = connect(gateway, make_scope(cast))
        await client.until(lambda it: it.ended)
        await client.leave()
        assert client.status == status
        assert client.headers["content-type"] == "text/plain; charset=utf-8"
        assert client.headers["cache-control"] == "no-store"
        assert not gateway.tailer.running

    run(scenario)


def test_a_token_or_storefront_that_has_ended_opens_nothing(cast: Cast) -> None:
    expired, _ = open_chat(cast.merchant, expires_in=timedelta(seconds=-1))

    async def scenario(gateway: StreamGateway) -> None:
        assert await status_of(gateway, chat(cast, authorization=f"Bearer {expired}")) == 401
        await in_thread(lambda: _in_scope(cast, lambda: Storefront.objects.update(is_active=False)))
        assert await status_of(gateway, chat(cast)) == 401

    run(scenario)


def _in_scope(cast: Cast, work: Callable[[], T]) -> T:
    with scope(merchant=cast.merchant):
        return work()


def test_one_holder_has_a_bounded_number_of_streams(cast: Cast) -> None:
    async def scenario(gateway: StreamGateway) -> None:
        clients = [connect(gateway, chat(cast)) for _ in range(STREAMS_PER_HOLDER)]
        for client in clients:
            await client.until(lambda it: bool(it.raw))
        assert await status_of(gateway, chat(cast)) == 429
        assert await status_of(gateway, console(cast)) == 200
        for client in clients:
            await client.leave()
        assert await status_of(gateway, chat(cast)) == 200

    run(scenario)


def test_everything_else_is_djangos(cast: Cast) -> None:
    async def scenario(gateway: StreamGateway) -> None:
        client = connect(gateway, scope_of("/console/"))
        await client.until(lambda it: it.ended)
        await client.leave()
        assert bytes(client.raw) == b"django"

    run(scenario)


# --- what is heard -----------------------------------------------------------------------------------------------


def test_headers_and_opening(cast: Cast) -> None:
    async def scenario(gateway: StreamGateway) -> None:
        await tell(cast.merchant)
        newest = await in_thread(lambda: Event.objects.latest("id").pk)
        async with stream(gateway, console(cast, sec_fetch_site="same-origin", origin="http://testserver")) as client:
            assert client.status == 200
            assert client.headers == {
                "content-type": "text/event-stream; charset=utf-8",
                "cache-control": "no-store",
                "x-accel-buffering": "no",
                "x-content-type-options": "nosniff",
            }
            assert bytes(client.raw) == f"retry: 1000\nid: {newest}\n\n".encode()

    run(scenario)


def test_an_event_arrives_as_one_frame(cast: Cast) -> None:
    async def scenario(gateway: StreamGateway) -> None:
        async with stream(gateway, console(cast)) as client:
            before = len(client.raw)
            await tell(cast.merchant, number=7)
            await client.until_heard(1)
            event = await in_thread(lambda: Event.objects.latest("id"))
            assert bytes(client.raw[before:]) == f'id: {event.pk}\nevent: draft:ready\ndata: {{"n":7}}\n\n'.encode()

    run(scenario)


def test_everybody_hears_their_own_and_nobody_elses(cast: Cast) -> None:
    other_token, other_topic = open_chat(cast.merchant)
    foreign_token, foreign_topic = open_chat(cast.other)

    async def scenario(gateway: StreamGateway) -> None:
        async with (
            stream(gateway, console(cast)) as olaf,
            stream(gateway, console(cast, "south", cookie=cast.charlies_cookie)) as charlie,
            stream(gateway, chat(cast)) as shopper,
            stream(gateway, chat(cast, authorization=f"Bearer {other_token}")) as neighbour,
            stream(gateway, chat(cast, authorization=f"Bearer {foreign_token}")) as foreigner,
        ):
            await tell(cast.merchant, CONSOLE, "draft:ready")
            await tell(cast.other, CONSOLE, "draft:sent")
            await tell(cast.merchant, cast.topic, "message:posted")
            await tell(cast.merchant, other_topic, "reply:drafting")
            # A topic alone opens nothing: the same one under another merchant is another channel.
            await tell(cast.other, cast.topic, "operator:typing")
            await tell(cast.other, foreign_topic, "reply:checking")
            await tell(cast.merchant, CONSOLE, "worker:changed")
            await foreigner.until_heard(1)
            await olaf.until_heard(2)
            assert olaf.names == ["draft:ready", "worker:changed"]
            assert charlie.names == ["draft:sent"]
            assert shopper.names == ["message:posted"]
            assert neighbour.names == ["reply:drafting"]
            assert foreigner.names == ["reply:checking"]

    run(scenario)


def test_a_quiet_stream_is_kept_alive_and_its_last_id_young(cast: Cast) -> None:
    async def scenario(gateway: StreamGateway) -> None:
        async with stream(gateway, chat(cast)) as client:
            await tell(cast.other)
            newest = await in_thread(lambda: Event.objects.latest("id").pk)
            await client.until(lambda it: it.raw.endswith(f": beat\nid: {newest}\n\n".encode()))
            assert client.heard == []

    run(scenario, timing=Timing(heartbeat=0.05, tick=0.02))


# --- when it ends ------------------------------------------------------------------------------------------------


def log_out(cast: Cast) -> None:
    browser = Browser()
    browser.cookies[settings.SESSION_COOKIE_NAME] = cast.cookie.partition("=")[2]
    browser.session.flush()


ENDINGS: dict[str, Callable[[Cast], Any]] = {
    "logout": log_out,
    "role lost": lambda cast: _in_scope(cast, lambda: Member.objects.all().delete()),
    "account closed": lambda cast: User.objects.filter(pk=cast.olaf.pk).update(is_active=False),
    "password changed": lambda cast: User.objects.filter(pk=cast.olaf.pk).update(password="another"),
    "merchant renamed": lambda cast: Merchant.objects.filter(pk=cast.merchant.pk).update(slug="east"),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_console_stream_ends_with_the_right_to_it(cast: Cast, ending: str) -> None:
    async def scenario(gateway: StreamGateway) -> None:
        client = connect(gateway, console(cast))
        await client.until(lambda it: bool(it.raw))
        await tell(cast.merchant)
        await client.until_heard(1)
        await in_thread(lambda: ENDINGS[ending](cast))
        await client.until_ended()
        assert client.ended

    run(scenario, timing=EAGER)


def test_the_chat_stream_ends_with_its_token(cast: Cast) -> None:
    async def scenario(gateway: StreamGateway) -> None:
        client = connect(gateway, chat(cast))
        await client.until(lambda it: bool(it.raw))
        past = timezone.now() - timedelta(seconds=1)
        await in_thread(lambda: _in_scope(cast, lambda: ChatSession.objects.update(expires_at=past)))
        await client.until_ended()
        assert client.ended

    run(scenario, timing=EAGER)


def test_a_right_is_asked_again_within_twenty_seconds() -> None:
    assert Timing().recheck + Timing().tick <= 20
    assert Timing().heartbeat == 15


def test_a_slow_reader_is_dropped_and_the_others_hear_on(cast: Cast) -> None:
    async def scenario(gateway: StreamGateway) -> None:
        slow = connect(gateway, console(cast))
        await slow.until(lambda it: bool(it.raw))
        slow.flowing.clear()
        async with stream(gateway, console(cast)) as quick:
            # What waits in the blocked write, then the whole queue, then one too many.
            count = 2 * QUEUE_FRAMES + 1
            await in_thread(lambda: publish_many(cast.merchant, count))
            await quick.until_heard(count)
            await slow.until_ended()
            assert not slow.ended
            assert slow.heard == []
            assert len(gateway.hub) == 1

    run(scenario)


# --- lifespan, stopping, idling ----------------------------------------------------------------------------------


def test_lifespan_is_answered_and_shutdown_ends_open_streams(cast: Cast) -> None:
    async def scenario(gateway: StreamGateway) -> None:
        said: list[str] = []
        events: asyncio.Queue[dict[str, str]] = asyncio.Queue()

        async def send(message: Any) -> None:
            said.append(message["type"])

        lifespan = asyncio.ensure_future(gateway({"type": "lifespan"}, events.get, send))
        await events.put({"type": "lifespan.startup"})
        client = connect(gateway, console(cast))
        await client.until(lambda it: bool(it.raw))
        assert said == ["lifespan.startup.complete"]
        await events.put({"type": "lifespan.shutdown"})
        await lifespan
        await client.until_ended()
        assert client.ended
        assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
        assert await status_of(gateway, console(cast)) == 503

    run(scenario)


def test_the_tailer_runs_from_the_first_listener_to_the_last(cast: Cast) -> None:
    async def scenario(gateway: StreamGateway) -> None:
        assert not gateway.tailer.running
        for number in range(3):
            async with stream(gateway, console(cast)) as client:
                assert gateway.tailer.running
                await tell(cast.merchant, number=number)
                await client.until_heard(1)
            async with asyncio.timeout(5):
                while gateway.tailer.running:
                    await asyncio.sleep(0)

    run(scenario)


def test_a_companion_that_fails_ends_the_streams_instead_of_leaving_them_unchecked(cast: Cast) -> None:
    asked = 0

    def fails_at_the_second_question(request: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise ValueError
        return console_audience(request)

    async def scenario(gateway: StreamGateway) -> None:
        gateway._audiences = {"/stream/console/": fails_at_the_second_question}
        client = connect(gateway, console(cast))
        await client.until_ended()
        assert client.ended

    run(scenario, timing=EAGER)
