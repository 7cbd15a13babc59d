"""What uploads and their runs hold of people, and when it goes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from cs_portal.commerce.models import ImportRun, ImportState
from cs_portal.commerce.services.undoing_imports import forget_rows
from cs_portal.commerce.services.uploads import drop
from cs_portal.core.jobs import Lease

#: Shorter words occur in everything.
SHORTEST = 3
#: An upload that nobody confirms is deleted after this.
FORGOTTEN_AFTER = timedelta(days=7)


def forget_uploads(*, lease: Lease, now: datetime) -> None:
    forget_old_uploads(now=now)
    with lease.finishing(now=now):
        pass


def forget_in_imports(words: Iterable[str]) -> None:
    """Within an erasure: clear previews that hold one of ``words``, names of files that do, and rows to go back to."""
    words = list(words)
    forget_rows(words)
    needles = {word.casefold() for word in words if len(word) >= SHORTEST}
    if not needles:
        return
    for run in ImportRun.objects.only("preview", "file_name").iterator(chunk_size=200):
        shown = json.dumps(run.preview, ensure_ascii=False).casefold()
        changes: dict[str, object] = {}
        if any(needle in shown for needle in needles):
            changes["preview"] = []
        if any(needle in run.file_name.casefold() for needle in needles):
            changes["file_name"] = "–"
        if changes:
            ImportRun.objects.filter(pk=run.pk).update(**changes)


def forget_old_uploads(*, now: datetime) -> None:
    old = ImportRun.objects.filter(
        state__in=[ImportState.MATCHING, ImportState.CHECKING, ImportState.READY],
        created_at__lt=now - FORGOTTEN_AFTER,
    )
    for pk in list(old.values_list("pk", flat=True)[:20]):
        ImportRun.objects.filter(pk=pk).update(state=ImportState.DISCARDED, finished_at=now, preview=[], problems=[])
        let_go(pk)


def let_go(run_pk: int) -> None:
    """Delete the file, then forget its name: killed in between, the name is still there to delete by."""
    run = ImportRun.objects.get(pk=run_pk)
    drop(run.token)
    ImportRun.objects.filter(pk=run_pk).update(token="")
