"""The test suite: the same shop with a fast disk, cheap passwords and mail kept in memory."""

import os
import tempfile
from pathlib import Path

from config import embedded_postgres
from config.settings.base import *  # noqa: F403 - settings modules extend each other by design
from config.settings.base import (
    BASE_DIR,
    DATABASE_COMMON,
    DATABASE_URL,
    INSTALLED_APPS,
    REDIS_URL,
    env,
)
from config.settings.cache import caches

SECRET_KEY = "only-for-tests-" + "x" * 50
JWT_SIGNING_KEY = "only-for-tests-" + "j" * 50
JWT_PREVIOUS_SIGNING_KEYS = ["only-for-tests-" + "p" * 50]
IS_DEMO = True
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]

DATABASES = {
    "default": {
        **(
            env.dj_db_url("DATABASE_URL")
            if DATABASE_URL
            else embedded_postgres.ensure(BASE_DIR / ".data" / "test-postgres", durable=False)
        ),
        **DATABASE_COMMON,
        "ENGINE": "config.tests.database",
        "CONN_MAX_AGE": 0,
        # Two runs at once, in one checkout, must not drop each other's database.
        "TEST": {"NAME": f"test_tradepost_{os.getpid()}"},
    }
}

MEDIA_ROOT = Path(tempfile.gettempdir()) / "tradepost-test-media"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
LOGGING = {"level": "WARNING", "format": "json"}
ACTIVITY_FLUSH_SECONDS = 0  # tests flush when they look
WHITENOISE_AUTOREFRESH = True  # nobody has collected static files

# `manage.py lintmigrations` is a check, and judges our migrations only.
INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
MIGRATION_LINTER_OPTIONS = {
    "no_cache": True,
    "sql_analyser": "postgresql",
    "ignore_name": [
        "0005_phone_extensions",  # widens two columns of text, which rewrites and breaks nothing
        "0027_skus_in_any_form",  # what it forbids is what 0023 has mended
    ],
    "exclude_apps": [
        "admin",
        "auth",
        "contenttypes",
        "otp_static",
        "otp_totp",
        "procrastinate",
        "sessions",
    ],
}

if REDIS_URL:
    # Tests empty the cache; each parallel worker empties a Redis database of its own.
    _worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    REDIS_URL = f"{REDIS_URL.rpartition('/')[0]}/{15 - _worker}"
    CACHES = caches(REDIS_URL)
