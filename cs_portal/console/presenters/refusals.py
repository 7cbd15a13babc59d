"""Why an action was not carried out, or a call to the shop system failed, by the code that is kept."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cs_portal.console.presenters.wording import Words

_REFUSALS: Mapping[str, Words] = {
    # By the order, the money or the rules.
    "withdrawn": _("It was withdrawn."),
    "rules_moved": _("The rules decide differently by now."),
    "plan_changed": _("What it would do has changed meanwhile."),
    "wrong_status": _("The order changed its state meanwhile."),
    "under_way": _("Another action on this order is under way."),
    "pieces_settled": _("Some of these items were settled already, or are on an open return."),
    "nothing_to_refund": _("There is nothing to refund."),
    "order_exhausted": _("The order does not hold that much any more."),
    "payment_exhausted": _("The payment does not hold that much any more."),
    "money_promised": _("This money is promised to a return that is still open."),
    "card_exhausted": _("The gift card does not hold that much."),
    "paid_meanwhile": _("It was paid meanwhile."),
    "no_payment_method": _("It is not clear by which of the shopper's payment methods."),
    "out_of_stock": _("Not enough of it is in stock."),
    "unknown_variant": _("The wanted variant is not there any more."),
    "not_sold": _("A product is not sold any more."),
    "not_confirmed": _("The shopper has not confirmed the order yet."),
    "already_shipped": _("The order was shipped already."),
    "already_cancelled": _("The order was cancelled already."),
    # By the shop system: nothing was done.
    "not_connected": _("The shop system was disconnected."),
    "not_supported": _("Your shop system does not do this by itself."),
    "shop_refused": _("The shop refused it."),
    "not_returnable": _("The shop says that these items cannot be returned."),
    "partial_cancel_not_supported": _("The shop cancels whole orders only."),
    "partial_refund_not_supported": _("The shop cannot refund it in this split."),
    "restocking_fee_not_supported": _("The shop does not keep restocking fees."),
    "other_card_not_supported": _("The shop pays back by the original payment only."),
    "unknown_order": _("The shop does not know this order."),
    "unknown_line": _("The shop does not know one of these items."),
    "unknown_payment": _("The shop does not know one of these payments."),
    "not_authorised": _("The shop did not accept our signature or token."),
    "secret_unreadable": _("The stored secret cannot be read any more. Make a new one."),
    # By the connection.
    "never_arrived": _("The shop never got the call."),
    "unknown_host": _("No server has this name."),
    "no_connection": _("The server does not take the connection."),
    "private_address": _("The address leads into a private network. It is never called."),
    "not_https": _("The address must begin with https://."),
    "bad_url": _("This is no address that can be called."),
    "timeout": _("The shop did not answer in time."),
    "broken_connection": _("The connection broke before the answer was whole."),
    "answer_too_long": _("The answer was longer than we read."),
    "garbled": _("The shop answered something else than the contract says."),
    "redirected": _("The shop sent us to another address, which we do not follow."),
    "busy": _("The shop was too busy to answer."),
    "throttled": _("The shop was too busy to answer."),
    "pending": _("The shop is still at it."),
    "not_found_yet": _("The shop does not know of it yet."),
}


def refusal(code: str) -> str:
    """What ``code`` means; a shop's own code is quoted, for who looks into that shop."""
    if code in _REFUSALS:
        return str(_REFUSALS[code])
    if code.startswith("http_"):
        return _t("The shop answered with error %(code)s.") % {"code": code.removeprefix("http_")}
    return _t("The shop refused it, with the code “%(code)s”.") % {"code": code}
