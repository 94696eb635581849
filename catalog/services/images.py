"""Pictures of products: encoded anew when they come, made smaller in the background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import IO, TypedDict
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max

from catalog.models import ProductImage
from catalog.services.variants import lock_product
from core import images, jobs
from core.errors import DomainError, NotFound
from core.models import new_id

FORMATS = (*images.WEB_FORMATS, "AVIF")
MAXIMUM_BYTES = 10 * 1024 * 1024
MAXIMUM_SIDE = 2400
MAXIMUM_IMAGES = 30
# The longest side of each thumbnail, in pixels.
SIZES = {"small": 160, "medium": 480, "large": 1200}


class TooManyImages(DomainError):
    """The product's gallery is full."""

    code = "too_many_images"
    title = f"A product has at most {MAXIMUM_IMAGES} images."


@dataclass(frozen=True)
class NewImage:
    """A picture as it was sent."""

    file: IO[bytes]
    alt: str = ""


class ImageFields(TypedDict, total=False):
    """What can be said of a picture."""

    alt: str
    position: int


def add_images(*, product_id: UUID, pictures: Sequence[NewImage]) -> list[ProductImage]:
    """Add pictures to a living product, all or none; their thumbnails are made by a job.

    They are stored before the transaction, under new names, so that no lock waits for a disk.
    Locks the product. Raises NotFound, TooManyImages, and what ``core.images.reencode`` raises.
    """
    stored = [_store(picture) for picture in pictures]
    with transaction.atomic():
        product = lock_product(product_id=product_id)
        existing = ProductImage.objects.filter(product=product)
        if existing.count() + len(stored) > MAXIMUM_IMAGES:
            raise TooManyImages
        last = existing.aggregate(last=Max("position"))["last"]
        for place, image in enumerate(stored, start=0 if last is None else last + 1):
            image.product, image.position = product, place
            image.save(force_insert=True)
            jobs.configure_task("catalog.tasks.make_thumbnails").defer(image_id=str(image.pk))
    return stored


def _store(picture: NewImage) -> ProductImage:
    """Write the picture's file and return its row, not yet written."""
    drawn = images.reencode(
        picture.file, max_bytes=MAXIMUM_BYTES, max_side=MAXIMUM_SIDE, formats=FORMATS
    )
    name = default_storage.save(
        f"products/{new_id().hex}.{drawn.extension}", ContentFile(drawn.content)
    )
    return ProductImage(image=name, alt=picture.alt, width=drawn.width, height=drawn.height)


@transaction.atomic
def change_image(*, image_id: UUID, changes: ImageFields) -> ProductImage:
    """Change the alternative text or place of a living picture. Raises NotFound."""
    image = _lock(image_id)
    for name, value in changes.items():
        setattr(image, name, value)
    image.save(update_fields=[*changes, "updated_at"])
    return image


@transaction.atomic
def delete_image(*, image_id: UUID) -> None:
    """Take a picture off its product. Raises NotFound."""
    _lock(image_id).delete()


def _lock(image_id: UUID) -> ProductImage:
    images_to_lock = ProductImage.objects.select_for_update(no_key=True)
    image: ProductImage | None = images_to_lock.filter(pk=image_id).first()
    if image is None:
        raise NotFound("There is no such image.")
    return image


def make_thumbnails(*, image_id: UUID) -> None:
    """Draw a picture in three sizes; once more changes nothing."""
    image: ProductImage | None = ProductImage.all_objects.filter(pk=image_id).first()
    if image is None or image.thumbnails:
        return
    with image.image.open("rb") as file:
        content = file.read()
    thumbnails = {name: _thumbnail(content, side, name) for name, side in SIZES.items()}
    ProductImage.all_objects.filter(pk=image_id, thumbnails={}).update(thumbnails=thumbnails)


def _thumbnail(content: bytes, side: int, name: str) -> str:
    drawn = images.reencode(BytesIO(content), max_bytes=len(content), max_side=side)
    return default_storage.save(
        f"products/{name}/{new_id().hex}.{drawn.extension}", ContentFile(drawn.content)
    )
