"""The one place that writes FAQs: a change is a numbered revision, and what is served follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from django.db.models import F, prefetch_related_objects
from django.utils.translation import gettext as _

from cs_portal.core import events
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict, NotAllowed
from cs_portal.knowledge.conditions import answer_to_json
from cs_portal.knowledge.content import FaqContent, folded_phrasings, to_json
from cs_portal.knowledge.models import (
    ApprovalState,
    Cause,
    Faq,
    FaqPhrasing,
    FaqRevision,
    FaqState,
    FaqTag,
    FaqText,
    KnowledgeVersion,
    PublicationRequest,
)
from cs_portal.knowledge.search import index_faqs
from cs_portal.knowledge.selectors import served_content, working_copies
from cs_portal.knowledge.services.gap_watch import ask_after_publishing
from cs_portal.knowledge.services.quality_runs import ask_for_check
from cs_portal.merchants.models import Member


class FaqMoved(Conflict):
    """Somebody saved another revision since the one this change was based on."""

    def __init__(self) -> None:
        super().__init__(_("Somebody changed this FAQ in the meantime."))


@dataclass(frozen=True, slots=True)
class Step:
    """One revision to write. ``approved``: a second member agreed that it goes live."""

    content: FaqContent
    state: FaqState
    goes_live: bool = False
    note: str = ""
    cause: Cause | Literal[""] = ""
    source: int | None = None
    approved: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What was done. ``change_id`` undoes it; ``None`` when there was nothing to change.

    ``asked``: instead of going live it waits for a second pair of eyes.
    """

    faq: Faq
    change_id: UUID | None
    asked: bool = False


def knowledge_changed() -> None:
    """Tell every process, within the caller's transaction, that its index is out of date."""
    version, created = KnowledgeVersion.objects.get_or_create()
    if not created:
        KnowledgeVersion.objects.filter(pk=version.pk).update(number=F("number") + 1)


def _tell_console(faq: Faq, *, now: datetime) -> None:
    """Drafts that rest on the answer as it was are out of date from now on, and say so where they are open."""
    events.publish(
        merchant_id=faq.merchant_id,
        topic=events.CONSOLE,
        name="knowledge:changed",
        data={"faq": str(faq.public_id)},
        now=now,
    )


def may_edit(by: Member) -> None:
    """Operators write answers; analysts read them."""
    if not by.may_review:
        raise NotAllowed(_("Your role does not permit this."))


def needs_approval(by: Member) -> bool:
    """Whether what this member publishes has to be approved by another one first."""
    return bool(by.merchant.publishing_needs_approval and not by.may_configure)


def _refuse_unapproved(steps: Iterable[Step], live: FaqContent | None, by: Member) -> None:
    """What shoppers get may change by approval only; taking back what was live before is none of this."""
    for step in steps:
        goes_back = step.cause in {Cause.UNDONE, Cause.DISCARDED}
        changes = step.goes_live and (live is None or step.content.served != live.served)
        if changes and not goes_back and not step.approved and needs_approval(by):
            raise NotAllowed(_("A colleague has to approve this before it goes live."))


def write(
    faq: Faq,
    steps: Sequence[Step],
    *,
    seen: int,
    by: Member,
    action: str,
    now: datetime,
    change_id: UUID | None = None,
) -> Change:
    """Write ``steps`` as the revisions after ``seen`` within the caller's transaction.

    ``faq`` comes with its texts. Raises :class:`FaqMoved` when ``seen`` is not the newest any more; the conditional
    update settles the race between two editors.
    """
    last, before = steps[-1], served_content(faq)
    was_live = faq.state == FaqState.PUBLISHED
    _refuse_unapproved(steps, before if was_live else None, by)
    live = next((n for n, step in enumerate(steps, seen + 1) if step.goes_live), faq.revision if was_live else None)
    number = seen + len(steps)
    serves = live if last.state == FaqState.PUBLISHED and live is not None else number
    held = next((s.content for n, s in enumerate(steps, seen + 1) if n == serves), before)
    values = {"state": last.state, "latest": number, "revision": serves, "updated_by": by, "updated_at": now}
    values |= described(last.content, faq.key) | settled(held)
    if not Faq.objects.filter(pk=faq.pk, latest=seen).update(**values):
        raise FaqMoved
    waiting = PublicationRequest.objects.filter(faq=faq, state=ApprovalState.OPEN)
    waiting.update(state=ApprovalState.OVERTAKEN, decided_at=now)
    _keep_first_revision(faq, before, number=seen)
    change_id = change_id or uuid4()
    for offset, step in enumerate(steps, 1):
        served = serves if step.state == FaqState.PUBLISHED else None
        _add_revision(faq, step, number=seen + offset, served=served, by=by, change_id=change_id, now=now)
    if held.texts != before.texts:
        _hold_texts(faq, held)
    _hold_phrasings(faq, last.content)
    _hold_tags(faq, last.content)
    index_faqs([(faq, last.content)])
    if was_live != (last.state == FaqState.PUBLISHED) or (was_live and held.served != before.served):
        knowledge_changed()
        ask_after_publishing(now=now)
        _tell_console(faq, now=now)
    ask_for_check(now=now)
    log(faq, by, action, now, revision=number, state=str(last.state))
    for name, value in values.items():
        setattr(faq, name, value)
    return Change(faq, change_id)


