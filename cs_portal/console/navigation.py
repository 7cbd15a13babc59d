"""The console's rooms, in one place: the top bar, the side navigation of settings and the command palette read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Place:
    """A page that one can go to. ``key`` is the template's ``section`` or ``setting``; ``go`` the key after ``G``."""

    key: str
    label: Text
    icon: str
    url_name: str
    go: str = ""
    configurers_only: bool = False


SECTIONS = (
    Place("home", _("Home"), "home", "console:dashboard", "h"),
    Place("review", _("Review"), "list-check", "console:review", "r"),
    Place("inbox", _("Inbox"), "inbox", "console:inbox", "i"),
    Place("knowledge", _("Knowledge"), "book", "console:knowledge", "k"),
    Place("policies", pgettext_lazy("section", "Policies"), "scale", "console:policies", "p"),
    Place("recommendations", _("Recommendations"), "gift", "console:recommendations", "e"),
    Place("commerce", pgettext_lazy("section", "Commerce"), "shopping-bag", "console:orders", "o"),
    Place("analytics", _("Analytics"), "chart-bar", "console:analytics", "a"),
    Place("settings", _("Settings"), "settings", "console:settings", "s"),
)

#: Inside a section, for its tabs and the palette.
COMMERCE = (
    Place("orders", _("Orders"), "receipt-2", "console:orders"),
    Place("products", _("Products"), "package", "console:products"),
    Place("shoppers", _("Shoppers"), "users", "console:shoppers"),
    Place("imports", _("Imports"), "file-import", "console:imports"),
)


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that belong together."""

    label: Text
    places: tuple[Place, ...]


SETTINGS = (
    Group(
        pgettext_lazy("settings", "Shop"),
        (
            Place("profile", _("Merchant profile"), "building-store", "console:profile", configurers_only=True),
            Place("hours", _("Hours and targets"), "clock", "console:hours", configurers_only=True),
            Place("storefronts", _("Storefronts"), "window", "console:storefronts"),
            Place("connection", _("Shop connection"), "link", "console:shop_connection", configurers_only=True),
            Place("incoming", _("Incoming webhooks"), "webhook", "console:shop_incoming", configurers_only=True),
            Place("team", _("Team"), "users-group", "console:team"),
        ),
    ),
    Group(
        pgettext_lazy("settings", "Desk"),
        (
            Place("canned", _("Canned replies"), "message-circle", "console:canned_replies"),
            Place("macros", _("Macros"), "player-play", "console:macros"),
            Place("tags", _("Tags"), "tags", "console:tags"),
            Place("notifications", _("Notifications"), "bell", "console:notifications"),
            Place("pairs", _("Second approval"), "users", "console:pairs", configurers_only=True),
        ),
    ),
    Group(
        pgettext_lazy("settings", "Bot"),
        (
            Place("model", _("Language model"), "cpu", "console:language_model"),
            Place("ranking", _("Ranking and confidence"), "target", "console:ranking"),
            Place("autopilot", _("Autopilot rules"), "robot", "console:autopilot"),
        ),
    ),
    Group(
        pgettext_lazy("settings", "Security"),
        (
            Place("privacy", _("Privacy"), "eraser", "console:privacy", configurers_only=True),
            Place("tokens", _("API tokens"), "api", "console:tokens", configurers_only=True),
            Place("audit", _("Audit log"), "history", "console:audit", configurers_only=True),
            Place("two_step", _("Two-step sign-in"), "shield-lock", "console:two_step"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Link:
    """A place as this reader may reach it."""

    place: Place
    url: str


def links(places: tuple[Place, ...], *, merchant: str, configures: bool) -> list[Link]:
    return list(_links(places, merchant=merchant, configures=configures))


def _links(places: tuple[Place, ...], *, merchant: str, configures: bool) -> Iterator[Link]:
    for place in places:
        if place.configurers_only and not configures:
            continue
        yield Link(place, reverse(place.url_name, args=[merchant]))
