"""What an FAQ was, who changed it, and how."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cs_portal.console.feedback import done
from cs_portal.console.forms.knowledge import RestoreForm
from cs_portal.console.paging import page_of
from cs_portal.console.presenters.faq_differences import differences
from cs_portal.console.presenters.knowledge import (
    content_of_revision,
    revision_rows,
    shown_language,
    state_of,
)
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import member_view, reviewer
from cs_portal.console.views.knowledge.editor import conflict, to_faq, undo_link
from cs_portal.core.errors import Invalid
from cs_portal.knowledge.models import Faq, FaqRevision
from cs_portal.knowledge.selectors import faq_with_texts, revisions, working_copy
from cs_portal.knowledge.services.editing import restore_revision
from cs_portal.knowledge.services.writing import FaqMoved

PAGE = 25


@require_safe
@member_view
def faq_history(request: ConsoleRequest, faq_id: UUID) -> HttpResponse:
    """All revisions, and what the chosen one changed against the one before it or another."""
    faq = faq_with_texts(faq_id)
    page = page_of(revisions(faq), by=("-number",), request=request, size=PAGE)
    chosen = _numbered(faq, request.GET.get("revision")) or revisions(faq).first()
    against = _numbered(faq, request.GET.get("against"))
    if chosen and against is None:
        against = revisions(faq).filter(number__lt=chosen.number).first()
    copy = working_copy(faq)
    context = {
        "section": "knowledge",
        "faq": faq,
        "state": state_of(faq),
        "title": copy.text(shown_language(copy)).question,
        "page": page,
        "rows": revision_rows(faq, page.rows),
        "chosen": chosen,
        "against": against,
        "differences": differences(content_of_revision(against), content_of_revision(chosen)),
        "numbers": list(revisions(faq).values_list("number", flat=True)[:100]),
        "may_restore": request.member.may_review and chosen is not None and chosen.number != faq.latest,
    }
    return render(request, "console/knowledge/history.html", context)


@require_POST
@reviewer
def restore(request: ConsoleRequest, faq_id: UUID) -> HttpResponse:
    """Take up an earlier revision."""
    Faq.by_public_id(faq_id)
    form = RestoreForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Choose a revision."), field="number")
    number, seen = form.cleaned_data["number"], form.cleaned_data["seen"]
    try:
        change = restore_revision(faq_id=faq_id, number=number, by=request.member, seen=seen, now=timezone.now())
    except FaqMoved as error:
        return conflict(request, faq_id, seen, error)
    sentence = _("Revision %(number)s is the newest again. Publish it to let the bot use it.")
    done(request, sentence % {"number": number}, undo=undo_link(request, change.change_id))
    return to_faq(request, faq_id)


def _numbered(faq: Faq, text: str | None) -> FaqRevision | None:
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
    return revisions(faq).filter(number=number).first() if number else None
