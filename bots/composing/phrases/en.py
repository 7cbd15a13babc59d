"""What the composer says in English."""

from __future__ import annotations

from collections.abc import Mapping

PAYMENT_METHODS: Mapping[str, str] = {
    "credit_card": "your credit card",
    "debit_card": "your debit card",
    "paypal": "your PayPal account",
    "gift_card": "your gift card",
    "wechat_pay": "WeChat Pay",
    "alipay": "Alipay",
    "bank_transfer": "your bank account by bank transfer",
    "": "your original payment method",
}

STATUSES: Mapping[str, str] = {
    "pending": "waiting to be processed",
    "processing": "being prepared",
    "shipped": "shipped",
    "delivered": "delivered",
    "return_requested": "return requested",
    "exchange_requested": "exchange requested",
    "returned": "returned",
    "cancelled": "cancelled",
    "closed": "completed",
}

#: After "we cannot" and "would you like us to".
ACTIONS: Mapping[str, str] = {
    "refund": "refund {order}",
    "return": "accept a return of {order}",
    "exchange": "exchange {order}",
    "cancel": "cancel {order}",
    "change_address": "change the delivery address of {order}",
    "change_items": "change the items of {order}",
    "change_payment": "change the payment method of {order}",
    "resend": "send {order} again",
    "place_order": "place this order",
}

