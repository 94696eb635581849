"""What customers are told when something happens to their orders."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from procrastinate.contrib.django import app as jobs

from accounts import selectors as account_selectors
from accounts.events import UserErased
from core.events import Event, handles
from core.tasks import PATIENT
from inventory import selectors as inventory_selectors
from inventory.events import StockLow
from notifications import letters, services
from notifications.letters import Letter
from orders import selectors as order_selectors
from orders.events import (
    OrderCancelled,
    OrderDelivered,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
    ReturnApproved,
    ReturnReceived,
    ReturnRejected,
)
from orders.models import Order, Return

CHANGE_STOCK = "inventory.change_stockitem"


@handles(OrderPlaced)
def confirm_order(event: OrderPlaced) -> None:
    """Confirm an order to who placed it."""
    order = order_selectors.order_page(event.order_id)
    _write(event, order, letters.order_placed(order))


@handles(OrderPaid)
def confirm_payment(event: OrderPaid) -> None:
    """Say that the money has arrived."""
    order = order_selectors.order_page(event.order_id)
    _write(event, order, letters.order_paid(order))


@handles(OrderShipped)
def announce_parcel(event: OrderShipped) -> None:
    """Say what is on its way; each parcel is told of once."""
    order = order_selectors.order_page(event.order_id)
    shipments = order.loaded_shipments
    shipment = next(parcel for parcel in shipments if parcel.pk == event.shipment_id)
    _write(event, order, letters.order_shipped(order, shipment), about=event.shipment_id)


@handles(OrderDelivered)
def tell_of_arrival(event: OrderDelivered) -> None:
    """Say that everything has arrived."""
    order = order_selectors.order_page(event.order_id)
    _write(event, order, letters.order_delivered(order))


@handles(OrderCancelled)
def tell_of_cancellation(event: OrderCancelled) -> None:
    """Say that the order is called off."""
    order = order_selectors.order_page(event.order_id)
    _write(event, order, letters.order_cancelled(order))


@handles(OrderRefunded)
def tell_of_refund(event: OrderRefunded) -> None:
    """Say that the money goes back."""
    order = order_selectors.order_page(event.order_id)
    _write(event, order, letters.order_refunded(order))


@handles(ReturnApproved)
def tell_of_approved_return(event: ReturnApproved) -> None:
    """Say that goods may be sent back."""
    _write_about_return(event, letters.return_approved)


@handles(ReturnRejected)
def tell_of_rejected_return(event: ReturnRejected) -> None:
    """Say that goods may not be sent back."""
    _write_about_return(event, letters.return_rejected)


@handles(ReturnReceived)
def tell_of_return(event: ReturnReceived) -> None:
    """Say that what was sent back has arrived, and how much money goes back."""
    _write_about_return(event, letters.return_received)


@handles(StockLow)
def tell_who_keeps_stock(event: StockLow) -> None:
    """Tell those who may change stock what has run low and still is."""
    levels = inventory_selectors.levels_of(event.stock_item_ids)
    items = [level for level in levels if level.is_low]
    if not items:
        return
    letter = letters.stock_low(items[0].location, items)
    occasion = f"{event.name}:{event.at.isoformat()}:{event.location_id}"
    for keeper in account_selectors.staff_who_may(CHANGE_STOCK):
        services.write_email(occasion=occasion, recipient=keeper.email, letter=letter)


@handles(UserErased)
def forget_letters(event: UserErased) -> None:
    """Delete what was written to someone who left."""
    services.forget_letters(customer_id=event.user_id)


def _write_about_return(
    event: ReturnApproved | ReturnRejected | ReturnReceived,
    compose: Callable[[Order, Return], Letter],
) -> None:
    order = order_selectors.order_page(event.order_id)
    returned = order_selectors.return_of(order, str(event.return_id))
    _write(event, order, compose(order, returned), about=event.return_id)


def _write(event: Event, order: Order, letter: Letter, about: UUID | None = None) -> None:
    """Write the letter to who placed the order, if they left an address."""
    if order.email:
        occasion = f"{event.name}:{about or order.pk}"
        services.write_email(occasion=occasion, recipient=order.email, letter=letter)


@jobs.task(name="notifications.tasks.send_email", queue="emails", retry=PATIENT)
def send_email(email_id: str) -> None:
    """Hand a message to the mail server, trying again for about a day."""
    services.send_email(email_id=UUID(email_id))
