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
    list_display: ClassVar = ("name", "slug", "updated_at")
    list_filter: ClassVar = (DeletedFilter,)
    search_fields: ClassVar = ("name",)
    ordering: ClassVar = ("name", "id")
    fields: ClassVar = ("name", "slug", "former_addresses", "description")
    prepopulated_fields: ClassVar = {"slug": ("name",)}

    def create(self, request: HttpRequest, values: Any) -> Brand:
        return services.create_brand(fields=values)

    def update(self, request: HttpRequest, obj: Brand, changes: Any) -> None:
        services.update_brand(brand_id=obj.pk, changes=changes)

    def delete_model(self, request: HttpRequest, obj: Brand) -> None:
        services.delete_brand(brand_id=obj.pk)
