from __future__ import annotations

import pytest
from django.test import Client

from accounts.roles import Role
from accounts.tests.factories import StaffFactory, UserFactory
from config.admin_menu import MENU

pytestmark = pytest.mark.django_db

PAGES = [page for group in MENU for page in group["items"]]


@pytest.mark.parametrize("page", PAGES, ids=[page["title"] for page in PAGES])
def test_every_entry_opens_a_page(client: Client, page: dict[str, str]) -> None:
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))

    assert client.get(str(page["link"])).status_code == 200


def test_staff_see_only_what_they_may_open(client: Client) -> None:
    client.force_login(StaffFactory.create(role=Role.ORDER_MANAGER))

    menu = client.get("/admin/").content.decode()

    assert "/admin/orders/order/" in menu
    assert "/admin/accounts/apikey/" not in menu
