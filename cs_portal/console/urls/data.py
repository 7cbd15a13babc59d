"""Settings that guard data: privacy, tokens, the audit log, the language model, ranking, autopilot."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from cs_portal.console.views.data import audit, autopilot, model, model_connections, privacy, ranking, tokens

_connection: list[URLPattern] = [
    path("", model_connections.model_connection, name="model_connection"),
    path("delete/", model_connections.model_connection_delete, name="model_connection_delete"),
    path("try/", model_connections.model_connection_try, name="model_connection_try"),
    path("order/", model_connections.model_order, name="model_order"),
]

_autopilot_rule: list[URLPattern] = [
    path("", autopilot.autopilot_rule, name="autopilot_rule"),
    path("edit/", autopilot.autopilot_rule_edit, name="autopilot_rule_edit"),
    path("state/", autopilot.autopilot_rule_state, name="autopilot_rule_state"),
    path("delete/", autopilot.autopilot_rule_delete, name="autopilot_rule_delete"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("language-model/", model.language_model, name="language_model"),
    path("language-model/try/", model.model_try, name="model_try"),
    path("language-model/tries/<uuid:trial_id>/", model.model_trial, name="model_trial"),
    path("language-model/connections/", model_connections.model_connections, name="model_connections"),
    path("language-model/connections/new/", model_connections.model_connection_new, name="model_connection_new"),
    path("language-model/connections/<uuid:connection_id>/", include(_connection)),
    path("ranking/", ranking.ranking, name="ranking"),
    path("ranking/example/", ranking.ranking_example, name="ranking_example"),
    path("ranking/reset/", ranking.ranking_reset, name="ranking_reset"),
    path("ranking/learn/", ranking.ranking_learn, name="ranking_learn"),
    path("ranking/learned/<uuid:learned_id>/", ranking.ranking_learned, name="ranking_learned"),
    path("autopilot/", autopilot.autopilot, name="autopilot"),
    path("autopilot/switch/", autopilot.autopilot_switch, name="autopilot_switch"),
    path("autopilot/limit/", autopilot.autopilot_limit, name="autopilot_limit"),
    path("autopilot/stop/", autopilot.autopilot_stop, name="autopilot_stop"),
    path("autopilot/rules/new/", autopilot.autopilot_rule_new, name="autopilot_rule_new"),
    path("autopilot/rules/<uuid:autopilot_rule_id>/", include(_autopilot_rule)),
    path("privacy/", privacy.privacy, name="privacy"),
    path("privacy/retention/", privacy.retention, name="privacy_retention"),
    path("privacy/shoppers/<uuid:shopper_id>/", privacy.privacy_shopper, name="privacy_shopper"),
    path("privacy/shoppers/<uuid:shopper_id>/export/", privacy.export_make, name="export_make"),
    path("privacy/shoppers/<uuid:shopper_id>/erase/", privacy.shopper_erase, name="shopper_erase"),
    path("privacy/exports/<uuid:export_id>/download/", privacy.export_download, name="export_download"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<uuid:token_id>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("audit/", audit.audit, name="audit"),
    path("audit/export/", audit.audit_export, name="audit_export"),
]
