"""The inbox as a page or a fragment, after success or refusal. Shared by its views."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import push_url, trigger_client_event

from cs_portal.commerce.selectors import orders_of
from cs_portal.console import feedback
from cs_portal.console.forms.inbox import filters_of, query_of
from cs_portal.console.paging import page_of
from cs_portal.console.pictures import allow_pictures
from cs_portal.console.presenters.card_choices import card_choices, references_of
from cs_portal.console.presenters.inbox import Desk, people_choices, present, snooze_choices
from cs_portal.console.presenters.inbox_rows import inbox_rows
from cs_portal.console.presenters.inbox_views import Choices, chips, choices, orders, views
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views import workspace
from cs_portal.console.views.beside import draft_beside
from cs_portal.conversations.models import Macro, SavedView, Tag
from cs_portal.conversations.selectors import Entry, Sort, colleagues, detail, inbox, tags, timeline
from cs_portal.conversations.selectors.desk import saved_views
from cs_portal.conversations.selectors.inbox import fitting
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.core.moments import is_sensible
from cs_portal.drafting.selectors import decisions_on, last_understanding, open_drafts
from cs_portal.drafting.services.own_words import waiting_reply
from cs_portal.merchants.hours import schedule_of
from cs_portal.merchants.models import Member, Storefront
from cs_portal.merchants.selectors import storefronts

View = Callable[..., HttpResponse]
#: As many of a shopper's orders stand beside a conversation.
SHOWN_ORDERS = 5
#: Parameters of one look at a conversation, which the next look does not keep.
ONCE = ("before", "canned")


def list_context(request: ConsoleRequest, selected: UUID | None = None) -> dict[str, Any]:
    """The list with its views, filters and what the bulk bar offers; as many queries for any number of rows."""
    now, member = timezone.now(), request.member
    filters = filters_of(request.GET)
    page = page_of(inbox(filters, member=member, now=now), request=request, by=filters.sort.by)
    team, tag_rows = colleagues(), tags()
    sites = list(storefronts())
    offered = _offered(team, tag_rows, sites)
    saved = list(saved_views(member))
    fixed, kept = views(request.GET, saved, member=member, now=now)
    rows = inbox_rows(
        page.rows,
        drafts=open_drafts(conversation_ids=[row.pk for row in page.rows]),
        member=member,
        names={one.pk: str(one.user) for one in team},
        now=now,
        selected=selected,
    )
    return {
        "section": "inbox",
        "page": page,
        "rows": rows,
        "selected": selected,
        "filters": filters,
        "query": request.GET,
        "query_string": list_query(request),
        "view_query": query_of(request.GET),
        "choices": offered,
        "chips": chips(request.GET, offered),
        "usual_sort": Sort.usual(filters.state),
        "orders": orders(request.GET, filters.sort),
        "views": fixed,
        "saved_views": kept,
        "view_is_known": any(view.current for view in (*fixed, *kept)),
        "saved_mine": [view.saved for view in kept if _may_drop(view.saved, member)],
        "saved_here": next((view.saved for view in kept if view.current and _may_drop(view.saved, member)), None),
        "people": people_choices(team, None, member),
        "tag_rows": tag_rows,
        "snoozes": snooze_choices(schedule_of(sites[0]), now=now) if sites else [],
    }


def _offered(team: list[Member], tag_rows: list[Tag], sites: list[Storefront]) -> Choices:
    return choices(
        colleagues=team,
        storefronts=[(str(one.public_id), one.name) for one in sites],
        tags=[(str(tag.public_id), tag.name) for tag in tag_rows],
    )


def view_filters(query: QueryDict) -> list[str]:
    """The filters of a saved view in words."""
    return [chip.label for chip in chips(query, _offered(colleagues(), tags(), list(storefronts())))]


def _may_drop(view: SavedView | None, member: Member) -> bool:
    """One's own views, and the shared ones for those who configure."""
    return view is not None and (view.member_id == member.pk or (view.member_id is None and member.may_configure))


def desk_of(request: ConsoleRequest, conversation_id: UUID) -> Desk:
    """Raises :class:`NotFound`. ``?before=`` asks for older entries of the timeline."""
    now = timezone.now()
    found = detail(public_id=conversation_id)
    one = found.conversation
    before = _moment(request.GET.get("before", ""))
    decisions = [
        Entry("decision", row.created_at, row) for row in decisions_on(conversation_id=one.pk, before=before, limit=50)
    ]
    return present(
        found,
        window=timeline(conversation_id=one.pk, before=before, more=decisions),
        colleagues=colleagues(),
        tags=tags(),
        draft=open_drafts(conversation_ids=[one.pk]).get(one.pk),
        last=last_understanding(conversation_id=one.pk),
        pending=waiting_reply(one),
        macros=list(Macro.objects.order_by("name")),
        orders=list(orders_of(shopper=one.shopper)[:SHOWN_ORDERS]) if one.shopper.is_identified else [],
        member=request.member,
        now=now,
        reads_older=before is not None,
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if timezone.is_aware(moment) and is_sensible(moment) else None


def render_desk(
    request: ConsoleRequest, desk: Desk | None, *, status: int = HTTPStatus.OK, **context: Any
) -> HttpResponse:
    """The workspace for htmx, the whole page for everybody else. ``None`` shows that none is open."""
    context |= {"desk": desk, "section": "inbox", "query_string": list_query(request)}
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "console/inbox/workspace_response.html", context, status=status)
    context |= list_context(request, desk.conversation.public_id if desk else None)
    response = render(request, "console/inbox/page.html", context, status=status)
    allow_pictures(response)
    return response


