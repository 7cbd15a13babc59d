"""Publishing what was taken over from edits or questions: by the regression set and the second pair of eyes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from cs_portal.console.feedback import done
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.knowledge.publishing import asked_first
from cs_portal.core.errors import DomainError
from cs_portal.knowledge.services.lifecycle import publish_faq
from cs_portal.knowledge.services.writing import Change


def go_live(request: ConsoleRequest, change: Change, *, undo: str | None) -> HttpResponseRedirect | None:
    """Publish the newest revision and say so; where the set is asked first, the page on which it is."""
    faq = change.faq
    if (asking := asked_first(request, [faq.public_id])) is not None:
        return asking
    try:
        change = publish_faq(
            faq_id=faq.public_id, by=request.member, seen=faq.latest, now=timezone.now(), change_id=change.change_id
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return None
    if change.asked:
        done(request, _("Saved. A colleague has to approve it before the bot uses it."), undo=undo)
    else:
        done(request, _("Published. The bot uses it now."), undo=undo)
    return None
