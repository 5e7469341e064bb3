"""Firs and broad trees, alone, in rows, and as a grove that frames the view."""

import math

from integrations.painter.canvas import Canvas, Colour, Dot, lit, mix
from integrations.painter.reading import Palette

LEAVES = 200  # tufts of them, on a broad tree
SMALL_TREE_PX = 200  # broad trees under this height get fewer
BLOSSOM: Colour = (246, 176, 198)
SMALL_PX = 110  # firs under this height get fewer branches
TINY_PX = 48  # and those under this one the fewest


def pine(canvas: Canvas, at: Dot, high: float, colour: Colour, snow: Colour | None) -> None:
    """One fir, its foot at this place; `high` in units."""
    rng = canvas.rng
    x, y = at
    wide, tall = high * 0.21 * canvas.unit / canvas.width, high * canvas.unit / canvas.height
    trunk = wide * 0.09
    canvas.shape(
        [(x - trunk, y), (x + trunk, y), (x + trunk, y - tall * 0.2), (x - trunk, y - tall * 0.2)],
        lit(colour, -0.35),
    )
    size_px = high * canvas.unit
    tiers = 6 if size_px > SMALL_PX else 3 if size_px > TINY_PX else 2
    for tier in range(tiers):
        foot = y - tall * (0.07 + 0.87 * tier / tiers)
        top = y - tall * min(1.0, 0.36 + 0.84 * tier / tiers + 0.1 * (6 - tiers) / tiers)
        w = wide * (1 - tier / (tiers + 0.6))
        hang = [rng.uniform(0.4, 1.3) * tall * 0.03 * (1 if k % 2 else -0.4) for k in range(7)]
        jag = [(x + w * (k - 3) / 3, foot + hang[k] - tall * 0.012 * abs(k - 3)) for k in range(7)]
        tone = mix(colour, lit(colour, 0.16), tier / tiers)
        canvas.shape(
            [(x, top), (x + w * 0.4, (top + foot) / 2), *reversed(jag), (x - w * 0.4, (top + foot) / 2)],
            tone,
            lit(tone, -0.22),
        )
        if snow is not None:
            rim = [(px, py - tall * (0.034 + 0.02 * (k % 2))) for k, (px, py) in enumerate(jag)]
            rim[0], rim[-1] = jag[0], jag[-1]
            canvas.shape(
                [(x, top), (x + w * 0.4, (top + foot) / 2), *reversed(rim), (x - w * 0.4, (top + foot) / 2)],
                snow,
                mix(snow, colour, 0.3),
                alpha=0.8,
            )


def forest(canvas: Canvas, palette: Palette, base: float, *, snowy: bool, rows: int = 3) -> None:
    """Rows of firs in haze, the farthest a close line of small ones."""
    rng = canvas.rng
    for row in range(rows):
        share = row / 2
        colour = mix(mix(palette.far, palette.near, 0.35), palette.near, share)
        snow = mix((250, 252, 255), palette.far, 0.45) if snowy else None
        for i in range((34, 18, 10)[row]):
            x = (i + rng.random()) / (34, 18, 10)[row]
            high = (0.075, 0.16, 0.27)[row] * rng.uniform(0.65, 1.25)
            pine(canvas, (x, base + 0.05 * share + rng.uniform(0, 0.012)), high, colour, snow)
        canvas.mist(
            base + 0.01 + 0.04 * share,
            0.05,
            mix(palette.sky[-1], palette.light, 0.4),
            0.4 * (1 - share * 0.6),
        )


def grove(canvas: Canvas, palette: Palette, base: float, *, snowy: bool) -> None:
    """Tall firs at both sides, so that the middle stays open."""
    rng = canvas.rng
    sides = [rng.uniform(-0.03, 0.2) for _ in range(4)] + [rng.uniform(0.8, 1.03) for _ in range(4)]
    feet = sorted((base + rng.uniform(-0.02, 0.06), x) for x in sides)
    for y, x in feet:
        colour = mix(palette.near, palette.far, 0.35 - 2 * (y - base))
        snow = mix((250, 252, 255), palette.sky[1], 0.5 if palette.dim else 0.12) if snowy else None
        pine(canvas, (x, y), 0.34 * rng.uniform(0.7, 1.2) + (y - base), colour, snow)


def tree(canvas: Canvas, palette: Palette, at: Dot, high: float, *, leaves: Colour | None = None) -> None:
    """One broad tree with a heap of leaves, or of blossoms in a colour of their own."""
    rng = canvas.rng
    x, y = at
    wide, tall = high * canvas.unit / canvas.width, high * canvas.unit / canvas.height
    bark = mix((84, 58, 44), palette.near, 0.4)
    canvas.shape(
        [
            (x - wide * 0.05, y),
            (x + wide * 0.06, y),
            (x + wide * 0.025, y - tall * 0.55),
            (x - wide * 0.02, y - tall * 0.55),
        ],
        lit(bark, 0.1),
        lit(bark, -0.2),
    )
    leaf = leaves or (
        mix((82, 140, 74), palette.ground, 0.4)
        if palette.near[0] < palette.near[1]
        else mix((222, 128, 92), palette.light, 0.1)
    )
    many = LEAVES if high * canvas.unit > SMALL_TREE_PX else LEAVES // 3
    for i in range(many):
        angle, far = rng.uniform(0, 2 * math.pi), rng.random() ** 0.6
        dx, dy = math.cos(angle) * far * 0.36, math.sin(angle) * far * 0.27
        tone = mix(lit(leaf, -0.3), lit(mix(leaf, palette.light, 0.3), 0.1), 0.5 - dy * 1.5 + i / (3 * many))
        canvas.disc(
            (x + dx * wide, y - tall * 0.68 + dy * tall),
            (0.075 if i < many // 4 else 0.03) * high * rng.uniform(0.6, 1.3),
            lit(tone, 0.08),
            tone,
        )
