"""Redis tells that the event table grew. Without Redis, or while it is down, polling alone goes on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import redis.asyncio

from cs_portal.core.hints import CHANNEL

logger = logging.getLogger(__name__)
LONGEST_RETRY_SECONDS = 10.0


async def follow_hints(url: str, wake: Callable[[], None]) -> None:
    """Call ``wake`` for every hint, until cancelled."""
    listening = asyncio.create_task(_listen(url, wake))
    try:
        await asyncio.wait({listening})
        listening.result()
    finally:
        # redis-py swallows a cancellation that meets it while it connects, so one may not be enough.
        while not listening.done():
            listening.cancel()
            await asyncio.wait({listening}, timeout=0.1)


async def _listen(url: str, wake: Callable[[], None]) -> None:
    delay = 0.5
    while True:
        try:
            async with redis.asyncio.from_url(url, socket_connect_timeout=1) as client, client.pubsub() as channel:
                await channel.subscribe(CHANNEL)
                # The first thing heard is that the subscription stands: what came before it is read then.
                async for _ in channel.listen():
                    delay = 0.5
                    wake()
        except (redis.RedisError, OSError) as error:
            logger.warning("No event hints, polling goes on: %s", type(error).__name__)
        await asyncio.sleep(delay)
        delay = min(2 * delay, LONGEST_RETRY_SECONDS)
