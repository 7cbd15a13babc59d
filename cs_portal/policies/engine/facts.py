"""The typed facts that rules may use, each computed at most once for a case and only when a rule looks at it.

`FACTS` is the whole catalogue. A fact that cannot be known is a `Missing`, never a guess.
"""

from __future__ import annotations

from .case import Case
from .catalogue import FactSpec, Known
from .missing import Missing
from .order_facts import ORDER_FACTS
from .request_facts import REQUEST_FACTS

FACTS: dict[str, FactSpec] = {spec.name: spec for spec in (*ORDER_FACTS, *REQUEST_FACTS)}


class Facts(dict[str, Known]):
    """The facts of one case by name. What the mapping holds is what was looked at so far."""

    __slots__ = ("case",)

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.case = case

    def __missing__(self, name: str) -> Known:
        value = FACTS[name].compute(self.case)
        if isinstance(value, Missing):
            value = Missing(value.problem, name)
        self[name] = value
        return value

    @property
    def currency(self) -> str:
        """The order's currency; empty where there is no order."""
        return self.case.order.currency if self.case.order else ""
