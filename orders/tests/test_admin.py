"""Orders in the backoffice."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import StaffFactory, UserFactory
from cart.tests.factories import sellable
from orders import services
from orders.models import Order, OrderStatus, Return, Shipment
from orders.tests.factories import pay, place, ship
from payments.tests.factories import paid

pytestmark = pytest.mark.django_db

LIST = "/admin/orders/order/"
SUBMIT = {"_form_submitted": "on"}


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(StaffFactory.create(role=role), "accounts.backends.RoleBackend")
    return client


@pytest.fixture
def clerk() -> Client:
    return signed_in("Order manager")


@pytest.fixture
def order() -> Order:
    return place(UserFactory.create(), [(sellable(), 3)])


def page_of(order: Order) -> str:
    return f"{LIST}{order.pk}/change/"


def test_the_list_finds_by_number_address_sku_and_tracking(clerk: Client, order: Order) -> None:
    other = place(UserFactory.create())
    ship(pay(order), tracking_number="TRACK-1")

    for term in (order.number, order.email, order.loaded_lines[0].sku, "TRACK-1"):
        page = clerk.get(LIST, {"q": term}).content.decode()
        assert order.number in page
        assert other.number not in page


def test_the_list_has_a_tab_for_each_status(clerk: Client, order: Order) -> None:
    page = clerk.get(LIST, {"status__exact": "paid"}).content.decode()

    assert order.number not in page
    assert all(f"?status__exact={status}" in page for status in OrderStatus)


def test_the_list_costs_the_same_for_one_order_and_for_thirty(clerk: Client, order: Order) -> None:
    with CaptureQueriesContext(connection) as one:
        clerk.get(LIST)
    tea = sellable(stocked=100)
    for _ in range(29):
        place(UserFactory.create(), [(tea, 1)])

    with CaptureQueriesContext(connection) as thirty:
        clerk.get(LIST)

    assert len(thirty) == len(one)


def test_the_page_shows_lines_totals_parcels_and_history(clerk: Client, order: Order) -> None:
    ship(pay(order), carrier="UPS", tracking_number="1Z999")

    page = clerk.get(page_of(order)).content.decode()

    assert order.loaded_lines[0].sku in page
    assert f"{order.total:.2f} USD" in page
    assert "https://www.ups.com/track?tracknum=1Z999" in page
    assert "Unter den Linden 1" in page
    assert "Timeline" in page


def test_only_what_may_follow_is_offered(clerk: Client, order: Order) -> None:
    pending = clerk.get(page_of(order)).content.decode()
    pay(order)
    paid = clerk.get(page_of(order)).content.decode()

    assert ("/ship/" in pending, "/cancel/" in pending) == (False, True)
    assert ("/ship/" in paid, "/cancel/" in paid, "/deliver/" in paid) == (True, True, False)


def test_an_order_is_shipped_with_carrier_and_tracking_number(clerk: Client, order: Order) -> None:
    pay(order)
    url = f"{LIST}{order.pk}/ship/"
    assert "3 left to ship" in clerk.get(url).content.decode()

    answer = clerk.post(url, SUBMIT | {"carrier": "DHL", "tracking_number": "JD01"}, follow=True)

    assert "is shipped" in answer.content.decode()
    assert Shipment.objects.get().tracking_number == "JD01"
    order.refresh_from_db()
    assert order.status == OrderStatus.SHIPPED


def test_a_part_of_an_order_is_shipped(clerk: Client, order: Order) -> None:
    pay(order)
    line = order.loaded_lines[0]

    clerk.post(f"{LIST}{order.pk}/ship/", SUBMIT | {str(line.pk): "1"})

    order.refresh_from_db()
    assert order.status == OrderStatus.PAID
    assert Shipment.objects.get().lines.get().quantity == 1


def test_cancelling_is_confirmed_before_it_is_done(clerk: Client, order: Order) -> None:
    url = f"{LIST}{order.pk}/cancel/"

    assert "This cannot be undone." in clerk.get(url).content.decode()
    order.refresh_from_db()
    assert order.status == OrderStatus.PENDING
    clerk.post(url, SUBMIT | {"note": "Customer called."})

    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED


def test_what_is_not_possible_is_told(clerk: Client, order: Order) -> None:
    answer = clerk.post(f"{LIST}{order.pk}/deliver/", SUBMIT, follow=True)

    assert "An order that is pending cannot become delivered." in answer.content.decode()


@pytest.mark.parametrize("action", ["ship", "deliver", "cancel", "note", "take_back"])
def test_support_may_look_but_not_touch(order: Order, action: str) -> None:
    support = signed_in("Support")

    assert support.get(page_of(order)).status_code == 200
    assert support.post(f"{LIST}{order.pk}/{action}/", SUBMIT).status_code == 403


def test_nobody_writes_an_order_by_hand(clerk: Client, order: Order) -> None:
    assert clerk.post(page_of(order), {"number": "X"}).status_code == 403
    assert clerk.post(f"{LIST}{order.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_tabs_tell_how_many_orders_stand_there(clerk: Client, order: Order) -> None:
    pay(place(UserFactory.create()))
    pay(place(UserFactory.create()))

    tabs = clerk.get(LIST).context["tabs"]

    assert {name: count for _, name, count in tabs if count} == {"All": 3, "Pending": 1, "Paid": 2}


def test_the_page_shows_where_the_goods_lie(clerk: Client, order: Order) -> None:
    page = clerk.get(page_of(order)).content.decode()

    shown = page[page.index("For this order") :]
    assert order.loaded_lines[0].sku in shown
    assert [shown.index(f">{number}</td>") > 0 for number in (3, 10, 7)] == [True] * 3


def test_the_page_costs_the_same_for_one_line_and_for_thirty(clerk: Client, order: Order) -> None:
    large = place(UserFactory.create(), [(sellable(), 1) for _ in range(30)])
    with CaptureQueriesContext(connection) as one:
        clerk.get(page_of(order))

    with CaptureQueriesContext(connection) as thirty:
        clerk.get(page_of(large))

    assert len(thirty) == len(one)


def test_a_return_is_asked_for_on_behalf_of_the_customer(clerk: Client, order: Order) -> None:
    ship(pay(order))
    services.deliver_order(order_id=order.pk, by=None)
    line, url = order.loaded_lines[0], f"{LIST}{order.pk}/take_back/"
    assert "Say how many units" in clerk.post(url, SUBMIT | {"reason": "Torn."}).content.decode()

    clerk.post(url, SUBMIT | {"reason": "Torn.", str(line.pk): "2"})

    returned = Return.objects.get()
    assert (returned.reason, returned.lines.get().quantity) == ("Torn.", 2)
    assert "/take_back/" in clerk.get(page_of(order)).content.decode()


def test_money_is_given_back_on_the_payments_page(clerk: Client, order: Order) -> None:
    assert "/refund/" not in clerk.get(page_of(order)).content.decode()
    payment = paid(order)

    page = clerk.get(page_of(order)).content.decode()
    answer = clerk.get(f"{LIST}{order.pk}/refund/")

    assert f"{LIST}{order.pk}/refund/" in page
    assert answer["Location"] == f"/admin/payments/payment/{payment.pk}/change/"


def test_a_note_stands_in_the_timeline(clerk: Client, order: Order) -> None:
    url = f"{LIST}{order.pk}/note/"
    assert "This field is required." in clerk.post(url, SUBMIT).content.decode()

    clerk.post(url, SUBMIT | {"note": "Called: prefers a blue cover."})

    event = order.events.latest("id")
    assert (event.from_status, event.to_status) == (OrderStatus.PENDING, OrderStatus.PENDING)
    assert "Called: prefers a blue cover." in clerk.get(page_of(order)).content.decode()
