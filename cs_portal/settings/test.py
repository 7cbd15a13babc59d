"""Tests: fast hashing, mail in memory, a shipped fake for the language model, files in a folder of their own."""

import atexit
import shutil
import tempfile
from pathlib import Path

from cs_portal.settings import env
from cs_portal.settings.base import *  # noqa: F403
from cs_portal.settings.base import DATABASES, MODELS_DIR

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SECRET_KEY = "test-only"  # noqa: S105
VAR_DIR = Path(env.text("TEST_VAR") or tempfile.mkdtemp(prefix="cs-portal-test-"))
if not env.text("TEST_VAR"):
    atexit.register(shutil.rmtree, VAR_DIR, ignore_errors=True)
INSTALLED_MODELS_DIR = MODELS_DIR
MODELS_DIR = VAR_DIR / "models"
EMBEDDER = "hashing"
LANGUAGE_MODEL = "none"
LANGUAGE_MODEL_ADAPTER = ""
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
if "sqlite3" in str(DATABASES["default"]["ENGINE"]):
    # A file, so that threads and child processes of a test see the same database.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
