"""Pictures of categories are drawn anew, as those of products are."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.tests.factories import StaffFactory
from catalog import services
from catalog.models import Category
from catalog.tests.factories import CategoryFactory

pytestmark = pytest.mark.django_db


def hostile_picture() -> SimpleUploadedFile:
    """Return a JPEG with a place in its metadata and a script behind its end."""
    exif = Image.Exif()
    exif[0x010E] = "SECRET PLACE"
    buffer = BytesIO()
    Image.new("RGB", (40, 30), "red").save(buffer, "JPEG", exif=exif)
    content = buffer.getvalue() + b"<script>alert(1)</script>"
    return SimpleUploadedFile("evil.php.jpg", content, "image/jpeg")


def stored(category: Category) -> bytes:
    with default_storage.open(Category.objects.get(pk=category.pk).image.name) as file:
        return file.read()


@pytest.mark.parametrize("is_new", [True, False])
def test_keeps_nothing_but_the_pixels(client: Client, *, is_new: bool) -> None:
    client.force_login(StaffFactory.create(role="Catalog manager"))
    category = None if is_new else CategoryFactory.create(slug="books")
    page, arguments = ("add", []) if category is None else ("change", [category.pk])

    data = {"name": "Books", "slug": "books", "image": hostile_picture()}
    answer = client.post(reverse(f"admin:catalog_category_{page}", args=arguments), data)

    assert answer.status_code == 302
    category = Category.objects.get(slug="books")
    content = stored(category)
    assert b"SECRET" not in content
    assert b"script" not in content
    assert Image.open(BytesIO(content)).size == (40, 30)
    assert category.image.name.startswith("categories/")
    assert "evil" not in category.image.name


def test_takes_a_picture_off_again() -> None:
    category = services.create_category(fields={"name": "Books", "image": hostile_picture()})
    assert category.image

    services.update_category(category_id=category.pk, changes={"image": False})

    assert not Category.objects.get(pk=category.pk).image
