"""What may stand as a price."""

from __future__ import annotations

from decimal import Decimal

from catalog.services.errors import InvalidPrice
from core.money import UnknownCurrency, quantize

LARGEST_PRICE = Decimal(10) ** 12


def check_price(amount: Decimal | None, currency: str, *, pointer: str) -> None:
    """Raise InvalidPrice unless ``amount`` is above zero and exact in ``currency``.

    None stands for no price at all, which is fine here.
    """
    if amount is None:
        return
    try:
        is_exact = amount.is_finite() and quantize(amount, currency) == amount
    except UnknownCurrency as error:
        raise InvalidPrice(f"{currency} is not a currency.", pointer="#/currency") from error
    if not is_exact:
        raise InvalidPrice(f"More decimals than {currency} has.", pointer=pointer)
    if not 0 < amount < LARGEST_PRICE:
        raise InvalidPrice("A price is above zero and below a trillion.", pointer=pointer)


def check_prices(
    *, price: Decimal, compare_at_price: Decimal | None, cost_price: Decimal | None, currency: str
) -> None:
    """Raise InvalidPrice unless these can stand together on one variant."""
    check_price(price, currency, pointer="#/price")
    check_price(compare_at_price, currency, pointer="#/compare_at_price")
    if cost_price:
        check_price(cost_price, currency, pointer="#/cost_price")
    if compare_at_price is not None and compare_at_price <= price:
        raise InvalidPrice(
            "The compare-at price is what it cost before: above the price.",
            pointer="#/compare_at_price",
        )
