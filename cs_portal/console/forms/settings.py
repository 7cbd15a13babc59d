"""Forms of the settings pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from cs_portal.merchants.models import Locale, Member, Merchant, Role
from cs_portal.merchants.services.notices import KINDS
from cs_portal.merchants.services.profile import FIRST_HOLIDAY, LAST_HOLIDAY, HoursChange, ProfileChange
from cs_portal.merchants.services.tokens import SCOPES

if TYPE_CHECKING:
    _MerchantModelForm = forms.ModelForm[Merchant]
else:
    _MerchantModelForm = forms.ModelForm


#: Years that somebody may mean.
_SENSIBLE = [MinValueValidator(FIRST_HOLIDAY), MaxValueValidator(LAST_HOLIDAY)]


def text_input(**attrs: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "form-control", **attrs})


def mark_errors(form: forms.BaseForm) -> None:
    """Tie each refused field to its message for those who cannot see it."""
    for name in form.errors:
        if name in form.fields:
            form.fields[name].widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"id_{name}-errors"}


class ProfileForm(_MerchantModelForm):
    class Meta:
        model = Merchant
        fields = ["name", "name_zh", "support_email", "timezone"]
        labels = {"name": _("Name"), "name_zh": _("Name in Chinese"), "timezone": _("Time zone")}
        widgets = {
            "name": text_input(autocomplete="organization"),
            "name_zh": text_input(lang="zh-Hans"),
            "support_email": forms.EmailInput(attrs={"class": "form-control", "autocomplete": "off"}),
            "timezone": text_input(list="timezones", autocomplete="off", spellcheck="false"),
        }
        help_texts = {
            "name": _("What shoppers and letters call the shop."),
            "name_zh": _("For Chinese texts. Empty uses the name above."),
            "support_email": _("Where shoppers can write by e-mail."),
            "timezone": _("Type to search, for example Shanghai. Hours and all times are shown in it."),
        }

    def change(self) -> ProfileChange:
        return ProfileChange(**{name: self.cleaned_data[name] for name in self.Meta.fields})


class TargetsForm(_MerchantModelForm):
    class Meta:
        model = Merchant
        fields = ["first_reply_minutes", "next_reply_minutes"]
        widgets = dict.fromkeys(fields, forms.NumberInput(attrs={"class": "form-control", "min": 1, "max": 43200}))
        help_texts = {"first_reply_minutes": _("Minutes of open time. The clock of the inbox counts by them.")}

    def change(self, hours: dict[str, Any]) -> HoursChange:
        data = self.cleaned_data
        return HoursChange(hours, data["first_reply_minutes"], data["next_reply_minutes"])


class HolidayForm(forms.Form):
    date = forms.DateField(
        label=_("Date"),
        validators=_SENSIBLE,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"class": "form-control", "type": "date"}),
    )
    name = forms.CharField(label=_("Name"), max_length=80, required=False, widget=text_input())


class HolidayListForm(forms.Form):
    lines = forms.CharField(
        label=_("One day a line"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 6, "placeholder": _("2026-10-01 National Day")}),
        help_text=_("A date and a name, for example: 2026-10-01 National Day"),
    )


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput(attrs={"class": "form-control", "autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"), widget=forms.Select(attrs={"class": "form-select"}))

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = grantable_roles(by)
        self.fields["role"].choices = choices  # type: ignore[attr-defined]
        self.fields["role"].initial = Role.OPERATOR


def grantable_roles(by: Member) -> list[tuple[str, str]]:
    """Roles that ``by`` may give: owners are made by owners."""
    return [(str(value), str(label)) for value, label in Role.choices if value != Role.OWNER or by.role == Role.OWNER]


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


class JoinForm(forms.Form):
    name = forms.CharField(label=_("Your name"), max_length=80, widget=text_input(autocomplete="name"))
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "new-password"}),
        help_text=_("At least 10 characters. A few unrelated words are easy to remember and hard to guess."),
    )


class NoticesForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label=_("Send me an e-mail when"),
        choices=list(KINDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.ChoiceField(
        label=_("Language of the letters"), choices=Locale.choices, widget=forms.Select(attrs={"class": "form-select"})
    )


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=80, widget=text_input(), help_text=_("The program that will use it.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("Permissions"),
        choices=list(zip(SCOPES, (_("read"), _("write")), strict=True)),
        initial=["read"],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        choices=[("30", _("30 days")), ("90", _("90 days")), ("365", _("a year")), ("", _("ever"))],
        initial="90",
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.Select(attrs={"class": "form-select"}),
    )


class QuestionForm(forms.Form):
    question = forms.CharField(
        label=_("Question"),
        max_length=500,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
        help_text=_("As a shopper would ask it. Up to 500 characters."),
    )


class RetentionForm(forms.Form):
    days = forms.IntegerField(
        label=_("Keep conversations for (days)"),
        required=False,
        min_value=7,
        max_value=3650,
        widget=forms.NumberInput(attrs={"class": "form-control", "min": 7, "max": 3650}),
        help_text=_("Empty keeps them for ever. Counted from the last message."),
    )


class AuditFilterForm(forms.Form):
    """Filters of the log; what cannot be read is no filter. (A field named "action" would hide the form's own.)"""

    what = forms.CharField(required=False, max_length=60)
    actor = forms.CharField(required=False, max_length=64)
    target = forms.CharField(required=False, max_length=100)
    since = forms.DateField(required=False, validators=_SENSIBLE)
    until = forms.DateField(required=False, validators=_SENSIBLE)
