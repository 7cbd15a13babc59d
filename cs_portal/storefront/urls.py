"""The chat page and its interface, under ``/chat/``."""

from __future__ import annotations

from django.urls import path

from cs_portal.storefront.views.messages import messages
from cs_portal.storefront.views.page import chat
from cs_portal.storefront.views.presence import email, leave, seen, typing
from cs_portal.storefront.views.sessions import sessions

app_name = "storefront"
urlpatterns = [
    path("<uuid:storefront>/", chat, name="chat"),
    path("api/sessions", sessions, name="sessions"),
    path("api/messages", messages, name="messages"),
    path("api/typing", typing, name="typing"),
    path("api/seen", seen, name="seen"),
    path("api/leave", leave, name="leave"),
    path("api/email", email, name="email"),
]
