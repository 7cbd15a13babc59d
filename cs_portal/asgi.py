"""The portal's ASGI application: live streams in front of Django."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cs_portal.settings.dev")
django_application = get_asgi_application()

from django.conf import settings  # noqa: E402

from cs_portal.console.stream import console_audience  # noqa: E402 - models need the apps loaded
from cs_portal.conversations.search import warm_up  # noqa: E402
from cs_portal.core.bodylimit import BodyLimit  # noqa: E402
from cs_portal.core.stream.gateway import StreamGateway  # noqa: E402
from cs_portal.storefront.stream import chat_audience  # noqa: E402

application = StreamGateway(
    BodyLimit(django_application),
    {"/stream/console/": console_audience, "/stream/chat/": chat_audience},
    warm_up=warm_up if settings.WARM_UP else None,
)
