"""Variables of canned replies, such as ``{{shopper.name}}``, and what stands for them in a conversation.

No template engine: a name in double braces is looked up, once; what a shopper is called is never read as a variable.
Where a value is missing the text keeps a gap, ``⟦order number⟧``, which must be filled before the text can be sent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cs_portal.commerce.models import Order
from cs_portal.commerce.money import format_minor
from cs_portal.conversations.models import Author, CannedReply, Conversation, Message
from cs_portal.core.errors import Invalid
from cs_portal.merchants.models import Locale, Member

_VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_GAP = re.compile(r"⟦[^⟦⟧]*⟧")
#: What a value may not bring along: the marks of variables and gaps, and characters that show nothing or turn text.
_MARKS = re.compile(r"[⟦⟧]")
_BRACES = re.compile(r"\{{2,}|\}{2,}")
_RECENT = 20
MAX_VALUE = 200


@dataclass(frozen=True, slots=True)
class Variable:
    """``sample_*`` show in the settings what it will look like."""

    label: Promise
    sample_en: str
    sample_zh: str

    def sample(self, locale: str) -> str:
        return self.sample_zh if locale == Locale.ZH_HANS else self.sample_en


VARIABLES: dict[str, Variable] = {
    "shopper.name": Variable(gettext_lazy("shopper's name"), "Anna Keller", "王小明"),
    "shopper.email": Variable(gettext_lazy("shopper's e-mail"), "anna@example.com", "xiaoming@example.com"),
    "order.number": Variable(gettext_lazy("order number"), "10533", "10533"),
    "order.status": Variable(gettext_lazy("order status"), "Shipped", "已发货"),
    "order.total": Variable(gettext_lazy("order total"), "$86.00", "¥86.00"),
    "order.tracking": Variable(gettext_lazy("tracking number"), "DHL 00340434161094", "顺丰速运 SF1029384756"),
    "storefront.name": Variable(gettext_lazy("storefront's name"), "Mugs & More", "马克杯之家"),
    "merchant.name": Variable(gettext_lazy("merchant's name"), "Mugs & More", "马克杯之家"),
    "member.name": Variable(gettext_lazy("your name"), "Olaf", "小李"),
}


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its variables replaced. ``gaps`` are the labels of what is missing."""

    text: str
    locale: str
    gaps: list[str] = field(default_factory=list)


def _written(name: str) -> str:
    return "{{" + name + "}}"


def check_template(text: str, *, field: str) -> None:
    """Raises :class:`Invalid`, which names the variables that do not exist, or braces that do not close."""
    unknown = dict.fromkeys(name for name in _VARIABLE.findall(text) if name not in VARIABLES)
    if unknown:
        names = ", ".join(_written(name) for name in unknown)
        raise Invalid(_("There is no variable %(names)s.") % {"names": names}, field=field)
    if "{{" in (rest := _VARIABLE.sub("", text)) or "}}" in rest:
        raise Invalid(_("A variable needs two braces on both sides, as in {{shopper.name}}."), field=field)
    if _GAP.search(text):
        raise Invalid(_("The signs ⟦ and ⟧ mark gaps and cannot be written."), field=field)


def render(template: str, values: Mapping[str, str], *, locale: str) -> Filled:
    """Replace the variables; an empty or missing value leaves a gap. Unknown names stay as they are written."""
    gaps: list[str] = []

    def replacement(found: re.Match[str]) -> str:
        variable = VARIABLES.get(found[1])
        if variable is None:
            return found[0]
        if value := _plain(values.get(found[1], "")):
            return value
        label = str(variable.label)
        if label not in gaps:
            gaps.append(label)
        return f"⟦{label}⟧"

    with translation.override(locale):
        return Filled(_VARIABLE.sub(replacement, template), locale, gaps)


def gaps_in(text: str) -> list[str]:
    """What is still to be filled in: gaps, and variables that somebody typed."""
    typed = [_written(name) for name in _VARIABLE.findall(text)]
    return list(dict.fromkeys([*_GAP.findall(text), *typed]))


def refuse_gaps(text: str, *, field: str = "text") -> None:
    """Raises :class:`Invalid`, which names the gaps, for a text that is not ready to be sent."""
    if gaps := gaps_in(text):
        raise Invalid(_("Fill in %(gaps)s first.") % {"gaps": " ".join(gaps)}, field=field)


def samples(locale: str) -> dict[str, str]:
    return {name: variable.sample(locale) for name, variable in VARIABLES.items()}


def fill(
    canned: CannedReply,
    *,
    conversation: Conversation,
    member: Member,
    order: Order | Literal["named"] | None = "named",
    locale: str = "",
) -> Filled:
    """The canned reply for this conversation, in its language (or ``locale``), else in the other one.

    ``order`` is :func:`order_of` the conversation if not given; who fills several texts looks it up once.
    """
    locale = locale or conversation.locale
    chinese, english = (Locale.ZH_HANS, canned.text_zh), (Locale.EN, canned.text_en)
    both = [chinese, english] if locale == Locale.ZH_HANS else [english, chinese]
    locale, template = next((pair for pair in both if pair[1]), both[0])
    names = set(_VARIABLE.findall(template))
    if order == "named":
        order = order_of(conversation) if any(name.startswith("order.") for name in names) else None
    with translation.override(locale):
        values = {
            name: value() for name, value in _values(conversation, member, order, locale).items() if name in names
        }
    return render(template, values, locale=locale)


def order_of(conversation: Conversation) -> Order | None:
    """The shopper's own order that was named last, else their newest. Two queries."""
    orders = list(Order.objects.filter(shopper_id=conversation.shopper_id).order_by("-placed_at", "-id")[:_RECENT])
    if len(orders) > 1:
        rows = Message.objects.filter(conversation=conversation).exclude(author=Author.SYSTEM).order_by("-id")
        for text in rows.values_list("text", flat=True)[:_RECENT]:
            for order in orders:
                if re.search(rf"(?<![0-9A-Za-z]){re.escape(order.number)}(?![0-9A-Za-z])", text):
                    return order
    return orders[0] if orders else None


def _values(
    conversation: Conversation, member: Member, order: Order | None, locale: str
) -> dict[str, Callable[[], str]]:
    """How to read each value; only those that a text names are read."""
    found: dict[str, Callable[[], str]] = {
        "shopper.name": lambda: conversation.shopper.name,
        "shopper.email": lambda: conversation.email or conversation.shopper.email,
        "storefront.name": lambda: conversation.storefront.name,
        "merchant.name": lambda: conversation.merchant.name_in(locale),
        "member.name": lambda: member.user.name,
    }
    if order is not None:
        found |= {
            "order.number": lambda: order.number,
            "order.status": order.get_status_display,
            "order.total": lambda: format_minor(order.paid_minor, order.currency),
            "order.tracking": lambda: _tracking(order, locale),
        }
    return found


def _tracking(order: Order, locale: str) -> str:
    parcels = [f"{parcel.carrier} {parcel.tracking}".strip() for parcel in order.shipments.all() if parcel.tracking]
    return ("、" if locale == Locale.ZH_HANS else ", ").join(parcels)


def _plain(value: str) -> str:
    shown = "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in _MARKS.sub("", value))
    return _BRACES.sub(lambda found: found[0][0], " ".join(shown.split()))[:MAX_VALUE]
