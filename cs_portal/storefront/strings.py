"""The words of the widget in the active language. Placeholders are ``{name}``; the widget fills them in."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cs_portal.merchants.models import Locale, Storefront


@dataclass(frozen=True, slots=True)
class Score:
    """An answer of the rating; ``mouth`` is the path that draws its face."""

    value: int
    word: str
    mouth: str


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
        "kept": _("We have your message and answer when we are back"),
        "operatorTyping": _("A colleague is typing…"),
        "connectionLost": _("No connection. Trying again…"),
        "unavailable": _("The chat is not available right now. Please reload the page."),
        "notSaved": _("This could not be saved. Please try again."),
        "emailSaved": _("Thank you. If you leave, we will write to {email}."),
        "order": _("Order {number}"),
        "placedOn": _("Placed on {date}"),
        "total": _("Total {amount}"),
        "inStock": _("In stock"),
        "soldOut": _("Sold out"),
        "openProduct": _("Open product"),
        "addToCart": _("Add to cart"),
        "chooseAndAdd": _("Choose and add"),
        "adding": _("Adding…"),
        "added": _("In your cart"),
        "notAdded": _("Not added. Try again"),
        "assistant": _("Assistant, checked by our team"),
        "personAsked": _("A colleague will answer you here"),
        "personTalks": _("You are talking to {name}"),
        "closedUntil": _("Closed now. Back {time}"),
        "closed": _("Closed now"),
        "backAt": _("We are back: {time}"),
        "rated": _("Thank you for your rating: {word}"),
        "busy": _("Please wait a moment and try again."),
        "failed": _("That did not work. Please try again."),
        "transcriptMailed": _("The conversation is on its way to {email}."),
        "erasureAsked": _("We have your request. You get an answer here or by e-mail."),
        "myOrders": _("My orders"),
        "loading": _("Loading…"),
        "refund": _("Request a refund"),
        "return": _("Return items"),
        "exchange": _("Exchange items"),
        "cancel": _("Cancel the order"),
        "change_address": _("Change the address"),
        "place_order": _("New order"),
        "orderHere": _("Order here"),
        "photo": _("Photo"),
        "addPhoto": _("Add photos"),
        "removePhoto": _("Remove the photo"),
        "openPhoto": _("Open the photo"),
        "photoOnly": _("I have added a photo."),
        "photosMost": _("At most {limit} photos."),
        "photoLarge": _("The photo is larger than 8 MB."),
        "photoFailed": _("The photo could not be loaded. Please try again."),
        "close": _("Close"),
    }


def form_strings() -> dict[str, str]:
    """The words of the form on orders, which come with its choices: most shoppers never open it."""
    return {
        "noOrders": _("There are no orders in your account yet."),
        "signIn": _("Sign in to the shop and we can look up your orders for you."),
        "whichItems": _("Which items is it about?"),
        "quantity": _("How many"),
        "variant": _("Which one"),
        "instead": _("What you would like instead"),
        "noVariant": _("Nothing else of it is in stock."),
        "choose": _("Choose…"),
        "reason": _("Reason"),
        "chooseReason": _("Choose the reason, please."),
        "payBy": _("Pay by"),
        "asBefore": _("As before"),
        "payLater": _("Pay later"),
        "address": _("New address"),
        "address_name": _("Full name"),
        "address_line1": _("Street and number"),
        "address_line2": _("Flat, floor (optional)"),
        "address_postal_code": _("Postal code"),
        "address_city": _("City"),
        "address_region": _("Region (optional)"),
        "address_country": _("Country"),
        "address_phone": _("Phone (optional)"),
        "fillAddress": _("Fill in name, street and city."),
        "next": _("Continue"),
        "back": _("Back"),
        "willHappen": _("Is this right?"),
        "missing": _("Something is missing"),
        "notPossible": _("This is not possible"),
        "confirm": _("Confirm and send"),
        "confirmNote": _("You see here what becomes of your request."),
        "photoBusy": _("A photo is still on its way."),
    }


def launcher_labels() -> dict[str, dict[str, str]]:
    """The loader's words in every language: it draws the launcher before the portal knows which one is wanted."""
    labels = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            labels[code] = {
                "open": _("Open chat"),
                "close": _("Close chat"),
                "unread": _("unread: {n}"),
                "title": _("Chat with customer service"),
            }
    return labels


def greeting(storefront: Storefront, locale: str) -> str:
    """The storefront's greeting in ``locale``, or ours."""
    own = storefront.greeting_zh if locale == Locale.ZH_HANS else storefront.greeting_en
    return own or _("Hello! How can we help?")


def offline_notice(storefront: Storefront, locale: str) -> str:
    """What the chat says outside of hours: the storefront's words in ``locale``, or ours."""
    own = storefront.offline_notice_zh if locale == Locale.ZH_HANS else storefront.offline_notice_en
    return own or _("We are closed right now. Leave your question, and we will answer it when we are back.")


def scores() -> list[Score]:
    """The five answers to "how did we do", worst first."""
    return [
        Score(1, pgettext("rating", "Terrible"), "M8 17c1-2 2.5-3 4-3s3 1 4 3"),
        Score(2, pgettext("rating", "Poor"), "M8.5 16c1-1 2.2-1.4 3.5-1.4s2.5.4 3.5 1.4"),
        Score(3, pgettext("rating", "Okay"), "M8.5 15.5h7"),
        Score(4, pgettext("rating", "Good"), "M8.5 14.5c1 1 2.2 1.5 3.5 1.5s2.5-.5 3.5-1.5"),
        Score(5, pgettext("rating", "Excellent"), "M7.5 13.5c.8 2.3 2.5 3.5 4.5 3.5s3.7-1.2 4.5-3.5z"),
    ]
