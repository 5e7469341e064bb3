"""A command of `easel` in this very process, as one types it: its exit code, and what it printed.

A process of its own takes a second of a processor to become ready; a law about what a command says needs none.
"""

import contextlib
import json
import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import structlog

from bot import cli


class Told(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


def called(capsys, monkeypatch, *words: object) -> Told:
    """Not to be called where a loop is running: the command has its own."""
    capsys.readouterr()
    code = 0
    with monkeypatch.context() as patch, _given_back():
        patch.setattr(sys, "argv", ["easel", *map(str, words)])
        for owner, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
            patch.setattr(owner, name, getattr(owner, name))  # main() takes the process as its own
        patch.setattr(warnings, "showwarning", warnings.showwarning)
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
    told = capsys.readouterr()
    return Told(code, told.out, told.err)


@contextlib.contextmanager
def _given_back() -> Iterator[None]:
    """What a command changes of its process is as it was afterwards: where logs go, and who may read its files."""
    root, umask = logging.getLogger(), os.umask(0)
    os.umask(umask)
    handlers, level, configured = list(root.handlers), root.level, structlog.get_config()
    try:
        yield
    finally:
        os.umask(umask)
        root.handlers, root.level = handlers, level
        structlog.configure(**configured)
