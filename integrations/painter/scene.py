"""Composes a whole picture out of a vision: sky, land, water, figures, weather, and the last touches."""

from collections.abc import Mapping
from dataclasses import replace

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from integrations.painter import falling, land, skies, town, woods
from integrations.painter.abstract import dream
from integrations.painter.animals import COATS, animal
from integrations.painter.canvas import Canvas, Colour, Dot, lit, mix
from integrations.painter.deep import depths
from integrations.painter.korean import in_english
from integrations.painter.manners import MANNERS, Finish, Manner
from integrations.painter.poster import badge, poster
from integrations.painter.reading import Palette, Vision, palette_of, read
from integrations.painter.subject import is_known, title_of
from integrations.painter.things import THINGS, thing

WATERS = frozenset({"sea", "lake", "beach"})
AFLOAT = frozenset({"boat", "fish", "whale"})
ALOFT = frozenset({"balloon", "rocket"})
FIGURES_MAX = 3
CROWDED = 0.78  # how large each of several figures is
SKETCH_PX = 128  # smaller pictures get the sky, the land and the figure, and no more
SIZES = {
    "bird": 0.34, "owl": 0.42, "penguin": 0.42, "robot": 0.56, "boat": 0.42, "house": 0.38, "castle": 0.58,
    "lighthouse": 0.62, "balloon": 0.4, "rocket": 0.52, "walker": 0.3, "fish": 0.42, "whale": 0.56,
}  # fmt: skip
VILLAGE: tuple[Colour, ...] = ((214, 120, 96), (232, 190, 130), (150, 168, 186), (196, 150, 120))
STANDS_BACK = frozenset({"house", "castle", "lighthouse"})


def compose(
    canvas: Canvas, prompt: str, manner: Manner = MANNERS[0], finish: Finish = Image.Image.copy
) -> None:
    """Paints what the prompt makes one see; of what it can't draw a poster, with the place and the light that it knows.

    `finish` is the last touch: letters are set after it.
    """
    vision = read(in_english(prompt), canvas.rng)
    if canvas.unit < SKETCH_PX:
        _sketch(canvas, vision, palette_of(vision))
    elif is_known(prompt):
        _whole(canvas, vision, manner)
        canvas.image = finish(canvas.image)
    else:
        setting = _setting(canvas, replace(vision, figures=()), manner) if _is_set(vision) else None
        poster(canvas, title_of(prompt), setting, vision.colours, finish)
        canvas.grain(0.05)


def _whole(canvas: Canvas, vision: Vision, manner: Manner) -> None:
    if vision.abstract:
        dream(canvas, vision.colours)
    else:
        _landscape(canvas, vision, palette_of(vision), manner)
    canvas.bloom(0.22)
    canvas.vignette(0.3)
    canvas.grain(0.06)


def _is_set(vision: Vision) -> bool:
    return bool(vision.places or vision.weather or vision.said_mood)


def _setting(canvas: Canvas, vision: Vision, manner: Manner) -> Image.Image:
    """The place without its figures, for a poster's picture."""
    inner = Canvas(canvas.width, max(SKETCH_PX, round(canvas.height * 0.7)), canvas.rng)
    _landscape(inner, vision, palette_of(vision), manner)
    inner.bloom(0.2)
    return inner.image


