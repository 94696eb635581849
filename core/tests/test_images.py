from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.errors import InvalidInput
from core.images import ImageTooLarge, TooManyPixels, UnreadableImage, reencode

HOSTILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "hostile"
LIMITS: dict[str, Any] = {"max_bytes": 5 * 1024 * 1024, "max_side": 1024}


def _hostile() -> list[Any]:
    if not HOSTILE.exists():
        return [pytest.param({}, marks=pytest.mark.skip(reason="needs ../shared/data/hostile"))]
    entries = json.loads((HOSTILE / "manifest.json").read_text("utf-8"))
    return [
        pytest.param(entry, id=entry["file"])
        for entry in entries
        if entry["file"].startswith("img/")
    ]


def _picture(mode: str, size: tuple[int, int], image_format: str, **options: Any) -> BytesIO:
    buffer = BytesIO()
    Image.new(mode, size).save(buffer, image_format, **options)
    buffer.seek(0)
    return buffer


@pytest.mark.parametrize("entry", _hostile())
def test_takes_what_is_good_and_refuses_what_is_not(entry: dict[str, Any]) -> None:
    with (HOSTILE / entry["file"]).open("rb") as file:
        try:
            image = reencode(file, **LIMITS)
        except InvalidInput:
            assert entry["verdict"] != "accept"
            return

    assert entry["verdict"] != "reject"
    assert not {b"<script", b"PK\x03\x04", b"Exif", b"GPS"} & {
        part for part in (b"<script", b"PK\x03\x04", b"Exif", b"GPS") if part in image.content
    }
    assert Image.open(BytesIO(image.content)).format == image.format


@pytest.mark.skipif(not HOSTILE.exists(), reason="needs ../shared/data/hostile")
def test_turns_a_picture_upright() -> None:
    with (HOSTILE / "img" / "exif_gps_rot.jpg").open("rb") as file:
        image = reencode(file, **LIMITS)

    assert (image.width, image.height) == (240, 320)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16", "CMYK"])
def test_takes_every_mode_that_a_format_can_hold(mode: str, image_format: str) -> None:
    try:
        picture = _picture(mode, (20, 10), image_format)
    except (OSError, ValueError):
        pytest.skip(f"{image_format} holds no {mode}")

    image = reencode(picture, **LIMITS)

    assert (image.width, image.height, image.format) == (20, 10, image_format)


def test_scales_down_to_the_longest_side() -> None:
    image = reencode(_picture("RGB", (3000, 1500), "PNG"), **LIMITS)

    assert (image.width, image.height) == (1024, 512)


def test_refuses_too_many_bytes() -> None:
    with pytest.raises(ImageTooLarge):
        reencode(BytesIO(b"x" * 11), max_bytes=10, max_side=10)


def test_refuses_too_many_pixels() -> None:
    with pytest.raises(TooManyPixels):
        reencode(_picture("1", (1000, 1001), "PNG"), max_pixels=1_000_000, **LIMITS)


def test_refuses_a_format_that_is_not_taken() -> None:
    with pytest.raises(UnreadableImage):
        reencode(_picture("RGB", (10, 10), "WEBP"), formats=("JPEG",), **LIMITS)


def test_sixteen_bits_keep_their_brightness() -> None:
    buffer = BytesIO()
    Image.new("I;16", (4, 4), 128 * 256).save(buffer, "PNG")
    buffer.seek(0)

    image = reencode(buffer, **LIMITS)

    assert Image.open(BytesIO(image.content)).getpixel((0, 0)) == (128, 128, 128)
