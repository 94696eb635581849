"""What a shipping method costs for a parcel: a pure function of method, weight and price."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from core.money import quantize
from shipping.models import RateKind, ShippingMethod

FREE = Decimal(0)


class InvalidTiers(ValueError):
    pass


def check_tiers(kind: str, tiers: object) -> None:
    """Raise InvalidTiers unless ``tiers`` are what a method of this kind needs.

    That is ``[{"from": …, "price": …}, …]`` with numbers of 0 or more, ascending in ``from``;
    none at all for a flat rate.
    """
    if kind == RateKind.FLAT:
        if tiers:
            raise InvalidTiers("A flat rate has no tiers.")
        return
    if not isinstance(tiers, list) or not tiers:
        raise InvalidTiers("Give at least one tier.")
    starts = [_checked_start(tier) for tier in tiers]
    if starts != sorted(set(starts)):
        raise InvalidTiers("Tiers ascend in “from”, each different.")


def _checked_start(tier: object) -> Decimal:
    if not isinstance(tier, dict) or set(tier) != {"from", "price"}:
        raise InvalidTiers("A tier has “from” and “price”.")
    try:
        start, price = Decimal(str(tier["from"])), Decimal(str(tier["price"]))
    except InvalidOperation:
        raise InvalidTiers("“from” and “price” are numbers.") from None
    if not (start.is_finite() and price.is_finite() and start >= 0 and price >= 0):
        raise InvalidTiers("“from” and “price” are 0 or more.")
    return start


def price_of(method: ShippingMethod, *, subtotal: Decimal, weight_grams: int) -> Decimal | None:
    """Return what ``method`` costs for goods of ``subtotal`` (its currency) and this weight.

    None when it is not offered for them: too heavy, or below its first tier.
    """
    if method.maximum_weight_grams is not None and weight_grams > method.maximum_weight_grams:
        return None
    price: Decimal = method.price
    if method.kind != RateKind.FLAT:
        measure = Decimal(weight_grams) if method.kind == RateKind.BY_WEIGHT else subtotal
        reached = [tier_price for start, tier_price in _tiers(method) if measure >= start]
        if not reached:
            return None
        price = reached[-1]
    is_free = method.free_above is not None and subtotal >= method.free_above
    return quantize(FREE if is_free else price, method.currency)


def lowest_price(method: ShippingMethod) -> Decimal:
    flat: Decimal = method.price
    if method.kind == RateKind.FLAT:
        return flat
    return min((price for _, price in _tiers(method)), default=flat)


def _tiers(method: ShippingMethod) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(str(tier["from"])), Decimal(str(tier["price"]))) for tier in method.tiers]
