"""Rows of the settings for the walk."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from bots.composing.ranking import DEFAULT_WEIGHTS
from cs_portal.core.secrets import encrypt, new_token, token_hash
from cs_portal.core.tenancy import scope
from cs_portal.drafting.models import AutopilotRule, AutopilotSend, LanguageModelConnection, LearnedWeights, Review
from cs_portal.integrations.models import ShopifyWebhook
from cs_portal.merchants.models import (
    ApiToken,
    Holiday,
    Invitation,
    Merchant,
    ModelTrial,
    Role,
    ShopperExport,
    WorkState,
)
from tests.factories import make_draft, make_member, make_shopper

RATES = {"log_loss": 0.5, "brier": 0.2, "auc": 0.7}
FIGURES = {"reviews": 120, "before": RATES, "after": RATES, "held": [], "kept": []}


def settings_ids(merchant: Merchant) -> dict[str, Any]:
    now = timezone.now()
    soon = now + timedelta(days=1)
    member = make_member(merchant, Role.OPERATOR, name="Mug")
    shopper = make_shopper(merchant, name="Mug")
    with scope(merchant=merchant):
        invitation = Invitation.objects.create(
            email="mug@example.com", role=Role.OPERATOR, nonce=new_token(), created_at=now, expires_at=soon
        )
        token = ApiToken.objects.create(
            name="Mug", hint="csp_", token_hash=token_hash(new_token()), scopes=["read"], created_at=now
        )
        export = ShopperExport.objects.create(
            shopper=shopper.public_id, state=WorkState.DONE, document='{"Mug": 1}', created_at=now, expires_at=soon
        )
        trial = ModelTrial.objects.create(question="Mug?", created_at=now, expires_at=soon)
        sender = ShopifyWebhook.objects.create(
            domain="mug.myshopify.com", secret_encrypted=encrypt("-"), created_at=now
        )
        model = LanguageModelConnection.objects.create(
            kind="openai_compatible",
            name="Mug",
            base_url="https://models.example.com/v1",
            model="mug",
            key_encrypted=encrypt("-"),
            created_at=now,
            updated_at=now,
        )
        since = {"state_since": now, "evidence_since": now, "updated_at": now}
        rule = AutopilotRule.objects.create(name="Mug", intents=["delivery"], **since)
        draft = make_draft(merchant)
        review = Review.objects.create(
            draft=draft,
            decision="approved",
            text="Mug",
            created_at=now,
            executed_at=now,
            autopilot={"rule": str(rule.public_id), "rule_version": 1, "name": "Mug", "action": ""},
        )
        send = AutopilotSend.objects.create(rule=rule, rule_version=1, review=review, created_at=now, sampled=True)
        learned = LearnedWeights.objects.create(
            state="open", weights=DEFAULT_WEIGHTS.as_dict(), figures=FIGURES, created_at=now
        )
        holiday = Holiday.objects.create(date=date(2026, 10, 1), name="Mug")
    return {
        "member_id": member.public_id,
        "invitation_id": invitation.public_id,
        "token_id": token.public_id,
        "export_id": export.public_id,
        "trial_id": trial.public_id,
        "autopilot_rule_id": rule.public_id,
        "send_id": send.public_id,
        "learned_id": learned.public_id,
        "holiday_id": holiday.public_id,
        "connection_id": model.public_id,
        "sender_id": sender.public_id,
        "shopper_id": shopper.public_id,
    }
