"""What the tests of the rules' pages share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.test import Client

from cs_portal.core.tenancy import scope
from cs_portal.policies.engine import load_shipped
from cs_portal.policies.models import RulesetVersion, WorkingCopy
from tests.console.conftest import Cast
from tests.factories import make_ruleset, make_working_copy

ROOT = "/console/mugs/policies/"


@dataclass
class Desk:
    """Ann administers; the working copy begins as the live rules."""

    cast: Cast
    live: RulesetVersion
    copy: WorkingCopy

    @property
    def ann(self) -> Client:
        return self.cast.client(self.cast.ann)

    def stored(self) -> WorkingCopy:
        with scope(merchant=self.cast.merchant):
            return WorkingCopy.objects.get()

    def ids(self) -> list[str]:
        return [rule["id"] for rule in self.stored().document["rules"]]


def make_desk(cast: Cast) -> Desk:
    """The shipped rules, live, and a working copy of them."""
    live = make_ruleset(cast.merchant, load_shipped("standard").to_dict(), now=cast.now)
    return Desk(cast, live, make_working_copy(cast.merchant, live.document, base=live, now=cast.now))


def text_of(response: Any) -> str:
    """The page's words without markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


def rule_form(**fields: Any) -> dict[str, Any]:
    return {
        "scope": "some",
        "actions": ["refund"],
        "label_en": "Small refunds",
        "label_zh": "小额退款",
        "c-kind": "all",
        "c.0-kind": "fact",
        "c.0-was": "request.amount_minor",
        "c.0-fact": "request.amount_minor",
        "c.0-op": "at_most",
        "c.0-value": "200",
        "outcome": "allow",
        "amount": "full",
        "approver": "autopilot",
        "reasons_en": "A small amount.",
        "reasons_zh": "金额较小。",
        "revision": "1",
        "do": "save",
        **fields,
    }
