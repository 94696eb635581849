"""Orders that staff enter, to be paid by a link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from cart.tests.factories import sellable
from catalog.models import ProductVariant
from core.audit import discrepancies
from core.models import DomainEvent
from inventory.models import StockItem
from notifications.models import OutgoingEmail
from notifications.tasks import send_order_cancelled, send_payment_link
from orders import services
from orders.events import OrderCancelled, PaymentLinkSent
from orders.models import Order
from orders.tests.factories import ADDRESS, place, shipping_method

pytestmark = pytest.mark.django_db

ADMIN = "/admin/orders/order/"
SUBMIT = {"_form_submitted": "on"}
ApiFor = Callable[[User], APIClient]


@pytest.fixture
def clerk(api_for: ApiFor) -> APIClient:
    return api_for(StaffFactory.create(role="Order manager"))


@pytest.fixture
def tea() -> ProductVariant:
    return sellable()


def enter(client: APIClient, variant: ProductVariant, quantity: int = 2, **body: Any) -> Any:
    items = [{"variant": str(variant.pk), "quantity": quantity}]
    method = str(shipping_method().pk)
    order = {"items": items, "shipping_address": ADDRESS, "shipping_method": method, **body}
    return client.post("/api/v1/orders/", order)


def draft(client: APIClient, variant: ProductVariant, quantity: int = 2, **body: Any) -> Any:
    answer = enter(client, variant, quantity, draft=True, **{"email": "ada@example.com", **body})
    assert answer.status_code == 201, answer.content
    return answer.json()


def send(client: APIClient, order: Any) -> Any:
    answer = client.post(f"/api/v1/orders/{order['id']}/payment-link/", {})
    assert answer.status_code == 200, answer.content
    return answer.json()


def pay(api: APIClient, order: Any, token: str) -> Any:
    body = {"order": order["id"], "provider": "test", "payment_method": "tok_success"}
    return api.post("/api/v1/payments/", body, headers={"X-Cart-Token": token})


def stock_of(variant: ProductVariant) -> tuple[int, int]:
    item = StockItem.objects.get(variant=variant)
    return item.on_hand, item.reserved


def test_a_guest_pays_a_draft_by_its_link(
    clerk: APIClient, api: APIClient, tea: ProductVariant
) -> None:
    order = draft(clerk, tea)
    assert (order["status"], order["is_draft"], order["holds_stock"]) == ("pending", True, False)
    assert stock_of(tea) == (10, 0)
    assert list(discrepancies()) == []

    link = send(clerk, order)

    query = parse_qs(urlsplit(link["url"]).query)
    assert query == {"order": [order["id"]], "token": [link["token"]]}
    seen = api.get(f"/api/v1/orders/{order['id']}/", headers={"X-Cart-Token": link["token"]})
    assert seen.json()["number"] == order["number"]
    assert pay(api, order, link["token"]).status_code == 201
    assert stock_of(tea) == (10, 2)
    assert Order.objects.get().status == "paid"
    assert list(discrepancies()) == []


def test_a_customer_pays_a_draft_signed_in_or_by_its_link(
    clerk: APIClient, api_for: ApiFor, api: APIClient, tea: ProductVariant
) -> None:
    customer = UserFactory.create()
    order = draft(clerk, tea, customer=str(customer.pk))
    token = send(clerk, order)["token"]

    mine = api_for(customer).get(f"/api/v1/orders/{order['id']}/").json()

    assert mine["customer"] == str(customer.pk)
    assert pay(api, order, token).status_code == 201


def test_a_draft_holds_its_stock_by_choice(clerk: APIClient, tea: ProductVariant) -> None:
    order = draft(clerk, tea, hold_stock=True)

    assert order["holds_stock"] is True
    assert stock_of(tea) == (10, 2)
    assert list(discrepancies()) == []


def test_what_is_sold_meanwhile_cannot_be_paid(
    clerk: APIClient, api: APIClient, tea: ProductVariant
) -> None:
    order = draft(clerk, tea, 9)
    token = send(clerk, order)["token"]
    place(UserFactory.create(), [(tea, 2)])

    answer = pay(api, order, token)

    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_stock")
    assert not hasattr(Order.objects.get(pk=order["id"]), "payment")
    assert list(discrepancies()) == []


def test_it_is_changed_by_staff_and_customer_until_it_is_paid(
    clerk: APIClient, api: APIClient, tea: ProductVariant
) -> None:
    order = draft(clerk, tea)
    url, line = f"/api/v1/orders/{order['id']}/", order["items"][0]["id"]
    token = send(clerk, order)["token"]

    more = clerk.patch(url, {"items": [{"item": line, "quantity": 4}]}).json()
    change = {"items": [{"item": line, "quantity": 3}]}
    less = api.patch(url, change, headers={"X-Cart-Token": token}).json()

    assert [more["items"][0]["quantity"], less["items"][0]["quantity"]] == [4, 3]
    assert stock_of(tea) == (10, 0)
    pay(api, order, token)
    assert stock_of(tea) == (10, 3)
    assert clerk.patch(url, change).status_code == 409
    assert list(discrepancies()) == []


def test_it_lasts_for_days_and_is_then_cancelled(clerk: APIClient, tea: ProductVariant) -> None:
    order = draft(clerk, tea)
    stored = Order.objects.get()
    day = timezone.now() + timedelta(days=6)

    assert not services.cancel_unpaid_order(order_id=stored.pk, now=day)
    assert services.cancel_unpaid_order(order_id=stored.pk, now=day + timedelta(days=2))

    answer = clerk.post(f"/api/v1/orders/{order['id']}/payment-link/", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "invalid_transition")
    send_order_cancelled(OrderCancelled(stored.pk))
    assert not OutgoingEmail.objects.exists()  # it was never sent
    assert list(discrepancies()) == []


def test_the_customer_gets_the_link_by_email_each_time_it_is_sent(
    clerk: APIClient, tea: ProductVariant
) -> None:
    order = draft(clerk, tea)
    names = list(DomainEvent.objects.values_list("name", flat=True))
    assert "order.placed" not in names

    link = send(clerk, order)
    send_payment_link(PaymentLinkSent(Order.objects.get().pk))
    send_payment_link(PaymentLinkSent(Order.objects.get().pk))

    message = OutgoingEmail.objects.get()
    assert message.recipient == "ada@example.com"
    assert link["url"] in message.text
    assert link["token"] == send(clerk, order)["token"]


def test_a_link_opens_its_own_order_only(
    clerk: APIClient, api: APIClient, tea: ProductVariant
) -> None:
    one, other = draft(clerk, tea), draft(clerk, tea)
    token = send(clerk, one)["token"]
    send(clerk, other)

    answer = api.get(f"/api/v1/orders/{other['id']}/", headers={"X-Cart-Token": token})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"draft": True}, "#/email"),
        ({"hold_stock": True, "email": "ada@example.com"}, "#/hold_stock"),
        ({"draft": "perhaps", "email": "ada@example.com"}, "#/draft"),
    ],
)
def test_what_makes_no_draft_is_refused(
    clerk: APIClient, tea: ProductVariant, body: dict[str, Any], pointer: str
) -> None:
    answer = enter(clerk, tea, **body)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Order.objects.exists()


def test_only_order_staff_make_and_send_drafts(
    api_for: ApiFor, api: APIClient, clerk: APIClient, tea: ProductVariant
) -> None:
    callers = [api_for(UserFactory.create()), api_for(StaffFactory.create(role="Support")), api]
    made = [enter(caller, tea, draft=True, email="a@example.com").status_code for caller in callers]
    order = draft(clerk, tea)
    url = f"/api/v1/orders/{order['id']}/payment-link/"

    assert made == [403, 403, 401]
    assert [caller.post(url, {}).status_code for caller in callers] == [403, 403, 401]


def test_a_line_that_is_taken_out_stays_as_a_row(clerk: APIClient, tea: ProductVariant) -> None:
    order, pot = draft(clerk, tea, hold_stock=True), sellable()
    url, line = f"/api/v1/orders/{order['id']}/", order["items"][0]["id"]

    changes = [{"item": line, "quantity": 0}, {"variant": str(pot.pk), "quantity": 1}]
    body = clerk.patch(url, {"items": changes}).json()

    assert [item["sku"] for item in body["items"]] == [pot.sku]
    kept = Order.objects.get().lines.get(pk=line)
    assert (kept.quantity, kept.line_total, kept.sku) == (0, 0, tea.sku)
    assert stock_of(tea) == (10, 0)
    again = clerk.patch(url, {"items": [{"item": line, "quantity": 1}]})
    assert again.json()["errors"][0]["code"] == "unknown_line"
    body = clerk.patch(url, {"items": [{"variant": str(tea.pk), "quantity": 2}]}).json()
    assert [item["quantity"] for item in body["items"]] == [1, 2]
    assert Order.objects.get().lines.count() == 3
    assert list(discrepancies()) == []


def form(variant: ProductVariant, **values: Any) -> dict[str, Any]:
    """Return what staff fill in for a new draft in the admin."""
    method = str(shipping_method().pk)
    return {"lines": f"{variant.sku} 2", "shipping_method": method, **ADDRESS, **values}


def admin_of(role: str) -> Client:
    client = Client()
    client.force_login(StaffFactory.create(role=role), "accounts.backends.RoleBackend")
    return client


def test_a_draft_is_made_changed_and_sent_in_the_admin(tea: ProductVariant) -> None:
    admin, pot = admin_of("Order manager"), sellable()
    assert admin.get(f"{ADMIN}add/").status_code == 200

    admin.post(f"{ADMIN}add/", form(tea, customer_email="Ada@example.com", holds_stock="on"))
    order = Order.objects.get()
    page = f"{ADMIN}{order.pk}/"
    admin.post(
        f"{page}change_lines/", SUBMIT | {str(order.lines.get().pk): "0", "more": f"{pot.sku} 3"}
    )
    admin.post(f"{page}send_link/", SUBMIT)

    order.refresh_from_db()
    assert (order.email, order.is_draft, order.holds_stock) == ("ada@example.com", True, True)
    assert list(order.lines.order_by("position").values_list("sku", "quantity")) == [
        (tea.sku, 0),
        (pot.sku, 3),
    ]
    assert (stock_of(tea), stock_of(pot)) == ((10, 0), (10, 3))
    assert DomainEvent.objects.filter(name="order.payment_link_sent").count() == 1
    assert list(discrepancies()) == []


def test_a_draft_for_a_customers_address_is_the_customers(tea: ProductVariant) -> None:
    customer = UserFactory.create()

    admin_of("Order manager").post(f"{ADMIN}add/", form(tea, customer_email=customer.email.upper()))

    assert Order.objects.get().customer == customer


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"customer_email": ""}, "This field is required"),
        ({"lines": "NO-SUCH-SKU 2"}, "No variant has this SKU"),
        ({"postal_code": "nonsense"}, "postal code"),
        ({"coupons": "NO-SUCH-CODE"}, "coupon"),
    ],
)
def test_the_admin_refuses_what_the_api_refuses(
    tea: ProductVariant, values: dict[str, str], told: str
) -> None:
    admin = admin_of("Order manager")
    body = form(tea, customer_email="ada@example.com") | values

    answer = admin.post(f"{ADMIN}add/", body, follow=True)

    assert told in answer.content.decode()
    assert not Order.objects.exists()


def test_support_makes_no_drafts(tea: ProductVariant) -> None:
    assert admin_of("Support").get(f"{ADMIN}add/").status_code == 403
