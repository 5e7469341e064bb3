"""Pictures in a folder of ours: plain files, written beside and linked into place, so that each is whole or not there."""

import asyncio
import errno
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TypeVar

from bot.pictures.backends import Listed

T = TypeVar("T")

_HANDS = 4  # threads of its own: a disk that hangs holds up pictures, and nothing else
_PAGE = 500
_TRIES = 8
# No key has the one in front or the other inside: ours begin with a dot, those of Easel 0.4 end in # and a number.
_UNFINISHED = (".", "#")


class Folder:
    """A backend of Assets. Each key is a path below the folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._hands = ThreadPoolExecutor(_HANDS, thread_name_prefix="pictures")

    async def put(self, key: str, data: bytes, media_type: str) -> None:
        """See Backend."""
        del media_type  # the key's extension says enough here
        await self._run(lambda: _put(self._root / key, data))

    async def get(self, key: str) -> bytes:
        """See Backend."""
        return await self._run((self._root / key).read_bytes)

    async def first(self, keys: Sequence[str]) -> str | None:
        """See Backend."""
        return await self._run(lambda: next((key for key in keys if (self._root / key).is_file()), None))

    async def delete(self, key: str) -> None:
        """See Backend. Folders that are empty then go, too."""
        await self._run(lambda: _delete(self._root / key, self._root))

    async def pages(self, prefix: str) -> AsyncIterator[Sequence[Listed]]:
        """See Backend."""
        found = _below(self._root, prefix)
        while page := await self._run(lambda: list(islice(found, _PAGE))):
            yield page

    async def _run(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._hands, call)


def _put(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _write(part, data)
        os.link(part, path)  # says so where it is there already: whoever is first decides its bytes
    finally:
        part.unlink(missing_ok=True)


def _write(path: Path, data: bytes) -> None:
    for _ in range(_TRIES):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            file = path.open("xb")
        except FileNotFoundError:  # whoever deleted the last picture of the folder has removed it just now
            continue
        with file:
            file.write(data)
        return
    raise OSError(errno.EAGAIN, "its folder goes again and again", str(path.parent))


def _delete(path: Path, root: Path) -> None:
    path.unlink()
    for folder in path.parents:
        if folder == root:
            return
        try:
            folder.rmdir()
        except OSError:  # others are in it
            return


def _below(root: Path, prefix: str) -> Iterator[Listed]:
    for folder, _, names in os.walk(root / prefix, onerror=_raised):
        for name in names:
            path = Path(folder, name)
            if name.startswith(_UNFINISHED[0]) or _UNFINISHED[1] in name:
                continue
            try:
                told = path.stat()
            except FileNotFoundError:  # deleted meanwhile
                continue
            key = path.relative_to(root).as_posix()
            yield Listed(key=key, size_bytes=told.st_size, modified_at=told.st_mtime)


def _raised(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
