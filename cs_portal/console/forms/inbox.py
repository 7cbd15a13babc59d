"""What the inbox takes: its filters from the URL, and what is written and done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cs_portal.conversations.models import ConversationState, Handler
from cs_portal.conversations.selectors import InboxFilters, Sort
from cs_portal.conversations.selectors.inbox import ANY, ME, NOBODY
from cs_portal.core.moments import is_sensible
from cs_portal.core.public_ids import as_uuid
from cs_portal.drafting.selectors import conversations_about
from cs_portal.merchants.models import Locale

#: The parameters of a filter, in the order of their chips.
PARAMETERS = (
    *("q", "state", "assignee", "storefront", "language", "tag", "intent", "handler", "waiting", "needs", "overdue"),
    *("since", "until", "shopper", "sort"),
)


def filters_of(query: QueryDict) -> InboxFilters:
    """The filters that a query string names. What cannot be read is left out: an old link is no error."""
    intent = query.get("intent", "")[:30]
    state = _one_of(query.get("state"), (*ConversationState.values, ANY)) or ConversationState.OPEN
    return InboxFilters(
        state=state,
        assignee=_assignee(query.get("assignee", "")),
        storefront=as_uuid(query.get("storefront")),
        locale=_one_of(query.get("language"), Locale.values),
        tag=as_uuid(query.get("tag")),
        handler=_one_of(query.get("handler"), Handler.values),
        shopper=as_uuid(query.get("shopper")),
        needs_person=query.get("needs") == "1",
        waiting=query.get("waiting") == "1",
        overdue=query.get("overdue") == "1",
        since=_day(query.get("since")),
        until=_day(query.get("until")),
        search=query.get("q", "").replace("\x00", "")[:200],
        sort=Sort(_one_of(query.get("sort"), Sort.values) or Sort.usual(state)),
        within=conversations_about(intent=intent) if intent else None,
    )


def query_of(query: QueryDict) -> str:
    """The filters of a query string in their order, without cursors and empty ones: what makes two views the same."""
    kept = QueryDict(mutable=True)
    for name in PARAMETERS:
        if value := query.get(name):
            kept[name] = value
    return kept.urlencode()


def _one_of(value: str | None, choices: Any) -> str:
    return value if value and value in choices else ""


def _assignee(value: str) -> str:
    return value if value in {ME, NOBODY} else str(as_uuid(value) or "")


def _day(value: str | None) -> date | None:
    try:
        day = date.fromisoformat(value or "")
    except ValueError:
        return None
    return day if is_sensible(day) else None


class MomentField(forms.Field):
    """A moment: ISO with its offset, as our own buttons send it, or a browser's local time in the merchant's zone."""

    default_error_messages = {"invalid": _("Choose a time.")}

    def to_python(self, value: Any) -> datetime | None:
        try:
            moment = datetime.fromisoformat(str(value or "").strip())
            if not is_sensible(moment):
                raise ValueError
            return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
        except (ValueError, OverflowError):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


class SeenForm(forms.Form):
    """``seen`` is the version of the conversation that the operator looked at."""

    seen = forms.IntegerField(required=False, min_value=0, max_value=2**31)


class SnoozeForm(SeenForm):
    """A button's ``until`` counts before what stands in the field for a time of one's own."""

    until = MomentField(required=False)
    at = MomentField(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.errors.pop("until" if self.data.get("at") else "at", None)
        data["moment"] = data.get("until") or data.get("at")
        if data["moment"] is None and not self.errors:
            raise forms.ValidationError(_("Choose a time."))
        return data


class ReplyForm(SeenForm):
    """The service judges the text. ``cards`` are references such as ``product:p-9``, one field each.

    ``macro`` is the one that brought the text, ``macro_batch`` what it did already.
    """

    text = forms.CharField(required=False, strip=False)
    macro = forms.UUIDField(required=False)
    macro_batch = forms.UUIDField(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["cards"] = [_card(raw) for raw in _all(self.data, "cards")[:20] if raw]
        return data


def _all(data: Mapping[str, Any], name: str) -> list[str]:
    """Every value of a field that comes several times."""
    assert isinstance(data, QueryDict)
    return [str(value) for value in data.getlist(name)]


def _card(raw: str) -> dict[str, str]:
    """``product:p-9``, ``order:10533``, or a bare product id; the service judges whether it may be sent."""
    kind, colon, key = raw.strip().partition(":")
    kind, key = (kind, key) if colon else ("product", kind)
    if kind not in {"product", "order"} or not 0 < len(key) <= 64:
        raise forms.ValidationError(_("This card cannot be sent."), code="card")
    return {"kind": kind, "id" if kind == "product" else "number": key}


class NoteForm(forms.Form):
    text = forms.CharField(required=False, strip=False)


class AssignForm(forms.Form):
    """``assignee`` is a member's public id, ``me``, or empty for nobody."""

    assignee = forms.CharField(required=False, max_length=40)


class MacroForm(forms.Form):
    macro = forms.UUIDField(error_messages={"required": _("Choose a macro.")})


class TagForm(forms.Form):
    tag = forms.UUIDField()
    on = forms.BooleanField(required=False)


class ViewForm(forms.Form):
    """A saved view. Who may not share it has no such field, and leaves it as it is."""

    name = forms.CharField(
        label=_("Name of the view"), max_length=60, widget=forms.TextInput(attrs={"class": "form-control"})
    )
    shared = forms.BooleanField(label=_("For all colleagues"), required=False)

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["shared"]


class BulkForm(forms.Form):
    """``deed`` names the button that was pressed."""

    deed = forms.ChoiceField(choices=[(deed, deed) for deed in ("assign", "tag", "snooze", "resolve")])
    assignee = forms.CharField(required=False, max_length=40)
    tag = forms.UUIDField(required=False)
    until = MomentField(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        ids = [as_uuid(raw) for raw in _all(self.data, "ids")]
        data["ids"] = [one for one in ids if one is not None]
        deed = data.get("deed")
        if deed != "snooze":
            self.errors.pop("until", None)
        elif data.get("until") is None:
            raise forms.ValidationError(_("Choose a time."))
        if deed == "tag" and data.get("tag") is None:
            raise forms.ValidationError(_("Choose a tag."))
        return data
