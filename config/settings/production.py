"""Production: every secret comes from the environment, and a missing one stops the start."""

from environs import validate

from config.settings.base import *  # noqa: F403 - settings modules extend each other by design
from config.settings.base import DATABASE_COMMON, STORAGES, TRUSTED_PROXIES, env

MINIMUM_KEY_LENGTH = 32

SECRET_KEY = env.str("SECRET_KEY")
JWT_SIGNING_KEY = env.str("JWT_SIGNING_KEY", validate=validate.Length(min=MINIMUM_KEY_LENGTH))
JWT_PREVIOUS_SIGNING_KEYS: list[str] = env.list("JWT_PREVIOUS_SIGNING_KEYS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
# No default: with the test gateway anyone could pay with `tok_success`.
PAYMENT_GATEWAYS = env.list("PAYMENT_GATEWAYS")
if "payments.gateways.stripe.StripeGateway" in PAYMENT_GATEWAYS:
    STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", validate=validate.Length(min=1))
    STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", validate=validate.Length(min=1))
DATABASES = {"default": {**env.dj_db_url("DATABASE_URL"), **DATABASE_COMMON}}

STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
}

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
# Health checks come from inside, unencrypted and by address.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
# Anyone can send this header; a proxy of ours replaces what the caller sent.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
# Browsers keep to HTTPS for so long, whatever happens to the certificate: raise it in steps.
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=False)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
