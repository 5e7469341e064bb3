"""Animals with charm: most sit and look at you; each differs by its coat, its ears and its tail."""

from dataclasses import dataclass, replace
from typing import Literal

from PIL import Image

from integrations.painter.canvas import Colour, lit, mix
from integrations.painter.pen import Pen

INK: Colour = (38, 30, 40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coat:
    """What makes a fox a fox and a bear a bear."""

    main: Colour
    light: Colour
    dark: Colour
    ears: Literal["pointed", "round", "floppy", "long"] = "pointed"
    tail: Literal["brush", "slim", "stub"] = "slim"
    cheeks: bool = False  # white and tufted, as a fox's
    stripes: bool = False
    mane: bool = False
    patches: bool = False  # a panda's eyes
    whiskers: bool = False


COATS: dict[str, Coat] = {
    "fox": Coat(main=(222, 98, 40), light=(255, 246, 236), dark=(74, 40, 38), tail="brush", cheeks=True),
    "wolf": Coat(main=(122, 130, 146), light=(234, 236, 242), dark=(56, 60, 74), tail="brush", cheeks=True),
    "cat": Coat(main=(150, 144, 150), light=(244, 240, 238), dark=(84, 80, 90), whiskers=True),
    "dog": Coat(main=(196, 140, 84), light=(250, 238, 220), dark=(116, 74, 46), ears="floppy"),
    "rabbit": Coat(main=(206, 188, 172), light=(252, 246, 240), dark=(170, 140, 130), ears="long", tail="stub"),
    "bear": Coat(main=(128, 86, 58), light=(206, 166, 128), dark=(84, 54, 38), ears="round", tail="stub"),
    "panda": Coat(main=(246, 244, 242), light=(255, 255, 255), dark=(46, 44, 52), ears="round", tail="stub", patches=True),
    "tiger": Coat(main=(238, 150, 60), light=(255, 246, 232), dark=(54, 38, 36), ears="round", stripes=True, whiskers=True),
    "lion": Coat(main=(232, 182, 104), light=(252, 234, 200), dark=(158, 92, 46), ears="round", mane=True, whiskers=True),
    "mouse": Coat(main=(168, 164, 172), light=(240, 232, 232), dark=(226, 160, 168), ears="round", whiskers=True),
}  # fmt: skip


def animal(kind: str, colour: Colour | None, size_px: int) -> Image.Image:
    """A sitting animal; a colour word dyes its coat."""
    coat = COATS[kind]
    if colour is not None:
        main = mix(coat.main, colour, 0.35 if kind == "fox" and colour[0] > 190 and colour[2] < 60 else 0.85)  # noqa: PLR2004 - a red fox is fox-red
        coat = replace(coat, main=main, dark=lit(mix(coat.dark, main, 0.3), -0.2))
    pen = Pen(size_px)
    _tail(pen, coat)
    _body(pen, coat)
    if coat.mane:
        pen.oval(0.5, 0.36, 0.27, 0.26, lit(coat.dark, 0.1))
        pen.oval(0.5, 0.36, 0.235, 0.225, coat.dark)
    _ears(pen, coat)
    _head(pen, coat)
    _face(pen, coat)
    return pen.done()


def _tail(pen: Pen, coat: Coat) -> None:
    if coat.tail == "slim":
        pen.line([(0.62, 0.9), (0.8, 0.9), (0.86, 0.76), (0.8, 0.66)], 0.06, lit(coat.main, -0.12), taper=0.7)
    elif coat.tail == "brush":
        brush = [
            (0.56, 0.93),
            (0.72, 0.95),
            (0.86, 0.86),
            (0.9, 0.7),
            (0.83, 0.53),
            (0.74, 0.44),
            (0.71, 0.56),
            (0.73, 0.68),
            (0.68, 0.79),
            (0.58, 0.83),
        ]
        pen.blob(brush, lit(coat.main, -0.1))
        pen.blob(
            [
                (0.9, 0.69),
                (0.83, 0.53),
                (0.74, 0.43),
                (0.71, 0.56),
                (0.725, 0.64),
                (0.77, 0.61),
                (0.79, 0.67),
                (0.84, 0.64),
            ],
            coat.light,
        )
        pen.blob([(0.6, 0.9), (0.74, 0.9), (0.82, 0.8), (0.79, 0.74), (0.72, 0.83), (0.6, 0.87)], coat.main)
    else:
        pen.oval(0.7, 0.87, 0.05, 0.05, coat.light)


def _body(pen: Pen, coat: Coat) -> None:
    limbs = coat.dark if coat.patches else coat.main
    pen.both(
        [(0.4, 0.66), (0.31, 0.74), (0.28, 0.88), (0.33, 0.95), (0.46, 0.95), (0.46, 0.74)], lit(limbs, -0.08)
    )
    pen.blob(
        [
            (0.5, 0.42),
            (0.62, 0.52),
            (0.67, 0.7),
            (0.66, 0.9),
            (0.5, 0.94),
            (0.34, 0.9),
            (0.33, 0.7),
            (0.38, 0.52),
        ],
        coat.main,
    )
    if coat.patches:
        pen.blob([(0.5, 0.45), (0.63, 0.52), (0.66, 0.66), (0.5, 0.7), (0.34, 0.66), (0.37, 0.52)], coat.dark)
    else:
        pen.blob(
            [(0.5, 0.46), (0.57, 0.55), (0.585, 0.68), (0.5, 0.8), (0.415, 0.68), (0.43, 0.55)], coat.light
        )
    if coat.stripes:
        for y in (0.62, 0.7, 0.78):
            pen.both([(0.335, y - 0.015), (0.42, y + 0.012), (0.335, y + 0.022)], coat.dark)
    _front_legs(pen, coat, limbs)


def _front_legs(pen: Pen, coat: Coat, limbs: Colour) -> None:
    pen.line([(0.5, 0.74), (0.5, 0.93)], 0.016, lit(limbs, -0.3))
    legs = [
        (0.43, 0.68),
        (0.4, 0.82),
        (0.388, 0.93),
        (0.42, 0.96),
        (0.475, 0.955),
        (0.49, 0.92),
        (0.49, 0.74),
    ]
    pen.both(legs, lit(limbs, 0.07))
    if coat.cheeks:
        sock = [
            (0.398, 0.84),
            (0.383, 0.93),
            (0.41, 0.968),
            (0.475, 0.965),
            (0.492, 0.93),
            (0.488, 0.85),
            (0.45, 0.79),
        ]
        pen.both(sock, coat.dark)
        return
    paws = coat.dark if coat.patches else coat.light
    paw = [
        (0.388, 0.9),
        (0.38, 0.94),
        (0.41, 0.968),
        (0.47, 0.968),
        (0.492, 0.94),
        (0.486, 0.9),
        (0.43, 0.885),
    ]
    pen.both(paw, paws)


def _ears(pen: Pen, coat: Coat) -> None:
    match coat.ears:
        case "pointed":
            pen.both([(0.31, 0.33), (0.275, 0.2), (0.285, 0.085), (0.37, 0.14), (0.45, 0.23)], coat.main)
            pen.both([(0.278, 0.16), (0.285, 0.085), (0.335, 0.115), (0.32, 0.16)], coat.dark)
            pen.both(
                [(0.335, 0.28), (0.315, 0.2), (0.325, 0.15), (0.365, 0.18), (0.4, 0.23)],
                mix(coat.light, (232, 150, 140), 0.4),
            )
        case "round":
            ear = coat.dark if coat.patches else coat.main
            for x in (0.315, 0.685):
                pen.oval(x, 0.205, 0.078, 0.078, ear)
                pen.oval(
                    x,
                    0.21,
                    0.046,
                    0.046,
                    lit(ear, 0.15) if coat.patches else mix(coat.light, (232, 150, 140), 0.4),
                )
        case "long":
            pen.both([(0.37, 0.27), (0.33, 0.1), (0.365, -0.0), (0.425, 0.03), (0.455, 0.24)], coat.main)
            pen.both(
                [(0.39, 0.24), (0.362, 0.1), (0.378, 0.04), (0.41, 0.07), (0.43, 0.23)],
                mix(coat.light, (236, 150, 150), 0.5),
            )
        case "floppy":
            pass  # They hang over the head, so they are drawn after it.


def _head(pen: Pen, coat: Coat) -> None:
    if coat.cheeks:
        _wide_head(pen, coat)
    else:
        _round_head(pen, coat)


def _wide_head(pen: Pen, coat: Coat) -> None:
    pen.blob(
        [
            (0.5, 0.185),
            (0.62, 0.215),
            (0.7, 0.31),
            (0.745, 0.425),
            (0.66, 0.475),
            (0.56, 0.525),
            (0.5, 0.545),
            (0.44, 0.525),
            (0.34, 0.475),
            (0.255, 0.425),
            (0.3, 0.31),
            (0.38, 0.215),
        ],
        coat.main,
    )
    pen.both(
        [
            (0.488, 0.42),
            (0.44, 0.37),
            (0.36, 0.375),
            (0.255, 0.425),
            (0.34, 0.475),
            (0.44, 0.528),
            (0.5, 0.548),
            (0.5, 0.47),
        ],
        coat.light,
    )


def _round_head(pen: Pen, coat: Coat) -> None:
    pen.blob(
        [
            (0.5, 0.175),
            (0.63, 0.2),
            (0.705, 0.3),
            (0.715, 0.41),
            (0.63, 0.505),
            (0.5, 0.535),
            (0.37, 0.505),
            (0.285, 0.41),
            (0.295, 0.3),
            (0.37, 0.2),
        ],
        coat.main,
    )
    pen.blob(
        [
            (0.5, 0.385),
            (0.57, 0.395),
            (0.6, 0.455),
            (0.56, 0.51),
            (0.5, 0.525),
            (0.44, 0.51),
            (0.4, 0.455),
            (0.43, 0.395),
        ],
        coat.light,
    )
    if coat.ears == "floppy":
        pen.both(
            [(0.36, 0.19), (0.27, 0.22), (0.225, 0.35), (0.245, 0.48), (0.3, 0.47), (0.33, 0.34)], coat.dark
        )
    if coat.stripes:
        for x, low in ((0.5, 0.27), (0.45, 0.25), (0.55, 0.25)):
            pen.poly([(x - 0.014, 0.183), (x + 0.014, 0.183), (x, low)], coat.dark)
        for y in (0.36, 0.42):
            pen.both([(0.288, y - 0.012), (0.35, y + 0.006), (0.288, y + 0.016)], coat.dark)


def _face(pen: Pen, coat: Coat) -> None:
    if coat.patches:
        for x, turn in ((0.4, 28), (0.6, -28)):
            pen.oval(x, 0.355, 0.058, 0.07, coat.dark, turn=turn)
    for x in (0.4, 0.6):
        pen.oval(x, 0.355, 0.028, 0.035, INK)
        pen.oval(x - 0.009, 0.342, 0.0105, 0.012, (255, 255, 255))
        pen.oval(x + 0.009, 0.367, 0.005, 0.006, (220, 220, 235))
    nose = 0.5 if coat.cheeks else 0.42
    pen.blob(
        [
            (0.465, nose - 0.018),
            (0.5, nose - 0.025),
            (0.535, nose - 0.018),
            (0.515, nose + 0.015),
            (0.5, nose + 0.022),
            (0.485, nose + 0.015),
        ],
        INK,
    )
    pen.oval(0.492, nose - 0.012, 0.01, 0.005, (150, 140, 150))
    if not coat.cheeks:
        pen.line([(0.5, nose + 0.02), (0.5, nose + 0.042)], 0.007, INK)
        pen.line(
            [
                (0.455, nose + 0.04),
                (0.477, nose + 0.056),
                (0.5, nose + 0.042),
                (0.523, nose + 0.056),
                (0.545, nose + 0.04),
            ],
            0.007,
            INK,
        )
        for x in (0.345, 0.655):
            pen.oval(x, 0.425, 0.03, 0.018, mix(coat.main, (244, 120, 120), 0.35))
    if coat.whiskers:
        for dy in (-0.015, 0.012):
            pen.line([(0.42, 0.45 + dy), (0.25, 0.44 + dy * 3)], 0.004, lit(coat.light, 0.4))
            pen.line([(0.58, 0.45 + dy), (0.75, 0.44 + dy * 3)], 0.004, lit(coat.light, 0.4))
