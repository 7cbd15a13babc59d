"""Everything held about one shopper, as a file for them: made by a job, kept for three days.

Internal notes and drafts are part of it, since they are about the person; colleagues are named by their role alone.
What is not in it: identity secrets, other shoppers, the rules themselves, and the audit log, which holds ids only.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.commerce.models import OrderAction, Shopper
from cs_portal.commerce.selectors import order_document, orders_of, shopper_document
from cs_portal.conversations.models import Conversation, Message, Note, Photo
from cs_portal.conversations.services import read_photo
from cs_portal.core import jobs, ratelimit
from cs_portal.core.errors import Conflict, NotFound
from cs_portal.core.jobs import Lease
from cs_portal.core.tenancy import current_merchant
from cs_portal.drafting.models import Draft, MessageTranslation, TranslationState
from cs_portal.knowledge.services.forgetting import taught_by
from cs_portal.merchants.models import Member, ModelTrial, ShopperExport, WorkState
from cs_portal.merchants.services.roles import log, require_configurer

JOB = "export_shopper"
EXPIRE = "drop_expired"
LIFE = timedelta(days=3)


def ask_for_export(*, shopper_id: UUID, by: Member, now: datetime) -> ShopperExport:
    """Have the file made. Raises :class:`NotFound`, :class:`NotAllowed`, ``TooMany``."""
    require_configurer(by)
    shopper = Shopper.by_public_id(shopper_id)
    ratelimit.hit(scope="exports", subject=str(by.pk), limit=30, seconds=3600, now=now)
    with transaction.atomic():
        export = ShopperExport.objects.create(
            shopper=shopper.public_id, requested_by=by, created_at=now, expires_at=now + LIFE
        )
        jobs.enqueue(
            JOB,
            key=f"export:{export.public_id}",
            merchant_id=export.merchant_id,
            payload={"export": export.pk},
            now=now,
        )
        drop_when_expired(merchant_id=export.merchant_id, at=export.expires_at, now=now)
        log(by, "shopper.export_requested", f"shopper:{shopper.public_id}", now)
    return export


def make_export(*, lease: Lease, export_id: int, now: datetime) -> None:
    """Write the file and finish the job with it; a shopper erased meanwhile leaves a failed export without content."""
    export = ShopperExport.objects.filter(pk=export_id).first()
    shopper = Shopper.objects.filter(public_id=export.shopper).first() if export else None
    text = json.dumps(shopper_data(shopper, now=now), ensure_ascii=False, indent=2) if shopper else ""
    with lease.finishing(now=now):
        state = WorkState.DONE if text else WorkState.FAILED
        ShopperExport.objects.filter(pk=export_id).update(state=state, document=text)


def drop_when_expired(*, merchant_id: int, at: datetime, now: datetime) -> None:
    """Ask, within the caller's transaction, for :func:`drop_expired` at ``at``."""
    key = f"expire:{merchant_id}:{at:%Y-%m-%dT%H:%M}"
    after = at.replace(second=0, microsecond=0) + timedelta(minutes=1)
    jobs.enqueue(EXPIRE, key=key, merchant_id=merchant_id, payload={}, now=now, execute_after=after)


def drop_expired(*, lease: Lease, now: datetime) -> None:
    """Delete what was kept for a while only: exports and questions to the model."""
    with lease.finishing(now=now):
        ShopperExport.objects.filter(expires_at__lte=now).delete()
        ModelTrial.objects.filter(expires_at__lte=now).delete()


def fail_export(*, export_id: int) -> None:
    ShopperExport.objects.filter(pk=export_id).update(state=WorkState.FAILED)


def download(*, export_id: UUID, by: Member, now: datetime) -> ShopperExport:
    """The finished export, once more written to the log. Raises :class:`NotFound` when it is over."""
    require_configurer(by)
    export = ShopperExport.by_public_id(export_id)
    if export.expires_at <= now:
        raise NotFound
    if export.state != WorkState.DONE:
        raise Conflict(_("The file is not ready yet."))
    log(by, "shopper.export_downloaded", f"shopper:{export.shopper}", now)
    return export


