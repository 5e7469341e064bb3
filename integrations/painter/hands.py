"""The same picture by another hand: in oil, in watercolour, in pixels, in pencil, as a poster."""

import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from integrations.painter.canvas import Canvas

PIXELS_ACROSS = 96
PALETTE_COLOURS = 28
SLOPES = 128  # cells of the map that tells which way a stroke lies
LAYERS = (
    (0.032, 1500),
    (0.015, 5200),
    (0.0075, 11000),
    (0.0038, 12000),
)  # a stroke's width in units, and how many
INK = 22  # so steep an edge is drawn
FINE_PX = 8  # the ends of finer strokes are not seen
COARSE_PX = 200  # smaller pictures get fewer strokes


def by_hand(canvas: Canvas, medium: str) -> None:
    """Paints it all anew, over what is there."""
    _HANDS[medium](canvas)


def _oil(canvas: Canvas) -> None:
    """Strokes that follow the forms, from broad ones to fine ones where much is going on."""
    source = ImageOps.autocontrast(canvas.image, 0.3, preserve_tone=True)
    slopes, busy = _slopes(source)
    painted = source.filter(ImageFilter.GaussianBlur(canvas.unit / 40))
    for layer, (width, many) in enumerate(LAYERS):
        _strokes(canvas, painted, source, slopes, busy, layer=layer, width=width, many=many)
    thick = painted.convert("L").filter(ImageFilter.EMBOSS)
    canvas.image = ImageChops.overlay(
        painted, Image.blend(Image.new("L", thick.size, 128), thick, 0.45).convert("RGB")
    )
    canvas.grain(0.05)


