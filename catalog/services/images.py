"""Pictures of products: encoded anew when they come, made smaller in the background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Final, TypedDict
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


ADD_IMAGES_ERRORS: Final = (
    NotFound,
    images.UnreadableImage,
    images.TooManyPixels,
    images.ImageTooLarge,
    TooManyImages,
)
CHANGE_IMAGE_ERRORS: Final = (NotFound,)
DELETE_IMAGE_ERRORS: Final = (NotFound,)


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
    Locks the product.
    """
    stored = []
    for picture in pictures:
        drawn = encode(picture.file)
        name = store(drawn, folder="products")
        row = ProductImage(image=name, alt=picture.alt, width=drawn.width, height=drawn.height)
        stored.append(row)
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


def encode(file: IO[bytes]) -> images.EncodedImage:
    """Return a picture that was sent, drawn anew: nothing of the file but its pixels is kept."""
    return images.reencode(file, max_bytes=MAXIMUM_BYTES, max_side=MAXIMUM_SIDE, formats=FORMATS)


def store(drawn: images.EncodedImage, *, folder: str) -> str:
    """Write a picture under a new name, which is returned."""
    name = f"{folder}/{new_id().hex}.{drawn.extension}"
    return default_storage.save(name, ContentFile(drawn.content))


@transaction.atomic
def change_image(*, image_id: UUID, changes: ImageFields) -> ProductImage:
    """Change the alternative text of a living picture, or its place among the product's.

    ``position`` counts from 0; those that stood there and behind move on. Locks them.
    """
    gallery = _lock_gallery(image_id)
    image = next(picture for picture in gallery if picture.pk == image_id)
    if "alt" in changes:
        image.alt = changes["alt"]
        image.save(update_fields=["alt", "updated_at"])
    if "position" in changes:
        wanted = changes["position"]
        others = [picture for picture in gallery if picture is not image]
        places = [place for place in range(len(gallery)) if place != wanted]
        for place, picture in [(wanted, image), *zip(places, others, strict=False)]:
            if picture.position != place:
                picture.position = place
                picture.save(update_fields=["position", "updated_at"])
    return image


@transaction.atomic
def delete_image(*, image_id: UUID) -> None:
    """Take a picture off its product; the others keep their order."""
    gallery = _lock_gallery(image_id)
    next(picture for picture in gallery if picture.pk == image_id).delete()


def lock_image(*, image_id: UUID) -> ProductImage:
    """Return the living picture, locked with those beside it until the transaction ends."""
    return next(picture for picture in _lock_gallery(image_id) if picture.pk == image_id)


def _lock_gallery(image_id: UUID) -> list[ProductImage]:
    """Return the living pictures beside this one, itself included, in their order, locked."""
    product = ProductImage.objects.filter(pk=image_id).values("product")
    pictures = ProductImage.objects.filter(product__in=product).order_by("pk")
    gallery = list(pictures.select_for_update(no_key=True, of=("self",)))
    if not any(picture.pk == image_id for picture in gallery):
        raise NotFound("There is no such image.")
    return sorted(gallery, key=lambda picture: (picture.position, picture.pk))


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
    return store(drawn, folder=f"products/{name}")
