"""Time as a program had it: seconds in which it was ready to go on and the machine gave it no turn don't count.

A platform's three seconds are a law for our program, not for the machine that runs its tests: ten builds beside it
make everything late. What the program waits for by itself (a provider, a lock, a sleep) counts in full.
"""

import os
import time
from pathlib import Path

_FRESH_S = 0.02  # so long a reading serves: a burst asks thousands of times
_TICKS_PER_S = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class FairClock:
    """Monotonic seconds, without those that this process and the `watched` ones waited for a processor.

    Where the system doesn't tell (it is Linux that does), every second counts.
    """

    def __init__(self) -> None:
        self._waited_s: dict[int, float] = {}
        self._read_at = self._lost_s = self._latest_s = 0.0
        self.watch(os.getpid())

    def watch(self, pid: int) -> None:
        """From now on the waits of this process are discounted, too."""
        self._waited_s[pid] = 0.0

    def now(self) -> float:
        """Never goes back."""
        at = time.monotonic()
        if at - self._read_at > _FRESH_S:
            for pid, before in self._waited_s.items():
                self._waited_s[pid] = max(before, _waited_s(pid))
            self._read_at, self._lost_s = at, sum(self._waited_s.values()) + _stolen_s()
        self._latest_s = max(self._latest_s, at - self._lost_s)
        return self._latest_s


def _waited_s(pid: int) -> float:
    """How long the threads of a process have stood in line for a processor; 0 where nobody tells."""
    waited_ns = 0
    for thread in _listed(Path(f"/proc/{pid}/task")):
        try:
            waited_ns += int((thread / "schedstat").read_text().split()[1])
        except (OSError, ValueError, IndexError):
            continue  # it has just ended
    return waited_ns / 1e9


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _stolen_s() -> float:
    """What other machines took of this virtual one, all its processors together."""
    try:
        line = Path("/proc/stat").read_text().splitlines()[0]
        return int(line.split()[8]) / _TICKS_PER_S
    except (OSError, ValueError, IndexError):
        return 0.0
