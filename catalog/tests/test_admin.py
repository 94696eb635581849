"""The catalog in the backoffice."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse, reverse_lazy

from accounts.tests.factories import StaffFactory
from catalog.models import Category, Product, ProductVariant
from catalog.tests.factories import BrandFactory, CategoryFactory, ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db

CATEGORIES = reverse_lazy("admin:catalog_category_changelist")
PRODUCTS = "admin:catalog_product_changelist"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(StaffFactory.create(role="Catalog manager"))
    return client


def form_of(product: Product) -> dict[str, object]:
    """Return what the product's page sends when nothing is changed."""
    variants = list(product.variants.filter(deleted_at=None).order_by("position", "id"))
    data: dict[str, object] = {
        "name": product.name,
        "slug": product.slug,
        "category": str(product.category_id),
        "brand": str(product.brand_id or ""),
        "description": product.description,
        "attributes": "{}",
        "tax_class": product.tax_class,
        "is_active": "on",
        "images-TOTAL_FORMS": 0,
        "images-INITIAL_FORMS": 0,
        "variants-TOTAL_FORMS": len(variants),
        "variants-INITIAL_FORMS": len(variants),
    }
    for place, variant in enumerate(variants):
        data |= {
            f"variants-{place}-{name}": value
            for name, value in {
                "id": variant.pk,
                "product": product.pk,
                "sku": variant.sku,
                "name": variant.name,
                "options": json.dumps(variant.options),
                "price": variant.price,
                "currency": variant.currency,
                "weight_grams": variant.weight_grams,
                "position": variant.position,
            }.items()
        }
    return data


def test_lists_products_with_price_and_stock(staff: Client) -> None:
    ProductFactory.create(name="Emma", variant__price=Decimal("7.5"))

    page = staff.get(reverse(PRODUCTS), {"q": "Emma"}).content.decode()

    assert "Emma" in page
    assert "7.50 USD" in page


@pytest.mark.parametrize("model", ["product", "category", "brand"])
def test_opens_every_page(staff: Client, model: str) -> None:
    product = ProductFactory.create()
    row = {"product": product, "category": product.category, "brand": product.brand}[model]

    pages = {"changelist": [], "add": [], "change": [row.pk], "delete": [row.pk]}
    for page, arguments in pages.items():
        address = reverse(f"admin:catalog_{model}_{page}", args=arguments)
        assert staff.get(address).status_code == 200


def test_makes_a_product_with_its_first_variant(staff: Client) -> None:
    category = CategoryFactory.create()
    data = {
        "name": "Emma",
        "slug": "emma",
        "category": str(category.pk),
        "attributes": "{}",
        "tax_class": "standard",
        "first_sku": "E1",
        "first_price": "9.90",
        "first_currency": "USD",
    }

    assert staff.post(reverse("admin:catalog_product_add"), data).status_code == 302

    assert ProductVariant.objects.get(sku="E1").product.slug == "emma"


def test_changes_the_price_of_a_variant_and_what_lists_show(staff: Client) -> None:
    product = ProductFactory.create()
    data = form_of(product) | {"variants-0-price": "5.55", "name": "Emma"}

    address = reverse("admin:catalog_product_change", args=[product.pk])
    assert staff.post(address, data).status_code == 302

    product.refresh_from_db()
    assert (product.name, product.price) == ("Emma", Decimal("5.55"))


def test_tells_why_the_last_variant_stays(staff: Client) -> None:
    product = ProductFactory.create()
    address = reverse("admin:catalog_product_change", args=[product.pk])

    response = staff.post(address, form_of(product) | {"variants-0-DELETE": "on"}, follow=True)

    assert "at least one variant" in response.content.decode()
    assert product.variants.filter(deleted_at=None).exists()


def test_restores_a_deleted_product(staff: Client) -> None:
    product = ProductFactory.create()
    staff.post(reverse("admin:catalog_product_delete", args=[product.pk]), {"post": "yes"})
    assert not Product.objects.exists()

    data = {"action": "restore", "_selected_action": [str(product.pk)]}
    staff.post(reverse(PRODUCTS) + "?deleted=only", data)

    assert Product.objects.get() == product
    assert product.variants.filter(deleted_at=None).exists()


def test_hides_products_from_the_shop(staff: Client) -> None:
    product = VariantFactory.create().product

    data = {"action": "deactivate", "_selected_action": [str(product.pk)]}
    staff.post(reverse(PRODUCTS), data)

    product.refresh_from_db()
    assert not product.is_active


