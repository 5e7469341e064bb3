"""What falls: snow, rain, a bolt, blossoms; each takes a canvas and is painted over all else."""

from integrations.painter.canvas import Canvas, Colour, lit


def snowfall(canvas: Canvas) -> None:
    """Flakes, few of them near and large."""
    rng = canvas.rng
    for _ in range(120):
        canvas.disc(
            (rng.random(), rng.random()),
            rng.choice([0.0014, 0.002, 0.003]),
            (255, 255, 255),
            alpha=rng.uniform(0.4, 0.9),
        )
    for _ in range(9):
        canvas.glow((rng.random(), rng.random()), rng.uniform(0.012, 0.03), (255, 255, 255), 0.45)


def rainfall(canvas: Canvas) -> None:
    """Slanting rain in two depths."""
    rng = canvas.rng
    for many, long, alpha in ((190, 0.03, 0.16), (70, 0.065, 0.24)):
        starts = [(rng.uniform(-0.05, 1.05), rng.uniform(-0.1, 1.0)) for _ in range(many)]
        canvas.strokes(
            [((x, y), (x - long * 0.22, y + long)) for x, y in starts], 0.0011, (222, 232, 244), alpha
        )


def lightning(canvas: Canvas) -> None:
    """One bolt."""
    rng = canvas.rng
    x, y, lines = rng.uniform(0.25, 0.75), 0.0, []
    while y < 0.5:  # noqa: PLR2004 - down to the horizon
        nx, ny = x + rng.gauss(0, 0.022), y + rng.uniform(0.02, 0.05)
        lines.append(((x, y), (nx, ny)))
        x, y = nx, ny
    canvas.glow((x, 0.3), 0.6, (190, 200, 255), 0.4)
    canvas.strokes(lines, 0.005, (246, 246, 255), 0.95)


def petals(canvas: Canvas, colour: Colour) -> None:
    """Blossoms in the wind, and on the ground."""
    rng = canvas.rng
    for _ in range(70):
        low = rng.random() < 0.6  # noqa: PLR2004 - more lie than fly
        at = (rng.random(), rng.uniform(0.78, 0.99) if low else rng.uniform(0.2, 0.78))
        r = rng.uniform(0.003, 0.007)
        canvas.oval(at, r, r * (0.5 if low else 0.8), lit(colour, rng.uniform(0, 0.5)), alpha=0.9)
