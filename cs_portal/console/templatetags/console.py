"""Template filters of the console."""

from __future__ import annotations

from django import template

from cs_portal.console.presenters.evidence import anchor

register = template.Library()
register.filter("evidence_anchor", anchor)
