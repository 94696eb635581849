"""``manage.py seed_demo`` makes a whole shop, once."""

from collections import Counter
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from PIL import Image

from accounts.models import User
from catalog.models import Brand, Category, Product, ProductImage, ProductVariant
from catalog.selectors.prices import lowest_price_before
from catalog.services import products
from core.audit import discrepancies
from demo.accounts import PASSWORD, SIGN_INS
from demo.library import demo_books
from demo.people import CUSTOMER, CUSTOMERS, STAFF
from demo.seed import STEPS
from demo.seeding import catalog, catalog_facts, covers, people, shipping
from demo.seeding.step import Step
from demo.shipping import ZONES
from inventory.models import StockMovement
from orders.models import Order
from pricing.models import TaxRate
from shipping import selectors as shipping_selectors
from shipping import services as shipping_services

pytestmark = [pytest.mark.django_db, pytest.mark.any_server]
BOOKS = demo_books()


def run(*steps: Step[Any]) -> None:
    for step in steps:
        for thing in step.missing():
            step.make(thing)


def seed_demo() -> str:
    said = StringIO()
    call_command("seed_demo", stdout=said)
    return said.getvalue()


def figures() -> list[int]:
    tables = (User, Category, Brand, Product, ProductImage, StockMovement, TaxRate, Order)
    return [table._default_manager.count() for table in tables]


@pytest.fixture
def three_books() -> catalog.Batch:
    """The first three books, after their shelves and publishers were made."""
    run(*(step for step in catalog.STEPS if step.title != "Books"))
    batch = catalog.Batch(BOOKS[:3])
    catalog.make_books(batch)
    return batch


@pytest.mark.slow
def test_fills_a_shop_that_passes_its_audit_and_does_so_only_once() -> None:
    assert seed_demo() == "The demo data is in place.\n"

    assert Product.objects.filter(in_stock=True).count() > 300
    assert ProductImage.objects.count() == Product.objects.count() == len(BOOKS)
    assert discrepancies() == []
    before = figures()
    assert seed_demo() == "Nothing was missing.\n"
    assert figures() == before


def test_reduced_books_tell_what_they_cost_before(three_books: catalog.Batch) -> None:
    ProductVariant.objects.filter(sku="TP-0001-PB").update(compare_at_price=Decimal(99))

    run(*catalog_facts.STEPS)

    edition = ProductVariant.objects.get(sku="TP-0001-PB")
    assert lowest_price_before(edition) == "99.00"
    assert [step.missing() for step in catalog_facts.STEPS] == [[], [], []]


def test_the_known_customer_has_orders_of_every_stage_in_the_order_of_their_dates() -> None:
    run(*(step for step in STEPS if step.title != "Covers"))

    orders = list(Order.objects.filter(customer__email=CUSTOMER).order_by("placed_at"))
    assert [order.status for order in orders] == ["delivered", "delivered", "shipped", "paid"]
    for order in orders:
        times = list(order.events.order_by("at").values_list("at", flat=True))
        assert times[:2] == [order.placed_at, order.paid_at]


def test_everyone_signs_in_with_the_printed_password() -> None:
    run(*people.STEPS)

    for email in SIGN_INS:
        assert authenticate(username=email, password=PASSWORD) is not None, email
    assert User.objects.count() == len(STAFF) + len(CUSTOMERS)


def test_staff_have_their_roles_and_open_the_admin() -> None:
    run(*people.STEPS)

    for account in STAFF:
        user = User.objects.get(email=account.email)
        assert user.is_staff
        assert user.is_superuser == account.is_superuser
        assert list(user.groups.values_list("name", flat=True)) == [account.role]


def test_a_customer_is_verified_and_has_an_address() -> None:
    run(*people.STEPS)

    customer = User.objects.get(email=CUSTOMER)
    assert customer.is_email_verified
    assert not customer.is_staff
    assert customer.addresses.get().is_default_shipping


def test_an_account_that_exists_is_left_as_it_is() -> None:
    User.objects.create_user("catalog@example.com", "a-password-of-their-own")

    run(*people.STEPS)

    assert User.objects.get(email="catalog@example.com").check_password("a-password-of-their-own")


def test_goods_are_sent_to_every_country_of_the_zones() -> None:
    run(*shipping.STEPS)

    assert set(shipping_selectors.countries()) == {c for zone in ZONES for c in zone.countries}
    options = shipping_services.options_to(
        country="DE", currency="USD", subtotal=Decimal(20), weight_grams=400
    )
    assert [(option.method.name, option.price) for option in options] == [
        ("Standard", Decimal("5.90")),
        ("Parcel", Decimal("6.50")),
        ("Express", Decimal("16.90")),
    ]


def test_books_are_filed_three_levels_deep(three_books: catalog.Batch) -> None:
    levels = Counter(Category.objects.values_list("level", flat=True))

    assert levels[0] == 1
    assert levels[1] == 3
    assert levels[2] >= 25
    treasure_island = Product.objects.get(slug="treasure-island")
    assert treasure_island.category.name == "Adventure"


def test_a_book_lists_the_price_of_its_cheapest_edition(three_books: catalog.Batch) -> None:
    for book in three_books.books:
        product = Product.objects.get(name=book.title)
        assert product.price == min(edition.price for edition in book.editions)
        assert product.variants.count() == len(book.editions)


def test_a_book_whose_slug_is_taken_gets_one_with_its_author() -> None:
    run(*(step for step in catalog.STEPS if step.title != "Books"))
    products.create_product(fields={"name": "Treasure Island"}, variants=[{"price": Decimal(1)}])

    catalog.make_books(catalog.Batch(BOOKS[:1]))

    assert Product.objects.filter(slug="treasure-island-robert-louis-stevenson").exists()


def test_a_cover_hangs_in_every_size_and_is_drawn_again_when_its_file_is_lost(
    three_books: catalog.Batch,
) -> None:
    run(*covers.STEPS)
    image = ProductImage.objects.order_by("image").first()
    assert image is not None
    assert set(image.thumbnails) == {"small", "medium", "large"}

    default_storage.delete(image.image.name)
    run(*covers.STEPS)

    with default_storage.open(image.thumbnails["small"]) as file, Image.open(file) as small:
        assert 120 < max(small.size) <= 160
    assert default_storage.exists(image.image.name)
    assert ProductImage.objects.count() == 3


def test_seeding_is_refused_outside_the_demo(settings: Any) -> None:
    settings.IS_DEMO = False

    with pytest.raises(CommandError, match="createsuperuser"):
        seed_demo()

    assert not User.objects.exists()
