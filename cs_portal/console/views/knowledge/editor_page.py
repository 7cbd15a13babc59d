"""What the page of one FAQ shows around its form."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cs_portal.console.forms.knowledge import FaqForm, initial_of
from cs_portal.console.presenters.categories import category_choices, category_label
from cs_portal.console.presenters.faq_answers import answer_blocks
from cs_portal.console.presenters.faq_differences import differences
from cs_portal.console.presenters.faq_merge import conflicts_of, labels_of
from cs_portal.console.presenters.knowledge import (
    LANGUAGE_NAMES,
    content_of_revision,
    panes_of,
    shown_language,
    state_of,
)
from cs_portal.console.presenters.knowledge_list import validity_of
from cs_portal.console.presenters.knowledge_quality import shown as shown_findings
from cs_portal.console.requests import ConsoleRequest
from cs_portal.drafting.answering import local_day
from cs_portal.drafting.selectors import marked_wrong
from cs_portal.knowledge.approvals import request_of
from cs_portal.knowledge.content import FaqContent
from cs_portal.knowledge.figures import figures_of
from cs_portal.knowledge.findings import findings_of
from cs_portal.knowledge.gaps import lessons_of
from cs_portal.knowledge.listing import categories
from cs_portal.knowledge.merging import merge
from cs_portal.knowledge.models import Faq, FaqRevision
from cs_portal.knowledge.regression_selectors import cases_of
from cs_portal.knowledge.selectors import revisions, same_phrasings, working_copy
from cs_portal.knowledge.services.writing import needs_approval


def form_of(
    request: ConsoleRequest, content: FaqContent, *, seen: int | None, note: str = "", base: int | None = None
) -> FaqForm:
    start = initial_of(content, category=category_label(content.category), seen=seen)
    return FaqForm(initial=start | {"note": note, "base": base}, read_only=not request.member.may_review)


def show(
    request: ConsoleRequest,
    row: Faq | None,
    form: FaqForm,
    *,
    content: FaqContent | None = None,
    status: int = HTTPStatus.OK,
    **context: Any,
) -> HttpResponse:
    """``content`` is what the form shows; what is saved when left out."""
    saved = working_copy(row) if row else FaqContent()
    written = form.content() if form.is_bound else content or saved
    today = local_day(request.merchant, timezone.now())
    context |= {
        "section": "knowledge",
        "faq": row,
        "form": form,
        "title": saved.text(shown_language(saved)).question,
        "state": state_of(row) if row else None,
        "panes": panes_of(form, written, same_phrasings(written, apart_from=row)),
        "answers": answer_blocks(form.rows),
        "missing": [LANGUAGE_NAMES[code] for code in saved.missing] if row else [],
        "validity": validity_of(row, today) if row else None,
        "category_choices": category_choices(categories()),
        "may_edit": request.member.may_review,
        "asks_approval": needs_approval(request.member),
        "approval": request_of(row) if row else None,
        "lessons": lessons_of(row) if row else None,
        "cases": cases_of([row]).get(row.pk, 0) if row else 0,
        "figures": figures_of(row) if row else None,
        "wrong_marks": marked_wrong(row) if row else None,
        "findings": shown_findings(findings_of(row)) if row else [],
    }
    return render(request, "console/knowledge/editor.html", context, status=status)


def show_merge(
    request: ConsoleRequest, row: Faq, typed: FaqContent, *, base: int, note: str, sentence: str
) -> HttpResponse:
    """Both versions, where a colleague saved one since ``base``: parts that only one of them changed are put together.

    Nothing is saved yet. A second save is based on what is shown here, and meant so.
    """
    theirs = working_copy(row)
    before = content_of_revision(revisions(row).filter(number=base).first())
    merged = merge(before, theirs, typed)
    moved = _moved(row, before, theirs, sentence) | {
        "typed": True,
        "conflicts": conflicts_of(merged, theirs),
        "taken": labels_of(merged.taken, theirs, merged.content),
    }
    form = form_of(request, merged.content, seen=row.latest, note=note, base=base)
    return show(request, row, form, content=merged.content, status=HTTPStatus.CONFLICT, moved=moved)


def show_moved(request: ConsoleRequest, row: Faq, *, seen: int, sentence: str) -> HttpResponse:
    """The FAQ as it is now with what changed since ``seen``; what was asked for was not done."""
    content = working_copy(row)
    before = revisions(row).filter(number=seen).first()
    moved = _moved(row, content_of_revision(before) if before else content, content, sentence)
    return show(request, row, form_of(request, content, seen=row.latest), status=HTTPStatus.CONFLICT, moved=moved)


def _moved(row: Faq, before: FaqContent, now: FaqContent, sentence: str) -> dict[str, Any]:
    latest: FaqRevision | None = revisions(row).first()
    return {"sentence": sentence, "typed": False, "by": latest, "differences": differences(before, now)}
