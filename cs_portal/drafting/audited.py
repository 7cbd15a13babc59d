"""The rows that entries of the audit log name, for whoever shows them by a name. One query per kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from uuid import UUID

from django.db.models import QuerySet

from cs_portal.commerce.models import ImportRun, Order, OrderAction, Product, Shopper
from cs_portal.conversations.models import CannedReply, Conversation, Macro, SavedView, Tag
from cs_portal.core.tenancy import TenantModel
from cs_portal.drafting.models import AutopilotRule, Draft, LanguageModelConnection
from cs_portal.knowledge.models import Faq
from cs_portal.merchants.models import ApiToken, Invitation, Member, Storefront
from cs_portal.policies.models import RulesetVersion
from cs_portal.recommendations.models import Exclusion, Pin

#: Those of each kind; removed members and pins are still there.
_ROWS: dict[str, Callable[[], QuerySet[TenantModel]]] = {
    "action": lambda: OrderAction.objects.only("public_id", "merchant_id", "verdict", "rules"),
    "autopilot_rule": lambda: AutopilotRule.objects.only("public_id", "merchant_id", "name", "action"),
    "canned_reply": lambda: CannedReply.objects.all(),
    "conversation": lambda: Conversation.objects.select_related("shopper"),
    "draft": lambda: Draft.objects.select_related("conversation__shopper", "order"),
    "exclusion": lambda: Exclusion.objects.all(),
    "faq": lambda: Faq.objects.only("public_id", "merchant_id", "title", "key"),
    "import": lambda: ImportRun.objects.only("public_id", "merchant_id", "file_name"),
    "invitation": lambda: Invitation.objects.all(),
    "macro": lambda: Macro.objects.all(),
    "member": lambda: Member.objects.select_related("user"),
    "model": lambda: LanguageModelConnection.objects.only("public_id", "merchant_id", "name"),
    "order": lambda: Order.objects.only("public_id", "merchant_id", "number", "currency"),
    "pin": lambda: Pin.objects.select_related("recommended"),
    "product": lambda: Product.objects.all(),
    "ruleset": lambda: RulesetVersion.objects.all(),
    "shopper": lambda: Shopper.objects.all(),
    "storefront": lambda: Storefront.objects.all(),
    "tag": lambda: Tag.objects.all(),
    "token": lambda: ApiToken.objects.all(),
    "view": lambda: SavedView.objects.all(),
}
KINDS = frozenset(_ROWS)


def rows_named(wanted: Mapping[str, Collection[UUID]]) -> dict[str, TenantModel]:
    """By public id as text. Ids of no row (any more), and kinds that have none, are missing."""
    return {
        str(row.public_id): row
        for kind, ids in wanted.items()
        if ids and kind in _ROWS
        for row in _ROWS[kind]().filter(public_id__in=list(ids))
    }


def member_names(ids: Iterable[UUID]) -> dict[str, str]:
    """Names by public id, those of removed members included."""
    return {key: str(row.user) for key, row in rows_named({"member": set(ids)}).items() if isinstance(row, Member)}
