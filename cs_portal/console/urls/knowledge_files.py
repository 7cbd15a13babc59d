"""FAQs from files and into files."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from cs_portal.console.views.knowledge import exporting, importing

files: list[URLPattern | URLResolver] = [
    path("import/", importing.imports, name="knowledge_imports"),
    path("import/<uuid:faq_import_id>/", importing.import_run, name="knowledge_import"),
    path("import/<uuid:faq_import_id>/read-as/", importing.read_as, name="knowledge_import_read_as"),
    path("import/<uuid:faq_import_id>/columns/", importing.match_columns, name="knowledge_import_columns"),
    path("import/<uuid:faq_import_id>/confirm/", importing.confirm, name="knowledge_import_confirm"),
    path("import/<uuid:faq_import_id>/stop/", importing.stop, name="knowledge_import_stop"),
    path("import/<uuid:faq_import_id>/undo/", importing.undo, name="knowledge_import_undo"),
    path("import/<uuid:faq_import_id>/discard/", importing.discard, name="knowledge_import_discard"),
    path("import/<uuid:faq_import_id>/report.csv", importing.report, name="knowledge_import_report"),
    path("export/", exporting.export, name="knowledge_export"),
    path("export/templates/<slug:format_name>/", exporting.template, name="knowledge_template"),
]
