"""Phrasings that shoppers' own questions suggest for an FAQ: one click adds them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cs_portal.console.feedback import done
from cs_portal.console.forms.gaps import SuggestionsForm
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import reviewer
from cs_portal.console.views.knowledge.editor import conflict, to_faq, undo_link
from cs_portal.console.views.knowledge.taught import go_live
from cs_portal.core.errors import Invalid
from cs_portal.knowledge.models import Faq, FaqState
from cs_portal.knowledge.services import teaching
from cs_portal.knowledge.services.writing import FaqMoved


@require_POST
@reviewer
def add(request: ConsoleRequest, faq_id: UUID) -> HttpResponse:
    faq = Faq.by_public_id(faq_id)
    was_live = faq.state == FaqState.PUBLISHED and not faq.has_unpublished_changes
    form = SuggestionsForm(request.POST)
    if not form.is_valid() or not form.cleaned_data["suggestion"]:
        raise Invalid(_("Reload the page and try again."), field="suggestion")
    ids, seen = form.cleaned_data["suggestion"], form.cleaned_data["seen"]
    try:
        change = teaching.add_phrasings(
            faq_id=faq_id, suggestion_ids=ids, by=request.member, seen=seen, now=timezone.now()
        )
    except FaqMoved as error:
        return conflict(request, faq_id, seen, error)
    except Invalid as refusal:
        messages.error(request, str(refusal))
        return to_faq(request, faq_id)
    undo = undo_link(request, change.change_id)
    if was_live and change.change_id is not None:
        return go_live(request, change, undo=undo) or to_faq(request, faq_id)
    sentence = ngettext("The phrasing was added.", "%(count)s phrasings were added.", len(ids)) % {"count": len(ids)}
    done(request, sentence, undo=undo)
    return to_faq(request, faq_id)


@require_POST
@reviewer
def dismiss(request: ConsoleRequest, faq_id: UUID, suggestion_id: UUID) -> HttpResponse:
    teaching.dismiss_suggestion(faq_id=faq_id, suggestion_id=suggestion_id, by=request.member, now=timezone.now())
    undo = reverse("console:suggestion_restore", args=[request.merchant.slug, faq_id, suggestion_id])
    done(request, _("Not suggested any more."), undo=undo)
    return to_faq(request, faq_id)


@require_POST
@reviewer
def restore(request: ConsoleRequest, faq_id: UUID, suggestion_id: UUID) -> HttpResponse:
    teaching.restore_suggestion(faq_id=faq_id, suggestion_id=suggestion_id, by=request.member)
    done(request, _("Suggested again."))
    return to_faq(request, faq_id)
