"""inventory/ and locations/: for staff, and machines with the scope ``inventory:write``."""

from __future__ import annotations

import functools
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core.api.access import machine, role
from core.api.idempotency import idempotent
from core.api.schema import IDEMPOTENCY_KEY, IF_MATCH, operation
from core.api.viewsets import ApiViewSet, ReadMixin
from inventory import selectors, services
from inventory.api import examples
from inventory.api.adjusting import adjustments_of, parse_adjustments
from inventory.api.filters import LevelFilter, LocationFilter, MovementFilter
from inventory.api.serializers import (
    AdjustmentSerializer,
    AdjustmentsSerializer,
    LocationSerializer,
    SaveLocationSerializer,
    StockLevelSerializer,
    StockLevelsSerializer,
    StockMovementSerializer,
)
from inventory.models import Location, StockItem, StockMovement
from inventory.selectors import NoLocation
from inventory.services.locations import (
    CREATE_LOCATION_ERRORS,
    DELETE_LOCATION_ERRORS,
    UPDATE_LOCATION_ERRORS,
)
from inventory.services.stock import ADJUST_ERRORS, UnknownStock

_MACHINE = machine("inventory:write")
_UUID = "[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"


class InventoryViewSet(ListModelMixin, ApiViewSet):
    """Stock by variant and location, and its ledger."""

    access: ClassVar = {
        "list": role("inventory.view_stockitem") | _MACHINE,
        "movements": role("inventory.view_stockmovement") | _MACHINE,
        "adjust": role("inventory.add_stockmovement") | _MACHINE,
    }
    queryset = StockItem.objects.none()
    serializer_class = StockLevelSerializer
    filterset_class = LevelFilter
    orderings: ClassVar = {
        "sku": "variant__sku",
        "on_hand": "on_hand",
        "reserved": "reserved",
        "available": "free",
        "updated_at": "updated_at",
    }
    default_ordering: ClassVar = ("id",)

    def get_queryset(self) -> QuerySet[StockItem]:
        return selectors.stock_levels()

    @operation(
        "List stock levels",
        response=StockLevelSerializer(many=True),
        example=examples.LEVEL_PAGE,
    )
    def list(self, request: Request) -> Response:
        """How much of each variant lies at each location; `?low=true` for what runs short."""
        return super().list(request)

    @operation(
        "Adjust stock",
        request=PolymorphicProxySerializer(
            component_name="AdjustStock",
            serializers=[AdjustmentSerializer, AdjustmentsSerializer],
            resource_type_field_name=None,
        ),
        response=PolymorphicProxySerializer(
            component_name="AdjustedStock",
            serializers=[StockLevelSerializer, StockLevelsSerializer],
            resource_type_field_name=None,
        ),
        example=examples.LEVEL,
        request_example=examples.ADJUSTMENT,
        errors=[*ADJUST_ERRORS, NoLocation],
        parameters=[IDEMPOTENCY_KEY],
        filters=False,
    )
    @action(detail=False, methods=["post"], filterset_class=None, orderings={})
    @idempotent()
    def adjust(self, request: Request) -> Response:
        """Add or take units, or set what was counted; one row, or several as `items`.

        Several rows apply one after another, all or none. What is promised to orders cannot be
        taken. Every change is an entry of the ledger.
        """
        parsed = parse_adjustments(request.data)
        rows = adjustments_of(parsed.rows, default_location=services.default_location)
        try:
            items = services.adjust(rows=rows, actor=_person(request))
        except UnknownStock as refusal:
            refusal.pointer = parsed.pointer(refusal.pointer)
            raise
        levels = selectors.stock_levels().in_bulk([item.pk for item in items])
        shown = [StockLevelSerializer(levels[item.pk]).data for item in items]
        return Response(parsed.answer(shown))

    @operation(
        "List stock movements",
        response=StockMovementSerializer(many=True),
        example=examples.MOVEMENT_PAGE,
    )
    @action(
        detail=False,
        queryset=StockMovement.objects.none(),
        serializer_class=StockMovementSerializer,
        filterset_class=MovementFilter,
        orderings={"created_at": "created_at"},
        default_ordering=("-created_at",),
    )
    def movements(self, request: Request) -> Response:
        """The append-only ledger, newest first: what came, went, why and by whom."""
        page = self.paginate_queryset(self.filter_queryset(selectors.movements()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class LocationViewSet(ReadMixin, ApiViewSet):
    """Warehouses and shops."""

    access: ClassVar = {
        "list": role("inventory.view_location") | _MACHINE,
        "retrieve": role("inventory.view_location") | _MACHINE,
        "create": role("inventory.add_location") | _MACHINE,
        "update": role("inventory.change_location") | _MACHINE,
        "partial_update": role("inventory.change_location") | _MACHINE,
        "destroy": role("inventory.delete_location") | _MACHINE,
    }
    queryset = Location.objects.none()
    serializer_class = LocationSerializer
    filterset_class = LocationFilter
    orderings: ClassVar = {"name": "name", "priority": "priority", "created_at": "created_at"}
    default_ordering: ClassVar = ("priority",)
    lookup_value_regex = _UUID

    def get_queryset(self) -> QuerySet[Location]:
        return selectors.locations()

    @operation(
        "List locations",
        response=LocationSerializer(many=True),
        example=examples.LOCATION_PAGE,
    )
    def list(self, request: Request) -> Response:
        """Warehouses and shops, those that goods leave first at the top."""
        return super().list(request)

    @operation("Show a location", response=LocationSerializer, example=examples.LOCATION)
    def retrieve(self, request: Request, pk: str) -> Response:
        """A warehouse or shop."""
        return super().retrieve(request)

    @operation(
        "Open a location",
        request=SaveLocationSerializer,
        response=LocationSerializer,
        status=201,
        example=examples.LOCATION,
        request_example=examples.NEW_LOCATION,
        errors=CREATE_LOCATION_ERRORS,
    )
    def create(self, request: Request) -> Response:
        """A new place for stock; empty at first."""
        location = services.create_location(fields=self._parsed(partial=False))
        headers = {"Location": f"/api/v1/locations/{location.pk}/"}
        return Response(self.represent(location), status=201, headers=headers)

    @operation(
        "Replace a location",
        request=SaveLocationSerializer,
        response=LocationSerializer,
        example=examples.LOCATION,
        request_example=examples.NEW_LOCATION,
        errors=UPDATE_LOCATION_ERRORS,
        parameters=[IF_MATCH],
    )
    def update(self, request: Request, pk: str) -> Response:
        """Set what is sent, the name at least."""
        return self._save(pk, partial=False)

    @operation(
        "Change a location",
        request=SaveLocationSerializer(partial=True),
        response=LocationSerializer,
        example=examples.LOCATION,
        request_example={"is_active": False},
        errors=UPDATE_LOCATION_ERRORS,
        parameters=[IF_MATCH],
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Set what is sent; stock of an inactive location cannot be bought."""
        return self._save(pk, partial=True)

    @operation("Close a location", status=204, errors=DELETE_LOCATION_ERRORS, parameters=[IF_MATCH])
    def destroy(self, request: Request, pk: str) -> Response:
        """It must be empty; its history stays."""
        with self.matched(functools.partial(services.lock_location, location_id=UUID(pk))):
            services.delete_location(location_id=UUID(pk))
        return Response(status=204)

    def _save(self, pk: str, *, partial: bool) -> Response:
        changes = self._parsed(partial=partial)
        with self.matched(functools.partial(services.lock_location, location_id=UUID(pk))):
            location = services.update_location(location_id=UUID(pk), changes=changes)
        return Response(self.represent(location))

    def _parsed(self, *, partial: bool) -> Any:
        return self.parsed(SaveLocationSerializer, partial=partial)


def _person(request: Request) -> User | None:
    return request.user if isinstance(request.user, User) else None
