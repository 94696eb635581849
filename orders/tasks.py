from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from accounts.events import EmailVerified, UserErased
from catalog import services as catalog_services
from core.events import handles
from orders import selectors, services
from orders.events import OrderPaid


@jobs.periodic(cron="* * * * *")
@jobs.task(name="orders.tasks.cancel_unpaid_orders", queueing_lock="cancel_unpaid_orders")
def cancel_unpaid_orders(timestamp: int) -> None:
    """Cancel orders whose time to pay is up, each in a transaction of its own.

    What a killed run leaves over, the next one finds; one that is done is not found again.
    """
    now = timezone.now()
    due = selectors.unpaid_orders_due(now=now).order_by("payment_due_at", "id")
    for order_id in list(due.values_list("pk", flat=True)):
        services.cancel_unpaid_order(order_id=order_id, now=now)


@handles(OrderPaid)
def count_sale(event: OrderPaid) -> None:
    """Tell the catalog what was bought together."""
    catalog_services.note_sales(sales=[selectors.units_by_product(event.order_id)])


@handles(EmailVerified)
def claim_guest_orders(event: EmailVerified) -> None:
    """Give a customer the orders placed as a guest with the address that is now proved."""
    services.claim_guest_orders(user_id=event.user_id)


@handles(UserErased)
def anonymise_orders(event: UserErased) -> None:
    """Remove from the orders of someone who left what names them."""
    services.anonymise_orders(user_id=event.user_id)


@jobs.periodic(cron="37 4 * * *")
@jobs.task(name="orders.tasks.anonymise_closed_orders", queueing_lock="anonymise_closed_orders")
def anonymise_closed_orders(timestamp: int) -> None:
    """Remove addresses from orders that were closed after their customer had left."""
    services.anonymise_closed_orders()
