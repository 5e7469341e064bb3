"""A picture that is given becomes another one by words: other light, weather, things painted in, another hand."""

from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from integrations.painter.additions import painted_in
from integrations.painter.asked import Wishes, asked
from integrations.painter.canvas import Canvas
from integrations.painter.hands import by_hand
from integrations.painter.lights import another_hand, coloured, relight, toned, weathered
from integrations.painter.scene import compose
from integrations.painter.seen import look
from integrations.painter.together import cut, inside, like, mirrored, opened, together

NEARER = 0.06  # how much closer one goes for a variation, at most twice as much


def retouch(canvas: Canvas, prompt: str, given: Sequence[bytes]) -> None:
    """Paints the canvas from the pictures, as the words ask. Raises ValueError for what is no picture."""
    wishes = asked(prompt)
    images = [opened(data) for data in given]
    canvas.image = _ground(canvas, images, wishes)
    if not wishes.edits:
        _vary(canvas, wishes)
        return
    if wishes.plain:
        another_hand(canvas, canvas.rng)
    _change(canvas, wishes)


def _ground(canvas: Canvas, images: list[Image.Image], wishes: Wishes) -> Image.Image:
    """What is painted on: the picture, all of them together, or one in the colours of the others."""
    size = (canvas.width, canvas.height)
    if len(images) > 1 and wishes.like:
        first = cut(images[0], size)
        return like(first, cut(images[1], size), 0.85)
    ground = together(images, size)
    if not wishes.place:
        return ground
    scene = Canvas(canvas.width, canvas.height, canvas.rng)
    compose(scene, wishes.place)
    return inside(scene.image, ground)


def _change(canvas: Canvas, wishes: Wishes) -> None:
    """The light first, then what stands in it, then what falls before it, then the hand."""
    seen = look(canvas.image)
    if wishes.light:
        relight(canvas, seen, wishes.light)
    if wishes.colour is not None and not wishes.ground:
        coloured(canvas, wishes.colour)
    lit_ = replace(seen, tone=look(canvas.image).tone)
    if wishes.light in {"night", "neon"}:  # they have their own
        wishes = replace(wishes, sky=tuple(kind for kind in wishes.sky if kind not in {"moon", "stars"}))
    painted_in(canvas, lit_, wishes)
    weathered(canvas, lit_, wishes.weather, dark=wishes.light in {"night", "neon"} or sum(seen.tone) < 3 * 70)
    if wishes.medium:
        by_hand(canvas, wishes.medium)
    if wishes.tone:
        toned(canvas, wishes.tone)


def _vary(canvas: Canvas, wishes: Wishes) -> None:
    """The words say what is there already: the same once more, from a little nearer, by another hand."""
    rng = canvas.rng
    near = NEARER * (1 + rng.random())
    left, top = near * rng.random(), near * rng.random()
    box = (
        left * canvas.width, top * canvas.height,
        (left + 1 - near) * canvas.width, (top + 1 - near) * canvas.height,
    )  # fmt: skip
    canvas.image = canvas.image.resize(canvas.image.size, Image.Resampling.LANCZOS, box=box)
    if rng.random() < 0.5:  # noqa: PLR2004 - the other side
        canvas.image = mirrored(canvas.image)
    another_hand(canvas, rng)
    if wishes.medium:
        by_hand(canvas, wishes.medium)
    if wishes.tone:
        toned(canvas, wishes.tone)
