"""From draft to published to archived and back; each step can be undone as long as nobody changed the FAQ since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from cs_portal.core.errors import Conflict, DomainError, Invalid, NotFound
from cs_portal.knowledge.content import FaqContent, from_json
from cs_portal.knowledge.models import Cause, Faq, FaqRevision, FaqState
from cs_portal.knowledge.selectors import faq_with_texts, revision_numbered, served_content, working_copy
from cs_portal.knowledge.services.checking import check
from cs_portal.knowledge.services.requesting import ask_to_publish
from cs_portal.knowledge.services.writing import Change, FaqMoved, Step, may_edit, needs_approval, write
from cs_portal.merchants.models import Member

#: FAQs that one bulk action may name.
MAX_BULK = 200


@dataclass(frozen=True, slots=True)
class BulkResult:
    """``refused``: the title of each FAQ that was left as it was, with the reason. ``asked``: wait for approval."""

    changed: int
    refused: tuple[tuple[str, str], ...]
    change_id: UUID | None
    asked: int = 0


def publish_faq(*, faq_id: UUID, by: Member, seen: int, now: datetime, change_id: UUID | None = None) -> Change:
    """The newest revision goes live, or waits for approval. Raises :class:`Invalid` where an answer is missing."""
    if needs_approval(by):
        return _ask(faq_id, by=by, seen=seen, now=now)

    def step(faq: Faq, content: FaqContent) -> Step | None:
        if faq.state == FaqState.PUBLISHED and not faq.has_unpublished_changes:
            return None
        check(content, publishing=True)
        return Step(content, FaqState.PUBLISHED, goes_live=True)

    return move_on(faq_id, step, by=by, seen=seen, action="faq.published", now=now, change_id=change_id)


def _ask(faq_id: UUID, *, by: Member, seen: int, now: datetime) -> Change:
    with transaction.atomic():
        faq = faq_with_texts(faq_id)
        if faq.latest != seen:
            raise FaqMoved
        if faq.state == FaqState.PUBLISHED and not faq.has_unpublished_changes:
            return Change(faq, None)
        ask_to_publish(faq, working_copy(faq), by=by, now=now)
        return Change(faq, None, asked=True)


def unpublish_faq(*, faq_id: UUID, by: Member, seen: int, now: datetime, change_id: UUID | None = None) -> Change:
    """Back to a draft: the bot stops using it. What is no published FAQ stays as it is."""

    def step(faq: Faq, content: FaqContent) -> Step | None:
        return Step(content, FaqState.DRAFT) if faq.state == FaqState.PUBLISHED else None

    return move_on(faq_id, step, by=by, seen=seen, action="faq.unpublished", now=now, change_id=change_id)


def archive_faq(*, faq_id: UUID, by: Member, seen: int, now: datetime, change_id: UUID | None = None) -> Change:
    """Out of the list and out of the bot's sight; the history stays."""
    return move_on(
        faq_id, _into(FaqState.ARCHIVED), by=by, seen=seen, action="faq.archived", now=now, change_id=change_id
    )


def restore_faq(*, faq_id: UUID, by: Member, seen: int, now: datetime, change_id: UUID | None = None) -> Change:
    """An archived FAQ becomes a draft again. What is not archived stays as it is."""

    def step(faq: Faq, content: FaqContent) -> Step | None:
        return Step(content, FaqState.DRAFT) if faq.state == FaqState.ARCHIVED else None

    return move_on(faq_id, step, by=by, seen=seen, action="faq.restored", now=now, change_id=change_id)


def discard_changes(*, faq_id: UUID, by: Member, seen: int, now: datetime) -> Change:
    """Give up the unpublished changes; they stay in the history."""

    def step(faq: Faq, content: FaqContent) -> Step | None:
        if not faq.has_unpublished_changes:
            return None
        return Step(_live_content(faq), FaqState.PUBLISHED, goes_live=True, cause=Cause.DISCARDED, source=faq.revision)

    return move_on(faq_id, step, by=by, seen=seen, action="faq.discarded", now=now)


def publish_faqs(*, faq_ids: Iterable[UUID], by: Member, now: datetime) -> BulkResult:
    return each_of(faq_ids, publish_faq, by=by, now=now)


