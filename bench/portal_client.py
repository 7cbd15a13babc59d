"""The running product over HTTP only: a shopper in the demo shop and an operator in the console."""

from __future__ import annotations

import html
import json
import re
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx

TIMEOUT = httpx.Timeout(30, read=60)


def _first(pattern: str, page: str, what: str) -> str:
    found = re.search(pattern, page, re.DOTALL)
    if found is None:
        raise RuntimeError(f"The page holds no {what}.")
    return html.unescape(found.group(1))


def csrf_of(page: str) -> str:
    return _first(r'name="csrfmiddlewaretoken"\s+value="([^"]+)"', page, "CSRF token")


class Shopper:
    """Signs in at the demo shop, opens the chat as its embed does, asks and listens."""

    def __init__(self, *, shop: str, portal: str, person: str | None, locale: str) -> None:
        """``person`` is a shopper's id in the demo shop; ``None`` stays anonymous."""
        self.portal, self.locale = portal, locale
        self.http = httpx.Client(timeout=TIMEOUT, headers={"Origin": portal})
        self.heard: dict[str, tuple[dict[str, Any], float]] = {}
        self.copies = 0
        self.checking_at: float | None = None
        self._shop_origin = shop
        page = self._shop_page(shop, person)
        identity = re.search(r'data-identity="([^"]+)"', page)
        body: dict[str, Any] = {
            "storefront": _first(r'data-storefront="([^"]+)"', page, "chat embed"),
            "locale": locale,
            "origin": shop,
        }
        if identity:
            body["identity"] = html.unescape(identity.group(1))
        answer = self.http.post(f"{portal}/chat/api/sessions", json=body)
        answer.raise_for_status()
        session = answer.json()
        self.identified: bool = session["identified"]
        self.conversation = str(session["conversation"])
        self.http.headers["Authorization"] = f"Bearer {session['token']}"
        self._stop = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _shop_page(self, shop: str, person: str | None) -> str:
        with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as browser:
            if person is None:
                return browser.get(f"{shop}/").text
            token = csrf_of(browser.get(f"{shop}/sign-in/").text)
            answer = browser.post(
                f"{shop}/sign-in/as/",
                data={"csrfmiddlewaretoken": token, "shopper": person},
                headers={"Referer": f"{shop}/sign-in/"},
            )
            answer.raise_for_status()
            return browser.get(f"{shop}/").text

    def ask(self, text: str, *, repeat: bool = False) -> str:
        """Send one message and return its id; ``repeat`` sends it twice under one client id, as a lost answer would."""
        body = {"client_id": uuid.uuid4().hex, "text": text}
        answer = self.http.post(f"{self.portal}/chat/api/messages", json=body)
        if answer.status_code == 429:
            time.sleep(float(answer.headers["Retry-After"]))
            return self.ask(text, repeat=repeat)
        answer.raise_for_status()
        if repeat:
            again = self.http.post(f"{self.portal}/chat/api/messages", json=body)
            again.raise_for_status()
            if again.json()["message"]["id"] != answer.json()["message"]["id"]:
                raise RuntimeError("A repeated message became a second one.")
        return str(answer.json()["message"]["id"])

    def replies(self) -> list[dict[str, Any]]:
        """The replies that the shopper can see, as the chat loads them."""
        answer = self.http.get(f"{self.portal}/chat/api/messages")
        answer.raise_for_status()
        return [m for m in answer.json()["messages"] if m["author"] in {"bot", "operator"}]

    def _listen(self) -> None:
        last_id = ""
        while not self._stop.is_set():
            headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last_id} if last_id else {})
            try:
                with self.http.stream("GET", f"{self.portal}/stream/chat/", headers=headers) as stream:
                    for event_id, name, data in events_of(stream.iter_lines()):
                        last_id = event_id or last_id
                        self._heard(name, data)
                        if self._stop.is_set():
                            return
            except httpx.HTTPError:
                self._stop.wait(0.5)

    def _heard(self, name: str, data: dict[str, Any]) -> None:
        now = time.monotonic()
        if name == "reply:checking":
            self.checking_at = now
        elif name == "message:posted":
            key = str(data["message"])
            self.copies += key in self.heard
            self.heard[key] = (data, now)

    def leave(self) -> None:
        self._stop.set()


def events_of(lines: Iterator[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(id, name, data) of each server-sent event."""
    event_id = name = ""
    data: list[str] = []
    for line in lines:
        if line.startswith("id:"):
            event_id = line[3:].strip()
        elif line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            data.append(line[5:].strip())
        elif not line and (name or data):
            yield event_id, name, json.loads("\n".join(data) or "{}")
            event_id, name, data = "", "", []


class Operator:
    """Signs in to the console and works the review queue by its pages and forms."""

    def __init__(self, *, portal: str, email: str, password: str, merchant: str) -> None:
        self.portal, self.merchant = portal, merchant
        self.http = httpx.Client(timeout=TIMEOUT, follow_redirects=True, headers={"Referer": portal})
        page = self.http.get(f"{portal}/accounts/login/").text
        answer = self.http.post(
            f"{portal}/accounts/login/",
            data={"csrfmiddlewaretoken": csrf_of(page), "login": email, "password": password},
        )
        answer.raise_for_status()
        if "/accounts/login" in str(answer.url):
            raise RuntimeError(f"{email} could not sign in to the console.")

    def _url(self, path: str) -> str:
        return f"{self.portal}/console/{self.merchant}/{path}"

    def stream(self) -> AbstractContextManager[httpx.Response]:
        """The console's live stream."""
        headers = {"Accept": "text/event-stream", "Sec-Fetch-Site": "same-origin"}
        return self.http.stream("GET", f"{self.portal}/stream/console/{self.merchant}/", headers=headers)

    def waiting(self) -> list[str]:
        """Public ids of the drafts in the queue, the oldest first."""
        page = self.http.get(self._url("review/queue/"), headers={"HX-Request": "true"})
        page.raise_for_status()
        return list(dict.fromkeys(re.findall(r"data-draft=\"([0-9a-f-]{36})\"", page.text)))

    def open(self, draft: str) -> str:
        page = self.http.get(self._url(f"review/{draft}/"))
        page.raise_for_status()
        return page.text

    def claim(self, draft: str) -> None:
        """As opening it in the console does."""
        answer = self.http.post(
            self._url(f"review/{draft}/claim/"), data={"csrfmiddlewaretoken": csrf_of(self.open(draft))}
        )
        answer.raise_for_status()

    def approve(self, draft: str, page: str) -> int:
        """Approve the shown candidate unedited; returns the HTTP status (409: it moved on)."""
        form = page[page.index('id="decision"') :]
        answer = self.http.post(
            self._url(f"review/{draft}/approve/"),
            data={
                "csrfmiddlewaretoken": csrf_of(form),
                "candidate": _first(r'name="candidate"\s+value="([^"]*)"', form, "candidate"),
                "seen": _first(r'name="seen"[^>]*value="([^"]+)"', form, "fingerprint"),
                "text": _first(r"<textarea[^>]*name=\"text\"[^>]*>(.*?)</textarea>", form, "reply").removeprefix("\n"),
            },
        )
        return answer.status_code
