"""Who may hear what. The apps that know users and shoppers decide; the gateway asks them (see ``cs_portal.asgi``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from cs_portal.core.stream.asgi import Scope

#: Digits of the largest id that fits every database's bigint.
LONGEST_ID = 18


@dataclass(frozen=True, slots=True)
class Audience:
    """The topics of one merchant that ``holder`` (one user, one chat session) may hear."""

    merchant_id: int
    topics: tuple[str, ...]
    holder: str


class Refused(Exception):
    """The stream is not for this client; ``status`` is the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """A request for a stream. ``name`` is what follows ``prefix`` in the path, without the slash at its end."""

    scope: Scope
    prefix: str
    name: str

    def header(self, name: str) -> str:
        wanted = name.lower().encode()
        return next((value.decode("latin-1") for key, value in self.scope["headers"] if key == wanted), "")

    def cookie(self, name: str) -> str:
        try:
            morsel = SimpleCookie(self.header("cookie")).get(name)
        except CookieError:
            return ""
        return morsel.value if morsel else ""

    @property
    def accepts_events(self) -> bool:
        accept = self.header("accept")
        return not accept or any(kind in accept for kind in ("text/event-stream", "text/*", "*/*"))

    @property
    def bearer(self) -> str:
        kind, _, token = self.header("authorization").partition(" ")
        return token.strip() if kind.lower() == "bearer" else ""

    @property
    def last_event_id(self) -> int | None:
        """From the header, or from ``?last_event_id=``; -1 when it is not one of ours."""
        given = self.header("last-event-id")
        if not given:
            query = parse_qs(self.scope.get("query_string", b"").decode("latin-1"))
            given = query.get("last_event_id", [""])[0]
        if not given:
            return None
        return int(given) if given.isascii() and given.isdigit() and len(given) <= LONGEST_ID else -1

    @property
    def same_origin(self) -> bool:
        """Whether a page of our own origin asks. A browser says so itself where it can; otherwise its Origin tells."""
        if site := self.header("sec-fetch-site"):
            return site == "same-origin"
        if origin := self.header("origin"):
            return urlsplit(origin).netloc.lower() == self.header("host").lower()
        return True


#: Decides, with database access, from any thread; raises :class:`Refused`. Asked again while the stream is open.
Authorise = Callable[[StreamRequest], Audience]
