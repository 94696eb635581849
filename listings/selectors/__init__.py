"""What the public sees of the catalog."""

from listings.selectors.products import listed_products
from listings.selectors.versions import catalog_version

__all__ = ["catalog_version", "listed_products"]
