"""What the demo's customers have bought so far."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from demo.chance import Chance
from demo.library import DemoEdition, Format, demo_books
from demo.people import CUSTOMER, CUSTOMERS, DemoCustomer
from orders.models import OrderStatus

DELIVERED_AFTER, SHIPPED_AFTER = 8, 2  # days
PLENTY = 12  # units, of which an order may take some without changing what the shop offers
# The newest orders of the customer whose sign-in is printed: one of every stage.
DAYS_OF_THE_KNOWN_CUSTOMER = (71, 34, 5, 1)


@dataclass(frozen=True)
class DemoOrder:
    """An order of the past: the ``ordinal``-th of its customer, with units by SKU."""

    customer: DemoCustomer
    ordinal: int
    days_ago: int
    status: OrderStatus
    units: dict[str, int]


@lru_cache(maxsize=1)
def demo_orders() -> tuple[DemoOrder, ...]:
    orders = [order for customer in CUSTOMERS for order in _orders_of(customer)]
    return tuple(sorted(orders, key=lambda order: -order.days_ago))


def _orders_of(customer: DemoCustomer) -> Iterator[DemoOrder]:
    chance = Chance("orders", customer.email)
    if customer.email == CUSTOMER:
        days = list(DAYS_OF_THE_KNOWN_CUSTOMER)
    else:
        days = sorted({chance.whole(1, 120) for _ in range(chance.whole(0, 3))}, reverse=True)
    for ordinal, days_ago in enumerate(days, start=1):
        is_called_off = customer.email != CUSTOMER and chance.percent(10)
        yield DemoOrder(
            customer=customer,
            ordinal=ordinal,
            days_ago=days_ago,
            status=OrderStatus.CANCELLED if is_called_off else _status_after(days_ago),
            units={edition.sku: chance.pick((1, 1, 1, 2)) for edition in _basket(chance)},
        )


def _status_after(days: int) -> OrderStatus:
    if days > DELIVERED_AFTER:
        return OrderStatus.DELIVERED
    return OrderStatus.SHIPPED if days > SHIPPED_AFTER else OrderStatus.PAID


def _basket(chance: Chance) -> list[DemoEdition]:
    """Choose one to four editions, the first of them on paper."""
    paper = chance.pick(_plentiful())
    others = [chance.pick(chance.pick(demo_books()).editions) for _ in range(chance.whole(0, 3))]
    return [paper, *(edition for edition in others if _can_be_had(edition))]


@lru_cache(maxsize=1)
def _plentiful() -> tuple[DemoEdition, ...]:
    editions = [edition for book in demo_books() for edition in book.editions]
    return tuple(e for e in editions if e.format is not Format.E_BOOK and _can_be_had(e))


def _can_be_had(edition: DemoEdition) -> bool:
    return edition.is_digital or edition.warehouse_stock >= PLENTY
