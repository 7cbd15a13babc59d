"""What is recommended, and what never is."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from cs_portal.console.views.recommendations import curation, pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.recommendations, name="recommendations"),
    path("try/", pages.recommendations_try, name="recommendations_try"),
    path("refresh/", curation.pairs_refresh, name="pairs_refresh"),
    path("pins/add/", curation.pin_add, name="pin_add"),
    path("pins/<uuid:pin_id>/remove/", curation.pin_remove, name="pin_remove"),
    path("pins/<uuid:pin_id>/restore/", curation.pin_restore, name="pin_restore"),
    path("pins/<uuid:pin_id>/move/", curation.pin_move, name="pin_move"),
    path("exclusions/add/", curation.exclusion_add, name="exclusion_add"),
    path("exclusions/<uuid:exclusion_id>/remove/", curation.exclusion_remove, name="exclusion_remove"),
    path("exclusions/<uuid:exclusion_id>/restore/", curation.exclusion_restore, name="exclusion_restore"),
]
