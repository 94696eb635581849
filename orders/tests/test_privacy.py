import pytest
from django.test import Client

from accounts.services.erasure import erase
from accounts.tests.factories import UserFactory
from core.privacy import export_personal_data
from orders import services, tasks
from orders.models import Order, OrderStatus
from orders.services.addresses import FIELDS
from orders.tests.factories import ADDRESS, place, place_as_guest

pytestmark = pytest.mark.django_db


def close(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(status=OrderStatus.DELIVERED)


def line1_of(order: Order) -> str:
    order.refresh_from_db()
    return str((order.shipping_address or {})["line1"])


def test_guest_orders_join_the_account_whose_address_is_verified() -> None:
    order = place_as_guest(email="ada@example.com")
    place_as_guest(email="grace@example.com")
    user = UserFactory.create(email="ada@example.com")

    assert services.claim_guest_orders(user_id=user.pk) == 1

    order.refresh_from_db()
    assert order.customer_id == user.pk


def test_guest_orders_do_not_join_an_account_that_has_proved_nothing() -> None:
    place_as_guest(email="ada@example.com")
    user = UserFactory.create(email="ada@example.com", is_email_verified=False)

    assert services.claim_guest_orders(user_id=user.pk) == 0
    assert not Order.objects.filter(customer=user).exists()


def test_the_orders_of_someone_who_left_keep_figures_and_country_only() -> None:
    user = UserFactory.create()
    order = place(user, customer_note="Ring twice, Ada")
    close(order)

    services.anonymise_orders(user_id=user.pk)

    order.refresh_from_db()
    assert (order.email, order.customer_note) == ("", "")
    assert order.shipping_address == dict.fromkeys(FIELDS, "") | {"country": "DE"}
    assert order.lines.count() == 1
    assert order.total == sum(line.line_total for line in order.lines.all()) + order.shipping_total


def test_what_is_on_its_way_keeps_its_address_until_it_is_closed() -> None:
    user = UserFactory.create()
    order = place(user)
    erase(user=user)
    services.anonymise_orders(user_id=user.pk)
    assert line1_of(order) == ADDRESS["line1"]

    close(order)
    tasks.anonymise_closed_orders(0)

    assert line1_of(order) == ""


def test_the_orders_of_others_stay_as_they_are() -> None:
    order, guests = place(UserFactory.create()), place_as_guest()
    close(order)
    close(guests)
    customer = UserFactory.create()
    erase(user=customer)

    services.anonymise_orders(user_id=customer.pk)
    services.anonymise_closed_orders()

    for placed in (order, guests):
        assert line1_of(placed) == ADDRESS["line1"]


def test_orders_are_part_of_what_a_person_exports() -> None:
    user = UserFactory.create()
    order = place(user)
    place(UserFactory.create())

    (exported,) = dict(export_personal_data(user.pk))["orders"]

    assert exported["number"] == order.number
    assert exported["lines"][0]["quantity"] == 2


def test_staff_sees_a_customers_orders_on_the_customers_page(admin_client: Client) -> None:
    order = place(UserFactory.create())

    page = admin_client.get(f"/admin/accounts/user/{order.customer_id}/change/").content.decode()

    assert order.number in page
