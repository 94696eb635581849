"""The fakes of providers, for the tests that pay with them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

import pytest
from pytest_django.fixtures import Settings

from payments import gateways
from payments.tests import fake_acme
from payments.tests.fake_acme import FakeAcme
from payments.tests.fake_stripe import SECRET_KEY, WEBHOOK_SECRET, FakeStripe
from payments.tests.fake_stripe_server import served


@contextmanager
def running(server: ThreadingHTTPServer) -> Iterator[str]:
    """Serve in a thread; yields the address."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def stripe_server() -> Iterator[tuple[FakeStripe, str]]:
    fake = FakeStripe()
    with running(served(fake)) as address:
        yield fake, address


@pytest.fixture(scope="session")
def acme_server() -> Iterator[tuple[FakeAcme, str]]:
    fake = FakeAcme()
    with running(fake_acme.served(fake)) as address:
        yield fake, address


@pytest.fixture
def acme(acme_server: tuple[FakeAcme, str], settings: Settings) -> Iterator[FakeAcme]:
    """Let the shop accept the example of the how-to, and return the fake behind it."""
    fake, address = acme_server
    fake.forget()
    settings.ACME_API_BASE = address
    settings.ACME_SECRET_KEY = fake_acme.SECRET_KEY
    settings.ACME_WEBHOOK_SECRET = fake_acme.WEBHOOK_SECRET
    settings.PAYMENT_GATEWAYS = [
        *settings.PAYMENT_GATEWAYS,
        "docs.howto.example_gateway.AcmeGateway",
    ]
    gateways.forget()
    yield fake
    gateways.forget()


@pytest.fixture
def stripe(stripe_server: tuple[FakeStripe, str], settings: Settings) -> Iterator[FakeStripe]:
    """Let the shop accept Stripe beside the test gateway, and return the fake behind it."""
    fake, address = stripe_server
    fake.forget()
    settings.STRIPE_API_BASE = address
    settings.STRIPE_SECRET_KEY = SECRET_KEY
    settings.STRIPE_WEBHOOK_SECRET = WEBHOOK_SECRET
    settings.PAYMENT_GATEWAYS = [
        *settings.PAYMENT_GATEWAYS,
        "payments.gateways.stripe.StripeGateway",
    ]
    gateways.forget()
    yield fake
    gateways.forget()
