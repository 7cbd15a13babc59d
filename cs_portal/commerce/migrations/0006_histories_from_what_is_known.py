"""Existing orders get the history that their rows tell, and their lines the counts of what was refunded."""

from collections import Counter

from django.db import migrations

BATCH = 500


def fill(apps, schema_editor):
    Order = apps.get_model("commerce", "Order")
    OrderEvent = apps.get_model("commerce", "OrderEvent")
    OrderLine = apps.get_model("commerce", "OrderLine")
    using = schema_editor.connection.alias
    ids = list(Order.objects.using(using).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        batch = Order.objects.using(using).filter(pk__in=ids[start : start + BATCH]).order_by("pk")
        orders = list(batch.prefetch_related("lines", "payments", "refunds", "shipments"))
        OrderEvent.objects.using(using).bulk_create(event for order in orders for event in _events(order, OrderEvent))
        lines = [line for order in orders for line in _counted(order)]
        OrderLine.objects.using(using).bulk_update(lines, ["refunded_quantity"], batch_size=BATCH)


def _counted(order):
    pieces = Counter()
    for refund in order.refunds.all():
        for line in refund.lines:
            pieces[line.get("id")] += line.get("quantity") or 0
    for line in order.lines.all():
        if pieces[line.external_id]:
            line.refunded_quantity = min(pieces[line.external_id], line.quantity)
            yield line


def _events(order, OrderEvent):
    moments = [("placed", order.placed_at, {}, "pending")]
    for payment in order.payments.all():
        if payment.captured_at:
            data = {"payment": payment.external_id, "amount_minor": payment.amount_minor}
            moments.append(("paid", payment.captured_at, data, ""))
    shipped = {each.shipped_at for each in order.shipments.all() if each.shipped_at} or {order.shipped_at}
    moments += [("shipped", at, {}, "shipped") for at in shipped if at]
    if order.delivered_at:
        moments.append(("delivered", order.delivered_at, {}, "delivered"))
    if order.cancelled_at:
        moments.append(("cancelled", order.cancelled_at, {}, "cancelled"))
    for refund in order.refunds.all():
        data = {"refund": refund.external_id, "amount_minor": refund.amount_minor}
        moments.append(("refunded", refund.created_at, data, ""))
    moments.sort(key=lambda each: each[1])
    before = ""
    for kind, at, data, status in [*moments, ("status_changed", moments[-1][1], {}, order.status)]:
        if kind == "status_changed" and before == status:
            continue
        yield OrderEvent(
            merchant_id=order.merchant_id,
            order_id=order.pk,
            kind=kind,
            at=at,
            recorded_at=at,
            source="shop",
            status_before=before,
            status_after=status,
            version=order.version,
            data=data,
        )
        before = status or before


class Migration(migrations.Migration):
    dependencies = [("commerce", "0005_histories_actions_and_returns")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
