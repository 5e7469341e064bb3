"""Other light on a picture that is given: night, sunset, dawn, a storm, winter; and its tones."""

import random

from PIL import Image, ImageChops, ImageFilter, ImageOps

from integrations.painter import falling, skies
from integrations.painter.canvas import Canvas, Colour, lit, mix, ramp
from integrations.painter.reading import PALETTES
from integrations.painter.seen import Seen

GREEN = (36, 110)  # hues of grass and leaves, in Pillow's 256 steps
DIM = 132  # of the mean level: a day is brighter
WARM = (28, 243)  # below and above are orange and red
LAMP = 58  # so much brighter than what is around it


def relight(canvas: Canvas, seen: Seen, light: str) -> None:
    """The same place at another time."""
    _LIGHTS[light](canvas, seen)


def _night(canvas: Canvas, seen: Seen) -> None:
    day = canvas.image
    windows = _bright(day, seen)
    land_ = _graded(day, colour=0.55, tint=(112, 136, 206), gain=0.74)
    dark = ImageChops.multiply(land_, ramp([(170, 180, 224), (230, 232, 250), (150, 154, 196)], day.size))
    canvas.image = ImageChops.screen(dark, windows)
    _new_sky(canvas, seen, PALETTES["night"].sky, share=0.95)
    if not seen.sky_share:
        canvas.glow((canvas.rng.choice([0.12, 0.88]), 0.02), 0.9, (130, 156, 255), 0.28)
    else:
        starry(canvas, seen)
        moonlit(canvas, seen)
    canvas.bloom(0.3)
    canvas.vignette(0.42)


def _neon(canvas: Canvas, seen: Seen) -> None:
    _night(canvas, seen)
    glow = ramp([(150, 40, 190), (20, 60, 150), (0, 130, 170)], canvas.image.size)
    canvas.image = ImageChops.soft_light(canvas.image, glow)
    for colour in ((255, 60, 190), (40, 230, 255), (255, 60, 190)):
        canvas.glow((canvas.rng.random(), canvas.rng.uniform(0.35, 0.8)), 0.4, colour, 0.4)


def starry(canvas: Canvas, seen: Seen) -> None:
    """Stars, only where the sky is."""
    before = canvas.image.copy()
    skies.stars(canvas, max(0.3, seen.horizon))
    canvas.image = Image.composite(canvas.image, before, seen.sky)


def moonlit(canvas: Canvas, seen: Seen) -> None:
    """The moon where the sun was, or where there is most sky."""
    at = seen.sun or (seen.room[0], max(0.08, min(0.2, seen.horizon * 0.36)))
    skies.moon(canvas, at, PALETTES["night"])


def _sunset(canvas: Canvas, seen: Seen) -> None:
    palette = PALETTES["sunset"]
    warm = _graded(canvas.image, colour=0.9, tint=(255, 206, 168), gain=0.86)
    glow = ImageChops.soft_light(warm, ramp([(80, 60, 130), (240, 140, 100), (130, 70, 80)], warm.size))
    canvas.image = Image.blend(warm, glow, 0.6)
    _new_sky(canvas, seen, palette.sky, share=0.8)
    _low_sun(canvas, seen, (255, 196, 110))
    canvas.bloom(0.28)
    canvas.vignette(0.3)


def _dawn(canvas: Canvas, seen: Seen) -> None:
    palette = PALETTES["dawn"]
    soft = _graded(canvas.image, colour=0.85, tint=(255, 224, 226), gain=1.0)
    canvas.image = ImageChops.soft_light(
        soft, ramp([(140, 130, 190), (240, 190, 190), (150, 130, 150)], soft.size)
    )
    _new_sky(canvas, seen, palette.sky, share=0.72)
    _low_sun(canvas, seen, (255, 226, 190))
    if seen.sky_share:
        canvas.mist(seen.horizon + 0.03, 0.1, (255, 232, 224), 0.45)
    canvas.bloom(0.22)


