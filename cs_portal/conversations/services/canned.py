"""Canned replies: made, changed, taken away and brought back."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.conversations.models import CannedReply, Macro
from cs_portal.conversations.services.desk import clean_name, insert, log, overwrite
from cs_portal.conversations.variables import check_template
from cs_portal.core.errors import Invalid
from cs_portal.merchants.models import Member
from cs_portal.merchants.services.roles import require_configurer

_SHORTCUT = re.compile(r"[-\w]{1,40}")


@dataclass(frozen=True, slots=True)
class CannedReplyChange:
    """``shortcut`` is what follows the slash: letters, digits, hyphens."""

    shortcut: str
    title: str
    text_en: str
    text_zh: str


@dataclass(frozen=True, slots=True)
class RemovedCannedReply:
    """What it takes to bring one back, as plain values. ``macros`` are the ids of those that used it."""

    public_id: str
    change: CannedReplyChange
    macros: list[str]


def create_canned_reply(*, by: Member, change: CannedReplyChange, now: datetime) -> CannedReply:
    """Raises :class:`Invalid` with the field, also for a shortcut that is taken."""
    require_configurer(by)
    change = _checked(change)
    with transaction.atomic():
        row = insert(CannedReply(**asdict(change), updated_at=now), _taken(change))
        log(row, "canned_reply", "created", by, now)
    return row


def update_canned_reply(
    *, reply_id: UUID, by: Member, change: CannedReplyChange, now: datetime, seen: datetime | None = None
) -> CannedReply:
    """``seen`` is ``updated_at`` when the form was shown: :class:`Conflict` when a colleague saved since."""
    require_configurer(by)
    change = _checked(change)
    with transaction.atomic():
        row = overwrite(CannedReply, reply_id, asdict(change) | {"updated_at": now}, _taken(change), seen=seen)
        log(row, "canned_reply", "updated", by, now)
    return row


def delete_canned_reply(*, reply_id: UUID, by: Member, now: datetime) -> RemovedCannedReply:
    """Macros that used it go on without a text. What is returned brings it back."""
    require_configurer(by)
    with transaction.atomic():
        row = CannedReply.by_public_id(reply_id)
        change = CannedReplyChange(row.shortcut, row.title, row.text_en, row.text_zh)
        macros = [str(each) for each in Macro.objects.filter(reply=row).values_list("public_id", flat=True)]
        removed = RemovedCannedReply(str(row.public_id), change, macros)
        log(row, "canned_reply", "deleted", by, now)
        row.delete()
    return removed


def restore_canned_reply(*, removed: RemovedCannedReply, by: Member, now: datetime) -> CannedReply:
    """Raises :class:`Invalid` when its shortcut was given away meanwhile; once more is harmless."""
    require_configurer(by)
    known = CannedReply.objects.filter(public_id=removed.public_id).first()
    if known is not None:
        return known
    change = _checked(removed.change)
    with transaction.atomic():
        row = insert(CannedReply(public_id=UUID(removed.public_id), **asdict(change), updated_at=now), _taken(change))
        Macro.objects.filter(public_id__in=removed.macros, reply=None).update(reply=row)
        log(row, "canned_reply", "restored", by, now)
    return row


def _checked(change: CannedReplyChange) -> CannedReplyChange:
    shortcut = change.shortcut.strip().lstrip("/").lower()
    if not _SHORTCUT.fullmatch(shortcut):
        raise Invalid(_("Use up to 40 letters, digits and hyphens, without blanks."), field="shortcut")
    texts = {"text_en": change.text_en, "text_zh": change.text_zh}
    texts = {name: text.replace("\x00", "").replace("\r\n", "\n").strip() for name, text in texts.items()}
    if not any(texts.values()):
        raise Invalid(_("Write the text in at least one language."), field="text_en")
    for name, text in texts.items():
        if len(text) > settings.MESSAGE_MAX_CHARACTERS:
            limit = settings.MESSAGE_MAX_CHARACTERS
            raise Invalid(_("A message has at most %(limit)s characters.") % {"limit": limit}, field=name)
        check_template(text, field=name)
    return CannedReplyChange(shortcut, clean_name(change.title, field="title", limit=80), **texts)


def _taken(change: CannedReplyChange) -> Invalid:
    return Invalid(
        _("Another canned reply has the shortcut /%(shortcut)s.") % {"shortcut": change.shortcut}, field="shortcut"
    )
