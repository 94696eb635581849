"""Pictures that people send: read with suspicion, drawn anew, never stored as they came.

What is stored was encoded here from pixels, so that nothing else survives: no EXIF, no comment,
no script or archive that hides in a picture.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any, Final

from PIL import Image, ImageOps

from core.errors import InvalidInput

WEB_FORMATS: Final = ("JPEG", "PNG", "WEBP")
# What is stored as another format, since not every program shows it yet.
STORED_AS: Final = {"AVIF": "WEBP"}
EXTENSIONS: Final = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
MAXIMUM_PIXELS: Final = 40_000_000
QUALITY: Final = 88
# What Pillow raises for broken and hostile files, beside OSError.
UNREADABLE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    OverflowError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class UnreadableImage(InvalidInput):
    """Not a picture, a broken one, or of a kind that is not taken."""

    code = "unreadable_image"
    title = "This is not a picture that we can read."


class ImageTooLarge(InvalidInput):
    """More bytes or more pixels than are taken."""

    code = "image_too_large"
    status = 413
    title = "The picture is too large."


class TooManyPixels(InvalidInput):
    """A small file may hold a picture that no memory can."""

    code = "too_many_pixels"
    title = "The picture has too many pixels."


@dataclass(frozen=True, slots=True)
class EncodedImage:
    content: bytes
    format: str
    width: int
    height: int

    @property
    def extension(self) -> str:
        """The ending of a file name, without its dot."""
        return EXTENSIONS[self.format]


def reencode(
    file: IO[bytes],
    *,
    max_bytes: int,
    max_side: int,
    max_pixels: int = MAXIMUM_PIXELS,
    formats: Collection[str] = WEB_FORMATS,
) -> EncodedImage:
    """Return the picture in ``file`` upright, within ``max_side`` pixels, in its own format.

    AVIF, where ``formats`` let it in, becomes WebP. Whether it is small enough is known before a
    pixel is decoded. Of an animation, the first frame remains. Raises ImageTooLarge,
    TooManyPixels, UnreadableImage.
    """
    content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise ImageTooLarge(f"A picture may have at most {max_bytes // 1024 // 1024} MB.")
    try:
        return _reencode(content, formats, max_pixels=max_pixels, max_side=max_side)
    except UNREADABLE as error:
        known = ", ".join(sorted(formats))
        raise UnreadableImage(f"This is not a whole picture of a known kind ({known}).") from error


def _reencode(
    content: bytes, formats: Collection[str], *, max_pixels: int, max_side: int
) -> EncodedImage:
    with Image.open(BytesIO(content), formats=list(formats)) as image:
        image_format = STORED_AS.get(str(image.format), str(image.format))
        if image.width * image.height > max_pixels:
            raise TooManyPixels(f"A picture may have at most {max_pixels // 1_000_000} megapixels.")
        image.draft("RGB", (max_side, max_side))
        image.load()
        pixels = _pixels(ImageOps.exif_transpose(image), image_format)
    pixels.thumbnail((max_side, max_side))
    return _encode(pixels, image_format)


def _pixels(image: Image.Image, image_format: str) -> Image.Image:
    """Return nothing but pixels, in a mode that the format can hold."""
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 256).convert("L")  # 16 bits a channel
    has_alpha = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    mode = "RGBA" if has_alpha and image_format != "JPEG" else "RGB"
    pixels = image.convert(mode)
    pixels.info.clear()
    return pixels


def _encode(pixels: Image.Image, image_format: str) -> EncodedImage:
    options: dict[str, Any] = {} if image_format == "PNG" else {"quality": QUALITY}
    buffer = BytesIO()
    pixels.save(buffer, image_format, **options)
    return EncodedImage(buffer.getvalue(), image_format, pixels.width, pixels.height)
