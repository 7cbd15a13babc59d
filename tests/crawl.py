"""Walking the console by its own links: one page of every URL name, in the order in which a reader meets them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve

#: Never followed: they leave the console or end the visit.
_ELSEWHERE = ("/accounts/logout", "/static/")


def crawl(start: str, visit: Callable[[str, str], Iterable[str]]) -> Iterator[str]:
    """Call ``visit(name, path)`` for the first page of each URL name reached from ``start``; it returns its hrefs.

    Yields the names as they are visited. Only pages of the same merchant are followed.
    """
    prefix = "/".join(start.split("/")[:3]) + "/"
    waiting, seen = deque([start]), set[str]()
    while waiting:
        path = waiting.popleft()
        try:
            name = resolve(urlsplit(path).path).view_name
        except Resolver404:
            raise AssertionError(f"A link leads nowhere: {path}") from None
        if name in seen:
            continue
        seen.add(name)
        for href in visit(name, path):
            there = urlsplit(urljoin(path, href))
            if there.netloc or there.scheme or not there.path.startswith(prefix):
                continue
            if not there.path.startswith(_ELSEWHERE):
                waiting.append(there.path)
        yield name
