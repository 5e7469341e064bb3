"""Skies: the light in them, clouds, stars, the aurora, a rainbow; each takes a canvas."""

import math

from PIL import ImageChops, ImageFilter

from integrations.painter.canvas import Canvas, Colour, Dot, lit, mix
from integrations.painter.reading import Palette, Vision

BOW: tuple[Colour, ...] = (
    (232, 70, 70), (244, 150, 62), (250, 224, 92), (110, 200, 110), (84, 150, 236), (130, 96, 210),
)  # fmt: skip


def sky(canvas: Canvas, palette: Palette, vision: Vision, horizon: float) -> float:
    """Paints the sky down to the horizon; answers where along it the light stands."""
    rng = canvas.rng
    canvas.gradient(palette.sky, bottom=horizon + 0.02)
    canvas.gradient([palette.sky[-1], palette.ground], top=horizon)
    x = rng.choice([rng.uniform(0.18, 0.36), rng.uniform(0.62, 0.84)])
    if vision.mood == "night":
        stars(canvas, horizon)
        if "aurora" in vision.weather:
            aurora(canvas)
        moon(canvas, (x, rng.uniform(0.13, 0.24)), palette)
    elif vision.mood != "storm":
        sun(canvas, x, horizon, palette, low=vision.mood in {"sunset", "dawn"})
    if "rainbow" in vision.weather:
        rainbow(canvas, horizon + 0.02)
    _clouds(canvas, palette, vision, horizon)
    return x


def sun(canvas: Canvas, x: float, horizon: float, palette: Palette, *, low: bool) -> None:
    """The sun, high, or low over the horizon."""
    y = horizon - canvas.rng.uniform(0.07, 0.13) if low else canvas.rng.uniform(0.14, 0.24)
    canvas.glow((x, y), 0.75, palette.light, 0.42)
    canvas.glow((x, y), 0.26, palette.light, 0.6)
    canvas.disc((x, y), 0.062 if low else 0.045, lit(palette.light, 0.6), lit(palette.light, 0.1))


def moon(canvas: Canvas, at: Dot, palette: Palette) -> None:
    """A full moon with its seas."""
    canvas.glow(at, 0.5, mix(palette.light, (120, 150, 255), 0.5), 0.4)
    canvas.disc(at, 0.05, (255, 252, 240), (226, 226, 236))
    wide, high = canvas.unit / canvas.width, canvas.unit / canvas.height
    for dx, dy, r in (
        (-0.015, -0.01, 0.011),
        (0.014, 0.012, 0.014),
        (0.012, -0.021, 0.006),
        (-0.012, 0.02, 0.008),
    ):
        canvas.disc((at[0] + dx * wide, at[1] + dy * high), r, (212, 214, 228), alpha=0.6)


def stars(canvas: Canvas, horizon: float) -> None:
    """Small ones, and a few that shine."""
    rng = canvas.rng
    for _ in range(110):
        at = (rng.random(), horizon * rng.random() ** 1.3)
        canvas.disc(at, rng.choice([0.0009, 0.0012, 0.0018]), (255, 255, 255), alpha=rng.uniform(0.35, 0.95))
    for _ in range(7):
        canvas.glow((rng.random(), horizon * rng.random() * 0.8), 0.018, (210, 224, 255), 0.9)


def aurora(canvas: Canvas) -> None:
    """Curtains of light."""
    rng = canvas.rng
    for colour in ((70, 240, 170), (80, 200, 230), (170, 110, 240)):
        y, phase = rng.uniform(0.16, 0.34), rng.uniform(0, 6)
        for i in range(30):
            x = i / 29
            lift = 0.06 * math.sin(phase + x * 7) + 0.03 * math.sin(phase * 2 + x * 15)
            canvas.glow((x, y + lift), 0.13, colour, 0.16)
            canvas.glow((x, y + lift - 0.07), 0.1, colour, 0.09)


def rainbow(canvas: Canvas, foot: float) -> None:
    """An arc over the land, its feet behind what stands before the sky."""
    wide = canvas.rng.uniform(0.42, 0.5) * canvas.width / canvas.unit
    middle = (canvas.rng.uniform(0.35, 0.65), foot)
    arc = Canvas(canvas.width, canvas.height, canvas.rng)
    step = 0.016
    for number, colour in enumerate(BOW):
        arc.disc(middle, wide - number * step, lit(colour, -0.25))
    arc.disc(middle, wide - len(BOW) * step, (0, 0, 0))
    lies = arc.image.convert("L").point([130 if v else 0 for v in range(256)])
    lies.paste(0, (0, round(foot * canvas.height), canvas.width, canvas.height))
    soft = lies.filter(ImageFilter.GaussianBlur(canvas.unit / 180))
    canvas.image.paste(ImageChops.screen(canvas.image, arc.image), (0, 0), soft)
    canvas.image.paste(arc.image, (0, 0), soft.point([v * 2 // 5 for v in range(256)]))


def _clouds(canvas: Canvas, palette: Palette, vision: Vision, horizon: float) -> None:
    rng = canvas.rng
    many = {"storm": 10, "night": 3, "snow": 4}.get(vision.mood, 5) + (4 if "clouds" in vision.weather else 0)
    for _ in range(many):
        y = rng.uniform(0.05, horizon * 0.72)
        size = rng.uniform(0.28, 0.62) * (1.4 if vision.mood == "storm" else 1)
        light = (
            mix(palette.light, palette.sky[-1], 0.2) if vision.mood != "night" else lit(palette.sky[2], 0.12)
        )
        if vision.mood == "storm":
            light = mix(palette.sky[2], palette.sky[0], rng.random())
        shade = mix(palette.sky[1], light, 0.35)
        canvas.cloud((rng.random(), y), size, light, shade, 0.62 if vision.mood != "night" else 0.35)
