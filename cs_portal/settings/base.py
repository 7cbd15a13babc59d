"""Settings that hold everywhere. What the environment may change is read through ``env``."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from cs_portal.settings import env

# Before torch and numpy load: threads that have nothing to do shall leave the processor to other processes.
env.unless_set("OMP_WAIT_POLICY", "PASSIVE")

BASE_DIR = env.ROOT
VAR_DIR = env.var_dir()
SECRET_KEY = env.secret_key(VAR_DIR)
DEBUG = False
HOST = env.text("HOST", "127.0.0.1")
PORT = int(env.number("PORT", 8000))
SHOP_PORT = int(env.number("SHOP_PORT", PORT + 1))
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *env.words("ALLOWED_HOSTS")]
#: The portal's own origin as shoppers' browsers see it; the embed snippet and the links in e-mails use it.
PORTAL_URL = env.text("PORTAL_URL", f"http://127.0.0.1:{PORT}")
#: Behind a proxy of ours that sets X-Forwarded-For and -Proto; from anyone else these headers are a claim.
TRUST_PROXY = env.flag("TRUST_PROXY")
CSRF_TRUSTED_ORIGINS = [PORTAL_URL] if PORTAL_URL.startswith("https://") else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "template_partials",
    "csp",
    "cs_portal.core",
    "cs_portal.merchants",
    "cs_portal.commerce",
    "cs_portal.knowledge",
    "cs_portal.policies",
    "cs_portal.recommendations",
    "cs_portal.conversations",
    "cs_portal.drafting",
    "cs_portal.learning",
    "cs_portal.console",
    "cs_portal.storefront",
    "cs_portal.integrations",
    "cs_portal.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cs_portal.core.csp.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cs_portal.console.middleware.MerchantMiddleware",
]

ROOT_URLCONF = "cs_portal.urls"
ASGI_APPLICATION = "cs_portal.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cs_portal.console.context.console",
            ],
        },
    },
]

DATABASES = {"default": env.database(VAR_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.text("REDIS_URL")
CACHES = (
    {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
    if REDIS_URL
    else {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": VAR_DIR / "cache",
            "OPTIONS": {"MAX_ENTRIES": 2000},
        }
    }
)

# --- people ------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "merchants.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "console:home"
ACCOUNT_ADAPTER = "cs_portal.merchants.adapters.AccountAdapter"
ACCOUNT_FORMS = {"reset_password": "cs_portal.merchants.resets.ResetPasswordForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "CS Portal"
MFA_ADAPTER = "cs_portal.merchants.adapters.MfaAdapter"

# --- browsers ----------------------------------------------------------------------------------------------------

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "cs_portal_session"
CSRF_COOKIE_NAME = "cs_portal_csrf"
CSRF_FAILURE_VIEW = "cs_portal.console.views.refusals.csrf_refused"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- languages and time ------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "cs_portal.formats"
LANGUAGE_COOKIE_NAME = "cs_portal_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

# --- files -------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
#: Our own files only: what libraries bring along is not served.
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True

# --- mail --------------------------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "CS Portal <no-reply@localhost>")
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = int(env.number("EMAIL_PORT", 587))
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH = VAR_DIR / "mail"
#: Without a mail server letters are written to ``var/mail``, where an operator can read them.
EMAIL_BACKEND = f"{'django.core.mail.backends.smtp' if EMAIL_HOST else 'cs_portal.core.filebased'}.EmailBackend"

# --- jobs and live updates ---------------------------------------------------------------------------------------

#: Seconds for which a worker owns a job before another may take it; renewed at a third of that while it works.
JOB_LEASE_SECONDS = env.number("JOB_LEASE_SECONDS", 15)
JOB_SWEEP_SECONDS = env.number("JOB_SWEEP_SECONDS", 0.5)
EVENT_POLL_SECONDS = 0.25
EVENT_RETENTION_HOURS = 48
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost//"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {}
    if REDIS_URL
    else {
        "data_folder_in": str(VAR_DIR / "broker" / "queue"),
        "data_folder_out": str(VAR_DIR / "broker" / "queue"),
        "control_folder": str(VAR_DIR / "broker" / "control"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
)

# --- shop systems ------------------------------------------------------------------------------------------------

#: Hosts that a merchant's webhook may have although they are private, over plain HTTP, too: a shop in the own network.
OUTBOUND_PRIVATE_HOSTS = env.words("OUTBOUND_PRIVATE_HOSTS")

# --- the bot -----------------------------------------------------------------------------------------------------

MODELS_DIR = Path(env.text("MODELS_DIR") or VAR_DIR / "models")
#: What is learned once and kept: the trained intent classifier and the vectors of passages, named by content.
ENGINE_CACHE_DIR = Path(env.text("ENGINE_CACHE_DIR") or VAR_DIR / "engine")
#: A Hugging Face id or a folder; empty means the default that ``make models`` installs, ``none`` means no model.
LANGUAGE_MODEL = env.text("LANGUAGE_MODEL")
#: The folder of an adapter for that model, as `manage.py train` makes it; empty means none.
LANGUAGE_MODEL_ADAPTER = env.text("LANGUAGE_MODEL_ADAPTER")
EMBEDDER = env.text("EMBEDDER")
#: ``float32`` takes the weights as they are; ``bfloat16`` halves memory, and time where the processor multiplies it.
EMBEDDER_PRECISION = env.choice("EMBEDDER_PRECISION", "auto", ("auto", "bfloat16", "float32"))
#: Search indexes that a worker keeps in memory, of all merchants; the least recently asked go first.
INDEX_MEMORY_BYTES = int(env.number("INDEX_MEMORY_MB", 1024) * 1024 * 1024)
#: Texts that are embedded together: more are quicker in bulk and need more memory.
EMBEDDER_BATCH = int(env.number("EMBEDDER_BATCH", 32))
#: Servers of language models that may be private and speak plain HTTP, each a host or host:port.
LANGUAGE_MODEL_HOSTS = env.words("LANGUAGE_MODEL_HOSTS")
MODEL_CANDIDATES = int(env.number("MODEL_CANDIDATES", 2))
MODEL_DEADLINE_SECONDS = env.number("MODEL_DEADLINE_SECONDS", 30)
UNDO_SECONDS = env.number("UNDO_SECONDS", 10)
#: Before an autopilot rule may be switched on: decided replies in shadow, and different days on which they came.
AUTOPILOT_SHADOW_LEAST = int(env.number("AUTOPILOT_SHADOW_LEAST", 50))
AUTOPILOT_SHADOW_DAYS = int(env.number("AUTOPILOT_SHADOW_DAYS", 3))
#: The share of what autopilot sent that people are asked to check; the first of each rule are all checked.
AUTOPILOT_SAMPLE_SHARE = env.number("AUTOPILOT_SAMPLE_SHARE", 0.1)
CLAIM_SECONDS = 180
MESSAGE_MAX_CHARACTERS = 4000
#: Whether a web process loads the Chinese dictionary (60 MB) when it starts, or with the first search.
WARM_UP = env.flag("WARM_UP", True)
#: Per client address and minute; many shoppers may share one address behind a company's or carrier's NAT.
CHAT_SESSIONS_PER_MINUTE = int(env.number("CHAT_SESSIONS_PER_MINUTE", 60))
CHAT_MESSAGES_PER_MINUTE = int(env.number("CHAT_MESSAGES_PER_MINUTE", 240))
#: Per API token and minute; a batch is one call.
API_CALLS_PER_MINUTE = int(env.number("API_CALLS_PER_MINUTE", 600))
API_WRITES_PER_MINUTE = int(env.number("API_WRITES_PER_MINUTE", 300))
#: Per shop that sends webhooks, and minute.
WEBHOOKS_PER_MINUTE = int(env.number("WEBHOOKS_PER_MINUTE", 1200))
#: Per minute.
CHAT_MESSAGES_PER_SESSION = int(env.number("CHAT_MESSAGES_PER_SESSION", 20))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"mask_keys": {"()": "cs_portal.core.logmask.MaskKeys"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["mask_keys"]}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"level": "WARNING", "propagate": True},
        "httpx": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        "openai": {"level": "WARNING"},  # at DEBUG it would write prompts
        "jieba": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
    },
}
