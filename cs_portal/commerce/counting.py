"""How many pieces of each line were refunded and so on, counted anew from the rows that say so."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from cs_portal.commerce.actions.plan import Plan, StepKind
from cs_portal.commerce.models import ActionState, MoneyBack, Order, OrderAction, OrderLine


def recount_lines(order_ids: Iterable[int]) -> None:
    """Set the counts of the lines of these orders, in the caller's transaction: for whoever writes lines as documents.

    Pieces that the rows name beyond a line's quantity do not count: a file may tell of more than it lists. Of what was
    cancelled and never paid the action tells, or the line alone, so it stays where the line stayed.
    """
    orders = Order.objects.filter(pk__in=list(order_ids)).prefetch_related(
        "lines", "refunds", "returns", "exchanges", "resends"
    )
    changed = []
    cancelled_by = _cancelled(order.pk for order in orders)
    for order in orders:
        unsent = _pieces(each for each in order.refunds.all() if each.because == MoneyBack.CANCEL)
        refunded = _pieces(order.refunds.all())
        returned = _pieces(each for each in order.returns.all() if each.closed_at is None)
        # Once an exchange has ended its pieces are ordinary ones again; without a variant they never were others.
        exchanged = _pieces(each for each in order.exchanges.all() if each.ended_at is None and _named(each.lines))
        resent = _pieces(order.resends.all())
        for line in order.lines.all():
            key, whole = line.external_id, line.quantity
            cancelled = min(max(line.cancelled_quantity, unsent[key], cancelled_by[order.pk][key]), whole)
            swapped = min(exchanged[key], whole - cancelled)
            counts = (
                min(refunded[key], whole - swapped),
                min(returned[key], whole - swapped - cancelled),
                swapped,
                cancelled,
                min(resent[key], whole),
            )
            if counts != _counts(line):
                (
                    line.refunded_quantity,
                    line.returned_quantity,
                    line.exchanged_quantity,
                    line.cancelled_quantity,
                    line.resent_quantity,
                ) = counts
                changed.append(line)
    OrderLine.objects.bulk_update(
        changed,
        ["refunded_quantity", "returned_quantity", "exchanged_quantity", "cancelled_quantity", "resent_quantity"],
        batch_size=500,
    )


def _cancelled(order_ids: Iterable[int]) -> Mapping[int, Counter[str]]:
    """The pieces that actions on these orders cancelled here, by line."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    done = OrderAction.objects.filter(order__in=list(order_ids), kind="cancel", state=ActionState.DONE, error="")
    for order_id, preview in done.values_list("order_id", "preview"):
        for step in Plan.from_dict(preview).of(StepKind.CANCELLED):
            found[order_id][step.line] += step.quantity
    return found


def _named(lines: Iterable[Mapping[str, object]]) -> bool:
    return all(line.get("to_variant") for line in lines)


def _counts(line: OrderLine) -> tuple[int, int, int, int, int]:
    return (
        line.refunded_quantity,
        line.returned_quantity,
        line.exchanged_quantity,
        line.cancelled_quantity,
        line.resent_quantity,
    )


def _pieces(rows: Iterable[object]) -> Counter[str]:
    pieces: Counter[str] = Counter()
    for row in rows:
        for line in row.lines:  # type: ignore[attr-defined]
            pieces[line["id"]] += line.get("quantity") or 0
    return pieces
