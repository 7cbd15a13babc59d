"""The rulesets that come with the portal, by what a merchant would call them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from cs_portal.console.presenters.wording import Words
from cs_portal.policies.engine import load_shipped, shipped_names

_WORDS: dict[str, tuple[Words, Words]] = {
    "standard": (
        _("Standard"),
        _(
            "Faults within 7 days with a photo are refunded, returns within 7 days, exchanges within 15; what is late "
            "or large goes to a person."
        ),
    ),
    "seven-days": (
        _("Seven days without a reason"),
        _(
            "Returns within 7 days of delivery without giving a reason, the shipping fee not refunded; quality "
            "problems for longer, with a photo."
        ),
    ),
    "strict": (
        _("Strict"),
        _("Short periods, photos, a fee for restocking, and people who decide on anything unusual."),
    ),
    "generous": (
        _("Generous"),
        _("Thirty days for any reason, faults for longer and without a photo; the shipping fee goes back."),
    ),
}


@dataclass(frozen=True, slots=True)
class ShippedView:
    name: str
    title: str
    about: str
    count: int
    chosen: bool


def shipped_views(chosen: str) -> list[ShippedView]:
    """The standard rules first; they are chosen where ``chosen`` names none."""
    names = sorted(shipped_names(), key=lambda name: [*_WORDS, name].index(name))
    picked = chosen if chosen in names else names[0]
    found = []
    for name in names:
        title, about = _WORDS.get(name, (name, ""))
        count = len(load_shipped(name).rules)
        found.append(ShippedView(name, str(title), str(about), count, name == picked))
    return found
