"""Names as staff type them in the admin."""

import pytest
from django.test import Client

from accounts.models import User
from catalog.models import Brand

pytestmark = pytest.mark.django_db


def test_the_admin_keeps_names_on_one_line(client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss@example.com", "x"))

    answer = client.post(
        "/admin/catalog/brand/add/", {"name": "Pen\u200bguin\nBooks ", "slug": "penguin"}
    )

    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert [brand.name for brand in Brand.objects.all()] == ["Penguin Books"]
