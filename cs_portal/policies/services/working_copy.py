"""Editing the rules. Every change is checked by the engine, can be undone once, and refuses to overwrite another's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict, Invalid, NotFound
from cs_portal.core.models import AuditEntry
from cs_portal.merchants.models import Member
from cs_portal.policies.engine import DEFAULT_RULE, OWNERSHIP_RULE, UnknownShippedRuleset, load_shipped
from cs_portal.policies.models import WorkingCopy
from cs_portal.policies.selectors import live_version, working_copy
from cs_portal.policies.services.checking import checked_document, read_json, require_rule_editor

Document = dict[str, Any]
_BEGUN, _CHANGED, _DISCARDED = (f"ruleset.working_copy_{what}" for what in ("begun", "changed", "discarded"))
_LOGGED = (_BEGUN, _CHANGED, _DISCARDED)
#: What a merchant without rules begins with.
FIRST_RULES = "standard"


class Arrangement(StrEnum):
    UP = "up"
    DOWN = "down"
    DUPLICATE = "duplicate"
    DELETE = "delete"


def begin_working_copy(*, by: Member, now: datetime) -> WorkingCopy:
    """The merchant's working copy; made from the live rules, or from the shipped ones, where there is none."""
    require_rule_editor(by)
    existing = working_copy()
    if existing is not None:
        return existing
    live = live_version()
    document = load_shipped(FIRST_RULES).to_dict() if live is None else live.document
    return _create(checked_document(document), by=by, base=live, now=now)


def import_rules(*, text: str, by: Member, revision: int | None, now: datetime) -> WorkingCopy:
    """Make the ruleset written as JSON in ``text`` the working copy; the one before can be had back by undo.

    ``revision`` is that of the working copy that the member saw, None where there was none. Raises
    :class:`InvalidRules` and :class:`Conflict`.
    """
    require_rule_editor(by)
    data = read_json(text)
    document = checked_document(data)
    if revision is None:
        return _create(document, by=by, base=live_version(), now=now)
    return _change(lambda _old: document, kind="imported", by=by, revision=revision, now=now)


def begin_from_shipped(*, name: str, by: Member, revision: int | None, now: datetime) -> WorkingCopy:
    """Make a shipped ruleset the working copy; the one before can be had back by undo.

    ``revision`` is that of the working copy that the member saw, None where there was none. Raises :class:`Invalid` for
    a name that does not come with the product, and :class:`Conflict`.
    """
    require_rule_editor(by)
    try:
        document = checked_document(load_shipped(name).to_dict())
    except UnknownShippedRuleset:
        raise Invalid(_("No such rules come with the portal."), field="name") from None
    if revision is None:
        return _create(document, by=by, base=live_version(), now=now)
    return _change(lambda _old: document, kind="template", by=by, revision=revision, now=now)


def save_rule(
    *,
    rule: Mapping[str, Any],
    rule_id: str | None,
    by: Member,
    revision: int,
    now: datetime,
    place: int | None = None,
) -> WorkingCopy:
    """Replace the rule ``rule_id``, or append ``rule`` where that is None. At ``place``, from 1, if given.

    Raises :class:`InvalidRules` with a path from ``rules[i]``, :class:`NotFound` and :class:`Conflict`.
    """

    def change(document: Document) -> Document:
        rules = list(document["rules"])
        if rule_id is None:
            rules.append(dict(rule))
        else:
            rules[_index(document, rule_id)] = dict(rule)
        if place is not None:
            at = len(rules) - 1 if rule_id is None else _index(document, rule_id)
            rules.insert(max(0, place - 1), rules.pop(at))
        return {**document, "rules": rules}

    return _change(change, kind="rule_saved", by=by, revision=revision, now=now)


def save_default(*, then: Mapping[str, Any], by: Member, revision: int, now: datetime) -> WorkingCopy:
    """What happens when no rule matches."""
    return _change(
        lambda document: {**document, "default": dict(then)}, kind="default_saved", by=by, revision=revision, now=now
    )


def save_whole(
    *, time_zone: str, approvals: Mapping[str, Any], by: Member, revision: int, now: datetime
) -> WorkingCopy:
    """What holds for all rules: whose clock they go by, and who approves how much. Empty is none."""
    added: Document = {}
    if time_zone:
        added["time_zone"] = time_zone
    if approvals:
        added["approvals"] = dict(approvals)

    def change(document: Document) -> Document:
        kept = {key: value for key, value in document.items() if key not in ("time_zone", "approvals")}
        return {**kept, **added}

    return _change(change, kind="whole_saved", by=by, revision=revision, now=now)


def place_rule(*, rule_id: str, place: int, by: Member, revision: int, now: datetime) -> WorkingCopy:
    """Move a rule to a place, counted from 1; one beyond the last is the last."""

    def change(document: Document) -> Document:
        rules, index = list(document["rules"]), _index(document, rule_id)
        rule = rules.pop(index)
        rules.insert(max(0, place - 1), rule)
        return {**document, "rules": rules}

    return _change(change, kind="rule_moved", by=by, revision=revision, now=now)


