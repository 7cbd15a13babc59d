"""Template filters of the knowledge pages."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString, mark_safe

from cs_portal.console.presenters.chat_text import pieces
from cs_portal.knowledge.markdown import to_html, to_plain

register = template.Library()
register.filter("chat_pieces", pieces)
register.filter("plain", to_plain)


@register.filter
def markdown(text: str) -> SafeString:
    """An answer as HTML of :data:`cs_portal.knowledge.markdown.TAGS` alone, which is what makes it safe."""
    return mark_safe(to_html(text))  # noqa: S308


@register.filter
def is_marked(text: str) -> bool:
    """Whether an answer is more than plain text."""
    return to_plain(text) != text


@register.filter
def score(share: float) -> str:
    """``0.8312`` → ``0.83``."""
    return f"{share:.2f}"


@register.filter
def percent(share: float) -> str:
    """``0.314`` → ``31%``."""
    return f"{share * 100:.0f}%"
