"""What makes an FAQ findable; see :mod:`cs_portal.knowledge.search`."""

from __future__ import annotations

from django.db import models

from cs_portal.core.tenancy import TenantModel
from cs_portal.knowledge.models.faqs import Faq


class FaqSearchDocument(TenantModel):
    """The distinct tokens of an FAQ's newest revision, with blanks between.

    The full-text index over ``tokens`` is kept by the database itself (migration ``faq_search``).
    """

    public_id = None  # type: ignore[assignment]
    faq = models.OneToOneField(Faq, on_delete=models.CASCADE, primary_key=True, related_name="+")
    tokens = models.TextField()

    def __str__(self) -> str:
        return f"tokens of {self.faq_id}"
