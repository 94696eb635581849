"""Vendors in the backoffice."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from accounts.models import User
from accounts.roles import Role
from catalog import services
from catalog.admin.filters import DeletedFilter
from catalog.models import Vendor
from core.admin import ServiceAdmin


@admin.register(Vendor)
class VendorAdmin(ServiceAdmin):
    """Who sells products beside the shop; the sellers keep them through the API."""

    list_display: ClassVar = ("name", "slug", "products", "updated_at")
    list_filter: ClassVar = (DeletedFilter,)
    search_fields: ClassVar = ("name", "sellers__email")
    ordering: ClassVar = ("name", "id")
    fields: ClassVar = ("name", "slug", "description", "sellers")
    filter_horizontal: ClassVar = ("sellers",)
    prepopulated_fields: ClassVar = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        living = Count("products", filter=Q(products__deleted_at=None))
        vendors: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = vendors.annotate(living=living)
        return counted

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer those whose role is to sell: not everyone may look through all people."""
        may_sell = Q(groups__name=Role.SELLER, is_active=True) | Q(vendors__isnull=False)
        kwargs["queryset"] = User.objects.filter(may_sell).order_by("email").distinct()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @display(description="Products", ordering="living")
    def products(self, vendor: Any) -> int:
        return int(vendor.living)

    def create(self, request: HttpRequest, values: Any) -> Vendor:
        return services.create_vendor(fields=values)

    def update(self, request: HttpRequest, obj: Vendor, changes: Any) -> None:
        services.update_vendor(vendor_id=obj.pk, changes=changes)

    def save_related(self, request: HttpRequest, *_form: Any, **_changes: Any) -> None:
        pass

    def delete_model(self, request: HttpRequest, obj: Vendor) -> None:
        services.delete_vendor(vendor_id=obj.pk)
