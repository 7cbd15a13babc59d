"""Canned replies, macros and tags, as their forms send them. The services judge them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from cs_portal.conversations.models import CannedReply, ConversationState, Macro, Tag, Tone
from cs_portal.conversations.services.canned import CannedReplyChange
from cs_portal.conversations.services.macros import MAX_SNOOZE_HOURS, MacroChange
from cs_portal.core.errors import Invalid
from cs_portal.core.moments import is_sensible

_TEXT = {"class": "form-control"}


class DeskForm(forms.Form):
    """Errors and hints are tied to their fields, also those that a service finds. Languages have ``lang``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"id_{name}-help"

    def full_clean(self) -> None:
        super().full_clean()
        for name in self.errors:
            self._mark(name)

    def refuse(self, refusal: Invalid) -> None:
        """Show what a service refused, beside the field it names."""
        name = refusal.field if refusal.field in self.fields else None
        self.add_error(name, str(refusal))
        if name:
            self._mark(name)

    def _mark(self, name: str) -> None:
        if name in self.fields:
            attrs = self.fields[name].widget.attrs
            hints = [attrs.get("aria-describedby", ""), f"id_{name}-errors"]
            attrs |= {"aria-invalid": "true", "aria-describedby": " ".join(filter(None, hints))}


class SeenForm(DeskForm):
    """``seen`` is when the row was changed last, as the form showed it."""

    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def clean_seen(self) -> datetime | None:
        text = self.cleaned_data["seen"]
        if not text:
            return None
        try:
            at = parse_datetime(text)
        except ValueError:
            at = None
        if at and at.tzinfo and is_sensible(at):
            return at
        # Counting it as "not seen" would overwrite what a colleague saved.
        self.add_error(None, _("Reload the page and try again."))
        return None


class CannedReplyForm(SeenForm):
    shortcut = forms.CharField(
        label=_("Shortcut"),
        max_length=41,
        widget=forms.TextInput(attrs={**_TEXT, "autocapitalize": "none", "spellcheck": "false"}),
        help_text=_("Colleagues type / and this word in a reply."),
    )
    title = forms.CharField(label=_("Title"), max_length=80, widget=forms.TextInput(attrs=_TEXT))
    text_en = forms.CharField(
        label=_("Text in English"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={**_TEXT, "rows": 6, "lang": "en"}),
    )
    text_zh = forms.CharField(
        label=_("Text in Chinese"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={**_TEXT, "rows": 6, "lang": "zh-Hans"}),
        help_text=_("A conversation gets the text in its own language; if there is none, the other one."),
    )

    @classmethod
    def of(cls, row: CannedReply) -> CannedReplyForm:
        names = ("shortcut", "title", "text_en", "text_zh")
        return cls(initial={name: getattr(row, name) for name in names} | {"seen": row.updated_at.isoformat()})

    def change(self) -> CannedReplyChange:
        data = self.cleaned_data
        return CannedReplyChange(data["shortcut"], data["title"], data["text_en"], data["text_zh"])


class MacroForm(SeenForm):
    name = forms.CharField(label=_("Name"), max_length=80, widget=forms.TextInput(attrs=_TEXT))
    reply = forms.TypedChoiceField(
        label=_("Put this canned reply into the composer"),
        required=False,
        coerce=UUID,
        empty_value=None,
        widget=forms.Select(attrs={"class": "form-select"}),
        help_text=_("The operator reads it before it is sent."),
    )
    add_tags = forms.TypedMultipleChoiceField(
        label=_("Add tags"), required=False, coerce=UUID, widget=forms.CheckboxSelectMultiple
    )
    assign_to_me = forms.BooleanField(label=_("Assign to whoever uses the macro"), required=False)
    state = forms.ChoiceField(
        label=_("Then"),
        required=False,
        choices=[
            ("", _("Leave the conversation as it is")),
            (ConversationState.RESOLVED, _("Resolve it")),
            (ConversationState.SNOOZED, _("Snooze it")),
            (ConversationState.OPEN, _("Open it again")),
        ],
        widget=forms.Select(attrs={"class": "form-select"}),
        help_text=_("With a canned reply this happens once the reply is sent."),
    )
    snooze_hours = forms.IntegerField(
        label=_("Hours to snooze"),
        required=False,
        min_value=1,
        max_value=MAX_SNOOZE_HOURS,
        widget=forms.NumberInput(attrs=_TEXT),
    )

    def __init__(self, *args: Any, replies: list[CannedReply], tags: list[Tag], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(row.public_id), f"/{row.shortcut} · {row.title}") for row in replies]
        self.fields["reply"].choices = [("", _("No text")), *choices]  # type: ignore[attr-defined]
        self.fields["add_tags"].choices = [(str(tag.public_id), tag.name) for tag in tags]  # type: ignore[attr-defined]

    @staticmethod
    def values_of(row: Macro) -> dict[str, Any]:
        return {
            "name": row.name,
            "reply": str(row.reply.public_id) if row.reply else "",
            "add_tags": row.add_tags,
            "assign_to_me": row.assign_to_me,
            "state": row.state,
            "snooze_hours": row.snooze_hours,
            "seen": row.updated_at.isoformat(),
        }

    def change(self) -> MacroChange:
        data = self.cleaned_data
        return MacroChange(
            name=data["name"],
            reply=data["reply"],
            add_tags=data["add_tags"],
            state=data["state"],
            snooze_hours=data["snooze_hours"],
            assign_to_me=data["assign_to_me"],
        )


class TagForm(DeskForm):
    name = forms.CharField(label=_("Name"), max_length=40, widget=forms.TextInput(attrs=_TEXT))
    tone = forms.ChoiceField(
        label=_("Colour"), choices=Tone.choices, initial=Tone.GREY, widget=forms.Select(attrs={"class": "form-select"})
    )
