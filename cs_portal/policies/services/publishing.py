"""Making rules live. History is immutable: a roll back publishes an older version's rules anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from cs_portal.core import events
from cs_portal.core.audit import Actor, record
from cs_portal.core.errors import Conflict, Invalid
from cs_portal.core.tenancy import current_merchant
from cs_portal.merchants.models import Member
from cs_portal.policies.engine import Ruleset
from cs_portal.policies.engine.compare import compare
from cs_portal.policies.models import RulesetVersion, VersionState, WorkingCopy
from cs_portal.policies.selectors import live_version, version_by_id
from cs_portal.policies.services.checking import checked_document, require_rule_editor
from cs_portal.policies.signals import rules_published

MAX_NOTE = 200


def publish_ruleset(*, document: Mapping[str, Any], by: Actor, now: datetime) -> RulesetVersion:
    """Validate ``document``, make it the next version and put it live.

    Raises :class:`InvalidRules`, and :class:`Conflict` when somebody published at the same moment.
    """
    return _publish(document, actor=by, member=None, note="", restored=None, now=now)


def publish_working_copy(
    *, by: Member, revision: int, seen_live: UUID | None, note: str, now: datetime
) -> RulesetVersion:
    """Put the working copy live and end it.

    ``revision`` and ``seen_live`` are what the member looked at: when either moved, :class:`Conflict`. Raises
    :class:`Invalid` (``note``) and, when there is nothing new to publish, without a field.
    """
    require_rule_editor(by)
    _check_note(note)
    with transaction.atomic():
        live = live_version()
        _require_seen(live, seen_live)
        copy = WorkingCopy.objects.filter(revision=revision).first()
        if copy is None or not WorkingCopy.objects.filter(pk=copy.pk, revision=revision).delete()[0]:
            raise Conflict(_("The working copy was changed meanwhile. Look at it again before you publish."))
        if live is not None and live.document == copy.document:
            raise Invalid(_("The working copy does not differ from the live rules."))
        return _publish(copy.document, actor=_actor(by), member=by, note=note, restored=None, now=now)


def restore_version(
    *, version_id: UUID, by: Member, seen_live: UUID | None, note: str, now: datetime
) -> RulesetVersion:
    """Roll back: publish the rules of an older version as a new one. A working copy stays as it is.

    Raises :class:`NotFound`, :class:`Invalid` when they are live already, and :class:`Conflict` when another version
    went live since the member looked.
    """
    require_rule_editor(by)
    _check_note(note)
    with transaction.atomic():
        version = version_by_id(version_id=version_id)
        live = live_version()
        _require_seen(live, seen_live)
        if live is not None and live.document == version.document:
            raise Invalid(_("These rules are live already."))
        return _publish(version.document, actor=_actor(by), member=by, note=note, restored=version.number, now=now)


def _check_note(note: str) -> None:
    if len(note) > MAX_NOTE:
        raise Invalid(_("At most %(count)d characters.") % {"count": MAX_NOTE}, field="note")


def _require_seen(live: RulesetVersion | None, seen: UUID | None) -> None:
    if (live.public_id if live else None) != seen:
        raise Conflict(_("Another version went live meanwhile. Look at what differs before you publish."))


def _actor(by: Member) -> Actor:
    return Actor("member", str(by.public_id))


def _publish(
    document: Mapping[str, Any],
    *,
    actor: Actor,
    member: Member | None,
    note: str,
    restored: int | None,
    now: datetime,
) -> RulesetVersion:
    checked = checked_document(document)
    try:
        with transaction.atomic():
            live = live_version()
            RulesetVersion.objects.filter(state=VersionState.LIVE).update(state=VersionState.RETIRED)
            number = (RulesetVersion.objects.aggregate(last=Max("number"))["last"] or 0) + 1
            version = RulesetVersion.objects.create(
                name=checked["name"],
                number=number,
                state=VersionState.LIVE,
                document=checked,
                note=note.strip(),
                changes=_changes(live, checked),
                restored_number=restored,
                created_at=now,
                published_at=now,
                published_by=member,
            )
            record(
                merchant_id=current_merchant().pk,
                actor=actor,
                action="ruleset.rolled_back" if restored else "ruleset.published",
                target=f"ruleset:{version.public_id}",
                data={"number": number, **({"restored": restored} if restored else {})},
                now=now,
            )
            # Drafts on which the version before decided otherwise are out of date, and say so where they are open.
            rules_published.send(RulesetVersion, version=version, now=now)
            events.publish(
                merchant_id=current_merchant().pk,
                topic=events.CONSOLE,
                name="ruleset:published",
                data={"ruleset": str(version.public_id)},
                now=now,
            )
    except IntegrityError:
        # One live version, one version per number: whoever came second looks again.
        raise Conflict(_("Somebody else published at the same moment. Look at what is live now.")) from None
    return version


def _changes(live: RulesetVersion | None, document: dict[str, Any]) -> dict[str, int]:
    if live is None:
        return {"added": len(document["rules"])}
    return compare(Ruleset.from_dict(live.document), Ruleset.from_dict(document)).counts()
