"""Writes by sellers, whose products are those of the vendors that they sell for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from catalog import services
from catalog.models import Product
from catalog.selectors.vendors import products_sold_by
from core.api.access import Rule
from listings.api.keepers import sellers
from listings.api.views.bases import CatalogViewSet
from listings.selectors.lookups import living_products, product_id


def with_sellers(staff_access: Mapping[str, Rule]) -> dict[str, Rule]:
    """Return the access of a viewset that lets in sellers beside staff and API keys."""
    return {action: rule | sellers for action, rule in staff_access.items()}


class SellerMixin(CatalogViewSet):
    """Lets staff and API keys write everything, and sellers what is theirs."""

    # Who may write any product, by action.
    staff_access: ClassVar[Mapping[str, Rule]] = {}

    @property
    def is_by_seller(self) -> bool:
        """Whether the caller may write own products only."""
        return not self.staff_access[str(self.action)].allows(self.request)

    @property
    def writable_products(self) -> QuerySet[Product]:
        """The living products that the caller may write."""
        return self.own_products if self.is_by_seller else living_products()

    @property
    def own_products(self) -> QuerySet[Product]:
        """The living products that the caller sells."""
        return products_sold_by(self._seller_id)

    def writable_id(self, key: str) -> UUID:
        """Return the id of the product with this id or slug, if it may be written.

        Raises NotFound.
        """
        return product_id(key, among=self.writable_products)

    def settle_for_seller(self, data: dict[str, Any], product: Product | None = None) -> None:
        """Make what a seller writes a product of theirs.

        Raises NoVendor, NotYourVendor, NotForSellers.
        """
        if self.is_by_seller:
            services.settle_for_seller(seller_id=self._seller_id, fields=data, product=product)

    @property
    def _seller_id(self) -> UUID:
        seller = self.request.user
        assert isinstance(seller, User)  # noqa: S101 - the rule lets in people alone
        return seller.pk
