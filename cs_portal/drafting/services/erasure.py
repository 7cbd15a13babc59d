"""Forgetting: a shopper who asks for it, and conversations that are older than the merchant keeps them.

What a conversation holds goes with it by cascade: messages, notes, drafts with their candidates and reviews, chat
sessions, search tokens. Orders are the merchant's books and stay, with their figures and without the person. The audit
log holds ids only and stays. Jobs that still wait for what is erased are cancelled, fence and all, so that a worker in
the middle of one loses its lease instead of writing to what is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from cs_portal.commerce.models import Order, Payment, Shipment, Shopper
from cs_portal.commerce.services.actions import forget_shopper_in_actions
from cs_portal.commerce.services.import_traces import forget_in_imports
from cs_portal.conversations import search
from cs_portal.conversations.models import Conversation, Message, OutgoingReply
from cs_portal.core import jobs
from cs_portal.core.audit import SYSTEM, record
from cs_portal.core.errors import Invalid
from cs_portal.core.jobs import Lease
from cs_portal.core.models import Job, JobState
from cs_portal.core.tenancy import current_merchant
from cs_portal.drafting.models import Draft, Review
from cs_portal.drafting.services.faq_hits import forget_hits
from cs_portal.knowledge.services.forgetting import forget_conversations
from cs_portal.knowledge.services.regression_cases import forget_cases_of
from cs_portal.knowledge.services.trying import forget_tests_of
from cs_portal.merchants.models import Member, Merchant, ShopperExport
from cs_portal.merchants.services.roles import log, require_configurer

SWEEP = "sweep_retention"
PURGE = "purge_search_index"
SHORTEST_RETENTION_DAYS = 7
LONGEST_RETENTION_DAYS = 3650
#: Django's file backend ends each letter so; several may share a file.
_LETTERS_END = b"-" * 79 + b"\n"
#: Conversations that are erased in one transaction.
BATCH = 200


def typed_name(shopper: Shopper) -> str:
    """What has to be typed to confirm an erasure: the e-mail address, else the name, else the short id."""
    return shopper.email or shopper.name or str(shopper.public_id)[:8]


def erase_shopper(*, shopper_id: UUID, by: Member, confirmation: str, now: datetime) -> None:
    """Forget the shopper everywhere, now. There is no way back. Raises :class:`Invalid` for a wrong confirmation."""
    require_configurer(by)
    shopper = Shopper.by_public_id(shopper_id)
    if confirmation.strip().casefold() != typed_name(shopper).casefold():
        raise Invalid(_("That is not what is written above. Nothing was erased."), field="confirmation")
    with transaction.atomic():
        traces = _erase(shopper, now)
        log(by, "shopper.erased", f"shopper:{shopper.public_id}", now)
        jobs.enqueue(PURGE, key=f"purge:{shopper.public_id}", merchant_id=shopper.merchant_id, payload={}, now=now)
        transaction.on_commit(lambda: _burn_letters(traces))


def _erase(shopper: Shopper, now: datetime) -> set[str]:
    """Within the caller's transaction; returns what letters to the shopper hold: addresses, and their threads."""
    Shopper.objects.select_for_update().get(pk=shopper.pk)
    conversations = Conversation.objects.filter(shopper=shopper)
    addresses = {shopper.email, *conversations.values_list("email", flat=True)} - {""}
    threads = {f"conversation.{public_id}@" for public_id in conversations.values_list("public_id", flat=True)}
    forget_in_imports({*addresses, shopper.name, shopper.phone, shopper.external_id or ""})
    _erase_conversations(conversations, now)
    ShopperExport.objects.filter(shopper=shopper.public_id).delete()
    forget_tests_of(shopper)
    orders = Order.objects.filter(shopper=shopper)
    if not orders.exists():
        shopper.delete()
        return addresses | threads
    forget_shopper_in_actions(shopper=shopper)
    Shipment.objects.filter(order__in=orders).update(tracking="")
    Payment.objects.filter(order__in=orders).update(method_id="")
    orders.update(address={}, note="", version=F("version") + 1)
    # Any further field of a shopper would have to be forgotten here as well: a test compares with the model.
    Shopper.objects.filter(pk=shopper.pk).update(
        external_id=None, name="", email="", phone="", tags=[], payment_methods=[]
    )
    return addresses | threads


def _erase_conversations(conversations: QuerySet[Conversation], now: datetime) -> int:
    """Locked first: whoever writes to a conversation locks it, too, and finds it gone."""
    ids = list(conversations.select_for_update().order_by("pk").values_list("pk", flat=True))
    conversations = Conversation.objects.filter(pk__in=ids)
    _cancel_jobs(
        now,
        conversation=conversations,
        message=Message.objects.filter(conversation__in=ids),
        draft=Draft.objects.filter(conversation__in=ids),
        review=Review.objects.filter(draft__conversation__in=ids),
        reply=OutgoingReply.objects.filter(conversation__in=ids),
    )
    forget_hits(list(Draft.objects.filter(conversation__in=ids).values_list("pk", flat=True)))
    forget_cases_of(Draft.objects.filter(conversation__in=ids).values_list("public_id", flat=True))
    forget_conversations(conversations.values_list("public_id", flat=True), now=now)
    conversations.delete()
    return len(ids)


