"""Fetching the pictures that imports name by their addresses."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from django.db import transaction

from catalog.models import ImageDownload
from catalog.services.images import MAXIMUM_BYTES, NewImage, add_images
from core.errors import DomainError
from core.fetching import Limits, fetch_public

_BATCH = 50


def fetch_images(*, limits: Limits | None = None) -> int:
    """Fetch every picture that is due, each once; return how many were taken.

    No lock is held while a server is waited for. A crash repeats the picture under way.
    """
    limits = limits or Limits(max_bytes=MAXIMUM_BYTES)
    fetched = 0
    while due := _due():
        for download_id in due:
            fetched += _fetch(download_id, limits)
    return fetched


def _due() -> list[UUID]:
    pending = ImageDownload.objects.filter(status=ImageDownload.PENDING)
    return list(pending.order_by("id").values_list("pk", flat=True)[:_BATCH])


def _fetch(download_id: UUID, limits: Limits) -> bool:
    """Fetch and keep a picture, or write down why not; tell whether it was kept."""
    download = ImageDownload.objects.get(pk=download_id)
    try:
        content = fetch_public(download.url, limits=limits)
        with transaction.atomic():
            if not _settle(download, ImageDownload.FETCHED):
                return False
            add_images(product_id=download.product_id, pictures=[NewImage(BytesIO(content))])
    except DomainError as refusal:
        _settle(download, ImageDownload.REFUSED, refusal.detail)
        return False
    return True


def _settle(download: ImageDownload, status: str, detail: str = "") -> bool:
    """Write what became of a download, unless another worker has; tell whether it was us."""
    mine = ImageDownload.objects.filter(pk=download.pk, status=ImageDownload.PENDING)
    return mine.update(status=status, detail=detail[:255]) == 1
