"""Who the merchant is, when it is open, and what it promises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.core.errors import Invalid
from cs_portal.merchants.hours import hours_json, parse_hours
from cs_portal.merchants.models import Holiday, Member, Merchant
from cs_portal.merchants.services.roles import log, require_configurer

#: Thirty days: a promise beyond that is none.
LONGEST_TARGET_MINUTES = 30 * 24 * 60
MAX_HOLIDAYS_AT_ONCE = 400
#: Years that somebody may mean.
FIRST_HOLIDAY, LAST_HOLIDAY = date(2000, 1, 1), date(2999, 1, 1)
_HOLIDAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[\s,;，；]+(.*))?")


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """``timezone`` is an IANA name."""

    name: str
    name_zh: str
    support_email: str
    timezone: str


@dataclass(frozen=True, slots=True)
class HoursChange:
    """``business_hours`` as ``parse_hours`` reads them; the targets count minutes of open time."""

    business_hours: dict[str, Any]
    first_reply_minutes: int
    next_reply_minutes: int


@cache
def timezones() -> tuple[str, ...]:
    """The IANA zones that people live in, in order of name."""
    odd = ("Etc/", "SystemV/", "posix/", "right/")
    return tuple(sorted(z for z in available_timezones() if ("/" in z or z == "UTC") and not z.startswith(odd)))


def require_approval(*, by: Member, required: bool, now: datetime) -> Merchant:
    """Whether answers that operators publish go live only once another member approved them."""
    require_configurer(by)
    return _save(by, {"publishing_needs_approval": required}, now)


def update_profile(*, by: Member, change: ProfileChange, now: datetime) -> Merchant:
    """Raises :class:`Invalid` with the field."""
    require_configurer(by)
    if not change.name.strip():
        raise Invalid(_("Give the merchant a name."), field="name")
    if change.timezone not in available_timezones():
        raise Invalid(_("Choose a time zone from the list."), field="timezone")
    if change.support_email:
        try:
            validate_email(change.support_email)
        except ValidationError:
            raise Invalid(_("Enter a valid e-mail address."), field="support_email") from None
    return _save(by, asdict(change), now)


def update_hours(*, by: Member, change: HoursChange, now: datetime) -> Merchant:
    """Opening hours and reply targets. Raises :class:`Invalid` with the field."""
    require_configurer(by)
    values = asdict(change)
    values["business_hours"] = hours_json(parse_hours(change.business_hours, field="business_hours"))
    for field in ("first_reply_minutes", "next_reply_minutes"):
        if not 1 <= values[field] <= LONGEST_TARGET_MINUTES:
            raise Invalid(_("Between 1 and %(limit)s minutes.") % {"limit": LONGEST_TARGET_MINUTES}, field=field)
    return _save(by, values, now)


def _save(by: Member, values: dict[str, Any], now: datetime) -> Merchant:
    with transaction.atomic():
        merchant = Merchant.objects.select_for_update().get(pk=by.merchant_id)
        changed = sorted(name for name, value in values.items() if getattr(merchant, name) != value)
        for name in changed:
            setattr(merchant, name, values[name])
        if changed:
            merchant.save(update_fields=changed)
            log(by, "merchant.updated", f"merchant:{merchant.public_id}", now, {"fields": changed})
    return merchant


def parse_holidays(text: str) -> list[tuple[date, str]]:
    """One day a line, ``2026-10-01 国庆``; empty lines are skipped. Raises :class:`Invalid`, which names the line."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = _HOLIDAY.fullmatch(line.strip())
        try:
            day = date(int(match[1]), int(match[2]), int(match[3])) if match else None
        except ValueError:
            day = None
        if match is None or day is None or not FIRST_HOLIDAY <= day <= LAST_HOLIDAY:
            raise Invalid(
                _("Line %(number)s is no date with a name. Write for example: 2026-10-01 National Day")
                % {"number": number},
                field="lines",
            )
        found.append((day, (match[4] or "").strip()[:80]))
    if not found:
        raise Invalid(_("Write at least one day."), field="lines")
    return found


def add_holidays(*, by: Member, days: Sequence[tuple[date, str]], now: datetime) -> int:
    """Add the days that are not there yet and give the others their new name; returns how many were added."""
    require_configurer(by)
    if len(days) > MAX_HOLIDAYS_AT_ONCE:
        raise Invalid(_("At most %(limit)s days at once.") % {"limit": MAX_HOLIDAYS_AT_ONCE}, field="lines")
    by_date = dict(days)
    with transaction.atomic():
        Merchant.objects.select_for_update().get(pk=by.merchant_id)
        known = {holiday.date: holiday for holiday in Holiday.objects.filter(date__in=by_date)}
        for day, holiday in known.items():
            if by_date[day] and holiday.name != by_date[day]:
                Holiday.objects.filter(pk=holiday.pk).update(name=by_date[day])
        fresh = [Holiday(date=day, name=name) for day, name in by_date.items() if day not in known]
        Holiday.objects.bulk_create(fresh)
        log(by, "holidays.added", f"merchant:{by.merchant.public_id}", now, {"days": _iso(by_date)})
    return len(fresh)


def remove_holiday(*, holiday_id: UUID, by: Member, now: datetime) -> Holiday:
    """Returns the day as it was, for an undo."""
    require_configurer(by)
    holiday = Holiday.by_public_id(holiday_id)
    with transaction.atomic():
        Holiday.objects.filter(pk=holiday.pk).delete()
        log(by, "holiday.removed", f"merchant:{by.merchant.public_id}", now, {"days": _iso([holiday.date])})
    return holiday


def _iso(days: Iterable[date]) -> list[str]:
    return sorted(day.isoformat() for day in days)
