"""What is printed on a cover besides letters: each ornament fills a mask, white where ink goes.

Masks are drawn at twice their size and reduced, because Pillow's shapes have no soft edges.
"""

import math
from collections.abc import Callable

from PIL import Image, ImageDraw

from demo.chance import Chance

FINE = 2  # how many times larger masks are drawn
Ornament = Callable[[ImageDraw.ImageDraw, int, int, Chance], None]


def mask(ornament: Ornament, *, width: int, height: int, chance: Chance) -> Image.Image:
    """Draw ``ornament`` into a mask of ``width`` x ``height``."""
    large = Image.new("L", (width * FINE, height * FINE))
    ornament(ImageDraw.Draw(large), width * FINE, height * FINE, chance)
    return large.reduce(FINE)


def _dot(canvas: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: int = 255) -> None:
    canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)


def _ring(canvas: ImageDraw.ImageDraw, x: float, y: float, radius: float, stroke: int) -> None:
    canvas.ellipse((x - radius, y - radius, x + radius, y + radius), outline=255, width=stroke)


def sunburst(canvas: ImageDraw.ImageDraw, width: int, height: int, chance: Chance) -> None:
    """Rays from a half-risen sun."""
    rays = chance.pick((24, 30, 36))
    x, y, reach = width / 2, height, math.hypot(width, height)
    for ray in range(0, rays * 2, 2):
        turn = [math.pi * (ray + side) / (rays * 2) + math.pi for side in (0, 1)]
        corners = [(x + reach * math.cos(t), y + reach * math.sin(t)) for t in turn]
        canvas.polygon([(x, y), *corners], fill=255)
    sun = min(width, height) * 0.34
    _dot(canvas, x, y, sun * 1.14, 0)
    _dot(canvas, x, y, sun)


def scales(canvas: ImageDraw.ImageDraw, width: int, height: int, chance: Chance) -> None:
    """Overlapping fans, as on a roof or a sea in old prints."""
    radius = width / chance.pick((5, 6, 8))
    rings = chance.pick((3, 4))
    rows = int(height / (radius / 2)) + 3
    for row in range(rows):
        shift = radius if row % 2 else 0
        for column in range(-1, int(width / radius / 2) + 2):
            x, y = column * 2 * radius + shift, row * radius / 2
            _dot(canvas, x, y, radius, 0)
            for ring in range(rings):
                _ring(
                    canvas,
                    x,
                    y,
                    radius * (1 - ring / rings) - 2,
                    max(4, int(radius * 0.07)),
                )


def rosette(canvas: ImageDraw.ImageDraw, width: int, height: int, chance: Chance) -> None:
    """An engine-turned rose of fine lines, as on a banknote."""
    petals = chance.pick((5, 6, 7, 8, 9, 12))
    x, y, size = width / 2, height / 2, min(width, height) / 2 - 6
    for layer in range(9):
        inner = 0.30 + layer * 0.07
        points = []
        for step in range(361):
            turn = math.tau * step / 360
            reach = size * (
                inner + (0.92 - inner) * 0.5 * (1 + math.cos(petals * turn + layer * 0.22))
            )
            points.append((x + reach * math.cos(turn), y + reach * math.sin(turn)))
        canvas.line(points, fill=255, width=4, joint="curve")
    _ring(canvas, x, y, size, 5)
    _dot(canvas, x, y, size * 0.10)


def hills(canvas: ImageDraw.ImageDraw, width: int, height: int, chance: Chance) -> None:
    """Ridges one behind the other under a sun or moon, in tones of one ink."""
    _dot(canvas, width * (0.25 + chance.share() * 0.5), height * 0.26, width * 0.13, 235)
    ridges = 5
    for ridge in range(ridges):
        base = height * (0.38 + 0.13 * ridge)
        swing, slope = height * (0.10 - 0.012 * ridge), chance.share() * math.tau
        pace = math.tau / width * (0.8 + chance.share() * 1.2)
        line = [
            (
                x,
                base
                + swing
                * (math.sin(x * pace + slope) + 0.35 * math.sin(x * pace * 2.7 + slope * 3)),
            )
            for x in range(0, width + 24, 24)
        ]
        canvas.polygon([(0, height), *line, (width, height)], fill=80 + 43 * ridge)


def tiles(canvas: ImageDraw.ImageDraw, width: int, height: int, chance: Chance) -> None:
    """A grid of quarter circles, half squares and rounds."""
    columns = chance.pick((4, 5, 6))
    side = width / columns
    for row in range(math.ceil(height / side)):
        for column in range(columns):
            x, y = column * side, row * side
            _tile(canvas, x, y, side, chance)


def _tile(canvas: ImageDraw.ImageDraw, x: float, y: float, side: float, chance: Chance) -> None:
    tone = chance.pick((255, 255, 150, 90))
    shape = chance.pick(("quarter", "quarter", "quarter", "half", "round", "empty"))
    corners = ((x, y), (x + side, y), (x + side, y + side), (x, y + side))
    turn = chance.whole(0, 3)
    if shape == "quarter":
        cx, cy = corners[turn]
        box = (cx - side, cy - side, cx + side, cy + side)
        canvas.pieslice(box, turn * 90, turn * 90 + 90, fill=tone)
    elif shape == "half":
        canvas.polygon([*corners[:turn], *corners[turn + 1 :]], fill=tone)
    elif shape == "round":
        _dot(canvas, x + side / 2, y + side / 2, side * 0.36, tone)


