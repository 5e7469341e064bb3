"""A small poster for what the painter can't draw: the words in large letters, and above them a place, or plain shapes."""

import math
from collections.abc import Callable
from itertools import pairwise

from PIL import Image, ImageDraw

from integrations.painter.canvas import Canvas, Colour, Dot, lit, mix
from integrations.painter.lettering import can_be_set, height_of, set_in
from integrations.painter.manners import Finish

# Paper, ink, and three colours that go with both.
SCHEMES: tuple[tuple[Colour, ...], ...] = (
    ((246, 239, 226), (38, 44, 66), (222, 92, 62), (238, 178, 74), (62, 122, 128)),
    ((236, 231, 221), (36, 34, 44), (186, 58, 74), (236, 160, 138), (70, 84, 122)),
    ((238, 240, 230), (30, 52, 50), (44, 126, 104), (230, 192, 84), (226, 122, 84)),
    ((248, 236, 230), (58, 36, 66), (122, 74, 148), (240, 146, 140), (248, 200, 130)),
    ((28, 36, 62), (244, 236, 218), (236, 110, 80), (244, 192, 96), (96, 154, 188)),
    ((232, 238, 242), (24, 40, 72), (38, 92, 164), (240, 120, 86), (250, 202, 98)),
)
MARGIN = 0.075  # of the shorter edge
PICTURE = 0.6  # of the height inside the margins at least, where there are words
LETTERS = 0.13  # of the shorter edge, at most
LIGHT = 460  # the sum of a colour on which dark letters are read better


