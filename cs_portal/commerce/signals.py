"""What commerce tells the apps above it."""

from __future__ import annotations

from django.dispatch import Signal

#: Within the transaction that ends an import: ``sender`` is ImportRun, with ``kind`` and ``now``.
records_imported = Signal()

#: Within the transaction that gives shoppers new names or addresses: ``sender`` is Shopper, with ``ids``, primary keys.
shoppers_renamed = Signal()

#: Within the transaction in which an action reaches its end in a remote shop, or its result becomes unknown:
#: ``sender`` is OrderAction, with ``action`` (the row) and ``now``.
action_settled = Signal()
