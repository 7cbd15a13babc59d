"""Products, shoppers and orders of a merchant. Money is an integer of minor units in the row's ``currency``.

The ``search`` columns are written by the database itself: whoever inserts a row, it can be found. Lists look them up
through an index that holds nothing else, which is quick at 100,000 rows, and finds Chinese as well as English.
"""

from cs_portal.commerce.models.actions import (
    NOT_SENT,
    SETTLED,
    UNDER_WAY,
    ActionKind,
    ActionState,
    ConnectorKind,
    OrderAction,
    ShopConnection,
)
from cs_portal.commerce.models.catalogue import Product, Variant
from cs_portal.commerce.models.history import Happened, OrderEvent, Source
from cs_portal.commerce.models.imports import ImportChange, ImportKind, ImportRun, ImportState, Kept
from cs_portal.commerce.models.orders import (
    Exchange,
    MoneyBack,
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    PaymentMethod,
    Refund,
    Resend,
    Return,
    Shipment,
)
from cs_portal.commerce.models.shoppers import Shopper

__all__ = [
    "NOT_SENT",
    "SETTLED",
    "UNDER_WAY",
    "ActionKind",
    "ActionState",
    "ConnectorKind",
    "Exchange",
    "Happened",
    "ImportChange",
    "ImportKind",
    "ImportRun",
    "ImportState",
    "Kept",
    "MoneyBack",
    "Order",
    "OrderAction",
    "OrderEvent",
    "OrderLine",
    "OrderStatus",
    "Payment",
    "PaymentMethod",
    "Product",
    "Refund",
    "Resend",
    "Return",
    "Shipment",
    "ShopConnection",
    "Shopper",
    "Source",
    "Variant",
]
