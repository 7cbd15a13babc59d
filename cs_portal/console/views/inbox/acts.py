"""What one does with a conversation: whose it is, where it stands, who answers, its tags."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from uuid import UUID, uuid4

from django.forms import Form
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cs_portal.console.forms.inbox import AssignForm, SeenForm, SnoozeForm, TagForm
from cs_portal.console.presenters.inbox_clock import moment
from cs_portal.console.requests import ConsoleRequest
from cs_portal.console.views.access import reviewer
from cs_portal.console.views.inbox.rendering import advance, following, keeps_text, refused, show, with_list
from cs_portal.conversations import services
from cs_portal.conversations.models import Tag
from cs_portal.core.errors import Invalid, NotFound
from cs_portal.core.public_ids import as_uuid
from cs_portal.merchants.models import Member


@require_POST
@reviewer
@keeps_text
def assign(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    form = AssignForm(request.POST)
    to = assignee_of(request, form.cleaned_data["assignee"] if form.is_valid() else "?")
    batch, now = uuid4(), timezone.now()
    changed = services.assign(conversation_id=conversation_id, by=request.member, to=to, now=now, batch=str(batch))
    if not changed:
        return show(request, conversation_id)
    sentence = _("Assigned to %(name)s.") % {"name": to.user} if to else _("Assigned to nobody.")
    return show(request, conversation_id, sentence, undo=_undo(request, batch))


def assignee_of(request: ConsoleRequest, chosen: str) -> Member | None:
    """``me``, a member's public id, or nothing for nobody. Raises :class:`Invalid` for a stranger."""
    if not chosen:
        return None
    if chosen == "me":
        return request.member
    if wanted := as_uuid(chosen):
        with suppress(NotFound):
            return Member.by_public_id(wanted)
    raise Invalid(_("Choose a colleague."), field="assignee")


@require_POST
@reviewer
@keeps_text
def snooze(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        return refused(request, conversation_id, first_error(form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    after, batch = following(request, conversation_id), uuid4()
    until = form.cleaned_data["moment"]
    services.snooze(
        conversation_id=conversation_id,
        by=request.member,
        until=until,
        now=timezone.now(),
        seen=form.cleaned_data["seen"],
        batch=str(batch),
    )
    when = moment(until, now=timezone.now())
    sentence = _("Snoozed until %(time)s, or until the shopper writes.") % {"time": when}
    return advance(request, conversation_id, after, sentence, undo=_undo(request, batch))


@require_POST
@reviewer
@keeps_text
def wake(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    batch = uuid4()
    services.wake(conversation_id=conversation_id, by=request.member, now=timezone.now(), batch=str(batch))
    return show(request, conversation_id, _("Back in the list of open conversations."), undo=_undo(request, batch))


@require_POST
@reviewer
@keeps_text
def resolve(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    form = SeenForm(request.POST)
    if not form.is_valid():
        sentence = _("Reload the page and try again.")
        return refused(request, conversation_id, sentence, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    after, batch = following(request, conversation_id), uuid4()
    services.resolve(
        conversation_id=conversation_id,
        by=request.member,
        now=timezone.now(),
        seen=form.cleaned_data["seen"],
        batch=str(batch),
    )
    return advance(request, conversation_id, after, _("Resolved."), undo=_undo(request, batch))


@require_POST
@reviewer
@keeps_text
def reopen(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    batch = uuid4()
    services.reopen(conversation_id=conversation_id, by=request.member, now=timezone.now(), batch=str(batch))
    return show(request, conversation_id, _("Open again."), undo=_undo(request, batch))


@require_POST
@reviewer
@keeps_text
def take_over(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    services.take_over(conversation_id=conversation_id, by=request.member, now=timezone.now())
    return show(request, conversation_id, _("Yours. The bot prepares no drafts until you give it back."))


@require_POST
@reviewer
@keeps_text
def give_back(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    services.give_back(conversation_id=conversation_id, by=request.member, now=timezone.now())
    return show(request, conversation_id, _("The bot drafts again; every draft waits for review."))


@require_POST
@reviewer
@keeps_text
def tag(request: ConsoleRequest, conversation_id: UUID) -> HttpResponse:
    """Put a tag on (``on=1``) or take it off."""
    form = TagForm(request.POST)
    if not form.is_valid():
        return refused(request, conversation_id, _("Choose a tag."), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    change, batch = services.add_tag if form.cleaned_data["on"] else services.remove_tag, uuid4()
    tag_id = form.cleaned_data["tag"]
    if not change(
        conversation_id=conversation_id, by=request.member, tag_id=tag_id, now=timezone.now(), batch=str(batch)
    ):
        return show(request, conversation_id)
    told = _("Tag “%(tag)s” added.") if form.cleaned_data["on"] else _("Tag “%(tag)s” taken off.")
    sentence = told % {"tag": Tag.by_public_id(tag_id).name}
    return show(request, conversation_id, sentence, undo=_undo(request, batch))


def first_error(form: Form) -> str:
    return next(str(error) for errors in form.errors.values() for error in errors)


def _undo(request: ConsoleRequest, batch: UUID) -> str:
    return with_list(request, reverse("console:inbox_undo", args=[request.merchant.slug, batch]))
