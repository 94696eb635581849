"""What comes in and goes out about categories and brands."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.models import Brand, Category
from core.api.bodies import InputSerializer
from core.api.fields import LongTextField, SlugField, TextField, named_as_an_attribute
from listings.api.fields import KeyField

LONGEST_NAME = 120
LONGEST_SLUG = 140
LONGEST_TEXT = 20_000


class StepSerializer(serializers.ModelSerializer[Category]):
    """A step on the way from the root to a category."""

    class Meta:
        model = Category
        fields = ("id", "name", "slug")


class CategorySerializer(serializers.ModelSerializer[Category]):
    """A category; `path` leads from the root to itself, `product_count` is of all below it."""

    parent = named_as_an_attribute(serializers.UUIDField(allow_null=True))
    path = StepSerializer(many=True)
    image = serializers.URLField(allow_null=True)
    product_count = serializers.IntegerField()

    class Meta:
        model = Category
        fields: tuple[str, ...] = (
            "id",
            "name",
            "slug",
            "parent",
            "level",
            "path",
            "image",
            "description",
            "product_count",
        )


class CategoryNodeSerializer(CategorySerializer):
    """A category with what is below it."""

    children = serializers.ListField(
        child=serializers.DictField(), help_text="Nodes of the same kind."
    )

    class Meta(CategorySerializer.Meta):
        fields = (*CategorySerializer.Meta.fields, "children")


class UpdateCategorySerializer(InputSerializer[dict[str, Any]]):
    """A part of a category to change; a new `parent` moves it."""

    name = TextField(max_length=LONGEST_NAME, required=False)
    slug = SlugField(max_length=LONGEST_SLUG, required=False)
    description = LongTextField(max_length=LONGEST_TEXT, required=False, allow_blank=True)
    parent = named_as_an_attribute(KeyField(Category.objects.all, required=False, allow_null=True))


class CreateCategorySerializer(UpdateCategorySerializer):
    """A category to make: the last child of its parent, or the last root."""

    name = TextField(max_length=LONGEST_NAME)


class ReplaceCategorySerializer(CreateCategorySerializer):
    """A whole category; what is not sent falls back to its default."""

    shown_as = CategorySerializer

    description = LongTextField(max_length=LONGEST_TEXT, default="", allow_blank=True)
    parent = named_as_an_attribute(KeyField(Category.objects.all, default=None, allow_null=True))


class MoveCategorySerializer(InputSerializer[dict[str, Any]]):
    """Where a category goes: below `parent`, or beside another."""

    parent = named_as_an_attribute(KeyField(Category.objects.all, required=False, allow_null=True))
    left_of = KeyField(Category.objects.all, required=False)
    right_of = KeyField(Category.objects.all, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for exactly one place."""
        if len(attrs) != 1:
            raise serializers.ValidationError("Give one of parent, left_of and right_of.")
        return attrs


class CategoryImageSerializer(InputSerializer[dict[str, Any]]):
    """A picture: JPEG, PNG, WebP or AVIF."""

    image = serializers.FileField(allow_empty_file=True)


class ReassignSerializer(serializers.Serializer[Any]):
    """Where the contents of a deleted category go."""

    reassign_to = KeyField(Category.objects.all, required=False)


class BrandSerializer(serializers.ModelSerializer[Brand]):
    """Who makes or publishes products."""

    class Meta:
        model = Brand
        fields = ("id", "name", "slug", "description")


class UpdateBrandSerializer(InputSerializer[dict[str, Any]]):
    """A part of a brand to change."""

    name = TextField(max_length=LONGEST_NAME, required=False)
    slug = SlugField(max_length=LONGEST_SLUG, required=False)
    description = LongTextField(max_length=LONGEST_TEXT, required=False, allow_blank=True)


class CreateBrandSerializer(UpdateBrandSerializer):
    """A brand to make."""

    name = TextField(max_length=LONGEST_NAME)


class ReplaceBrandSerializer(CreateBrandSerializer):
    """A whole brand; what is not sent falls back to its default."""

    shown_as = BrandSerializer

    description = LongTextField(max_length=LONGEST_TEXT, default="", allow_blank=True)
