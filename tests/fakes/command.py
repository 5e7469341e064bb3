"""A command of `easel` in this very process, as one types it: its exit code, and what it printed."""

import json
import sys
import threading
import warnings
from typing import Any, NamedTuple

from bot import cli


class Told(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


def called(capsys, monkeypatch, *words: object) -> Told:
    capsys.readouterr()
    monkeypatch.setattr(sys, "argv", ["easel", *map(str, words)])
    for owner, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(owner, name, getattr(owner, name))  # main() takes the process as its own
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    code = 0
    try:
        cli.main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    told = capsys.readouterr()
    return Told(code, told.out, told.err)
