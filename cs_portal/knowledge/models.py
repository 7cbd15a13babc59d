"""The merchant's answers: an FAQ has a text per language, the phrasings that lead to it, and numbered revisions."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.core.tenancy import TenantModel
from cs_portal.merchants.models import Locale


class FaqState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    ARCHIVED = "archived", _("Archived")


class Faq(TenantModel):
    key = models.CharField(max_length=64)
    category = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=FaqState, default=FaqState.DRAFT)
    revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant", "key"], name="one_faq_key")]

    def __str__(self) -> str:
        return self.key


class FaqText(TenantModel):
    """Question and answer in one language; ``variants`` are its other phrasings."""

    faq = models.ForeignKey(Faq, on_delete=models.CASCADE, related_name="texts")
    locale = models.CharField(max_length=10, choices=Locale)
    question = models.CharField(max_length=300)
    answer = models.TextField()
    variants = models.JSONField(default=list)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["faq", "locale"], name="one_faq_text")]

    def __str__(self) -> str:
        return self.question


class KnowledgeVersion(TenantModel):
    """Grows when published answers change, so that every process knows when to rebuild its index."""

    number = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant"], name="one_knowledge_version")]

    def __str__(self) -> str:
        return str(self.number)
