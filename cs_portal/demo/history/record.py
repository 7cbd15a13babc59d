"""The row of one conversation, and the traces that every step leaves: messages, the timeline, the log."""

from __future__ import annotations

import random
import uuid
from datetime import datetime
from typing import Any

from cs_portal.commerce.models import Shopper
from cs_portal.conversations.models import (
    Activity,
    ActivityKind,
    Author,
    Conversation,
    ConversationState,
    Message,
)
from cs_portal.core.models import AuditEntry
from cs_portal.demo.history.ledger import Cast, Ledger
from cs_portal.demo.merchants import Language
from cs_portal.drafting.models import Decision, Draft, DraftState, Review
from cs_portal.merchants.models import Member, Storefront

PREVIEW_CHARACTERS = 160


class NotYet(Exception):
    """This step lies in the future: the conversation stands where it stands."""


class Record:
    """The conversation's row and what every step leaves behind; ``at`` is the time of the last step."""

    def __init__(
        self, cast: Cast, shopper: Shopper, storefront: Storefront, *, locale: Language, rng: random.Random
    ) -> None:
        self.cast, self.shopper, self.locale, self.rng = cast, shopper, locale, rng
        self.rows = Ledger()
        self.open_draft: Draft | None = None
        self.last_message: Message | None = None
        self.storefront = storefront
        self._row: Conversation | None = None

    @property
    def row(self) -> Conversation:
        assert self._row is not None
        return self._row

    @property
    def at(self) -> datetime:
        return self._at

    def _move(self, at: datetime) -> datetime:
        if at >= self.cast.now:
            raise NotYet
        self._at = at
        return at

    def _message(self, author: Author, text: str, at: datetime, **fields: Any) -> Message:
        message = Message(
            public_id=self._uuid(), conversation=self.row, author=author, text=text, created_at=at, **fields
        )
        self.rows.messages.append(message)
        if author != Author.SYSTEM:
            self.row.version += 1
            self.row.last_message_at = at
            self.row.preview = " ".join(text.split())[:PREVIEW_CHARACTERS]
            self.row.last_author = author
        return message

    def _start_waiting(self, at: datetime) -> None:
        row = self.row
        if row.waiting_since is not None:
            return
        merchant = self.cast.merchant
        first = row.first_reply_at is None
        minutes = merchant.first_reply_minutes if first else merchant.next_reply_minutes
        row.waiting_since = at
        row.reply_due_at = self.cast.schedule.add_minutes(at, minutes)
        if first and row.first_reply_due_at is None:
            row.first_reply_due_at = row.reply_due_at

    def _bring_back(self, at: datetime) -> None:
        row = self.row
        if row.state == ConversationState.SNOOZED:
            row.state, row.snoozed_until = ConversationState.OPEN, None
            self._happened(ActivityKind.WOKEN, at, cause="message")
        elif row.state == ConversationState.RESOLVED:
            was = row.resolved_at.isoformat() if row.resolved_at else ""
            row.state, row.resolved_at, row.resolved_by = ConversationState.OPEN, None, ""
            row.reopened_count += 1
            self._happened(ActivityKind.REOPENED, at, cause="message", resolved_at=was)

    def hand_over(self, reason: str, at: datetime) -> None:
        row = self.row
        new = not row.needs_person or (reason and reason != row.handover_reason)
        row.needs_person = True
        row.handover_reason = reason or row.handover_reason
        row.handed_over_at = row.handed_over_at or at
        if new:
            self._happened(ActivityKind.HANDED_OVER, at, reason=reason)

    def _supersede(self, at: datetime, *, by: Member | None) -> None:
        draft, self.open_draft = self.open_draft, None
        if draft is None:
            return
        draft.state, draft.closed_at = DraftState.SUPERSEDED, at
        self.rows.reviews.append(Review(draft=draft, member=by, decision=Decision.SUPERSEDED, created_at=at))
        self._log("draft.superseded", f"draft:{draft.public_id}", at, by=by)

    def _reply(self, author: Author, by: Member, text: str, at: datetime, **fields: Any) -> Message:
        message = self._message(author, text, at, member=by, **fields)
        row = self.row
        row.needs_person = False
        if row.first_reply_at is None:
            row.first_reply_at = at
        elif row.waiting_since is not None:
            row.next_replies += 1
            row.next_replies_late += row.reply_due_at is not None and at > row.reply_due_at
        if author == Author.OPERATOR and row.first_person_reply_at is None:
            row.first_person_reply_at = at
        row.waiting_since = row.reply_due_at = None
        return message

    def assign(self, to: Member, at: datetime, *, by: Member) -> None:
        if self.row.assignee is to:
            return
        old = str(self.row.assignee.public_id) if self.row.assignee else ""
        self.row.assignee = to
        self._happened(ActivityKind.ASSIGNED, at, by=by, old=old, to=str(to.public_id), batch="")
        self._log("conversation.assigned", self._target, at, by=by, old=old, to=str(to.public_id))

    @property
    def _target(self) -> str:
        return f"conversation:{self.row.public_id}"

    def _open(self) -> Draft:
        assert self.open_draft is not None
        return self.open_draft

    def _rested_on(self, draft: Draft) -> dict[str, Any]:
        return {
            "ruleset": str(self.cast.ruleset.public_id) if draft.ruleset else "",
            "rule": (draft.verdict or {}).get("rule") or "",
            "model": draft.model_version,
        }

    def _happened(self, activity: ActivityKind, at: datetime, *, by: Member | None = None, **data: Any) -> None:
        self.rows.activities.append(Activity(conversation=self.row, kind=activity, member=by, data=data, created_at=at))

    def _log(
        self, action: str, target: str, at: datetime, *, by: Member | None = None, kind: str = "system", **data: Any
    ) -> None:
        actor_kind, actor_id = ("member", str(by.public_id)) if by else (kind, "")
        if kind == "shopper" and by is None:
            actor_id = str(self.shopper.public_id)
        self.rows.audits.append(
            AuditEntry(
                merchant_number=self.cast.merchant.pk,
                at=at,
                actor_kind=actor_kind,
                actor_id=actor_id,
                action=action,
                target=target,
                data=data,
            )
        )

    def _uuid(self) -> uuid.UUID:
        """From the seed, so that the same seed tells the same story."""
        return uuid.UUID(int=self.rng.getrandbits(128), version=4)
