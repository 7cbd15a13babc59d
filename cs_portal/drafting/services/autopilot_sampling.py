"""What autopilot sent is looked at afterwards: a share of it by a person, who says whether it was right.

The brake: a rule of which two among the last twenty that were judged are wrong sends nothing more. One for words is
back in shadow, without evidence; a switch is off.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cs_portal.core.audit import SYSTEM, record
from cs_portal.core.errors import Conflict, Invalid, NotFound
from cs_portal.drafting.models import (
    AutopilotRule,
    AutopilotSend,
    AutopilotState,
    Judgement,
    PutBack,
    RejectReason,
    Review,
)
from cs_portal.drafting.services.autopilot import switched_off, take_back, tell_of_autopilot
from cs_portal.drafting.services.roles import require_reviewer
from cs_portal.merchants.models import Member
from cs_portal.merchants.services.notices import notify
from cs_portal.merchants.services.roles import log

#: So many of the first replies of each version of a rule are all checked.
FIRST = 20
#: The brake looks at so many that were judged last, and is pulled by so many wrong ones.
LOOKED_AT, WRONG_ONES = 20, 2


def note_sent(review: Review, *, now: datetime) -> None:
    """A reply has left: where autopilot approved it, write that down, and whether people check it."""
    if review.autopilot is None:
        return
    rule = AutopilotRule.objects.filter(public_id=review.autopilot["rule"]).first()
    if rule is None:
        return
    before = AutopilotSend.objects.filter(rule=rule, rule_version=rule.version, created_at__gte=rule.evidence_since)
    sampled = is_sampled(review.public_id) or before[:FIRST].count() < FIRST
    AutopilotSend.objects.get_or_create(
        review=review,
        defaults={"rule": rule, "rule_version": rule.version, "created_at": now, "sampled": sampled},
    )


def is_sampled(public_id: UUID) -> bool:
    """The same answer for the same reply whenever it is asked: nobody can ask until it suits."""
    drawn = int.from_bytes(sha256(public_id.bytes).digest()[:8]) / 2**64
    return drawn < float(settings.AUTOPILOT_SAMPLE_SHARE)


def sends_to_check() -> QuerySet[AutopilotSend]:
    """Sampled replies that nobody has judged, the oldest first."""
    return AutopilotSend.objects.filter(sampled=True, judgement="").order_by("created_at", "id")


def held_back() -> int:
    """How many rules the brake holds back, until somebody chooses a state for them."""
    return AutopilotRule.objects.filter(put_back=PutBack.SAMPLES).count()


def judge_send(*, send_id: UUID, by: Member, judgement: str, reason: str, now: datetime) -> bool:
    """Say whether a sampled reply was right; returns whether that pulled the brake.

    Raises :class:`Invalid` for no judgement, or one of wrong without a reason, :class:`Conflict` where a colleague was
    first.
    """
    require_reviewer(by)
    send = _sampled(send_id)
    if judgement not in Judgement.values:
        raise Invalid(_("Choose one of the values."), field="judgement")
    reason = reason if judgement == Judgement.WRONG else ""
    if judgement == Judgement.WRONG and reason not in RejectReason.values:
        raise Invalid(_("Choose a reason."), field="reason")
    with transaction.atomic():
        # The rule first, as every writer of its state: two who judge at once are counted together.
        rule = AutopilotRule.objects.select_for_update().get(pk=send.rule_id)
        waiting = AutopilotSend.objects.filter(pk=send.pk, judgement="")
        if not waiting.update(judgement=judgement, reason=reason, judged_by=by, judged_at=now):
            raise Conflict(_("A colleague was faster: this reply is judged."))
        data = {"kind": judgement, "reason": reason, "autopilot_rule": str(rule.public_id)}
        log(by, "autopilot.judged", f"draft:{send.review.draft.public_id}", now, data)
        return judgement == Judgement.WRONG and _brake(rule, send, by, now)


def unjudge_send(*, send_id: UUID, by: Member, now: datetime) -> AutopilotSend:
    """Take one's judgement back: the reply waits to be checked again. A brake that it pulled stays pulled."""
    require_reviewer(by)
    with transaction.atomic():
        send = _sampled(send_id)
        mine = AutopilotSend.objects.filter(pk=send.pk, judged_by=by).exclude(judgement="")
        if not mine.update(judgement="", reason="", judged_by=None, judged_at=None):
            raise Conflict(_("A colleague judged this reply."))
        data = {"autopilot_rule": str(send.rule.public_id)}
        log(by, "autopilot.unjudged", f"draft:{send.review.draft.public_id}", now, data)
    return send


def _sampled(send_id: UUID) -> AutopilotSend:
    rows = AutopilotSend.objects.filter(public_id=send_id, sampled=True)
    send: AutopilotSend | None = rows.select_related("rule", "review__draft__conversation").first()
    if send is None:
        raise NotFound
    return send


def _brake(rule: AutopilotRule, send: AutopilotSend, by: Member, now: datetime) -> bool:
    judged = AutopilotSend.objects.filter(
        rule=rule, rule_version=rule.version, created_at__gte=rule.evidence_since
    ).exclude(judgement="")
    last = judged.order_by("-judged_at", "-id").values_list("judgement", flat=True)[:LOOKED_AT]
    if rule.state != AutopilotState.ON or list(last).count(Judgement.WRONG) < WRONG_ONES:
        return False
    state = AutopilotState.OFF if rule.action else AutopilotState.SHADOW
    AutopilotRule.objects.filter(pk=rule.pk).update(
        state=state,
        state_since=now,
        state_by=None,
        put_back=PutBack.SAMPLES,
        evidence_since=now,
        updated_at=now,
    )
    taken = take_back(AutopilotRule.objects.filter(pk=rule.pk), because=switched_off, now=now)
    record(
        merchant_id=rule.merchant_id,
        actor=SYSTEM,
        action="autopilot_rule.braked",
        target=f"autopilot_rule:{rule.public_id}",
        now=now,
        data={"state": state, "number": rule.version, "taken_back": taken},
    )
    tell_of_autopilot(now=now)
    admins = [one for one in Member.objects.filter(removed_at=None).select_related("user") if one.may_configure]
    conversation = send.review.draft.conversation.public_id
    notify(kind="autopilot", conversation=conversation, members=admins, by=by, now=now)
    return True
