"""The regression set: its cases, and its runs."""

from __future__ import annotations

from django.urls import URLPattern, path

from cs_portal.console.views.knowledge import regression as cases
from cs_portal.console.views.knowledge import regression_adding as adding
from cs_portal.console.views.knowledge import regression_runs as runs

regression: list[URLPattern] = [
    path("", cases.regression, name="regression"),
    path("new/", cases.new_case, name="regression_new"),
    path("add/", cases.add, name="regression_add"),
    path("remove/", cases.remove, name="regression_remove"),
    path("restore/", cases.restore, name="regression_restore"),
    path("export/", cases.export, name="regression_export"),
    path("file/", adding.from_file, name="regression_file"),
    path("file/confirm/", adding.confirm_file, name="regression_file_confirm"),
    path("reviews/", adding.from_reviews, name="regression_reviews"),
    path("run/", runs.start, name="regression_start"),
    path("runs/", runs.runs, name="regression_runs"),
    path("runs/<uuid:asking_id>/", runs.run, name="regression_run"),
    path("runs/<uuid:asking_id>/publish/", runs.publish, name="regression_publish"),
    path("<uuid:case_id>/", cases.case, name="regression_case"),
    path("<uuid:case_id>/undo/", cases.unadd, name="regression_unadd"),
]
