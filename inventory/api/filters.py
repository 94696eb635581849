from __future__ import annotations

from uuid import UUID

from django.db.models import F, Q, QuerySet
from django_filters import CharFilter, ChoiceFilter, FilterSet, UUIDFilter

from core.api.filters import ShopTimeFilter, TruthFilter
from inventory.models import Location, MovementReason, StockItem, StockMovement


class LevelFilter(FilterSet):
    variant = UUIDFilter("variant_id")
    product = UUIDFilter("variant__product_id")
    sku = CharFilter("variant__sku", "iexact")
    location = CharFilter(method="at_location", label="Id or code.")
    low = TruthFilter(method="is_low", label="No more available than the reorder point.")
    search = CharFilter(method="found", max_length=200, label="In SKU or product name.")

    class Meta:
        model = StockItem
        fields: tuple[str, ...] = ()

    def at_location(self, items: QuerySet[StockItem], _name: str, key: str) -> QuerySet[StockItem]:
        return items.filter(_of_location("location", key))

    def is_low(self, items: QuerySet[StockItem], _name: str, value: str) -> QuerySet[StockItem]:
        """Return what should be ordered again, or what need not."""
        low = Q(free__lte=F("reorder_point"))
        return items.filter(low if value == "true" else ~low)

    def found(self, items: QuerySet[StockItem], _name: str, text: str) -> QuerySet[StockItem]:
        return items.filter(
            Q(variant__sku__icontains=text) | Q(variant__product__name__icontains=text)
        )


class MovementFilter(FilterSet):
    variant = UUIDFilter("stock_item__variant_id")
    sku = CharFilter("stock_item__variant__sku", "iexact")
    location = CharFilter(method="at_location", label="Id or code.")
    reason = ChoiceFilter(choices=MovementReason.choices)
    reference = CharFilter(label="Such as the id of an order.")
    created_after = ShopTimeFilter("created_at", "gt")
    created_before = ShopTimeFilter("created_at", "lt")

    class Meta:
        model = StockMovement
        fields: tuple[str, ...] = ()

    def at_location(
        self, movements: QuerySet[StockMovement], _name: str, key: str
    ) -> QuerySet[StockMovement]:
        return movements.filter(_of_location("stock_item__location", key))


class LocationFilter(FilterSet):
    code = CharFilter()
    kind = ChoiceFilter(choices=Location._meta.get_field("kind").choices)
    is_active = TruthFilter()

    class Meta:
        model = Location
        fields: tuple[str, ...] = ()


def _of_location(relation: str, key: str) -> Q:
    try:
        return Q(**{f"{relation}_id": UUID(key)})
    except ValueError:
        return Q(**{f"{relation}__code": key})
