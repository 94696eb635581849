"""Who buys in the benchmark, and where it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from accounts.services.sessions import Client, start_session
from catalog.models import TaxClass
from pricing.models import TaxRate
from shipping.models import ShippingMethod, ShippingZone, ZoneCountry

COUNTRY = "DE"
ADDRESS = {
    "full_name": "Lena Hoffmann",
    "line1": "Kastanienallee 42",
    "city": "Berlin",
    "postal_code": "10435",
    "country": COUNTRY,
}


def email_of(number: int) -> str:
    return f"buyer{number}@example.com"


def register(count: int) -> None:
    """Make the customers; they sign in with tokens, so none has a password."""
    for number in range(count):
        User.objects.create_user(email_of(number))


def deliver_everywhere() -> None:
    """Let the shop deliver to the customers' country, by two methods, with its taxes."""
    zone = ShippingZone.objects.create(name="Germany")
    ZoneCountry.objects.create(zone=zone, country=COUNTRY)
    for name, price in (("Standard", Decimal("4.90")), ("Express", Decimal("14.90"))):
        ShippingMethod.objects.create(
            zone=zone, name=name, price=price, minimum_days=1, maximum_days=5
        )
    for tax_class, rate in ((TaxClass.STANDARD, "0.19"), (TaxClass.REDUCED, "0.07")):
        TaxRate.objects.create(
            country=COUNTRY, tax_class=tax_class, name="VAT", rate=Decimal(rate), is_inclusive=True
        )


def access_token(email: str) -> str:
    return sign_in([User.objects.get(email=email.lower())])[0]


def sign_in(users: Sequence[User]) -> list[str]:
    """Sign people in by the service, so that no sign-in is timed; return their tokens."""
    now = timezone.now()
    return [start_session(user=user, client=Client("benchmark"), now=now).access for user in users]


def buyers() -> list[User]:
    return list(User.objects.order_by("id"))
