"""The timeline of a conversation in the reader's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils.translation import gettext as _

from cs_portal.console.presenters.autopilot_checks import rule_words
from cs_portal.console.presenters.difference import Part
from cs_portal.console.presenters.edits import edit_reviewed
from cs_portal.console.presenters.inbox_clock import moment
from cs_portal.console.presenters.sent_cards import SentCard, sent_cards
from cs_portal.console.presenters.translations import TranslationView, translation_views
from cs_portal.conversations.models import (
    Activity,
    ActivityKind,
    Author,
    Conversation,
    HandoverReason,
    Message,
    Note,
    Photo,
    Tag,
)
from cs_portal.conversations.selectors import Entry, photos_of
from cs_portal.drafting.autopilot_figures import autopilot_behind
from cs_portal.drafting.models import Decision, RejectReason, Review
from cs_portal.merchants.models import Member


@dataclass(frozen=True, slots=True)
class Item:
    """``kind`` is message, note or event. ``side`` of a message is shopper, team or system.

    ``autopilot`` says by which rule a message left without review, ``autopilot_rule`` is that rule's public id.
    ``changed`` is what an edit made of the bot's words.
    """

    kind: str
    at: datetime
    text: str
    who: str = ""
    side: str = ""
    icon: str = ""
    approved: bool = False
    autopilot: str = ""
    autopilot_rule: str = ""
    attachments: list[str] = field(default_factory=list)
    photos: list[Photo] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    cards: list[SentCard] = field(default_factory=list)
    changed: list[Part] = field(default_factory=list)
    translation: TranslationView | None = None


@dataclass(frozen=True, slots=True)
class Names:
    """Who and what the ids of activities mean, read once."""

    members: Mapping[str, str]
    tags: Mapping[str, str]

    @classmethod
    def of(cls, members: Sequence[Member], tags: Sequence[Tag]) -> Names:
        return cls(
            {str(one.public_id): str(one.user) for one in members}, {str(tag.public_id): tag.name for tag in tags}
        )

    def member(self, public_id: str) -> str:
        return self.members.get(public_id) or _("a former colleague")

    def tag(self, public_id: str) -> str:
        return self.tags.get(public_id) or _("a deleted tag")


def items(entries: Sequence[Entry], *, conversation: Conversation, shopper: str, names: Names) -> list[Item]:
    """``shopper`` is what the reader calls them. No query is made per entry."""
    shown = []
    cards = sent_cards((entry.row for entry in entries if entry.kind == "message"), shopper=conversation.shopper)
    piloted = autopilot_behind(entry.row for entry in entries if entry.kind == "message")
    photos = photos_of(entry.row for entry in entries if entry.kind == "message")
    translated = translation_views(entry.row for entry in entries if entry.kind == "message")
    taken = {entry.at for entry in entries if entry.kind == "activity" and entry.row.kind == ActivityKind.TAKEN_OVER}
    for entry in entries:
        if entry.kind == "activity" and entry.row.kind == ActivityKind.ASSIGNED and entry.at in taken:
            continue  # taking over says that already
        if entry.kind == "message":
            item = _message(entry.row, shopper, cards.get(entry.row.pk, []), photos.get(entry.row.pk, []))
            item = replace(item, translation=translated.get(entry.row.pk))
            if (behind := piloted.get(entry.row.draft_key)) is not None:
                item = replace(item, autopilot=rule_words(behind), autopilot_rule=behind.rule)
            shown.append(item)
        elif entry.kind == "note":
            shown.append(_note(entry.row))
        elif entry.kind == "activity":
            shown.append(_event(entry.row, conversation, names))
        else:
            shown.append(_decision(entry.row))
    return shown


def _message(row: Message, shopper: str, cards: list[SentCard], photos: list[Photo]) -> Item:
    side = {Author.SHOPPER: "shopper", Author.SYSTEM: "system"}.get(Author(row.author), "team")
    who = shopper if side == "shopper" else str(row.member.user) if row.member else str(row.get_author_display())
    approved = row.author == Author.BOT and row.member is not None
    return Item(
        "message",
        row.created_at,
        row.text,
        who=who,
        side=side,
        approved=approved,
        attachments=unshown(row, photos),
        photos=photos,
        confirmed=list((row.confirmation or {}).get("says", ())),
        cards=cards,
    )


def unshown(row: Message, photos: Sequence[Photo]) -> list[str]:
    """What the message holds besides the photos that are there to be seen."""
    return [each for each in row.attachments if each != "photo" or not photos]


def _note(row: Note) -> Item:
    return Item("note", row.created_at, row.text, who=_person(row.member))


def _decision(row: Review) -> Item:
    who = {"who": _person(row.member)}
    if row.decision == Decision.REJECTED:
        reason = str(RejectReason(row.reason).label) if row.reason else ""
        return _line(row.created_at, "ban", _("%(who)s rejected the draft: %(reason)s") % {**who, "reason": reason})
    if row.decision == Decision.EDITED:
        sentence = _("%(who)s edited the draft") % who
        return Item("event", row.created_at, sentence, icon="pencil", changed=edit_reviewed(row))
    if row.decision == Decision.FIRST:
        return _line(row.created_at, "user-check", _("%(who)s approved the draft as the first of two") % who)
    return _line(row.created_at, "gavel", _("%(who)s overrode the verdict") % who)


def _event(row: Activity, conversation: Conversation, names: Names) -> Item:
    icon, sentence = _SENTENCES[ActivityKind(row.kind)](row, names)
    if row.kind == ActivityKind.CSAT and conversation.csat_comment and row.created_at == conversation.csat_answered_at:
        sentence = _("%(sentence)s: “%(comment)s”") % {"sentence": sentence, "comment": conversation.csat_comment}
    return _line(row.created_at, icon, sentence)


def _line(at: datetime, icon: str, text: str) -> Item:
    return Item("event", at, text, icon=icon)


def _person(member: Member | None) -> str:
    return str(member.user) if member else _("A former colleague")


def _assigned(row: Activity, names: Names) -> tuple[str, str]:
    who, to = _person(row.member), row.data.get("to", "")
    if not to:
        return "user", _("%(who)s took the assignment off") % {"who": who}
    if row.member and str(row.member.public_id) == to:
        return "user-check", _("%(who)s took it") % {"who": who}
    return "user-check", _("%(who)s assigned it to %(whom)s") % {"who": who, "whom": names.member(to)}


def _snoozed(row: Activity, names: Names) -> tuple[str, str]:
    when = moment(datetime.fromisoformat(row.data["until"]), now=row.created_at)
    return "clock", _("%(who)s snoozed it until %(time)s") % {"who": _person(row.member), "time": when}


def _woken(row: Activity, names: Names) -> tuple[str, str]:
    sentences = {
        "message": _("Back from snooze: the shopper wrote"),
        "member": _("%(who)s ended the snooze"),
        "undo": _("%(who)s took the snooze back"),
    }
    sentence = sentences.get(row.data.get("cause", ""), _("Back from snooze"))
    return "bell", sentence % {"who": _person(row.member)}


def _resolved(row: Activity, names: Names) -> tuple[str, str]:
    sentences = {
        "member": _("%(who)s resolved it"),
        "shopper": _("The shopper says that it is resolved"),
        "assumed": _("Taken as resolved after a day of silence"),
        "undo": _("%(who)s took the reopening back"),
    }
    return "circle-check", sentences.get(row.data.get("how", ""), _("Resolved")) % {"who": _person(row.member)}


def _reopened(row: Activity, names: Names) -> tuple[str, str]:
    sentences = {
        "message": _("Reopened: the shopper wrote again"),
        "undo": _("%(who)s took the resolution back"),
    }
    sentence = sentences.get(row.data.get("cause", ""), _("%(who)s reopened it"))
    return "history", sentence % {"who": _person(row.member)}


def _handed_over(row: Activity, names: Names) -> tuple[str, str]:
    reason = row.data.get("reason", "")
    if reason not in HandoverReason.values:
        return "hand-stop", _("Needs a person")
    return "hand-stop", _("Needs a person: %(reason)s") % {"reason": HandoverReason(reason).label}


def _taken_over(row: Activity, names: Names) -> tuple[str, str]:
    return "user", _("%(who)s took over from the bot") % {"who": _person(row.member)}


def _given_back(row: Activity, names: Names) -> tuple[str, str]:
    return "robot", _("%(who)s gave it back to the bot") % {"who": _person(row.member)}


def _tagged(row: Activity, names: Names) -> tuple[str, str]:
    named = {"who": _person(row.member), "tag": names.tag(row.data.get("tag", ""))}
    return "tag", _("%(who)s added the tag %(tag)s") % named


def _untagged(row: Activity, names: Names) -> tuple[str, str]:
    named = {"who": _person(row.member), "tag": names.tag(row.data.get("tag", ""))}
    return "tag", _("%(who)s took the tag %(tag)s off") % named


def _rated(row: Activity, names: Names) -> tuple[str, str]:
    return "star", _("The shopper gave %(score)s of 5") % {"score": row.data.get("score", "–")}


_SENTENCES: dict[ActivityKind, Callable[[Activity, Names], tuple[str, str]]] = {
    ActivityKind.ASSIGNED: _assigned,
    ActivityKind.SNOOZED: _snoozed,
    ActivityKind.WOKEN: _woken,
    ActivityKind.RESOLVED: _resolved,
    ActivityKind.REOPENED: _reopened,
    ActivityKind.HANDED_OVER: _handed_over,
    ActivityKind.TAKEN_OVER: _taken_over,
    ActivityKind.GIVEN_BACK: _given_back,
    ActivityKind.TAGGED: _tagged,
    ActivityKind.UNTAGGED: _untagged,
    ActivityKind.CSAT: _rated,
}
