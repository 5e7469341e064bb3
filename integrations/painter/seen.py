"""What a painter sees in a picture that is given: where its sky ends, where there is room, which light it has."""

from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low

from PIL import Image, ImageChops, ImageFilter, ImageStat

from integrations.painter.canvas import Colour, Dot

GRID = 64  # it looks with narrowed eyes: so many cells on each side
STEP_MOST = 14  # between a cell of the sky and the one under it
DARKER = 7  # than the sky above it is what stands before it
ALIKE = 14
BACK = 12  # cells: as high as a cloud is
SKY_LEAST = 0.1  # less of it is no sky, but a bright wall
SUN_STANDS_OUT = 16  # brighter than the sky is


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A picture, looked at."""

    sky: Image.Image  # a mask of its size: white where the sky is
    sky_share: float
    horizon: float  # how far down the sky reaches, mostly
    sun: Dot | None  # the brightest spot of the sky
    tone: Colour  # its colours, all together
    room: tuple[float, float]  # where there is most room in the sky, and below


def look(image: Image.Image) -> Seen:
    """Looks once; 4096 cells, whatever the picture's size."""
    small = image.convert("RGB").resize((GRID, GRID), Image.Resampling.BOX)
    cells = _colours(small)
    depths = _smoothed([_depth([cells[y * GRID + x] for y in range(GRID)]) for x in range(GRID)])
    share = sum(depths) / GRID / GRID
    if share < SKY_LEAST:
        depths, share = [0] * GRID, 0.0
    mask = Image.new("L", (GRID, GRID))
    mask.putdata([255 if y < depths[x] else 0 for y in range(GRID) for x in range(GRID)])
    return Seen(
        sky=_fitted(mask, image) if share else Image.new("L", image.size),
        sky_share=share,
        horizon=sorted(depths)[GRID // 2] / GRID if share else 0.0,
        sun=_sun(small, depths),
        tone=_tone(small),
        room=(_widest(depths), _calmest(small)),
    )


def _colours(image: Image.Image) -> list[Colour]:
    data = image.tobytes()
    return list(zip(data[::3], data[1::3], data[2::3], strict=True))


def _levels(image: Image.Image) -> list[int]:
    return list(image.tobytes())


def _depth(column: list[Colour]) -> int:
    """How far down the sky reaches in a column: until something darker begins that was not seen above it.

    What is brighter is a cloud, a sun, or where the day begins; and under a cloud there is sky again.
    """
    for y, (above, below) in enumerate(pairwise(column)):
        darker = sum(above) - sum(below) > 3 * DARKER
        if darker and _far(above, below) > STEP_MOST and not _known(below, column[max(0, y - BACK) : y + 1]):
            return y + 1
    return GRID


def _known(cell: Colour, above: list[Colour]) -> bool:
    return any(_far(cell, one) <= ALIKE for one in above)


def _far(one: Colour, other: Colour) -> float:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def _smoothed(depths: list[int]) -> list[int]:
    """A bird or a cloud's edge in one column is no end of the sky."""
    around = 4
    return [median_low(depths[max(0, x - around) : x + around + 1]) for x in range(len(depths))]


def _fitted(mask: Image.Image, image: Image.Image) -> Image.Image:
    """The mask at the picture's size, drawn to the picture's own edges: what is darker than the sky isn't sky."""
    soft = mask.filter(ImageFilter.GaussianBlur(1.2)).resize(image.size, Image.Resampling.BICUBIC)
    grey = image.convert("L").filter(ImageFilter.GaussianBlur(1))
    sky_level = ImageStat.Stat(grey, soft.point([255 if v > 127 else 0 for v in range(256)]))  # noqa: PLR2004 - half
    mean = sky_level.mean[0] if sky_level.count[0] else 128
    spread = max(20.0, 1.7 * sky_level.stddev[0]) if sky_level.count[0] else 64
    alike = grey.point([round(255 * _near(v, mean, spread)) for v in range(256)])
    return ImageChops.multiply(soft, alike.filter(ImageFilter.GaussianBlur(0.8)))


def _near(level: int, mean: float, spread: float) -> float:
    """Whatever is brighter than the sky is a cloud or a sun; what is much darker stands before it."""
    below = mean - level
    return 1.0 if below <= spread else max(0.0, 1 - (below - spread) / 26)


def _sun(small: Image.Image, depths: list[int]) -> Dot | None:
    """The brightest spot of the sky, where it is one spot, and stands out."""
    levels = _levels(small.convert("L"))
    sky = {(x, y): levels[y * GRID + x] for x in range(GRID) for y in range(depths[x])}
    if not sky:
        return None
    most, mean = max(sky.values()), sum(sky.values()) / len(sky)
    found = [place for place, level in sky.items() if level >= most - 5]
    wide = max(x for x, _ in found) - min(x for x, _ in found)
    high = max(y for _, y in found) - min(y for _, y in found)
    if most < mean + SUN_STANDS_OUT or max(wide, high) > GRID / 6:
        return None
    return (
        (sum(x for x, _ in found) / len(found) + 0.5) / GRID,
        (sum(y for _, y in found) / len(found) + 0.5) / GRID,
    )


def _tone(small: Image.Image) -> Colour:
    red, green, blue = (round(v) for v in ImageStat.Stat(small).mean)
    return red, green, blue


def _widest(depths: list[int]) -> float:
    """Where along the picture the sky is deepest, with some sky around; not at its very edge."""
    edge = GRID // 8
    around = 5
    sums = {x: sum(depths[x - around : x + around + 1]) for x in range(edge, GRID - edge)}
    most = max(sums.values())
    best = [x for x, total in sums.items() if total >= most * 0.96]
    side = [x for x in best if abs(x - GRID / 2) > GRID / 8] or best
    return side[len(side) // 3] / GRID


def _calmest(small: Image.Image) -> float:
    """Where along the lower half the least is going on."""
    edges = small.convert("L").filter(ImageFilter.FIND_EDGES).crop((1, GRID // 2, GRID - 1, GRID - 1))
    wide = edges.width // 5
    return min(
        ((x + wide / 2) / edges.width for x in range(0, edges.width - wide + 1, 3)),
        key=lambda at: ImageStat.Stat(
            edges.crop(
                (round(at * edges.width - wide / 2), 0, round(at * edges.width + wide / 2), edges.height)
            )
        ).sum[0],
    )
