"""Attributes of categories over HTTP."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import services
from catalog.models import AttributeDefinition, Category
from catalog.selectors.attributes import definition_in, definitions_of
from catalog.services.attributes import CHANGE_ATTRIBUTE_ERRORS, DEFINE_ATTRIBUTE_ERRORS
from core.api.access import anyone, machine, role
from core.api.renderers import JSONRenderer
from core.api.schema import operation
from core.errors import NotFound
from listings.api import examples
from listings.api.caching import cached_answer
from listings.api.serializers.attributes import (
    AttributeSerializer,
    ChangeAttributeSerializer,
    DefineAttributeSerializer,
)
from listings.api.views.bases import MovedSerializer
from listings.api.views.categories import SECONDS
from listings.api.views.parts import IDENTIFIER, PartViewSet
from listings.selectors.lookups import category_at

CATEGORY_KEY = OpenApiParameter(
    "category_key", str, OpenApiParameter.PATH, description="Id or slug of the category."
)


class AttributeViewSet(PartViewSet):
    """What the attributes of a category's products are."""

    access: ClassVar = {
        "list": anyone,
        "create": role("catalog.add_attributedefinition") | machine("catalog:write"),
        "partial_update": role("catalog.change_attributedefinition") | machine("catalog:write"),
        "destroy": role("catalog.delete_attributedefinition") | machine("catalog:write"),
    }
    kept_actions: ClassVar = frozenset({"list"})
    addressed = Category
    address_key = "category_key"
    queryset = AttributeDefinition.objects.none()
    serializer_class = AttributeSerializer

    @operation(
        "List a category's attributes",
        response=AttributeSerializer(many=True),
        example=[examples.ATTRIBUTE],
        moved=MovedSerializer,
        parameters=[CATEGORY_KEY],
    )
    def list(self, request: Request, category_key: str) -> HttpResponse:
        """Its own attributes and those it inherits, in their order; the list has one page."""

        def render(_version: str | None) -> bytes:
            rows = self.get_serializer(definitions_of(category_at(category_key).pk), many=True).data
            page = {"count": len(rows), "next": None, "previous": None, "results": rows}
            return JSONRenderer().render(page)

        return cached_answer(request, render, seconds=SECONDS)

    @operation(
        "Define an attribute",
        request=DefineAttributeSerializer,
        response=AttributeSerializer,
        status=201,
        example=examples.ATTRIBUTE,
        request_example={"name": "pages", "label": "Pages", "type": "number"},
        errors=DEFINE_ATTRIBUTE_ERRORS,
        parameters=[CATEGORY_KEY],
    )
    def create(self, request: Request, category_key: str) -> Response:
        """From now on its values are checked, in this category and below; those there are stay.

        A category below may define the same name anew. Texts and choices may be lists of several.
        """
        definition = services.define_attribute(
            category=category_at(category_key),
            fields=self.validated(DefineAttributeSerializer),
        )
        return Response(self.represent(definition), status=201)

    @operation(
        "Change an attribute",
        request=ChangeAttributeSerializer,
        response=AttributeSerializer,
        example=examples.ATTRIBUTE,
        request_example={"label": "Number of pages"},
        errors=CHANGE_ATTRIBUTE_ERRORS,
        parameters=[CATEGORY_KEY, IDENTIFIER],
    )
    def partial_update(self, request: Request, category_key: str, id: str) -> Response:  # noqa: A002 - the name in the route
        """Change what is sent; for another name or type, define another attribute."""
        definition = services.change_attribute(
            definition_id=_definition(category_key, id),
            changes=self.validated(ChangeAttributeSerializer),
        )
        return Response(self.represent(definition))

    @operation("Forget an attribute", status=204, parameters=[CATEGORY_KEY, IDENTIFIER])
    def destroy(self, request: Request, category_key: str, id: str) -> Response:  # noqa: A002 - the name in the route
        """Let it hold anything again; products keep what they have."""
        services.forget_attribute(definition_id=_definition(category_key, id))
        return Response(status=204)


def _definition(category_key: str, identifier: str) -> UUID:
    """Return the id of an attribute that the category itself defines; raise NotFound."""
    found = definition_in(category_at(category_key).pk, identifier)
    if found is None:
        raise NotFound("The category itself defines no such attribute.")
    return found
