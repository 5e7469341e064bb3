"""The process that works on pictures, one task after the other, until its input ends. It holds no secret and no file.

A picture that hangs, swells or breaks it costs this process alone: its parent (bot/pictures/hand.py) kills it and
starts another. Nothing slow is imported, since somebody's picture waits while it starts.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.errors import BadImage
from bot.pictures import pixels, wire
from bot.pictures.images import Bounds, Cell, Fitting

_OVERHEAD_BYTES = 384 * 1024 * 1024  # the interpreter, its libraries, and the file's bytes some times over
_YIELDS = 5  # steps of niceness: who waits for an acknowledgement comes before who waits for a picture
_ALARM_MORE_S = 5.0  # beyond what the parent waits: only for a parent that died meanwhile

Made = tuple[dict[str, Any], tuple[bytes, ...]]


def main() -> None:
    """Says that it is there, then answers each message with one."""
    with open(0, "rb", buffering=0) as stdin, open(1, "wb", buffering=0) as stdout:
        _settle()
        wire.send(stdout, {"ready": True})
        while (request := wire.receive(stdin, limit_bytes=sys.maxsize)) is not None:
            limits = Bounds(**request.head["limits"])
            _bound(limits)
            head, blobs = _answer(request, limits)
            _rest()
            wire.send(stdout, head, blobs)


def _answer(request: wire.WireMessage, limits: Bounds) -> Made:
    try:
        return _TASKS[request.head["task"]](request.head, request.blobs, limits)
    except BadImage as error:
        return {"bad": str(error), "flaw": str(error.flaw)}, ()
    # Pillow's readers answer hostile bytes with nearly any exception: OSError, SyntaxError, struct.error,
    # zlib.error, KeyError, MemoryError, DecompressionBombError, a warning made an error ...
    except Exception as error:  # noqa: BLE001 - and nobody here could act on it
        return {"bad": f"unreadable: {type(error).__name__}"}, ()


# ── Tasks ────────────────────────────────────────────────────────────────────────────────────────────


def _verify(_: dict[str, Any], blobs: tuple[bytes, ...], limits: Bounds) -> Made:
    found = pixels.verify(blobs[0], limits)
    facts = {"media_type": found.media_type, "width": found.width, "height": found.height}
    # What stays as it came needs no way back.
    data = () if found.data == blobs[0] else (found.data,)
    return {**facts, "cell": found.cell.size}, (found.cell.rgb, *data)


def _preview(head: dict[str, Any], blobs: tuple[bytes, ...], limits: Bounds) -> Made:
    return {}, (pixels.preview(blobs[0], head["side_px"], limits),)


def _fit(head: dict[str, Any], blobs: tuple[bytes, ...], limits: Bounds) -> Made:
    return {}, (pixels.fit(blobs[0], head["limit_bytes"], limits),)


def _clean(head: dict[str, Any], blobs: tuple[bytes, ...], limits: Bounds) -> Made:
    return {}, (pixels.clean(blobs[0], limits, Fitting(**head["fitting"])),)


def _grey(_: dict[str, Any], blobs: tuple[bytes, ...], limits: Bounds) -> Made:
    return {}, (pixels.grey(blobs[0], limits),)


def _see_through(_: dict[str, Any], blobs: tuple[bytes, ...], limits: Bounds) -> Made:
    return {}, (pixels.see_through(blobs[0], limits),)


def _sheet(head: dict[str, Any], blobs: tuple[bytes, ...], _: Bounds) -> Made:
    cells = [Cell(width=w, height=h, rgb=rgb) for (w, h), rgb in zip(head["sizes"], blobs, strict=True)]
    return {}, (pixels.sheet(cells),)


_TASKS: dict[str, Callable[[dict[str, Any], tuple[bytes, ...], Bounds], Made]] = {
    "verify": _verify,
    "preview": _preview,
    "fit": _fit,
    "clean": _clean,
    "grey": _grey,
    "see_through": _see_through,
    "sheet": _sheet,
}


# ── What bounds this process ─────────────────────────────────────────────────────────────────────────


def _settle() -> None:
    """Signals are its parent's affair: the end of its input ends it. Where memory ends, it is to go first."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    pixels.prepare_pillow()
    if sys.platform != "win32":
        os.nice(_YIELDS)
    with contextlib.suppress(OSError):  # Linux alone has it
        Path("/proc/self/oom_score_adj").write_text("1000")


def _bound(limits: Bounds) -> None:
    """Memory and time as far as the system knows them; Windows has neither, and the parent's clock remains."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - there is none on Windows

    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes + _OVERHEAD_BYTES),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):  # macOS refuses some
            resource.setrlimit(what, (most, resource.getrlimit(what)[1]))
    signal.setitimer(signal.ITIMER_REAL, limits.time_s + _ALARM_MORE_S)


def _rest() -> None:
    """Its time counts while it works."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, 0)
