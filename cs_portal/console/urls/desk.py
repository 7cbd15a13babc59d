"""Settings of the desk: canned replies, macros and tags."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from cs_portal.console.views.desk import canned, macros, tags

urlpatterns: list[URLPattern | URLResolver] = [
    path("canned-replies/", canned.canned_replies, name="canned_replies"),
    path("canned-replies/new/", canned.new_canned_reply, name="canned_reply_new"),
    path("canned-replies/preview/", canned.preview, name="canned_reply_preview"),
    path("canned-replies/<uuid:canned_id>/", canned.canned_reply, name="canned_reply"),
    path("canned-replies/<uuid:canned_id>/delete/", canned.delete, name="canned_reply_delete"),
    path("canned-replies/<uuid:canned_id>/restore/", canned.restore, name="canned_reply_restore"),
    path("macros/", macros.macro_list, name="macros"),
    path("macros/new/", macros.new_macro, name="macro_new"),
    path("macros/<uuid:macro_id>/", macros.macro, name="macro"),
    path("macros/<uuid:macro_id>/delete/", macros.delete, name="macro_delete"),
    path("macros/<uuid:macro_id>/restore/", macros.restore, name="macro_restore"),
    path("tags/", tags.tag_list, name="tags"),
    path("tags/<uuid:tag_id>/", tags.tag, name="tag"),
    path("tags/<uuid:tag_id>/delete/", tags.delete, name="tag_delete"),
]
