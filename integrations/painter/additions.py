"""What is painted into a picture that is given: in its sky, on its ground, in its own light."""

from PIL import Image

from integrations.painter import land, scene, skies, woods
from integrations.painter.animals import COATS
from integrations.painter.asked import Wishes
from integrations.painter.canvas import Canvas, Dot, mix
from integrations.painter.reading import PALETTES, Palette
from integrations.painter.seen import Seen
from integrations.painter.things import THINGS

DARK = 84  # of the mean level
FIGURES_MAX = 3
BEHIND_THE_LAND = frozenset({"stars", "clouds", "aurora", "rainbow"})
SMALLER = 0.72  # than in a picture of its own: it joins what is there


def painted_in(canvas: Canvas, seen: Seen, wishes: Wishes) -> None:
    """All that the words add, the far before the near."""
    palette = _palette(seen, wishes)
    for kind in wishes.sky:
        _above(canvas, seen, kind, palette)
    for kind in wishes.ground:
        _below(canvas, seen, kind, palette, wishes)
    kinds = [kind for kind in wishes.figures if kind in THINGS or kind in COATS][:FIGURES_MAX]
    for number, kind in enumerate(kinds):
        _figure(canvas, seen, kind, wishes, palette, number=number, many=len(kinds))


def _palette(seen: Seen, wishes: Wishes) -> Palette:
    """The colours that new things take on: of the light that was asked for, or of what is there."""
    name = wishes.light if wishes.light in PALETTES else ("night" if sum(seen.tone) / 3 < DARK else "day")
    if "snow" in wishes.weather and name == "day":
        name = "snow"
    return PALETTES[name].tinted(seen.tone, 0.18)


# ── Above ────────────────────────────────────────────────────────────────────────────────────────────


def _above(canvas: Canvas, seen: Seen, kind: str, palette: Palette) -> None:
    before = canvas.image.copy()
    _ABOVE[kind](canvas, seen, palette)
    if kind in BEHIND_THE_LAND and seen.sky_share:
        canvas.image = Image.composite(canvas.image, before, seen.sky)


def _place_above(seen: Seen) -> Dot:
    return seen.room[0], max(0.1, min(0.2, seen.horizon * 0.4)) if seen.sky_share else 0.14


def _moon(canvas: Canvas, seen: Seen, _: Palette) -> None:
    dark = sum(seen.tone) / 3 < DARK
    skies.moon(canvas, seen.sun if seen.sun and dark else _place_above(seen), PALETTES["night"])


def _sun(canvas: Canvas, seen: Seen, _: Palette) -> None:
    at = _place_above(seen)
    canvas.glow(at, 0.75, (255, 236, 180), 0.5)
    canvas.glow(at, 0.26, (255, 236, 190), 0.7)
    canvas.disc(at, 0.066, (255, 252, 232), (255, 232, 160))


def _stars(canvas: Canvas, seen: Seen, _: Palette) -> None:
    skies.stars(canvas, max(0.3, seen.horizon) if seen.sky_share else 0.5)


def _birds(canvas: Canvas, _: Seen, palette: Palette) -> None:
    scene.flock(canvas, palette)


def _clouds(canvas: Canvas, seen: Seen, palette: Palette) -> None:
    rng = canvas.rng
    for _ in range(6):
        at = (rng.random(), rng.uniform(0.05, max(0.2, seen.horizon * 0.7)))
        light = mix((255, 255, 255), seen.tone, 0.2)
        canvas.cloud(at, rng.uniform(0.34, 0.7), light, mix(light, palette.sky[0], 0.3), 0.7)


def _aurora(canvas: Canvas, _: Seen, __: Palette) -> None:
    skies.aurora(canvas)


def _rainbow(canvas: Canvas, seen: Seen, _: Palette) -> None:
    skies.rainbow(canvas, seen.horizon + 0.04 if seen.sky_share else 0.62)


_ABOVE = {
    "moon": _moon, "sun": _sun, "stars": _stars, "birds": _birds, "clouds": _clouds, "aurora": _aurora, "rainbow": _rainbow,
}  # fmt: skip


# ── Below ────────────────────────────────────────────────────────────────────────────────────────────


def _below(canvas: Canvas, seen: Seen, kind: str, palette: Palette, wishes: Wishes) -> None:
    rng = canvas.rng
    ground = max(0.62, min(0.86, seen.horizon + 0.2))
    if kind == "tree":
        woods.tree(canvas, palette, (seen.room[1], ground + 0.06), 0.62)
    elif kind == "trees":
        for x in sorted((rng.uniform(0.05, 0.3), rng.uniform(0.7, 0.95))):
            woods.tree(canvas, palette, (x, ground + rng.uniform(0, 0.08)), rng.uniform(0.42, 0.6))
    elif kind == "pines":
        woods.grove(canvas, palette, ground, snowy="snow" in wishes.weather)
    else:
        _flowers(canvas, palette, wishes)


def _flowers(canvas: Canvas, palette: Palette, wishes: Wishes) -> None:
    rng = canvas.rng
    chosen = (wishes.colour,) if wishes.colour else tuple(rng.sample(land.BLOSSOMS, 4))
    for i in range(18):
        x = (i + rng.uniform(0.1, 0.9)) / 18
        edge = abs(x - 0.5) * 2
        at = (x, 0.99 + rng.uniform(-0.01, 0.05) - 0.08 * edge * rng.random())
        land.flower(canvas, palette, at, rng.uniform(0.1, 0.17) + 0.09 * edge, rng.choice(chosen))


def _figure(
    canvas: Canvas, seen: Seen, kind: str, wishes: Wishes, palette: Palette, *, number: int, many: int
) -> None:
    rng = canvas.rng
    size = scene.SIZES.get(kind, 0.52) * SMALLER * rng.uniform(0.94, 1.08)
    sprite = scene.sprite_of(kind, wishes.coats, round(size * canvas.unit))
    share = 0.34 if sum(seen.tone) / 3 < DARK or wishes.light == "night" else 0.12
    sprite = scene.tinted(sprite, mix(palette.sky[1], seen.tone, 0.5), share)
    x = seen.room[1] if many == 1 else (number + 0.5) / many
    high = size * canvas.unit / canvas.height
    at = (min(0.88, max(0.12, x + rng.uniform(-0.03, 0.03))), _foot(kind, seen, high))
    if kind in scene.AFLOAT:
        scene.mirror_in_water(canvas, sprite, at)
    elif kind not in scene.ALOFT:
        scene.shadow(canvas, at, size, palette)
    canvas.place(sprite, at)


def _foot(kind: str, seen: Seen, high: float) -> float:
    """What flies is above, what floats a little under the horizon, what stands in front."""
    if kind in scene.ALOFT:
        return 0.06 + high
    if kind in scene.AFLOAT:
        return min(0.9, max(0.58, seen.horizon + 0.16))
    if kind in scene.STANDS_BACK:
        return min(0.9, max(0.66, seen.horizon + 0.16))
    return 0.94
