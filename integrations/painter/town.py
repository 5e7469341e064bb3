"""What people build, drawn onto the land: a city, windows alight, its street wet when it rains."""

from integrations.painter.canvas import Canvas, Colour, Dot, lit, mix
from integrations.painter.reading import Palette

WINDOWS: tuple[Colour, ...] = ((255, 216, 140), (255, 190, 110), (255, 236, 190), (170, 214, 255))
SLATE: Colour = (92, 100, 124)
NEON: tuple[Colour, ...] = ((255, 70, 150), (70, 220, 255), (255, 170, 60), (150, 110, 255), (90, 255, 180))


def city(canvas: Canvas, palette: Palette, ground: float, *, dark: bool) -> None:
    """Three rows of towers, their windows alight when it is dark."""
    rng = canvas.rng
    near = palette.near if dark else mix(palette.near, SLATE, 0.8)
    canvas.glow((0.5, ground), 0.8, mix(palette.light, (255, 150, 90), 0.6), 0.35 if dark else 0.15)
    for row in range(3):
        share = row / 2
        colour = mix(mix(palette.far, near, 0.25), near, share)
        x = -0.03
        while x < 1.0:
            wide = rng.uniform(0.05, 0.1) * (0.8 + 0.5 * share)
            middle = 1 - abs(x + wide / 2 - 0.5) * (0.9 if row < 2 else -0.7)  # noqa: PLR2004 - the nearest row opens a view
            high = rng.uniform(0.16, 0.46 - 0.1 * share) * middle
            _tower(canvas, (x, ground - high, x + wide, ground), colour, share=share, dark=dark)
            x += wide * rng.uniform(0.86, 1.15)
        canvas.mist(ground - 0.02, 0.1, mix(palette.sky[-1], palette.light, 0.2), 0.3 * (1 - share))
    if dark:
        _signs(canvas, ground)


def _tower(
    canvas: Canvas, box: tuple[float, float, float, float], colour: Colour, *, share: float, dark: bool
) -> None:
    rng = canvas.rng
    left, top, right, foot = box
    canvas.shape(
        [(left, top), (right, top), (right, foot), (left, foot)], lit(colour, 0.07), colour, lit(colour, -0.1)
    )
    if rng.random() < 0.4:  # noqa: PLR2004 - some have a spire
        middle = (left + right) / 2
        canvas.shape(
            [(middle - 0.002, top), (middle, top - rng.uniform(0.03, 0.08)), (middle + 0.002, top)], colour
        )
    columns = max(2, round((right - left) / (0.015 + 0.007 * share)))
    rows = max(2, round((foot - top) / (0.022 + 0.01 * share)))
    glass = mix(colour, (255, 255, 255), 0.16)
    for i in range(columns):
        for k in range(rows):
            alight = rng.random() < (0.2 + 0.12 * share)
            if not alight and (dark or (i + k) % 2):
                continue
            x, y = left + (right - left) * (i + 0.28) / columns, top + (foot - top) * (k + 0.3) / rows
            shine = mix(rng.choice(WINDOWS), colour, 0.45 * (1 - share)) if dark else glass
            _pane(canvas, (x, y), (right - left) * 0.5 / columns, (foot - top) * 0.42 / rows, shine)


def _pane(canvas: Canvas, at: Dot, wide: float, high: float, colour: Colour) -> None:
    x, y = round(at[0] * canvas.width), round(at[1] * canvas.height)
    w, h = max(1, round(wide * canvas.width)), max(1, round(high * canvas.height))
    canvas.image.paste(colour, (x, y, x + w, y + h))


def _signs(canvas: Canvas, ground: float) -> None:
    rng = canvas.rng
    for _ in range(6):
        x = rng.choice([rng.uniform(0.03, 0.32), rng.uniform(0.68, 0.97)])
        y, colour = ground - rng.uniform(0.06, 0.26), rng.choice(NEON)
        canvas.glow((x, y + 0.03), 0.1, colour, 0.6)
        _pane(canvas, (x - 0.007, y), 0.014, rng.uniform(0.03, 0.07), lit(colour, 0.4))
    for side in (0.12, 0.3, 0.7, 0.88):
        x = side + rng.uniform(-0.03, 0.03)
        canvas.strokes([((x, ground), (x, ground - 0.12))], 0.004, (20, 22, 34), 1.0)
        canvas.glow((x, ground - 0.12), 0.075, (255, 206, 130), 0.95)
        canvas.disc((x, ground - 0.12), 0.009, (255, 244, 214))


def street(canvas: Canvas, palette: Palette, ground: float, *, wet: bool) -> None:
    """What the towers stand on: a mirror when it rains."""
    tint = mix(palette.near if wet else mix(palette.near, SLATE, 0.7), palette.sky[1], 0.3)
    if wet:
        canvas.reflect(ground, tint, calm=0.84, tinted=0.2, soft=0.82)
        return
    canvas.gradient([lit(tint, 0.15), lit(tint, -0.2)], top=ground)
    edges = [(0.47, ground), (0.53, ground), (0.86, 1.0), (0.14, 1.0)]
    canvas.shape(edges, lit(tint, 0.08), lit(tint, -0.35))
    middle = [
        ((0.5, ground + (1 - ground) * t), (0.5, ground + (1 - ground) * (t + 0.05 + 0.12 * t)))
        for t in (0.1, 0.24, 0.44, 0.72)
    ]
    for line, width in zip(middle, (0.004, 0.007, 0.011, 0.017), strict=True):
        canvas.strokes([line], width, lit(tint, 0.5), 0.8)
    for side in (0.12, 0.3, 0.7, 0.88):
        canvas.glow((0.5 + (side - 0.5) * 1.25, ground + 0.08), 0.16, (255, 206, 130), 0.22)
