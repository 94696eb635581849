"""What was answered against what is stored and mailed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from uuid import UUID

from django.db.models import Sum

from benchmarks.crashes.buyers import Ledger
from core.audit import identities
from inventory.models import StockItem
from orders.models import Order, OrderLine, OrderStatus

OPEN = (OrderStatus.PENDING, OrderStatus.PAID)


def wrongs(ledger: Ledger, subjects: Collection[str], hot: str, units: int) -> Iterator[str]:
    """Yield everything that is not as it was answered; ``units`` of ``hot`` were for sale."""
    yield from ledger.wrongs
    yield from _wrong_orders(ledger)
    yield from _wrong_stock(UUID(hot), units)
    yield from _missing_mails(subjects)
    for identity in identities():
        for found in identity.check():
            yield f"audit: {identity.statement}: {found}"


def _wrong_orders(ledger: Ledger) -> Iterator[str]:
    stored = {order.number: order for order in Order.objects.all()}
    for number, answer in ledger.placed.items():
        order = stored.get(number)
        if order is None or str(order.pk) != answer["id"]:
            yield f"order {number} was answered and does not exist"
    for number in stored.keys() - ledger.placed.keys():
        yield f"order {number} exists, and nobody was told of it: placed twice"
    for number in ledger.cancelled:
        if number in stored and stored[number].status != OrderStatus.CANCELLED:
            yield f"order {number} was cancelled and is {stored[number].status}"
    for number in ledger.paid:
        if number in stored and stored[number].paid_at is None:
            yield f"order {number} was paid and is {stored[number].status}"


def _wrong_stock(hot: UUID, units: int) -> Iterator[str]:
    lines = OrderLine.objects.filter(variant=hot, order__status__in=OPEN)
    sold = lines.aggregate(units=Sum("quantity"))["units"] or 0
    items = StockItem.objects.filter(variant=hot)
    stock = items.aggregate(on_hand=Sum("on_hand"), reserved=Sum("reserved"))
    if sold > units or stock != {"on_hand": units, "reserved": sold}:
        yield f"of {units} units {sold} are sold, the stock says {stock}"


def _missing_mails(subjects: Collection[str]) -> Iterator[str]:
    sent = set(subjects)
    for number, status in Order.objects.values_list("number", "status"):
        expected = [f"Your order {number}"]
        if status == OrderStatus.CANCELLED:
            expected.append(f"Your order {number} is cancelled")
        if status == OrderStatus.PAID:
            expected.append(f"Payment received for order {number}")
        yield from (f"no e-mail: {subject}" for subject in expected if subject not in sent)
