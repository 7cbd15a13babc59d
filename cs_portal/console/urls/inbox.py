"""Conversations: the list, one of them, and what one does with it."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from cs_portal.console.views.inbox import acts, conversation, lists, photos, saved, translation, writing

_conversation: list[URLPattern] = [
    path("", conversation.conversation, name="conversation"),
    path("thread/", conversation.thread, name="conversation_thread"),
    path("status/", conversation.status, name="conversation_status"),
    path("transcript/", conversation.transcript, name="conversation_transcript"),
    path("claim/", conversation.claim, name="conversation_claim"),
    path("release/", conversation.release, name="conversation_release"),
    path("typing/", conversation.typing, name="conversation_typing"),
    path("reply/", writing.reply, name="conversation_reply"),
    path("reply/<uuid:reply_id>/undo/", writing.undo_reply, name="conversation_undo_reply"),
    path("note/", writing.note, name="conversation_note"),
    path("canned/", writing.canned, name="conversation_canned"),
    path("macro/", writing.macro, name="conversation_macro"),
    path("macro/<uuid:batch>/undo/", writing.undo_macro, name="conversation_undo_macro"),
    path("assign/", acts.assign, name="conversation_assign"),
    path("snooze/", acts.snooze, name="conversation_snooze"),
    path("wake/", acts.wake, name="conversation_wake"),
    path("resolve/", acts.resolve, name="conversation_resolve"),
    path("reopen/", acts.reopen, name="conversation_reopen"),
    path("take-over/", acts.take_over, name="conversation_take_over"),
    path("give-back/", acts.give_back, name="conversation_give_back"),
    path("messages/<uuid:message_id>/translation/", translation.translation, name="message_translation"),
    path("tag/", acts.tag, name="conversation_tag"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", lists.inbox, name="inbox"),
    path("list/", lists.inbox_list, name="inbox_list"),
    path("bulk/", lists.bulk, name="inbox_bulk"),
    path("views/save/", saved.save, name="inbox_save_view"),
    path("views/<uuid:view_id>/", saved.edit, name="inbox_view"),
    path("views/<uuid:view_id>/delete/", saved.delete, name="inbox_delete_view"),
    path("photos/<uuid:photo_id>/", photos.photo, name="photo"),
    path("undo/<uuid:batch>/", lists.take_back, name="inbox_undo"),
    path("<uuid:conversation_id>/", include(_conversation)),
]
