"""Production behind a TLS proxy: PostgreSQL and Redis, secure cookies, hashed static files."""

from django.core.exceptions import ImproperlyConfigured

from cs_portal.settings import env
from cs_portal.settings.base import *  # noqa: F403
from cs_portal.settings.base import PORTAL_URL

for _required in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "PORTAL_URL"):
    if not env.text(_required):
        raise ImproperlyConfigured(f"{_required} must be set in production.")
if not PORTAL_URL.startswith("https://"):
    raise ImproperlyConfigured("PORTAL_URL must start with https:// in production.")

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("TRUST_PROXY") else None
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.flag("TRUST_PROXY") else 0
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "cs_portal.core.static.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = False
