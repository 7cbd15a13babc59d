"""The words of the widget in the active language. Placeholders are ``{name}``; the widget fills them in."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from cs_portal.merchants.models import Locale, Storefront


def chat_strings() -> dict[str, str]:
    """What the chat's script says, by key."""
    return {
        "you": _("You"),
        "sending": _("Sending…"),
        "notSent": _("Not sent."),
        "resend": _("Send again"),
        "discard": _("Discard"),
        "counter": _("{count} of {limit} characters"),
        "tooLong": _("{over} characters too many (at most {limit})"),
        "drafting": _("Writing a reply…"),
        "checking": _("A colleague is checking this"),
        "operatorTyping": _("A colleague is typing…"),
        "connectionLost": _("No connection. Trying again…"),
        "unavailable": _("The chat is not available right now. Please reload the page."),
        "notSaved": _("This could not be saved. Please try again."),
        "emailSaved": _("Thank you. If you leave, we will write to {email}."),
    }


def launcher_labels() -> dict[str, dict[str, str]]:
    """The loader's words in every language: it draws the launcher before the portal knows which one is wanted."""
    labels = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            labels[code] = {
                "open": _("Open chat"),
                "close": _("Close chat"),
                "unread": _("unread messages"),
                "title": _("Chat with customer service"),
            }
    return labels


def greeting(storefront: Storefront, locale: str) -> str:
    """The storefront's greeting in ``locale``, or ours."""
    own = storefront.greeting_zh if locale == Locale.ZH_HANS else storefront.greeting_en
    return own or _("Hello! How can we help?")
