"""Orders for tests, placed through the services as a customer would."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from accounts.models import User
from cart.selectors import Owner
from cart.services import RequestedItem
from cart.tests.factories import Item, sellable
from cart.tokens import new_token
from orders import services
from orders.models import Order
from orders.services import Parcel, PlaceOrder
from shipping.models import ShippingMethod, ShippingZone, ZoneCountry

ADDRESS: Final[dict[str, str]] = {
    "full_name": "Ada Lovelace",
    "line1": "Unter den Linden 1",
    "city": "Berlin",
    "postal_code": "10117",
    "country": "DE",
}


def shipping_method(price: str = "4.90", country: str = "DE") -> ShippingMethod:
    """Return a flat-priced method that reaches ``country``, made at the first call."""
    found = ShippingMethod.objects.filter(zone__zone_countries__country=country).first()
    if found:
        return found
    zone = ShippingZone.objects.create(name=f"Zone of {country}")
    ZoneCountry.objects.create(zone=zone, country=country)
    return ShippingMethod.objects.create(
        zone=zone, name="Standard", price=Decimal(price), minimum_days=1, maximum_days=3
    )


def place(customer: User, items: list[Item] | None = None, **command: Any) -> Order:
    """Place a customer's order for ``items``, two units of something new when none are given."""
    return _place(Owner(customer), items or [(sellable(), 2)], command)


def place_as_guest(
    items: list[Item] | None = None,
    *,
    token: str = "",
    email: str = "guest@example.com",
    **command: Any,
) -> Order:
    """Place an order as a guest who holds a cart's token."""
    owner = Owner(token=token or new_token())
    return _place(owner, items or [(sellable(), 2)], {"email": email, **command})


def _place(owner: Owner, items: list[Item], command: dict[str, Any]) -> Order:
    requested = [RequestedItem(quantity, variant_id=variant.pk) for variant, quantity in items]
    details = {
        "shipping_address": ADDRESS,
        "shipping_method_id": shipping_method().pk,
        "items": requested,
        **command,
    }
    return services.place_order(command=PlaceOrder(owner=owner, **details))


def pay(order: Order) -> Order:
    """Mark an order as paid, as payments does once the money is captured."""
    return services.mark_paid(order_id=order.pk, at=timezone.now())


def ship(order: Order, by: User | None = None, **parcel: Any) -> Order:
    """Send a paid order, all that is left unless ``units`` are given."""
    details = {"carrier": "DHL", "tracking_number": "JD014600003828", **parcel}
    return services.ship_order(order_id=order.pk, by=by, parcel=Parcel(**details))
