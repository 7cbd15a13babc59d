"""Versions, the working copy, roll back: who may, what is kept, and what happens when two act at once."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cs_portal.core.audit import SYSTEM
from cs_portal.core.errors import Conflict, Invalid, NotAllowed, NotFound
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import Draft
from cs_portal.drafting.staleness import changes
from cs_portal.merchants.models import Member, Merchant, Role
from cs_portal.policies.engine.shipped import load_shipped
from cs_portal.policies.models import RulesetVersion, VersionState, WorkingCopy
from cs_portal.policies.selectors import live_version, working_copy
from cs_portal.policies.services import publish_ruleset, publish_working_copy, restore_version
from cs_portal.policies.services.checking import InvalidRules
from cs_portal.policies.services.working_copy import (
    Arrangement,
    arrange_rule,
    begin_working_copy,
    discard_working_copy,
    import_rules,
    save_default,
    save_rule,
    undo_change,
)
from tests.factories import make_draft, make_member, make_merchant

pytestmark = pytest.mark.django_db


@dataclass
class Room:
    merchant: Merchant
    ann: Member
    olaf: Member
    live: RulesetVersion
    now: datetime


@pytest.fixture
def room(db: None) -> Iterator[Room]:
    merchant, now = make_merchant("rules"), timezone.now()
    ann, olaf = make_member(merchant, Role.ADMIN), make_member(merchant, Role.OPERATOR)
    with scope(merchant=merchant):
        live = publish_ruleset(document=load_shipped("standard").to_dict(), by=SYSTEM, now=now)
        yield Room(merchant, ann, olaf, live, now)


def rule(rule_id: str = "new", **then: Any) -> dict[str, Any]:
    return {
        "id": rule_id,
        "actions": ["refund"],
        "then": {"outcome": "deny", "approver": "operator", "reasons": {"en": "No.", "zh-hans": "不行。"}, **then},
    }


def edited(room: Room) -> WorkingCopy:
    begun = begin_working_copy(by=room.ann, now=room.now)
    return save_rule(rule=rule(), rule_id=None, by=room.ann, revision=begun.revision, now=room.now)


def ids(document: dict[str, Any]) -> list[str]:
    return [item["id"] for item in document["rules"]]


def test_a_working_copy_begins_from_the_live_rules_and_there_is_one(room: Room) -> None:
    first, second = (begin_working_copy(by=room.ann, now=room.now) for _ in range(2))
    assert first.pk == second.pk
    assert first.document == room.live.document
    assert first.base == room.live


def test_publishing_makes_the_copy_live_retires_the_other_and_ends_the_copy(room: Room) -> None:
    changed = edited(room)
    later = room.now + timedelta(hours=1)
    version = publish_working_copy(
        by=room.ann, revision=changed.revision, seen_live=room.live.public_id, note=" A new rule ", now=later
    )
    room.live.refresh_from_db()
    assert (version.number, version.state, version.note, version.changes) == (2, "live", "A new rule", {"added": 1})
    assert (version.published_by, version.published_at) == (room.ann, later)
    assert room.live.state == VersionState.RETIRED
    assert live_version() == version
    assert working_copy() is None
    entry = AuditEntry.objects.filter(action="ruleset.published").latest("id")
    assert (entry.actor_id, entry.data, entry.target) == (
        str(room.ann.public_id),
        {"number": 2},
        f"ruleset:{version.public_id}",
    )


def test_publishing_makes_open_drafts_stale(room: Room) -> None:
    draft = make_draft(room.merchant, ruleset=room.live)
    draft = Draft.objects.select_related("conversation__merchant").get(pk=draft.pk)
    assert changes(draft, now=timezone.now()) == []
    changed = edited(room)
    publish_working_copy(by=room.ann, revision=changed.revision, seen_live=room.live.public_id, note="", now=room.now)
    assert changes(draft, now=timezone.now()) == ["The order and refund rules were changed."]


def test_rolling_back_publishes_the_old_rules_as_a_new_version(room: Room) -> None:
    changed = edited(room)
    second = publish_working_copy(
        by=room.ann, revision=changed.revision, seen_live=room.live.public_id, note="", now=room.now
    )
    third = restore_version(
        version_id=room.live.public_id, by=room.ann, seen_live=second.public_id, note="Back", now=room.now
    )
    assert (third.number, third.restored_number, third.document) == (3, 1, room.live.document)
    assert third.changes == {"removed": 1}
    assert list(RulesetVersion.objects.order_by("number").values_list("number", "state")) == [
        (1, "retired"),
        (2, "retired"),
        (3, "live"),
    ]
    assert AuditEntry.objects.filter(action="ruleset.rolled_back").latest("id").data == {"number": 3, "restored": 1}


@pytest.mark.parametrize("seen", ["first", "none"])
def test_rolling_back_from_what_one_has_not_seen_is_a_conflict(room: Room, seen: str) -> None:
    """A colleague published in between: who rolls back would throw away rules that they never looked at."""
    publish_ruleset(document={**room.live.document, "name": "other"}, by=SYSTEM, now=room.now)
    seen_live = room.live.public_id if seen == "first" else None
    with pytest.raises(Conflict):
        restore_version(version_id=room.live.public_id, by=room.ann, seen_live=seen_live, note="", now=room.now)
    live = live_version()
    assert live is not None
    assert (live.number, live.document["name"]) == (2, "other")
    assert not AuditEntry.objects.filter(action="ruleset.rolled_back").exists()


def test_what_is_live_already_is_not_rolled_back_to(room: Room) -> None:
    with pytest.raises(Invalid):
        restore_version(
            version_id=room.live.public_id, by=room.ann, seen_live=room.live.public_id, note="", now=room.now
        )
    assert RulesetVersion.objects.count() == 1


def test_publishing_what_somebody_else_replaced_is_a_conflict(room: Room) -> None:
    changed = edited(room)
    publish_ruleset(document={**room.live.document, "name": "other"}, by=SYSTEM, now=room.now)
    with pytest.raises(Conflict):
        publish_working_copy(
            by=room.ann, revision=changed.revision, seen_live=room.live.public_id, note="", now=room.now
        )
    assert working_copy() is not None
    assert RulesetVersion.objects.count() == 2


def test_publishing_an_older_revision_is_a_conflict(room: Room) -> None:
    changed = edited(room)
    with pytest.raises(Conflict):
        publish_working_copy(
            by=room.ann, revision=changed.revision - 1, seen_live=room.live.public_id, note="", now=room.now
        )
    assert live_version() == room.live


def test_a_page_that_shows_a_copy_thrown_away_publishes_nothing_of_the_next(room: Room) -> None:
    seen = edited(room)
    discard_working_copy(by=room.ann, revision=seen.revision, now=room.now)
    begun = begin_working_copy(by=room.ann, now=room.now)
    other = arrange_rule(
        rule_id=begun.document["rules"][0]["id"],
        arrangement=Arrangement.DELETE,
        by=room.ann,
        revision=begun.revision,
        now=room.now,
    )
    assert seen.revision < begun.revision < other.revision
    with pytest.raises(Conflict):
        publish_working_copy(by=room.ann, revision=seen.revision, seen_live=room.live.public_id, note="", now=room.now)
    assert live_version() == room.live


def test_nothing_new_is_not_published_and_the_copy_stays(room: Room) -> None:
    begun = begin_working_copy(by=room.ann, now=room.now)
    with pytest.raises(Invalid):
        publish_working_copy(by=room.ann, revision=begun.revision, seen_live=room.live.public_id, note="", now=room.now)
    assert working_copy() is not None
    with pytest.raises(Invalid) as refusal:
        publish_working_copy(
            by=room.ann, revision=begun.revision, seen_live=room.live.public_id, note="x" * 201, now=room.now
        )
    assert refusal.value.field == "note"


def test_two_live_versions_are_refused_by_the_database(room: Room) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RulesetVersion.objects.create(name="x", number=9, state="live", document={}, created_at=room.now)


def test_a_version_of_another_merchant_is_not_found(room: Room) -> None:
    other = make_merchant("other-rules")
    ann = make_member(other, Role.ADMIN)
    with scope(merchant=other), pytest.raises(NotFound):
        restore_version(version_id=room.live.public_id, by=ann, seen_live=None, note="", now=room.now)
    with pytest.raises(NotFound):
        restore_version(version_id=uuid4(), by=room.ann, seen_live=room.live.public_id, note="", now=room.now)


@pytest.mark.parametrize(
    "deed", ["begin", "save", "default", "arrange", "undo", "discard", "import", "publish", "restore"]
)
def test_operators_change_nothing(room: Room, deed: str) -> None:
    changed = edited(room)
    before = (AuditEntry.objects.count(), changed.revision, RulesetVersion.objects.count())
    by, revision, now, live = room.olaf, changed.revision, room.now, room.live.public_id
    with pytest.raises(NotAllowed):
        {
            "begin": lambda: begin_working_copy(by=by, now=now),
            "save": lambda: save_rule(rule=rule("x"), rule_id=None, by=by, revision=revision, now=now),
            "default": lambda: save_default(then=rule()["then"], by=by, revision=revision, now=now),
            "arrange": lambda: arrange_rule(
                rule_id="new", arrangement=Arrangement.DELETE, by=by, revision=revision, now=now
            ),
            "undo": lambda: undo_change(by=by, revision=revision, now=now),
            "discard": lambda: discard_working_copy(by=by, revision=revision, now=now),
            "import": lambda: import_rules(text="{}", by=by, revision=revision, now=now),
            "publish": lambda: publish_working_copy(by=by, revision=revision, seen_live=live, note="", now=now),
            "restore": lambda: restore_version(version_id=live, by=by, seen_live=live, note="", now=now),
        }[deed]()
    copy_now = working_copy()
    assert copy_now is not None
    assert (AuditEntry.objects.count(), copy_now.revision, RulesetVersion.objects.count()) == before


def test_rules_move_are_copied_and_deleted_and_each_change_can_be_taken_back(room: Room) -> None:
    begun = begin_working_copy(by=room.ann, now=room.now)
    first, second, *rest = ids(begun.document)
    expected = {
        Arrangement.DOWN: [second, first, *rest],
        Arrangement.UP: [first, second, *rest],
        Arrangement.DUPLICATE: [first, f"{first}-2", second, *rest],
        Arrangement.DELETE: [second, *rest],
    }
    revision = begun.revision
    for arrangement, order in expected.items():
        changed = arrange_rule(rule_id=first, arrangement=arrangement, by=room.ann, revision=revision, now=room.now)
        assert ids(changed.document) == order
        if changed.revision == revision:  # the first rule has nowhere to go up to
            assert arrangement is Arrangement.UP
            continue
        undone = undo_change(by=room.ann, revision=changed.revision, now=room.now)
        assert undone.document == begun.document
        revision = undone.revision


def test_a_change_of_an_older_revision_is_a_conflict_and_overwrites_nothing(room: Room) -> None:
    changed = edited(room)
    with pytest.raises(Conflict):
        save_rule(rule=rule("late"), rule_id=None, by=room.ann, revision=changed.revision - 1, now=room.now)
    with pytest.raises(Conflict):
        undo_change(by=room.ann, revision=changed.revision - 1, now=room.now)
    with pytest.raises(Conflict):
        discard_working_copy(by=room.ann, revision=changed.revision - 1, now=room.now)
    copy_now = working_copy()
    assert copy_now is not None and copy_now.document == changed.document


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda r: r.update(actions=["fly"]), "actions[0]"),
        (lambda r: r.update(when={"fact": "order.moon", "op": "is", "value": 1}), "when.fact"),
        (lambda r: r["then"].update(reasons={"en": "{order.moon}", "zh-hans": "x"}), "then.reasons"),
        (lambda r: r["then"].update(outcome="allow"), "then.amount"),
        (lambda r: r.update(id="default"), "id"),
    ],
)
def test_a_rule_that_the_engine_refuses_is_not_saved(room: Room, change: Any, path: str) -> None:
    begun = begin_working_copy(by=room.ann, now=room.now)
    bad = rule()
    change(bad)
    with pytest.raises(InvalidRules) as refusal:
        save_rule(rule=bad, rule_id=None, by=room.ann, revision=begun.revision, now=room.now)
    assert refusal.value.path == f"rules[{len(begun.document['rules'])}].{path}"
    copy_now = working_copy()
    assert copy_now is not None and copy_now.revision == begun.revision


def test_an_exported_ruleset_is_imported_as_it_was(room: Room) -> None:
    text = json.dumps({**room.live.document, "version": 7})
    copied = import_rules(text=text, by=room.ann, revision=None, now=room.now)
    assert copied.document == room.live.document
    shorter = copy.deepcopy(room.live.document)
    del shorter["rules"][3:]
    replaced = import_rules(text=json.dumps(shorter), by=room.ann, revision=copied.revision, now=room.now)
    assert len(replaced.document["rules"]) == 3
    undone = undo_change(by=room.ann, revision=replaced.revision, now=room.now)
    assert undone.document == room.live.document


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"name": "x"}',
        '{"name": "x", "rules": [], "default": {"outcome": NaN}}',
        "[" * 100_000,
        "1" * 5000,
        '{"name": "\\u0000", "rules": [], "default": {"outcome": "deny", "reasons": {"en": "x", "zh-hans": "x"}}}',
        '{"name": "\\ud800", "rules": [], "default": {"outcome": "deny", "reasons": {"en": "x", "zh-hans": "x"}}}',
        json.dumps({"name": "x" * 61, "rules": [], "default": rule()["then"]}),
        json.dumps({"name": "x", "rules": [rule(str(n)) for n in range(301)], "default": rule()["then"]}),
        json.dumps({"name": "x", "rules": [rule("a"), rule("a")], "default": rule()["then"]}),
        '{"name": "' + "x" * 1_000_001,
        json.dumps({"name": "x", "rules": [rule("a")], "default": rule()["then"]}).replace(
            '"name": "x"', '"name": "x", "name": "y"'
        ),
    ],
)
def test_what_is_no_ruleset_is_not_imported(room: Room, text: str) -> None:
    with pytest.raises(InvalidRules):
        import_rules(text=text, by=room.ann, revision=None, now=room.now)
    assert working_copy() is None
