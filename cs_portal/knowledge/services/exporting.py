"""What a merchant knows, as a file for another system, a spreadsheet or a look back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Invalid
from cs_portal.knowledge.content import FaqContent
from cs_portal.knowledge.formats.entries import Written
from cs_portal.knowledge.formats.writing import FORMATS
from cs_portal.knowledge.models import Faq
from cs_portal.knowledge.selectors import working_copies
from cs_portal.merchants.models import Member

#: A file of more is nothing that a browser should wait for.
MAX_FAQS = 20_000
_BATCH = 500


def export_faqs(*, rows: QuerySet[Faq], format: str, by: Member, now: datetime) -> Written:
    """The newest content of ``rows``, those changed last first. Who took it, and how much, is an entry of the log."""
    if format not in FORMATS:
        raise Invalid(_("Choose a format."), field="format")
    faqs = list(_faqs(rows))
    data = {"kind": "faqs", "rows": len(faqs), "format": format}
    target, actor = f"merchant:{by.merchant.public_id}", Actor("member", str(by.public_id))
    record(merchant_id=by.merchant_id, actor=actor, action="records.exported", target=target, now=now, data=data)
    return FORMATS[format].write(faqs)


def _faqs(rows: QuerySet[Faq]) -> Iterator[tuple[str, str, FaqContent]]:
    """A batch at a time, so that thousands of FAQs are not held as rows at once."""
    keys = list(rows.order_by("-updated_at", "-pk").values_list("pk", flat=True)[:MAX_FAQS])
    for start in range(0, len(keys), _BATCH):
        batch = {
            faq.pk: faq for faq in Faq.objects.filter(pk__in=keys[start : start + _BATCH]).prefetch_related("texts")
        }
        copies = working_copies(batch.values())
        for pk in keys[start : start + _BATCH]:
            if pk in batch:
                yield batch[pk].key, batch[pk].state, copies[pk]
