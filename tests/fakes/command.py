"""A command of `easel` in this very process, as one types it: its exit code, and what it printed.

A process of its own takes a second of a processor to become ready; a law about what a command says needs none.
"""

import asyncio
import contextlib
import io
import json
import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple
from unittest import mock

import structlog

from bot import cli

_ONE_AT_A_TIME = threading.Lock()  # a process has one standard output


class Told(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


def command(*words: object) -> Told:
    """Not to be called where a loop is running: the command has its own."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    printed = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
    with _ONE_AT_A_TIME, _given_back(["easel", *map(str, words)]), printed[0], printed[1]:
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
    return Told(code, out.getvalue(), err.getvalue())


async def aside(*words: object) -> Told:
    """The same in a thread, beside the test's loop; not for commands that listen to signals: `run`, `imagine`."""
    return await asyncio.to_thread(command, *words)


def called(capsys, monkeypatch, *words: object) -> Told:
    """The same, for a test that has these at hand already."""
    del capsys, monkeypatch
    return command(*words)


@contextlib.contextmanager
def _given_back(argv: list[str]) -> Iterator[None]:
    """What a command changes of its process is as it was afterwards."""
    root, umask = logging.getLogger(), os.umask(0)
    os.umask(umask)
    handlers, level, configured = list(root.handlers), root.level, structlog.get_config()
    with (
        mock.patch.object(sys, "argv", argv),
        mock.patch.object(sys, "excepthook", sys.excepthook),
        mock.patch.object(sys, "unraisablehook", sys.unraisablehook),
        mock.patch.object(threading, "excepthook", threading.excepthook),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # here they are errors, and to a program they are none
        try:
            yield
        finally:
            os.umask(umask)
            root.handlers, root.level = handlers, level
            structlog.configure(**configured)
