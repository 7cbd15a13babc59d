"""The words of the console for the codes of the domain."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

Words = str | Promise

INTENTS: dict[str, Words] = {
    "order_status": _("Order status"),
    "delivery": _("Delivery"),
    "cancel": _("Cancel order"),
    "change_address": _("Change address"),
    "refund": _("Refund"),
    "refund_status": _("Refund status"),
    "return_exchange": _("Return or exchange"),
    "damaged_or_wrong_item": _("Damaged or wrong item"),
    "invoice": _("Invoice"),
    "payment": _("Payment"),
    "discount_coupon": _("Discount or coupon"),
    "product_question": _("Product question"),
    "size_advice": _("Size advice"),
    "recommendation": _("Recommendation"),
    "stock": _("Stock"),
    "place_order": _("Place an order"),
    "account": _("Account"),
    "complaint": _("Complaint"),
    "wants_a_person": _("Wants a person"),
    "greeting_thanks": _("Greeting or thanks"),
    "other": _("Not recognised"),
}

ACTIONS: dict[str, Words] = {
    "refund": pgettext_lazy("action", "Refund"),
    "return": pgettext_lazy("action", "Return"),
    "exchange": pgettext_lazy("action", "Exchange"),
    "cancel": pgettext_lazy("action", "Cancel order"),
    "change_address": pgettext_lazy("action", "Change address"),
    "change_items": pgettext_lazy("action", "Change items"),
    "change_payment": pgettext_lazy("action", "Change payment"),
    "resend": pgettext_lazy("action", "Resend"),
    "place_order": pgettext_lazy("action", "Place order"),
    "none": pgettext_lazy("action", "Nothing"),
}

OUTCOMES: dict[str, Words] = {
    "allow": pgettext_lazy("outcome", "Allowed"),
    "deny": pgettext_lazy("outcome", "Refused"),
    "escalate": pgettext_lazy("outcome", "A person decides"),
    "ask": pgettext_lazy("outcome", "Ask the shopper"),
}

APPROVERS: dict[str, Words] = {
    "autopilot": _("may go out unreviewed"),
    "operator": _("an operator approves"),
    "admin": _("an admin approves"),
}

SOURCES: dict[str, Words] = {
    "composer": _("Composed from answers"),
    "language_model": _("Language model"),
}

#: Why nothing came of a wish to say a reply otherwise, beside what a language model fails of.
REWORDING_FAILURES: dict[str, Words] = {
    "same": _("one of the wordings is just that already"),
    "moved": _("the draft moved on"),
    "untranslated": _("an answer that it rests on is not translated"),
    "no_model": _("no language model is connected any more"),
}

#: Why the language model gave no wording.
MODEL_FAILURES: dict[str, Words] = {
    "timeout": _("it was not done in time"),
    "too_long": _("the conversation is longer than it can read"),
    "unavailable": _("it cannot be reached or loaded"),
    "budget": _("its budget of today is used up"),
    "paused": _("it is paused after failing repeatedly"),
    "rate_limited": _("its server takes no more calls for now"),
    "not_authorised": _("its server does not accept the key"),
    "unknown_model": _("its server knows no such model or path"),
    "refused": _("its server refused the request"),
    "redirected": _("its server is at another address"),
    "garbled": _("its server answered something that is no reply"),
    "address": _("its address is private, or not over HTTPS, and not in LANGUAGE_MODEL_HOSTS"),
    "secret_unreadable": _("its key cannot be read any more; enter it again"),
    "worker": _("its worker failed; try again"),
    "nothing": _("it wrote nothing"),
    "unwanted": _("it was stopped, because nobody waited for it any more"),
}

ASKED_FOR: dict[str, Words] = {
    "photo": _("a photo"),
    "address": _("the new address"),
    "reason": _("the reason"),
    "lines": _("which items"),
    "confirmation": _("a confirmation"),
}

VIOLATIONS: dict[str, Words] = {
    "order_number": _("Order number without evidence"),
    "amount": _("Amount without evidence"),
    "date": _("Date without evidence"),
    "number": _("Number without evidence"),
    "url": _("Link without evidence"),
    "email": _("E-mail address without evidence"),
    "phone": _("Phone number without evidence"),
    "product": _("Product without evidence"),
    "carrier": _("Carrier without evidence"),
    "payment_method": _("Payment method without evidence"),
    "status": _("Order status without evidence"),
    "promise": _("Promise that nothing supports"),
    "polarity": _("Says the opposite of the verdict"),
    "role": _("Right date, amount or span of time, but of something else"),
    "contradiction": _("Contradicts an answer"),
    "variant": _("Colour or size without evidence"),
    "stranger": _("Name or address of somebody else"),
    "insult": _("Rude to the shopper"),
    "advice": _("Legal or medical advice"),
    "leak": _("Text of the prompt or about the model"),
    "unanswered": _("A question is left unanswered"),
    "unsupported": _("Sentence without evidence"),
    "placeholder": _("Unfilled placeholder"),
    "language": _("Not in the shopper's language"),
    "empty": _("Empty reply"),
}


def word(words: Mapping[str, Words], code: str) -> str:
    """The word for ``code``, or the code itself where a merchant brought their own."""
    return str(words.get(code, code.replace("_", " ")))


def in_language(texts: object) -> str:
    """From texts by language the one in the reader's; a plain string stays itself."""
    if isinstance(texts, dict):
        language = get_language() or "en"
        return str(texts.get(language) or texts.get("en") or next(iter(texts.values()), ""))
    return str(texts or "")
