"""Findings on answers."""

from __future__ import annotations

from django.urls import URLPattern, path

from cs_portal.console.views.knowledge import quality

quality_urls: list[URLPattern] = [
    path("", quality.quality, name="knowledge_quality"),
    path("check/", quality.check_now, name="quality_check"),
    path("<uuid:finding_id>/mend/", quality.mend, name="finding_mend"),
    path("<uuid:finding_id>/ignore/", quality.ignore, name="finding_ignore"),
    path("<uuid:finding_id>/heed/", quality.heed, name="finding_heed"),
]