def _strokes(
    canvas: Canvas, painted: Image.Image, source: Image.Image, slopes: list[float], busy: list[int],
    *, layer: int, width: float, many: int,
) -> None:  # fmt: skip
    rng, unit = canvas.rng, canvas.unit
    draw = ImageDraw.Draw(painted)
    pen = max(1, round(width * unit))
    eye = source.filter(ImageFilter.GaussianBlur(pen / 3)).load()
    assert eye is not None
    for _ in range(many if unit > COARSE_PX else many // 8):
        x, y = rng.random(), rng.random()
        cell = int(y * SLOPES) * SLOPES + int(x * SLOPES)
        if layer and busy[cell] < layer * 8:
            continue
        angle = slopes[cell] + rng.gauss(0, 0.25)
        long = pen * rng.uniform(1.4, 3.2)
        px, py = x * painted.width, y * painted.height
        dx, dy = math.cos(angle) * long / 2, math.sin(angle) * long / 2
        colour = tuple(
            min(255, max(0, round(c + rng.gauss(0, 7))))
            for c in eye[int(px), int(py)]  # type: ignore[union-attr]  # RGB
        )
        draw.line((px - dx, py - dy, px + dx, py + dy), fill=colour, width=pen)
        for ex, ey in ((px - dx, py - dy), (px + dx, py + dy)) if pen > FINE_PX else ():
            draw.ellipse((ex - pen / 2, ey - pen / 2, ex + pen / 2, ey + pen / 2), fill=colour)


def _slopes(image: Image.Image) -> tuple[list[float], list[int]]:
    """Along the forms: across the way in which it gets brighter; and how much is going on there."""
    grey = image.convert("L").resize((SLOPES, SLOPES), Image.Resampling.BOX)
    soft = grey.filter(ImageFilter.GaussianBlur(2.5))
    levels = list(soft.tobytes())
    out = []
    for y in range(SLOPES):
        for x in range(SLOPES):
            here = y * SLOPES
            dx = levels[here + min(SLOPES - 1, x + 1)] - levels[here + max(0, x - 1)]
            dy = levels[min(SLOPES - 1, y + 1) * SLOPES + x] - levels[max(0, y - 1) * SLOPES + x]
            out.append(math.atan2(dy, dx) + math.pi / 2 if abs(dx) + abs(dy) > 1 else 0.5)
    edges = grey.filter(ImageFilter.FIND_EDGES).filter(ImageFilter.MaxFilter(3))
    return out, list(edges.tobytes())


def _watercolour(canvas: Canvas) -> None:
    """Pale washes that pool at their edges, on rough paper with a bare rim."""
    rng, size = canvas.rng, canvas.image.size
    small = canvas.image.resize((max(8, size[0] // 2), max(8, size[1] // 2)), Image.Resampling.BOX)
    washed = small.filter(ImageFilter.ModeFilter(5)).filter(ImageFilter.MedianFilter(3))
    washed = _wet(washed, rng).resize(size, Image.Resampling.BICUBIC)
    washed = Image.blend(washed, canvas.image, 0.22)
    pale = Image.blend(washed, Image.new("RGB", size, (255, 253, 246)), 0.2)
    pools = ImageOps.invert(washed.convert("L").filter(ImageFilter.FIND_EDGES)).filter(
        ImageFilter.GaussianBlur(1.2)
    )
    pools = pools.point([255 - (255 - v) * 3 // 4 for v in range(256)])
    painted = ImageChops.multiply(pale, Image.merge("RGB", [pools] * 3))
    paper = Image.new("RGB", size, (251, 249, 242))
    canvas.image = Image.composite(ImageChops.overlay(painted, _blotches(size, rng)), paper, _rim(size, rng))
    canvas.grain(0.1)


def _wet(image: Image.Image, rng: random.Random) -> Image.Image:
    """Edges that ran a little: each place is looked up a bit beside itself."""
    cells = 24
    wide, high = image.size
    if min(wide, high) < cells:
        return image

    def moved(i: int, j: int) -> tuple[float, float]:
        return stray[j][i]

    stray = [
        [
            (i / cells * wide + rng.gauss(0, wide / 260), j / cells * high + rng.gauss(0, high / 260))
            for i in range(cells + 1)
        ]
        for j in range(cells + 1)
    ]
    mesh = []
    for j in range(cells):
        for i in range(cells):
            box = (i * wide // cells, j * high // cells, (i + 1) * wide // cells, (j + 1) * high // cells)
            (ax, ay), (bx, by), (cx, cy), (dx, dy) = (
                moved(i, j),
                moved(i, j + 1),
                moved(i + 1, j + 1),
                moved(i + 1, j),
            )
            mesh.append((box, (ax, ay, bx, by, cx, cy, dx, dy)))
    return image.transform(image.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def _blotches(size: tuple[int, int], rng: random.Random) -> Image.Image:
    """More water here, more paint there."""
    small = Image.frombytes("L", (24, 24), bytes(rng.randrange(96, 168) for _ in range(576)))
    return small.filter(ImageFilter.GaussianBlur(1)).resize(size, Image.Resampling.BICUBIC).convert("RGB")


def _rim(size: tuple[int, int], rng: random.Random) -> Image.Image:
    """Where the brush went: all but an uneven rim of bare paper."""
    edge, deep = 256, 30
    depth = Image.new("L", (edge, edge))
    draw = ImageDraw.Draw(depth)
    for i in range(deep):
        draw.rectangle((i, i, edge - 1 - i, edge - 1 - i), fill=round(255 * (i + 1) / deep))
    waves = Image.frombytes("L", (28, 28), rng.randbytes(784)).resize((edge, edge), Image.Resampling.BICUBIC)
    fibres = Image.frombytes("L", (96, 96), rng.randbytes(9216)).resize(
        (edge, edge), Image.Resampling.BICUBIC
    )
    uneven = Image.blend(waves, fibres, 0.3)
    grown = ImageChops.add(
        depth.point([v * 3 // 4 for v in range(256)]), uneven.point([v // 4 for v in range(256)])
    )
    painted = grown.point([max(0, min(255, (v - 96) * 9)) for v in range(256)])
    return painted.resize(size, Image.Resampling.BICUBIC)


def _pixels(canvas: Canvas) -> None:
    """Few large squares in few colours."""
    size = canvas.image.size
    share = PIXELS_ACROSS / max(size)
    small = (max(4, round(size[0] * share)), max(4, round(size[1] * share)))
    strong = ImageOps.autocontrast(canvas.image, 0.5, preserve_tone=True).filter(
        ImageFilter.UnsharpMask(3, 120, 2)
    )
    coarse = strong.resize(small, Image.Resampling.BOX)
    rich = Image.blend(coarse.convert("L").convert("RGB"), coarse, 1.25)
    few = rich.quantize(PALETTE_COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    canvas.image = few.resize(size, Image.Resampling.NEAREST)


def _pencil(canvas: Canvas) -> None:
    """Outlines and hatching on paper."""
    rng, size = canvas.rng, canvas.image.size
    grey = ImageOps.autocontrast(canvas.image.convert("L"), 1)
    soft = grey.filter(ImageFilter.GaussianBlur(max(2, canvas.unit / 110)))
    lines = ImageChops.subtract(soft, grey, 0.34).point([255 - v for v in range(256)])
    shade = _hatched(grey, rng)
    drawn = ImageChops.multiply(lines, shade)
    canvas.image = ImageOps.colorize(drawn, (48, 46, 52), (250, 247, 240))
    canvas.image = Image.blend(
        canvas.image, ImageChops.multiply(canvas.image, Image.new("RGB", size, (246, 240, 228))), 0.6
    )
    canvas.grain(0.12)


def _hatched(grey: Image.Image, rng: random.Random) -> Image.Image:
    """The darker it is, the more strokes lie over one another."""
    out = Image.new("L", grey.size, 255)
    gap = max(3, min(grey.size) // 170)
    for level, slope in ((150, 1.0), (100, -1.0), (58, 0.4)):
        strokes = Image.new("L", grey.size, 255)
        draw = ImageDraw.Draw(strokes)
        for start in range(-grey.height, grey.width + grey.height, gap):
            off = rng.gauss(0, gap / 4)
            draw.line(
                (start + off, 0, start + off + slope * grey.height, grey.height),
                fill=120,
                width=max(1, gap // 3),
            )
        where = grey.filter(ImageFilter.GaussianBlur(1)).point(
            [min(255, max(0, (level - v) * 6)) for v in range(256)]
        )
        out = Image.composite(ImageChops.multiply(out, strokes), out, where)
    return out.filter(ImageFilter.GaussianBlur(0.6))


def _poster(canvas: Canvas) -> None:
    """Flat colours with dark outlines."""
    small = canvas.image.resize((max(8, canvas.width // 2), max(8, canvas.height // 2)), Image.Resampling.BOX)
    flat = (
        small.filter(ImageFilter.ModeFilter(5))
        .filter(ImageFilter.MedianFilter(3))
        .resize(canvas.image.size, Image.Resampling.BICUBIC)
    )
    rich = Image.blend(flat.convert("L").convert("RGB"), flat, 1.35)
    few = (
        rich.quantize(36, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        .convert("RGB")
        .filter(ImageFilter.MedianFilter(3))
    )
    edges = canvas.image.convert("L").filter(ImageFilter.GaussianBlur(1.4)).filter(ImageFilter.FIND_EDGES)
    ink = edges.point([max(0, min(255, 255 - (v - INK) * 9)) for v in range(256)]).filter(
        ImageFilter.GaussianBlur(0.7)
    )
    canvas.image = ImageChops.multiply(few, Image.merge("RGB", [ink] * 3))


_HANDS = {"oil": _oil, "watercolour": _watercolour, "pixels": _pixels, "pencil": _pencil, "poster": _poster}
