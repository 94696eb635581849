from __future__ import annotations

from uuid import UUID

import django_filters
from django.db.models import Q, QuerySet

from core.api.filters import ShopTimeFilter
from core.money import MINOR_DIGITS
from core.text import typed_email_address
from orders import filtering, numbers, selectors
from orders.models import Channel, Order, OrderStatus
from orders.statuses import FulfillmentStatus, PaymentStatus


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
    payment_status = django_filters.MultipleChoiceFilter(
        choices=PaymentStatus.choices,
        method="paid_so_far",
        label="How far it is paid: one or more.",
    )
    fulfillment_status = django_filters.MultipleChoiceFilter(
        choices=FulfillmentStatus.choices,
        method="sent_so_far",
        label="How far it is shipped: one or more.",
    )
    min_total = django_filters.NumberFilter(
        field_name="total", lookup_expr="gte", label="A total of so much or more."
    )
    max_total = django_filters.NumberFilter(
        field_name="total", lookup_expr="lte", label="A total of so much or less."
    )
    currency = django_filters.ChoiceFilter(
        choices=[(code, code) for code in MINOR_DIGITS], label="ISO 4217, such as EUR."
    )
    country = django_filters.CharFilter(max_length=2, label="Where it is sent: ISO 3166-1 alpha-2.")
    product = django_filters.UUIDFilter(method="with_product", label="The id of what is in it.")
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

    def paid_so_far(self, orders: QuerySet[Order], _name: str, value: list[str]) -> QuerySet[Order]:
        return orders.filter(filtering.paid_so_far(value)) if value else orders

    def sent_so_far(self, orders: QuerySet[Order], _name: str, value: list[str]) -> QuerySet[Order]:
        return orders.filter(filtering.sent_so_far(value)) if value else orders

    def with_product(self, orders: QuerySet[Order], _name: str, value: UUID) -> QuerySet[Order]:
        return orders.filter(filtering.with_product(value))

    def matching(self, orders: QuerySet[Order], _name: str, value: str) -> QuerySet[Order]:
        """Keep the orders that ``value`` is found in."""
        return selectors.orders_matching(orders, value)
