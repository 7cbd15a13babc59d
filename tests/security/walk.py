"""Every URL of the portal, and what it is: the walk refuses to pass over one that is not listed here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.urls import URLPattern, URLResolver, get_resolver
from django_scopes import scopes_disabled

from cs_portal.core.models import RateWindow, WorkerHeartbeat

READ, REVIEW, CONFIGURE = "read", "review", "configure"


@dataclass(frozen=True)
class Page:
    """A URL of a merchant. ``methods`` are those it answers; ``post`` is the least role that may POST."""

    methods: tuple[str, ...]
    post: str = READ
    get: str = READ


#: Pages of a merchant: members only.
MERCHANT_PAGES: dict[str, Page] = {
    "console:dashboard": Page(("GET",)),
    "console:job_retry": Page(("POST",), CONFIGURE),
    "console:search": Page(("GET",)),
    "console:review": Page(("GET",)),
    "console:review_queue": Page(("GET",)),
    "console:review_count": Page(("GET",)),
    "console:draft": Page(("GET",)),
    "console:draft_candidates": Page(("GET",)),
    "console:draft_writing": Page(("GET",)),
    "console:draft_difference": Page(("POST",), REVIEW),
    "console:draft_reword": Page(("POST",), REVIEW),
    "console:draft_rate": Page(("POST",), REVIEW),
    "console:message_translation": Page(("GET", "POST"), REVIEW),
    "console:draft_head": Page(("GET",)),
    "console:draft_thread": Page(("GET",)),
    "console:draft_status": Page(("GET",)),
    "console:draft_approve": Page(("POST",), REVIEW),
    "console:draft_reject": Page(("POST",), REVIEW),
    "console:draft_undo": Page(("POST",), REVIEW),
    "console:draft_override": Page(("POST",), CONFIGURE),
    "console:review_renew": Page(("POST",), REVIEW),
    "console:draft_regenerate": Page(("POST",), REVIEW),
    "console:draft_select": Page(("POST",), REVIEW),
    "console:draft_claim": Page(("POST",), REVIEW),
    "console:draft_release": Page(("POST",), REVIEW),
    "console:draft_typing": Page(("POST",), REVIEW),
    "console:draft_note": Page(("POST",), REVIEW),
    "console:draft_snooze": Page(("POST",), REVIEW),
    "console:cards_found": Page(("GET",)),
    "console:analytics": Page(("GET",)),
    "console:analytics_csv": Page(("GET",)),
    "console:analytics_section": Page(("GET",)),
    "console:products": Page(("GET",)),
    "console:product": Page(("GET",)),
    "console:orders": Page(("GET",)),
    "console:order": Page(("GET",)),
    "console:order_actions": Page(("GET",)),
    "console:order_act": Page(("GET", "POST"), REVIEW, REVIEW),
    "console:order_action_approve": Page(("POST",), REVIEW),
    "console:order_action_withdraw": Page(("POST",), REVIEW),
    "console:order_action_check": Page(("POST",), REVIEW),
    "console:return_received": Page(("POST",), REVIEW),
    "console:exchange_ended": Page(("POST",), REVIEW),
    "console:return_closed": Page(("POST",), REVIEW),
    "console:shoppers": Page(("GET",)),
    "console:shopper": Page(("GET",)),
    "console:imports": Page(("GET", "POST"), CONFIGURE),
    "console:import_template": Page(("GET",)),
    "console:import": Page(("GET",)),
    "console:import_confirm": Page(("POST",), CONFIGURE),
    "console:import_discard": Page(("POST",), CONFIGURE),
    "console:import_read_as": Page(("POST",), CONFIGURE),
    "console:import_columns": Page(("POST",), CONFIGURE),
    "console:import_undo": Page(("POST",), CONFIGURE),
    "console:export": Page(("POST",), CONFIGURE),
    "console:import_problems": Page(("GET",)),
    "console:recommendations": Page(("GET",)),
    "console:recommendations_try": Page(("GET",)),
    "console:pairs_refresh": Page(("POST",), CONFIGURE),
    "console:pin_add": Page(("POST",), CONFIGURE),
    "console:pin_remove": Page(("POST",), CONFIGURE),
    "console:pin_restore": Page(("POST",), CONFIGURE),
    "console:pin_move": Page(("POST",), CONFIGURE),
    "console:exclusion_add": Page(("POST",), CONFIGURE),
    "console:exclusion_remove": Page(("POST",), CONFIGURE),
    "console:exclusion_restore": Page(("POST",), CONFIGURE),
    "console:canned_replies": Page(("GET",)),
    "console:canned_reply_new": Page(("GET", "POST"), CONFIGURE, CONFIGURE),
    "console:canned_reply_preview": Page(("POST",), CONFIGURE),
    "console:canned_reply": Page(("GET", "POST"), CONFIGURE),
    "console:canned_reply_delete": Page(("POST",), CONFIGURE),
    "console:canned_reply_restore": Page(("POST",), CONFIGURE),
    "console:macros": Page(("GET",)),
    "console:macro_new": Page(("GET", "POST"), CONFIGURE, CONFIGURE),
    "console:macro": Page(("GET", "POST"), CONFIGURE),
    "console:macro_delete": Page(("POST",), CONFIGURE),
    "console:macro_restore": Page(("POST",), CONFIGURE),
    "console:tags": Page(("GET", "POST"), CONFIGURE),
    "console:tag": Page(("GET", "POST"), CONFIGURE, CONFIGURE),
    "console:tag_delete": Page(("GET", "POST"), CONFIGURE, CONFIGURE),
    "console:policies": Page(("GET",)),
    "console:policy_test": Page(("GET", "POST")),
    "console:ruleset_versions": Page(("GET",)),
    "console:ruleset_compare": Page(("GET",)),
    "console:ruleset": Page(("GET",)),
    "console:ruleset_export": Page(("GET",)),
    "console:ruleset_restore": Page(("GET", "POST"), CONFIGURE),
    "console:simulations": Page(("GET", "POST"), CONFIGURE),
    "console:simulation": Page(("GET",)),
    "console:simulation_cancel": Page(("POST",), CONFIGURE),
    "console:simulation_export": Page(("GET",)),
    "console:working_copy": Page(("GET",)),
    "console:working_copy_begin": Page(("POST",), CONFIGURE),
    "console:working_copy_rule": Page(("GET", "POST"), CONFIGURE),
    "console:working_copy_arrange": Page(("POST",), CONFIGURE),
    "console:rule_templates": Page(("GET", "POST"), CONFIGURE),
    "console:working_copy_place": Page(("POST",), CONFIGURE),
    "console:working_copy_whole": Page(("GET", "POST"), CONFIGURE),
    "console:working_copy_reword": Page(("POST",), CONFIGURE),
    "console:working_copy_touched": Page(("GET",)),
    "console:working_copy_undo": Page(("POST",), CONFIGURE),
    "console:working_copy_discard": Page(("GET", "POST"), CONFIGURE),
    "console:working_copy_import": Page(("GET", "POST"), CONFIGURE),
    "console:working_copy_export": Page(("GET",)),
    "console:working_copy_publish": Page(("GET", "POST"), CONFIGURE),
    "console:inbox": Page(("GET",)),
    "console:inbox_list": Page(("GET",)),
    "console:inbox_bulk": Page(("POST",), REVIEW),
    "console:photo": Page(("GET",)),
    "console:inbox_undo": Page(("POST",), REVIEW),
    "console:inbox_save_view": Page(("POST",), REVIEW),
    "console:inbox_view": Page(("GET", "POST"), CONFIGURE, CONFIGURE),  # a shared one; one's own is for reviewers, too
    "console:inbox_delete_view": Page(("POST",), REVIEW),
    "console:conversation": Page(("GET",)),
    "console:conversation_thread": Page(("GET",)),
    "console:conversation_status": Page(("GET",)),
    "console:conversation_transcript": Page(("GET",)),
    "console:conversation_canned": Page(("GET",)),
    **{
        f"console:conversation_{deed}": Page(("POST",), REVIEW)
        for deed in (
            *("claim", "release", "typing", "reply", "undo_reply", "note", "macro", "assign", "snooze", "wake"),
            *("undo_macro", "resolve", "reopen", "take_over", "give_back", "tag"),
        )
    },
    "console:storefronts": Page(("GET",)),
    "console:storefront": Page(("GET", "POST"), CONFIGURE),
    "console:storefront_secret": Page(("POST",), CONFIGURE),
    "console:storefront_rotate_secret": Page(("POST",), CONFIGURE),
    "console:storefront_new": Page(("GET", "POST"), CONFIGURE, CONFIGURE),
    "console:storefront_install": Page(("GET",)),
    "console:storefront_switch": Page(("POST",), CONFIGURE),
    "console:settings": Page(("GET",)),
    "console:profile": Page(("GET", "POST"), CONFIGURE, CONFIGURE),
    "console:hours": Page(("GET", "POST"), CONFIGURE, CONFIGURE),
    "console:holidays_add": Page(("POST",), CONFIGURE),
    "console:holiday_restore": Page(("POST",), CONFIGURE),
    "console:holiday_remove": Page(("POST",), CONFIGURE),
    "console:team": Page(("GET",)),
    "console:member_invite": Page(("POST",), CONFIGURE),
    "console:invitation_resend": Page(("POST",), CONFIGURE),
    "console:invitation_revoke": Page(("POST",), CONFIGURE),
    "console:member_role": Page(("POST",), CONFIGURE),
    "console:member_remove": Page(("POST",), CONFIGURE),
    "console:member_restore": Page(("POST",), CONFIGURE),
    "console:notifications": Page(("GET",)),
    "console:notifications_save": Page(("POST",)),
    "console:shop_connection": Page(("GET",), get=CONFIGURE),
    "console:shop_connect_webhook": Page(("POST",), CONFIGURE),
    "console:shop_connect_shopify": Page(("POST",), CONFIGURE),
    "console:shop_disconnect": Page(("POST",), CONFIGURE),
    "console:shop_try": Page(("POST",), CONFIGURE),
    "console:shop_incoming": Page(("GET", "POST"), CONFIGURE, CONFIGURE),
    "console:shop_incoming_stop": Page(("POST",), CONFIGURE),
    "console:pairs": Page(("GET", "POST"), CONFIGURE, CONFIGURE),
    "console:pair_lift": Page(("POST",), CONFIGURE),
    "console:two_step": Page(("GET",)),
    "console:two_step_require": Page(("POST",), CONFIGURE),
    "console:language_model": Page(("GET",)),
    "console:model_try": Page(("POST",), CONFIGURE),
    "console:model_trial": Page(("GET",), get=CONFIGURE),
    "console:model_connections": Page(("GET",), get=CONFIGURE),
    "console:model_connection_new": Page(("GET", "POST"), CONFIGURE, CONFIGURE),
    "console:model_connection": Page(("GET", "POST"), CONFIGURE, CONFIGURE),
    "console:model_connection_delete": Page(("POST",), CONFIGURE),
    "console:model_connection_try": Page(("POST",), CONFIGURE),
    "console:model_order": Page(("POST",), CONFIGURE),
    "console:ranking": Page(("GET", "POST"), CONFIGURE),
    "console:ranking_example": Page(("GET",)),
    "console:ranking_reset": Page(("POST",), CONFIGURE),
    "console:ranking_learn": Page(("POST",), CONFIGURE),
    "console:ranking_learned": Page(("POST",), CONFIGURE),
    "console:autopilot": Page(("GET",)),
    "console:autopilot_switch": Page(("POST",), CONFIGURE),
    "console:autopilot_limit": Page(("POST",), CONFIGURE),
    "console:autopilot_stop": Page(("POST",), REVIEW),
    "console:autopilot_rule_new": Page(("GET", "POST"), CONFIGURE, CONFIGURE),
    "console:autopilot_rule": Page(("GET",)),
    "console:autopilot_rule_edit": Page(("GET", "POST"), CONFIGURE, CONFIGURE),
    "console:autopilot_rule_state": Page(("POST",), CONFIGURE),
    "console:autopilot_rule_delete": Page(("POST",), CONFIGURE),
    "console:autopilot_checks": Page(("GET",)),
    "console:autopilot_judge": Page(("POST",), REVIEW),
    "console:autopilot_unjudge": Page(("POST",), REVIEW),
    "console:privacy": Page(("GET",), get=CONFIGURE),
    "console:privacy_retention": Page(("POST",), CONFIGURE),
    "console:privacy_shopper": Page(("GET",), get=CONFIGURE),
    "console:export_make": Page(("POST",), CONFIGURE),
    "console:shopper_erase": Page(("GET", "POST"), CONFIGURE, CONFIGURE),
    "console:export_download": Page(("POST",), CONFIGURE),
    "console:tokens": Page(("GET", "POST"), CONFIGURE, CONFIGURE),
    "console:token_revoke": Page(("POST",), CONFIGURE),
    "console:audit": Page(("GET",), get=CONFIGURE),
    "console:audit_export": Page(("POST",), CONFIGURE),
    "console:knowledge": Page(("GET",)),
    "console:knowledge_bulk": Page(("POST",), REVIEW),
    "console:knowledge_save_view": Page(("POST",), REVIEW),
    "console:knowledge_view": Page(("GET", "POST"), CONFIGURE, CONFIGURE),  # a shared one; as in the inbox
    "console:knowledge_delete_view": Page(("POST",), REVIEW),
    "console:knowledge_undo": Page(("POST",), REVIEW),
    "console:knowledge_quality": Page(("GET",)),
    "console:quality_check": Page(("POST",), REVIEW),
    "console:finding_mend": Page(("POST",), REVIEW),
    "console:finding_ignore": Page(("POST",), REVIEW),
    "console:finding_heed": Page(("POST",), REVIEW),
    "console:knowledge_imports": Page(("GET", "POST"), REVIEW),
    "console:knowledge_import": Page(("GET",)),
    "console:knowledge_import_read_as": Page(("POST",), REVIEW),
    "console:knowledge_import_columns": Page(("POST",), REVIEW),
    "console:knowledge_import_confirm": Page(("POST",), REVIEW),
    "console:knowledge_import_stop": Page(("POST",), REVIEW),
    "console:knowledge_import_undo": Page(("POST",), REVIEW),
    "console:knowledge_import_discard": Page(("POST",), REVIEW),
    "console:knowledge_import_report": Page(("GET",)),
    "console:knowledge_export": Page(("GET", "POST")),
    "console:knowledge_template": Page(("GET",)),
    "console:knowledge_preview": Page(("POST",)),
    "console:knowledge_approvals": Page(("GET",)),
    "console:knowledge_approve": Page(("POST",), REVIEW),
    "console:knowledge_decline": Page(("POST",), REVIEW),
    "console:knowledge_withdraw": Page(("POST",), REVIEW),
    "console:knowledge_reopen": Page(("POST",), REVIEW),
    "console:knowledge_want_approval": Page(("POST",), CONFIGURE),
    "console:knowledge_test": Page(("GET", "POST"), REVIEW),
    "console:knowledge_test_result": Page(("GET",)),
    "console:knowledge_test_phrasing": Page(("POST",), REVIEW),
    "console:gaps": Page(("GET",)),
    "console:gaps_mine": Page(("POST",), REVIEW),
    "console:gaps_bulk": Page(("POST",), REVIEW),
    "console:gaps_reopen": Page(("POST",), REVIEW),
    "console:gaps_unmerge": Page(("POST",), REVIEW),
    "console:gap_run": Page(("GET",)),
    "console:gap": Page(("GET",)),
    **{
        f"console:gap_{deed}": Page(("POST",), REVIEW)
        for deed in ("assign", "dismiss", "merge", "split", "unsplit", "draft", "replay")
    },
    "console:proposals": Page(("GET",)),
    "console:proposal": Page(("GET",)),
    **{f"console:proposal_{deed}": Page(("POST",), REVIEW) for deed in ("accept", "dismiss", "undo")},
    "console:suggestions_add": Page(("POST",), REVIEW),
    "console:suggestion_dismiss": Page(("POST",), REVIEW),
    "console:suggestion_restore": Page(("POST",), REVIEW),
    "console:regression": Page(("GET",)),
    "console:regression_new": Page(("GET", "POST"), REVIEW, REVIEW),
    "console:regression_add": Page(("POST",), REVIEW),
    "console:regression_remove": Page(("POST",), REVIEW),
    "console:regression_restore": Page(("POST",), REVIEW),
    "console:regression_export": Page(("GET",)),
    "console:regression_file": Page(("GET", "POST"), REVIEW, REVIEW),
    "console:regression_file_confirm": Page(("POST",), REVIEW),
    "console:regression_reviews": Page(("GET", "POST"), REVIEW, REVIEW),
    "console:regression_start": Page(("POST",), REVIEW),
    "console:regression_runs": Page(("GET",)),
    "console:regression_run": Page(("GET",)),
    "console:regression_publish": Page(("POST",), REVIEW),
    "console:regression_case": Page(("GET", "POST"), REVIEW),
    "console:regression_unadd": Page(("POST",), REVIEW),
    "console:faq_new": Page(("GET", "POST"), REVIEW, REVIEW),
    "console:faq": Page(("GET", "POST"), REVIEW),
    "console:faq_history": Page(("GET",)),
    "console:faq_restore_revision": Page(("POST",), REVIEW),
    "console:faq_publish": Page(("POST",), REVIEW),
    "console:faq_unpublish": Page(("POST",), REVIEW),
    "console:faq_archive": Page(("POST",), REVIEW),
    "console:faq_restore": Page(("POST",), REVIEW),
    "console:faq_discard": Page(("POST",), REVIEW),
    "console:faq_duplicate": Page(("POST",), REVIEW),
}

#: Shoppers' interface: a bearer token decides, tests/storefront tries it in depth.
BEARER = {
    "storefront:messages",
    "storefront:typing",
    "storefront:seen",
    "storefront:leave",
    "storefront:email",
    "storefront:person",
    "storefront:resolve",
    "storefront:rating",
    "storefront:transcript",
    "storefront:transcript_mail",
    "storefront:erasure",
    "storefront:orders",
    "storefront:order",
    "storefront:product",
    "storefront:preview",
    "storefront:requests",
    "storefront:photos",
    "storefront:photo",
}
#: Programs' interface: a bearer token of the settings decides, tests/integrations tries it in depth.
API = {
    "api:products": ("GET", "POST"),
    "api:product": ("GET", "PUT"),
    "api:shoppers": ("GET", "POST"),
    "api:shopper": ("GET", "PUT"),
    "api:orders": ("GET", "POST"),
    "api:order": ("GET", "PUT"),
}
#: Open to everybody by design; they show nothing of a merchant but its storefront's look.
PUBLIC = {
    "root",
    "set_theme",
    "set_language",
    "healthz",
    "readyz",
    "widget:loader",
    "widget:look",
    "storefront:chat",
    "storefront:sessions",
    # The description of the interface, and nothing where it begins.
    "api:openapi-json",
    "api:api-root",
    # Signed by the shop: tests/integrations/test_shopify_webhooks.py tries it in depth.
    "shopify_webhook",
    # What there is not under /api/: the same refusal for everybody.
    "no_such_address",
    "console:home",
    # An invitation's link, which is its own key: tests/console/test_settings_team.py tries it in depth.
    "invitation",
}
#: Sign-in and account pages of allauth, which act on the signed-in user alone.
ACCOUNT_PREFIXES = ("account_", "mfa_")


def named_patterns() -> Iterator[tuple[str, str]]:
    """(qualified name, route) of every pattern of the URLconf; a pattern without a name is named by its route."""
    yield from _walk(get_resolver().url_patterns, "", "")


def _walk(patterns: list[Any], namespace: str, route: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner, here)
        elif isinstance(pattern, URLPattern):
            yield (f"{namespace}{pattern.name}" if pattern.name else here), here


#: When somebody was here last.
VISITS = {"last_login", "last_visit_at"}


def database_digest() -> str:
    """A digest of every row that a request could have changed (sessions, rate windows, heartbeats, visits apart)."""
    digest = hashlib.sha256()
    with scopes_disabled():
        for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
            if model in {Session, RateWindow, WorkerHeartbeat}:
                continue
            fields = [field.attname for field in model._meta.concrete_fields if field.attname not in VISITS]
            for row in model._base_manager.order_by("pk").values_list(*fields):
                digest.update(repr((model._meta.label, row)).encode())
    return digest.hexdigest()
