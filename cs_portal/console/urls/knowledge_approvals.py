"""The second pair of eyes."""

from __future__ import annotations

from django.urls import URLPattern, path

from cs_portal.console.views.knowledge import approvals

approval_urls: list[URLPattern] = [
    path("", approvals.approvals, name="knowledge_approvals"),
    path("want/", approvals.want_approval, name="knowledge_want_approval"),
    path("<uuid:approval_id>/approve/", approvals.approve, name="knowledge_approve"),
    path("<uuid:approval_id>/decline/", approvals.decline, name="knowledge_decline"),
    path("<uuid:approval_id>/withdraw/", approvals.withdraw, name="knowledge_withdraw"),
    path("<uuid:approval_id>/reopen/", approvals.reopen, name="knowledge_reopen"),
]
