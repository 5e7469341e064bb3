"""Shows a picture where the terminal can: kitty's and iTerm2's ways, which others speak, too.

https://sw.kovidgoyal.net/kitty/graphics-protocol/ and https://iterm2.com/documentation-images.html
"""

import base64
import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PIL import Image
from rich.console import Console

EscapeOf = Callable[[bytes], str]
_SIDE_PX = 480
_PIECE = 4096  # letters of one escape, by kitty's rule
_KITTY = {"xterm-kitty", "xterm-ghostty"}
_ITERM = {"iTerm.app", "WezTerm", "vscode", "mintty"}


def pictures(files: Sequence[str], console: Console, environ: Mapping[str, str] = os.environ) -> None:
    """Shows small copies, if somebody sits there and the terminal can."""
    if not (console.is_terminal and sys.stdout.isatty()):
        return
    if (way := way_of(environ)) is None:
        return
    for file in files:
        sys.stdout.write(f"{way(_small(Path(file)))}\n")
    sys.stdout.flush()


def way_of(environ: Mapping[str, str]) -> EscapeOf | None:
    """How this terminal is shown a PNG; None where it can't be, or where another program stands between."""
    if environ.get("TMUX") or environ.get("TERM", "").startswith("screen"):
        return None
    if environ.get("TERM") in _KITTY or environ.get("KITTY_WINDOW_ID"):
        return kitty
    return iterm if environ.get("TERM_PROGRAM") in _ITERM else None


def kitty(png: bytes) -> str:
    """One picture, in pieces; the terminal answers nothing."""
    text = base64.b64encode(png).decode("ascii")
    pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
    heads = ["a=T,f=100,q=2,", *[""] * (len(pieces) - 1)]
    more = [*[1] * (len(pieces) - 1), 0]
    return "".join(
        f"\033_G{head}m={rest};{piece}\033\\" for head, rest, piece in zip(heads, more, pieces, strict=True)
    )


def iterm(png: bytes) -> str:
    """One picture, in one piece."""
    return f"\033]1337;File=inline=1;size={len(png)}:{base64.b64encode(png).decode('ascii')}\a"


def _small(file: Path) -> bytes:
    """It was verified before it was written."""
    data = io.BytesIO()
    with Image.open(file) as picture:
        picture.thumbnail((_SIDE_PX, _SIDE_PX))
        picture.convert("RGB").save(data, "PNG")
    return data.getvalue()
