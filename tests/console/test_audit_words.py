"""The log as people read it: names for ids, words for codes, and nothing of rows that have no name."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from cs_portal.console.presenters.audit import Deed, describe_all
from cs_portal.console.presenters.audit_words import ACTIONS, TARGETS
from cs_portal.conversations.models import Tag
from cs_portal.core.audit import SYSTEM, Actor, record
from cs_portal.core.models import AuditEntry
from cs_portal.core.tenancy import scope
from cs_portal.policies.engine import load_shipped
from tests.console.conftest import Cast
from tests.factories import make_faq, make_ruleset

pytestmark = pytest.mark.django_db


def _told(
    cast: Cast, action: str, target: str, *, by: Actor = SYSTEM, at: datetime | None = None, **data: object
) -> Deed:
    entry = record(merchant_id=cast.merchant.pk, actor=by, action=action, target=target, now=at or cast.now, data=data)
    with scope(merchant=cast.merchant):
        return describe_all([entry])[0]


def _details(deed: Deed) -> dict[str, str]:
    return {detail.label: detail.value for detail in deed.details}


def test_members_tags_and_targets_go_by_their_names(cast: Cast) -> None:
    draft = cast.draft()
    conversation = draft.conversation
    with scope(merchant=cast.merchant):
        tag = Tag.objects.create(name="Wholesale")
        conversation.shopper.name = "Li Wei"
        conversation.shopper.save()
    ann = Actor("member", str(cast.ann.public_id))
    target = f"conversation:{conversation.public_id}"
    deed = _told(cast, "conversation.assigned", target, by=ann, old="", to=str(cast.olaf.public_id))
    assert (deed.actor, deed.target, deed.name) == (str(cast.ann.user), "Conversation", "Li Wei")
    assert deed.url == f"/console/mugs/inbox/{conversation.public_id}/"
    assert _details(deed) == {"to": str(cast.olaf.user)}
    assert _details(_told(cast, "conversation.tagged", target, tag=str(tag.public_id))) == {"tag": "Wholesale"}
    assert _told(cast, "draft.approved", f"draft:{draft.public_id}").name == "Li Wei"
    faq = make_faq(cast.merchant, en=("How long does delivery take?", "Two days."))
    assert _told(cast, "faq.published", f"faq:{faq.public_id}").name == "How long does delivery take?"


def test_money_rules_and_moments_are_written_out_and_ids_without_a_name_are_not_shown(cast: Cast) -> None:
    ruleset = make_ruleset(cast.merchant, load_shipped("standard").to_dict(), now=cast.now)
    draft, _order, _conversation = cast.refund_draft()
    deed = _told(
        cast,
        "order.refund",
        f"draft:{draft.public_id}",
        review="de0f10a9-787b-40c1-9073-7d266f4a8940",
        ruleset=str(ruleset.public_id),
        rule="ownership",
        overridden=False,
        model="",
        amount=16900,
    )
    assert _details(deed) == {
        "amount": "¥169.00",
        "overridden": "no",
        "rule": "The order is another shopper's",
        "rules": "version 1 of the rules",
    }
    assert not any(detail.is_code for detail in deed.details)
    snoozed = _told(cast, "conversation.snoozed", "conversation:x", until="2026-11-28T18:00:00+08:00")
    with translation.override("en"):
        assert "2026" in _details(snoozed)["until"] and "T" not in _details(snoozed)["until"]
    assert snoozed.url == ""
    changed = _told(cast, "storefront.updated", "storefront:x", fields=["allowed_origins", "name"])
    assert _details(changed) == {"fields": "Addresses of the shop, Name"}


def test_every_action_that_the_product_records_has_words() -> None:
    """Actions are literals of the code, or are made of a kind and a literal by ``log`` of the desk."""
    recorded: set[str] = set()
    for path in (settings.BASE_DIR / "cs_portal").rglob("services/**/*.py"):
        text = Path(path).read_text(encoding="utf-8")
        recorded |= set(re.findall(r'(?:action=|log\([^"\n]*)"([a-z_]+\.[a-z_]+)"', text))
        recorded |= {".".join(pair) for pair in re.findall(r'log\(\w+, "(\w+)", "(\w+)"', text)}
    assert {"draft.regenerated", "macro.applied", "faq.created", "token.revoked"} <= recorded
    assert recorded - set(ACTIONS) == set()


def test_every_target_has_words(cast: Cast) -> None:
    cast.client(cast.ann).post("/console/mugs/settings/audit/export/")
    assert {entry.target.partition(":")[0] for entry in AuditEntry.objects.all()} <= set(TARGETS)
