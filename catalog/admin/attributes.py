from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextareaWidget

from catalog import services
from catalog.models import AttributeDefinition
from core.admin import ModelForm, ServiceAdmin


class LinesField(forms.Field):
    """A list of texts, one on each line."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or []) != self.to_python(data)


class AttributeDefinitionForm(ModelForm):
    choices = LinesField(required=False, help_text="Of a choice: one on each line.")

    class Meta:
        model = AttributeDefinition
        fields = ("category", "name", "label", "type", "choices", "is_filterable", "position")


@admin.register(AttributeDefinition)
class AttributeDefinitionAdmin(ServiceAdmin):
    """What the attributes of a category's products are, and of those below it."""

    form = AttributeDefinitionForm
    list_display: ClassVar = ("name", "label", "category", "type", "is_filterable", "position")
    list_filter: ClassVar = ("type", "is_filterable")
    list_select_related: ClassVar = ("category",)
    search_fields: ClassVar = ("name", "label", "category__name")
    ordering: ClassVar = ("category__tree_id", "category__lft", "position", "name")
    autocomplete_fields: ClassVar = ("category",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep what an attribute is called, of which type and where."""
        return ("category", "name", "type") if obj else ()

    def create(self, request: HttpRequest, values: Any) -> AttributeDefinition:
        return services.define_attribute(category=values.pop("category"), fields=values)

    def update(self, request: HttpRequest, obj: AttributeDefinition, changes: Any) -> None:
        services.change_attribute(definition_id=obj.pk, changes=changes)

    def delete_model(self, request: HttpRequest, obj: AttributeDefinition) -> None:
        services.forget_attribute(definition_id=obj.pk)
