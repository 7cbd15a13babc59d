"""Published answers."""

from __future__ import annotations

from cs_portal.knowledge.models import FaqState, FaqText, KnowledgeVersion


def published_texts() -> list[FaqText]:
    """Every published text of the active merchant with its FAQ, in a stable order."""
    rows = FaqText.objects.filter(faq__state=FaqState.PUBLISHED).select_related("faq")
    return list(rows.order_by("faq_id", "locale"))


def knowledge_version() -> int:
    """Grows with every change of published answers; 0 when there never was one."""
    return KnowledgeVersion.objects.values_list("number", flat=True).first() or 0
