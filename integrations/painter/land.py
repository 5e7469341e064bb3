"""Land: mountains, hills, dunes, shores, snow, gardens; each takes a canvas and a palette."""

import math
from itertools import pairwise
from random import Random

from integrations.painter.canvas import Canvas, Colour, Dot, lit, mix
from integrations.painter.reading import Palette

BLOSSOMS: tuple[Colour, ...] = (
    (238, 96, 110), (250, 190, 84), (246, 240, 232), (186, 120, 214), (240, 140, 180), (92, 132, 222), (232, 72, 72),
)  # fmt: skip


# ── Mountains, hills, dunes ──────────────────────────────────────────────────────────────────────────


def ridge(rng: Random, *, base: float, height: float) -> list[Dot]:
    """A skyline of peaks from the left to the right edge, their flanks uneven."""
    peaks = [
        (rng.uniform(-0.1, 1.1), height * rng.uniform(0.55, 1.0), rng.uniform(0.5, 0.95)) for _ in range(6)
    ]
    noise = [0.0, 0.0]
    swing = height * 0.3
    for _ in range(7):
        noise = [v for a, b in pairwise(noise) for v in (a, (a + b) / 2 + rng.uniform(-swing, swing))]
        noise.append(0.0)
        swing *= 0.5
    last = len(noise) - 1
    return [
        (
            i / last,
            base - max(0.02, max(high - abs(i / last - x) * slope for x, high, slope in peaks) + rough),
        )
        for i, rough in enumerate(noise)
    ]


def filled(line: list[Dot], bottom: float) -> list[Dot]:
    """The land under a skyline."""
    return [*line, (1.0, bottom), (0.0, bottom)]


def mountains(canvas: Canvas, palette: Palette, horizon: float, *, snowy: bool, misty: bool) -> None:
    """Three ranges, the nearer the darker, their feet in haze."""
    for depth in range(3):
        line = ridge(canvas.rng, base=horizon - 0.05 + depth * 0.03, height=0.32 - depth * 0.1)
        colour = mix(palette.far, palette.near, (0.12, 0.42, 0.72)[depth])
        haze = mix(colour, palette.sky[-1], 0.6)
        canvas.shape(filled(line, horizon + 0.01), lit(colour, 0.04), colour, haze)
        if depth == 0:
            _caps(canvas, line, palette, strength=0.92 if snowy else 0.7)
        _flanks(canvas, line, mix(colour, palette.sky[0], 0.55), horizon)
        canvas.mist(
            horizon - 0.05 + depth * 0.02,
            0.08,
            mix(palette.sky[-1], palette.light, 0.4),
            0.5 if misty else 0.2,
        )
    canvas.mist(horizon, 0.07, mix(palette.sky[-1], palette.light, 0.3), 0.7 if misty else 0.35)


def _caps(canvas: Canvas, line: list[Dot], palette: Palette, *, strength: float) -> None:
    """Snow where the range is highest, its lower edge in tongues."""
    rng = canvas.rng
    top, low = min(y for _, y in line), max(y for _, y in line)
    limit, phase = top + (low - top) * 0.42, rng.uniform(0, 7)
    lower = []
    for x, y in reversed(line):
        tongue = (
            0.022 * math.sin(phase + 40 * x)
            + 0.014 * math.sin(phase * 3 + 97 * x)
            + rng.uniform(-0.004, 0.004)
        )
        lower.append((x, max(y, limit + tongue)))
    snow = lit(palette.light, 0.35)
    canvas.shape([*line, *lower], snow, mix(snow, palette.sky[0], 0.35), alpha=strength)


def _flanks(canvas: Canvas, line: list[Dot], shade: Colour, horizon: float) -> None:
    """The side of each peak that is turned from the light."""
    rng = canvas.rng
    for i in range(8, len(line) - 8):
        if line[i][1] > min(y for _, y in line[i - 8 : i + 9]):
            continue
        k = i
        while k < len(line) - 1 and line[min(k + 6, len(line) - 1)][1] > line[k][1]:
            k += 1
        x, y = line[i]
        foot = min(horizon, line[k][1] + 0.05)
        inner = [
            (x + (line[k][0] - x) * 0.35 * t + rng.uniform(-0.006, 0.008), y + (foot - y) * t)
            for t in (0.85, 0.6, 0.4, 0.2)
        ]
        canvas.shape([*line[i : k + 1], (line[k][0], foot), *inner], shade, shade, alpha=0.3)


def hills(canvas: Canvas, palette: Palette, horizon: float, *, many: int = 3) -> None:
    """Soft waves of land, the nearer the richer."""
    rng = canvas.rng
    for depth in range(many):
        share = depth / max(1, many - 1)
        base, high = horizon + (0.97 - horizon) * 0.7 * share, 0.05 + 0.02 * depth
        line = _wave(rng, base, high)
        colour = mix(mix(palette.far, palette.ground, 0.55), palette.ground, share)
        canvas.shape(
            filled(line, 1.0), lit(mix(colour, palette.light, 0.22), 0.05), colour, lit(colour, -0.32)
        )


