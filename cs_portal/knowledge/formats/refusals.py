"""Refusals of a whole file that several formats share."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cs_portal.core.errors import Invalid


def too_many(limit: int) -> Invalid:
    return Invalid(_("The file holds more than %(limit)s FAQs. Split it.") % {"limit": f"{limit:,}"}, field="file")
