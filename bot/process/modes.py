"""What Easel writes is its owner's alone, whatever the umask was: files 0600, folders 0700."""

import contextlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

_FILE = 0o600
_FOLDER = 0o700
_OTHERS = 0o077
_before = [0o022]  # what the process had; a umask can't be asked for without setting it


def close_umask() -> None:
    """From now on nothing that this process makes is open to others: the program's first act."""
    before = os.umask(_OTHERS)
    if before != _OTHERS:
        _before[:] = [before]


def make_folder(path: Path) -> None:
    """Makes a folder and those above it that are missing; what was there before stays as it is."""
    missing = [one for one in (path, *path.parents) if not one.exists()]
    for one in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process was quicker
            one.mkdir(mode=_FOLDER)
    if not path.is_dir():
        raise NotADirectoryError(f"{path} is no folder")


def make_file(path: Path, *, fresh: bool = False) -> None:
    """Makes an empty file for whoever writes it by name; with `fresh` it must not be there, nor a link.

    One that is there isn't even opened: closing it again would end the locks that this process has on it.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE))
    except FileExistsError:
        if fresh:
            raise


def tighten(*paths: Path) -> None:
    """Closes to others what is there and ours. What isn't ours is told of by `easel check`."""
    for path in paths:
        with contextlib.suppress(OSError):
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & _OTHERS:
                path.chmod(mode & ~_OTHERS)


def open_to_others(paths: Iterable[Path]) -> list[Path]:
    """Those of these files and folders that others can get at: by their mode, and by each folder above them."""
    found = []
    for path in paths:
        with contextlib.suppress(OSError):
            whole = path.resolve()
            if (
                os.name == "posix"
                and _lets_in(whole, _OTHERS)
                and all(_lets_in(p, 0o011) for p in whole.parents)
            ):
                found.append(path)
    return found


def _lets_in(path: Path, bits: int) -> bool:
    return bool(path.stat().st_mode & bits)


def hand_over(path: Path, data: bytes) -> None:
    """Writes a file that a person has asked for, as everything else of theirs is written."""
    path.write_bytes(data)
    with contextlib.suppress(OSError):
        path.chmod(0o666 & ~_before[0])


def beside(database: Path) -> tuple[Path, ...]:
    """A SQLite database's files."""
    return (database, *(database.with_name(f"{database.name}-{end}") for end in ("wal", "shm", "journal")))
