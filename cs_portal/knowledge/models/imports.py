"""Files of FAQs that were uploaded, and what became of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.core.tenancy import TenantModel
from cs_portal.merchants.models import Locale, Member


class FaqImportState(models.TextChoices):
    """``MATCHING``: a member says which column is which. ``CHECKING``: the file is read and compared. ``READY``: a
    member may confirm. Then ``RUNNING``, which ends ``DONE``, or ``STOPPED`` by a member; both can be taken back."""

    MATCHING = "matching", _("Columns to match")
    CHECKING = "checking", _("Checking")
    READY = "ready", _("Ready to import")
    RUNNING = "running", _("Importing")
    STOPPED = "stopped", _("Stopped")
    DONE = "done", _("Imported")
    REFUSED = "refused", _("Cannot be read")
    FAILED = "failed", _("Failed")
    DISCARDED = "discarded", _("Discarded")
    UNDOING = "undoing", _("Being taken back")
    UNDONE = "undone", _("Taken back")


def faqs_with(kind: str) -> str:
    """Where :attr:`FaqImport.counts` has the number of FAQs with a notice of this kind."""
    return f"{kind}_faqs"


_LANGUAGES = [("auto", _("Tell by the text")), *Locale.choices]


class FaqImport(TenantModel):
    """One uploaded file. ``cursor`` counts the entries that are settled: it moves with them, in one transaction.

    ``token`` names the upload in the private folder until the run ends. ``columns`` are the file's own, ``mapping``
    what each is here, ``headed`` whether the first row names them; ``language`` is that of texts that do not name
    theirs (``auto``: by their characters). ``publish``: what is complete goes live at once. Every revision that the run
    writes has its public id as ``change_id``. ``notices`` say what was refused, could not be carried over or has to be
    finished; ``counts`` holds how many of each there are, also those that are not kept, and under :func:`faqs_with` of
    how many FAQs. ``conflicts`` are the FAQs for which the run could not be taken back.
    """

    state = models.CharField(max_length=10, choices=FaqImportState, default=FaqImportState.CHECKING)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(max_length=200)
    token = models.CharField(max_length=64, blank=True)
    bytes_count = models.PositiveBigIntegerField(default=0)
    format = models.CharField(max_length=12)
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    headed = models.BooleanField(default=True)
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=list)
    language = models.CharField(max_length=10, choices=_LANGUAGES, default="auto")
    publish = models.BooleanField(default=False)
    preview = models.JSONField(default=list)
    notices = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    conflicts = models.JSONField(default=list)
    records = models.PositiveIntegerField(default=0)
    cursor = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["merchant", "-id"], name="faq_imports_newest")]

    def __str__(self) -> str:
        return self.file_name
