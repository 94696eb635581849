"""What holds in every environment; the environment is read here and in its siblings only."""

from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from environs import Env

from config.admin_menu import MENU
from config.settings import cache
from config.settings.checks import is_bic, is_iban, is_time_zone
from config.settings.storage import media_origin, media_storage

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env.read_env(str(BASE_DIR / ".env"), recurse=False)

# Everything that a running shop writes lives in one folder.
DATA_DIR = Path(env.str("DATA_DIR", default="") or BASE_DIR / ".data").resolve()
MEDIA_ROOT = DATA_DIR / "media"
STATIC_ROOT = DATA_DIR / "static"
MEDIA_URL = "/media/"
# Whether this process serves uploads itself; a shop with a CDN or object storage says no.
SERVE_MEDIA = env.bool("SERVE_MEDIA", default=True)
STATIC_URL = "/static/"

DEBUG = False
# Only where the shop is tried out may sample data be made, with passwords that everyone knows.
IS_DEMO = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
# The address customers reach the shop at; links in e-mails start with it.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "config",
    "demo",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "corsheaders",
    "csp",
    "django_filters",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "mptt",
    "procrastinate.contrib.django",
    "rest_framework",
    "core",
    "accounts",
    "catalog",
    "inventory",
    "listings",
    "imports",
    "pricing",
    "shipping",
    "cart",
    "orders",
    "payments",
    "notifications",
]

