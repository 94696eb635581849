from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from procrastinate.contrib.django import app as jobs

from accounts import selectors as account_selectors
from accounts.events import (
    EmailChangeRequested,
    EmailVerificationRequested,
    PasswordChanged,
    PasswordResetRequested,
    UserErased,
    UserRegistered,
)
from accounts.models import User
from core.events import Event, handles
from core.models import new_id
from core.tasks import PATIENT
from inventory import selectors as inventory_selectors
from inventory.events import StockLow
from notifications import account_emails, emails, services
from notifications.emails import Email
from notifications.models import EmailKind
from orders import selectors as order_selectors
from orders.bank_transfers import transfer_for
from orders.events import (
    OrderCancelled,
    OrderDelivered,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
    PaymentLinkSent,
    ReturnApproved,
    ReturnReceived,
    ReturnRejected,
    TransferAwaited,
)
from orders.models import Order, OrderStatus, Return

CHANGE_STOCK = "inventory.change_stockitem"


@handles(UserRegistered)
def send_verification(event: UserRegistered) -> None:
    _write_verification(event, event.user_id)


@handles(EmailVerificationRequested)
def resend_verification(event: EmailVerificationRequested) -> None:
    _write_verification(event, event.user_id)


@handles(EmailChangeRequested)
def send_email_change(event: EmailChangeRequested) -> None:
    user = account_selectors.active_user(event.user_id)
    if user and user.pending_email:
        occasion = _new_occasion(event)
        _write_verification(event, user.pk)
        services.write_email(
            occasion=occasion,
            recipient=user.email,
            email=account_emails.email_change_requested(user),
            user=user,
        )


@handles(PasswordResetRequested)
def send_password_reset(event: PasswordResetRequested) -> None:
    if user := account_selectors.active_user(event.user_id):
        services.write_link_email(
            occasion=_new_occasion(event),
            recipient=user.email,
            kind=EmailKind.RESET,
            user=user,
        )


@handles(PasswordChanged)
def send_password_changed(event: PasswordChanged) -> None:
    """Tell the owner, who may not have been the one who changed it."""
    if user := account_selectors.active_user(event.user_id):
        email = account_emails.password_changed(user)
        occasion = _new_occasion(event)
        services.write_email(occasion=occasion, recipient=user.email, email=email, user=user)


@handles(OrderPlaced)
def send_order_placed(event: OrderPlaced) -> None:
    order = order_selectors.order_page(event.order_id)
    _write(event, order, emails.order_placed(order))


@handles(TransferAwaited)
def send_transfer_details(event: TransferAwaited) -> None:
    """Say where the money goes, where the shop names an account."""
    order = order_selectors.order_page(event.order_id)
    if transfer := transfer_for(order, event.amount):
        _write(event, order, emails.transfer_awaited(order, transfer))


@handles(PaymentLinkSent)
def send_payment_link(event: PaymentLinkSent) -> None:
    """Send the link, once for each time that staff send it."""
    order = order_selectors.order_page(event.order_id)
    if order.email and order.status == OrderStatus.PENDING and order.payment_due_at:
        services.write_email(
            occasion=f"{event.name}:{order.payment_due_at.timestamp():.0f}:{order.pk}",
            recipient=order.email,
            email=emails.payment_link(order, order.payment_due_at),
        )


@handles(OrderPaid)
def send_order_paid(event: OrderPaid) -> None:
    order = order_selectors.order_page(event.order_id)
    _write(event, order, emails.order_paid(order))


@handles(OrderShipped)
def send_order_shipped(event: OrderShipped) -> None:
    """Say what is on its way, once for each parcel."""
    order = order_selectors.order_page(event.order_id)
    parcels = order.loaded_shipments
    shipment = next(parcel for parcel in parcels if parcel.pk == event.shipment_id)
    _write(event, order, emails.order_shipped(order, shipment), about=event.shipment_id)


@handles(OrderDelivered)
def send_order_delivered(event: OrderDelivered) -> None:
    order = order_selectors.order_page(event.order_id)
    _write(event, order, emails.order_delivered(order))


@handles(OrderCancelled)
def send_order_cancelled(event: OrderCancelled) -> None:
    """Say so, but not of a draft that the customer was never sent."""
    order = order_selectors.order_page(event.order_id)
    if order.guest_token_digest or not order.is_draft:
        _write(event, order, emails.order_cancelled(order))


@handles(OrderRefunded)
def send_order_refunded(event: OrderRefunded) -> None:
    order = order_selectors.order_page(event.order_id)
    _write(event, order, emails.order_refunded(order))


@handles(ReturnApproved)
def send_return_approved(event: ReturnApproved) -> None:
    _write_about_return(event, emails.return_approved)


@handles(ReturnRejected)
def send_return_rejected(event: ReturnRejected) -> None:
    _write_about_return(event, emails.return_rejected)


@handles(ReturnReceived)
def send_return_received(event: ReturnReceived) -> None:
    """Say that what was sent back has arrived, and how much is refunded."""
    _write_about_return(event, emails.return_received)


@handles(StockLow)
def send_stock_low(event: StockLow) -> None:
    """Tell those who may change stock what has run low and still is."""
    levels = inventory_selectors.levels_of(event.stock_item_ids)
    items = [level for level in levels if level.is_low]
    if not items:
        return
    email = emails.stock_low(items[0].location, items)
    occasion = f"{event.name}:{event.at.isoformat()}:{event.location_id}"
    for keeper in account_selectors.staff_who_may(CHANGE_STOCK):
        services.write_email(occasion=occasion, recipient=keeper.email, email=email)


@handles(UserErased)
def anonymise_emails(event: UserErased) -> None:
    services.anonymise_emails(user_id=event.user_id)


def _new_occasion(event: Event) -> str:
    """Return an occasion of its own: each event is handled once, with what it writes."""
    return f"{event.name}:{new_id()}"


def _write_verification(event: Event, user_id: UUID) -> None:
    user: User | None = account_selectors.active_user(user_id)
    if user is None or (user.is_email_verified and not user.pending_email):
        return
    services.write_link_email(
        occasion=_new_occasion(event),
        recipient=user.pending_email or user.email,
        kind=EmailKind.NEW_ADDRESS if user.pending_email else EmailKind.VERIFICATION,
        user=user,
    )


def _write_about_return(
    event: ReturnApproved | ReturnRejected | ReturnReceived,
    compose: Callable[[Order, Return], Email],
) -> None:
    order = order_selectors.order_page(event.order_id)
    returned = order_selectors.return_of(order, str(event.return_id))
    _write(event, order, compose(order, returned), about=event.return_id)


def _write(event: Event, order: Order, email: Email, about: UUID | None = None) -> None:
    """Write the message to who placed the order, if they left an address."""
    if order.email:
        occasion = f"{event.name}:{about or order.pk}"
        services.write_email(occasion=occasion, recipient=order.email, email=email)


@jobs.task(name="notifications.tasks.send_email", queue="emails", retry=PATIENT)
def send_email(email_id: str) -> None:
    """Hand a message to the mail server, trying again for about a day."""
    services.send_email(email_id=UUID(email_id))
