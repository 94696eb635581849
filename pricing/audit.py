"""What must hold of tax rates and coupons."""

from collections.abc import Iterator

from core.audit import Discrepancy, identity, rows


@identity("a country's tax rates are all inclusive or all exclusive")
def rates_agree_on_inclusion() -> Iterator[Discrepancy]:
    """Find countries whose prices would contain one tax and not another."""
    return rows(
        """
        SELECT country, 'all alike', string_agg(DISTINCT name, ', ')
        FROM pricing_taxrate WHERE deleted_at IS NULL
        GROUP BY country HAVING bool_or(is_inclusive) <> bool_and(is_inclusive)
        """
    )


@identity("a coupon's uses are the orders that use it and were not cancelled")
def uses_are_counted() -> Iterator[Discrepancy]:
    """Compare every coupon's counter with the rows it counts."""
    return rows(
        """
        SELECT coupon.code, count(used.id), coupon.uses
        FROM pricing_coupon AS coupon
        LEFT JOIN pricing_couponuse AS used
          ON used.coupon_id = coupon.id AND used.released_at IS NULL
        GROUP BY coupon.id
        HAVING count(used.id) <> coupon.uses
        """
    )


@identity("nobody uses a coupon more often than one customer may")
def uses_of_customers_are_within_limits() -> Iterator[Discrepancy]:
    """Count the uses by each buyer's address; a limit that was lowered since counts nothing."""
    return rows(
        """
        SELECT coupon.code || ' by ' || used.holder,
               'at most ' || coupon.maximum_uses_per_customer, count(*)
        FROM pricing_coupon AS coupon
        JOIN pricing_couponuse AS used
          ON used.coupon_id = coupon.id AND used.released_at IS NULL
             AND used.created_at > coupon.updated_at
        GROUP BY coupon.id, used.holder
        HAVING count(*) > coupon.maximum_uses_per_customer
        """
    )
