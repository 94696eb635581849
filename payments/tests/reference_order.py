"""An order as the shop should know it: statuses, stock and money in a few plain numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

SHIPPING: Final = Decimal("4.90")
OPEN: Final = ("pending", "paid")


@dataclass
class ReferenceLine:
    """Units of a line; ``settled`` are those of which the money went back or that came back."""

    price: Decimal
    quantity: int
    stocked: int
    cancelled: int = 0
    shipped: int = 0
    returned: int = 0
    settled: int = 0

    @property
    def left(self) -> int:
        return self.quantity - self.cancelled - self.shipped

    def settle(self, units: int) -> Decimal:
        """Count units as settled and return what they bring: no unit is paid back twice."""
        paid_back = max(min(units, self.quantity - self.settled), 0)
        self.settled += units
        return self.price * paid_back


@dataclass
class ReferenceOrder:
    lines: list[ReferenceLine]
    status: str = "pending"
    is_paid: bool = False
    on_delivery: bool = False
    authorized: Decimal = field(default=Decimal(0))
    captured: Decimal = field(default=Decimal(0))
    refunded: Decimal = field(default=Decimal(0))

    @property
    def total(self) -> Decimal:
        return sum((line.price * line.quantity for line in self.lines), SHIPPING)

    @property
    def left(self) -> int:
        return sum(line.left for line in self.lines)

    @property
    def has_parcels(self) -> bool:
        return any(line.shipped for line in self.lines)

    @property
    def capturable(self) -> Decimal:
        return max(self.authorized - self.captured, Decimal(0))

    @property
    def refundable(self) -> Decimal:
        return self.captured - self.refunded

    @property
    def payment_status(self) -> str:
        if self.refunded:
            is_all = self.refunded >= self.captured >= self.authorized
            return "refunded" if is_all else "partially_refunded"
        if self.captured:
            return "paid" if self.captured >= self.total else "partially_captured"
        return "authorized" if self.authorized else "unpaid"

    @property
    def fulfillment_status(self) -> str:
        if self.status in {"shipped", "delivered"}:
            return self.status
        if not self.has_parcels:
            return "unfulfilled"
        return "partially_shipped" if self.left else "shipped"

    def stock(self, line: ReferenceLine) -> tuple[int, int]:
        """Return what of the line's variant is on hand and what is reserved."""
        on_hand = line.stocked - line.shipped + line.returned
        return on_hand, line.left if self.status in OPEN else 0

    # Each step tells whether the shop should take it, and then has happened.

    def edit(self, line: ReferenceLine, quantity: int) -> bool:
        if self.status != "pending" or self.authorized or self.captured or self.has_parcels:
            return False
        line.quantity = quantity
        return True

    def pay(self, *, how: str) -> bool:
        is_over = self.is_paid or self.status in {"cancelled", "refunded"}
        if is_over or self.authorized or self.captured:
            return False
        if how == "at once":
            self.captured = self.total
            self._note_payment()
        else:
            self.authorized = self.total
            self.on_delivery = self.on_delivery or how == "on delivery"
        return True

    def capture(self, amount: Decimal | None) -> bool:
        amount = self.capturable if amount is None else amount
        if not 0 < amount <= self.capturable:
            return False
        self.captured += amount
        self._note_payment()
        return True

    def void(self) -> bool:
        if not self.capturable:
            return False
        self.authorized = Decimal(0)
        if not self.has_parcels:
            self.on_delivery = False
        self._end_if_all_went_back()
        return True

    def refund_amount(self, amount: Decimal) -> bool:
        if not 0 < amount <= self.refundable:
            return False
        self._refund(amount)
        return True

    def refund_units(self, line: ReferenceLine, units: int) -> bool:
        amount = line.price * units
        if units > max(line.quantity - line.settled, 0) or amount > self.refundable:
            return False
        line.settle(units)
        self.refunded += amount
        if self.status != "pending" or not self._is_all_back:
            line.cancelled += min(units, line.left)
        self._end_if_all_went_back()
        self._close_if_all_left()
        return True

    def ship(self, units: dict[int, int] | None) -> bool:
        may = self.status == "paid" or (self.status == "pending" and self.on_delivery)
        parcel = units or {place: line.left for place, line in enumerate(self.lines) if line.left}
        if not may or not parcel:
            return False
        if any(number > self.lines[place].left for place, number in parcel.items()):
            return False
        for place, number in parcel.items():
            self.lines[place].shipped += number
        self._close_if_all_left()
        return True

    def cancel_rest(self) -> bool:
        if self.status != "paid" or not self.has_parcels or not self.left:
            return False
        unsettled = [max(line.quantity - line.settled, 0) for line in self.lines]
        parts = [min(line.left, rest) for line, rest in zip(self.lines, unsettled, strict=True)]
        amount = sum(
            (line.price * part for line, part in zip(self.lines, parts, strict=True)), Decimal(0)
        )
        for line, part in zip(self.lines, parts, strict=True):
            line.cancelled += line.left
            if amount <= self.refundable:  # else a bare amount goes back, of no line
                line.settled += part
        self._close_if_all_left()
        self._refund(min(amount, self.refundable))
        return True

    def deliver(self) -> bool:
        if self.status != "shipped":
            return False
        self.status = "delivered"
        return True

    def cancel(self) -> bool:
        is_unsent = self.status == "paid" and not self.has_parcels
        is_refused = self.status == "shipped" and self.on_delivery and not self.is_paid
        if not (self.status == "pending" or is_unsent or is_refused):
            return False
        self._cancel()
        return True

    def take_back(self, line: ReferenceLine, units: int) -> bool:
        if self.status != "delivered":
            return False
        if units > line.quantity - line.cancelled - line.returned:
            return False
        line.returned += units
        self._refund(min(line.settle(units), self.refundable))
        return True

    @property
    def _is_all_back(self) -> bool:
        return bool(self.refunded) and self.payment_status == "refunded"

    def _note_payment(self) -> None:
        if self.captured >= self.total and not self.is_paid:
            self.is_paid = True
            self.status = "paid" if self.status == "pending" else self.status

    def _refund(self, amount: Decimal) -> None:
        self.refunded += amount
        if amount:
            self._end_if_all_went_back()

    def _end_if_all_went_back(self) -> None:
        if not self._is_all_back or self.status in {"cancelled", "refunded"}:
            return
        if self.status == "pending":
            self._cancel()
        else:
            self.status = "refunded"

    def _close_if_all_left(self) -> None:
        if self.status in OPEN and self.has_parcels and not self.left:
            self.status = "shipped"

    def _cancel(self) -> None:
        """What was sent and never paid comes back; so does all money."""
        self.status, self.refunded = "cancelled", self.captured
        if self.capturable:
            self.authorized = Decimal(0)
        for line in self.lines:
            line.returned += line.shipped
