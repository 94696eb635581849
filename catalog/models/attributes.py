"""What is known of the attributes that products of a category have."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from mptt.models import TreeForeignKey

from catalog.models.tree import Category
from core.models import TimestampedModel


class AttributeType(models.TextChoices):
    """What the values of an attribute are; texts and choices may be several."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    DATE = "date"


class AttributeDefinition(TimestampedModel):
    """The type of an attribute of the products in a category and below it.

    Of several with one name, the one nearest to the product counts. What is not defined may
    hold anything.
    """

    category = TreeForeignKey(
        Category, on_delete=models.CASCADE, related_name="attribute_definitions", db_index=False
    )
    name = models.CharField(max_length=60)
    label = models.CharField(max_length=120)
    type = models.CharField(max_length=10, choices=AttributeType.choices)
    choices = models.JSONField(default=list, blank=True)
    is_filterable = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["category", "name"], name="attribute_is_defined_once_in_a_category"
            ),
            models.CheckConstraint(
                condition=(Q(type="choice") & ~Q(choices=[])) | (~Q(type="choice") & Q(choices=[])),
                name="attribute_has_choices_if_it_is_one",
                violation_error_message="A choice has choices, and nothing else has any.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
