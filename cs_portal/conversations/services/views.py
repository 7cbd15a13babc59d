"""Saved views: filters of the inbox or another list under a name, one's own or shared with all colleagues."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from cs_portal.conversations.models import SavedPlace, SavedView
from cs_portal.conversations.services.desk import clean_name, log
from cs_portal.core.errors import Invalid, NotFound
from cs_portal.merchants.models import Member
from cs_portal.merchants.services.roles import require_configurer

MAX_VIEWS = 50
_LIMIT = 500
#: Where one was in a list, and which view one came from, is no filter.
_NOT_FILTERS = {"after", "before", "view"}


def save_view(
    *, by: Member, name: str, query: str, now: datetime, shared: bool = False, place: str = SavedPlace.INBOX
) -> SavedView:
    """Keep the query string of a list under a name, after the others of that list.

    Everybody keeps their own; what all see is for those who configure. Raises :class:`Invalid` with the field.
    """
    if shared:
        require_configurer(by)
    owner = None if shared else by
    name = _free_name(name, owner, place=place)
    rows = SavedView.objects.filter(member=owner, place=place)
    if rows.count() >= MAX_VIEWS:
        raise Invalid(_("At most %(limit)s views. Delete one first.") % {"limit": MAX_VIEWS}, field="name")
    with transaction.atomic():
        last = rows.aggregate(last=Max("position"))["last"]
        row = SavedView.objects.create(
            place=place, member=owner, name=name, query=clean_query(query), position=0 if last is None else last + 1
        )
        log(row, "view", "saved", by, now, shared=shared)
    return row


def rename_view(*, view_id: UUID, by: Member, name: str, now: datetime) -> SavedView:
    row = reachable_view(view_id=view_id, by=by)
    row.name = _free_name(name, row.member, place=row.place, but=row)
    with transaction.atomic():
        row.save(update_fields=["name"])
        log(row, "view", "renamed", by, now)
    return row


def change_view(*, view_id: UUID, by: Member, query: str, now: datetime) -> SavedView:
    """Let the view stand for other filters."""
    row = reachable_view(view_id=view_id, by=by)
    row.query = clean_query(query)
    with transaction.atomic():
        row.save(update_fields=["query"])
        log(row, "view", "changed", by, now)
    return row


def share_view(*, view_id: UUID, by: Member, shared: bool, now: datetime) -> SavedView:
    """Give one's view to all colleagues, or take a shared one to oneself."""
    require_configurer(by)
    row = reachable_view(view_id=view_id, by=by)
    owner = None if shared else by
    if row.member_id == (owner.pk if owner else None):
        return row
    _free_name(row.name, owner, place=row.place, but=row)
    row.member = owner
    with transaction.atomic():
        row.save(update_fields=["member"])
        log(row, "view", "shared" if shared else "unshared", by, now)
    return row


def edit_view(*, view_id: UUID, by: Member, name: str, now: datetime, shared: bool | None = None) -> SavedView:
    """Give the view a name and, where ``shared`` says so, to all colleagues or to oneself: both or neither."""
    with transaction.atomic():
        row = reachable_view(view_id=view_id, by=by)
        if row.name != clean_name(name, field="name", limit=60):
            row = rename_view(view_id=view_id, by=by, name=name, now=now)
        if shared is not None and shared is not (row.member_id is None):
            row = share_view(view_id=view_id, by=by, shared=shared, now=now)
    return row


def order_views(*, ids: Sequence[UUID], by: Member, now: datetime) -> None:
    """Put the views into this order. Those that are not named come after, in the order they had.

    Shared ones keep their place when somebody orders who may not change them.
    """
    reachable = Q(member=by) | Q(member=None) if by.may_configure else Q(member=by)
    with transaction.atomic():
        rows = list(SavedView.objects.select_for_update().filter(reachable).order_by("position", "name", "id"))
        wanted = {view_id: place for place, view_id in enumerate(ids)}
        rows.sort(key=lambda row: wanted.get(row.public_id, len(wanted)))
        for position, row in enumerate(rows):
            row.position = position
        SavedView.objects.bulk_update(rows, ["position"])


def delete_view(*, view_id: UUID, by: Member, now: datetime) -> None:
    row = reachable_view(view_id=view_id, by=by)
    with transaction.atomic():
        log(row, "view", "deleted", by, now)
        row.delete()


def clean_query(query: str) -> str:
    """The filters of a query string, without cursors. Raises :class:`Invalid` for none and for too many."""
    pairs = [(name, value) for name, value in parse_qsl(query.lstrip("?")) if name not in _NOT_FILTERS]
    text = urlencode(pairs)
    if len(text) > _LIMIT:
        raise Invalid(_("These are too many filters for a view."), field="query")
    return text


def reachable_view(*, view_id: UUID, by: Member) -> SavedView:
    """One's own view to change; a shared one for those who configure. Another colleague's does not exist."""
    row = SavedView.objects.select_related("member").filter(Q(member=by) | Q(member=None), public_id=view_id).first()
    if row is None:
        raise NotFound
    if row.member_id is None:
        require_configurer(by)
    return row


def _free_name(name: str, owner: Member | None, *, place: str, but: SavedView | None = None) -> str:
    name = clean_name(name, field="name", limit=60)
    same = SavedView.objects.filter(member=owner, place=place, name__iexact=name)
    if (same.exclude(pk=but.pk) if but else same).exists():
        raise Invalid(_("There is a view “%(name)s” already.") % {"name": name}, field="name")
    return name
