"""The approved reply leaves, together with its action: one transaction with the local connector (step 6 of the flow).

Nothing is sent when anything moved meanwhile: the draft reopens and says why.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cs_portal.commerce.connectors import local
from cs_portal.commerce.connectors.base import SUPPORTED, Action, ActionRefused
from cs_portal.commerce.models import Order
from cs_portal.conversations.models import Author, Conversation
from cs_portal.conversations.services import post_reply
from cs_portal.core.audit import Actor, record
from cs_portal.core.jobs import Lease
from cs_portal.drafting.errors import FactsMoved
from cs_portal.drafting.evidence import Texts, in_both
from cs_portal.drafting.models import Decision, Draft, DraftState, Review
from cs_portal.drafting.prepare import decide_on
from cs_portal.drafting.services.notices import tell_console
from cs_portal.drafting.staleness import changes


def send_reply(*, lease: Lease, review_id: int, now: datetime) -> None:
    """Re-check, act, post, close — or reopen. Finishes the job in the same transaction."""
    review = Review.objects.select_related("draft__conversation__merchant", "member__user").get(pk=review_id)
    draft = review.draft
    with lease.finishing(now=now):
        # Locks, in the order in which every writer takes them: conversation, draft, order. A row that moved is not
        # locked and not sent upon.
        unmoved = _lock(Conversation, draft.conversation_id, draft.conversation_version)
        # An undo or a second sender that came first leaves nothing to do.
        if not Draft.objects.filter(pk=draft.pk, state=DraftState.APPROVED).update(
            state=DraftState.SENT, closed_at=now
        ):
            return
        draft.refresh_from_db()
        try:
            with transaction.atomic():
                if not unmoved or (draft.order_id and not _lock(Order, draft.order_id, draft.order_version)):
                    raise FactsMoved(lambda: " ".join(changes(draft)))
                _check(draft, now=now)
                action = _execute(draft, review, now=now)
                _post(draft, review, now=now)
        except FactsMoved as moved:
            _reopen(draft, review, because=in_both(moved.sentence), now=now)
            return
        except ActionRefused as refusal:
            _reopen(draft, review, because=in_both(lambda refusal=refusal: refusal.args[0]), now=now)  # type: ignore[misc]
            return
        Review.objects.filter(pk=review.pk).update(executed_at=now)
        _log(draft, review, "reply.sent", now, carried_out=action or "none")
        tell_console(draft, "draft:sent", now=now)


def give_up_sending(*, review_id: int, now: datetime) -> None:
    """Every attempt failed: the draft comes back to the queue, so that nobody believes it was sent."""
    review = Review.objects.select_related("draft__conversation__merchant", "member__user").get(pk=review_id)
    with transaction.atomic():
        if Draft.objects.filter(pk=review.draft_id, state=DraftState.APPROVED).update(state=DraftState.READY):
            because = in_both(lambda: _("The reply could not be sent. Try again."))
            _reopen(review.draft, review, because=because, now=now)


def _lock(model: type[Conversation] | type[Order], pk: int, version: int | None) -> bool:
    """Lock the row until the transaction ends, if it is still the version that the draft was made on."""
    return bool(model.objects.filter(pk=pk, version=version).update(version=F("version")))


def _check(draft: Draft, *, now: datetime) -> None:
    if changes(draft):
        raise FactsMoved(lambda: " ".join(changes(draft)))
    if draft.order is None or draft.request is None or draft.verdict is None or draft.override is not None:
        return
    decided = decide_on(draft.order, draft.request, now=now)
    before = (draft.verdict.get("outcome"), draft.verdict.get("amount_minor"))
    if decided is None or (decided[0].get("outcome"), decided[0].get("amount_minor")) != before:
        raise FactsMoved(lambda: _("The rules decide differently by now."))


def _execute(draft: Draft, review: Review, *, now: datetime) -> str | None:
    """Carry out what the verdict allows; returns the action's kind, or None when there is nothing to do."""
    verdict = draft.standing_verdict
    if draft.order is None or draft.request is None or verdict.get("outcome") != "allow":
        return None
    kind = draft.request["action"]
    if kind not in SUPPORTED:
        return None
    local.execute(
        Action(
            kind=kind,
            order_id=draft.order.pk,
            key=str(review.public_id),
            payments=verdict.get("payments") or (),
            lines=draft.request.get("lines") or (),
            address=draft.request.get("address"),
        ),
        now=now,
    )
    _log(draft, review, f"order.{kind}", now, order=str(draft.order.public_id), amount=verdict.get("amount_minor") or 0)
    return str(kind)


def _post(draft: Draft, review: Review, *, now: datetime) -> None:
    post_reply(
        conversation=draft.conversation,
        author=Author.OPERATOR if review.decision == Decision.EDITED else Author.BOT,
        member=review.member,
        text=review.text,
        draft_key=draft.public_id,
        now=now,
    )


def _reopen(draft: Draft, review: Review, *, because: Texts, now: datetime) -> None:
    Review.objects.filter(pk=review.pk).update(undone_at=now)
    Draft.objects.filter(pk=draft.pk).update(state=DraftState.READY, closed_at=None, reopened_because=because)
    _log(draft, review, "draft.reopened", now)
    tell_console(draft, "draft:reopened", now=now)


def _log(draft: Draft, review: Review, action: str, now: datetime, **data: str | int) -> None:
    approved_by = Actor("member", str(review.member.public_id)) if review.member else Actor("system", "")
    verdict = draft.verdict or {}
    record(
        merchant_id=draft.merchant_id,
        actor=approved_by,
        action=action,
        target=f"draft:{draft.public_id}",
        now=now,
        data={
            "review": str(review.public_id),
            "ruleset": str(draft.ruleset.public_id) if draft.ruleset else "",
            "rule": verdict.get("rule") or "",
            "overridden": bool(draft.override),
            "model": draft.model_version,
            **data,
        },
    )
