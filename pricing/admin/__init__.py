from pricing.admin.coupons import CouponAdmin
from pricing.admin.price_lists import CustomerGroupAdmin, PriceListAdmin
from pricing.admin.taxes import TaxRateAdmin

__all__ = ["CouponAdmin", "CustomerGroupAdmin", "PriceListAdmin", "TaxRateAdmin"]
