"""What a process costs, as the system tells it: processor time and memory, of it alone and of its children."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """At one moment: processor seconds so far, bytes now."""

    cpu_s: float
    children_cpu_s: float
    resident_bytes: int
    children_bytes: int


def cost_of(pid: int | str = "self") -> Cost:
    """Of a process that runs, and of its children that run."""
    children = children_of(pid)
    return Cost(
        cpu_s=_cpu_s(pid),
        children_cpu_s=sum(_cpu_s(child) for child in children),
        resident_bytes=_resident_bytes(pid),
        children_bytes=sum(_resident_bytes(child) for child in children),
    )


def children_of(pid: int | str) -> list[str]:
    """Each thread has started children of its own; theirs are counted, too."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []
    own = [child for thread in threads for child in _read(thread / "children").split()]
    return own + [further for child in own for further in children_of(child)]


def run_queue_s() -> float:
    """How long the main thread of this process has been ready to run, and no processor was free for it."""
    told = _read(Path(f"/proc/self/task/{os.getpid()}/schedstat")).split()
    return int(told[1]) / 1e9 if len(told) > 1 else 0.0


def parent_of(pid: int | str) -> int:
    """Who has started it; 0 where it is no process of this machine."""
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return int(fields[1]) if fields else 0


def ended_cpu_s(pid: int | str) -> float:
    """What the children that it has seen end had used."""
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / _TICKS_PER_S if fields else 0.0


def _cpu_s(pid: int | str) -> float:
    # The name in the second field may have spaces; what follows it has none.
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S if fields else 0.0


def _resident_bytes(pid: int | str) -> int:
    told = _read(Path(f"/proc/{pid}/statm")).split()
    return int(told[1]) * _PAGE_BYTES if told else 0


def _read(path: Path) -> str:
    """What has ended meanwhile says nothing."""
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