MIDDLEWARE = [
    "core.middleware.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "core.middleware.PagesMiddleware",
    "core.api.outage.OutageMiddleware",
    "accounts.api.middleware.ActivityMiddleware",
]
# For the pages of other sites that may call the API, if there are any.
CORS_MIDDLEWARE = "corsheaders.middleware.CorsMiddleware"
# What everything but the API passes besides.
PAGE_MIDDLEWARE = [
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# These miss in MIDDLEWARE what is in PAGE_MIDDLEWARE, where a test looks for it.
SILENCED_SYSTEM_CHECKS = [
    "admin.E408",
    "admin.E409",
    "admin.E410",
    "security.W002",
    "security.W003",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
LOGIN_REDIRECT_URL = "admin:index"
APPEND_SLASH = False  # core.middleware accepts both forms without a redirect

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

# --- Database -------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", default="")
# Off behind PgBouncer in transaction mode, where prepared statements belong to someone else.
DATABASE_PREPARED_STATEMENTS = env.bool("DATABASE_PREPARED_STATEMENTS", default=True)
DATABASE_OPTIONS: dict[str, Any] = (
    {"server_side_binding": True, "prepare_threshold": 2}
    if DATABASE_PREPARED_STATEMENTS
    else {"prepare_threshold": None}
)
DATABASE_COMMON: dict[str, Any] = {
    "ENGINE": "core.postgresql",
    "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=600),
    "CONN_HEALTH_CHECKS": True,
    "DISABLE_SERVER_SIDE_CURSORS": not DATABASE_PREPARED_STATEMENTS,
    "OPTIONS": DATABASE_OPTIONS,
}
PROCRASTINATE_ON_APP_READY = "core.jobs.prepare"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache: see config.settings.cache -----------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", default="")
REDIS_OPTIONS = cache.REDIS_OPTIONS
CACHES = cache.caches(REDIS_URL)

# --- Files ----------------------------------------------------------------------------------
STORAGES: dict[str, dict[str, Any]] = {
    "default": media_storage(env),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Who is calling -------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ACCESS_TOKEN_LIFETIME = timedelta(minutes=15)
REFRESH_TOKEN_LIFETIME = timedelta(days=30)
JWT_ISSUER = "tradepost"
# Claims only: accounts.tokens signs, with JWT_SIGNING_KEY of the environment's settings.
SIMPLE_JWT: dict[str, Any] = {"USER_ID_CLAIM": "sub"}
AUTHENTICATION_BACKENDS = ["accounts.backends.RoleBackend"]
# Second factor: guessing is limited as for passwords, before the library looks at the code.
OTP_TOTP_ISSUER = "Tradepost"
OTP_TOTP_THROTTLE_FACTOR = OTP_STATIC_THROTTLE_FACTOR = 0
# Staff without a second factor may then do no more than a customer.
STAFF_MFA_REQUIRED = env.bool("STAFF_MFA_REQUIRED", default=False)
ACTIVITY_DAYS = env.int("ACTIVITY_DAYS", default=365)  # how long the activity log is kept
# Activities are written by a thread of their own this often; 0 leaves it to whoever flushes.
ACTIVITY_FLUSH_SECONDS = 0.2
PASSWORD_RESET_TIMEOUT = 3600  # seconds that the links in account e-mails are good for

# --- The shop -------------------------------------------------------------------------------
CURRENCY = env.str("CURRENCY", default="USD")
ORDER_PAYMENT_MINUTES = env.int("ORDER_PAYMENT_MINUTES", default=30)
# For how long the payment link of an order that staff entered is good.
DRAFT_ORDER_DAYS = env.int("DRAFT_ORDER_DAYS", default=7)
GUEST_CART_DAYS = env.int("GUEST_CART_DAYS", default=30)
# A cart that nobody touched for so many hours counts as abandoned.
ABANDONED_CART_HOURS = env.int("ABANDONED_CART_HOURS", default=4)
# What invoices and packing slips tell of the shop; tax numbers by the country they belong to.
SHOP_NAME = env.str("SHOP_NAME", default="Tradepost")
SHOP_ADDRESS = [line.strip() for line in env.str("SHOP_ADDRESS", default="").split("|")]
SHOP_COUNTRY = env.str("SHOP_COUNTRY", default="US").upper()
SHOP_TAX_NUMBERS = cast("dict[str, str]", env.json("SHOP_TAX_NUMBERS", default={}))
INVOICE_NOTE = env.str("INVOICE_NOTE", default="")
PAPER_FORMAT = env.str("PAPER_FORMAT", default="A4")
# TrueType fonts that come before the shop's own for letters that DejaVu Sans lacks.
DOCUMENT_FONTS: list[str] = env.list("DOCUMENT_FONTS", default=[])
PAYMENT_GATEWAYS = env.list("PAYMENT_GATEWAYS", default=["payments.gateways.test.TestGateway"])
PAYMENT_TIMEOUT_SECONDS = env.int("PAYMENT_TIMEOUT_SECONDS", default=10)
# "automatic" takes the money at once; "manual" authorizes it for staff to capture.
PAYMENT_CAPTURE = env.str("PAYMENT_CAPTURE", default="automatic")
# For which countries and currencies a provider is offered, such as {"cash_on_delivery": ["ID"]};
# one that is not named is offered everywhere.
PAYMENT_COUNTRIES = cast("dict[str, list[str]]", env.json("PAYMENT_COUNTRIES", default={}))
PAYMENT_CURRENCIES = cast("dict[str, list[str]]", env.json("PAYMENT_CURRENCIES", default={}))
# Where customers transfer money to; without an IBAN they are not told.
BANK_ACCOUNT_HOLDER = env.str("BANK_ACCOUNT_HOLDER", default=SHOP_NAME)
BANK_IBAN = env.str("BANK_IBAN", default="", validate=is_iban).replace(" ", "")
BANK_BIC = env.str("BANK_BIC", default="", validate=is_bic)
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="https://api.stripe.com")
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", default="")
# Every rate limit is multiplied by this; for load tests.
THROTTLE_SCALE = env.int("THROTTLE_SCALE", default=1)
# How many reverse proxies in front of us may be believed about the caller's address and scheme.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
IDEMPOTENCY_KEY_HOURS = 24

# --- E-mail ---------------------------------------------------------------------------------
_email = env.dj_email_url("EMAIL_URL", default="console://")
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_HOST = _email.get("EMAIL_HOST", "")
EMAIL_PORT = _email.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Tradepost <shop@example.com>")

# --- API ------------------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.AccessTokenAuthentication",
        "accounts.api.authentication.ApiKeyAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.access.Nobody"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.PageOrCursorPagination",
    "DEFAULT_FILTER_BACKENDS": [
        "core.api.filters.FilterBackend",
        "core.api.filters.OrderingBackend",
    ],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "core.api.problems.problem_response",
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": [
        "core.api.renderers.JSONRenderer",
        "rest_framework.renderers.MultiPartRenderer",
    ],
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Tradepost",
    "DESCRIPTION": (BASE_DIR / "docs" / "api_introduction.md").read_text("utf-8"),
    "VERSION": "1.0.0",
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "SERVERS": [{"url": "/", "description": "This shop."}],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # No badge of validator.swagger.io, which would be told where the shop is.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "REDOC_DIST": "SIDECAR",
    "OAS_VERSION": "3.1.1",
    "COMPONENT_SPLIT_REQUEST": True,
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "accessToken": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "The `access` of `auth/login/`; it lives 15 minutes.",
            },
            "apiKey": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "`Api-Key <prefix>.<secret>`, made in the admin, shown once there.",
            },
        }
    },
    "ENUM_NAME_OVERRIDES": {
        "ImportStatus": "imports.api.serializers.STATUSES",
        "LocationKind": "inventory.models.LocationKind",
        "OrderStatus": "orders.models.OrderStatus",
        "PaymentStatus": "payments.models.PaymentStatus",
        "ReturnStatus": "orders.models.ReturnStatus",
        "RateKind": "shipping.models.RateKind",
        "TransactionKind": "payments.models.TransactionKind",
        "TransactionStatus": "payments.models.TransactionStatus",
    },
    "TAGS": [
        {"name": name, "description": description}
        for name, description in (
            ("auth", "Register, sign in, stay signed in, sign out."),
            ("users", "The signed-in person's own account and addresses."),
            ("products", "Browse, search and maintain what is for sale."),
            ("imports", "What became of files of products, and which column means what."),
            ("categories", "The tree that products are filed under."),
            ("brands", "Who makes or publishes a product."),
            ("cart", "What a customer or guest intends to buy."),
            ("shipping", "Where the shop delivers to, how and for how much."),
            ("orders", "Place, follow, ship and cancel orders."),
            ("payments", "Pay for an order."),
            ("inventory", "Stock by location, and its ledger."),
        )
    ],
    "PREPROCESSING_HOOKS": ["core.api.schema.in_order_of_methods"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema_answers.add_components",
    ],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SORT_OPERATIONS": False,  # the order of the routes is a reader's, that of the alphabet is not
}

