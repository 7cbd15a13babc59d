"""Changes to the merchant's answers."""

from __future__ import annotations

from django.db.models import F

from cs_portal.knowledge.models import KnowledgeVersion


def knowledge_changed() -> None:
    """Tell every process, within the caller's transaction, that its index is out of date."""
    version, created = KnowledgeVersion.objects.get_or_create()
    if not created:
        KnowledgeVersion.objects.filter(pk=version.pk).update(number=F("number") + 1)
