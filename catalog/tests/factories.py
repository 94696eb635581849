"""Things to sell, for tests. Stock is made by ``inventory``'s factories."""

from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from catalog.models import Brand, Category, Product, ProductVariant, Vendor
from catalog.services import listing


class CategoryFactory(DjangoModelFactory[Category]):
    """A root category, unless given a ``parent``."""

    class Meta:
        model = Category

    name = factory.Sequence(lambda n: f"Category {n}")
    slug = factory.Sequence(lambda n: f"category-{n}")


class BrandFactory(DjangoModelFactory[Brand]):
    """A publisher."""

    class Meta:
        model = Brand

    name = factory.Sequence(lambda n: f"Brand {n}")
    slug = factory.Sequence(lambda n: f"brand-{n}")


class VendorFactory(DjangoModelFactory[Vendor]):
    """A vendor that ``sellers=[…]`` sell for."""

    class Meta:
        model = Vendor
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Vendor {n}")
    slug = factory.Sequence(lambda n: f"vendor-{n}")

    @factory.post_generation  # type: ignore[untyped-decorator]  # factory_boy is untyped
    def sellers(self: Vendor, _create: bool, extracted: Any, **_kwargs: Any) -> None:
        if extracted:
            self.sellers.set(extracted)


class VariantFactory(DjangoModelFactory[ProductVariant]):
    """A further variant of a product; the product's copies follow it."""

    class Meta:
        model = ProductVariant
        skip_postgeneration_save = True

    product = factory.SubFactory("catalog.tests.factories.ProductFactory", variant=False)
    sku = factory.Sequence(lambda n: f"SKU-{n}")
    options = factory.Sequence(lambda n: {"edition": str(n)})
    price = Decimal("9.90")
    currency = "USD"
    weight_grams = 300

    @factory.post_generation  # type: ignore[untyped-decorator]  # factory_boy is untyped
    def _listed(self: ProductVariant, create: bool, _extracted: Any, **_kwargs: Any) -> None:
        if create:
            listing.refresh_products(product_ids=[self.product_id])
            self.refresh_from_db()


class ProductFactory(DjangoModelFactory[Product]):
    """An active product with one variant.

    ``variant__price=…`` and the like reach the variant, ``variant=False`` makes a product
    without one.
    """

    class Meta:
        model = Product
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Product {n}")
    slug = factory.Sequence(lambda n: f"product-{n}")
    category = factory.SubFactory(CategoryFactory)
    brand = factory.SubFactory(BrandFactory)

    @factory.post_generation  # type: ignore[untyped-decorator]  # factory_boy is untyped
    def variant(self: Product, create: bool, extracted: Any, **fields: Any) -> None:
        """Make the first variant."""
        if create and extracted is not False:
            VariantFactory(product=self, **fields)
            self.refresh_from_db()
