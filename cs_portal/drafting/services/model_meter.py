"""The daily budget of a language model that is paid for, and its ledger.

A call is booked with the most that it may take before it is made, and with what it took after it. So calls at the same
time cannot pass the budget together, and a worker that dies in between leaves a day that is booked too high, never too
low.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection as database
from django.db.models import F
from django.db.models.expressions import Combinable

from cs_portal.core.tenancy import current_merchant
from cs_portal.drafting.models import LanguageModelConnection, ModelUsage


def today_of_merchant(now: datetime) -> date:
    return now.astimezone(ZoneInfo(current_merchant().timezone)).date()


class DailyMeter:
    """A :class:`bots.backends.base.Meter` over one row of the ledger, for one call."""

    def __init__(self, connection: LanguageModelConnection, *, day: date) -> None:
        self._connection = connection
        self._row, _created = ModelUsage.objects.get_or_create(connection=connection, day=day)
        self._booked = (0, 0, 0)
        self.tokens_in = 0
        self.tokens_out = 0
        self.cost_micros = 0

    def admit(self, *, tokens_in: int, tokens_out: int) -> bool:
        cost = self._connection.cost_micros(tokens_in=tokens_in, tokens_out=tokens_out)
        rows = ModelUsage.objects.filter(pk=self._row.pk)
        if self._connection.daily_tokens is not None:
            most = self._connection.daily_tokens - tokens_in - tokens_out
            rows = rows.annotate(tokens=F("tokens_in") + F("tokens_out")).filter(tokens__lte=most)
        if self._connection.daily_micros is not None:
            rows = rows.filter(cost_micros__lte=self._connection.daily_micros - cost)
        if not rows.update(**_added(tokens_in, tokens_out, cost)):
            return False
        self._booked = (tokens_in, tokens_out, cost)
        database.close()  # the model takes seconds; a connection is not held for that long
        return True

    def settle(self, *, tokens_in: int, tokens_out: int) -> None:
        cost = self._connection.cost_micros(tokens_in=tokens_in, tokens_out=tokens_out)
        self.tokens_in, self.tokens_out, self.cost_micros = tokens_in, tokens_out, cost
        took = zip((tokens_in, tokens_out, cost), self._booked, strict=True)
        ModelUsage.objects.filter(pk=self._row.pk).update(**_added(*(real - booked for real, booked in took)))
        self._booked = (0, 0, 0)

    def close(self, *, failure: str, seconds: float) -> None:
        """Count the call; one that the budget did not allow was none."""
        if failure != "budget":
            ModelUsage.objects.filter(pk=self._row.pk).update(
                calls=F("calls") + 1,
                failures=F("failures") + int(failure not in {"", "unwanted"}),
                seconds=F("seconds") + seconds,
            )


def _added(tokens_in: int, tokens_out: int, cost: int) -> dict[str, Combinable]:
    return {
        "tokens_in": F("tokens_in") + tokens_in,
        "tokens_out": F("tokens_out") + tokens_out,
        "cost_micros": F("cost_micros") + cost,
    }
