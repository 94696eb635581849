from __future__ import annotations

from uuid import UUID

import django_filters
from django.db.models import Q, QuerySet

from core.api.filters import ShopTimeFilter
from core.text import typed_email_address
from orders import numbers, selectors
from orders.models import Channel, Order, OrderStatus


class OrderFilter(django_filters.FilterSet):
    status = django_filters.MultipleChoiceFilter(
        choices=OrderStatus.choices, distinct=False, label="One or several statuses."
    )
    channel = django_filters.ChoiceFilter(choices=Channel.choices, label="Where it was made.")
    number = django_filters.CharFilter(method="with_number", label="The order's number.")
    customer = django_filters.CharFilter(
        method="of_customer", label="A customer's id or e-mail address."
    )
    placed_after = ShopTimeFilter(
        field_name="placed_at", lookup_expr="gte", label="Placed at this time or later."
    )
    placed_before = ShopTimeFilter(
        field_name="placed_at", lookup_expr="lt", label="Placed before this time."
    )
    search = django_filters.CharFilter(
        method="matching", label="Part of a number, e-mail address, SKU, name or tracking number."
    )

    def with_number(self, orders: QuerySet[Order], _name: str, value: str) -> QuerySet[Order]:
        return orders.filter(number=numbers.normalise(value))

    def of_customer(self, orders: QuerySet[Order], _name: str, value: str) -> QuerySet[Order]:
        try:
            return orders.filter(customer_id=UUID(value))
        except ValueError:
            return orders.filter(Q(email__in={typed_email_address(value), value.strip().lower()}))

    def matching(self, orders: QuerySet[Order], _name: str, value: str) -> QuerySet[Order]:
        """Keep the orders that ``value`` is found in."""
        return selectors.orders_matching(orders, value)
