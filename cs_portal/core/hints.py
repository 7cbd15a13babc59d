"""A Redis hint that the event table grew, so that streams need not wait for their next poll. Optional by design."""

from __future__ import annotations

import logging
from functools import cache

import redis
from django.conf import settings

logger = logging.getLogger(__name__)

CHANNEL = "cs_portal:events"


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)


def hint() -> None:
    """Publish the hint where Redis is configured; a Redis that is down costs a poll interval, nothing more."""
    if not settings.REDIS_URL:
        return
    try:
        _client().publish(CHANNEL, b"1")
    except redis.RedisError as error:
        logger.warning("no event hint: %s", type(error).__name__)