def figure_alone(canvas: Canvas, prompt: str) -> Image.Image:
    """The prompt's figure on nothing, for a transparent background; a label of the words where there is none."""
    vision = read(in_english(prompt), canvas.rng)
    known = [kind for kind in vision.figures if kind in THINGS or kind in COATS]
    if not known:
        return badge(canvas, title_of(prompt), vision.colours)
    sprite = sprite_of(known[0], vision.coats, round(canvas.unit * 0.86))
    image = Image.new("RGBA", (canvas.width, canvas.height))
    image.paste(sprite, ((canvas.width - sprite.width) // 2, (canvas.height - sprite.height) // 2))
    return image


def _sketch(canvas: Canvas, vision: Vision, palette: Palette) -> None:
    """Cheap enough for thousands: load tests look at none of them."""
    rng = canvas.rng
    horizon = rng.uniform(0.54, 0.62)
    canvas.gradient(palette.sky, bottom=horizon)
    canvas.gradient([palette.ground, lit(palette.ground, -0.3)], top=horizon)
    canvas.glow((rng.random(), rng.uniform(0.1, 0.4)), rng.uniform(0.3, 0.6), palette.light, 0.8)
    kinds = [kind for kind in vision.figures if kind in THINGS or kind in COATS][:1]
    for kind in kinds:
        canvas.place(sprite_of(kind, vision.coats, round(canvas.unit * 0.6)), (rng.uniform(0.35, 0.65), 0.96))


def _landscape(canvas: Canvas, vision: Vision, palette: Palette, manner: Manner) -> None:
    horizon = canvas.rng.uniform(0.54, 0.62) + manner.horizon
    if "underwater" in vision.places:
        depths(canvas, dark=vision.mood == "night")
        _figures(canvas, vision, palette, horizon, manner.near)
        return
    light_x = skies.sky(canvas, palette, vision, horizon)
    _far(canvas, vision, palette, horizon)
    _ground(canvas, vision, palette, horizon, light_x)
    _figures(canvas, vision, palette, horizon, manner.near)
    _weather(canvas, vision, palette, horizon)


def _far(canvas: Canvas, vision: Vision, palette: Palette, horizon: float) -> None:
    snowy, misty = "snow" in vision.weather, "mist" in vision.weather
    if "mountains" in vision.places or ("lake" in vision.places and "city" not in vision.places):
        land.mountains(canvas, palette, horizon, snowy=snowy, misty=misty)
    elif snowy and "city" not in vision.places and not WATERS.intersection(vision.places):
        land.mountains(canvas, palette, horizon - 0.03, snowy=True, misty=True)
    if "city" in vision.places:
        town.city(canvas, palette, horizon + 0.04, dark=vision.mood in {"night", "storm", "sunset"})
    if AFLOAT.intersection(vision.figures) or {"sea", "beach"}.intersection(vision.places):
        land.headland(canvas, palette, horizon)
    if "lake" in vision.places and "city" not in vision.places:
        woods.forest(canvas, palette, horizon - 0.005, snowy=snowy, rows=1)


def _ground(canvas: Canvas, vision: Vision, palette: Palette, horizon: float, light_x: float) -> None:
    snowy, places = "snow" in vision.weather, set(vision.places)
    wet = bool(places & WATERS)
    if "city" in places:
        town.street(canvas, palette, horizon + 0.04, wet=wet or "rain" in vision.weather)
        if "blossom" in vision.places:
            _blossoms(canvas, (0.13, 0.87), horizon + 0.26, 0.62, palette)
        return
    if wet or AFLOAT.intersection(vision.figures):
        _water(canvas, vision, palette, horizon, light_x)
        if ashore(vision):
            _bank(canvas, vision, palette, horizon)
    elif "desert" in places:
        land.dunes(canvas, palette, horizon)
    elif snowy:
        woods.forest(canvas, palette, horizon + 0.02, snowy=True, rows=1)
        land.snow_field(canvas, palette, horizon + 0.03)
        woods.grove(canvas, palette, horizon + 0.09, snowy=True)
    elif _blooms(vision):
        land.garden(canvas, palette, horizon, vision.colours)
    else:
        land.hills(canvas, palette, horizon + 0.02)
        land.meadow(canvas, palette, horizon)
    _trees(canvas, vision, palette, horizon)


def ashore(vision: Vision) -> bool:
    """Whether somebody stands by the water, or it is the beach that is wanted."""
    stands = [kind for kind in vision.figures if kind not in AFLOAT | ALOFT | {"birds"}]
    return "beach" in vision.places or bool(stands and WATERS.intersection(vision.places))


def _bank(canvas: Canvas, vision: Vision, palette: Palette, horizon: float) -> None:
    if "snow" in vision.weather:
        land.snow_field(canvas, palette, horizon + 0.17)
    else:
        land.shore(canvas, palette, sandy="lake" not in vision.places)


def _blooms(vision: Vision) -> bool:
    return "garden" in vision.places or "flower" in vision.figures


def _water(canvas: Canvas, vision: Vision, palette: Palette, horizon: float, light_x: float) -> None:
    rough = bool({"sea", "beach"}.intersection(vision.places))
    calm, tinted = (0.62, 0.46) if rough else (0.86, 0.26)
    canvas.reflect(horizon, palette.water, calm=calm, tinted=tinted)
    if rough:
        land.waves(canvas, palette, horizon)
    if vision.mood != "storm":
        canvas.glints(light_x, horizon, lit(palette.light, 0.2))


def _trees(canvas: Canvas, vision: Vision, palette: Palette, horizon: float) -> None:
    if "forest" in vision.places and "snow" not in vision.weather:
        woods.forest(canvas, palette, horizon + 0.03, snowy=False)
        woods.grove(canvas, palette, horizon + 0.12, snowy=False)
    if "tree" in vision.places:
        woods.tree(canvas, palette, (canvas.rng.uniform(0.25, 0.75), horizon + 0.16), 0.6)
    if "blossom" in vision.places:
        side = canvas.rng.choice((0.2, 0.8))
        woods.tree(canvas, palette, (1 - side, horizon + 0.06), 0.34, leaves=woods.BLOSSOM)
        _blossoms(canvas, (side,), horizon + 0.24, 0.78, palette)
    if "village" in vision.places:
        _village(canvas, vision, palette, horizon)


def _blossoms(canvas: Canvas, sides: tuple[float, ...], foot: float, high: float, palette: Palette) -> None:
    for x in sides:
        woods.tree(canvas, palette, (x, foot), high, leaves=woods.BLOSSOM)
    falling.petals(canvas, woods.BLOSSOM)


def _village(canvas: Canvas, vision: Vision, palette: Palette, horizon: float) -> None:
    """Houses on the hills, the nearer the larger."""
    rng = canvas.rng
    feet = sorted((horizon + 0.07 + 0.15 * rng.random(), (i + rng.uniform(0.2, 0.8)) / 6) for i in range(6))
    for y, x in feet:
        size = 0.1 + 0.7 * (y - horizon - 0.05)
        coats = {"house": rng.choice(VILLAGE)}
        sprite = in_the_light(sprite_of("house", coats, round(size * canvas.unit)), palette, vision)
        canvas.place(tinted(sprite, palette.sky[-1], 0.14), (x, y))


# ── Figures ──────────────────────────────────────────────────────────────────────────────────────────


def _figures(canvas: Canvas, vision: Vision, palette: Palette, horizon: float, near: float) -> None:
    rng = canvas.rng
    kinds = [kind for kind in vision.figures if kind in THINGS or kind in COATS][:FIGURES_MAX]
    kinds.sort(key=lambda kind: kind not in STANDS_BACK)
    if "city" in vision.places and not kinds and "rain" in vision.weather:
        kinds = ["walker"]
    slots = {1: [rng.uniform(0.4, 0.6)], 2: [0.32, 0.68], 3: [0.2, 0.5, 0.8]}.get(len(kinds), [])
    rng.shuffle(slots)
    for kind, x in zip(kinds, slots, strict=True):
        if kind == "balloon":
            _far_balloons(canvas, vision, palette, x)
        _figure(
            canvas,
            vision,
            palette,
            kind,
            x=x,
            horizon=horizon,
            near=near * (1 if len(kinds) == 1 else CROWDED),
        )
    if "birds" in vision.figures:
        flock(canvas, palette)
    if _blooms(vision):
        _near_flowers(canvas, vision, palette)


def _figure(
    canvas: Canvas, vision: Vision, palette: Palette, kind: str, *, x: float, horizon: float, near: float
) -> None:
    rng = canvas.rng
    size = SIZES.get(kind, 0.52) * rng.uniform(0.92, 1.06) * near
    sprite = sprite_of(kind, vision.coats, round(size * canvas.unit))
    if rng.random() < 0.5:  # noqa: PLR2004 - looks the other way
        sprite = sprite.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    sprite = in_the_light(sprite, palette, vision)
    high = size * canvas.unit / canvas.height
    y = _foot(kind, vision, horizon, high, rng.uniform(-0.01, 0.02))
    if "underwater" in vision.places:
        y = 0.5 + high / 2 if kind in AFLOAT | ALOFT else 0.92
    elif kind in AFLOAT:
        mirror_in_water(canvas, sprite, (x, y))
    elif kind not in ALOFT:
        shadow(canvas, (x, y), size, palette)
    canvas.place(sprite, (x, y))
    if "snow" in vision.weather and kind not in ALOFT | AFLOAT:
        _drift(canvas, (x, y), size, palette)


def _far_balloons(canvas: Canvas, vision: Vision, palette: Palette, x: float) -> None:
    """Two more in the distance, at the other sides of the sky."""
    for share, colour in ((0.1, (92, 140, 190)), (0.065, (240, 178, 90))):
        sprite = sprite_of("balloon", {"balloon": colour}, round(share * canvas.unit))
        away = x + canvas.rng.choice((-1, 1)) * canvas.rng.uniform(0.24, 0.36)
        at = (min(0.92, max(0.08, away)), canvas.rng.uniform(0.34, 0.5))
        canvas.place(tinted(in_the_light(sprite, palette, vision), palette.sky[-1], 0.3), at)


def _foot(kind: str, vision: Vision, horizon: float, high: float, stray: float) -> float:
    if kind in ALOFT:
        return min(0.62, 0.06 + high) + stray
    if kind in AFLOAT:
        return horizon + 0.2 + stray
    if kind in STANDS_BACK:
        return (0.86 if ashore(vision) else horizon + 0.13) + stray
    if "city" in vision.places:
        return 0.88 + stray
    return min(0.95, max(horizon + 0.2, 0.9)) + stray


def sprite_of(kind: str, coats: Mapping[str, Colour], size_px: int) -> Image.Image:
    """The figure of this kind; a colour word paints it."""
    colour = coats.get(kind)
    return animal(kind, colour, size_px) if kind in COATS else thing(kind, colour, size_px)


def in_the_light(sprite: Image.Image, palette: Palette, vision: Vision) -> Image.Image:
    """Draws the figure a little towards the colours around it."""
    share = {"night": 0.3, "sunset": 0.14, "storm": 0.16}.get(vision.mood, 0.05)
    return tinted(sprite, mix(palette.sky[1], palette.light, 0.25), share)


def tinted(sprite: Image.Image, colour: Colour, share: float) -> Image.Image:
    """A figure drawn towards one colour."""
    body = Image.blend(sprite.convert("RGB"), Image.new("RGB", sprite.size, colour), share)
    body.putalpha(sprite.getchannel("A"))
    return body


def mirror_in_water(canvas: Canvas, sprite: Image.Image, at: Dot) -> None:
    """What floats is seen in the water too, paler."""
    mirror = sprite.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    mirror = mirror.resize((mirror.width, max(1, round(mirror.height * 0.6))))
    fall = Image.linear_gradient("L").transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize(mirror.size)
    alpha = ImageChops.multiply(mirror.getchannel("A"), fall.point([round(v * 0.5) for v in range(256)]))
    x, y = round(at[0] * canvas.width - mirror.width / 2), round(at[1] * canvas.height - mirror.height * 0.05)
    canvas.image.paste(mirror.convert("RGB"), (x, y), alpha.filter(ImageFilter.BoxBlur(3)))


def shadow(canvas: Canvas, at: Dot, size: float, palette: Palette) -> None:
    """What a figure lays on the ground."""
    wide, high = round(size * canvas.unit * 0.95), max(4, round(size * canvas.unit * 0.17))
    mask = Image.new("L", (wide, high))
    mask.paste(150, (wide // 5, high // 3, wide - wide // 5, high - high // 3))
    mask = mask.filter(ImageFilter.GaussianBlur(high / 5))
    x, y = (
        round(at[0] * canvas.width - wide / 2),
        round(at[1] * canvas.height - high * 0.62),
    )
    canvas.image.paste(
        Image.new("RGB", mask.size, lit(mix(palette.near, palette.sky[0], 0.4), -0.2)), (x, y), mask
    )


def _drift(canvas: Canvas, at: Dot, size: float, palette: Palette) -> None:
    """A little snow in front of the feet."""
    snow = mix((252, 252, 255), palette.sky[1], 0.45 if palette.dim else 0.1)
    wide, high = round(size * canvas.unit * 1.3), max(8, round(size * canvas.unit * 0.15))
    mask = Image.new("L", (wide, high))
    draw = ImageDraw.Draw(mask)
    for _ in range(16):
        x, r = canvas.rng.gauss(wide / 2, wide / 7), wide * canvas.rng.uniform(0.05, 0.11)
        draw.ellipse((x - r, high * 0.38, x + r, high * canvas.rng.uniform(0.6, 0.85)), fill=235)
    mask = mask.filter(ImageFilter.GaussianBlur(max(1, high / 11)))
    x, y = round(at[0] * canvas.width - wide / 2), round(at[1] * canvas.height - high * 0.62)
    canvas.image.paste(Image.new("RGB", mask.size, snow), (x, y), mask)


def flock(canvas: Canvas, palette: Palette) -> None:
    """Birds far away."""
    rng = canvas.rng
    x, y = rng.uniform(0.3, 0.7), rng.uniform(0.16, 0.3)
    for _ in range(9):
        bx, by, s = x + rng.gauss(0, 0.09), y + rng.gauss(0, 0.04), rng.uniform(0.012, 0.024)
        wings = [((bx - s, by - s * 0.5), (bx, by)), ((bx, by), (bx + s, by - s * 0.5))]
        canvas.strokes(wings, 0.003, palette.near, 0.9)


def _near_flowers(canvas: Canvas, vision: Vision, palette: Palette) -> None:
    rng = canvas.rng
    chosen = vision.colours or tuple(rng.sample(land.BLOSSOMS, 4))
    for i in range(15):
        x = (i + rng.uniform(0.1, 0.9)) / 15
        edge = abs(x - 0.5) * 2
        y = 0.985 + rng.uniform(-0.01, 0.05) - 0.07 * edge * rng.random()
        land.flower(canvas, palette, (x, y), rng.uniform(0.1, 0.16) + 0.08 * edge, rng.choice(chosen))


# ── Weather ──────────────────────────────────────────────────────────────────────────────────────────


def _weather(canvas: Canvas, vision: Vision, palette: Palette, horizon: float) -> None:
    if "snow" in vision.weather:
        falling.snowfall(canvas)
    if "lightning" in vision.weather:
        falling.lightning(canvas)
    if "rain" in vision.weather:
        falling.rainfall(canvas)
    if "mist" in vision.weather:
        canvas.mist(horizon + 0.05, 0.12, mix(palette.sky[-1], palette.light, 0.5), 0.5)
