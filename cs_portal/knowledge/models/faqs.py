"""The merchant's answers: an FAQ has a text per language, the phrasings that lead to it, and numbered revisions.

The bot serves the :class:`FaqText` rows of published FAQs and nothing else. What an operator works on is the newest
:class:`FaqRevision`; the two are the same unless a published FAQ has changes that were not published yet.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.commerce.models import Order, Product, Shopper
from cs_portal.core.tenancy import TenantModel
from cs_portal.merchants.models import Locale, Member, Storefront


class FaqState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    ARCHIVED = "archived", _("Archived")


class Faq(TenantModel):
    """``revision`` is the number whose texts the ``texts`` rows hold, ``latest`` the newest; the lock is on ``latest``.

    ``revision`` < ``latest`` only while a published FAQ has unpublished changes. ``valid_from``, ``valid_until``,
    ``hand_over``, ``action`` and ``answers`` belong to ``revision``, as the texts do. ``title``, ``languages``,
    ``category`` and ``tags`` describe the newest revision, and are written with it by
    ``services.writing``.
    """

    key = models.CharField(max_length=64)
    category = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=FaqState, default=FaqState.DRAFT)
    revision = models.PositiveIntegerField(default=1)
    latest = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=300, blank=True)
    languages = models.CharField(max_length=40, blank=True)
    tags = models.JSONField(default=list)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    hand_over = models.BooleanField(default=False)
    action = models.CharField(max_length=20, blank=True)
    answers = models.JSONField(default=list)
    updated_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["merchant", "key"], name="one_faq_key"),
            models.CheckConstraint(condition=models.Q(revision__lte=models.F("latest")), name="faq_serves_the_past"),
        ]
        indexes = [
            models.Index(fields=["merchant", "-updated_at", "-id"], name="faqs_by_change"),
            models.Index(fields=["merchant", "state", "-updated_at", "-id"], name="faqs_by_state"),
            models.Index(fields=["merchant", "category", "-id"], name="faqs_by_category"),
            models.Index(fields=["merchant", "valid_until"], name="faqs_by_expiry"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def has_unpublished_changes(self) -> bool:
        return self.state == FaqState.PUBLISHED and self.revision != self.latest


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


class Cause(models.TextChoices):
    """How a revision came to be, where it was not simply written."""

    RESTORED = "restored", _("Taken up again")
    UNDONE = "undone", _("Undone")
    DISCARDED = "discarded", _("Unpublished changes discarded")
    COPIED = "copied", _("Copied from another FAQ")
    IMPORTED = "imported", _("Imported from a file")


class FaqRevision(TenantModel):
    """An FAQ as it was after a change; never altered. ``state`` is the FAQ's own.

    ``served`` is the revision whose text the bot used from then on, null where it used none: equal to ``number`` when
    this change went live, an earlier one for changes that wait for publishing. ``source`` is the revision that a cause
    went back to. ``change_id`` is shared by all that one
    action wrote, so that it can be undone as one.
    """

    faq = models.ForeignKey(Faq, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    texts = models.JSONField(default=dict)
    category = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=FaqState)
    served = models.PositiveIntegerField(null=True)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    cause = models.CharField(max_length=10, choices=Cause, blank=True)
    source = models.PositiveIntegerField(null=True)
    change_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["faq", "number"], name="one_faq_revision")]
        indexes = [models.Index(fields=["merchant", "change_id"], name="revisions_of_change")]

    def __str__(self) -> str:
        return f"{self.faq_id} v{self.number}"

    @property
    def went_live(self) -> bool:
        return self.served == self.number


class FaqPhrasing(TenantModel):
    """One folded phrasing of an FAQ's newest revision, to find FAQs that claim the same words."""

    faq = models.ForeignKey(Faq, on_delete=models.CASCADE, related_name="phrasings")
    folded = models.CharField(max_length=300)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["faq", "folded"], name="one_faq_phrasing")]
        indexes = [models.Index(fields=["merchant", "folded"], name="phrasings_by_words")]

    def __str__(self) -> str:
        return self.folded


class FaqTag(TenantModel):
    """One tag of an FAQ's newest revision, to list FAQs by it."""

    faq = models.ForeignKey(Faq, on_delete=models.CASCADE, related_name="tag_rows")
    tag = models.CharField(max_length=40)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["faq", "tag"], name="one_faq_tag")]
        indexes = [models.Index(fields=["merchant", "tag"], name="faqs_by_tag")]

    def __str__(self) -> str:
        return self.tag


class KnowledgeVersion(TenantModel):
    """Grows when published answers change, so that every process knows when to rebuild its index."""

    number = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["merchant"], name="one_knowledge_version")]

    def __str__(self) -> str:
        return str(self.number)


class TrialState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class QuestionTest(TenantModel):
    """A question that a member tries on the bot itself; a worker fills in ``result``. Kept for a day.

    It is asked as if by ``shopper`` (a stranger without one), in ``storefront``, about ``order`` and ``product``.
    ``faq`` is the one that ought to be found.
    """

    question = models.CharField(max_length=500)
    storefront = models.ForeignKey(Storefront, on_delete=models.SET_NULL, null=True, related_name="+")
    shopper = models.ForeignKey(Shopper, on_delete=models.CASCADE, null=True, related_name="+")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.SET_NULL, null=True, related_name="+")
    include_drafts = models.BooleanField(default=False)
    faq = models.ForeignKey(Faq, on_delete=models.SET_NULL, null=True, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=TrialState, default=TrialState.WAITING)
    result = models.JSONField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["merchant", "created_at"], name="question_tests_by_age")]

    def __str__(self) -> str:
        return f"test {self.public_id}"
