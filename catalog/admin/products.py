"""Products in the backoffice: with variants, images, prices and stock."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from unfold.admin import TabularInline
from unfold.decorators import display

from catalog import services
from catalog.admin.addresses import FormerAddressesMixin
from catalog.admin.bulk import BulkEditAdmin
from catalog.admin.filters import DeletedFilter, ScheduledFilter
from catalog.admin.product_forms import PRODUCT_FIELDS, NewProductForm, ProductForm
from catalog.models import Product, ProductImage, ProductVariant
from catalog.selectors.prices import price_changes_of
from catalog.services.images import NewImage
from core.errors import DomainError
from core.money import quantize
from core.shop_days import local

SHOWN_PRICES = 30


class VariantInline(TabularInline):
    """What can be bought of the product; stock is adjusted under Inventory."""

    model = ProductVariant
    extra = 0
    tab = True
    fields: ClassVar[tuple[str, ...]] = (
        "sku",
        "name",
        "options",
        "price",
        "compare_at_price",
        "cost_price",
        "currency",
        "barcode",
        "weight_grams",
        "is_digital",
        "position",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductVariant]:
        return ProductVariant.objects.order_by("position", "id")


class ImageInline(TabularInline):
    model = ProductImage
    extra = 1
    tab = True
    fields: ClassVar[tuple[str, ...]] = ("preview", "image", "alt", "position")
    readonly_fields: ClassVar = ("preview",)
    ordering_field = "position"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductImage]:
        return ProductImage.objects.order_by("position", "id")

    @display(description="")
    def preview(self, image: ProductImage) -> SafeString:
        return thumbnail(image.thumbnails.get("small", image.image.name) if image.image else "")


@admin.register(Product)
class ProductAdmin(FormerAddressesMixin, BulkEditAdmin):
    list_display: ClassVar = (
        "picture",
        "name",
        "category",
        "brand",
        "amount",
        "stock",
        "is_active",
        "is_featured",
    )
    list_display_links: ClassVar = ("picture", "name")
    list_filter: ClassVar = (
        DeletedFilter,
        ScheduledFilter,
        "is_active",
        "is_featured",
        "in_stock",
        ("category", admin.RelatedOnlyFieldListFilter),
        ("vendor", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related: ClassVar = ("category", "brand")
    search_fields: ClassVar = ("name", "variants__sku", "variants__barcode")
    ordering: ClassVar = ("-created_at", "-id")
    autocomplete_fields: ClassVar = ("category", "brand", "vendor")
    prepopulated_fields: ClassVar = {"slug": ("name",)}
    readonly_fields: ClassVar = ("former_addresses", "price_history")
    actions: ClassVar = ("edit_together", "activate", "deactivate", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        """Return the products with the name of their first picture."""
        images = ProductImage.objects.filter(product=OuterRef("pk")).order_by("position", "id")
        rows: QuerySet[Product] = super().get_queryset(request)
        return rows.defer("search_document").annotate(
            first_image=Subquery(images.values("image")[:1]),
            first_thumbnail=Subquery(images.values("thumbnails__small")[:1]),
        )

    def get_form(
        self, request: HttpRequest, obj: Product | None = None, *change: Any, **kwargs: Any
    ) -> Any:
        """Ask for SKU and price of a new product; later they stand on its variants."""
        kwargs["form"] = ProductForm if obj else NewProductForm
        return super().get_form(request, obj, *change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Product | None = None) -> Any:
        return (
            (*PRODUCT_FIELDS, "former_addresses", "price_history")
            if obj
            else (*PRODUCT_FIELDS, ("first_sku", "first_price", "first_currency"))
        )

    def get_inlines(self, request: HttpRequest, obj: Product | None) -> Any:
        return (VariantInline, ImageInline) if obj else ()

    @display(description="Price history", empty_value="none")
    def price_history(self, product: Product | None) -> SafeString | None:
        """Return what its variants have cost, the latest first."""
        changes = price_changes_of(product.pk)[:SHOWN_PRICES] if product else ()
        rows = [
            (
                f"{local(change.at):%Y-%m-%d %H:%M}",
                change.variant.sku,
                f"{quantize(change.price, change.currency)} {change.currency}",
            )
            for change in changes
        ]
        return format_html_join(mark_safe("<br>"), "{} · {} · {}", rows) or None

    @display(description="")
    def picture(self, product: Any) -> SafeString:
        return thumbnail(product.first_thumbnail or product.first_image or "")

    @display(description="Price", ordering="price")
    def amount(self, product: Product) -> str:
        return f"{quantize(product.price, product.currency)} {product.currency}"

    @display(description="Stock", ordering="stock_quantity", label={"out": "danger"})
    def stock(self, product: Product) -> str:
        return str(product.stock_quantity) if product.in_stock else "out"

    def create(self, request: HttpRequest, values: Any) -> Product:
        fields: Any = {name: values[name] for name in PRODUCT_FIELDS}
        variant: Any = {name: values[f"first_{name}"] for name in ("sku", "price", "currency")}
        return services.create_product(fields=fields, variants=[variant])

    def update(self, request: HttpRequest, obj: Product, changes: Any) -> None:
        services.update_product(product_id=obj.pk, changes=changes)

    def save_formset(
        self, request: HttpRequest, form: Any, formset: Any, *_: Any, **__: Any
    ) -> None:
        """Write variants and pictures by their services; deletions come last."""
        formset.save(commit=False)
        changed = list(formset.changed_objects)
        # In their order: each picture that is moved makes the others give way.
        for row, names in sorted(changed, key=lambda change: change[0].position):
            changes: Any = {name: getattr(row, name) for name in names}
            if isinstance(row, ProductVariant):
                services.change_variant(variant=row, changes=changes)
            else:
                changes.pop("image", None)
                services.change_image(image_id=row.pk, changes=changes)
        for row in formset.new_objects:
            if isinstance(row, ProductVariant):
                fields: Any = {name: getattr(row, name) for name in VariantInline.fields}
                services.add_variant(product_id=row.product_id, fields=fields)
            else:
                picture = NewImage(row.image.file, alt=row.alt)
                services.add_images(product_id=row.product_id, pictures=[picture])
        for row in formset.deleted_objects:
            if isinstance(row, ProductVariant):
                services.delete_variant(variant=row)
            else:
                services.delete_image(image_id=row.pk)
        formset.save_m2m()

    def delete_model(self, request: HttpRequest, obj: Product) -> None:
        services.delete_product(product_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Delete the living of them softly."""
        for product in queryset.filter(deleted_at=None).order_by("pk"):
            services.delete_product(product_id=product.pk)

    @admin.action(description="Show in the shop", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        self._set_active(request, queryset, is_active=True)

    @admin.action(description="Hide from the shop", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        self._set_active(request, queryset, is_active=False)

    def _set_active(
        self, request: HttpRequest, queryset: QuerySet[Product], *, is_active: bool
    ) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        count = services.set_active(product_ids=ids, is_active=is_active)
        self.message_user(request, f"{count} products changed.", messages.SUCCESS)

    @admin.action(description="Restore what was deleted", permissions=["delete"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Bring deleted products back, each that can be."""
        for product in queryset.exclude(deleted_at=None).order_by("pk"):
            try:
                services.restore_product(product_id=product.pk)
            except DomainError as refusal:
                self.message_user(request, f"{product}: {refusal.detail}", messages.ERROR)
            else:
                self.message_user(request, f"{product} is back.", messages.SUCCESS)


def thumbnail(name: str) -> SafeString:
    if not name:
        return SafeString("")
    address = ProductImage._meta.get_field("image").storage.url(name)
    return format_html(
        '<img src="{}" alt="" loading="lazy" style="height: 40px; width: 40px; '
        'object-fit: cover; border-radius: 4px">',
        address,
    )