def headland(canvas: Canvas, palette: Palette, horizon: float) -> None:
    """Low land far over the water, at one side, and a fainter one behind it."""
    rng = canvas.rng
    side = rng.choice((0.0, 1.0))
    for wide, high, share in ((0.62, 0.05, 0.25), (0.38, 0.075, 0.5)):
        a = rng.uniform(0, 7)
        line = [
            (
                abs(side - wide * i / 40),
                horizon
                - high
                * (1 - i / 40) ** 0.7
                * (0.75 + 0.16 * math.sin(a + i * 0.5) + 0.09 * math.sin(a + i * 1.3)),
            )
            for i in range(41)
        ]
        colour = mix(mix(palette.far, palette.near, share), palette.sky[-1], 0.35 - share * 0.3)
        canvas.shape([*line, (side, horizon + 0.003)], colour, mix(colour, palette.sky[-1], 0.3))


def meadow(canvas: Canvas, palette: Palette, horizon: float) -> None:
    """What grows on hills: bushes far away, grass and a few flowers at one's feet."""
    rng = canvas.rng
    leaf = mix(mix(palette.ground, palette.near, 0.3), palette.far, 0.12)
    for _ in range(4):
        x, y = rng.random(), horizon + rng.uniform(0.04, 0.14)
        near = 1 + 5 * (y - horizon)
        for k in range(rng.randrange(4, 9)):
            r = rng.uniform(0.007, 0.017) * near
            at = (x + (k - 3) * 0.013 * near + rng.gauss(0, 0.004), y - r * 0.55)
            canvas.oval(at, r, r * rng.uniform(0.7, 1.1), lit(leaf, 0.14), leaf, lit(leaf, -0.16))
    for tone, many in (
        (lit(mix(palette.ground, palette.near, 0.4), -0.06), 130),
        (lit(mix(palette.ground, palette.light, 0.3), 0.1), 60),
    ):
        blades = []
        for _ in range(many):
            near = rng.random() ** 0.7
            x, y = rng.random(), horizon + 0.22 + (0.8 - horizon) * near
            long = 0.008 + 0.034 * near * rng.uniform(0.6, 1.3)
            blades.append(((x, y), (x + rng.gauss(0, 0.3) * long, y - long)))
        canvas.strokes(blades, 0.0028, tone, 0.6)
    for _ in range(16):
        near = rng.random()
        at = (rng.random(), horizon + 0.26 + (0.72 - horizon) * near)
        r = 0.003 + 0.005 * near
        canvas.disc(at, r, mix(rng.choice(BLOSSOMS), palette.sky[-1], 0.25 if not palette.dim else 0.55))


def shore(canvas: Canvas, palette: Palette, *, sandy: bool) -> float:
    """The near bank of a water, with a bright edge where it is wet; answers how high it lies."""
    rng = canvas.rng
    base = rng.uniform(0.765, 0.795)
    line = _wave(rng, base, 0.022)
    ground = palette.ground
    if sandy:
        ground = mix((236, 206, 158), palette.light, 0.25)
        ground = mix(ground, palette.sky[1], 0.62 if palette.dim else 0.12)
    foam = mix((255, 255, 255), palette.sky[-1], 0.3 if not palette.dim else 0.6)
    for up, tone, alpha in (
        (0.03, foam, 0.28),
        (0.012, foam, 0.6),
        (0.0, lit(mix(ground, palette.water, 0.35), -0.1), 0.9),
    ):
        canvas.shape(filled([(x, y - up) for x, y in line], base + 0.1), tone, alpha=alpha)
    dry = [(x, y + 0.022) for x, y in line]
    canvas.shape(filled(dry, 1.0), lit(mix(ground, palette.light, 0.2), 0.06), ground, lit(ground, -0.26))
    if sandy:
        for _ in range(26):
            at = (rng.random(), rng.uniform(base + 0.06, 0.99))
            canvas.oval(
                at, rng.uniform(0.002, 0.006), 0.0022, lit(ground, rng.choice((-0.22, -0.14, 0.4))), alpha=0.8
            )
    else:
        blades = []
        for _ in range(150):
            x, y = rng.random(), rng.uniform(base + 0.04, 1.0)
            long = 0.012 + 0.1 * (y - base) * rng.uniform(0.5, 1.2)
            blades.append(((x, y), (x + rng.gauss(0, 0.25) * long, y - long)))
        canvas.strokes(blades, 0.0028, lit(mix(ground, palette.near, 0.45), -0.05), 0.6)
    return base


def _wave(rng: Random, base: float, high: float) -> list[Dot]:
    a, b, f = rng.uniform(0, 7), rng.uniform(0, 7), rng.uniform(3, 6)
    return [
        (x / 60, base - high * (0.6 * math.sin(a + f * x / 60) + 0.4 * math.sin(b + 2.3 * f * x / 60)))
        for x in range(61)
    ]


