"""The approved reply leaves, together with its action (step 6 of the flow).

With the local connector both are one transaction. With a remote shop the action is begun first; the reply leaves when
the shop has done it (:func:`finish_sending`). Nothing is sent when anything moved meanwhile, or when the shop refused:
the draft reopens and says why. While the shop's answer is unknown nothing is sent either, and the draft stays approved.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cs_portal.commerce.actions.plan import Plan
from cs_portal.commerce.connectors.base import ActionRefused
from cs_portal.commerce.models import ActionState, Order, OrderAction
from cs_portal.commerce.services.actions import approve_action, carry_out, propose_action
from cs_portal.conversations.models import Author, Conversation
from cs_portal.conversations.services import needs_a_person, post_reply
from cs_portal.core.jobs import Lease
from cs_portal.drafting.carrying import acts, carried_by, is_decided, terms
from cs_portal.drafting.deciding import decide_on
from cs_portal.drafting.errors import FactsMoved
from cs_portal.drafting.evidence import in_both
from cs_portal.drafting.models import Decision, Draft, DraftState, Review
from cs_portal.drafting.pairs import needs_pair
from cs_portal.drafting.services.autopilot_sampling import note_sent
from cs_portal.drafting.services.autopilot_sending import autopilot_objects
from cs_portal.drafting.services.faq_hits import keep_hits
from cs_portal.drafting.services.notices import tell_console
from cs_portal.drafting.services.reopening import approver_of, log_sending, reopen
from cs_portal.drafting.staleness import changes, differs


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
                _check_locked(draft, review, unmoved=unmoved, now=now)
                action = _act(draft, review, now=now)
                if action is None or action.state == ActionState.DONE:
                    _post(draft, review, now=now)
        except FactsMoved as moved:
            reopen(draft, review, because=in_both(moved.sentence), now=now)
            return
        except ActionRefused as refusal:
            reopen(draft, review, because=in_both(lambda refusal=refusal: refusal.args[0]), now=now)  # type: ignore[misc]
            return
        if action is not None and action.state != ActionState.DONE:
            _wait_for_shop(draft, review, now=now)
            return
        _close(draft, review, action, now=now)


def give_up_sending(*, review_id: int, now: datetime) -> None:
    """Every attempt failed: the draft comes back to the queue, so that nobody believes it was sent."""
    review = Review.objects.select_related("draft__conversation__merchant", "member__user").get(pk=review_id)
    with transaction.atomic():
        if Draft.objects.filter(pk=review.draft_id, state=DraftState.APPROVED).update(state=DraftState.READY):
            because = in_both(lambda: _("The reply could not be sent. Try again."))
            reopen(review.draft, review, because=because, now=now)


def _lock(model: type[Conversation] | type[Order], pk: int, version: int | None) -> bool:
    """Hold the row until the transaction ends, if it still has ``version``."""
    return bool(model.objects.filter(pk=pk, version=version).update(version=F("version")))


def _check_locked(draft: Draft, review: Review, *, unmoved: bool, now: datetime) -> None:
    if not unmoved or (draft.order_id and not _lock(Order, draft.order_id, draft.order_version)):
        raise FactsMoved(lambda: " ".join(changes(draft, now=now)))
    if changes(draft, now=now):
        raise FactsMoved(lambda: " ".join(changes(draft, now=now)))
    if draft.request is not None and is_decided(draft):
        decided = decide_on(draft.order, draft.request, now=now, shopper=draft.conversation.shopper)
        if decided is None or differs(draft.verdict or {}, decided[0]):
            raise FactsMoved(lambda: _("The rules decide differently by now."))
    if review.first_id is None and needs_pair(carried_by(draft).plan, order=draft.order):
        raise FactsMoved(lambda: _("Two people must agree to this amount by now."))
    if review.autopilot is not None and (objection := autopilot_objects(draft, review, now=now)) is not None:
        raise FactsMoved(lambda: str(objection))


def _act(draft: Draft, review: Review, *, now: datetime) -> OrderAction | None:
    """Carry out what the verdict allows, exactly as it was approved; ``None`` when there is nothing to do.

    The local shop does it here and now; a remote one has begun by a job, and :func:`finish_sending` hears of the end.
    """
    if not acts(draft) or draft.request is None:
        return None
    order = draft.order
    action = propose_action(
        key=str(review.public_id),
        kind=draft.request["action"],
        request=draft.request,
        verdict=terms(draft),
        order=order,
        shopper=order.shopper if order is not None else draft.conversation.shopper,
        draft=draft.public_id,
        rules=draft.ruleset.public_id if draft.ruleset else None,
        now=now,
    )
    if review.plan is not None and Plan.from_dict(action.preview) != Plan.from_dict(review.plan):
        raise ActionRefused(_("What it would do has changed meanwhile."), code="plan_changed")
    approve_action(action=action, by=approver_of(review), now=now)
    return carry_out(action=action, now=now)


def _close(draft: Draft, review: Review, action: OrderAction | None, *, now: datetime) -> None:
    """The reply is posted, and what it promises is done."""
    Review.objects.filter(pk=review.pk).update(executed_at=now, undone_at=None)
    keep_hits(draft)
    note_sent(review, now=now)
    if action is not None:
        order = str(action.order.public_id) if action.order else ""
        amount = action.verdict.get("amount_minor") or action.amount_minor
        log_sending(draft, review, f"order.{action.kind}", now, order=order, amount=amount)
    log_sending(draft, review, "reply.sent", now, carried_out=action.kind if action is not None else "none")
    tell_console(draft, "draft:sent", now=now)


# --- with a remote shop ----------------------------------------------------------------------------------------------


def _wait_for_shop(draft: Draft, review: Review, *, now: datetime) -> None:
    """The intent is committed with its job; the draft stays approved until the shop has answered."""
    Draft.objects.filter(pk=draft.pk).update(state=DraftState.APPROVED, closed_at=None)
    log_sending(draft, review, "action.begun", now, order=str(draft.order.public_id) if draft.order else "")
    tell_console(draft, "draft:updated", now=now)


def finish_sending(*, action: OrderAction, now: datetime) -> None:
    """The shop has answered: post the reply to what was done, reopen the draft of what was not.

    Runs in the transaction that settles the action. What was done is told even if the conversation went on meanwhile:
    the approved words are true. Unknown so far: the console hears of it, and nothing is sent.
    """
    review = (
        Review.objects.select_related("draft__conversation__merchant", "member__user")
        .filter(public_id=action.key, draft__public_id=action.draft)
        .first()
    )
    if review is None:
        return
    draft = review.draft
    if action.state == ActionState.DONE:
        Draft.objects.filter(pk=draft.pk).update(state=DraftState.SENT, closed_at=now)
        _post(draft, review, now=now)
        _close(draft, review, action, now=now)
    elif action.state == ActionState.REFUSED:
        if Draft.objects.filter(pk=draft.pk, state=DraftState.APPROVED).update(state=DraftState.READY):
            because = in_both(lambda: _("The shop did not carry it out (%(code)s).") % {"code": action.error})
            reopen(draft, review, because=because, now=now)
    else:
        tell_console(draft, "draft:updated", now=now)


def _post(draft: Draft, review: Review, *, now: datetime) -> None:
    """A draft with a reason to hand over promises a colleague. Sent as it is, it leaves the question to one."""
    settles = review.decision == Decision.EDITED or not draft.handover_reason
    if not settles:
        needs_a_person(conversation_id=draft.conversation_id, now=now, reason=draft.handover_reason)
    post_reply(
        conversation=draft.conversation,
        author=Author.OPERATOR if review.decision == Decision.EDITED else Author.BOT,
        member=review.member,
        text=review.text,
        draft_key=draft.public_id,
        cards=draft.cards,
        now=now,
        settles=settles,
    )
