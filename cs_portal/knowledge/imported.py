"""The FAQs that an import wrote."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from cs_portal.knowledge.models import Faq, FaqImport, FaqRevision, RegressionRun, RunKind


def faqs_of_import(run: FaqImport) -> QuerySet[Faq]:
    """Those that it made or changed and that are still there, unordered."""
    written = FaqRevision.objects.filter(faq=OuterRef("pk"), change_id=run.public_id)
    return Faq.objects.filter(Exists(written))


def asked_since(run: FaqImport) -> RegressionRun | None:
    """The first run of the regression set over what is live since an import that put answers live ended."""
    if not run.publish or run.finished_at is None or run.created + run.updated == 0:
        return None
    runs = RegressionRun.objects.filter(kind=RunKind.LIVE, created_at__gte=run.finished_at)
    return runs.select_related("member__user").order_by("id").first()


def links_by_key(keys: Iterable[str]) -> dict[str, UUID]:
    """The public ids of FAQs by key; keys without an FAQ are missing."""
    wanted = {key for key in keys if key}
    return dict(Faq.objects.filter(key__in=wanted).values_list("key", "public_id"))
