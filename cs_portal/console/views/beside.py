"""A conversation beside its draft: the deeds of the inbox are done in review, which then shows the draft again.

Their URLs carry ``?draft=`` and the filters of the queue; every deed hands them on.
"""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.utils import timezone

from cs_portal.console.presenters.inbox import Standing, standing_of
from cs_portal.console.presenters.queue_filters import filters_of
from cs_portal.console.requests import ConsoleRequest
from cs_portal.conversations.models import Macro
from cs_portal.conversations.selectors import colleagues, detail, tags
from cs_portal.core.public_ids import as_uuid
from cs_portal.drafting.models import Draft


def draft_beside(request: ConsoleRequest, conversation_id: UUID) -> UUID | None:
    """The draft of this conversation that the reader has open, by the URL; None in the inbox."""
    wanted = as_uuid(request.GET.get("draft", ""))
    if wanted is None:
        return None
    found = Draft.objects.filter(public_id=wanted, conversation__public_id=conversation_id)
    return wanted if found.exists() else None


def standing_beside(request: ConsoleRequest, draft: Draft) -> Standing:
    """Where the draft's conversation stands. Six queries."""
    return standing_of(
        detail(public_id=draft.conversation.public_id),
        colleagues=colleagues(),
        tags=tags(),
        macros=list(Macro.objects.order_by("name")),
        member=request.member,
        now=timezone.now(),
    )


def query_beside(request: ConsoleRequest, draft: Draft) -> str:
    """What the URLs of the conversation's deeds carry, so that they lead back here."""
    filters = filters_of(request)
    return urlencode({"draft": str(draft.public_id), **filters.chosen})
