"""Pictures of products."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from PIL import Image
from rest_framework.test import APIClient

from catalog.models import Product, ProductImage
from catalog.tasks import make_thumbnails
from catalog.tests.factories import ProductFactory

pytestmark = pytest.mark.django_db

HOSTILE = Path(settings.BASE_DIR).parent / "shared" / "data" / "hostile"
MANIFEST = HOSTILE / "manifest.json"
CASES = [
    case
    for case in (json.loads(MANIFEST.read_text()) if MANIFEST.exists() else [])
    if case["file"].startswith("img/") and "names" not in case
]


@pytest.fixture
def product() -> Product:
    return ProductFactory.create(slug="emma")


def picture(width: int = 900, height: int = 600, name: str = "a.png") -> BytesIO:
    file = BytesIO()
    Image.new("RGB", (width, height), "red").save(file, "PNG")
    file.seek(0)
    file.name = name
    return file


def upload(api: APIClient, *files: Any, **more: Any) -> Any:
    address = "/api/v1/products/emma/images/"
    return api.post(address, {"images": list(files), **more}, format="multipart")


def test_adds_several_images_with_their_texts(manager: APIClient, product: Product) -> None:
    response = upload(manager, picture(), picture(), alt=["front", "back"])

    assert response.status_code == 201
    images = manager.get("/api/v1/products/emma/").json()["images"]
    assert [(image["alt"], image["position"]) for image in images] == [("front", 0), ("back", 1)]
    assert images[0]["thumbnails"]["small"] == images[0]["url"]


def test_makes_thumbnails_in_three_sizes_once(manager: APIClient, product: Product) -> None:
    identifier = upload(manager, picture()).json()[0]["id"]

    make_thumbnails(image_id=identifier)
    first = ProductImage.objects.get().thumbnails
    make_thumbnails(image_id=identifier)

    assert ProductImage.objects.get().thumbnails == first
    widths = {}
    for size, name in first.items():
        with default_storage.open(name) as file, Image.open(file) as image:
            widths[size] = image.width
    assert widths == {"small": 160, "medium": 480, "large": 900}


def test_changes_place_and_text_and_deletes(manager: APIClient, product: Product) -> None:
    identifier = upload(manager, picture()).json()[0]["id"]
    address = f"/api/v1/products/emma/images/{identifier}/"

    changed = manager.patch(address, {"alt": "cover", "position": 5}, format="json").json()

    assert (changed["alt"], changed["position"]) == ("cover", 5)
    assert manager.delete(address).status_code == 204
    assert manager.get("/api/v1/products/emma/").json()["images"] == []


def test_puts_a_picture_first_and_lets_the_others_move_on(
    manager: APIClient, product: Product
) -> None:
    made = upload(manager, *(picture(10, 10) for _ in range(4))).json()
    ids = [image["id"] for image in made]

    def move(place: int, position: int) -> list[int]:
        address = f"/api/v1/products/emma/images/{ids[place]}/"
        assert manager.patch(address, {"position": position}, format="json").status_code == 200
        images = manager.get("/api/v1/products/emma/").json()["images"]
        assert [image["position"] for image in images] == [0, 1, 2, 3]
        return [ids.index(image["id"]) for image in images]

    assert move(2, 0) == [2, 0, 1, 3]
    assert move(2, 3) == [0, 1, 3, 2]
    assert move(3, 1) == [0, 3, 1, 2]
    assert move(3, 1) == [0, 3, 1, 2]


def test_keeps_none_when_one_is_bad(manager: APIClient, product: Product) -> None:
    bad = BytesIO(b"<html>")
    bad.name = "a.png"

    assert upload(manager, picture(), bad).status_code == 400
    assert not ProductImage.objects.exists()


def test_refuses_more_than_a_gallery_holds(manager: APIClient, product: Product) -> None:
    ProductImage.objects.bulk_create(
        ProductImage(product=product, image="a.png") for _ in range(30)
    )

    assert upload(manager, picture(10, 10)).json()["code"] == "too_many_images"


def test_asks_for_files(manager: APIClient, product: Product) -> None:
    assert upload(manager).status_code == 400


def test_stores_under_a_name_of_its_own(manager: APIClient, product: Product) -> None:
    upload(manager, picture(10, 10, name="../../../tmp/evil.php.png"))

    name = ProductImage.objects.get().image.name
    assert name.startswith("products/")
    assert "evil" not in name


@pytest.mark.skipif(not CASES, reason="the shared data is absent")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_meets_hostile_files(manager: APIClient, product: Product, case: dict[str, Any]) -> None:
    file = BytesIO((HOSTILE / case["file"]).read_bytes())
    file.name = case["file"].removeprefix("img/")

    status = upload(manager, file).status_code

    allowed = {"accept": {201}, "reject": {400, 413}, "rows": {201, 400}}[case["verdict"]]
    assert status in allowed
    for image in ProductImage.objects.all():
        with default_storage.open(image.image.name) as stored:
            content = stored.read()
        assert not any(evil in content for evil in (b"<script", b"PK\x03\x04", b"GPS"))


def test_takes_avif_and_keeps_webp(manager: APIClient, product: Product) -> None:
    file = BytesIO()
    Image.new("RGB", (300, 200), "red").save(file, "AVIF")
    file.seek(0)
    file.name = "a.avif"

    (made,) = upload(manager, file).json()

    stored = ProductImage.objects.get(pk=made["id"])
    assert stored.image.name.endswith(".webp")
    with stored.image.open() as kept:
        assert (Image.open(kept).format, stored.width, stored.height) == ("WEBP", 300, 200)


def test_refuses_an_avif_that_is_broken(manager: APIClient, product: Product) -> None:
    file = BytesIO()
    Image.new("RGB", (300, 200), "red").save(file, "AVIF")
    broken = BytesIO(file.getvalue()[:200])
    broken.name = "a.avif"

    assert upload(manager, broken).json()["code"] == "unreadable_image"
    assert not ProductImage.objects.exists()