def dunes(canvas: Canvas, palette: Palette, horizon: float) -> None:
    """Sand: each dune has a lit and a shaded side."""
    rng = canvas.rng
    sand = (
        mix((232, 178, 112), palette.light, 0.2)
        if not palette.dim
        else mix((96, 84, 110), palette.sky[1], 0.4)
    )
    for depth in range(4):
        line = _wave(rng, horizon + 0.02 + depth * 0.13, 0.035 + depth * 0.02)
        colour = mix(mix(palette.far, sand, 0.6), sand, depth / 3)
        canvas.shape(
            filled(line, 1.0), lit(colour, 0.16), colour, lit(mix(colour, palette.near, 0.35), -0.05)
        )
        crest = rng.randrange(18, 42)
        (x, y), lean = line[crest], rng.choice((-1, 1))
        edge = [
            (x + lean * (0.07 * t + 0.1 * t * t), y + (1.02 - y) * t * 0.7)
            for t in (0.1, 0.25, 0.45, 0.7, 1.0)
        ]
        side = line[crest:] if lean > 0 else line[crest::-1]
        shade = [*side, (side[-1][0], 1.0), (edge[-1][0], 1.0), *reversed(edge)]
        canvas.shape(shade, mix(colour, palette.near, 0.3), mix(colour, palette.near, 0.14), alpha=0.5)


def waves(canvas: Canvas, palette: Palette, horizon: float) -> None:
    """Long crests of a calm sea, the nearer the longer."""
    rng = canvas.rng
    for tone, alpha in ((mix(palette.sky[-1], palette.light, 0.5), 0.32), (lit(palette.water, -0.35), 0.3)):
        lines = []
        for _ in range(90):
            near = rng.random() ** 1.5
            x, y = rng.random(), horizon + 0.01 + (1 - horizon) * near
            long = 0.012 + 0.09 * near * rng.random()
            lines.append(((x - long, y), (x + long, y)))
        canvas.strokes(lines, 0.0022, tone, alpha)


# ── Near the eye ─────────────────────────────────────────────────────────────────────────────────────


def snow_field(canvas: Canvas, palette: Palette, horizon: float) -> None:
    """Drifts of snow with blue hollows."""
    rng = canvas.rng
    warm, cold = mix((255, 253, 250), palette.light, 0.12), mix((186, 206, 234), palette.sky[1], 0.3)
    if palette.dim:
        warm, cold = mix(warm, palette.sky[2], 0.45), mix(cold, palette.sky[1], 0.6)
    canvas.gradient([mix(warm, palette.sky[-1], 0.4), cold], top=horizon)
    for depth in range(4):
        base = horizon + 0.03 + (0.97 - horizon) * (0.08 + 0.26 * depth)
        line = _wave(rng, base, 0.012 + 0.012 * depth)
        canvas.shape(filled(line, 1.0), warm, mix(warm, cold, 0.55), mix(cold, warm, 0.2))


def garden(canvas: Canvas, palette: Palette, horizon: float, colours: tuple[Colour, ...]) -> None:
    """A meadow in bloom, from dots far away to whole flowers."""
    rng = canvas.rng
    hills(canvas, palette, horizon, many=2)
    chosen = colours or tuple(rng.sample(BLOSSOMS, 4))
    for i in range(240):
        near = (i / 240) ** 1.7
        y = horizon + 0.06 + (0.9 - horizon) * near
        colour = mix(rng.choice(chosen), palette.sky[-1], 0.35 * (1 - near))
        canvas.oval((rng.random(), y), 0.003 + 0.011 * near, 0.002 + 0.008 * near, lit(colour, 0.2), colour)


def flower(canvas: Canvas, palette: Palette, at: Dot, high: float, colour: Colour) -> None:
    """One flower on its stem; `high` in units."""
    rng = canvas.rng
    wide, tall = high * canvas.unit / canvas.width, high * canvas.unit / canvas.height
    lean = rng.uniform(-0.12, 0.12)
    head = (at[0] + lean * wide, at[1] - tall)
    stem = lit(mix((70, 140, 76), palette.ground, 0.3), -0.1)
    canvas.strokes(
        [
            (at, (at[0] + lean * wide * 0.4, at[1] - tall * 0.5)),
            ((at[0] + lean * wide * 0.4, at[1] - tall * 0.5), head),
        ],
        high * 0.035,
        stem,
        1.0,
    )
    for side in (-1, 1):
        leaf = [
            (at[0] + lean * wide * 0.3, at[1] - tall * 0.3),
            (at[0] + side * wide * 0.2, at[1] - tall * 0.5),
            (at[0] + side * wide * 0.08, at[1] - tall * 0.28),
        ]
        canvas.shape(leaf, lit(stem, 0.15), stem)
    petals, r = rng.choice([6, 7, 8]), high * 0.15
    for i in range(petals):
        angle = 2 * math.pi * i / petals + lean * 4
        place = (
            head[0] + math.cos(angle) * r * 0.95 * canvas.unit / canvas.width,
            head[1] + math.sin(angle) * r * 0.8 * canvas.unit / canvas.height,
        )
        canvas.disc(place, r * 0.72, lit(colour, 0.22), colour)
    canvas.disc(head, r * 0.6, (255, 222, 120), (226, 160, 60))
