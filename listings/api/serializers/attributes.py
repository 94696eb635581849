"""What comes in and goes out about the attributes of categories."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.models import AttributeDefinition, AttributeType
from core.api.bodies import InputSerializer
from core.api.fields import TextField, named_as_an_attribute
from listings.api.serializers.products import CategoryLinkSerializer

_LONGEST_NAME = 60
_LONGEST_LABEL = 120
_LARGEST_POSITION = 32_767


class AttributeSerializer(serializers.ModelSerializer[AttributeDefinition]):
    """An attribute, and the category that defines it: this one or one above it."""

    category = CategoryLinkSerializer()
    type = serializers.ChoiceField(AttributeType.choices)
    choices = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = AttributeDefinition
        fields = ("id", "category", "name", "label", "type", "choices", "is_filterable", "position")


class ChangeAttributeSerializer(InputSerializer[dict[str, Any]]):
    """A part of an attribute to change; its name and type stay."""

    label = named_as_an_attribute(TextField(max_length=_LONGEST_LABEL, required=False))
    choices = serializers.ListField(
        child=TextField(max_length=_LONGEST_LABEL), required=False, max_length=200
    )
    is_filterable = serializers.BooleanField(required=False)
    position = serializers.IntegerField(min_value=0, max_value=_LARGEST_POSITION, required=False)


class DefineAttributeSerializer(ChangeAttributeSerializer):
    """An attribute to define."""

    name = TextField(max_length=_LONGEST_NAME)
    type = serializers.ChoiceField(AttributeType.choices)
