"""A small API over the kernel's own event table, to test what every endpoint shares."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.urls import include, path
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from core.api import access
from core.api.idempotency import idempotent
from core.api.schema import IF_MATCH, operation
from core.api.shaping import ShapedSerializer
from core.api.viewsets import ApiViewSet
from core.errors import DomainError
from core.models import DomainEvent
from core.rate_limits import Limit


class OutOfOrder(DomainError):
    """An example of a rule that forbids something."""

    code = "out_of_order"
    title = "The example is out of order."


class Part(serializers.Serializer[Any]):
    quantity = serializers.IntegerField(min_value=1, max_value=100)


class WriteExample(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=60)
    parts = Part(many=True, required=False)
    failure = serializers.ChoiceField(["", "domain", "bug"], default="")


class PayloadSerializer(serializers.Serializer[Any]):
    size = serializers.IntegerField()


class ExampleSerializer(ShapedSerializer):
    expandable: ClassVar = {"payload": PayloadSerializer}

    id = serializers.UUIDField()
    name = serializers.CharField()
    payload = serializers.SerializerMethodField()

    def get_payload(self, event: DomainEvent) -> str:
        return "summary"


class ExampleFilter(django_filters.FilterSet):
    name = django_filters.CharFilter()


class ExampleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """Events, readable by anyone."""

    queryset = DomainEvent.objects.none()
    serializer_class = ExampleSerializer
    filterset_class = ExampleFilter
    orderings: ClassVar = {"name": "name", "at": "occurred_at"}
    default_ordering = ("name",)
    access: ClassVar = dict.fromkeys(
        ("list", "retrieve", "create", "partial_update"), access.anyone
    )
    limits: ClassVar = {"partial_update": [Limit("example", count=2, seconds=3600)]}

    def get_queryset(self) -> Any:
        return DomainEvent.objects.all()

    @operation("Write an example", request=WriteExample, status=201, errors=[OutOfOrder])
    @idempotent()
    def create(self, request: Request) -> Response:
        command = WriteExample(data=request.data)
        command.is_valid(raise_exception=True)
        event = DomainEvent.objects.create(name=command.validated_data["name"], payload={"size": 1})
        if command.validated_data["failure"] == "domain":
            raise OutOfOrder(available=3)
        if command.validated_data["failure"] == "bug":
            raise ZeroDivisionError("secret detail")
        return Response(self.represent(event), status=201, headers={"Location": f"/{event.pk}/"})

    @operation("Change an example", request=WriteExample, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        command = WriteExample(data=request.data)
        command.is_valid(raise_exception=True)
        with self.matched(lambda: DomainEvent.objects.select_for_update().get(pk=pk)):
            DomainEvent.objects.filter(pk=pk).update(name=command.validated_data["name"])
        return self.retrieve(request, pk=pk)

    def destroy(self, request: Request, pk: str) -> Response:
        return Response(status=204)


router = SimpleRouter()
router.register("examples", ExampleViewSet)
urlpatterns = [path("api/v1/", include(router.urls))]
handler400 = "core.api.problems.bad_request"
handler404 = "core.api.problems.not_found"
handler500 = "core.api.problems.server_error"
