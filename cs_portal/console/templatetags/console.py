"""Template tags and filters of the console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.template.context import RequestContext

from cs_portal.commerce.money import format_minor
from cs_portal.console.feedback import redoes, undo_url
from cs_portal.console.navigation import COMMERCE, SECTIONS, SETTINGS, Group, Link, links
from cs_portal.console.paging import AFTER, BEFORE
from cs_portal.console.presenters.categories import product_category
from cs_portal.console.presenters.evidence import anchor
from cs_portal.console.presenters.ratings import RatedEvidence
from cs_portal.console.presenters.wording import MODEL_FAILURES, word

register = template.Library()
register.filter("evidence_anchor", anchor)
register.filter("undo_url", undo_url)
register.filter("redoes", redoes)
register.filter("product_category", product_category)


@register.filter
def money(amount_minor: int | None, currency: str) -> str:
    """``{{ 8600|money:"CNY" }}`` → ``¥86.00``; nothing for no amount."""
    return "" if amount_minor is None else format_minor(amount_minor, currency)


@register.filter
def rating_of(ratings: Mapping[str, RatedEvidence], reference: str) -> RatedEvidence | None:
    """The marks on one piece of evidence; nothing for what the draft does not rest on."""
    return ratings.get(reference)


@register.filter
def model_failure(code: str) -> str:
    """Why the language model gave no wording; nothing for no code."""
    return word(MODEL_FAILURES, code)


@register.simple_tag(takes_context=True)
def query_with(context: RequestContext, **changes: Any) -> str:
    """The page's query string with ``changes``; an empty value takes a parameter out, and so goes any cursor."""
    query = context["request"].GET.copy()
    for name in (AFTER, BEFORE):
        query.pop(name, None)
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.simple_tag(takes_context=True)
def sections(context: RequestContext) -> list[Link]:
    return links(SECTIONS, **_reader(context))


@register.simple_tag(takes_context=True)
def commerce_tabs(context: RequestContext) -> list[Link]:
    return links(COMMERCE, **_reader(context))


@register.simple_tag(takes_context=True)
def settings_groups(context: RequestContext) -> list[tuple[Group, list[Link]]]:
    """Groups of settings with the links that the reader may use."""
    reached = [(group, links(group.places, **_reader(context))) for group in SETTINGS]
    return [(group, found) for group, found in reached if found]


def _reader(context: RequestContext) -> dict[str, Any]:
    return {"merchant": context["merchant"].slug, "configures": context["member"].may_configure}
