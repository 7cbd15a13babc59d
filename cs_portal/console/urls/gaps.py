"""Knowledge gaps, proposals from edits, and suggested phrasings of an FAQ."""

from __future__ import annotations

from django.urls import URLPattern, path

from cs_portal.console.views.knowledge import gap, gaps, proposals, suggestions

gap_urls: list[URLPattern] = [
    path("", gaps.gap_list, name="gaps"),
    path("look/", gaps.mine, name="gaps_mine"),
    path("bulk/", gaps.bulk, name="gaps_bulk"),
    path("reopen/", gaps.reopen, name="gaps_reopen"),
    path("unmerge/", gaps.unmerge, name="gaps_unmerge"),
    path("runs/<uuid:looking_id>/", gap.run, name="gap_run"),
    path("<uuid:gap_id>/", gap.gap, name="gap"),
    path("<uuid:gap_id>/assign/", gap.assign, name="gap_assign"),
    path("<uuid:gap_id>/dismiss/", gap.dismiss, name="gap_dismiss"),
    path("<uuid:gap_id>/merge/", gap.merge, name="gap_merge"),
    path("<uuid:gap_id>/split/", gap.split, name="gap_split"),
    path("<uuid:gap_id>/unsplit/", gap.unsplit, name="gap_unsplit"),
    path("<uuid:gap_id>/draft/", gap.draft, name="gap_draft"),
    path("<uuid:gap_id>/replay/", gap.replay, name="gap_replay"),
]

proposal_urls: list[URLPattern] = [
    path("", proposals.proposal_list, name="proposals"),
    path("<uuid:proposal_id>/", proposals.proposal, name="proposal"),
    path("<uuid:proposal_id>/accept/", proposals.accept, name="proposal_accept"),
    path("<uuid:proposal_id>/dismiss/", proposals.dismiss, name="proposal_dismiss"),
    path("<uuid:proposal_id>/undo/", proposals.undo, name="proposal_undo"),
]

suggestion_urls: list[URLPattern] = [
    path("add/", suggestions.add, name="suggestions_add"),
    path("<uuid:suggestion_id>/dismiss/", suggestions.dismiss, name="suggestion_dismiss"),
    path("<uuid:suggestion_id>/restore/", suggestions.restore, name="suggestion_restore"),
]