def show(
    request: ConsoleRequest,
    conversation_id: UUID,
    sentence: str = "",
    *,
    undo: str | None = None,
    typed: dict[str, Any] | None = None,
    **context: Any,
) -> HttpResponse:
    """The conversation again, after something about it changed. ``typed`` goes back into the composer.

    Who reviews its draft gets the draft again, with ``typed`` as the reply.
    """
    if draft := draft_beside(request, conversation_id):
        return workspace.show(request, draft, sentence, undo_url=undo or "", given=(typed or {}).get("reply", ""))
    if typed:
        if not request.htmx:
            feedback.done(request, sentence, undo=undo)
        return _shown(request, conversation_id, sentence=sentence, undo=undo, typed=typed, **context)
    if not request.htmx:
        if sentence:
            feedback.done(request, sentence, undo=undo)
        return redirect(conversation_url(request, conversation_id))
    return _shown(request, conversation_id, sentence=sentence, undo=undo, **context)


def _shown(request: ConsoleRequest, conversation_id: UUID, **context: Any) -> HttpResponse:
    response = render_desk(request, desk_of(request, conversation_id), **context)
    url = conversation_url(request, conversation_id)
    return trigger_client_event(push_url(response, url), "inbox:changed", after="settle")


def advance(
    request: ConsoleRequest, done: UUID, following: UUID | None, sentence: str, *, undo: str | None
) -> HttpResponse:
    """After what takes a conversation out of the list: with htmx the next one, without htmx the same again."""
    if draft := draft_beside(request, done):
        return workspace.advance(request, draft, sentence, undo_url=undo or "")
    if not request.htmx or following is None:
        return show(request, done, sentence, undo=undo)
    return _shown(request, following, sentence=sentence, undo=undo)


def following(request: ConsoleRequest, conversation_id: UUID) -> UUID | None:
    """The conversation below this one in the list that the URL names, else the one above; asked before the deed."""
    if not request.htmx or request.GET.get("draft"):
        return None
    filters = filters_of(request.GET)
    rows = page_of(
        fitting(filters, member=request.member, now=timezone.now()), request=request, by=filters.sort.by
    ).rows
    ids = [row.public_id for row in rows]
    if conversation_id not in ids:
        return None
    at = ids.index(conversation_id)
    return next(iter(ids[at + 1 : at + 2] or ids[max(at - 1, 0) : at]), None)


def refused(
    request: ConsoleRequest, conversation_id: UUID, sentence: str, *, status: int, typed: dict[str, str] | None = None
) -> HttpResponse:
    """The conversation as it now is, why nothing was done, and what the operator typed."""
    if draft := draft_beside(request, conversation_id):
        return workspace.refused(request, draft, sentence, status=status)
    desk = desk_of(request, conversation_id)
    ticked = request.POST.getlist("cards")
    cards = card_choices(references_of(ticked), shopper=desk.conversation.shopper) if ticked else []
    return render_desk(request, desk, status=status, refusal=sentence, typed={**(typed or {}), "cards": cards})


def keeps_text(view: View) -> View:
    """A refused deed shows the conversation again as it now is, says why, and keeps what was typed."""

    @wraps(view)
    def kept(request: ConsoleRequest, conversation_id: UUID, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, conversation_id=conversation_id, **kwargs)
        except (Conflict, Invalid) as refusal:
            status = HTTPStatus.CONFLICT if isinstance(refusal, Conflict) else HTTPStatus.UNPROCESSABLE_ENTITY
            typed = {request.POST.get("writes", "reply"): request.POST.get("text", "")}
            return refused(request, conversation_id, str(refusal), status=status, typed=typed)

    return kept


def conversation_url(request: ConsoleRequest, conversation_id: UUID) -> str:
    """With the filters of the list, so that it stays the same list."""
    return with_list(request, reverse("console:conversation", args=[request.merchant.slug, conversation_id]))


def list_query(request: ConsoleRequest) -> str:
    """The query string of the list beside the conversation."""
    query = request.GET.copy()
    for name in ONCE:
        query.pop(name, None)
    return query.urlencode()


def with_list(request: ConsoleRequest, url: str) -> str:
    """``url`` with the query string of the list, so that what follows shows the same list."""
    query = list_query(request)
    return f"{url}?{query}" if query else url


def inbox_url(request: ConsoleRequest) -> str:
    return with_list(request, reverse("console:inbox", args=[request.merchant.slug]))
