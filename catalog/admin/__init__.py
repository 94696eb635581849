from catalog.admin.attributes import AttributeDefinitionAdmin
from catalog.admin.brands import BrandAdmin
from catalog.admin.categories import CategoryAdmin
from catalog.admin.products import ProductAdmin
from catalog.admin.vendors import VendorAdmin

__all__ = ["AttributeDefinitionAdmin", "BrandAdmin", "CategoryAdmin", "ProductAdmin", "VendorAdmin"]