def arrange_rule(*, rule_id: str, arrangement: Arrangement, by: Member, revision: int, now: datetime) -> WorkingCopy:
    """Move a rule by one place, copy it to the place below, or delete it."""

    def change(document: Document) -> Document:
        rules, index = list(document["rules"]), _index(document, rule_id)
        if arrangement is Arrangement.DELETE:
            del rules[index]
        elif arrangement is Arrangement.DUPLICATE:
            rules.insert(index + 1, _copied(rules[index], [rule["id"] for rule in rules]))
        else:
            to = index + (1 if arrangement is Arrangement.DOWN else -1)
            if 0 <= to < len(rules):
                rules.insert(to, rules.pop(index))
        return {**document, "rules": rules}

    return _change(change, kind=f"rule_{arrangement}", by=by, revision=revision, now=now)


def undo_change(*, by: Member, revision: int, now: datetime) -> WorkingCopy:
    """Take back the last change; a second undo brings it again. Raises :class:`Conflict` when others went on."""

    def change(document: Document) -> Document:
        copy = working_copy()
        if copy is None or copy.undo_document is None:
            raise Invalid(_("There is nothing to undo."))
        before: Document = copy.undo_document
        return before

    return _change(change, kind="undone", by=by, revision=revision, now=now)


def discard_working_copy(*, by: Member, revision: int, now: datetime) -> None:
    """Throw the working copy away; the live rules stay as they are. Raises :class:`Conflict`."""
    require_rule_editor(by)
    with transaction.atomic():
        copy = WorkingCopy.objects.filter(revision=revision).first()
        if copy is None or not WorkingCopy.objects.filter(pk=copy.pk, revision=revision).delete()[0]:
            raise _moved_on()
        _log(copy, _DISCARDED, {"revision": revision}, by=by, now=now)


def free_rule_id(wish: str, taken: list[str]) -> str:
    """``wish`` or the first of ``wish-2``, ``wish-3`` … that no rule has."""
    used = {*taken, DEFAULT_RULE, OWNERSHIP_RULE}
    number, found = 1, wish
    while found in used:
        number += 1
        found = f"{wish}-{number}"
    return found


def _copied(rule: Document, taken: list[str]) -> Document:
    copied: Document = json.loads(json.dumps(rule))
    copied["id"] = free_rule_id(rule["id"], taken)
    if "label" in copied:
        copied["label"] = {"en": f"{copied['label']['en']} (copy)", "zh-hans": f"{copied['label']['zh-hans']}（副本）"}
    return copied


def _index(document: Document, rule_id: str) -> int:
    for index, rule in enumerate(document["rules"]):
        if rule["id"] == rule_id:
            return index
    raise NotFound


def _create(document: Document, *, by: Member, base: Any, now: datetime) -> WorkingCopy:
    try:
        with transaction.atomic():
            copy = WorkingCopy.objects.create(
                document=document,
                base=base,
                revision=_last_revision(by) + 1,
                begun_at=now,
                changed_at=now,
                changed_by=by,
            )
            _log(copy, _BEGUN, {"revision": copy.revision}, by=by, now=now)
    except IntegrityError:
        raise _moved_on() from None
    return copy


def _last_revision(by: Member) -> int:
    """Of the working copies before: a page that still shows one of them must not be taken for one of the new copy's."""
    logged = AuditEntry.objects.filter(merchant_number=by.merchant_id, action__in=_LOGGED).order_by("-id")
    last = logged.values_list("data", flat=True).first()
    return int(last["revision"]) if last else 0


def _change(
    change: Callable[[Document], Document], *, kind: str, by: Member, revision: int, now: datetime
) -> WorkingCopy:
    """Replace the document of ``revision``; the conditional UPDATE settles who was first."""
    require_rule_editor(by)
    with transaction.atomic():
        copy = working_copy()
        if copy is None or copy.revision != revision:
            raise _moved_on()
        document = checked_document(change(copy.document))
        if document == copy.document:
            return copy
        changed = WorkingCopy.objects.filter(pk=copy.pk, revision=revision).update(
            document=document,
            undo_document=copy.document,
            revision=F("revision") + 1,
            changed_at=now,
            changed_by=by,
        )
        if not changed:
            raise _moved_on()
        _log(copy, _CHANGED, {"revision": revision + 1, "change": kind}, by=by, now=now)
    copy.refresh_from_db()
    return copy


def _moved_on() -> Conflict:
    return Conflict(_("The working copy was changed meanwhile. Your change was not saved."))


def _log(copy: WorkingCopy, action: str, data: dict[str, Any], *, by: Member, now: datetime) -> None:
    record(
        merchant_id=by.merchant_id,
        actor=Actor("member", str(by.public_id)),
        action=action,
        target=f"working_copy:{copy.public_id}",
        data=data,
        now=now,
    )