def waves(canvas: ImageDraw.ImageDraw, width: int, height: int, chance: Chance) -> None:
    """Lines that swell and settle like water, or sand."""
    lines, phase = 26, chance.share() * math.tau
    gap = height / lines
    bumps = 1.0 + chance.share() * 1.5
    for number in range(-2, lines + 2):
        points = []
        for x in range(0, width + 16, 16):
            swell = math.sin(math.tau * bumps * x / width + phase + number * 0.16)
            points.append((x, gap * number + swell * gap * 2.2 * math.sin(math.pi * x / width)))
        canvas.line(points, fill=255, width=max(4, int(gap * 0.22)), joint="curve")


def night_sky(canvas: ImageDraw.ImageDraw, width: int, height: int, chance: Chance) -> None:
    """A crescent, stars, and one constellation joined by lines."""
    for _ in range(130):
        _dot(
            canvas,
            chance.share() * width,
            chance.share() * height,
            chance.pick((2, 3, 4)),
            190,
        )
    count = chance.whole(6, 8)
    chain = [
        (
            width * (0.12 + 0.76 * i / (count - 1)),
            height * (0.50 + 0.40 * chance.share()),
        )
        for i in range(count)
    ]
    canvas.line(chain, fill=150, width=4)
    for x, y in chain:
        _star(canvas, x, y, width * 0.028)
    x, y, moon = width * 0.5, height * 0.25, width * 0.13
    _dot(canvas, x, y, moon)
    _dot(canvas, x + moon * 0.42, y - moon * 0.16, moon * 0.86, 0)


def _star(canvas: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
    points = []
    for corner in range(8):
        reach = radius if corner % 2 == 0 else radius * 0.3
        turn = math.tau * corner / 8
        points.append((x + reach * math.cos(turn), y + reach * math.sin(turn)))
    canvas.polygon(points, fill=255)


def sprigs(canvas: ImageDraw.ImageDraw, width: int, height: int, chance: Chance) -> None:
    """A small motif repeated over the whole cloth, every second row moved by half a step."""
    motif = chance.pick((_leaf, _star, _fleuron, _moth))
    columns = chance.pick((6, 7, 8))
    step = width / columns
    for row in range(int(height / (step * 0.8)) + 2):
        shift = step / 2 if row % 2 else 0
        for column in range(columns + 1):
            motif(canvas, column * step + shift, row * step * 0.8, step * 0.30)


def _leaf(canvas: ImageDraw.ImageDraw, x: float, y: float, size: float) -> None:
    canvas.line((x, y - size, x, y + size), fill=255, width=5)
    for level in (-0.5, 0.0, 0.5):
        for side in (-1, 1):
            cx, cy = x + side * size * 0.42, y + size * (level - 0.22)
            tip = (cx + side * size * 0.3, cy - size * 0.3)
            root = (x, y + size * level + size * 0.1)
            belly = (
                (cx - side * size * 0.25, cy - size * 0.22),
                (cx + side * size * 0.2, cy + size * 0.16),
            )
            canvas.polygon([root, belly[0], tip, belly[1]], fill=255)


def _fleuron(canvas: ImageDraw.ImageDraw, x: float, y: float, size: float) -> None:
    for petal in range(6):
        turn = math.tau * petal / 6
        cx, cy = x + math.cos(turn) * size * 0.58, y + math.sin(turn) * size * 0.58
        _dot(canvas, cx, cy, size * 0.26)
    _ring(canvas, x, y, size * 0.26, 5)


def _moth(canvas: ImageDraw.ImageDraw, x: float, y: float, size: float) -> None:
    for side in (-1, 1):
        upper = [
            (x, y),
            (x + side * size, y - size * 0.75),
            (x + side * size * 0.85, y + size * 0.1),
        ]
        lower = [
            (x, y),
            (x + side * size * 0.8, y + size * 0.18),
            (x + side * size * 0.4, y + size * 0.8),
        ]
        canvas.polygon(upper, fill=255)
        canvas.polygon(lower, fill=180)
    canvas.ellipse((x - size * 0.1, y - size * 0.5, x + size * 0.1, y + size * 0.6), fill=255)


def divider(canvas: ImageDraw.ImageDraw, width: int, height: int, chance: Chance) -> None:
    """A thin rule that is thickened in the middle by a lozenge or dots."""
    x, y = width / 2, height / 2
    canvas.line((0, y, x - height, y), fill=255, width=3)
    canvas.line((x + height, y, width, y), fill=255, width=3)
    if chance.percent(50):
        reach = height * 0.42
        canvas.polygon([(x - reach, y), (x, y - reach), (x + reach, y), (x, y + reach)], fill=255)
    else:
        for place in (-1, 0, 1):
            _dot(
                canvas,
                x + place * height * 0.5,
                y,
                height * (0.2 if place == 0 else 0.12),
            )
