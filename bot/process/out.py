"""The one door to a terminal: a line stays a line, whatever stands in it, and nothing in it can command the terminal.

Prompts, reasons, names and what services answer come from strangers. Control characters (an escape can retitle,
recolour or type), a second line (a row that nobody wrote) and letters that turn the reading direction are shown as
escapes. Secrets are hidden on the way.
"""

import json
import re
import sys
from typing import Any, TextIO

# Controls (C0 and C1), separators of lines, marks that are seen nowhere but turn or join what is, halves of letters.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


def visible(text: object, *, lines: bool = False) -> str:
    """A text of which every character is seen; with `lines` it may have several."""
    told = str(text)
    if lines:
        return "\n".join(visible(line) for line in told.replace("\r\n", "\n").split("\n"))
    return _UNSEEN.sub(_escape, told)


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape", "surrogatepass").decode("ascii")


def say(text: object = "", *, err: bool = False) -> None:
    """One line on stdout, or on stderr."""
    _write(plain(text), err=err)


def plain(text: object) -> str:
    """A line as it may be shown by somebody else: a table, a bar."""
    return visible(_without_secrets(str(text)))


def say_all(text: str, *, err: bool = False) -> None:
    """A text of our own with several lines; what is put into it has been made `visible` before."""
    _write(visible(_without_secrets(text), lines=True), err=err)


def show_json(value: Any) -> None:
    """One JSON document on stdout; a person may look at it, too."""
    _write(_without_secrets(json_text(value, indent=2 if sys.stdout.isatty() else None)))


def show_json_line(value: Any) -> None:
    """One of several JSON documents on stdout, a line each."""
    _write(_without_secrets(json_text(value)))


def json_text(value: Any, *, indent: int | None = None) -> str:
    """The same document as ever, with what can't be seen as JSON's own escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNSEEN.sub(lambda m: m[0] if m[0] == "\n" else json.dumps(m[0])[1:-1], text)


def _write(text: str, *, err: bool = False) -> None:
    stream: TextIO = sys.stderr if err else sys.stdout
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    stream.flush()


def _without_secrets(text: str) -> str:
    from bot.process.hidden import hide_configured  # noqa: PLC0415 - `easel --help` does without

    return hide_configured(text)
