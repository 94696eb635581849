"""Pictures that imports name by their addresses."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest
from PIL import Image

from catalog.models import ImageDownload, Product, ProductImage
from catalog.services.image_downloads import fetch_images
from catalog.tests.factories import ProductFactory
from core.fetching import Limits

pytestmark = pytest.mark.django_db


class _Pictures(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        buffer = BytesIO()
        Image.new("RGB", (8, 8)).save(buffer, "PNG")
        self.wfile.write(buffer.getvalue() if self.path == "/good.png" else b"<html>")

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pictures) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def named(product: Product, url: str) -> ImageDownload:
    return ImageDownload.objects.create(product=product, url=url)


def test_keeps_pictures_and_writes_down_why_others_are_not(port: int) -> None:
    product = ProductFactory.create()
    good = named(product, f"http://127.0.0.1:{port}/good.png")
    page = named(product, f"http://127.0.0.1:{port}/page.html")
    limits = Limits(10_000, is_allowed=lambda _address: True, ports=frozenset({port}))

    assert fetch_images(limits=limits) == 1
    assert fetch_images(limits=limits) == 0

    good.refresh_from_db()
    page.refresh_from_db()
    assert (good.status, page.status) == ("fetched", "refused")
    assert "picture" in page.detail
    assert ProductImage.objects.get().product == product


def test_never_reaches_inside(port: int) -> None:
    download = named(ProductFactory.create(), f"http://127.0.0.1:{port}/good.png")

    fetch_images()

    download.refresh_from_db()
    assert (download.status, ProductImage.objects.count()) == ("refused", 0)
