"""Every URL of the console. Those with a merchant are for its members only (see ``middleware``)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from cs_portal.console.views import decisions, drafts, home, review, storefronts

app_name = "console"

_draft: list[URLPattern] = [
    path("", review.draft, name="draft"),
    path("candidates/", review.draft_candidates, name="draft_candidates"),
    path("thread/", review.draft_thread, name="draft_thread"),
    path("status/", review.draft_status, name="draft_status"),
    path("approve/", decisions.approve, name="draft_approve"),
    path("reject/", decisions.reject, name="draft_reject"),
    path("undo/", decisions.undo, name="draft_undo"),
    path("override/", decisions.override, name="draft_override"),
    path("regenerate/", drafts.regenerate, name="draft_regenerate"),
    path("select/", drafts.select, name="draft_select"),
    path("claim/", drafts.claim, name="draft_claim"),
    path("release/", drafts.release, name="draft_release"),
    path("typing/", drafts.typing, name="draft_typing"),
]

_merchant: list[URLPattern | URLResolver] = [
    path("review/", review.review, name="review"),
    path("review/queue/", review.review_queue, name="review_queue"),
    path("review/count/", review.review_count, name="review_count"),
    path("review/<uuid:draft_id>/", include(_draft)),
    path("settings/storefronts/", storefronts.storefront_list, name="storefronts"),
    path("settings/storefronts/<uuid:storefront_id>/", storefronts.storefront, name="storefront"),
    path("settings/storefronts/<uuid:storefront_id>/secret/", storefronts.show_secret, name="storefront_secret"),
    path(
        "settings/storefronts/<uuid:storefront_id>/rotate-secret/",
        storefronts.rotate_secret,
        name="storefront_rotate_secret",
    ),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("<slug:merchant>/", include(_merchant)),
]
