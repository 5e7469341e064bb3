"""Draws what Easel's own styles look like, by the painter, with the same words: `python docs/styles_look.py`.

Writes docs/styles.png and the small pictures of the page's list.
"""

import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bot.order.styles import STYLES
from integrations.painter.paint import paint

ROOT = Path(__file__).resolve().parent.parent
SMALL = ROOT / "integrations" / "web" / "page" / "styles"
_WORDS, _SEED, _WIDTH, _HEIGHT, _NAME = "a red fox in a snowy forest at sunset", 7, 512, 384, 34


def picture(template: str) -> Image.Image:
    """The words in a style."""
    words = template.split(" --", maxsplit=1)[0].replace("{prompt}", _WORDS)
    return Image.open(io.BytesIO(paint(words, width=_WIDTH, height=_HEIGHT, seed=_SEED))).convert("RGB")


def main() -> None:
    """Writes the sheet and the small ones."""
    SMALL.mkdir(exist_ok=True)
    sheet = Image.new("RGB", (4 * _WIDTH // 2, 2 * (_HEIGHT // 2 + _NAME)), "#fbf7f0")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(20)
    for number, style in enumerate(STYLES):
        image = picture(style.template)
        image.resize((144, 108), Image.Resampling.LANCZOS).save(SMALL / f"{style.name}.jpg", quality=80)
        left, top = (number % 4) * _WIDTH // 2, (number // 4) * (_HEIGHT // 2 + _NAME)
        sheet.paste(image.resize((_WIDTH // 2, _HEIGHT // 2), Image.Resampling.LANCZOS), (left, top))
        pen.text((left + 8, top + _HEIGHT // 2 + 5), f"--style {style.name}", "#3a2a1a", font=font)
    sheet.quantize(200).save(ROOT / "docs" / "styles.png", optimize=True)


if __name__ == "__main__":
    main()