def test_moves_a_category_by_its_parent(staff: Client) -> None:
    parent, child = CategoryFactory.create(), CategoryFactory.create()
    data = {"name": child.name, "slug": child.slug, "parent": str(parent.pk)}

    staff.post(reverse("admin:catalog_category_change", args=[child.pk]), data)

    assert Category.objects.get(pk=child.pk).parent == parent


def test_keeps_a_brand_that_products_carry(staff: Client) -> None:
    brand = BrandFactory.create()
    ProductFactory.create(brand=brand)

    address = reverse("admin:catalog_brand_delete", args=[brand.pk])
    response = staff.post(address, {"post": "yes"}, follow=True)

    assert "Products carry this brand." in response.content.decode()


def test_shows_the_tree_to_be_dragged(staff: Client) -> None:
    CategoryFactory.create(name="Novels", parent=CategoryFactory.create(name="Books"))

    page = staff.get(CATEGORIES).content.decode()

    assert page.count('class="drag-handle"') == 2
    assert page.index("catalog/one_table_body.js") < page.index("mptt/draggable-admin.js")
    assert page.index("Books") < page.index("Novels")


@pytest.mark.parametrize(
    ("position", "parent", "order"),
    [
        ("last-child", "first", ["first", "moved", "second"]),
        ("left", None, ["moved", "first", "second"]),
        ("right", None, ["first", "moved", "second"]),
    ],
)
def test_moves_a_category_to_where_it_is_dragged(
    staff: Client, position: str, parent: str | None, order: list[str]
) -> None:
    first = CategoryFactory.create(slug="first")
    CategoryFactory.create(slug="second")
    moved = CategoryFactory.create(slug="moved")

    answer = drag(staff, moved, first, position)

    moved.refresh_from_db()
    assert answer.status_code == 200
    assert (moved.parent.slug if moved.parent else None) == parent
    slugs = Category.objects.order_by("tree_id", "lft").values_list("slug", flat=True)
    assert list(slugs) == order


@pytest.mark.parametrize("position", ["last-child", "sideways", ""])
def test_moves_nothing_to_where_it_cannot_be(staff: Client, position: str) -> None:
    parent = CategoryFactory.create()
    child = CategoryFactory.create(parent=parent)

    assert drag(staff, parent, child, position).status_code == 400
    assert Category.objects.get(pk=child.pk).parent == parent


def test_moves_nothing_that_is_gone(staff: Client) -> None:
    category, gone = CategoryFactory.create(), CategoryFactory.create()
    gone.delete()

    assert drag(staff, gone, category, "left").status_code == 404
    answer = staff.post(CATEGORIES, {"cmd": "move_node", "cut_item": "x", "position": "left"})
    assert answer.status_code == 404


def test_lets_only_those_who_may_change_categories_drag_them(client: Client) -> None:
    client.force_login(StaffFactory.create(role="Support"))
    one, other = CategoryFactory.create(), CategoryFactory.create()

    assert drag(client, one, other, "last-child").status_code == 403
    assert Category.objects.filter(parent=None).count() == 2


def test_deletes_chosen_categories_only_when_all_are_empty(staff: Client) -> None:
    full, empty = CategoryFactory.create(), CategoryFactory.create()
    below = CategoryFactory.create(parent=empty)
    ProductFactory.create(category=full)

    def delete(*categories: Category) -> None:
        chosen = [category.pk for category in categories]
        data = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
        staff.post(CATEGORIES, data)

    delete(full, empty, below)
    assert Category.objects.count() == 3
    delete(empty, below)
    assert list(Category.objects.all()) == [full]


def test_locks_the_tree_for_a_drag(staff: Client) -> None:
    one, other = CategoryFactory.create(), CategoryFactory.create()

    with CaptureQueriesContext(connection) as queries:
        drag(staff, one, other, "left")

    statements = [query["sql"] for query in queries]
    lock = next(place for place, sql in enumerate(statements) if "pg_advisory_xact_lock" in sql)
    assert lock < next(place for place, sql in enumerate(statements) if sql.startswith("UPDATE"))


def drag(client: Client, moved: Category, target: Category, position: str) -> Any:
    """Send what the page sends when a row has been dropped."""
    data = {"cmd": "move_node", "cut_item": moved.pk, "pasted_on": target.pk, "position": position}
    return client.post(CATEGORIES, data)
