"""Letters to members about their work. Nobody gets one unasked; the settings page is where to end them.

A letter says that something waits and where, never who wrote or what: mail boxes are not ours to protect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cs_portal.core import jobs
from cs_portal.core.errors import Invalid
from cs_portal.merchants.models import Locale, Member
from cs_portal.merchants.services.roles import log

JOB = "mail_notice"
KINDS: dict[str, str | Promise] = {
    "assigned": _("A conversation is assigned to me"),
    "needs_person": _("A conversation needs a person"),
    "overdue": _("A reply is overdue: to a conversation of mine, or to one that nobody has"),
    "autopilot": _("Autopilot was held back: replies that it sent were judged wrong"),
}
SUBJECTS: dict[str, str | Promise] = {
    "assigned": _("%(shop)s: a conversation is assigned to you"),
    "needs_person": _("%(shop)s: a conversation needs a person"),
    "overdue": _("%(shop)s: a reply is overdue"),
    "autopilot": _("%(shop)s: autopilot was held back"),
}


def choose_notices(*, by: Member, kinds: Iterable[str], language: str, now: datetime) -> Member:
    """What the member wants to be told by e-mail, and in which language."""
    chosen = sorted(set(kinds))
    if not set(chosen) <= KINDS.keys() or language not in Locale.values:
        raise Invalid(str(_("Choose one of the values.")), field="kinds")
    with transaction.atomic():
        by.notifications = {**dict.fromkeys(chosen, True), "language": language}
        by.save(update_fields=["notifications"])
        log(by, "member.notices_chosen", f"member:{by.public_id}", now, {"kinds": chosen})
    return by


def wants(member: Member, kind: str) -> bool:
    choices: Mapping[str, object] = member.notifications
    return member.removed_at is None and choices.get(kind) is True


def notify(*, kind: str, conversation: UUID, members: Iterable[Member] | None, by: Member | None, now: datetime) -> int:
    """Ask, within the caller's transaction, for letters to those ``members`` (None: all reviewers) who want them.

    Nobody is told of what they did themselves. The same conversation within the same minute is one letter. Returns
    how many letters were asked for.
    """
    if members is None:
        members = [m for m in Member.objects.filter(removed_at=None).select_related("user") if m.may_review]
    told = [m for m in members if wants(m, kind) and (by is None or m.pk != by.pk)]
    for member in told:
        jobs.enqueue(
            JOB,
            key=f"notice:{kind}:{conversation}:{member.pk}:{now:%Y%m%d%H%M}",
            merchant_id=member.merchant_id,
            payload={"kind": kind, "member": member.pk, "conversation": str(conversation)},
            now=now,
        )
    return len(told)


def letter(*, kind: str, member: Member, conversation: UUID) -> EmailMessage | None:
    """The letter, or ``None`` when the member has left or changed their mind meanwhile."""
    if not wants(member, kind) or not member.user.is_active:
        return None
    language = str(member.notifications.get("language") or Locale.EN)
    with translation.override(language):
        shop = " ".join(member.merchant.name_in(language).split())
        context = {
            "sentence": KINDS[kind],
            "shop": shop,
            "name": member.user.name,
            "kind": kind,
            "link": settings.PORTAL_URL + _path(member, conversation),
            "settings": settings.PORTAL_URL + reverse("console:notifications", args=[member.merchant.slug]),
        }
        body = render_to_string("merchants/mail/notice.txt", context)
        subject = str(SUBJECTS[kind]) % {"shop": shop}
    return EmailMessage(
        subject=subject, body=body, to=[member.user.email], headers={"Auto-Submitted": "auto-generated"}
    )


def _path(member: Member, conversation: UUID) -> str:
    try:
        return reverse("console:conversation", args=[member.merchant.slug, conversation])
    except NoReverseMatch:
        return reverse("console:review", args=[member.merchant.slug])