def archive_faqs(*, faq_ids: Iterable[UUID], by: Member, now: datetime) -> BulkResult:
    return each_of(faq_ids, archive_faq, by=by, now=now)


def undo_change(*, change_id: UUID, by: Member, now: datetime) -> list[Faq]:
    """Put back every FAQ that the change touched, all or none; undoing is a change of its own and stays in the history.

    Raises :class:`Conflict` when one of them was changed again since.
    """
    may_edit(by)
    with transaction.atomic():
        rows = list(FaqRevision.objects.filter(change_id=change_id).order_by("faq_id", "number").select_related("faq"))
        if not rows:
            raise NotFound
        undone = uuid4()
        return [
            _put_back(list(numbered), by=by, change_id=undone, now=now)
            for _faq, numbered in groupby(rows, key=lambda row: row.faq_id)
        ]


def _put_back(written: list[FaqRevision], *, by: Member, change_id: UUID, now: datetime) -> Faq:
    faq, first, last = faq_with_texts(written[0].faq.public_id), written[0].number, written[-1].number
    if faq.latest != last:
        raise Conflict(_("Somebody changed this FAQ in the meantime, so this cannot be undone. See its history."))
    if first == 1:
        raise Conflict(_("A new FAQ cannot be undone. Archive it instead."))
    old = revision_numbered(faq, first - 1)
    undone = partial(Step, cause=Cause.UNDONE, source=old.number)
    steps = []
    if old.served is not None and old.served != old.number:
        live = revision_numbered(faq, old.served)
        steps.append(undone(from_json(live.texts, live.category), FaqState.PUBLISHED, goes_live=True))
    goes_live = old.served == old.number
    steps.append(undone(from_json(old.texts, old.category), FaqState(old.state), goes_live=goes_live))
    return write(faq, steps, seen=last, by=by, action="faq.undone", now=now, change_id=change_id).faq


def _into(state: FaqState) -> Callable[[Faq, FaqContent], Step | None]:
    return lambda faq, content: None if faq.state == state else Step(content, state)


def _live_content(faq: Faq) -> FaqContent:
    """What is served, with the category that it had then."""
    live = FaqRevision.objects.filter(faq=faq, number=faq.revision).first()
    return from_json(live.texts, live.category) if live else served_content(faq)


def move_on(
    faq_id: UUID,
    step: Callable[[Faq, FaqContent], Step | None],
    *,
    by: Member,
    seen: int,
    action: str,
    now: datetime,
    change_id: UUID | None = None,
) -> Change:
    may_edit(by)
    with transaction.atomic():
        faq = faq_with_texts(faq_id)
        if faq.latest != seen:
            raise FaqMoved
        wanted = step(faq, working_copy(faq))
        if wanted is None:
            return Change(faq, None)
        return write(faq, [wanted], seen=seen, by=by, action=action, now=now, change_id=change_id)


def each_of(
    faq_ids: Iterable[UUID],
    act: Callable[..., Change],
    *,
    by: Member,
    now: datetime,
    seen: Mapping[UUID, int] | None = None,
) -> BulkResult:
    """Each FAQ as it is now unless ``seen`` has its revision; those that refuse are named, the others are done."""
    may_edit(by)
    ids = list(faq_ids)
    if not ids:
        raise Invalid(_("Choose at least one FAQ."))
    if len(ids) > MAX_BULK:
        raise Invalid(_("At most %(limit)s FAQs at a time.") % {"limit": MAX_BULK})
    change_id, changed, asked, refused = uuid4(), 0, 0, []
    with transaction.atomic():
        for faq in Faq.objects.filter(public_id__in=ids).order_by("id"):
            try:
                with transaction.atomic():
                    revision = faq.latest if seen is None else seen[faq.public_id]
                    done = act(faq_id=faq.public_id, by=by, seen=revision, now=now, change_id=change_id)
            except DomainError as error:
                refused.append((faq.title, str(error)))
            else:
                changed += done.change_id is not None
                asked += done.asked
    return BulkResult(changed, tuple(refused), change_id if changed else None, asked)
