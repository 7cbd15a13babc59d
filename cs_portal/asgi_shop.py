"""The demo shop's ASGI application; a site of its own, on its own port."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

from cs_portal.core.bodylimit import BodyLimit
from cs_portal.core.stream.asgi import with_lifespan

# Not a default: the supervisor that starts the shop runs with the portal's settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "cs_portal.settings.demo_shop"

application = with_lifespan(BodyLimit(get_asgi_application()))