# --- Language and time ----------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
# The shop's: of its documents, its days and the admin. The API speaks UTC.
TIME_ZONE = env.str("SHOP_TIME_ZONE", default="UTC", validate=is_time_zone)
USE_I18N = False
USE_TZ = True

# --- Browsers -------------------------------------------------------------------------------
CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", default=[])
if CORS_ALLOWED_ORIGINS:
    MIDDLEWARE.insert(MIDDLEWARE.index("core.middleware.PagesMiddleware"), CORS_MIDDLEWARE)
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-cart-token",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = [
    "ETag",
    "Idempotent-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Cart-Token",
    "X-Request-ID",
]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "EXCLUDE_URL_PREFIXES": (),
    "DIRECTIVES": {
        "default-src": ["'self'"],
        # unfold's Alpine.js evaluates expressions; Swagger UI and the admin carry inline parts.
        "script-src": ["'self'", "'unsafe-inline'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", *media_origin(STORAGES["default"])],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}

# --- Logs: one JSON object a line, see core.logging ----------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING_CONFIG = "core.logging.configure"
LOGGING: dict[str, Any] = {"level": LOG_LEVEL, "format": env.str("LOG_FORMAT", default="json")}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Tradepost",
    "SITE_HEADER": "Tradepost",
    "SITE_SUBHEADER": f"Days and times: {TIME_ZONE}",
    "SITE_SYMBOL": "storefront",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {"show_search": True, "navigation": MENU},
    "LOGIN": {"form": "accounts.admin_login.SignInForm"},
}
