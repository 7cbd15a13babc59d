"""Publishing, archiving and their like: one FAQ, many, and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from cs_portal.console.feedback import done
from cs_portal.console.forms.knowledge import SeenForm
from cs_portal.console.forms.knowledge_list import BulkForm
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import reviewer
from cs_portal.console.views.knowledge.editor import conflict, to_faq, undo_link
from cs_portal.console.views.knowledge.publishing import asked_first
from cs_portal.core.errors import Invalid
from cs_portal.knowledge.models import Faq
from cs_portal.knowledge.regression_selectors import cases_of
from cs_portal.knowledge.services import labelling, lifecycle
from cs_portal.knowledge.services.editing import duplicate_faq
from cs_portal.knowledge.services.writing import Change, FaqMoved
from cs_portal.merchants.models import Member

_DEEDS: dict[str, tuple[Callable[..., Change], str | Promise]] = {
    "publish": (lifecycle.publish_faq, gettext_lazy("Published. The bot uses it now.")),
    "unpublish": (lifecycle.unpublish_faq, gettext_lazy("Back to a draft. The bot does not use it any more.")),
    "archive": (lifecycle.archive_faq, gettext_lazy("Archived. The bot does not use it any more.")),
    "restore": (lifecycle.restore_faq, gettext_lazy("Restored as a draft.")),
    "discard": (lifecycle.discard_changes, gettext_lazy("The unpublished changes were discarded.")),
}


@require_POST
@reviewer
def act(request: ConsoleRequest, faq_id: UUID, deed: str) -> HttpResponse:
    """One step of an FAQ's life, based on the revision that the reader saw."""
    service, sentence = _DEEDS[deed]
    seen = _seen(request, faq_id)
    if deed == "publish" and Faq.by_public_id(faq_id).latest == seen and (page := asked_first(request, [faq_id])):
        return page
    try:
        change = service(faq_id=faq_id, by=request.member, seen=seen, now=timezone.now())
    except FaqMoved as error:
        return conflict(request, faq_id, seen, error)
    except Invalid as refusal:
        messages.error(request, str(refusal))
        return to_faq(request, faq_id)
    if change.asked:
        sentence = _("A colleague has to approve it before the bot uses it.")
    done(request, str(sentence), undo=undo_link(request, change.change_id))
    if deed == "archive" and (count := cases_of([change.faq]).get(change.faq.pk)):
        messages.warning(request, _left_without(count))
        return redirect(f"{reverse('console:regression', args=[request.merchant.slug])}?faq={faq_id}")
    return to_faq(request, faq_id)


@require_POST
@reviewer
def duplicate(request: ConsoleRequest, faq_id: UUID) -> HttpResponse:
    change = duplicate_faq(faq_id=faq_id, by=request.member, now=timezone.now())
    done(request, _("A copy was saved as a draft. Give it its own question."))
    return to_faq(request, change.faq.public_id)


@require_POST
@reviewer
def bulk(request: ConsoleRequest) -> HttpResponse:
    """One deed on what was ticked; those that cannot be are named."""
    form = BulkForm(request.POST)
    query = request.POST.get("query", "")
    if not form.is_valid():
        # What is missing is told in our own words before what a field thinks of an odd value.
        told = form.non_field_errors() or [error for errors in form.errors.values() for error in errors]
        messages.error(request, str(told[0]))
        return _to_list(request, query)
    given, now = form.cleaned_data, timezone.now()
    if given["action"] == "publish" and (page := asked_first(request, given["faq"])):
        return page
    try:
        result = _bulk_deed(given, by=request.member, now=now)
    except Invalid as refusal:
        messages.error(request, str(refusal))
        return _to_list(request, query)
    done(request, _bulk_sentence(given["action"], result), undo=undo_link(request, result.change_id))
    return _to_list(request, query)


def _bulk_deed(given: dict[str, Any], *, by: Member, now: datetime) -> lifecycle.BulkResult:
    deed, faq_ids = given["action"], given["faq"]
    if deed in _BULK:
        return _BULK[deed](faq_ids=faq_ids, by=by, now=now)
    if deed == "move":
        return labelling.move_faqs(faq_ids=faq_ids, category=given["category"], by=by, now=now)
    relabel = labelling.tag_faqs if deed == "tag" else labelling.untag_faqs
    return relabel(faq_ids=faq_ids, tag=given["tag"], by=by, now=now)


_BULK: dict[str, Callable[..., lifecycle.BulkResult]] = {
    "publish": lifecycle.publish_faqs,
    "unpublish": labelling.unpublish_faqs,
    "archive": lifecycle.archive_faqs,
    "restore": labelling.restore_faqs,
}


@require_POST
@reviewer
def undo(request: ConsoleRequest, change_id: UUID) -> HttpResponse:
    put_back = lifecycle.undo_change(change_id=change_id, by=request.member, now=timezone.now())
    done(request, _("Undone."))
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.path == reverse("console:knowledge", args=[request.merchant.slug]):
        return _to_list(request, came_from.query)
    return to_faq(request, put_back[0].public_id) if len(put_back) == 1 else _to_list(request)


def _seen(request: ConsoleRequest, faq_id: UUID) -> int:
    Faq.by_public_id(faq_id)
    form = SeenForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Reload the page and try again."), field="seen")
    return int(form.cleaned_data["seen"])


def _left_without(count: int) -> str:
    sentence = ngettext(
        "%(count)s case of the regression set expects this FAQ. It is not asked any more: give it another one, or "
        "remove it.",
        "%(count)s cases of the regression set expect this FAQ. They are not asked any more: give them another one, or "
        "remove them.",
        count,
    )
    return sentence % {"count": count}


def _bulk_sentence(action: str, result: lifecycle.BulkResult) -> str:
    sentence = _told(action, result.changed) % {"count": result.changed}
    if result.asked:
        waits = ngettext("%(count)s FAQ waits for approval.", "%(count)s FAQs wait for approval.", result.asked)
        sentence = (sentence if result.changed else "") + " " + waits % {"count": result.asked}
    for title, reason in result.refused[:3]:
        sentence += " " + _("“%(title)s” was left as it is: %(reason)s") % {"title": title, "reason": reason}
    if more := result.refused[3:]:
        left = ngettext("%(count)s more was left as it is.", "%(count)s more were left as they are.", len(more))
        sentence += " " + left % {"count": len(more)}
    return sentence


def _told(action: str, count: int) -> str:
    if not count:
        return _("Nothing changed.")
    if action == "publish":
        return ngettext("%(count)s FAQ published.", "%(count)s FAQs published.", count)
    if action == "unpublish":
        return ngettext("%(count)s FAQ is a draft again.", "%(count)s FAQs are drafts again.", count)
    if action == "archive":
        return ngettext("%(count)s FAQ archived.", "%(count)s FAQs archived.", count)
    if action == "restore":
        return ngettext("%(count)s FAQ restored as a draft.", "%(count)s FAQs restored as drafts.", count)
    if action == "move":
        return ngettext("%(count)s FAQ moved.", "%(count)s FAQs moved.", count)
    if action == "tag":
        return ngettext("%(count)s FAQ tagged.", "%(count)s FAQs tagged.", count)
    return ngettext("Tag removed from %(count)s FAQ.", "Tag removed from %(count)s FAQs.", count)


def _to_list(request: ConsoleRequest, query: str = "") -> HttpResponseRedirect:
    """Back to the list as it was filtered."""
    url = reverse("console:knowledge", args=[request.merchant.slug])
    return redirect(f"{url}?{query[:1000]}" if query else url)
