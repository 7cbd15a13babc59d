"""Entries of a file against the FAQs that are there: what each would change, and the change itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import translation

from cs_portal.core.errors import Conflict
from cs_portal.knowledge.content import FaqContent, folded
from cs_portal.knowledge.formats.documents import laid_over
from cs_portal.knowledge.formats.entries import OPEN, REFUSED, Entry, Notice
from cs_portal.knowledge.models import Cause, Faq, FaqPhrasing, FaqState
from cs_portal.knowledge.selectors import working_copies
from cs_portal.knowledge.services.checking import problems
from cs_portal.knowledge.services.writing import Step, create, write
from cs_portal.merchants.models import Locale, Member

CREATED, UPDATED, UNCHANGED, NOT_TAKEN = "created", "updated", "unchanged", "refused"


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of an entry. ``changes`` names the parts that would change."""

    entry: Entry
    outcome: str
    content: FaqContent
    notices: tuple[Notice, ...]
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Writing:
    """Who writes, when, and whether what is complete goes live; ``change_id`` is shared by all revisions of the run."""

    by: Member
    now: datetime
    publish: bool
    change_id: UUID


@dataclass(slots=True)
class _Place:
    """Where an entry goes: a new FAQ, or one that is there with its newest content."""

    faq: Faq | None = None
    content: FaqContent = field(default_factory=FaqContent)


def compared(entries: Sequence[Entry], *, publish: bool) -> list[Settled]:
    """What writing these entries would do. A few queries, however many they are."""
    places = _places(entries)
    return [_compared(entry, places.get(entry.key, _Place()), publish) for entry in entries]


def written(entries: Sequence[Entry], how: Writing) -> list[Settled]:
    """Write these entries within the caller's transaction, each as a whole or not at all."""
    places = _places(entries)
    settled: list[Settled] = []
    for entry in entries:
        place = places.get(entry.key, _Place())
        wish = _compared(entry, place, how.publish)
        if wish.outcome in {CREATED, UPDATED}:
            wish = _written(wish, place, how)
        settled.append(wish)
    return settled


def _places(entries: Sequence[Entry]) -> dict[str, _Place]:
    """By the entry's key: the FAQ with that key; for a key that we made, else the one that asks the same."""
    rows = {faq.key: faq for faq in _faqs(key__in=[entry.key for entry in entries])}
    unplaced = [entry for entry in entries if entry.derived and entry.key not in rows and not entry.is_refused]
    same = _asking_the_same(unplaced)
    found = {**rows, **same}
    copies = working_copies(found.values())
    return {key: _Place(faq, copies[faq.pk]) for key, faq in found.items()}


def _faqs(**wanted: Any) -> Iterable[Faq]:
    return Faq.objects.filter(**wanted).prefetch_related("texts")


def _asking_the_same(entries: Sequence[Entry]) -> dict[str, Faq]:
    """FAQs, not archived, whose question is that of an entry; where there are several, none."""
    asked = {folded(question): entry.key for entry in entries for question in _questions(entry)}
    rows = FaqPhrasing.objects.filter(folded__in=asked).exclude(faq__state=FaqState.ARCHIVED)
    candidates = {faq.pk: faq for faq in _faqs(pk__in=rows.values_list("faq_id", flat=True))}
    copies = working_copies(candidates.values())
    found: dict[str, set[int]] = {}
    for pk, content in copies.items():
        for text in content.texts.values():
            if key := asked.get(folded(text.question)):
                found.setdefault(key, set()).add(pk)
    return {key: candidates[next(iter(pks))] for key, pks in found.items() if len(pks) == 1}


def _questions(entry: Entry) -> list[str]:
    return [part["question"] for part in entry.document.get("texts", {}).values() if part.get("question")]


def _compared(entry: Entry, place: _Place, publish: bool) -> Settled:
    if place.faq is not None:
        entry = _called(entry, place.faq.key)
    if entry.is_refused:
        return Settled(entry, NOT_TAKEN, place.content, entry.notices)
    content = laid_over(place.content, entry.document)
    if wrong := list(_broken_rules(entry, content, publishing=False)):
        return Settled(entry, NOT_TAKEN, content, (*entry.notices, *wrong))
    notices = (*entry.notices, *_what_is_missing(entry, content))
    changes = tuple(_changes(place.content, content)) if place.faq else ()
    if place.faq is None:
        outcome = CREATED
    elif place.faq.state == FaqState.ARCHIVED or (
        publish and _may_go_live(entry, content) and not _is_live_as(place.faq)
    ):
        outcome, changes = UPDATED, (*changes, "state")
    else:
        outcome = UPDATED if changes else UNCHANGED
    if outcome == UNCHANGED:
        # Nothing was taken, so nothing waits to be finished that did not before.
        notices = tuple(notice for notice in notices if notice.kind != OPEN)
    return Settled(entry, outcome, content, notices, changes)


