"""How long `easel --help` takes, as a new process, beside an interpreter that imports httpx: the least of several."""

import resource
import subprocess
import sys
import time

from bench.table import Figure

TRIES = 10


def least(*arguments: str) -> tuple[float, float]:
    """Seconds by the clock and of the processor of `python ARGUMENTS`."""
    walls, processors = [], []
    for _ in range(TRIES):
        began, before = time.perf_counter(), _spent_s()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        walls.append(time.perf_counter() - began)
        processors.append(_spent_s() - before)
    return min(walls), min(processors)


def _spent_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def figures() -> dict[str, Figure]:
    wall_s, cpu_s = least("-m", "bot", "--help")
    _, peer_s = least("-c", "import httpx")
    return {"help.wall": Figure(ours=wall_s), "help.cpu": Figure(ours=cpu_s, theirs=peer_s)}
