"""Canned replies, macros, tags and saved views, as pages list them."""

from __future__ import annotations

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from cs_portal.conversations.models import CannedReply, ConversationTag, Macro, SavedPlace, SavedView, Tag
from cs_portal.merchants.models import Member


def canned_replies(*, search: str = "") -> QuerySet[CannedReply]:
    """By shortcut; those that have ``search`` in the shortcut, the title or a text."""
    rows = CannedReply.objects.order_by("shortcut", "id")
    words = search.strip().lstrip("/")
    if not words:
        return rows
    return rows.filter(
        Q(shortcut__icontains=words)
        | Q(title__icontains=words)
        | Q(text_en__icontains=words)
        | Q(text_zh__icontains=words)
    )


def macros() -> QuerySet[Macro]:
    """By name, with their canned reply."""
    return Macro.objects.select_related("reply").order_by("name", "id")


def tags_with_usage() -> QuerySet[Tag]:
    """By name; ``usage`` is the number of conversations that carry it."""
    usage = ConversationTag.objects.filter(tag=OuterRef("pk")).order_by().values("tag").annotate(n=Count("pk"))
    return Tag.objects.order_by("name", "id").annotate(usage=Coalesce(Subquery(usage.values("n")), 0))


def saved_views(member: Member, place: str = SavedPlace.INBOX) -> QuerySet[SavedView]:
    """The member's own of a list and the shared ones, in their order."""
    rows = SavedView.objects.filter(Q(member=member) | Q(member=None), place=place)
    return rows.order_by("position", "name", "id")
