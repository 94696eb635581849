"""What the list of payments can be filtered by."""

from __future__ import annotations

from django_filters import rest_framework as filters

from core.api.filters import ShopTimeFilter
from payments.models import Payment, PaymentStatus


class PaymentFilter(filters.FilterSet):
    """``?order=``, ``?status=``, ``?provider=``, ``?created_after=``, ``?created_before=``."""

    order = filters.UUIDFilter(field_name="order_id")
    status = filters.ChoiceFilter(choices=PaymentStatus.choices)
    provider = filters.CharFilter()
    created_after = ShopTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = ShopTimeFilter(field_name="created_at", lookup_expr="lt")

    class Meta:
        model = Payment
        fields: tuple[str, ...] = ()
