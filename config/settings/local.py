"""A developer's machine and the demo: nothing has to be set, everything lives in DATA_DIR."""

from config import embedded_postgres, local_secrets
from config.settings.base import *  # noqa: F403 - settings modules extend each other by design
from config.settings.base import (
    DATA_DIR,
    DATABASE_COMMON,
    DATABASE_URL,
    env,
)

DEBUG = env.bool("DEBUG", default=True)
IS_DEMO = True
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])

SECRET_KEY = env.str("SECRET_KEY", default="") or local_secrets.read_or_make(
    DATA_DIR / "secret_key"
)
JWT_SIGNING_KEY = env.str("JWT_SIGNING_KEY", default="") or local_secrets.read_or_make(
    DATA_DIR / "jwt_signing_key"
)
JWT_PREVIOUS_SIGNING_KEYS: list[str] = env.list("JWT_PREVIOUS_SIGNING_KEYS", default=[])

DATABASES = {
    "default": {
        **(
            env.dj_db_url("DATABASE_URL")
            if DATABASE_URL
            else embedded_postgres.ensure(DATA_DIR / "postgres")
        ),
        **DATABASE_COMMON,
    }
}
