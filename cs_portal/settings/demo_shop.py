"""The demo shop, a site of its own origin that embeds the chat as a merchant's shop would."""

from csp.constants import NONE, SELF

from cs_portal.settings.base import *  # noqa: F403
from cs_portal.settings.base import BASE_DIR, PORTAL_URL

#: What a shop needs and no more: no console, no bot.
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "cs_portal.core",
    "cs_portal.merchants",
    "cs_portal.commerce",
    "cs_portal.demo",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]
ROOT_URLCONF = "cs_portal.demo.shop_urls"
SESSION_COOKIE_NAME = "demo_shop_session"
CSRF_COOKIE_NAME = "demo_shop_csrf"
LANGUAGE_COOKIE_NAME = "demo_shop_language"
CSRF_FAILURE_VIEW = "cs_portal.demo.shop_views.csrf_refused"
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cs_portal.core.csp.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
#: As strict as a careful merchant's: the chat needs the portal as source of one script and one frame, nothing else.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, PORTAL_URL],
        "frame-src": [PORTAL_URL],
        "style-src": [SELF],
        "img-src": [SELF],
        # Its own basket, which "Add to cart" in the chat fills.
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
