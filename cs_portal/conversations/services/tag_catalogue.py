"""Which tags there are. Putting them on conversations is in ``tags``."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.conversations.models import Macro, Tag, Tone
from cs_portal.conversations.services.desk import clean_name, insert, log, overwrite
from cs_portal.core.errors import Invalid
from cs_portal.merchants.models import Member
from cs_portal.merchants.services.roles import require_configurer

MAX_TAGS = 200


def create_tag(*, by: Member, name: str, tone: str, now: datetime) -> Tag:
    """Raises :class:`Invalid` with the field, also for a name that is taken."""
    require_configurer(by)
    name = _checked(name, tone)
    if Tag.objects.count() >= MAX_TAGS:
        raise Invalid(_("At most %(limit)s tags.") % {"limit": MAX_TAGS}, field="name")
    _refuse_taken(name, None)
    with transaction.atomic():
        row = insert(Tag(name=name, tone=tone), _taken(name))
        log(row, "tag", "created", by, now)
    return row


def update_tag(*, tag_id: UUID, by: Member, name: str, tone: str, now: datetime) -> Tag:
    require_configurer(by)
    name = _checked(name, tone)
    _refuse_taken(name, tag_id)
    with transaction.atomic():
        row = overwrite(Tag, tag_id, {"name": name, "tone": tone}, _taken(name))
        log(row, "tag", "updated", by, now)
    return row


def delete_tag(*, tag_id: UUID, by: Member, now: datetime) -> None:
    """Takes it off every conversation and out of every macro, for good."""
    require_configurer(by)
    with transaction.atomic():
        row = Tag.by_public_id(tag_id)
        for macro in Macro.objects.all():
            if str(tag_id) in macro.add_tags:
                macro.add_tags = [each for each in macro.add_tags if each != str(tag_id)]
                macro.save(update_fields=["add_tags"])
        log(row, "tag", "deleted", by, now)
        row.delete()


def _checked(name: str, tone: str) -> str:
    if tone not in Tone.values:
        raise Invalid(_("Choose a colour."), field="tone")
    return clean_name(name, field="name", limit=40)


def _refuse_taken(name: str, tag_id: UUID | None) -> None:
    """Whatever the case; the constraint settles races of the very same name."""
    if Tag.objects.filter(name__iexact=name).exclude(public_id=tag_id).exists():
        raise _taken(name)


def _taken(name: str) -> Invalid:
    return Invalid(_("There is a tag “%(name)s” already.") % {"name": name}, field="name")
