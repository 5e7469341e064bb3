"""A pen for figures: drawn large in a square of 1 x 1, then reduced, so that every edge is smooth."""

import math
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw

from integrations.painter.canvas import Colour, Dot, mix, smooth_path

LARGER = 3


class Pen:
    """Draws one figure on nothing. Places and lengths are shares of the figure's square."""

    def __init__(self, size_px: int) -> None:
        self.size_px = max(8, size_px)
        edge = self.size_px * LARGER
        self._edge = edge
        self._image = Image.new("RGBA", (edge, edge))
        self._draw = ImageDraw.Draw(self._image)

    def blob(self, dots: Sequence[Dot], colour: Colour) -> None:
        """A closed smooth outline through the dots."""
        self.poly(smooth_path(dots), colour)

    def both(self, dots: Sequence[Dot], colour: Colour) -> None:
        """The blob and its mirror image."""
        self.blob(dots, colour)
        self.blob([(1 - x, y) for x, y in dots], colour)

    def poly(self, dots: Sequence[Dot], colour: Colour) -> None:
        """A closed outline with corners."""
        self._draw.polygon([(x * self._edge, y * self._edge) for x, y in dots], fill=(*colour, 255))

    def oval(self, x: float, y: float, rx: float, ry: float, colour: Colour, *, turn: float = 0.0) -> None:
        """An ellipse, perhaps turned (in degrees)."""
        angle = math.radians(turn)
        steps = [2 * math.pi * step / 48 for step in range(48)]
        self.poly(
            [
                (
                    x + rx * math.cos(a) * math.cos(angle) - ry * math.sin(a) * math.sin(angle),
                    y + rx * math.cos(a) * math.sin(angle) + ry * math.sin(a) * math.cos(angle),
                )
                for a in steps
            ],
            colour,
        )

    def box(
        self, left: float, top: float, right: float, bottom: float, colour: Colour, *, round_: float = 0.0
    ) -> None:
        """A rectangle, perhaps with round corners."""
        corners = tuple(v * self._edge for v in (left, top, right, bottom))
        self._draw.rounded_rectangle(corners, radius=round_ * self._edge, fill=(*colour, 255))

    def line(self, dots: Sequence[Dot], width: float, colour: Colour, *, taper: float = 1.0) -> None:
        """A smooth stroke with round ends; `taper` is its last width as a share of the first."""
        path = smooth_path(dots, closed=False, steps=14) if len(dots) > 2 else _straight(dots)  # noqa: PLR2004 - two ends
        for i, (x, y) in enumerate(path):
            r = width / 2 * (1 + (taper - 1) * i / max(1, len(path) - 1)) * self._edge
            self._draw.ellipse(
                (x * self._edge - r, y * self._edge - r, x * self._edge + r, y * self._edge + r),
                fill=(*colour, 255),
            )

    def inside(self, other: "Pen") -> None:
        """Lays another figure of the same size over this one, only where this one is."""
        alpha = ImageChops.darker(other._image.getchannel("A"), self._image.getchannel("A"))  # noqa: SLF001 - a pen too
        self._image.paste(other._image, (0, 0), alpha)  # noqa: SLF001 - a pen too
        self._draw = ImageDraw.Draw(self._image)

    def done(
        self, *, light: Colour = (255, 255, 255), dark: Colour = (40, 44, 90), depth: float = 0.34
    ) -> Image.Image:
        """The figure at its size, lit from above."""
        figure = self._image.reduce(LARGER)
        alpha = figure.getchannel("A")
        up, down = mix((128, 128, 128), light, depth), mix((128, 128, 128), dark, depth)
        shade = Image.new("RGB", (1, 2))
        shade.putpixel((0, 0), up)
        shade.putpixel((0, 1), down)
        tone = shade.resize(figure.size, Image.Resampling.BICUBIC)
        body = ImageChops.soft_light(figure.convert("RGB"), tone)
        rim = ImageChops.subtract(alpha, ImageChops.offset(alpha, 0, max(1, self.size_px // 110)))
        body.paste(
            Image.new("RGB", body.size, light), (0, 0), rim.point([round(v * 0.4) for v in range(256)])
        )
        body.putalpha(alpha)
        return body


def _straight(dots: Sequence[Dot]) -> list[Dot]:
    (x0, y0), (x1, y1) = dots[0], dots[-1]
    return [(x0 + (x1 - x0) * i / 60, y0 + (y1 - y0) * i / 60) for i in range(61)]
