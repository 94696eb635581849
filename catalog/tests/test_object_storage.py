"""Pictures in an S3-compatible storage: a real server on loopback, by the settings of the shop."""

from collections.abc import Iterator
from io import BytesIO
from urllib.request import urlopen

import boto3
import pytest
from django.core.files.storage import default_storage
from django.test import override_settings
from environs import Env
from moto.server import ThreadedMotoServer
from PIL import Image
from rest_framework.test import APIClient

from catalog.models import ProductImage
from catalog.tasks import make_thumbnails
from catalog.tests.factories import ProductFactory
from config.settings.storage import media_origin, media_storage

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

BUCKET = "shop-media"
READ_BY_ALL = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", '
    '"Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop-media/*"}]}'
)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run a server with an empty bucket, keep uploads there, and return its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    for name, value in {
        "S3_BUCKET": BUCKET,
        "S3_ENDPOINT_URL": address,
        "S3_REGION": "us-east-1",
        "S3_ACCESS_KEY": "key",
        "S3_SECRET_KEY": "secret",
    }.items():
        monkeypatch.setenv(name, value)
    bucket = boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    bucket.create_bucket(Bucket=BUCKET)
    bucket.put_bucket_policy(Bucket=BUCKET, Policy=READ_BY_ALL)
    with override_settings(STORAGES={"default": media_storage(Env())}):
        yield address
    server.stop()


def fetched(address: str) -> Image.Image:
    with urlopen(address) as response:  # noqa: S310 - of our own server
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        return Image.open(BytesIO(response.read()))


def test_keeps_pictures_and_their_thumbnails_in_the_bucket(
    api: APIClient, manager: APIClient, endpoint: str
) -> None:
    product = ProductFactory.create(slug="emma")
    file = BytesIO()
    Image.new("RGB", (900, 600), "red").save(file, "PNG")
    file.seek(0)
    file.name = "a.png"

    sent = manager.post("/api/v1/products/emma/images/", {"images": [file]}, format="multipart")
    make_thumbnails(image_id=sent.json()[0]["id"])

    (image,) = api.get(f"/api/v1/products/{product.slug}/").json()["images"]
    assert image["url"].startswith(f"{endpoint}/{BUCKET}/products/")
    assert fetched(image["url"]).size == (900, 600)
    assert fetched(image["thumbnails"]["small"]).size == (160, 107)
    assert ProductImage.objects.get().image.name.startswith("products/")


@pytest.mark.parametrize(
    ("variables", "address", "origin"),
    [
        (
            {"S3_PUBLIC_URL": "https://cdn.example.com/media/"},
            "https://cdn.example.com/media/x",
            "https://cdn.example.com",
        ),
        (
            {"S3_ENDPOINT_URL": "http://127.0.0.1:9000"},
            "http://127.0.0.1:9000/shop-media/x",
            "http://127.0.0.1:9000",
        ),
    ],
)
def test_shows_pictures_from_where_browsers_may_fetch_them(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], address: str, origin: str
) -> None:
    keys = {
        "S3_BUCKET": BUCKET,
        "S3_REGION": "us-east-1",
        "S3_ACCESS_KEY": "k",
        "S3_SECRET_KEY": "s",
    }
    for name, value in {**keys, **variables}.items():
        monkeypatch.setenv(name, value)

    storage = media_storage(Env())

    with override_settings(STORAGES={"default": storage}):
        assert default_storage.url("x") == address
    assert media_origin(storage) == [origin]


def test_keeps_uploads_in_the_data_folder_where_no_bucket_is_set() -> None:
    storage = media_storage(Env())

    assert storage == {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    assert media_origin(storage) == []
