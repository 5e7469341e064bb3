"""The painter's tools: a canvas with soft gradients, smooth shapes, glows and reflections, in pure Pillow."""

import math
import random
from collections.abc import Sequence
from functools import cache, lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Dot = tuple[float, float]
# Up to which radius in pixels a circle may have so few corners.
CORNERS = ((4.0, 10), (24.0, 28), (math.inf, 72))
SMOOTH = 2  # shapes are drawn this much larger, then reduced: Pillow draws no smooth edges itself


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """The colour that lies `share` of the way from one to the other."""
    part = min(1.0, max(0.0, share))
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


def lit(colour: Colour, by: float) -> Colour:
    """Lighter for a positive share, darker for a negative one."""
    return mix(colour, (255, 255, 255), by) if by >= 0 else mix(colour, (0, 0, 0), -by)


def smooth_path(dots: Sequence[Dot], *, closed: bool = True, steps: int = 8) -> list[Dot]:
    """A curve through all dots (Catmull-Rom)."""
    count = len(dots)
    spans = count if closed else count - 1
    path: list[Dot] = []
    for i in range(spans):
        a, b, c, d = (_at(dots, i + k, closed=closed) for k in (-1, 0, 1, 2))
        path.extend(_between(a, b, c, d, step / steps) for step in range(steps))
    if not closed:
        path.append(dots[-1])
    return path


def _at(dots: Sequence[Dot], i: int, *, closed: bool) -> Dot:
    return dots[i % len(dots)] if closed else dots[min(max(i, 0), len(dots) - 1)]


def _between(a: Dot, b: Dot, c: Dot, d: Dot, t: float) -> Dot:
    def one(p0: float, p1: float, p2: float, p3: float) -> float:
        return 0.5 * (
            2 * p1
            + (p2 - p0) * t
            + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t * t
            + (3 * p1 - p0 - 3 * p2 + p3) * t * t * t
        )

    return one(a[0], b[0], c[0], d[0]), one(a[1], b[1], c[1], d[1])


@cache
def _round(corners: int) -> list[Dot]:
    """A circle of radius 1."""
    turn = [2 * math.pi * step / corners for step in range(corners)]
    return [(math.cos(a), math.sin(a)) for a in turn]


@lru_cache(maxsize=48)
def _halo(radius_px: int) -> Image.Image:
    """A round glow, brightest in its middle, that ends without an edge."""
    falloff = [round(255 * (1 - min(1.0, level / 181)) ** 2.2) for level in range(256)]
    whole = Image.radial_gradient("L").point(falloff)
    return whole.resize((2 * radius_px, 2 * radius_px), Image.Resampling.BILINEAR)


@cache
def _fading(alpha: float) -> Image.Image:
    """Full above, nothing at the bottom."""
    levels = [round(255 * alpha * min(1.0, max(0.0, (118 - y) / 70))) for y in range(128)]
    column = Image.new("L", (1, 128))
    column.putdata(levels)
    return column.resize((256, 128))


