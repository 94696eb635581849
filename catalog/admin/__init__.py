"""The catalog in the backoffice."""

from catalog.admin.attributes import AttributeDefinitionAdmin
from catalog.admin.brands import BrandAdmin
from catalog.admin.categories import CategoryAdmin
from catalog.admin.products import ProductAdmin

__all__ = ["AttributeDefinitionAdmin", "BrandAdmin", "CategoryAdmin", "ProductAdmin"]