def described(content: FaqContent, key: str) -> dict[str, Any]:
    """The columns by which the list finds and sorts an FAQ."""
    return {
        "title": content.title,
        "languages": "".join(f"{code}," for code in content.texts if content.is_complete(code)),
        "category": content.category,
        "tags": list(content.tags),
    }


def settled(content: FaqContent) -> dict[str, Any]:
    """The columns that are served beside the texts."""
    return {
        "valid_from": content.valid_from,
        "valid_until": content.valid_until,
        "hand_over": content.hand_over,
        "action": content.action,
        "answers": [answer_to_json(answer) for answer in content.answers],
    }


def describe_faqs(rows: Iterable[Faq]) -> None:
    """Write those columns for FAQs that were inserted in bulk with their texts, within the caller's transaction."""
    rows = list(rows)
    prefetch_related_objects(rows, "texts")
    copies = working_copies(rows)
    for faq in rows:
        for name, value in described(copies[faq.pk], faq.key).items():
            setattr(faq, name, value)
    Faq.objects.bulk_update(rows, ["title", "languages"], batch_size=200)
    index_faqs((faq, copies[faq.pk]) for faq in rows)
    FaqPhrasing.objects.filter(faq__in=[faq.pk for faq in rows]).delete()
    FaqPhrasing.objects.bulk_create(
        FaqPhrasing(faq=faq, folded=folded) for faq in rows for folded in folded_phrasings(copies[faq.pk])
    )
    FaqTag.objects.filter(faq__in=[faq.pk for faq in rows]).delete()
    FaqTag.objects.bulk_create(FaqTag(faq=faq, tag=tag) for faq in rows for tag in copies[faq.pk].tags)


def create(step: Step, *, key: str, by: Member, now: datetime, change_id: UUID | None = None) -> Change:
    """A new FAQ with its first revision, within the caller's transaction; ``change_id`` as for :func:`write`."""
    _refuse_unapproved([step], None, by)
    content, state = step.content, step.state
    columns = described(content, key) | settled(content)
    faq = Faq.objects.create(key=key, state=state, updated_by=by, updated_at=now, **columns)
    change_id = change_id or uuid4()
    _add_revision(faq, step, number=1, served=1 if step.goes_live else None, by=by, change_id=change_id, now=now)
    _hold_texts(faq, content)
    _hold_phrasings(faq, content)
    _hold_tags(faq, content)
    index_faqs([(faq, content)])
    if step.goes_live:
        knowledge_changed()
        ask_after_publishing(now=now)
    ask_for_check(now=now)
    log(faq, by, "faq.created", now, revision=1, state=str(state))
    return Change(faq, None)


def log(faq: Faq, by: Member, action: str, now: datetime, **data: int | str) -> None:
    record(
        merchant_id=faq.merchant_id,
        actor=Actor("member", str(by.public_id)),
        action=action,
        target=f"faq:{faq.public_id}",
        now=now,
        data=data,
    )


def _keep_first_revision(faq: Faq, content: FaqContent, *, number: int) -> None:
    """FAQs that came in bulk have no history: what they said before their first change becomes its beginning."""
    served = number if faq.state == FaqState.PUBLISHED else None
    FaqRevision.objects.get_or_create(
        faq=faq,
        number=number,
        defaults={
            "texts": to_json(content),
            "category": faq.category,
            "state": faq.state,
            "served": served,
            "member_id": faq.updated_by_id,
            "created_at": faq.updated_at,
        },
    )


def _add_revision(
    faq: Faq, step: Step, *, number: int, served: int | None, by: Member, change_id: UUID, now: datetime
) -> None:
    FaqRevision.objects.create(
        faq=faq,
        number=number,
        texts=to_json(step.content),
        category=step.content.category,
        state=step.state,
        served=served,
        member=by,
        note=step.note,
        cause=step.cause,
        source=step.source,
        change_id=change_id,
        created_at=now,
    )


def _hold_texts(faq: Faq, content: FaqContent) -> None:
    FaqText.objects.filter(faq=faq).exclude(locale__in=list(content.texts)).delete()
    for locale, text in content.texts.items():
        values = {"question": text.question, "answer": text.answer, "variants": list(text.phrasings)}
        FaqText.objects.update_or_create(faq=faq, locale=locale, defaults=values)


def _hold_phrasings(faq: Faq, content: FaqContent) -> None:
    FaqPhrasing.objects.filter(faq=faq).delete()
    FaqPhrasing.objects.bulk_create(FaqPhrasing(faq=faq, folded=folded) for folded in folded_phrasings(content))


def _hold_tags(faq: Faq, content: FaqContent) -> None:
    FaqTag.objects.filter(faq=faq).delete()
    FaqTag.objects.bulk_create(FaqTag(faq=faq, tag=tag) for tag in content.tags)
