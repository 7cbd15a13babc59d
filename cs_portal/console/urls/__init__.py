"""Every URL of the console. Those with a merchant are for its members only (see ``middleware``)."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from cs_portal.console.urls import (
    analytics,
    commerce,
    data,
    desk,
    inbox,
    knowledge,
    policies,
    recommendations,
    review,
    settings,
)
from cs_portal.console.views import dashboard, home
from cs_portal.console.views import search as search_views

app_name = "console"

_merchant: list[URLPattern | URLResolver] = [
    path("", dashboard.dashboard, name="dashboard"),
    path("jobs/<int:job_id>/retry/", dashboard.retry, name="job_retry"),
    path("search/", search_views.search, name="search"),
    path("review/", include(review.urlpatterns)),
    path("inbox/", include(inbox.urlpatterns)),
    path("knowledge/", include(knowledge.urlpatterns)),
    path("policies/", include(policies.urlpatterns)),
    path("recommendations/", include(recommendations.urlpatterns)),
    path("commerce/", include(commerce.urlpatterns)),
    path("analytics/", include(analytics.urlpatterns)),
    path("settings/", include(settings.urlpatterns)),
    path("settings/", include(data.urlpatterns)),
    path("settings/", include(desk.urlpatterns)),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("<slug:merchant>/", include(_merchant)),
]