def _storm(canvas: Canvas, seen: Seen) -> None:
    palette = PALETTES["storm"]
    canvas.image = _graded(canvas.image, colour=0.42, tint=(176, 190, 208), gain=0.86)
    _new_sky(canvas, seen, palette.sky, share=0.78)
    if seen.sky_share:
        before = canvas.image.copy()
        for _ in range(9):
            shade = mix(palette.sky[2], palette.sky[0], canvas.rng.random())
            at = (canvas.rng.random(), canvas.rng.uniform(0, seen.horizon * 0.7))
            canvas.cloud(at, canvas.rng.uniform(0.4, 0.9), lit(shade, 0.1), palette.sky[0], 0.6)
        canvas.image = Image.composite(canvas.image, before, seen.sky)
    canvas.vignette(0.35)


def _day(canvas: Canvas, seen: Seen) -> None:
    level = max(1, sum(seen.tone) // 3)
    lifted = _levels(canvas.image, min(0.62, 0.9 * level / 150) if level < DIM else 0.9)
    canvas.image = _graded(lifted, colour=1.15, tint=(255, 250, 236), gain=1.04)
    _new_sky(canvas, seen, PALETTES["day"].sky, share=0.7)
    if seen.sky_share:
        skies.sun(canvas, seen.room[0], seen.horizon, PALETTES["day"], low=False)
    canvas.bloom(0.16)


def _autumn(canvas: Canvas, _: Seen) -> None:
    """Green turns to rust and gold."""
    image = canvas.image
    turned = _hued(image, 22, 1.25)
    canvas.image = Image.composite(turned, image, _leaves(image))
    canvas.image = _graded(canvas.image, colour=1.1, tint=(255, 226, 190), gain=0.98)
    _falling(canvas, ((222, 120, 48), (206, 72, 44), (240, 176, 72)), 46)


def _spring(canvas: Canvas, _: Seen) -> None:
    canvas.image = _graded(canvas.image, colour=1.12, tint=(255, 244, 246), gain=1.06)
    _falling(canvas, ((255, 206, 222), (250, 178, 204), (255, 236, 242)), 60)


_LIGHTS = {
    "night": _night, "neon": _neon, "sunset": _sunset, "dawn": _dawn, "storm": _storm, "day": _day, "autumn": _autumn,
    "spring": _spring,
}  # fmt: skip


# ── Weather ──────────────────────────────────────────────────────────────────────────────────────────


def weathered(canvas: Canvas, seen: Seen, weather: frozenset[str], *, dark: bool) -> None:
    """Snow that lies and falls, rain, fog, a bolt."""
    if "snow" in weather:
        _snowed(canvas, seen, dark=dark)
    if "lightning" in weather:
        falling.lightning(canvas)
    if "rain" in weather:
        falling.rainfall(canvas)
    if "mist" in weather:
        _foggy(canvas, seen)


def _snowed(canvas: Canvas, seen: Seen, *, dark: bool) -> None:
    image = canvas.image
    white = (150, 164, 206) if dark else (246, 249, 255)
    cold = _graded(image, colour=0.6, tint=(214, 228, 255), gain=1.0 if dark else 1.08)
    lying = ImageChops.lighter(_leaves(image), _upper_edges(image))
    lying = ImageChops.lighter(lying, _near_ground(image.size, seen))
    lying = ImageChops.multiply(lying, _dull(image))
    lying = ImageChops.multiply(lying, ImageOps.invert(seen.sky)).filter(ImageFilter.GaussianBlur(1.5))
    shaded = ImageChops.soft_light(
        Image.new("RGB", image.size, white), ImageOps.autocontrast(image.convert("L"), 2).convert("RGB")
    )
    canvas.image = Image.composite(Image.blend(cold, shaded, 0.86), cold, lying)
    if seen.sky_share and not dark:
        _new_sky(canvas, seen, PALETTES["snow"].sky, share=0.66)
    canvas.mist(max(0.5, seen.horizon) + 0.02, 0.12, white, 0.3)
    falling.snowfall(canvas)
    falling.snowfall(canvas)


def _foggy(canvas: Canvas, seen: Seen) -> None:
    fog = mix(lit(seen.tone, 0.5), (228, 232, 236), 0.6)
    far = seen.horizon or 0.45
    depth = ramp([lit(fog, 0)] * 2, canvas.image.size)
    stops = [(170,) * 3, (215,) * 3, (120,) * 3, (40,) * 3]
    thick = ramp(stops, canvas.image.size).convert("L")
    canvas.image = Image.composite(
        depth, _graded(canvas.image, colour=0.7, tint=(236, 240, 244), gain=1.0), thick
    )
    canvas.mist(far + 0.05, 0.16, lit(fog, 0.2), 0.7)
    canvas.mist(0.85, 0.12, lit(fog, 0.2), 0.4)


def _falling(canvas: Canvas, colours: tuple[Colour, ...], many: int) -> None:
    rng = canvas.rng
    for _ in range(many):
        near = rng.random() ** 2
        r = 0.004 + 0.012 * near
        canvas.oval(
            (rng.random(), rng.random()), r, r * rng.uniform(0.4, 0.9), rng.choice(colours), alpha=0.85
        )


# ── Tones ────────────────────────────────────────────────────────────────────────────────────────────


def toned(canvas: Canvas, tone: str) -> None:
    """Without colours, as film or as an old print."""
    grey = ImageOps.autocontrast(canvas.image.convert("L"), 0.5)
    curve = [round(255 * _bent(v / 255)) for v in range(256)]
    grey = grey.point(curve)
    if tone == "grey":
        canvas.image = grey.convert("RGB")
        canvas.grain(0.09)
    else:
        canvas.image = ImageOps.colorize(grey, (46, 28, 18), (252, 240, 214), (158, 118, 82))
        canvas.vignette(0.45)
        canvas.grain(0.1)


def coloured(canvas: Canvas, colour: Colour) -> None:
    """All of it drawn towards one colour, its lights and shades kept."""
    grey = ImageOps.autocontrast(canvas.image.convert("L"), 1)
    dyed = ImageOps.colorize(grey, lit(colour, -0.8), lit(mix(colour, (255, 255, 255), 0.55), 0.3), colour)
    canvas.image = Image.blend(canvas.image, dyed, 0.62)


def another_hand(canvas: Canvas, rng: random.Random) -> None:
    """The same picture with slightly other colours: how somebody else would have mixed them."""
    turned = _hued_by(canvas.image, rng.choice([-12, -9, 9, 13]))
    warm = rng.choice([(255, 238, 214), (222, 236, 255), (255, 226, 232), (226, 250, 236)])
    canvas.image = Image.blend(canvas.image, _graded(turned, colour=1.14, tint=warm, gain=1.02), 0.75)
    canvas.bloom(0.14)
    canvas.vignette(0.2)


# ── Tools ────────────────────────────────────────────────────────────────────────────────────────────


def _bent(share: float) -> float:
    """Deeper shades and clearer lights."""
    return 0.5 * (share + share * share * (3 - 2 * share))


def _graded(image: Image.Image, *, colour: float, tint: Colour, gain: float) -> Image.Image:
    """More or less colourful, through a tinted glass, brighter or darker."""
    grey = image.convert("L").convert("RGB")
    mixed = Image.blend(grey, image, colour)
    table = [min(255, round(v * gain * channel / 255)) for channel in tint for v in range(256)]
    return mixed.point(table)


def _levels(image: Image.Image, gamma: float) -> Image.Image:
    return image.point([round(255 * (v / 255) ** gamma) for v in range(256)] * 3)


def _new_sky(canvas: Canvas, seen: Seen, stops: tuple[Colour, ...], *, share: float) -> None:
    """Another sky behind what stands before it; the old one's clouds shine through."""
    if not seen.sky_share:
        return
    down = max(0.25, min(1.0, seen.horizon + 0.08))
    sky = canvas.image.copy()
    sky.paste(ramp(stops, (canvas.width, max(1, round(down * canvas.height)))), (0, 0))
    clouds = ImageOps.autocontrast(canvas.image.convert("L"), 1).convert("RGB")
    sky = Image.blend(sky, ImageChops.soft_light(sky, clouds), 0.55)
    mixed = Image.blend(canvas.image, sky, share)
    canvas.image = Image.composite(mixed, canvas.image, seen.sky)


def _low_sun(canvas: Canvas, seen: Seen, light: Colour) -> None:
    if not seen.sky_share:
        canvas.glow((canvas.rng.choice([0.05, 0.95]), 0.3), 1.0, light, 0.5)
        return
    before = canvas.image.copy()
    at = seen.sun or (seen.room[0], max(0.12, seen.horizon - 0.1))
    canvas.disc(at, 0.066, lit(light, 0.7), lit(light, 0.2))
    canvas.image = Image.composite(canvas.image, before, seen.sky)
    canvas.glow(at, 0.8, light, 0.45)
    canvas.glow(at, 0.24, light, 0.6)


def _bright(image: Image.Image, seen: Seen) -> Image.Image:
    """Lamps and windows: small bright spots below the sky, that shine on at night."""
    grey = image.convert("L")
    around = grey.filter(ImageFilter.GaussianBlur(max(4, min(image.size) / 40)))
    spots = ImageChops.subtract(grey, around).point([max(0, min(255, (v - LAMP) * 4)) for v in range(256)])
    spots = ImageChops.subtract(spots, seen.sky)
    glow = spots.filter(ImageFilter.GaussianBlur(max(2, min(image.size) / 90)))
    lamps = ImageChops.lighter(spots.point([v // 2 for v in range(256)]), glow)
    return Image.merge(
        "RGB", [lamps.point([round(v * c / 255) for v in range(256)]) for c in (255, 206, 120)]
    )


def _hued(image: Image.Image, hue: int, rich: float) -> Image.Image:
    _, saturation, value = image.convert("HSV").split()
    spread = image.convert("L").point([(hue - 8 + v // 9) % 256 for v in range(256)])
    rich_ = saturation.point([min(255, round(v * rich)) for v in range(256)])
    return Image.merge("HSV", [spread, rich_, value]).convert("RGB")


def _hued_by(image: Image.Image, by: int) -> Image.Image:
    hue, saturation, value = image.convert("HSV").split()
    return Image.merge("HSV", [hue.point([(v + by) % 256 for v in range(256)]), saturation, value]).convert(
        "RGB"
    )


def _leaves(image: Image.Image) -> Image.Image:
    """Where it is green."""
    hue, saturation, _ = image.convert("HSV").split()
    green = hue.point([255 if GREEN[0] <= v <= GREEN[1] else 0 for v in range(256)])
    rich = saturation.point([min(255, v * 4) for v in range(256)])
    return ImageChops.multiply(green, rich).filter(ImageFilter.GaussianBlur(2))


def _dull(image: Image.Image) -> Image.Image:
    """Less where colours are strong and warm: what is looked at keeps them."""
    hue, saturation, _ = image.convert("HSV").split()
    warm = hue.point([255 if v < WARM[0] or v > WARM[1] else 0 for v in range(256)])
    strong = ImageChops.multiply(warm, saturation.point([max(0, min(255, (v - 70) * 3)) for v in range(256)]))
    return ImageOps.invert(strong.point([v * 4 // 5 for v in range(256)])).filter(ImageFilter.GaussianBlur(2))


def _upper_edges(image: Image.Image) -> Image.Image:
    """What looks up: brighter above than below."""
    grey = image.convert("L").filter(ImageFilter.GaussianBlur(2))
    shift = max(2, min(image.size) // 200)
    up = ImageChops.subtract(ImageChops.offset(grey, 0, -shift), grey)
    down = ImageChops.subtract(grey, ImageChops.offset(grey, 0, -shift))
    edges = ImageChops.lighter(up.point([v // 2 for v in range(256)]), down)
    return edges.point([min(255, v * 7) for v in range(256)]).filter(ImageFilter.GaussianBlur(2))


def _near_ground(size: tuple[int, int], seen: Seen) -> Image.Image:
    """Under the sky, the nearer the more."""
    if not seen.sky_share:
        return Image.new("L", size, 60)
    depth = Image.new("L", size, 110)
    top = min(size[1] - 2, round(seen.horizon * size[1]))
    depth.paste(ramp([(120,) * 3, (205,) * 3, (235,) * 3], (size[0], size[1] - top)).convert("L"), (0, top))
    return depth
