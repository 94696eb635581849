"""Settings: every variable is documented, and production does not start without its secrets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config import gunicorn, local_secrets

ROOT = Path(__file__).resolve().parents[2]
SECRETS = {
    "SECRET_KEY": "s" * 60,
    "JWT_SIGNING_KEY": "j" * 60,
    "ALLOWED_HOSTS": "shop.example.com",
    "DATABASE_URL": "postgresql://shop@127.0.0.1/shop",
    "PAYMENT_GATEWAYS": "payments.gateways.test.TestGateway",
}


def _variables_read() -> set[str]:
    sources = [path.read_text("utf-8") for path in (ROOT / "config" / "settings").glob("*.py")]
    return {
        name for source in sources for name in re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', source)
    }


def test_env_example_names_every_variable_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")

    assert set(re.findall(r"^#? ?([A-Z0-9_]+)=", example, re.MULTILINE)) == (
        _variables_read() | {"POSTGRES_PASSWORD", "SHOP_DOMAIN"}  # of docker-compose.yml
    )


def _start_production(
    variables: dict[str, str], then: str = ""
) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", f"import config.settings.production as settings\n{then}"],
        cwd=ROOT,
        env=inherited | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_its_secrets() -> None:
    assert _start_production(SECRETS).returncode == 0


def test_other_sites_are_let_in_where_they_are_named() -> None:
    then = "assert settings.CORS_MIDDLEWARE in settings.MIDDLEWARE"
    named = {"CORS_ALLOWED_ORIGINS": "https://www.example.com"}

    assert _start_production(SECRETS | named, then).returncode == 0
    assert _start_production(SECRETS, then).returncode != 0


@pytest.mark.parametrize("name", SECRETS)
def test_production_does_not_start_without(name: str) -> None:
    result = _start_production({key: value for key, value in SECRETS.items() if key != name})

    assert result.returncode != 0
    assert name in result.stderr


STRIPE = SECRETS | {
    "PAYMENT_GATEWAYS": "payments.gateways.stripe.StripeGateway",
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "STRIPE_API_BASE": "http://127.0.0.1:12111",
}


def test_production_starts_with_stripe_and_asks_the_address_it_is_told() -> None:
    result = _start_production(STRIPE, "print(settings.STRIPE_API_BASE)")

    assert (result.returncode, result.stdout.strip()) == (0, "http://127.0.0.1:12111")


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("name", ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"])
def test_production_does_not_start_with_stripe_and_without(name: str, value: str | None) -> None:
    others = {key: text for key, text in STRIPE.items() if key != name}
    result = _start_production(others if value is None else others | {name: value})

    assert result.returncode != 0
    assert name in result.stderr


def test_production_does_not_start_with_a_short_signing_key() -> None:
    assert _start_production(SECRETS | {"JWT_SIGNING_KEY": "short"}).returncode != 0


def test_a_local_secret_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "shop" / "secret_key"

    first, second = local_secrets.read_or_make(path), local_secrets.read_or_make(path)

    assert first == second
    assert len(first) >= 50
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret_key"]


@pytest.mark.parametrize(("proxies", "is_believed"), [("0", False), ("1", True)])
def test_a_forwarded_scheme_is_believed_as_trusted_proxies_says(
    proxies: str, *, is_believed: bool
) -> None:
    then = f"assert bool(settings.SECURE_PROXY_SSL_HEADER) is {is_believed}"

    result = _start_production(SECRETS | {"TRUSTED_PROXIES": proxies}, then)

    assert result.returncode == 0, result.stderr


def test_the_server_leaves_forwarded_schemes_to_django() -> None:
    assert gunicorn.secure_scheme_headers == {}


def test_how_strictly_browsers_keep_to_https_is_a_setting() -> None:
    chosen = {
        "SECURE_HSTS_SECONDS": "31536000",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": "yes",
        "SECURE_HSTS_PRELOAD": "yes",
    }
    names = ", ".join(f"settings.{name}" for name in chosen)

    assert _start_production(SECRETS, f"print({names})").stdout == "3600 False False\n"
    assert _start_production(SECRETS | chosen, f"print({names})").stdout == "31536000 True True\n"


def test_the_shops_time_zone_is_a_setting() -> None:
    told = _start_production(
        SECRETS | {"SHOP_TIME_ZONE": "Europe/Berlin"},
        'print(settings.TIME_ZONE, settings.UNFOLD["SITE_SUBHEADER"])',
    )

    assert told.stdout == "Europe/Berlin Days and times: Europe/Berlin\n"


@pytest.mark.parametrize("zone", ["Berlin", "../etc/passwd", "", "CET+1"])
def test_production_does_not_start_with_what_is_no_time_zone(zone: str) -> None:
    result = _start_production(SECRETS | {"SHOP_TIME_ZONE": zone})

    assert result.returncode != 0
    assert "SHOP_TIME_ZONE" in result.stderr
