"""The chat page and its interface, under ``/chat/``."""

from __future__ import annotations

from django.urls import path

from cs_portal.storefront.views.conversation import erasure, person, rating, resolve, transcript, transcript_mail
from cs_portal.storefront.views.messages import messages
from cs_portal.storefront.views.page import chat
from cs_portal.storefront.views.photos import photo, photos
from cs_portal.storefront.views.presence import email, leave, seen, typing
from cs_portal.storefront.views.requests import order, orders, preview, product, requests
from cs_portal.storefront.views.sessions import sessions

app_name = "storefront"
urlpatterns = [
    path("<uuid:storefront>/", chat, name="chat"),
    path("api/sessions", sessions, name="sessions"),
    path("api/messages", messages, name="messages"),
    path("api/orders", orders, name="orders"),
    path("api/order", order, name="order"),
    path("api/product", product, name="product"),
    path("api/requests/preview", preview, name="preview"),
    path("api/requests", requests, name="requests"),
    path("api/photos", photos, name="photos"),
    path("api/photo", photo, name="photo"),
    path("api/typing", typing, name="typing"),
    path("api/seen", seen, name="seen"),
    path("api/leave", leave, name="leave"),
    path("api/email", email, name="email"),
    path("api/person", person, name="person"),
    path("api/resolve", resolve, name="resolve"),
    path("api/rating", rating, name="rating"),
    path("api/transcript", transcript, name="transcript"),
    path("api/transcript/mail", transcript_mail, name="transcript_mail"),
    path("api/erasure", erasure, name="erasure"),
]