def _cancel_jobs(now: datetime, **doomed: QuerySet[Any]) -> None:
    """Cancel open jobs whose payload names a doomed row by its number or public id."""
    names: dict[str, set[object]] = {
        kind: {key for pair in rows.values_list("pk", "public_id") for key in (pair[0], str(pair[1]))}
        for kind, rows in doomed.items()
    }
    open_jobs = Job.objects.filter(merchant=current_merchant(), state__in=[JobState.READY, JobState.LEASED])
    hit = [
        pk
        for pk, payload in open_jobs.values_list("pk", "payload").iterator()
        if any(payload.get(kind) in keys for kind, keys in names.items() if keys)
    ]
    for start in range(0, len(hit), 500):
        doomed_jobs = open_jobs.filter(pk__in=hit[start : start + 500])
        doomed_jobs.update(state=JobState.CANCELLED, fence=F("fence") + 1, lease_owner="", finished_at=now)


def _burn_letters(traces: Iterable[str]) -> None:
    """Delete letters that lie in ``var/mail`` where no mail server is configured.

    A letter names its conversation in its head, so that those to an earlier address are found as well.
    """
    folder = Path(settings.EMAIL_FILE_PATH)
    if not settings.EMAIL_BACKEND.endswith("filebased.EmailBackend") or not folder.is_dir():
        return
    if not (words := [re.escape(trace.casefold().encode()) for trace in traces if trace]):
        return
    wanted = re.compile(rb"(?<![\w.+-])(?:" + b"|".join(words) + rb")")
    for path in folder.glob("*.log"):
        letters = path.read_bytes().split(_LETTERS_END)
        kept = [letter for letter in letters if not wanted.search(letter.lower())]
        if not any(letter.strip() for letter in kept):
            path.unlink(missing_ok=True)
        elif len(kept) < len(letters):
            path.write_bytes(_LETTERS_END.join(kept))


# --- retention ---------------------------------------------------------------------------------------------------


def expired_conversations(*, days: int, now: datetime) -> QuerySet[Conversation]:
    """Conversations whose last message is older than ``days``."""
    return Conversation.objects.filter(last_message_at__lt=now - timedelta(days=days))


def set_retention(*, by: Member, days: int | None, now: datetime) -> Merchant:
    """Keep conversations for ``days``, None for ever; the first sweep comes in a minute. Raises :class:`Invalid`."""
    require_configurer(by)
    if days is not None and not SHORTEST_RETENTION_DAYS <= days <= LONGEST_RETENTION_DAYS:
        raise Invalid(
            _("Between %(least)s and %(most)s days.")
            % {"least": SHORTEST_RETENTION_DAYS, "most": LONGEST_RETENTION_DAYS},
            field="days",
        )
    with transaction.atomic():
        merchant = Merchant.objects.select_for_update().get(pk=by.merchant_id)
        if merchant.retention_days != days:
            merchant.retention_days = days
            merchant.save(update_fields=["retention_days"])
            log(by, "merchant.retention_changed", f"merchant:{merchant.public_id}", now, {"days": days})
        _waiting_sweeps().update(state=JobState.CANCELLED, finished_at=now)
        if days is not None:
            _enqueue_sweep(merchant, at=now + timedelta(minutes=1), now=now)
    return merchant


def next_sweep_at() -> datetime | None:
    """When old conversations are erased next."""
    return _waiting_sweeps().order_by("execute_after").values_list("execute_after", flat=True).first()


def _waiting_sweeps() -> QuerySet[Job]:
    return Job.objects.filter(merchant=current_merchant(), kind=SWEEP, state=JobState.READY)


def sweep_retention(*, lease: Lease, now: datetime) -> int:
    """Erase what is too old, a batch per transaction, and ask for tomorrow's sweep. Returns how many were erased."""
    merchant: Merchant = Merchant.objects.get(pk=current_merchant().pk)
    days, erased = merchant.retention_days, 0
    if days is not None:
        while count := _erase_batch(days, now):
            erased += count
    if erased:
        search.purge()
    with lease.finishing(now=now):
        if days is not None:
            keep_sweeping(now=now)
        if erased:
            record(
                merchant_id=merchant.pk,
                actor=SYSTEM,
                action="conversations.expired",
                target=f"merchant:{merchant.public_id}",
                now=now,
                data={"count": erased, "days": days},
            )
    return erased


def _erase_batch(days: int, now: datetime) -> int:
    with transaction.atomic():
        batch = expired_conversations(days=days, now=now).order_by("pk").values_list("pk", flat=True)[:BATCH]
        erased = _erase_conversations(Conversation.objects.filter(pk__in=list(batch)), now)
        _forget_strangers(now - timedelta(days=days))
    return erased


def _forget_strangers(before: datetime) -> None:
    """Anonymous visitors whose last conversation is gone."""
    nobody = Shopper.objects.filter(external_id=None, created_at__lt=before, conversations=None, orders=None)
    nobody.filter(name="", email="", phone="").delete()


def keep_sweeping(*, now: datetime) -> None:
    """See to it that a sweep waits: tomorrow's, unless somebody asked for an earlier one meanwhile."""
    if next_sweep_at() is None:
        _enqueue_sweep(current_merchant(), at=now + timedelta(days=1), now=now)


def _enqueue_sweep(merchant: Merchant, *, at: datetime, now: datetime) -> None:
    jobs.enqueue(
        SWEEP,
        key=f"retention:{merchant.pk}:{at.timestamp():.6f}",
        merchant_id=merchant.pk,
        payload={},
        now=now,
        execute_after=at,
    )
