"""One process that works on pictures, from its parent's side: started when needed, kept warm, killed when it is late.

For one thread at a time; only `end` may come from another.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from bot.errors import StoreBusy
from bot.pictures import wire

START_S = 60.0
_PIPE_BYTES = 1024 * 1024
_REPLY_MORE_BYTES = 8 * 1024 * 1024  # beyond the picture: its cell, and marks
# Nothing of our environment goes along, since it holds keys; only what an interpreter may need to start.
_ENVIRONMENT = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")
_START = "import sys; sys.path[:] = sys.argv[1:]; from bot.pictures.child import main; main()"


class HandLost(Exception):
    """The process died over a picture, or was killed because it took too long."""


class Hand:
    """One process; a new one after each death."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._ended = False

    def ask(
        self, head: dict[str, Any], blobs: Sequence[bytes], *, time_s: float, limit_bytes: int
    ) -> wire.WireMessage:
        """One answer. Raises HandLost, and StoreBusy where no process can be started at all."""
        process = self._living() or self._start()
        with self._killed_after(process, time_s) as late:
            answer = _talk(process, head, blobs, limit_bytes + _REPLY_MORE_BYTES)
        if answer is not None:
            return answer
        self._bury(process)
        raise HandLost(
            f"it took more than {time_s:g} s" if late.is_set() else f"the process died: {process.returncode}"
        )

    def end(self) -> None:
        """Ends the process, whatever it does, and starts no other; who waits for its answer gets none."""
        with self._lock:
            self._ended, process = True, self._process
        if process is not None:
            process.kill()

    def clear(self) -> None:
        """Closes what is left, when nobody asks any more."""
        if self._process is not None:
            self._bury(self._process)

    @property
    def pid(self) -> int | None:
        """Of the process, if there is one."""
        return self._process.pid if self._process else None

    def _living(self) -> subprocess.Popen[bytes] | None:
        """The warm process; one that died while it was idle is nobody's fault."""
        process = self._process
        if process is not None and process.poll() is not None:
            self._bury(process)
        return self._process

    def _start(self) -> subprocess.Popen[bytes]:
        paths = [os.path.abspath(path) for path in sys.path]  # noqa: PTH100 - "" is the working directory
        with self._lock:
            if self._ended:
                raise StoreBusy("pictures: the program is stopping")
            try:
                # -I and -S: neither the working directory nor the environment decides what is imported.
                process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
                    [sys.executable, "-I", "-S", "-c", _START, *paths],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    bufsize=0,
                    env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                )
            except OSError as error:
                raise StoreBusy(f"pictures: no process can be started: {error.strerror}") from error
            self._process = process
        _widen(process)
        with self._killed_after(process, START_S):
            ready = _hear(process, 0)
        if ready is None:
            self._bury(process)
            raise StoreBusy(f"pictures: the process did not start: {process.returncode}")
        return process

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()
        with self._lock:
            if self._process is process:
                self._process = None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.stdout.close()

    @contextmanager
    def _killed_after(self, process: subprocess.Popen[bytes], seconds: float) -> Iterator[threading.Event]:
        """A clock beside the work; killing it ends whatever waits on its pipes."""
        late = threading.Event()

        def strike() -> None:
            late.set()
            process.kill()

        clock = threading.Timer(seconds, strike)
        clock.daemon = True
        clock.start()
        try:
            yield late
        finally:
            clock.cancel()


def _widen(process: subprocess.Popen[bytes]) -> None:
    """A megabyte at once instead of 64 KiB, where the system lets us: a picture is handed over in a few turns."""
    if sys.platform != "linux":
        return
    import fcntl  # noqa: PLC0415 - there is none on Windows

    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _talk(
    process: subprocess.Popen[bytes], head: dict[str, Any], blobs: Sequence[bytes], limit_bytes: int
) -> wire.WireMessage | None:
    assert process.stdin is not None
    try:
        wire.send(process.stdin, head, blobs)
    except (OSError, ValueError):  # its pipe is broken, or closed by `end`
        return None
    return _hear(process, limit_bytes)


def _hear(process: subprocess.Popen[bytes], limit_bytes: int) -> wire.WireMessage | None:
    """The next message, None when there is none to be had."""
    assert process.stdout is not None
    try:
        return wire.receive(process.stdout, limit_bytes=limit_bytes)
    except (OSError, ValueError, wire.Garbled):
        return None