def _called(entry: Entry, key: str) -> Entry:
    """Under the key of the FAQ that it changes, which is another than its own where that was made of its question."""
    notices = [replace(each, item=key) if each.item == entry.key else each for each in entry.notices]
    return replace(entry, key=key, notices=tuple(notices))


def _is_live_as(faq: Faq) -> bool:
    return faq.state == FaqState.PUBLISHED and not faq.has_unpublished_changes


def _may_go_live(entry: Entry, content: FaqContent) -> bool:
    return not entry.draft and next(problems(content, publishing=True), None) is None


def _what_is_missing(entry: Entry, content: FaqContent) -> Iterator[Notice]:
    """Unless the entry says so already."""
    if not any(notice.code in {"answer_missing", "placeholders"} for notice in entry.notices):
        missing = [code for code, text in content.texts.items() if text.question and not content.is_complete(code)]
        for code in missing:
            yield Notice(OPEN, "answer_missing", entry.where, entry.key, f"answer_{code}")


def _broken_rules(entry: Entry, content: FaqContent, *, publishing: bool) -> Iterator[Notice]:
    """The house rules that the content breaks, one for each part, in every language: the report is read in any."""
    told: dict[str, dict[str, str]] = {}
    for locale in Locale.values:
        with translation.override(locale):
            for each in problems(content, publishing=publishing):
                told.setdefault(each.field, {}).setdefault(locale, str(each))
    for column, sentences in told.items():
        yield Notice(REFUSED, "rule", entry.where, entry.key, column, sentences)


def _changes(old: FaqContent, new: FaqContent) -> Iterator[str]:
    for code in dict.fromkeys([*old.texts, *new.texts]):
        for name in ("question", "answer", "phrasings"):
            if getattr(old.text(code), name) != getattr(new.text(code), name):
                yield f"{name}_{code}"
    for name in ("category", "tags", "valid_from", "valid_until", "hand_over", "action", "answers"):
        if getattr(old, name) != getattr(new, name):
            yield name


def _written(wish: Settled, place: _Place, how: Writing) -> Settled:
    """Somebody who changed the same FAQ at this moment, or made one with its key, is no reason to fail."""
    live = how.publish and _may_go_live(wish.entry, wish.content)
    try:
        with transaction.atomic():
            if place.faq is None:
                state = FaqState.PUBLISHED if live else FaqState.DRAFT
                step = Step(wish.content, state, goes_live=live, cause=Cause.IMPORTED)
                create(step, key=wish.entry.key, by=how.by, now=how.now, change_id=how.change_id)
            else:
                _rewritten(place.faq, wish.content, live, how)
    except (IntegrityError, Conflict):
        moved = Notice(REFUSED, "moved", wish.entry.where, wish.entry.key)
        return Settled(wish.entry, NOT_TAKEN, wish.content, (*wish.notices, moved))
    return wish


def _rewritten(faq: Faq, content: FaqContent, live: bool, how: Writing) -> None:
    """What is live stays live until it is published; an archived FAQ comes back as a draft."""
    state = FaqState.PUBLISHED if live else FaqState(faq.state)
    step = Step(content, FaqState.DRAFT if state == FaqState.ARCHIVED else state, goes_live=live, cause=Cause.IMPORTED)
    action = "faq.published" if live else "faq.saved"
    write(faq, [step], seen=faq.latest, by=how.by, action=action, now=how.now, change_id=how.change_id)


def preview_of(settled: Settled) -> Mapping[str, Any]:
    """An entry as the page shows it beforehand; texts cut short."""
    texts = {
        code: {"question": text.question[:120], "answer": text.answer[:160], "phrasings": len(text.phrasings)}
        for code, text in settled.content.texts.items()
    }
    return {
        "where": settled.entry.where[-120:],
        "key": settled.entry.key,
        "outcome": settled.outcome,
        "changes": list(settled.changes),
        "texts": texts,
        "category": settled.content.category,
        "tags": list(settled.content.tags)[:6],
    }
