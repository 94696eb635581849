"""Addresses of pictures in a row: looked at here, fetched by a job after the import."""

from __future__ import annotations

from typing import Final

from core.fetching import NotPublic, check_address
from imports.services.refusals import RefusedCell

MOST_URLS: Final = 10


def image_urls(text: str, _name: str = "") -> list[str]:
    """Return the addresses, which stand apart by spaces, new lines or bars."""
    urls = list(dict.fromkeys(text.replace("|", " ").split()))
    if len(urls) > MOST_URLS:
        raise RefusedCell("too_many_images", f"At most {MOST_URLS} addresses.")
    for url in urls:
        try:
            check_address(url)
        except NotPublic as error:
            raise RefusedCell("invalid_image_url", error.detail) from error
    return urls
