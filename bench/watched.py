"""`easel` with a watcher of its loop: what was being done whenever the loop was late.

    EASEL_BENCH_STALLS=stalls.json python -m bench.watched run ...

asyncio's own log of slow callbacks needs its debug mode, which makes everything several times slower, and names tasks,
not places. Here a thread hands the loop a beat, and while that is overdue it looks each 5 ms where the program stands.
What it has seen is written each second, since a bench ends the program without a word.
"""

import asyncio
import functools
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from bench.processes import run_queue_s
from bot.cli import main

TOLD_IN = "EASEL_BENCH_STALLS"
LATE_S, LOOK_S, WRITE_S = 0.05, 0.005, 1.0
_OURS = (f"{os.sep}bot{os.sep}", f"{os.sep}integrations{os.sep}")


class Watcher(threading.Thread):
    """Looks at the loop's thread from outside."""

    def __init__(self, loop: asyncio.AbstractEventLoop, told_in: Path) -> None:
        super().__init__(name="watcher", daemon=True)
        self._loop, self._told_in, self._watched = loop, told_in, threading.get_ident()
        self._beaten = threading.Event()
        self._periods: Counter[str] = Counter()  # that were late, and in which the program stood there
        self._looks: Counter[str] = Counter()
        self._lates_s: list[float] = []
        self._waited_s: list[float] = []  # of them: for a processor

    def run(self) -> None:
        """Until the loop is closed."""
        written_at = time.monotonic()
        while not self._loop.is_closed():
            self._beat()
            if time.monotonic() - written_at > WRITE_S:
                written_at = time.monotonic()
                self._write()
            time.sleep(LOOK_S)

    def _beat(self) -> None:
        """One beat of the loop: if it is overdue, what stood in its way."""
        self._beaten.clear()
        sent_at, waited_s, seen = time.monotonic(), run_queue_s(), Counter[str]()
        try:
            self._loop.call_soon_threadsafe(self._beaten.set)
        except RuntimeError:  # closed meanwhile
            return
        while not self._beaten.wait(LOOK_S):
            frame = sys._current_frames().get(self._watched)  # noqa: SLF001 - there is no other way in
            if time.monotonic() - sent_at > LOOK_S:
                seen[place_of(frame)] += 1
        late_s = time.monotonic() - sent_at
        if late_s > LATE_S:
            self._lates_s.append(late_s)
            self._waited_s.append(run_queue_s() - waited_s)
            self._periods.update(set(seen))
            self._looks.update(seen)

    def _write(self) -> None:
        told = {
            "lates_s": self._lates_s,
            "waited_s": self._waited_s,
            "periods": self._periods,
            "looks": self._looks,
        }
        fresh = self._told_in.with_suffix(".new")
        fresh.write_text(json.dumps(told), "utf-8")
        fresh.replace(self._told_in)


def place_of(frame: FrameType | None) -> str:
    """The innermost function of ours that runs, and whom it calls where that is somebody else's.

    `cli/common.run` alone is the loop itself, between two callbacks or in one that has no Python in it.
    """
    called = ""
    while frame is not None:
        code = frame.f_code
        if any(part in code.co_filename for part in _OURS):
            file = Path(code.co_filename)
            ours = f"{file.parent.name}/{file.stem}.{code.co_qualname}"
            return f"{ours} -> {called}" if called else ours
        called = called or f"{Path(code.co_filename).stem}.{code.co_qualname}"
        frame = frame.f_back
    return called or "nothing of Python"


def watching(run: Callable[..., Any]) -> Callable[..., Any]:
    """The runner's own method, and the watcher with it."""

    @functools.wraps(run)
    def watched(runner: asyncio.Runner, *args: Any, **kwargs: Any) -> Any:
        Watcher(runner.get_loop(), Path(os.environ[TOLD_IN])).start()
        return run(runner, *args, **kwargs)

    return watched


if __name__ == "__main__":
    asyncio.Runner.run = watching(asyncio.Runner.run)  # type: ignore[method-assign]  # the program itself is watched, as it is
    main()
