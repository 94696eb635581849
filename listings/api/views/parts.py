"""Variants and images of a product over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

import orjson
from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from catalog import services
from catalog.models import ProductImage, ProductVariant
from catalog.services.images import ADD_IMAGES_ERRORS, NewImage
from catalog.services.variants import (
    ADD_VARIANT_ERRORS,
    CHANGE_VARIANT_ERRORS,
    DELETE_VARIANT_ERRORS,
)
from core.api.access import anyone, machine, role
from core.api.addresses import media_address
from core.api.bodies import unknown_members
from core.api.filters import refuse_unknown_parameters
from core.api.pagination import OnePage
from core.api.parsers import JSONParser
from core.api.renderers import JSONRenderer
from core.api.schema import IF_MATCH, operation
from core.errors import InvalidInput
from inventory import selectors as inventory_selectors
from inventory import services as inventory_services
from inventory.models import MovementReason
from listings.api import examples
from listings.api.keepers import answer_to, keeps, page_of, readable_products
from listings.api.serializers.kept import KeptPagedVariantSerializer, KeptVariantSerializer
from listings.api.serializers.products import (
    AddStockedVariantSerializer,
    ChangeImageSerializer,
    ChangeStockedVariantSerializer,
    ImageSerializer,
    UploadImagesSerializer,
    VariantSerializer,
)
from listings.api.views.bases import MovedSerializer
from listings.api.views.sellers import SellerMixin, with_sellers
from listings.selectors.documents import Shape
from listings.selectors.lookups import image_at, product_id, variant_at

PRODUCT_KEY = OpenApiParameter(
    "product_key", str, OpenApiParameter.PATH, description="Id or slug of the product."
)
IDENTIFIER = OpenApiParameter("id", {"type": "string", "format": "uuid"}, OpenApiParameter.PATH)


class PartViewSet(SellerMixin):
    """A part of a product."""

    address_key = "product_key"
    lookup_field = "id"
    pagination_class: Any = OnePage
    filter_backends = ()

    @property
    def is_kept(self) -> bool:
        """Whether the caller keeps the product that the address names."""
        return keeps(self.request, self.kwargs["product_key"])

    def readable_id(self, product_key: str) -> UUID:
        """Return the id of a product that the caller may see; raises NotFound."""
        return product_id(product_key, among=readable_products(self.request, product_key))

    def answer_with(self, part: Any) -> HttpResponse:
        body = JSONRenderer().render(self.represent(part))
        return answer_to(self.request, body, is_kept=self.is_kept)


class VariantViewSet(PartViewSet):
    """What can be bought of a product."""

    staff_access: ClassVar = {
        "create": role("catalog.add_productvariant") | machine("catalog:write"),
        "partial_update": role("catalog.change_productvariant") | machine("catalog:write"),
        "destroy": role("catalog.delete_productvariant") | machine("catalog:write"),
    }
    access: ClassVar = {"list": anyone, "retrieve": anyone, **with_sellers(staff_access)}
    tagged_actions: ClassVar = frozenset({"list", "retrieve"})
    queryset = ProductVariant.objects.none()
    serializer_class = VariantSerializer

    @operation(
        "List a product's variants",
        response=KeptPagedVariantSerializer(many=True),
        example=[examples.PAGED_VARIANT],
        moved=MovedSerializer,
        parameters=[PRODUCT_KEY],
    )
    def list(self, request: Request, product_key: str) -> HttpResponse:
        """All variants in their order, with exact stock; the list has one page."""
        is_kept = keeps(request, product_key)
        shape = Shape(fields=("variants",), is_kept=is_kept)
        variants = orjson.loads(page_of(product_key, shape, media=""))["variants"]
        page = {"count": len(variants), "next": None, "previous": None, "results": variants}
        return answer_to(request, orjson.dumps(page), is_kept=is_kept)

    @operation(
        "Show a variant",
        response=KeptVariantSerializer,
        example=examples.VARIANT,
        moved=MovedSerializer,
        parameters=[PRODUCT_KEY, IDENTIFIER],
    )
    def retrieve(self, request: Request, product_key: str, id: str) -> HttpResponse:  # noqa: A002 - the name in the route
        """A variant with its exact stock; its ETag serves `If-Match`."""
        refuse_unknown_parameters(request, set())
        variant = variant_at(id, product=self.readable_id(product_key))
        return self.answer_with(variant)

    @operation(
        "Add a variant",
        request=AddStockedVariantSerializer,
        response=KeptVariantSerializer,
        status=201,
        example=examples.VARIANT,
        request_example={"sku": "WOTW-HC", "options": {"format": "hardcover"}, "price": "19.90"},
        errors=ADD_VARIANT_ERRORS,
        parameters=[PRODUCT_KEY],
    )
    def create(self, request: Request, product_key: str) -> Response:
        """Its options differ from those of the other variants; without a SKU it gets one."""
        fields: Any = self.validated(AddStockedVariantSerializer)
        stock = fields.pop("stock_quantity", None)
        product_id = self.writable_id(product_key)
        with transaction.atomic():
            variant = services.add_variant(product_id=product_id, fields=fields)
            self._set_stock(variant, stock)
        return Response(self.represent(variant), status=201)

    @operation(
        "Change a variant",
        request=ChangeStockedVariantSerializer,
        response=KeptVariantSerializer,
        example=examples.VARIANT,
        request_example={"price": "8.90", "compare_at_price": "9.90"},
        errors=CHANGE_VARIANT_ERRORS,
        parameters=[PRODUCT_KEY, IDENTIFIER, IF_MATCH],
    )
    def partial_update(self, request: Request, product_key: str, id: str) -> Response:  # noqa: A002 - the name in the route
        """Change what is sent."""
        changes: Any = self.validated(ChangeStockedVariantSerializer)
        stock = changes.pop("stock_quantity", None)
        variant = self._variant(product_key, id)
        with transaction.atomic(), self.matched(partial(self._locked, variant, stock)):
            if stock is not None:
                # Stock is locked before the product, as wherever both are.
                inventory_services.lock_stock(variant_ids=[variant.pk])
            variant = services.change_variant(variant=variant, changes=changes)
            self._set_stock(variant, stock)
        return Response(self.represent(variant))

    @operation(
        "Delete a variant",
        status=204,
        errors=DELETE_VARIANT_ERRORS,
        parameters=[PRODUCT_KEY, IDENTIFIER, IF_MATCH],
    )
    def destroy(self, request: Request, product_key: str, id: str) -> Response:  # noqa: A002 - the name in the route
        """Orders keep it; the last variant of a product stays."""
        variant = self._variant(product_key, id)
        with self.matched(partial(self._locked, variant)):
            services.delete_variant(variant=variant)
        return Response(status=204)

    def _locked(self, variant: ProductVariant, stock: int | None = None) -> ProductVariant:
        """Return the variant as it is now, locked; before it its stock where that will change."""
        if stock is not None:
            inventory_services.lock_stock(variant_ids=[variant.pk])
        services.lock_product(product_id=variant.product_id)
        return variant_at(str(variant.pk), product=variant.product_id)

    def _set_stock(self, variant: ProductVariant, quantity: int | None) -> None:
        if quantity is not None:
            actor = self.request.user if isinstance(self.request.user, User) else None
            inventory_services.set_quantities(
                quantities={variant.pk: quantity}, actor=actor, reason=MovementReason.ADJUSTED
            )
            variant.refresh_from_db()

    def _variant(self, product_key: str, variant_id: str) -> ProductVariant:
        return variant_at(variant_id, product=self.writable_id(product_key))

    def represent(self, instance: ProductVariant) -> Any:
        """Return the variant with its exact stock."""
        instance.stock_quantity = inventory_selectors.in_stock([instance.pk])[instance.pk]
        serializer = KeptVariantSerializer if self.is_kept else VariantSerializer
        return serializer(instance, context=self.get_serializer_context()).data


class ImageViewSet(PartViewSet):
    """Pictures of a product."""

    staff_access: ClassVar = {
        "create": role("catalog.add_productimage") | machine("catalog:write"),
        "partial_update": role("catalog.change_productimage") | machine("catalog:write"),
        "destroy": role("catalog.delete_productimage") | machine("catalog:write"),
    }
    access: ClassVar = {"retrieve": anyone, **with_sellers(staff_access)}
    queryset = ProductImage.objects.none()
    serializer_class = ImageSerializer
    parser_classes = (MultiPartParser, JSONParser)
    pagination_class = None  # what was added is answered as it came, not as a page

    def get_serializer_context(self) -> dict[str, Any]:
        """Tell where pictures are served."""
        return {**super().get_serializer_context(), "media": media_address(self.request)}

    @operation(
        "Add images",
        request={"multipart/form-data": UploadImagesSerializer},
        response=ImageSerializer(many=True),
        status=201,
        example=[examples.IMAGE],
        errors=ADD_IMAGES_ERRORS,
        parameters=[PRODUCT_KEY],
    )
    def create(self, request: Request, product_key: str) -> Response:
        """One or several files in `images`, all or none of which are kept.

        They are encoded anew, without metadata; thumbnails follow within seconds.
        """
        added = services.add_images(
            product_id=self.writable_id(product_key), pictures=_uploaded(request)
        )
        return Response(self.get_serializer(added, many=True).data, status=201)

    @operation(
        "Show an image",
        response=ImageSerializer,
        example=examples.IMAGE,
        moved=MovedSerializer,
        parameters=[PRODUCT_KEY, IDENTIFIER],
    )
    def retrieve(self, request: Request, product_key: str, id: str) -> HttpResponse:  # noqa: A002 - the name in the route
        """A picture; its ETag serves `If-Match`."""
        refuse_unknown_parameters(request, set())
        image = image_at(id, product=self.readable_id(product_key))
        return self.answer_with(image)

    @operation(
        "Change an image",
        request={"application/json": ChangeImageSerializer},
        response=ImageSerializer,
        example=examples.IMAGE,
        request_example={"alt": "The cover", "position": 0},
        parameters=[PRODUCT_KEY, IDENTIFIER, IF_MATCH],
    )
    def partial_update(self, request: Request, product_key: str, id: str) -> Response:  # noqa: A002 - the name in the route
        """Its alternative text or its place in the gallery."""
        changes: Any = self.validated(ChangeImageSerializer)
        image_id: UUID = self._image(product_key, id).pk
        with self.matched(partial(services.lock_image, image_id=image_id)):
            image = services.change_image(image_id=image_id, changes=changes)
        return Response(self.represent(image))

    @operation("Delete an image", status=204, parameters=[PRODUCT_KEY, IDENTIFIER, IF_MATCH])
    def destroy(self, request: Request, product_key: str, id: str) -> Response:  # noqa: A002 - the name in the route
        """Take it off the product."""
        image_id: UUID = self._image(product_key, id).pk
        with self.matched(partial(services.lock_image, image_id=image_id)):
            services.delete_image(image_id=image_id)
        return Response(status=204)

    def _image(self, product_key: str, image_id: str) -> ProductImage:
        return image_at(image_id, product=self.writable_id(product_key))


def _uploaded(request: Request) -> list[NewImage]:
    known = {*UploadImagesSerializer().fields, *request.FILES}
    sent = request.data if isinstance(request.data, Mapping) else {}
    if unknown := unknown_members(sent, known):
        raise ValidationError(unknown)
    files = [file for _name, sent in request.FILES.lists() for file in sent]
    if not files:
        raise InvalidInput("Send one or several files in `images`.", pointer="#/images")
    texts = request.POST.getlist("alt")
    return [
        NewImage(file, alt=texts[place][:255] if place < len(texts) else "")
        for place, file in enumerate(files)
    ]
