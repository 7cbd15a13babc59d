"""One conversation as it unfolds. Each step leaves the rows that the service of the same name would have left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cs_portal.conversations.models import (
    ActivityKind,
    Author,
    Conversation,
    ConversationState,
    ConversationTag,
    Handler,
    Message,
    Note,
    OutgoingReply,
    ResolvedBy,
)
from cs_portal.demo.history.record import NotYet, Record
from cs_portal.drafting.models import Decision, Draft, DraftCandidate, DraftState, Review
from cs_portal.merchants.models import Member

__all__ = ["SILENCE", "UNDO", "NotYet", "Thread"]

UNDO = timedelta(seconds=10)
SILENCE = timedelta(hours=24)


class Thread(Record):
    """The conversation as it unfolds."""

    def say(self, text: str, at: datetime, *, photo: bool = False) -> Message:
        """The shopper writes: the first time this starts the conversation, later it brings it back."""
        at = self._move(at)
        if self._row is None:
            self._row = Conversation(
                storefront=self.storefront,
                shopper=self.shopper,
                locale=self.locale,
                email=self.shopper.email,
                created_at=at,
                last_message_at=at,
            )
            self.rows.conversations.append(self._row)
        message = self._message(Author.SHOPPER, text, at, client_id=self._uuid().hex)
        message.attachments = ["photo"] if photo else []
        self.row.shopper_seen_at = at
        self._start_waiting(at)
        self._bring_back(at)
        self.last_message = message
        return message

    def draft(self, fields: Mapping[str, Any], candidates: Sequence[Mapping[str, Any]], *, order: str = "") -> Draft:
        """The bot answers the last message some seconds later, in place of the draft before."""
        assert self.last_message is not None
        at = self._move(self.last_message.created_at + timedelta(seconds=self.rng.uniform(1.1, 3.4)))
        self._supersede(at, by=None)
        draft = Draft(
            public_id=self._uuid(),
            conversation=self.row,
            message=self.last_message,
            locale=self.locale,
            conversation_version=self.row.version,
            created_at=at,
            **fields,
        )
        self.rows.drafts.append(draft)
        self.rows.candidates += [
            DraftCandidate(draft=draft, position=position, created_at=at, **candidate)
            for position, candidate in enumerate(candidates, start=1)
        ]
        if order:
            self.rows.orders.append((draft, order))
        self.open_draft = draft
        self.row.bot_involved_at = self.row.bot_involved_at or at
        if draft.needs_person:
            self.hand_over(draft.handover_reason, at)
        return draft

    def reject(self, at: datetime, *, by: Member, reason: str) -> None:
        """The bot's wordings are discarded; the question waits on for a person."""
        at, draft = self._move(at), self._open()
        draft.opened_at = draft.opened_at or at - timedelta(seconds=self.rng.uniform(8, 90))
        draft.generation += 1
        draft.needs_person = True
        shown = next((c for c in self.rows.candidates if c.draft is draft and c.position == 1), None)
        self.rows.reviews.append(
            Review(draft=draft, member=by, decision=Decision.REJECTED, reason=reason, candidate=shown, created_at=at)
        )
        self.row.needs_person = True
        self._log("draft.rejected", f"draft:{draft.public_id}", at, by=by, reason=reason, **self._rested_on(draft))

    def override(
        self, at: datetime, *, by: Member, amount_minor: int, payments: list[dict[str, Any]], why: str
    ) -> None:
        """An admin allows what the rules escalated."""
        at, draft = self._move(at), self._open()
        draft.opened_at = draft.opened_at or at - timedelta(seconds=self.rng.uniform(20, 120))
        draft.override = {
            "outcome": "allow",
            "reason": why,
            "by": str(by.public_id),
            "by_name": str(by.user),
            "at": at.isoformat(),
            "amount_minor": amount_minor,
            "payments": payments,
        }
        self.rows.reviews.append(Review(draft=draft, member=by, decision=Decision.OVERRIDDEN, note=why, created_at=at))
        data = self._rested_on(draft) | {"outcome": "allow", "amount_minor": amount_minor}
        self._log("verdict.overridden", f"draft:{draft.public_id}", at, by=by, **data)

    def approve(self, at: datetime, *, by: Member, text: str | None = None, candidate: int = 1) -> Review:
        """Approve the wording, or ``text`` in its place; the reply leaves when the undo window closes."""
        sent_at = self._move(at + UNDO)
        draft = self._open()
        chosen = next(c for c in self.rows.candidates if c.draft is draft and c.position == candidate)
        wording = chosen.text if text is None else text
        decision = Decision.APPROVED if chosen.text.strip() == wording.strip() else Decision.EDITED
        draft.opened_at = draft.opened_at or at - timedelta(seconds=min(self.rng.lognormvariate(3.2, 0.7), 400))
        draft.opened_at = max(draft.opened_at, draft.created_at)
        draft.selected = candidate
        review = Review(
            public_id=self._uuid(),
            draft=draft,
            member=by,
            decision=decision,
            candidate=chosen,
            text=wording,
            execute_after=sent_at,
            executed_at=sent_at,
            created_at=at,
        )
        self.rows.reviews.append(review)
        origin = {
            "candidate": str(chosen.public_id),
            "source": chosen.source,
            "model": chosen.model,
            "generation": chosen.generation,
        }
        data = self._rested_on(draft) | {"review": str(review.public_id)} | origin
        self._log(f"draft.{review.decision}", f"draft:{draft.public_id}", at, by=by, **data)
        self._send(draft, review, by=by, at=sent_at)
        return review

    def _send(self, draft: Draft, review: Review, *, by: Member, at: datetime) -> None:
        action = draft.request["action"] if draft.request else ""
        carried_out = action if action and draft.standing_verdict.get("outcome") == "allow" else "none"
        sent: dict[str, Any] = {
            "review": str(review.public_id),
            "ruleset": str(self.cast.ruleset.public_id) if draft.ruleset else "",
            "rule": (draft.verdict or {}).get("rule") or "",
            "overridden": bool(draft.override),
            "model": draft.model_version,
        }
        if carried_out != "none":
            amount = draft.standing_verdict.get("amount_minor") or 0
            self._log(f"order.{action}", f"draft:{draft.public_id}", at, by=by, **sent, amount=amount)
        draft.state, draft.closed_at = DraftState.SENT, at
        self.open_draft = None
        author = Author.OPERATOR if review.decision == Decision.EDITED else Author.BOT
        self._reply(author, by, review.text, at, draft_key=draft.public_id, cards=draft.cards)
        self._log("reply.sent", f"draft:{draft.public_id}", at, by=by, **sent, carried_out=carried_out)

    def write(self, text: str, at: datetime, *, by: Member) -> Message:
        """An operator answers in their own words; the bot's open draft gives way."""
        sent_at = self._move(at + UNDO)
        reply = OutgoingReply(
            public_id=self._uuid(),
            conversation=self.row,
            member=by,
            text=text,
            execute_after=sent_at,
            executed_at=sent_at,
            created_at=at,
        )
        self.rows.outgoing.append(reply)
        target = f"conversation:{self.row.public_id}"
        self._log("reply.written", target, at, by=by, reply=str(reply.public_id))
        self._supersede(at, by=by)
        message = self._reply(Author.OPERATOR, by, text, sent_at, draft_key=reply.public_id)
        self._log("reply.sent", target, sent_at, by=by, reply=str(reply.public_id), message=str(message.public_id))
        return message

    def take_over(self, at: datetime, *, by: Member) -> None:
        at = self._move(at)
        self.row.handled_by = Handler.PERSON
        self.row.handed_over_at = self.row.handed_over_at or at
        self._happened(ActivityKind.TAKEN_OVER, at, by=by)
        self._log("conversation.taken_over", self._target, at, by=by)
        self.assign(by, at, by=by)
        self._supersede(at, by=by)

    def tag(self, name: str, at: datetime, *, by: Member) -> None:
        tag = self.cast.tags[name]
        if any(row.tag is tag for row in self.rows.tagged):
            return
        self.rows.tagged.append(ConversationTag(conversation=self.row, tag=tag))
        self._happened(ActivityKind.TAGGED, at, by=by, tag=str(tag.public_id), batch="")
        self._log("conversation.tagged", self._target, at, by=by, tag=str(tag.public_id))

    def note(self, text: str, at: datetime, *, by: Member) -> None:
        note = Note(public_id=self._uuid(), conversation=self.row, member=by, text=text, created_at=at)
        self.rows.notes.append(note)
        self._log("conversation.noted", self._target, at, by=by, note=str(note.public_id))

    def snooze(self, at: datetime, *, by: Member, until: datetime) -> None:
        at, row = self._move(at), self.row
        data = {"until": until.isoformat(), "was": row.state, "old": "", "batch": ""}
        row.state, row.snoozed_until = ConversationState.SNOOZED, until
        self._happened(ActivityKind.SNOOZED, at, by=by, **data)
        self._log("conversation.snoozed", self._target, at, by=by, until=until.isoformat())

    def wake(self, at: datetime) -> None:
        """The snooze is over."""
        at, row = self._move(at), self.row
        row.state, row.snoozed_until = ConversationState.OPEN, None
        self._happened(ActivityKind.WOKEN, at, cause="time")
        self._log("conversation.woken", self._target, at)

    def resolve(self, at: datetime, *, how: ResolvedBy, by: Member | None = None) -> None:
        at, row = self._move(at), self.row
        before = {
            "state": row.state,
            "handled_by": row.handled_by,
            "needs_person": row.needs_person,
            "snoozed_until": row.snoozed_until.isoformat() if row.snoozed_until else "",
            "waiting_since": row.waiting_since.isoformat() if row.waiting_since else "",
            "reply_due_at": row.reply_due_at.isoformat() if row.reply_due_at else "",
            "csat_asked_at": row.csat_asked_at.isoformat() if row.csat_asked_at else "",
        }
        row.state, row.resolved_at, row.resolved_by = ConversationState.RESOLVED, at, how
        row.snoozed_until = row.waiting_since = row.reply_due_at = None
        row.handled_by, row.needs_person = Handler.BOT, False
        row.csat_asked_at = at
        self._happened(ActivityKind.RESOLVED, at, by=by, how=how.value, batch="", before=before)
        kind = "shopper" if how == ResolvedBy.SHOPPER else "system"
        self._log("conversation.resolved", self._target, at, by=by, kind=kind, how=how.value)
        self._supersede(at, by=by)

    def rate(self, at: datetime, *, score: int, comment: str) -> None:
        at, row = self._move(at), self.row
        row.csat_score, row.csat_comment, row.csat_answered_at = score, comment, at
        self._happened(ActivityKind.CSAT, at, score=score)
        self._log("conversation.rated", self._target, at, kind="shopper", score=score)
