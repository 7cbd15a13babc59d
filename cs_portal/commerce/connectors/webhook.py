"""A shop system behind a webhook: signed calls by the Standard Webhooks scheme (docs/connectors.md has the contract).

The call names the action, its key and its plan; the shop answers what it did. A shop must treat a repeated key as the
same action; we do not rely on it: what is unknown is looked up, not repeated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from standardwebhooks import Webhook

from cs_portal.commerce.connectors.base import (
    ALL_KINDS,
    Done,
    NotFound,
    NotSent,
    Refused,
    Result,
    ShopUnavailable,
    Unknown,
)
from cs_portal.commerce.models import ConnectorKind, OrderAction, ShopConnection
from cs_portal.core import outbound
from cs_portal.core.outbound import Answer, Broken, NotReached, OutboundRefused
from cs_portal.core.secrets import decrypt

SECONDS = 15.0
MAX_BYTES = 1024 * 1024
#: The shop asked to come again, having done nothing.
_BUSY = {425, 429}
_CODE = re.compile(r"[a-z0-9_]{1,40}")


class WebhookConnector:
    name: ClassVar[str] = ConnectorKind.WEBHOOK.value

    def __init__(self, url: str, secret: str, *, resolver: outbound.Resolver = outbound.resolve) -> None:
        self.supports = ALL_KINDS
        self._url, self._signer, self._resolver = url, Webhook(secret), resolver

    @classmethod
    def of(cls, row: ShopConnection) -> WebhookConnector:
        return cls(row.address, decrypt(row.secret_encrypted))

    def execute(self, row: OrderAction) -> Result:
        return self._ask(f"action_{row.public_id}", {"type": "order.action", **_described(row)}, _executed)

    def look_up(self, row: OrderAction) -> Result | NotFound:
        message = {"type": "order.action.look_up", "key": row.key, "action": row.kind}
        # A look-up that fails tells nothing of the action, however it failed: only what the shop answered counts.
        try:
            answer = self._post(f"look_{row.public_id}_{row.checks}", message)
        except (OutboundRefused, NotReached, Broken) as error:
            return Unknown(str(error))
        found = _found(answer)
        return Unknown(found.code) if isinstance(found, NotSent) else found

    def look_up_order(self, number: str) -> Mapping[str, Any] | None:
        try:
            answer = self._post(f"order_{number}", {"type": "order.look_up", "order": number})
        except (OutboundRefused, NotReached, Broken) as error:
            raise ShopUnavailable(str(error)) from None
        if answer.status == 404:
            return None
        body = _parsed(answer)
        order = None if body is None else body.get("order")
        if answer.status != 200 or not isinstance(order, dict):
            raise ShopUnavailable("garbled")
        return order

    def _ask(self, message_id: str, message: Mapping[str, Any], understand: Any) -> Any:
        try:
            answer = self._post(message_id, message)
        except OutboundRefused as refusal:
            return Refused(str(refusal))
        except NotReached as error:
            return NotSent(str(error))
        except Broken as error:
            return Unknown(str(error))
        return understand(answer)

    def _post(self, message_id: str, message: Mapping[str, Any]) -> Answer:
        body = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        now = datetime.now(tz=UTC)
        headers = {
            "content-type": "application/json",
            "user-agent": "CS-Portal",
            "idempotency-key": str(message.get("key", message_id)),
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(msg_id=message_id, timestamp=now, data=body),
        }
        return outbound.post(
            self._url,
            body=body.encode(),
            headers=headers,
            seconds=SECONDS,
            max_bytes=MAX_BYTES,
            resolver=self._resolver,
        )


def _described(row: OrderAction) -> dict[str, Any]:
    """What the shop is asked to do: canonical request and verdict, and the plan that was approved."""
    return {
        "key": row.key,
        "action": row.kind,
        "order": row.order.number if row.order else None,
        "shopper": row.shopper.external_id,
        "currency": row.currency,
        "request": row.request,
        "amount_minor": row.amount_minor,
        "payments": row.verdict.get("payments") or [],
        "plan": row.preview,
    }


def _executed(answer: Answer) -> Result:
    body = _parsed(answer)
    status = body.get("status") if body is not None else None
    if answer.status in {200, 201} and body is not None:
        if status == "done":
            return Done(str(body.get("reference") or "")[:200], str(body.get("order") or "")[:40])
        if status == "refused":
            return Refused(_code(body))
    if answer.status == 202 or status == "pending":
        return Unknown("pending")
    if answer.status in _BUSY:
        return NotSent("busy", _seconds(answer))
    if 300 <= answer.status < 400:
        return Refused("redirected")
    if answer.status in {401, 403}:
        return Refused("not_authorised")
    # 409 may mean that the first call of this key is under way.
    if 400 <= answer.status < 500 and answer.status not in {408, 409}:
        return Refused(_code(body or {}))
    return Unknown("garbled" if answer.status < 400 else f"http_{answer.status}")


def _found(answer: Answer) -> Result | NotFound:
    """Only a plain answer counts: a look-up must never end an action by an error page."""
    body = _parsed(answer)
    if answer.status != 200 or body is None:
        return Unknown(f"http_{answer.status}" if answer.status != 200 else "garbled")
    if body.get("status") == "not_found":
        return NotFound()
    return _executed(answer)


def _parsed(answer: Answer) -> dict[str, Any] | None:
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _code(body: Mapping[str, Any]) -> str:
    code = str(body.get("code") or "")
    return code if _CODE.fullmatch(code) else "shop_refused"


def _seconds(answer: Answer) -> float | None:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
