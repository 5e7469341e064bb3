"""Words set in type: the one font that lies beside this, as large as a place allows, in lines that balance."""

from functools import cache
from importlib import resources

from PIL import Image, ImageDraw, ImageFont

from integrations.painter.canvas import Colour

FONT = "NotoSerifKR-poster.woff2"
LEAST_PX = 9  # smaller letters are only dirt
LEADING = 1.22  # of a line's size
LINES_MOST = 5
_NO_LETTER = "\U000f0000"  # of no script: what the font has for it stands for all that it lacks


@cache
def font_of(size_px: int) -> ImageFont.FreeTypeFont:
    """The font at a size. Raises OSError where this Pillow can't read it."""
    with resources.as_file(resources.files(__package__) / "fonts" / FONT) as path:
        return ImageFont.truetype(path, size_px)


def can_be_set(words: str) -> bool:
    """Whether the font has every letter."""
    try:
        font = font_of(24)
    except OSError:
        return False
    lacking = bytes(font.getmask(_NO_LETTER))
    letters = {letter for letter in words if not letter.isspace()}
    return bool(letters) and all(bytes(font.getmask(letter)) != lacking for letter in letters)


def fitted(words: str, width: int, height: int, *, most_px: int) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The largest size at which the words fill a place of so many pixels, and their lines."""
    size = most_px
    while size > LEAST_PX:
        font = font_of(size)
        lines = _broken(words, font, width)
        room = len(lines) <= LINES_MOST and len(lines) * font.size * LEADING <= height
        if room and all(font.getlength(line) <= width for line in lines):
            return font, _balanced(words, font, width, len(lines))
        size = size * 9 // 10
    font = font_of(LEAST_PX)
    return font, _broken(_chopped(words, font, width), font, width)[:LINES_MOST]


def _chopped(words: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """Words that no line holds, in pieces."""
    most = max(1, int(width / max(1.0, font.getlength("m"))))
    pieces = (word[i : i + most] for word in words.split() for i in range(0, len(word), most))
    return " ".join(pieces)


def _broken(words: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Lines of whole words, each as full as it can be; a word that is longer stands alone."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _balanced(words: str, font: ImageFont.FreeTypeFont, width: int, count: int) -> list[str]:
    """As many lines, in the narrowest place that holds them: no last line of one short word."""
    lines = _broken(words, font, width)
    for share in (0.94, 0.88, 0.82, 0.76, 0.7, 0.64, 0.58):
        narrower = _broken(words, font, width * share)
        if len(narrower) != count or any(font.getlength(line) > width for line in narrower):
            break
        lines = narrower
    return lines


def height_of(words: str, width: int, height: int, *, most_px: int) -> int:
    """How much of a place's height the words take, in pixels."""
    font, lines = fitted(words, width, height, most_px=most_px)
    return round(font.size * LEADING) * len(lines)


def set_in(
    image: Image.Image, words: str, box: tuple[int, int, int, int], ink: Colour, *, most_px: int, middle: bool = False
) -> None:  # fmt: skip
    """Sets the words into a box of pixels: from its upper left, or in the middle of it."""
    left, top, right, bottom = box
    font, lines = fitted(words, right - left, bottom - top, most_px=most_px)
    step, bold = round(font.size * LEADING), max(0, round(font.size / 56))
    x = (left + right) / 2 if middle else left
    y = top + step / 2 + (max(0, bottom - top - step * len(lines)) / 2 if middle else 0)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        at, anchor = (x, y + step * number), "mm" if middle else "lm"
        draw.text(at, line, fill=ink, font=font, anchor=anchor, stroke_width=bold)
