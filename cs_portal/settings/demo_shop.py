"""The demo shop, a site of its own origin that embeds the chat as a merchant's shop would."""

from cs_portal.settings.base import *  # noqa: F403

ROOT_URLCONF = "cs_portal.demo.shop_urls"
SESSION_COOKIE_NAME = "demo_shop_session"
CSRF_COOKIE_NAME = "demo_shop_csrf"
LANGUAGE_COOKIE_NAME = "demo_shop_language"
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
