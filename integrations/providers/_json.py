"""Foreign JSON, read without holding the interpreter for long: pictures in base64 are lifted out first.

`json.loads` keeps the interpreter's lock while it scans a string, in a thread too: 6 MB of base64 stall
the event loop for 10 ms, 30 MB for 55. So long plain strings are cut out in windows, what is left is
small, and the strings are put back where it is read.
"""

import asyncio
import json
import re
from collections.abc import Mapping

Bytes = bytes | bytearray

INLINE_BYTES = 64 * 1024  # up to here json.loads is quicker than a thread
LONG_BYTES = 16 * 1024  # a string worth lifting
_WINDOW_BYTES = 256 * 1024  # between two of these, others may run
_STRINGS_MAX = 20_000  # of one body; more are not looked at, only read
_ESCAPES_MAX = 1_000  # of one string; likewise
_BASE64 = re.compile(r"[A-Za-z0-9+/=_-]*")
_NAMES = re.compile("lifted:([0-9]+):here")


async def write(value: Mapping[str, object]) -> bytes:
    """The JSON text, in ASCII with escapes: a lone surrogate in a prompt can't break it.

    Long plain strings are put in afterwards, for the encoder would hold the interpreter as the reader does.
    """
    lifted: dict[str, str] = {}
    text = json.dumps(_lift_out(value, lifted), separators=(",", ":"))
    if not lifted:
        return text.encode("ascii")
    if len(_NAMES.findall(text)) != len(lifted):  # somebody's words look like a name of ours
        return json.dumps(value, separators=(",", ":")).encode("ascii")
    return await asyncio.to_thread(_filled, text, lifted)


def _lift_out(value: object, lifted: dict[str, str]) -> object:
    match value:
        case str() if len(value) > LONG_BYTES and _needs_no_escape(value):
            lifted[str(len(lifted))] = value
            return f"lifted:{len(lifted) - 1}:here"
        case Mapping():
            return {name: _lift_out(inner, lifted) for name, inner in value.items()}
        case list() | tuple():
            return [_lift_out(inner, lifted) for inner in value]
        case _:  # numbers, and what else JSON has
            return value


def _needs_no_escape(text: str) -> bool:
    """Whether it looks like base64, with what stands before it: a quick look that is never wrong."""
    comma = text.find(",", 0, 100)
    if comma >= 0 and not text[:comma].startswith("data:image/"):
        return False
    pieces = range(comma + 1, len(text), _WINDOW_BYTES)
    return all(_BASE64.fullmatch(text, at, min(at + _WINDOW_BYTES, len(text))) for at in pieces)


def _filled(text: str, lifted: dict[str, str]) -> bytes:
    body = bytearray()
    for at, piece in enumerate(_NAMES.split(text)):
        body += (lifted[piece] if at % 2 else piece).encode("ascii")
    return bytes(body)


async def read(body: Bytes) -> object:
    """The JSON value, or None when it is none; big ones are read in a thread."""
    if len(body) <= INLINE_BYTES:
        return loads(body)
    return await asyncio.to_thread(loads, body)


def loads(body: Bytes, *, long_bytes: int = LONG_BYTES) -> object:
    """The JSON value, or None: foreign bytes may be anything, nested a million deep too."""
    try:
        if len(body) <= long_bytes:
            return json.loads(body)
        rest, lifted = _lift(body, long_bytes)
        return _put_back(json.loads(rest, object_pairs_hook=_Putter(lifted)), lifted)
    except (ValueError, RecursionError):
        return None


class _Putter:
    """Puts lifted strings back into each object as it is read."""

    def __init__(self, lifted: dict[str, str]) -> None:
        self._lifted = lifted

    def __call__(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        return {self._lifted.get(name, name): _put_back(value, self._lifted) for name, value in pairs}


def _put_back(value: object, lifted: dict[str, str]) -> object:
    if isinstance(value, str):
        return lifted.get(value, value)
    if isinstance(value, list):
        for i, item in enumerate(value):
            if isinstance(item, str | list):
                value[i] = _put_back(item, lifted)
    return value


def _lift(body: Bytes, long_bytes: int) -> tuple[bytes, dict[str, str]]:
    """The body with names in place of its long plain strings, and these by name."""
    rest: list[Bytes] = []
    lifted: dict[str, str] = {}
    taken = 0
    opening = _find_quote(body, 0)
    for _ in range(_STRINGS_MAX):
        closing = _find_closing(body, opening + 1) if opening >= 0 else -1
        if closing < 0:
            break
        text = _plain(body, opening + 1, closing) if closing - opening > long_bytes else None
        if text is not None:
            name = f"\x7flifted {len(lifted)}"
            lifted[name] = text
            rest += body[taken:opening], f'"{name}"'.encode()
            taken = closing + 1
        opening = _find_quote(body, closing + 1)
    rest.append(body[taken:])
    return b"".join(rest), lifted


def _find_quote(body: Bytes, start: int) -> int:
    for at in range(start, len(body), _WINDOW_BYTES):
        found = body.find(b'"', at, at + _WINDOW_BYTES)
        if found >= 0:
            return found
    return -1


def _find_closing(body: Bytes, start: int) -> int:
    """The quote that ends the string which starts here: the first with no odd run of backslashes before."""
    at = _find_quote(body, start)
    for _ in range(_ESCAPES_MAX):
        if at < 0:
            return -1
        before = body[max(start, at - _ESCAPES_MAX) : at]
        backslashes = len(before) - len(before.rstrip(b"\\"))
        if backslashes == _ESCAPES_MAX:
            return -1
        if backslashes % 2 == 0:
            return at
        at = _find_quote(body, at + 1)
    return -1


def _plain(body: Bytes, start: int, end: int) -> str | None:
    """The string, if it is what it looks like: ASCII without escapes. One copy, for copies stall too."""
    for at in range(start, end, _WINDOW_BYTES):
        if body.find(b"\\", at, min(at + _WINDOW_BYTES, end)) >= 0:
            return None
    try:
        return str(memoryview(body)[start:end], "ascii")
    except UnicodeDecodeError:
        return None
