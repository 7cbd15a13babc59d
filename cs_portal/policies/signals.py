"""What policies tells the apps above it."""

from __future__ import annotations

from django.dispatch import Signal

#: Within the transaction that puts rules live: ``sender`` is RulesetVersion, with ``version`` (the row) and ``now``.
rules_published = Signal()
