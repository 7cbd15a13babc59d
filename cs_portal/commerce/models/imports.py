"""Uploaded files and what became of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cs_portal.core.tenancy import TenantModel
from cs_portal.merchants.models import Member


class ImportKind(models.TextChoices):
    PRODUCTS = "products", _("Products")
    SHOPPERS = "shoppers", _("Shoppers")
    ORDERS = "orders", _("Orders")


class ImportState(models.TextChoices):
    """``MATCHING``: a member says which column is which. ``CHECKING``: the file is read and compared. ``READY``: a
    member may confirm. Then ``RUNNING``, ``DONE``; what is done can be taken back, ``UNDOING``, ``UNDONE``."""

    MATCHING = "matching", _("Columns to match")
    CHECKING = "checking", _("Checking")
    READY = "ready", _("Ready to import")
    RUNNING = "running", _("Importing")
    DONE = "done", _("Imported")
    REFUSED = "refused", _("Cannot be read")
    FAILED = "failed", _("Failed")
    DISCARDED = "discarded", _("Discarded")
    UNDOING = "undoing", _("Being taken back")
    UNDONE = "undone", _("Taken back")


class ImportRun(TenantModel):
    """One uploaded file. ``cursor`` counts the records that are settled: it moves with them, in one transaction.

    ``preview`` and ``problems`` hold the first rows and the refused ones while they are needed; problems name line,
    column and code, never what a cell held. ``token`` names the upload in the private folder until the run ends.
    ``source`` is the system that the file comes from, ``mapping`` what each column of a file of one's own is here, and
    ``currency`` that of a catalogue without one. ``undone`` and ``kept`` count what was taken back and what was not.
    """

    kind = models.CharField(_("what"), max_length=10, choices=ImportKind)
    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.CHECKING)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField(max_length=200)
    token = models.CharField(max_length=64, blank=True)
    bytes_count = models.PositiveBigIntegerField(default=0)
    format = models.CharField(max_length=10, blank=True)
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    columns = models.JSONField(default=list)
    source = models.CharField(max_length=20, default="portal")
    mapping = models.JSONField(default=list)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    preview = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    problems_count = models.PositiveIntegerField(default=0)
    records = models.PositiveIntegerField(default=0)
    cursor = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    undone_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["merchant", "-id"], name="imports_newest")]

    def __str__(self) -> str:
        return self.file_name


class Kept(models.TextChoices):
    """Why a row was not taken back."""

    CHANGED = "changed", _("changed since")
    GONE = "gone", _("no longer there")
    USED = "used", _("something refers to it by now")
    BLOCKED = "blocked", _("something else has taken its place")


class ImportChange(TenantModel):
    """One row that a run made or changed, so that it can be taken back; kept for a while.

    ``before`` is the row as it was, empty for a new one; ``after`` a digest of it as the run left it. ``kept`` says why
    it was not taken back.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=ImportKind)
    key = models.CharField(max_length=64)
    before = models.JSONField(null=True)
    after = models.CharField(max_length=64)
    kept = models.CharField(max_length=10, choices=Kept, blank=True)

    class Meta(TenantModel.Meta):
        ordering = ["-id"]
        indexes = [models.Index(fields=["merchant", "kind", "key"], name="import_changes_of_row")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
