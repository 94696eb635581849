"""The covers of the demo shop's books.

Written directly and not by ``catalog.services.images``: what we drew ourselves needs no second
encoding, and its thumbnails are there at once instead of after hundreds of background jobs.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from catalog.models import ProductImage, ProductVariant
from catalog.services.images import SIZES
from demo.covers import HEIGHT, WIDTH, draw_renditions
from demo.library import DemoBook, demo_books
from demo.seeding.step import Step

FOLDER = "products/demo"
WHOLE = "whole"
SIDES = {WHOLE: HEIGHT} | {name: side for name, side in SIZES.items() if side < HEIGHT}
BATCH = 40


@dataclass(frozen=True)
class BareBook:
    """A book without its picture, the product that it is, and whether that has any picture."""

    book: DemoBook
    product_id: UUID
    is_pictured: bool


def missing_covers() -> Sequence[Sequence[BareBook]]:
    """Return the books whose cover's file, or picture in the catalog, is not there."""
    variants = ProductVariant.objects.filter(product__deleted_at=None)
    product_of = dict(variants.values_list("sku", "product_id"))
    pictured = set(ProductImage.all_objects.values_list("product_id", flat=True))
    drawn = set(default_storage.listdir(FOLDER)[1]) if default_storage.exists(FOLDER) else set()
    bare = [
        BareBook(book, product_id, is_pictured=product_id in pictured)
        for book in demo_books()
        if (product_id := product_of.get(book.editions[0].sku))
        and (product_id not in pictured or f"{_stem(book)}-{WHOLE}.jpg" not in drawn)
    ]
    return [bare[start : start + BATCH] for start in range(0, len(bare), BATCH)]


def make_covers(bare_books: Sequence[BareBook]) -> None:
    """Draw covers, several at once, and hang them up."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for _ in threads.map(_draw, [bare.book for bare in bare_books]):
            pass
    ProductImage.objects.bulk_create(_picture(bare) for bare in bare_books if not bare.is_pictured)


def _draw(book: DemoBook) -> None:
    """Store the cover in its sizes, the whole one last: by that it counts as drawn."""
    renditions = draw_renditions(
        title=book.title, author=book.byline, palette_seed=book.title, sides=SIDES
    )
    for size in sorted(renditions, key=lambda size: size == WHOLE):
        name = _file(book, size)
        default_storage.delete(name)
        default_storage.save(name, ContentFile(renditions[size]))


def _picture(bare: BareBook) -> ProductImage:
    return ProductImage(
        product_id=bare.product_id,
        image=_file(bare.book, WHOLE),
        width=WIDTH,
        height=HEIGHT,
        thumbnails={size: _file(bare.book, size if size in SIDES else WHOLE) for size in SIZES},
        alt=f"Cover of {bare.book.title} by {bare.book.byline}",
    )


def _stem(book: DemoBook) -> str:
    return f"tp-{book.number:04d}"


def _file(book: DemoBook, size: str) -> str:
    return f"{FOLDER}/{_stem(book)}-{size}.jpg"


STEPS = (Step("Covers", missing_covers, make_covers),)
