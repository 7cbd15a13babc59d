"""The review queue and what one does with a draft."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from cs_portal.console.views import autopilot_checks, decisions, drafts, review

_draft: list[URLPattern] = [
    path("", review.draft, name="draft"),
    path("candidates/", review.draft_candidates, name="draft_candidates"),
    path("writing/", review.draft_writing, name="draft_writing"),
    path("head/", review.draft_head, name="draft_head"),
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
    path("difference/", drafts.difference_to_edit, name="draft_difference"),
    path("reword/", drafts.reword, name="draft_reword"),
    path("rate/", drafts.rate, name="draft_rate"),
    path("note/", drafts.note, name="draft_note"),
    path("snooze/", drafts.snooze_draft, name="draft_snooze"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", review.review, name="review"),
    path("queue/", review.review_queue, name="review_queue"),
    path("renew/", drafts.renew_outdated_drafts, name="review_renew"),
    path("count/", review.review_count, name="review_count"),
    path("autopilot/", autopilot_checks.autopilot_checks, name="autopilot_checks"),
    path("autopilot/<uuid:send_id>/", autopilot_checks.autopilot_judge, name="autopilot_judge"),
    path("autopilot/<uuid:send_id>/undo/", autopilot_checks.autopilot_unjudge, name="autopilot_unjudge"),
    path("<uuid:draft_id>/", include(_draft)),
]
