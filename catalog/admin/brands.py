"""Brands in the backoffice."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from catalog import services
from catalog.admin.addresses import FormerAddressesMixin
from catalog.admin.filters import DeletedFilter
from catalog.models import Brand
from core.admin import ServiceAdmin


@admin.register(Brand)
class BrandAdmin(FormerAddressesMixin, ServiceAdmin):
    """Who makes or publishes products."""

    list_display: ClassVar = ("name", "slug", "updated_at")
    list_filter: ClassVar = (DeletedFilter,)
    search_fields: ClassVar = ("name",)
    ordering: ClassVar = ("name", "id")
    fields: ClassVar = ("name", "slug", "former_addresses", "description")
    prepopulated_fields: ClassVar = {"slug": ("name",)}

    def save_model(self, request: HttpRequest, obj: Brand, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Create or change it."""
        if change:
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            services.update_brand(brand_id=obj.pk, changes=changes)  # type: ignore[arg-type]  # the form has checked it
        else:
            obj.__dict__.update(services.create_brand(fields=form.cleaned_data).__dict__)

    def delete_model(self, request: HttpRequest, obj: Brand) -> None:
        """Delete it softly."""
        services.delete_brand(brand_id=obj.pk)
