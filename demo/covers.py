"""Book covers drawn from the title alone: the same title gives the same picture, byte for byte."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw

from demo import lettering, ornaments
from demo.chance import Chance

WIDTH, HEIGHT = 600, 900
MARGIN = 60
COLUMN = WIDTH - 2 * MARGIN


@dataclass(frozen=True)
class Palette:
    """Ground and ink contrast strongly; the accents are seen on the ground."""

    ground: str
    ink: str
    accent: str
    second: str


PALETTES = (
    Palette("#14213d", "#f6f1e4", "#e0a63f", "#5b7db1"),
    Palette("#5b1a22", "#f7ead7", "#d9a35b", "#a8433f"),
    Palette("#1f3d36", "#f3eddc", "#c9b458", "#6f9b83"),
    Palette("#f2e8d5", "#2b2320", "#b4472e", "#d9a441"),
    Palette("#e9e4d8", "#1d2b3a", "#2f6f7e", "#c8553d"),
    Palette("#2d2a3e", "#f4eee6", "#e58f65", "#8d86c9"),
    Palette("#d8a93b", "#2a1d12", "#7a2e1d", "#f4e3b2"),
    Palette("#23395b", "#fdf6e3", "#8ecae6", "#f2b134"),
    Palette("#0f4c5c", "#fbf3e4", "#fb8b24", "#5fa8a8"),
    Palette("#e8d3c0", "#3b1f2b", "#8c3b4a", "#c98b6b"),
    Palette("#3a2e39", "#f5ece1", "#f4d58d", "#bf7a7a"),
    Palette("#c8d5c0", "#22332b", "#466b52", "#b5572f"),
    Palette("#1b1b1e", "#f1ece2", "#c8a45c", "#7d7468"),
    Palette("#b33f31", "#fdf3e2", "#f3c969", "#7c221d"),
    Palette("#dfe3ea", "#1f2a44", "#3d5a98", "#d1495b"),
    Palette("#42602f", "#f8f2dc", "#e3c565", "#8fb26a"),
)


@dataclass(frozen=True)
class Cover:
    sheet: Image.Image
    canvas: ImageDraw.ImageDraw
    title: str
    subtitle: str
    author: str
    palette: Palette
    chance: Chance

    def print_ornament(
        self, ornament: ornaments.Ornament, box: tuple[int, int, int, int], colour: str
    ) -> None:
        left, top, right, bottom = box
        stencil = ornaments.mask(
            ornament, width=right - left, height=bottom - top, chance=self.chance
        )
        self.sheet.paste(colour, box, stencil)

    def print_title(
        self,
        box: tuple[int, int, int, int],
        ink: str,
        *,
        centred: bool = True,
        largest: int = 96,
    ) -> None:
        """Set title and subtitle in the middle of ``box``, or from its top when not centred."""
        left, top, right, bottom = box
        width, room = right - left, bottom - top
        under = None
        if self.subtitle:
            under = lettering.fit(
                self.subtitle,
                face=lettering.ITALIC,
                width=width,
                height=room // 3,
                largest=36,
            )
            room -= under.height + 12
        block = lettering.fit(
            self.title, face=lettering.BOLD, width=width, height=room, largest=largest
        )
        x = (left + right) / 2 if centred else left
        y = top + (room - block.height) / 2 if centred else top
        y = lettering.draw_block(self.canvas, block, at=(x, y), ink=ink, centred=centred)
        if under:
            lettering.draw_block(self.canvas, under, at=(x, y + 12), ink=ink, centred=centred)

    def print_author(self, baseline: int, ink: str, *, centred: bool = True) -> None:
        x = WIDTH / 2 if centred else MARGIN
        lettering.draw_spaced(
            self.canvas,
            self.author,
            at=(x, baseline),
            width=COLUMN,
            ink=ink,
            centred=centred,
        )


def _clothbound(cover: Cover) -> None:
    """A small motif stamped all over, and a paper label."""
    palette = cover.palette
    cover.print_ornament(ornaments.sprigs, (0, 0, WIDTH, HEIGHT), palette.accent)
    cover.canvas.rectangle((70, 210, WIDTH - 71, 640), fill=palette.ground)
    cover.canvas.rectangle((84, 224, WIDTH - 85, 626), outline=palette.accent, width=3)
    cover.canvas.rectangle((92, 232, WIDTH - 93, 618), outline=palette.accent, width=1)
    cover.print_title((110, 250, WIDTH - 110, 500), palette.ink, largest=78)
    cover.print_ornament(ornaments.divider, (200, 512, 400, 532), palette.accent)
    lettering.draw_spaced(
        cover.canvas, cover.author, at=(WIDTH / 2, 582), width=370, ink=palette.ink
    )


def _banded(cover: Cover) -> None:
    """Three bands, the middle one of paper, the outer ones printed."""
    palette = cover.palette
    top, bottom = 250, 640
    pattern = cover.chance.pick((ornaments.waves, ornaments.scales, ornaments.tiles))
    cover.print_ornament(pattern, (0, 0, WIDTH, top), palette.second)
    cover.print_ornament(pattern, (0, bottom, WIDTH, HEIGHT), palette.second)
    cover.canvas.rectangle((0, top, WIDTH, bottom), fill=palette.ground)
    cover.canvas.rectangle((0, top, WIDTH, top + 7), fill=palette.accent)
    cover.canvas.rectangle((0, bottom - 7, WIDTH, bottom), fill=palette.accent)
    cover.print_title((MARGIN, top + 30, WIDTH - MARGIN, bottom - 120), palette.ink)
    cover.print_ornament(ornaments.divider, (180, bottom - 112, 420, bottom - 92), palette.accent)
    cover.print_author(bottom - 44, palette.ink)


def _poster(cover: Cover) -> None:
    """A picture above, title and author flush left below."""
    palette = cover.palette
    picture = cover.chance.pick((ornaments.sunburst, ornaments.scales, ornaments.night_sky))
    cover.print_ornament(picture, (0, 0, WIDTH, 500), palette.accent)
    cover.canvas.rectangle((MARGIN, 548, MARGIN + 96, 554), fill=palette.second)
    cover.print_title((MARGIN, 572, WIDTH - MARGIN, 796), palette.ink, centred=False, largest=84)
    cover.print_author(848, palette.ink, centred=False)


def _framed(cover: Cover) -> None:
    """A double rule around a roundel, a title and a name."""
    palette = cover.palette
    cover.canvas.rectangle((30, 30, WIDTH - 31, HEIGHT - 31), outline=palette.accent, width=5)
    cover.canvas.rectangle((42, 42, WIDTH - 43, HEIGHT - 43), outline=palette.accent, width=1)
    cover.print_ornament(ornaments.rosette, (130, 86, 470, 426), palette.accent)
    cover.print_title((80, 452, WIDTH - 80, 716), palette.ink)
    cover.print_ornament(ornaments.divider, (190, 738, 410, 760), palette.second)
    lettering.draw_spaced(
        cover.canvas, cover.author, at=(WIDTH / 2, 812), width=420, ink=palette.ink
    )


def _landscape(cover: Cover) -> None:
    """Hills at the foot, the title in the sky."""
    palette = cover.palette
    cover.print_ornament(ornaments.hills, (0, 400, WIDTH, HEIGHT), palette.accent)
    cover.print_author(98, palette.ink)
    cover.print_ornament(ornaments.divider, (190, 122, 410, 142), palette.second)
    cover.print_title((MARGIN, 160, WIDTH - MARGIN, 430), palette.ink)


def _mosaic(cover: Cover) -> None:
    """Geometry in two inks over most of the page, the words on plain ground."""
    palette = cover.palette
    cover.canvas.rectangle((0, 0, WIDTH, 330), fill=palette.ground)
    cover.print_author(92, palette.ink, centred=False)
    cover.print_title((MARGIN, 118, WIDTH - MARGIN, 370), palette.ink, centred=False)
    cover.print_ornament(ornaments.tiles, (0, 400, WIDTH, HEIGHT), palette.accent)
    cover.print_ornament(ornaments.tiles, (0, 400, WIDTH, HEIGHT), palette.second)


LAYOUTS: tuple[Callable[[Cover], None], ...] = (
    _clothbound,
    _banded,
    _poster,
    _framed,
    _landscape,
    _mosaic,
)


def draw_cover(*, title: str, author: str, palette_seed: str) -> bytes:
    """Return a JPEG of 600 x 900 pixels; ``palette_seed`` decides colours, layout and ornament."""
    return _encoded(_drawn(title=title, author=author, palette_seed=palette_seed))


def draw_renditions(
    *, title: str, author: str, palette_seed: str, sides: Mapping[str, int]
) -> dict[str, bytes]:
    """Return the cover as JPEGs by name, none of them higher than its of ``sides``.

    Each is reduced by a whole number from the one before, which is fast and sharp.
    """
    sheet = _drawn(title=title, author=author, palette_seed=palette_seed)
    renditions = {}
    for name, side in sorted(sides.items(), key=lambda item: -item[1]):
        sheet = sheet.reduce(math.ceil(sheet.height / side))
        renditions[name] = _encoded(sheet)
    return renditions


def _drawn(*, title: str, author: str, palette_seed: str) -> Image.Image:
    chance = Chance("cover", palette_seed)
    palette = chance.pick(PALETTES)
    layout = chance.pick(LAYOUTS)
    sheet = Image.new("RGB", (WIDTH, HEIGHT), palette.ground)
    main, subtitle = lettering.split_title(title)
    layout(Cover(sheet, ImageDraw.Draw(sheet), main, subtitle, author, palette, chance))
    return sheet


def _encoded(sheet: Image.Image) -> bytes:
    picture = BytesIO()
    sheet.save(picture, "JPEG", quality=85)
    return picture.getvalue()
