"""A disk that is full: commands say so within seconds, end on the first signal, and the next start mends the rest."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.chaos.ground import may_mount, small_disk

ENDS_WITHIN_S, SAYS_WITHIN_S, LOOK_EVERY_S = 12.0, 25.0, 0.1
pytestmark = pytest.mark.skipif(not may_mount(), reason="a small disk can be mounted by root only")


class _Program:
    """A command of ours, with all that it says; what it says lands on another disk."""

    def __init__(self, folder: Path, log: Path, *words: str) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("EASEL")}
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", *words],
                cwd=folder,
                env=environ | {"EASEL_HOME": str(folder), "PYTHONPATH": str(Path.cwd()), "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._log = log

    @property
    def said(self) -> str:
        return self._log.read_text()

    def until_said(self, what: str, within_s: float) -> None:
        for _ in range(round(within_s / LOOK_EVERY_S)):
            over = self.process.poll() is not None
            if what in self.said:
                return
            assert not over, self.said
            time.sleep(LOOK_EVERY_S)
        raise AssertionError(f"{what!r} was not said: {self.said}")

    def end(self, number: int) -> None:
        """One signal is enough."""
        self.process.send_signal(number)
        try:
            self.process.wait(ENDS_WITHIN_S)
        finally:
            self.process.kill()


def _fill(folder: Path) -> Path:
    """Takes every byte that is left."""
    ballast = folder / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(b"\0" * 4096):
            pass
    return ballast


def test_an_order_at_the_terminal_says_that_the_disk_is_full_and_ends_on_the_first_signal(tmp_path):
    log = tmp_path / "log"
    with small_disk(tmp_path / "disk"):
        disk = tmp_path / "disk"
        assert _Program(disk, log, "imagine", "a red fox").process.wait(60) == 0, log.read_text()
        ballast = _fill(disk)
        assert _Program(disk, log, "imagine", "a blue fox").process.wait(SAYS_WITHIN_S) != 0
        assert "the disk is full" in log.read_text()
        ballast.unlink()
        for number, delay_s in ((signal.SIGINT, 0.0), (signal.SIGTERM, 1.0)):
            program = _Program(disk, log, "imagine", "a blue fox")
            program.until_said("simulator draws", 60)
            time.sleep(delay_s)
            ballast = _fill(disk)
            program.until_said("full", SAYS_WITHIN_S)
            program.end(number)
            assert "Traceback" not in program.said
            assert program.process.returncode != 0
            ballast.unlink()
        assert _Program(disk, log, "imagine", "a green fox").process.wait(60) == 0, log.read_text()
        _Program(disk, log, "check", "--json").process.wait(60)
        rows = {row["name"]: row for row in json.loads(log.read_text())["checks"]}
        assert rows["ledger"]["ok"]
        assert not rows["space of database"]["ok"], "a disk of some megabytes is small"
        assert rows["space of pictures"]["fix"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_page_of_this_machine_says_it_at_the_terminal_and_ends_on_the_first_signal(tmp_path, number):
    with small_disk(tmp_path / "disk"):
        disk = str(tmp_path / "disk")
        program = _Program(tmp_path, tmp_path / "log", "play", "--port", "0", "--no-browser", "--data", disk)
        try:
            program.until_said("Easel is at", 60)
            _fill(tmp_path / "disk")
            program.until_said("the disk is full", SAYS_WITHIN_S)
            program.end(number)
        finally:
            program.process.kill()
