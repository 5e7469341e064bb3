"""Under water: light from above, sand below, weeds and bubbles."""

import math

from integrations.painter.canvas import Canvas, Colour, Dot, lit, mix

SAND: Colour = (214, 196, 150)
WATERS: dict[str, tuple[Colour, ...]] = {
    "day": ((172, 232, 226), (64, 172, 196), (22, 104, 152), (14, 60, 108)),
    "night": ((44, 84, 128), (22, 52, 100), (12, 30, 70), (6, 16, 44)),
}
WEEDS: tuple[Colour, ...] = ((38, 128, 104), (70, 150, 92), (172, 84, 104), (206, 122, 84))


def depths(canvas: Canvas, *, dark: bool) -> None:
    """The whole picture but its figures."""
    rng, water = canvas.rng, WATERS["night" if dark else "day"]
    canvas.gradient(water)
    _rays(canvas, mix(water[0], (255, 255, 255), 0.4), 0.1 if dark else 0.2)
    for depth, share in enumerate((0.72, 0.35)):
        base = 0.86 + 0.05 * depth
        a = rng.uniform(0, 7)
        line = [
            (x / 50, base - 0.02 * math.sin(a + 5 * x / 50) - 0.012 * math.sin(a + 11 * x / 50))
            for x in range(51)
        ]
        sand = mix(SAND, water[2], share + (0.2 if dark else 0.0))
        canvas.shape([*line, (1.0, 1.0), (0.0, 1.0)], lit(sand, 0.1), lit(sand, -0.22))
        for _ in range(5):
            x = rng.choice((rng.uniform(-0.02, 0.3), rng.uniform(0.7, 1.02)))
            _weed(canvas, (x, base + 0.03), rng.uniform(0.12, 0.34), mix(rng.choice(WEEDS), water[2], share))
    for _ in range(26):
        at, r = (rng.random(), rng.uniform(0.04, 0.9)), rng.uniform(0.003, 0.013)
        canvas.disc(at, r, lit(water[0], 0.5), water[0], alpha=0.45)
        canvas.glow((at[0] - r * 0.3, at[1] - r * 0.4), r * 0.7, (255, 255, 255), 0.6)


def _rays(canvas: Canvas, light: Colour, strength: float) -> None:
    """Shafts that fan out from above."""
    rng = canvas.rng
    source = rng.uniform(0.3, 0.7)
    canvas.glow((source, 0.0), 0.7, light, 0.6)
    for _ in range(8):
        x, wide = source + rng.uniform(-0.3, 0.3), rng.uniform(0.02, 0.07)
        foot, low = x + (x - source) * 1.6, rng.uniform(0.6, 0.9)
        shaft: list[Dot] = [(x - wide / 3, 0.0), (x + wide / 3, 0.0), (foot + wide, low), (foot - wide, low)]
        canvas.shape(shaft, light, alpha=strength * rng.uniform(0.3, 0.8))


def _weed(canvas: Canvas, foot: Dot, high: float, colour: Colour) -> None:
    """A tuft of blades that sway."""
    rng = canvas.rng
    for _ in range(rng.randrange(3, 6)):
        x, tall, a = foot[0] + rng.gauss(0, 0.014), high * rng.uniform(0.6, 1.1), rng.uniform(0, 6)
        spine = [
            (x + 0.016 * t * math.sin(a + 5 * t), foot[1] - tall * t) for t in (i / 12 for i in range(13))
        ]
        right = [(px + 0.008 * (1 - i / 12), py) for i, (px, py) in enumerate(spine)]
        left = [(px - 0.008 * (1 - i / 12), py) for i, (px, py) in enumerate(spine)]
        canvas.shape([*left, *reversed(right)], lit(colour, 0.2), colour, lit(colour, -0.3))
