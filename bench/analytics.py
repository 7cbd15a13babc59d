"""What the dashboard costs with a hundred thousand conversations of sixty days, in the processor's time.

Multiplies the past of the demo store in the database of ``CS_PORTAL_VAR`` (some minutes), so use one of its own::

    export CS_PORTAL_VAR=/tmp/bench; python manage.py migrate; python manage.py loaddemo
    python manage.py shell < bench/analytics.py

Prints milliseconds of the processor: of the page's first answer with nothing kept, of each section uncached (both
periods), and of the page once everything is kept, for periods of 7, 30 and 90 days.
"""

import os
import time

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from cs_portal.commerce.models import Order, Refund
from cs_portal.console.presenters.analytics_outline import OUTLINES
from cs_portal.conversations.models import Activity, Conversation, Message
from cs_portal.core.tenancy import scope
from cs_portal.core.upkeep import refresh_statistics
from cs_portal.drafting.models import Draft, DraftCandidate, Review
from cs_portal.merchants.models import Member, Merchant

WANTED = int(os.environ.get("CONVERSATIONS", "100000"))
TIMES = int(os.environ.get("TIMES", "8"))
COPIED = (Conversation, Message, Activity, Draft, DraftCandidate, Review)
FRESH = "lower(hex(randomblob(16)))" if connection.vendor == "sqlite" else "gen_random_uuid()"


def multiply():
    """Every conversation with what belongs to it once more, until there are enough."""
    while (n := Conversation.objects.count()) < WANTED:
        plus = {model: model.objects.order_by("-pk").values_list("pk", flat=True)[0] for model in COPIED}
        keys = Conversation.objects.order_by("pk").values_list("pk", flat=True)
        take = min(n, WANTED - n)
        span = f"BETWEEN {keys[0]} AND {keys[take - 1]}"
        with transaction.atomic(), connection.cursor() as cursor:
            for model in COPIED:
                copy(cursor, model, span, plus)
        print(n + take, flush=True)
    pay_back()


def copy(cursor, model, span, plus):
    """Rows of conversations of ``span``; keys move on by the last key of their table."""
    meta, quote = model._meta, connection.ops.quote_name
    own = {"id": f"id + {plus[model]}", "public_id": FRESH}
    if model is Message:
        own |= {"client_id": "NULL", "draft_key": "NULL"}
    for field in meta.local_fields:
        if field.is_relation and field.related_model in plus:
            own[field.column] = f"{field.column} + {plus[field.related_model]}"
    columns = [field.column for field in meta.local_fields]
    names, values = ", ".join(map(quote, columns)), ", ".join(own.get(name, quote(name)) for name in columns)
    which = f"conversation_id {span}"
    if model is Conversation:
        which = f"id {span}"
    elif model in (DraftCandidate, Review):
        which = f"draft_id IN (SELECT id FROM {Draft._meta.db_table} WHERE {which})"  # noqa: S608 - names of our own tables
    cursor.execute(f"INSERT INTO {meta.db_table} ({names}) SELECT {values} FROM {meta.db_table} WHERE {which}")  # noqa: S608


def pay_back():
    """A refund for each copy of an approval that made one."""
    kept = set(Refund.objects.values_list("key", flat=True))
    approved = Review.objects.filter(executed_at__isnull=False, draft__request__action="refund")
    rows = approved.filter(decision__in=["approved", "edited"]).values_list("public_id", "executed_at")
    missing = [(str(key), at) for key, at in rows if str(key) not in kept]
    order = Order.objects.first()
    Refund.objects.bulk_create(
        [
            Refund(order=order, external_id=key[:8], key=key, amount_minor=1000 + number, created_at=at)
            for number, (key, at) in enumerate(missing)
        ],
        batch_size=2000,
    )


def cost(client, path, query, *, times=1, kept=False):
    """The processor's milliseconds of each request, in ascending order."""
    costs = []
    for _ in range(times):
        if not kept:
            cache.clear()
        began = time.process_time()
        response = client.get(path, query, headers={"HX-Request": "true"} if path.count("/") > 4 else {})
        costs.append(round((time.process_time() - began) * 1000))
        assert response.status_code == 200
    return sorted(costs)


merchant = Merchant.objects.get(slug="fernhill")
with scope(merchant=merchant):
    multiply()
    owner = Member.objects.filter(role="owner").select_related("user").first().user
refresh_statistics()
settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
reader, url = Client(), f"/console/{merchant.slug}/analytics/"
reader.force_login(owner)
reader.get(url)
for days in ("7", "30", "90"):
    asked = {"period": days}
    print(f"{days} days: first answer", *cost(reader, url, asked, times=TIMES))
    for section in OUTLINES:
        print(f"   {section}", *cost(reader, f"{url}{section}/", asked))
    print("   everything on one page", *cost(reader, url, asked | {"all": "1"}))
    print("   kept", *cost(reader, url, asked, times=TIMES, kept=True))
