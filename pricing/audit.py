"""What must hold of tax rates and coupons."""

from collections.abc import Iterator

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, F, Q

from core.audit import Discrepancy, identity
from pricing.models import Coupon, CouponUse, TaxRate


@identity("a country's tax rates are all inclusive or all exclusive")
def rates_agree_on_inclusion() -> Iterator[Discrepancy]:
    rates = TaxRate.objects.order_by().values("country")
    mixed = rates.annotate(
        kinds=Count("is_inclusive", distinct=True),
        names=StringAgg("name", delimiter=", ", distinct=True),
    ).filter(kinds__gt=1)
    for country in mixed:
        yield Discrepancy(country["country"], "all alike", country["names"])


@identity("a coupon's uses are the orders that use it and were not cancelled")
def uses_are_counted() -> Iterator[Discrepancy]:
    counted = Count("use_rows", filter=Q(use_rows__released_at=None))
    for coupon in Coupon.all_objects.annotate(counted=counted).exclude(uses=F("counted")):
        yield Discrepancy(coupon.code, str(coupon.counted), str(coupon.uses))


@identity("nobody uses a coupon more often than one customer may")
def uses_of_customers_are_within_limits() -> Iterator[Discrepancy]:
    """Only uses since the coupon was last changed count, as its limit may have been lowered."""
    uses = CouponUse.objects.filter(released_at=None, created_at__gt=F("coupon__updated_at"))
    limit = F("coupon__maximum_uses_per_customer")
    by_holder = uses.order_by().values("coupon", "holder", code=F("coupon__code"), limit=limit)
    for found in by_holder.annotate(times=Count("pk")).filter(times__gt=F("limit")):
        yield Discrepancy(
            f"{found['code']} by {found['holder']}",
            f"at most {found['limit']}",
            str(found["times"]),
        )
