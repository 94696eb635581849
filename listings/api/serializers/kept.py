"""What goes out about products to those who keep them; see ``listings.api.keepers``."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from catalog.models import TaxClass
from core.api.fields import MoneyField
from listings.api.serializers.products import (
    PagedVariantSerializer,
    ProductSerializer,
    VariantSerializer,
)


def _cost_price() -> MoneyField:
    return MoneyField(
        required=False,
        allow_null=True,
        help_text="What it costs the shop; only for those who may write it.",
    )


class KeptVariantSerializer(VariantSerializer):
    """What can be bought of a product; `cost_price` for those who may write it."""

    cost_price = _cost_price()

    class Meta(VariantSerializer.Meta):
        fields = (
            *VariantSerializer.Meta.fields[:6],
            "cost_price",
            *VariantSerializer.Meta.fields[6:],
        )


@extend_schema_serializer(component_name="PagedVariant")
class KeptPagedVariantSerializer(PagedVariantSerializer):
    """A variant on its product's page; `cost_price` for those who may write it."""

    cost_price = _cost_price()

    class Meta(PagedVariantSerializer.Meta):
        fields = (
            *PagedVariantSerializer.Meta.fields[:7],
            "cost_price",
            *PagedVariantSerializer.Meta.fields[7:],
        )


@extend_schema_serializer(component_name="Product")
class KeptProductSerializer(ProductSerializer):
    """A product's own page; `tax_class`, and `cost_price` of variants, for those who may write it.

    Others are not shown these members.
    """

    variants = KeptPagedVariantSerializer(many=True)
    tax_class = serializers.ChoiceField(
        TaxClass.choices, required=False, help_text="Only for those who may write it."
    )

    class Meta(ProductSerializer.Meta):
        fields = (*ProductSerializer.Meta.fields, "tax_class")
