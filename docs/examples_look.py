"""Draws the six pictures of the page's first screen, by the painter: `python docs/examples_look.py`.

Writes them beside the page's scripts, with the words of each: the page shows what the painter's table says.
"""

import io
import json
from dataclasses import asdict
from pathlib import Path

from PIL import Image

from integrations.painter.examples import EXAMPLES
from integrations.painter.paint import paint

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "integrations" / "web" / "page" / "examples"
TABLE = FOLDER / "examples.json"
WIDTH, HEIGHT = 480, 360


def table() -> str:
    """The words of each picture, as the page reads them."""
    rows = [
        {name: value for name, value in asdict(example).items() if name != "seed"}
        | {"width": WIDTH, "height": HEIGHT}
        for example in EXAMPLES
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    """Draws them, and writes the table."""
    FOLDER.mkdir(exist_ok=True)
    for example in EXAMPLES:
        drawn = paint(example.en, width=2 * WIDTH, height=2 * HEIGHT, seed=example.seed)
        image = Image.open(io.BytesIO(drawn)).convert("RGB").resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        image.save(FOLDER / f"{example.name}.jpg", quality=82, optimize=True, progressive=True)
    TABLE.write_text(table(), encoding="utf-8")


if __name__ == "__main__":
    main()
