"""FAQs, their history, and trying a question."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from cs_portal.console.urls.gaps import gap_urls, proposal_urls, suggestion_urls
from cs_portal.console.urls.knowledge_approvals import approval_urls
from cs_portal.console.urls.knowledge_files import files
from cs_portal.console.urls.quality import quality_urls
from cs_portal.console.urls.regression import regression
from cs_portal.console.views.knowledge import editor, history, lifecycle, listing, trying

_faq: list[URLPattern | URLResolver] = [
    path("", editor.faq, name="faq"),
    path("history/", history.faq_history, name="faq_history"),
    path("restore-revision/", history.restore, name="faq_restore_revision"),
    path("publish/", lifecycle.act, {"deed": "publish"}, name="faq_publish"),
    path("unpublish/", lifecycle.act, {"deed": "unpublish"}, name="faq_unpublish"),
    path("archive/", lifecycle.act, {"deed": "archive"}, name="faq_archive"),
    path("restore/", lifecycle.act, {"deed": "restore"}, name="faq_restore"),
    path("discard/", lifecycle.act, {"deed": "discard"}, name="faq_discard"),
    path("duplicate/", lifecycle.duplicate, name="faq_duplicate"),
    path("suggestions/", include(suggestion_urls)),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", listing.knowledge, name="knowledge"),
    path("new/", editor.new_faq, name="faq_new"),
    path("approvals/", include(approval_urls)),
    path("preview/", editor.preview, name="knowledge_preview"),
    path("bulk/", lifecycle.bulk, name="knowledge_bulk"),
    path("views/save/", listing.save, name="knowledge_save_view"),
    path("views/<uuid:saved_id>/", listing.edit, name="knowledge_view"),
    path("views/<uuid:saved_id>/delete/", listing.delete, name="knowledge_delete_view"),
    path("undo/<uuid:change_id>/", lifecycle.undo, name="knowledge_undo"),
    path("test/", trying.new_test, name="knowledge_test"),
    path("test/<uuid:test_id>/", trying.test_result, name="knowledge_test_result"),
    path("test/<uuid:test_id>/phrasing/", trying.add_phrasing, name="knowledge_test_phrasing"),
    path("gaps/", include(gap_urls)),
    path("proposals/", include(proposal_urls)),
    path("regression/", include(regression)),
    path("quality/", include(quality_urls)),
    path("", include(files)),
    path("<uuid:faq_id>/", include(_faq)),
]