def poster(
    canvas: Canvas,
    words: str,
    scene: Image.Image | None,
    colours: tuple[Colour, ...] = (),
    finish: Finish = Image.Image.copy,
) -> None:
    """Fills the canvas: `scene` is what is known of it, the place and the light; without letters only shapes are left.

    `finish` is the last touch of what is pictured.
    """
    scheme = _scheme(canvas, colours)
    paper, ink = scheme[:2]
    canvas.image.paste(paper, (0, 0, canvas.width, canvas.height))
    edge = round(MARGIN * canvas.unit)
    gap, pen = max(2, edge // 2), max(1, canvas.unit // 170)
    width, most_px = canvas.width - 2 * edge, max(10, round(canvas.unit * LETTERS))
    lettered = can_be_set(words)
    lower = canvas.height - edge
    room = round((canvas.height - 2 * edge) * (1 - PICTURE))
    if lettered:
        lower -= height_of(words, width, room, most_px=most_px) + gap + gap // 2 + pen
    size = (width, lower - edge)
    panel = scene if scene is not None else _shapes(canvas, size, scheme)
    canvas.image.paste(finish(_cut(panel, size)), (edge, edge))
    if lettered:
        rule = lower + gap
        ends = (edge, rule, edge + round(canvas.unit * 0.11), rule + pen - 1)
        ImageDraw.Draw(canvas.image).rectangle(ends, fill=scheme[2])
        box = (edge, rule + pen + gap // 2, edge + width, rule + pen + gap // 2 + room)
        set_in(canvas.image, words, box, ink, most_px=most_px)


def badge(canvas: Canvas, words: str, colours: tuple[Colour, ...] = ()) -> Image.Image:
    """The words in a round label on nothing."""
    scheme = _scheme(canvas, colours)
    disc = Canvas(canvas.width, canvas.height, canvas.rng)
    mask = Canvas(canvas.width, canvas.height, canvas.rng)
    mask.disc((0.5, 0.5), 0.44, (255, 255, 255))
    disc.disc((0.5, 0.5), 0.45, scheme[2])
    disc.disc((0.5, 0.5), 0.405, scheme[0])
    disc.disc((0.5, 0.5), 0.393, scheme[2])
    if can_be_set(words):
        half = round(canvas.unit * 0.28)
        x, y = canvas.width // 2, canvas.height // 2
        box = (x - half, y - half * 2 // 3, x + half, y + half * 2 // 3)
        ink = max(scheme[:2], key=sum) if sum(scheme[2]) < LIGHT else min(scheme[:2], key=sum)
        set_in(disc.image, words, box, ink, most_px=max(10, round(canvas.unit * 0.12)), middle=True)
    image = disc.image.convert("RGBA")
    image.putalpha(mask.image.convert("L"))
    return image


def _scheme(canvas: Canvas, colours: tuple[Colour, ...]) -> tuple[Colour, ...]:
    scheme = canvas.rng.choice(SCHEMES)
    if not colours:
        return scheme
    return (*scheme[:2], *colours[:3], *scheme[2 + len(colours[:3]) :])


def _cut(panel: Image.Image, size: tuple[int, int]) -> Image.Image:
    """As much of its middle as the frame shows."""
    share = max(size[0] / panel.width, size[1] / panel.height)
    wide, high = size[0] / share, size[1] / share
    left, top = (panel.width - wide) / 2, (panel.height - high) * 0.62  # the land more than the sky
    return panel.resize(size, Image.Resampling.LANCZOS, box=(left, top, left + wide, top + high))


# ── Plain shapes ─────────────────────────────────────────────────────────────────────────────────────


def _shapes(canvas: Canvas, size: tuple[int, int], scheme: tuple[Colour, ...]) -> Image.Image:
    """One of the compositions, by lot."""
    panel = Canvas(max(8, size[0]), max(8, size[1]), canvas.rng)
    canvas.rng.choice(COMPOSITIONS)(panel, scheme)
    return panel.image


def _tiles(panel: Canvas, scheme: tuple[Colour, ...]) -> None:
    """Quarter circles, half circles and dots in a grid."""
    rng, colours = panel.rng, [*scheme[2:], mix(scheme[0], scheme[2], 0.16), scheme[1]]
    rows = 3 if panel.width < panel.height * 2 else 2
    cell = panel.height / rows
    across = max(1, round(panel.width / cell))
    for i in range(across):
        for j in range(rows):
            box = (i / across, j / rows, (i + 1) / across, (j + 1) / rows)
            ground, shape = rng.sample(colours, 2)
            panel.shape(_box(box), ground)
            rng.choice((_quarter, _quarter, _half, _dot, _leaf))(panel, box, shape, rng.choice(colours))


def _box(box: tuple[float, float, float, float]) -> list[Dot]:
    left, top, right, bottom = box
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _arc(middle: Dot, rx: float, ry: float, begin: float, end: float) -> list[Dot]:
    """Along an ellipse, in turns from the right, clockwise."""
    steps = [begin + (end - begin) * i / 40 for i in range(41)]
    return [
        (middle[0] + rx * math.cos(t * 2 * math.pi), middle[1] + ry * math.sin(t * 2 * math.pi))
        for t in steps
    ]


def _quarter(panel: Canvas, box: tuple[float, float, float, float], colour: Colour, other: Colour) -> None:
    left, top, right, bottom = box
    turn = panel.rng.randrange(4)
    corner = ((left, top), (right, top), (right, bottom), (left, bottom))[turn]
    for share, tone in ((1.0, colour), (0.5, other)):
        rx, ry = (right - left) * share, (bottom - top) * share
        panel.shape([corner, *_arc(corner, rx, ry, turn / 4, turn / 4 + 0.25)], tone)


def _half(panel: Canvas, box: tuple[float, float, float, float], colour: Colour, other: Colour) -> None:
    left, top, right, bottom = box
    for y, tone in ((bottom, colour), ((top + bottom) / 2, other)):
        panel.shape(_arc(((left + right) / 2, y), (right - left) / 2, (bottom - top) / 2, 0.5, 1.0), tone)


def _dot(panel: Canvas, box: tuple[float, float, float, float], colour: Colour, other: Colour) -> None:
    left, top, right, bottom = box
    for share, tone in ((0.38, colour), (0.16, other)):
        panel.shape(
            _arc(
                ((left + right) / 2, (top + bottom) / 2), (right - left) * share, (bottom - top) * share, 0, 1
            ),
            tone,
        )


def _leaf(panel: Canvas, box: tuple[float, float, float, float], colour: Colour, _: Colour) -> None:
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    panel.shape(
        [*_arc((left, bottom), wide, high, -0.25, 0.0), *_arc((right, top), wide, high, 0.25, 0.5)], colour
    )


def _arches(panel: Canvas, scheme: tuple[Colour, ...]) -> None:
    """Arches within arches, side by side, under a sun."""
    rng, colours = panel.rng, list(scheme[2:])
    panel.gradient([mix(scheme[0], colours[1], 0.34)])
    panel.disc((rng.uniform(0.3, 0.7), 0.3), 0.17, colours[0])
    count = max(3, round(panel.width / panel.height * 2.4))
    for i in sorted(range(count), key=lambda _: rng.random()):
        x = (i + 0.5) / count + rng.uniform(-0.02, 0.02)
        wide = 0.62 / count * rng.uniform(0.85, 1.15)
        top = rng.uniform(0.42, 0.66)
        rng.shuffle(colours)
        rings = (colours[0], lit(colours[0], 0.42), colours[1], scheme[1], colours[2])
        for ring, tone in enumerate(rings):
            w = wide * (1 - 0.2 * ring)
            head = _arc(
                (x, top + wide * panel.width / panel.height), w, w * panel.width / panel.height, 0.5, 1.0
            )
            panel.shape([*head, (x + w, 1.0), (x - w, 1.0)], tone)


def _hills(panel: Canvas, scheme: tuple[Colour, ...]) -> None:
    """A sun over flat waves of land."""
    rng, colours = panel.rng, scheme[2:]
    panel.gradient([mix(scheme[0], colours[2], 0.3), mix(scheme[0], colours[1], 0.4)])
    at = (rng.choice((0.3, 0.5, 0.68)), rng.uniform(0.34, 0.46))
    for ring, share in enumerate((0.34, 0.27, 0.2)):
        panel.disc(at, share, mix(colours[0], scheme[0], 0.62 - 0.3 * ring))
    tones = (
        mix(colours[2], scheme[0], 0.35),
        colours[2],
        mix(colours[0], colours[2], 0.5),
        mix(colours[2], scheme[1], 0.55),
        scheme[1],
    )
    for depth, tone in enumerate(tones):
        base, high = 0.52 + 0.115 * depth, 0.09 - 0.008 * depth
        a, f = rng.uniform(0, 7), rng.uniform(2.6, 4.6)
        line = [(x / 60, base - high * math.sin(a + f * x / 60)) for x in range(61)]
        panel.shape([*line, (1.0, 1.0), (0.0, 1.0)], tone)


def _orbit(panel: Canvas, scheme: tuple[Colour, ...]) -> None:
    """Large discs that cover one another, their common parts in a third colour, and a thin line around."""
    rng, colours = panel.rng, scheme[2:]
    panel.gradient([mix(scheme[0], scheme[1], 0.07)])
    share = panel.unit / panel.width
    first, second = (0.5 - 0.17 * share, 0.44), (0.5 + 0.17 * share, 0.56)
    if rng.random() < 0.5:  # noqa: PLR2004 - the other way round
        first, second = (first[0], second[1]), (second[0], first[1])
    panel.disc(first, 0.3, colours[0])
    panel.disc(second, 0.3, colours[1])
    both = Canvas(panel.width, panel.height, rng)
    both.disc(first, 0.3, (255, 255, 255))
    only = Canvas(panel.width, panel.height, rng)
    only.disc(second, 0.3, (255, 255, 255))
    mask = Image.composite(both.image.convert("L"), Image.new("L", both.image.size), only.image.convert("L"))
    panel.image.paste(mix(colours[2], scheme[1], 0.25), (0, 0), mask)
    for _ in range(5):
        panel.disc((rng.random(), rng.random()), rng.uniform(0.012, 0.04), rng.choice(colours))
    ring = _arc((0.5, 0.5), 0.43 * share, 0.43 * panel.unit / panel.height, 0, 1)
    panel.strokes(list(pairwise(ring)), 0.005, scheme[1], 0.85)


COMPOSITIONS: tuple[Callable[[Canvas, tuple[Colour, ...]], None], ...] = (_tiles, _arches, _hills, _orbit)