def shopper_data(shopper: Shopper, *, now: datetime) -> dict[str, Any]:
    """The document. Times are ISO 8601 in the merchant's zone, money is in minor units."""
    clock = _Clock(ZoneInfo(current_merchant().timezone))
    conversations = Conversation.objects.filter(shopper=shopper).order_by("pk").select_related("storefront")
    return {
        "format": "cs-portal shopper export 1",
        "made_at": clock(now),
        "merchant": current_merchant().name,
        "profile": shopper_document(shopper, now=now),
        "orders": [order_document(order) for order in orders_of(shopper=shopper)],
        "actions": _actions(shopper, clock),
        "conversations": _conversations(list(conversations), clock),
        "knowledge": taught_by(conversations.values_list("public_id", flat=True)),
    }


def _actions(shopper: Shopper, clock: _Clock) -> list[dict[str, Any]]:
    """What was asked for and done on the shopper's orders."""
    rows = OrderAction.objects.filter(shopper=shopper).select_related("order").order_by("pk")
    return [
        {
            "at": clock(row.created_at),
            "action": row.kind,
            "state": row.state,
            "order": row.order.number if row.order else None,
            "request": row.request,
            "amount_minor": row.amount_minor,
            "currency": row.currency,
        }
        for row in rows
    ]


def _conversations(rows: list[Conversation], clock: _Clock) -> list[dict[str, Any]]:
    """All of them with a constant number of queries."""
    ids = [row.pk for row in rows]
    messages = _grouped(Message.objects.filter(conversation__in=ids).order_by("pk"))
    photos: dict[int, list[Photo]] = {}
    for photo in Photo.objects.filter(message__conversation__in=ids).select_related("merchant").order_by("pk"):
        photos.setdefault(photo.message_id or 0, []).append(photo)
    translations: dict[int, list[MessageTranslation]] = {}
    said = MessageTranslation.objects.filter(message__conversation__in=ids, state=TranslationState.DONE)
    for one in said.order_by("pk"):
        translations.setdefault(one.message_id, []).append(one)
    notes = _grouped(Note.objects.filter(conversation__in=ids).order_by("pk"))
    made = Draft.objects.filter(conversation__in=ids).order_by("pk")
    drafts = _grouped(made.prefetch_related("candidates", "reviews"))
    return [
        {
            "id": str(row.public_id),
            "storefront": row.storefront.name,
            "language": row.locale,
            "state": row.state,
            "email": row.email,
            "started_at": clock(row.created_at),
            "rating": {"score": row.csat_score, "comment": row.csat_comment} if row.csat_score else None,
            "messages": [
                {
                    "author": message.author,
                    "text": message.text,
                    "attachments": message.attachments,
                    "photos": [_photo(photo, clock) for photo in photos.get(message.pk, [])],
                    "request": message.request,
                    "request_order": message.request_order or None,
                    "cards": message.cards,
                    "translations": [
                        {"language": one.locale, "text": one.text, "model": one.model, "at": clock(one.created_at)}
                        for one in translations.get(message.pk, [])
                    ],
                    "at": clock(message.created_at),
                }
                for message in messages.get(row.pk, [])
            ],
            "internal_notes": [{"text": note.text, "at": clock(note.created_at)} for note in notes.get(row.pk, [])],
            "drafts": [_draft(draft, clock) for draft in drafts.get(row.pk, [])],
        }
        for row in rows
    ]


def _photo(photo: Photo, clock: _Clock) -> dict[str, Any]:
    """With the picture itself; one whose file was lost says so by its absence."""
    try:
        data = base64.b64encode(read_photo(photo, small=False)).decode("ascii")
    except NotFound:
        data = None
    return {
        "type": "image/jpeg",
        "width": photo.width,
        "height": photo.height,
        "at": clock(photo.created_at),
        "data": data,
    }


def _draft(draft: Draft, clock: _Clock) -> dict[str, Any]:
    """What the portal understood and proposed, and what people decided."""
    return {
        "at": clock(draft.created_at),
        "understood_as": draft.intent,
        "details_read": draft.entities,
        "confidence": draft.confidence,
        "request": draft.request,
        "verdict": draft.standing_verdict or None,
        "wordings": [candidate.text for candidate in draft.candidates.all()],
        "decisions": [
            {
                "decision": review.decision,
                "reason": review.reason,
                "note": review.note,
                "text": review.text,
                "at": clock(review.created_at),
            }
            for review in draft.reviews.all()
        ],
    }


def _grouped(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.conversation_id, []).append(row)
    return found


class _Clock:
    """Times as the merchant's clock shows them."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def __call__(self, at: datetime) -> str:
        return at.astimezone(self._zone).isoformat(timespec="seconds")
