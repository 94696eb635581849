"""The API's documents, written by PostgreSQL, are those that the serializers describe."""

from decimal import Decimal
from typing import Any

import orjson
import pytest
from rest_framework.test import APIClient

from catalog.models import Product, ProductImage, ProductVariant
from catalog.services.listing import refresh_products
from catalog.tests.factories import ProductFactory, VariantFactory
from core.api.renderers import JSONRenderer
from listings.api.serializers.kept import KeptProductSerializer
from listings.api.serializers.products import ProductSerializer, ProductSummarySerializer
from listings.selectors import pages
from listings.selectors.documents import (
    DETAIL_FIELDS,
    KEPT_FIELDS,
    SUMMARY_FIELDS,
    Shape,
    detail,
)
from listings.selectors.pages import View

pytestmark = pytest.mark.django_db

MEDIA = "https://shop.example/media/"


def plain_product() -> Product:
    return ProductFactory.create(brand=None)


def japanese_product() -> Product:
    return ProductFactory.create(
        name='吾輩は"猫"である \\ 🐈',
        description="line one\nline two\ttab \x7f </script>",
        attributes={"作者": ["夏目 漱石"], "year": 1905, "good": True, "none": None, "rate": 4.25},
        variant__price=Decimal(1980),
        variant__currency="JPY",
    )


def product_with_images_and_variants() -> Product:
    product = ProductFactory.create(
        variant__compare_at_price=Decimal("12.345"), variant__currency="KWD"
    )
    reduced = VariantFactory.create(
        product=product, price=Decimal("6.5"), currency="KWD", is_digital=True
    )
    ProductVariant.objects.filter(pk=reduced.pk).update(price=Decimal("5.5"))
    refresh_products(product_ids=[product.pk])
    ProductImage.objects.create(product=product, image="products/b.png", position=2, alt='"')
    ProductImage.objects.create(
        product=product, image="products/a.png", position=1, thumbnails={"small": "products/s.png"}
    )
    ProductImage.objects.create(product=product, image="products/gone.png").delete()
    Product.objects.filter(pk=product.pk).update(rating_average=Decimal("4.33"), review_count=3)
    return product


KINDS = [plain_product, japanese_product, product_with_images_and_variants]


def described(product: Product, serializer: type[ProductSummarySerializer]) -> bytes:
    """Return what the serializer makes of a product, with the relations as the API shows them."""
    product = Product.objects.get(pk=product.pk)
    images = list(product.images.filter(deleted_at=None).order_by("position", "id"))
    is_summary = serializer is ProductSummarySerializer
    product.__dict__["_prefetched_objects_cache"] = {
        "images": images[:1] if is_summary else images,
        "variants": list(product.variants.filter(deleted_at=None).order_by("position", "id")),
    }
    return JSONRenderer().render(serializer(product, context={"media": MEDIA}).data)


def compact(document: bytes) -> bytes:
    """Return the document without the white space that PostgreSQL writes."""
    return orjson.dumps(orjson.loads(document))


@pytest.mark.parametrize("make", KINDS)
def test_summary_is_what_the_serializer_says(make: Any) -> None:
    product = make()

    written = pages.summaries([product.pk], View(Shape(), MEDIA))

    assert compact(written) == compact(b"[" + described(product, ProductSummarySerializer) + b"]")


@pytest.mark.parametrize("make", KINDS)
def test_page_is_what_the_serializer_says(make: Any) -> None:
    product = make()

    written = detail(product.slug, only_listed=True, media=MEDIA, shape=Shape())

    assert written is not None
    assert compact(written) == compact(described(product, ProductSerializer))


@pytest.mark.parametrize("make", KINDS)
def test_page_for_who_keeps_it_is_what_the_serializer_says(make: Any) -> None:
    product = make()
    ProductVariant.objects.filter(product=product).update(cost_price=Decimal("1.5"))

    written = detail(product.slug, only_listed=False, media=MEDIA, shape=Shape(is_kept=True))

    assert written is not None
    assert compact(written) == compact(described(product, KeptProductSerializer))


def test_documents_have_the_members_of_the_serializers_in_their_order() -> None:
    assert tuple(ProductSummarySerializer().fields) == SUMMARY_FIELDS
    assert tuple(ProductSerializer().fields) == DETAIL_FIELDS
    assert tuple(KeptProductSerializer().fields) == KEPT_FIELDS


def test_list_shows_the_first_image_and_the_page_all(api: APIClient) -> None:
    product = product_with_images_and_variants()

    listed = api.get("/api/v1/products/").json()["results"][0]
    page = api.get(f"/api/v1/products/{product.pk}/").json()

    assert [image["url"] for image in listed["images"]] == [
        "http://testserver/media/products/a.png"
    ]
    assert len(page["images"]) == 2
    assert page["images"][0]["thumbnails"]["small"] == "http://testserver/media/products/s.png"
    assert page["images"][0]["thumbnails"]["large"] == "http://testserver/media/products/a.png"
