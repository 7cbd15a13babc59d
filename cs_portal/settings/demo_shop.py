"""The demo shop, a site of its own origin that embeds the chat as a merchant's shop would."""

from cs_portal.settings.base import *  # noqa: F403
from cs_portal.settings.base import BASE_DIR

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
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
