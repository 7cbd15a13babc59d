"""Settings as they are shown: the cards of the overview, the rows of the team."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cs_portal.console.forms.settings import grantable_roles
from cs_portal.console.navigation import SETTINGS, Group, Link, links
from cs_portal.console.presenters.wording import Words
from cs_portal.merchants.models import Member, Merchant, Role
from cs_portal.merchants.selectors import members
from cs_portal.merchants.services.team import with_second_factor

#: What one finds behind each page.
ABOUT: Mapping[str, Words] = {
    "profile": _("Names, support e-mail and time zone."),
    "hours": _("When you are open, holidays, and how soon you reply."),
    "storefronts": _("The sites that carry the chat: origins, look, texts, snippet."),
    "connection": _("The system that carries out refunds and other actions."),
    "incoming": _("Shops that tell of their orders and products."),
    "team": _("Colleagues, their roles, and invitations."),
    "canned": _("Texts that operators insert by a shortcut."),
    "macros": _("Several steps in one click."),
    "tags": _("Labels for conversations."),
    "notifications": _("Which e-mails you get yourself."),
    "pairs": _("Amounts that two people must agree to."),
    "model": _("Which model words replies, how quick it is, and a try."),
    "ranking": _("Which wording comes first, and whether the confidence is true."),
    "autopilot": _("What may go out without review: off until you switch it on."),
    "privacy": _("How long conversations are kept; copy or erase a shopper."),
    "tokens": _("Keys for programs."),
    "audit": _("Who did what, and when."),
    "two_step": _("A code from your phone besides the password."),
}


@dataclass(frozen=True, slots=True)
class Card:
    link: Link
    about: Words


def cards(merchant: Merchant, member: Member) -> list[tuple[Group, list[Card]]]:
    """Groups of settings that the member may open, each page with a sentence."""
    found = []
    for group in SETTINGS:
        reached = links(group.places, merchant=merchant.slug, configures=member.may_configure)
        if reached:
            found.append((group, [Card(link, ABOUT.get(link.place.key, "")) for link in reached]))
    return found


@dataclass(frozen=True, slots=True)
class TeamRow:
    """``roles`` are those that the reader may give to this member; empty where they may not touch them."""

    member: Member
    is_me: bool
    second_factor: bool
    last_visit_at: datetime | None
    roles: list[tuple[str, str]]
    may_remove: bool


def team_rows(reader: Member) -> list[TeamRow]:
    """Two queries, however large the team."""
    team = list(members())
    protected = with_second_factor([member.user_id for member in team])
    owners = sum(member.role == Role.OWNER for member in team)
    return [_row(member, reader, member.user_id in protected, owners) for member in team]


def _row(member: Member, reader: Member, second_factor: bool, owners: int) -> TeamRow:
    is_owner = member.role == Role.OWNER
    touchable = reader.may_configure and (not is_owner or (reader.role == Role.OWNER and owners > 1))
    return TeamRow(
        member=member,
        is_me=member.pk == reader.pk,
        second_factor=second_factor,
        last_visit_at=member.last_visit_at,
        roles=grantable_roles(reader) if touchable else [],
        may_remove=touchable,
    )
