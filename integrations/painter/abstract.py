"""Pictures of no thing: ribbons of light that flow through one another."""

import math
from itertools import pairwise

from integrations.painter.canvas import Canvas, Colour, Dot, lit, mix

SCHEMES: tuple[tuple[Colour, ...], ...] = (
    ((24, 30, 78), (68, 92, 204), (90, 190, 226), (250, 190, 160)),
    ((46, 18, 62), (176, 52, 120), (250, 128, 92), (255, 218, 150)),
    ((12, 48, 58), (30, 132, 128), (130, 214, 170), (250, 236, 180)),
    ((38, 24, 48), (112, 74, 190), (206, 132, 226), (255, 206, 190)),
    ((52, 26, 22), (190, 82, 46), (240, 172, 84), (255, 238, 200)),
)


def dream(canvas: Canvas, colours: tuple[Colour, ...]) -> None:
    """Fills the canvas with flowing light in the given colours, or in a scheme drawn by lot."""
    rng = canvas.rng
    scheme = _scheme(colours) if colours else rng.choice(SCHEMES)
    canvas.gradient([lit(scheme[0], -0.45), scheme[0], mix(scheme[0], scheme[1], 0.5), lit(scheme[0], -0.3)])
    for _ in range(7):
        canvas.glow(
            (rng.random(), rng.random()),
            rng.uniform(0.3, 0.7),
            rng.choice(scheme[1:]),
            rng.uniform(0.25, 0.5),
        )
    slant = rng.uniform(-0.35, 0.35)
    for i in range(13):
        y = -0.05 + 1.1 * (i + rng.uniform(-0.4, 0.4)) / 12
        colour = mix(scheme[1 + i % (len(scheme) - 1)], scheme[0], rng.uniform(0.0, 0.4))
        _ribbon(canvas, y, slant, colour)
    for _ in range(9):
        _bubble(canvas, rng.choice(scheme[1:]))
    for _ in range(46):
        canvas.glow(
            (rng.random(), rng.random()),
            rng.uniform(0.006, 0.02),
            lit(scheme[-1], 0.4),
            rng.uniform(0.4, 0.9),
        )


def _scheme(colours: tuple[Colour, ...]) -> tuple[Colour, ...]:
    first = colours[0]
    turned = (first[2], first[0], first[1])
    swapped = (first[1], first[2], first[0])
    others = colours[1:] or (mix(first, turned, 0.55), lit(mix(first, swapped, 0.35), 0.2))
    return (lit(first, -0.72), first, *others, mix(lit(first, 0.55), (255, 226, 206), 0.35))


def _ribbon(canvas: Canvas, y: float, slant: float, colour: Colour) -> None:
    rng = canvas.rng
    phase, wide = rng.uniform(0, 7), rng.uniform(0.03, 0.13)
    waves = rng.uniform(0.03, 0.1), rng.uniform(0.01, 0.04)

    def edge(x: float, turn: float) -> float:
        return (
            y
            + slant * (x - 0.5)
            + waves[0] * math.sin(phase + turn + 4.4 * x)
            + waves[1] * math.sin(2 * phase + 9.7 * x + turn * 2)
        )

    xs = [i / 70 for i in range(71)]
    upper: list[Dot] = [(x, edge(x, 0.0)) for x in xs]
    lower: list[Dot] = [(x, edge(x, 0.55) + wide * (0.55 + 0.45 * math.sin(phase + 3 * x))) for x in xs]
    canvas.shape(
        [*upper, *reversed(lower)],
        lit(colour, 0.28),
        colour,
        lit(colour, -0.35),
        alpha=rng.uniform(0.3, 0.62),
    )
    canvas.strokes(list(pairwise(upper)), 0.0016, lit(colour, 0.55), 0.5)


def _bubble(canvas: Canvas, colour: Colour) -> None:
    rng = canvas.rng
    at, r = (rng.random(), rng.random()), rng.uniform(0.015, 0.075)
    canvas.glow(at, r * 2.2, colour, 0.35)
    canvas.disc(at, r, lit(colour, 0.5), colour, lit(colour, -0.3), alpha=0.42)
    shine = (at[0] - r * 0.35 * canvas.unit / canvas.width, at[1] - r * 0.4 * canvas.unit / canvas.height)
    canvas.glow(shine, r * 0.5, (255, 255, 255), 0.7)