class Canvas:
    """A picture in the making. Places are shares of its width and height; `unit` is its shorter edge in pixels."""

    def __init__(self, width: int, height: int, rng: random.Random) -> None:
        self.width = width
        self.height = height
        self.unit = min(width, height)
        self.rng = rng
        self.image = Image.new("RGB", (width, height))

    # ── Surfaces ─────────────────────────────────────────────────────────────────────────────────────

    def gradient(self, stops: Sequence[Colour], *, top: float = 0.0, bottom: float = 1.0) -> None:
        """Lets colours run into one another from the top to the bottom of a band."""
        upper, lower = (
            round(top * self.height),
            max(round(top * self.height) + 1, round(bottom * self.height)),
        )
        self.image.paste(ramp(stops, (self.width, lower - upper)), (0, upper))

    def shape(self, dots: Sequence[Dot], *stops: Colour, alpha: float = 1.0) -> None:
        """Fills an outline with one colour, or with several from its top to its bottom."""
        mask, box = self._mask(dots, round(255 * alpha))
        if box[2] <= box[0] or box[3] <= box[1]:
            return
        size = (box[2] - box[0], box[3] - box[1])
        self.image.paste(ramp(stops, size), (box[0], box[1]), mask)

    def _mask(self, dots: Sequence[Dot], level: int) -> tuple[Image.Image, tuple[int, int, int, int]]:
        """The outline as a smooth mask, cut to where it is."""
        pixels = [(x * self.width, y * self.height) for x, y in dots]
        left = max(0, math.floor(min(x for x, _ in pixels)) - 1)
        right = min(self.width, math.ceil(max(x for x, _ in pixels)) + 1)
        upper = max(0, math.floor(min(y for _, y in pixels)) - 1)
        lower = min(self.height, math.ceil(max(y for _, y in pixels)) + 1)
        if right <= left or lower <= upper:
            return Image.new("L", (1, 1)), (0, 0, 0, 0)
        large = Image.new("L", ((right - left) * SMOOTH, (lower - upper) * SMOOTH))
        moved = [((x - left) * SMOOTH, (y - upper) * SMOOTH) for x, y in pixels]
        ImageDraw.Draw(large).polygon(moved, fill=level)
        return large.reduce(SMOOTH), (left, upper, right, lower)

    # ── Light ────────────────────────────────────────────────────────────────────────────────────────

    def glow(self, at: Dot, radius: float, colour: Colour, strength: float = 1.0) -> None:
        """Adds light around a place; `radius` in units."""
        r = max(1, round(radius * self.unit))
        x, y = round(at[0] * self.width) - r, round(at[1] * self.height) - r
        box = (max(0, x), max(0, y), min(self.width, x + 2 * r), min(self.height, y + 2 * r))
        if box[2] <= box[0] or box[3] <= box[1]:
            return
        halo = _halo(r).crop((box[0] - x, box[1] - y, box[2] - x, box[3] - y))
        part = self.image.crop(box)
        light = Image.new("RGB", part.size, mix((0, 0, 0), colour, strength))
        self.image.paste(ImageChops.screen(part, light), box[:2], halo)

    def disc(self, at: Dot, radius: float, *stops: Colour, alpha: float = 1.0) -> None:
        """A filled circle; `radius` in units."""
        self.oval(at, radius, radius, *stops, alpha=alpha)

    def oval(self, at: Dot, rx: float, ry: float, *stops: Colour, alpha: float = 1.0) -> None:
        """A filled ellipse; radii in units."""
        wide, high = rx * self.unit / self.width, ry * self.unit / self.height
        round_ = _round(next(many for most_px, many in CORNERS if max(rx, ry) * self.unit <= most_px))
        self.shape([(at[0] + wide * x, at[1] + high * y) for x, y in round_], *stops, alpha=alpha)

    def mist(self, y: float, depth: float, colour: Colour, strength: float) -> None:
        """A bank of fog around a height, uneven along its length."""
        small = Image.new("L", (64, 64))
        draw = ImageDraw.Draw(small)
        for _ in range(26):
            x, dy = self.rng.uniform(-8, 72), self.rng.gauss(0, 5)
            rx, ry = self.rng.uniform(8, 22), self.rng.uniform(2, 6)
            level = round(255 * strength * self.rng.uniform(0.5, 1))
            draw.ellipse((x - rx, 32 + dy - ry, x + rx, 32 + dy + ry), fill=level)
        small = small.filter(ImageFilter.GaussianBlur(5))
        upper, lower = round((y - depth) * self.height), round((y + depth) * self.height)
        mask = small.resize((self.width, max(1, lower - upper)), Image.Resampling.BICUBIC)
        self.image.paste(Image.new("RGB", mask.size, colour), (0, upper), mask)

    def cloud(self, at: Dot, size: float, light: Colour, shade: Colour, alpha: float) -> None:
        """A heap of soft balls, lit from above, that thins out below."""
        rng = self.rng
        wide, high = max(2, round(size * self.unit)), max(2, round(size * self.unit / 2))
        corner = round(at[0] * self.width - wide / 2), round(at[1] * self.height - high / 2)
        heap = Image.new("L", (256, 128))
        draw = ImageDraw.Draw(heap)
        for i in range(11):
            x = 36 + 184 * (i + rng.uniform(-0.3, 0.3)) / 10
            r = 9 + 27 * math.sin(math.pi * (x - 20) / 216) ** 1.6 * rng.uniform(0.55, 1.2)
            draw.ellipse((x - r, 92 - r * 1.25, x + r, 92 + r * 0.35), fill=255)
        heap = heap.filter(ImageFilter.GaussianBlur(2.2))
        thin = ImageChops.multiply(heap, _fading(alpha)).resize((wide, high), Image.Resampling.BICUBIC)
        self.image.paste(ramp([light, light, shade], thin.size), corner, thin)

    def strokes(self, lines: Sequence[tuple[Dot, Dot]], width: float, colour: Colour, alpha: float) -> None:
        """Many straight lines of one width (in units), at once."""
        ends = [(x * self.width, y * self.height) for line in lines for x, y in line]
        edge = math.ceil(width * self.unit) + 1
        left = max(0, math.floor(min(x for x, _ in ends)) - edge)
        upper = max(0, math.floor(min(y for _, y in ends)) - edge)
        right = min(self.width, math.ceil(max(x for x, _ in ends)) + edge)
        lower = min(self.height, math.ceil(max(y for _, y in ends)) + edge)
        if right <= left or lower <= upper:
            return
        mask = Image.new("L", ((right - left) * SMOOTH, (lower - upper) * SMOOTH))
        draw = ImageDraw.Draw(mask)
        pen, level = max(1, round(width * self.unit * SMOOTH)), round(255 * alpha)
        moved = [((x - left) * SMOOTH, (y - upper) * SMOOTH) for x, y in ends]
        for one, other in zip(moved[::2], moved[1::2], strict=True):
            draw.line((one, other), fill=level, width=pen)
        self.image.paste(colour, (left, upper, right, lower), mask.reduce(SMOOTH))

    # ── Water ────────────────────────────────────────────────────────────────────────────────────────

    def reflect(
        self, horizon: float, tint: Colour, *, calm: float = 0.8, tinted: float = 0.35, soft: float = 0.55
    ) -> None:
        """Turns everything under the horizon into water that mirrors what stands above it."""
        y = round(horizon * self.height)
        depth = self.height - y
        above = self.image.crop((0, max(0, y - depth), self.width, y))
        mirror = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((self.width, depth))
        blurred = mirror.resize((max(1, self.width // 3), max(1, depth // 12)))
        mirror = Image.blend(mirror, blurred.resize(mirror.size, Image.Resampling.BICUBIC), soft)
        water = self._rippled(mirror, calm)
        shade = ramp([mix(tint, (255, 255, 255), 0.25), tint, lit(tint, -0.45)], mirror.size)
        self.image.paste(Image.blend(water, shade, tinted), (0, y))

    def _rippled(self, mirror: Image.Image, calm: float) -> Image.Image:
        """Moves each row a little, more so the nearer it is."""
        out = mirror.copy()
        phase, row, depth = self.rng.uniform(0, 7), 0, mirror.height
        while row < depth:
            near = row / depth
            thick = max(1, round(1 + near * 4 * self.unit / 1024))
            swing = (1 - calm) * self.unit * 0.05 * (0.2 + near)
            shift = round(
                swing * math.sin(phase + 34 * math.sqrt(near + 0.01)) + self.rng.gauss(0, swing * 0.35)
            )
            strip = mirror.crop((0, row, self.width, min(depth, row + thick)))
            out.paste(strip, (shift, row))
            row += thick
        return out

    def glints(
        self, x: float, horizon: float, colour: Colour, *, spread: float = 0.16, many: int = 70
    ) -> None:
        """The path of light that a sun or moon lays on water."""
        lines = []
        for _ in range(many):
            near = self.rng.random() ** 1.4
            y = horizon + (1 - horizon) * near * 0.94 + 0.004
            long = (0.008 + 0.045 * near) * self.rng.uniform(0.4, 1.3)
            middle = x + self.rng.gauss(0, spread * (0.12 + 0.5 * near))
            lines.append(((middle - long, y), (middle + long, y)))
        self.strokes(lines, 0.0022, colour, 0.75)

    # ── Sprites ──────────────────────────────────────────────────────────────────────────────────────

    def place(self, sprite: Image.Image, at: Dot) -> None:
        """Pastes a figure, its lower middle at this place."""
        x, y = round(at[0] * self.width - sprite.width / 2), round(at[1] * self.height - sprite.height)
        self.image.paste(sprite, (x, y), sprite if sprite.mode == "RGBA" else None)

    # ── The last touches ─────────────────────────────────────────────────────────────────────────────

    def bloom(self, strength: float) -> None:
        """Bright places shine into their surroundings."""
        small = self.image.resize((max(1, self.width // 8), max(1, self.height // 8)), Image.Resampling.BOX)
        bright = small.point([max(0, round((level - 128) * 2 * strength)) for level in range(256)] * 3)
        soft = bright.filter(ImageFilter.GaussianBlur(5)).resize(self.image.size, Image.Resampling.BICUBIC)
        self.image = ImageChops.screen(self.image, soft)

    def vignette(self, strength: float) -> None:
        """Darkens the corners a little."""
        curve = [round(255 * (1 - strength * max(0.0, (level - 90) / 165) ** 1.6)) for level in range(256)]
        fall = Image.radial_gradient("L").point(curve).resize(self.image.size, Image.Resampling.BILINEAR)
        self.image = ImageChops.multiply(self.image, Image.merge("RGB", [fall] * 3))

    def grain(self, strength: float) -> None:
        """The tooth of paper."""
        paper = tooth(self.image.size, self.rng, strength)
        self.image = ImageChops.overlay(self.image, Image.merge("RGB", [paper] * 3))


def tooth(size: tuple[int, int], rng: random.Random, strength: float) -> Image.Image:
    """Grains around a middle grey; drawn from the seed, so that they come out the same."""
    tile = Image.frombytes("L", (128, 128), rng.randbytes(128 * 128))
    low, high = round(128 - 127 * strength), round(128 + 127 * strength)
    tile = tile.point([low + (high - low) * level // 255 for level in range(256)])
    paper = Image.new("L", size)
    for x in range(0, size[0], 128):
        for y in range(0, size[1], 128):
            paper.paste(tile.rotate(90 * rng.randrange(4)), (x, y))
    return paper


def ramp(stops: Sequence[Colour], size: tuple[int, int]) -> Image.Image:
    """Colours that run into one another from above to below."""
    if len(stops) == 1:
        return Image.new("RGB", size, stops[0])
    column = Image.new("RGB", (1, len(stops)))
    column.putdata(list(stops))
    middles = (0, 0.5, 1, len(stops) - 0.5)
    return column.resize(size, Image.Resampling.BILINEAR, box=middles)