PHRASES: Mapping[str, tuple[str, ...]] = {
    "order": ("order #{number}",),
    "this_order": ("this order",),
    # opening and closing
    "hello": (
        "Hello, and thank you for getting in touch.",
        "Hello, thanks for your message.",
        "Hi, thank you for writing to us.",
    ),
    "greeting": (
        "Hello! How can I help you?",
        "Hi there! What can I do for you?",
        "Hello! What would you like to know?",
    ),
    "thanks": (
        "You're welcome! Just write again if anything else comes up.",
        "My pleasure! We are here if you need anything else.",
    ),
    "closing": (
        "If anything else comes up, just reply here.",
        "Please reply here if you have any other question.",
        "Let me know if I can help with anything else.",
    ),
    "hello_sorry": ("Hello.",),
    # other tones of the same
    "hello_brief": ("Hello.",),
    "hello_warm": ("Hello, and thank you so much for writing to us.", "Hi there, how nice to hear from you."),
    "hello_formal": ("Dear customer, thank you for contacting us.",),
    "hello_sorry_warm": ("Hello, and thank you for telling us.",),
    "hello_sorry_formal": ("Dear customer,",),
    "closing_warm": (
        "If there is anything else, just write: we are glad to help.",
        "We are always glad to help, so just reply here whenever you like.",
    ),
    "closing_formal": ("Should you have any further questions, please reply to this message.",),
    "empathy": ("I'm happy to help you with this.", "Of course, I'm glad to help."),
    # empathy
    "sorry_damaged": (
        "I'm sorry to hear that your item arrived damaged.",
        "I'm very sorry that the item did not reach you in good condition.",
    ),
    "sorry_wrong_item": (
        "I'm sorry that you did not receive what you ordered.",
        "I'm sorry about the mix-up with your item.",
    ),
    "sorry_missing_item": ("I'm sorry that something was missing from your parcel.",),
    "sorry_not_as_described": ("I'm sorry that the item is not what you expected from its description.",),
    "sorry_late": ("I'm sorry that you have had to wait for your order.", "I'm sorry about the wait."),
    "sorry_complaint": (
        "I'm sorry about this experience, and I understand that it is frustrating.",
        "I'm sorry that we let you down, and thank you for telling us.",
    ),
    # order status
    "status_pending": ("Your order #{number}, placed on {placed}, has been received and is waiting to be processed.",),
    "status_processing": (
        "Your order #{number}, placed on {placed}, is being prepared and has not left our warehouse yet.",
    ),
    "status_shipped": ("Your order #{number} was shipped on {date}.",),
    "status_shipped_undated": ("Your order #{number} has been shipped.",),
    "status_delivered": ("Our records show that your order #{number} was delivered on {date}.",),
    "status_delivered_undated": ("Our records show that your order #{number} has been delivered.",),
    "status_return_requested": ("We have recorded your return request for order #{number}.",),
    "status_exchange_requested": ("We have recorded your exchange request for order #{number}.",),
    "status_returned": ("The items of your order #{number} have come back to us.",),
    "status_cancelled": ("Your order #{number} was cancelled on {date}.",),
    "status_cancelled_undated": ("Your order #{number} is cancelled.",),
    "status_closed": ("Your order #{number}, placed on {placed}, is completed.",),
    "tracking": (
        "The carrier is {carrier} and the tracking number is {tracking}.",
        "You can follow it with {carrier} under the tracking number {tracking}.",
    ),
    "carrier_only": ("The carrier is {carrier}.",),
    "not_received": (
        "If the parcel is not with you, please tell us and a colleague will look into it with the carrier.",
    ),
    "paid_with": ("Order #{number} was paid with {methods}.",),
    "refund_recorded": ("A refund of {amount} for order #{number} was issued on {date}.",),
    "refund_none": ("There is no refund on record for order #{number} so far.",),
    # which order
    "which_order": (
        "Which order is this about? These are your most recent ones:",
        "Could you tell me which order you mean? Your most recent ones are:",
    ),
    "which_order_unlisted": ("Could you tell me which order this is about?",),
    "order_item": ("• #{number}, placed on {placed}: {status}",),
    "order_unknown": (
        "I could not find that order number among your orders. Could you check it and send it to me again?",
    ),
    "orders_none": (
        "I could not find any order in your account. If you ordered as a guest, please send me the order "
        "number together with the e-mail address or phone number you used.",
    ),
    # How to prove an order, and what happens then; said once.
    "sign_in": (
        "To look at your order I first need to be sure that it is yours. Please sign in on our shop: I can then see "
        "your orders at once. Or send me the order number together with the e-mail address or phone number you used "
        "for it: a colleague compares them and answers you here.",
    ),
    "sign_in_or_person": (
        "If you cannot do either, just write that you would like to talk to a person; leave your e-mail address in "
        "this chat, and the answer reaches you by e-mail as well.",
    ),
    "proof_given": (
        "Thank you. A colleague compares this with the order and then answers you here. If you leave your e-mail "
        "address in this chat, the answer reaches you by e-mail as well.",
    ),
    "proof_stuck": (
        "I cannot look the order up from here, so I have passed your question to a colleague, who will answer you "
        "here. If you leave your e-mail address in this chat, the answer reaches you by e-mail as well.",
    ),
    "order_stuck": (
        "We do not get further with the order number, so I have passed your question to a colleague, who will find "
        "the order with you and reply to you here.",
    ),
    "lines_stuck": (
        "I do not quite see which of the items you mean, so I have passed your request to a colleague, who will sort "
        "it out with you here.",
    ),
    # verdict: allow. Each is true once the operator has approved reply and action together.
    "allow_refund": (
        "We are refunding {amount} for order #{number} to {method}.",
        "We have arranged your refund: {amount} for order #{number} goes back to {method}.",
    ),
    "allow_refund_unstated": ("We are refunding order #{number} to {method}.",),
    "allow_return": ("Your return of order #{number} has been accepted.",),
    "returned_items": ("These items go back:",),
    "allow_return_amount": ("The refund for the returned items comes to {amount}, to {method}.",),
    "allow_exchange": ("We have arranged the exchange for order #{number}.",),
    "allow_cancel": (
        "As you asked, order #{number} has been cancelled.",
        "Order #{number} has been cancelled as you requested.",
    ),
    "allow_cancel_amount": ("The {amount} you paid goes back to {method}.",),
    "allow_change_address": ("We have changed the delivery address of order #{number} as you asked.",),
    "allow_change_items": ("We have changed the items of order #{number} as you asked.",),
    "allow_change_payment": ("We have changed the payment method of order #{number} as you asked.",),
    "allow_resend": ("We are sending the items of order #{number} to you again.",),
    "allow_place_order": ("We have placed your order as you asked.",),
    "allow_place_order_amount": ("The total is {amount}.",),
    # verdict: the others
    "deny": ("I'm sorry, but we cannot {action}.", "Unfortunately, we are not able to {action}."),
    "deny_reason": ("The reason: {reason}",),
    "deny_appeal": (
        "If you think that we have missed something, please reply here and a colleague will take another look.",
    ),
    "escalate": (
        "Your request needs a closer look, so I have passed it to a colleague who will reply to you here.",
        "I have passed your request to a colleague, who will check it and reply to you here.",
    ),
    "ask_photo": (
        "Could you please send us a photo that shows the problem? We can then take the next step.",
        "Please send us a photo of the item as it arrived, so that we can take the next step.",
    ),
    "ask_confirmation": ("Before we go ahead: would you like us to {action}?",),
    "ask_address": ("Please send us the full new address: name, phone number, street, city and postcode.",),
    "ask_variant": ("Which size or colour would you like instead?",),
    "ask_reason": ("Could you tell us the reason, so that we can choose the right next step?",),
    "ask_lines": ("Which of the items is this about? Please name them, or tell me that it is about all of them:",),
    "line_item": ("• {title} × {quantity}",),
    "ask_payment_method": ("Which payment method would you like to use?",),
    "ask_order": ("Could you tell me which order this is about?",),
    "ask_other": ("Could you give us a little more detail, so that we can take the next step?",),
    # damaged without a request
    "damaged_next": (
        "Please send us a photo that shows the problem, and tell us whether you would prefer a refund or an exchange.",
    ),
    # products
    "products_intro": ("You might like these:", "Here is what I would look at:"),
    "products_up_to": ("For up to {amount} I would look at these:", "These cost no more than {amount}:"),
    "products_none_up_to": ("We have nothing that fits for up to {amount}. These come closest:",),
    "products_none": ("We have nothing that fits for up to {amount} at the moment.",),
    "product_item": ("• {title}: {price}",),
    "product_price": ("The price of {title} is {price}.",),
    "product_in_stock": ("We have {title} in stock.", "Good news: we have {title} in stock."),
    "product_sold_out": ("We are sold out of {title} at the moment.",),
    "recommend_ask": ("I'd be glad to suggest something. What will you use it for, and what is your budget?",),
    "which_product": ("Which product do you mean?",),
    "order_here": ("The card below takes you to it; you can order it there.",),
    # hand-over
    "handover_unknown": (
        "I don't have a confirmed answer to this, so I have passed your question to a colleague who will "
        "reply to you here.",
        "I would rather not guess, so I have passed your question to a colleague, who will reply to you here.",
    ),
    "handover_part": ("For your other question, I have asked a colleague, who will reply to you here.",),
    "handover_person": (
        "Of course. I am passing you to a colleague, who can read our conversation, so you need not repeat anything.",
    ),
    "handover_faq": (
        "I have passed this to a colleague, who will take care of it and reply to you here.",
        "A colleague will take care of this and reply to you here.",
    ),
    "handover_complaint": ("I have passed your message to a colleague, who will look into it and reply to you here.",),
    "deflect": (
        "I can help with questions about our shop and your own orders. A colleague will read your message as well.",
    ),
}
