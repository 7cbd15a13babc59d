"""The shops whose webhooks a merchant accepts, as the console shows and configures them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from cs_portal.commerce.inbound import Delivery, Sender
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import NotAllowed
from cs_portal.integrations.models import ReceivedWebhook, ShopifyWebhook
from cs_portal.integrations.services.pushing import REFUSED
from cs_portal.integrations.services.webhooks import add_webhook
from cs_portal.merchants.models import Member


class ShopifySenders:
    """See :class:`~cs_portal.commerce.inbound.Inbound`."""

    def senders(self) -> Sequence[Sender]:
        rows = ShopifyWebhook.objects.annotate(
            count=Count("received"), failed=Count("received", filter=Q(received__outcome=REFUSED))
        )
        return [
            Sender(
                id=row.public_id,
                domain=row.domain,
                storefront=row.storefront,
                address=settings.PORTAL_URL.rstrip("/") + reverse("shopify_webhook", args=[row.public_id]),
                is_active=row.is_active,
                created_at=row.created_at,
                last_received_at=row.last_received_at,
                received=row.count,
                refused=row.failed,
            )
            for row in rows
        ]

    def deliveries(self, *, sender_id: UUID, limit: int) -> Sequence[Delivery]:
        rows = ReceivedWebhook.objects.filter(webhook__public_id=sender_id)[:limit]
        return [Delivery(row.topic, row.outcome, row.problem, row.received_at) for row in rows]

    def accept(self, *, domain: str, secret: str, storefront: str, by: Member, now: datetime) -> None:
        _require(by)
        with transaction.atomic():
            row = add_webhook(domain=domain, secret=secret, storefront=storefront, now=now)
            _log(row, by, "webhooks.accepted", now)

    def stop(self, *, sender_id: UUID, by: Member, now: datetime) -> None:
        _require(by)
        row = ShopifyWebhook.by_public_id(sender_id)
        with transaction.atomic():
            if ShopifyWebhook.objects.filter(pk=row.pk, is_active=True).update(is_active=False):
                _log(row, by, "webhooks.stopped", now)


def _require(by: Member) -> None:
    if not by.may_configure:
        raise NotAllowed(_("Only an owner or an admin may do this."))


def _log(row: ShopifyWebhook, by: Member, action: str, now: datetime) -> None:
    actor = Actor("member", str(by.public_id))
    record(merchant_id=row.merchant_id, actor=actor, action=action, target=f"webhook:{row.public_id}", now=now)
