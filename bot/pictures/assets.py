"""Assets: keeps, finds, links and deletes our own images, in a local folder or a bucket.

A name is kept once: whoever keeps it first decides its bytes, and everybody else is told of those. An
asset's key is its name and the extension of its media type, since a local folder keeps no attributes.
"""

import asyncio
import hashlib
import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError, NotSupportedError
from obstore.store import LocalStore

from bot.errors import BadImage, NotThere, StoreBusy
from bot.model import EXTENSIONS
from bot.pictures.backends import Backend
from bot.pictures.darkroom import Darkroom
from bot.pictures.links import Ring

CALL_TIMEOUT_S = 60.0
PRIVATE_LINK_S = 3600
_FRESH_S = 10.0
_FRESH_MOST_BYTES = 8 * 1024 * 1024
_QUICK_BYTES = 64 * 1024  # a tenth of a millisecond

_MEDIA_TYPES = {extension: media_type for media_type, extension in EXTENSIONS.items()}
# Path segments that start with neither a dot nor a dash: no "..", nothing hidden, nothing absolute.
_SEGMENT = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}"
_NAME = re.compile(rf"{_SEGMENT}(/{_SEGMENT}){{0,4}}")
# A name's bytes never change, so whoever holds a copy may keep it.
_CACHE = "private, max-age=31536000, immutable"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An image that we hold: where, and exactly which bytes."""

    key: str
    media_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One entry of a listing, for finding what no job knows of."""

    key: str
    size_bytes: int
    modified_at: float  # unix seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a link stands for, and for how many seconds more; None: as long as the picture is there."""

    key: str
    left_s: int | None


class Assets:
    """Our images. Implements the port Gallery.

    Raises StoreBusy when the disk or the bucket can't now, NotThere for what is gone.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        darkroom: Darkroom,
        ring: Ring,
        public_url: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._backend = backend
        self._fresh = _Fresh()
        self._darkroom = darkroom
        self._ring = ring
        self._public_url = public_url.rstrip("/")
        self._clock = clock

    def turn(self, ring: Ring) -> None:
        """From now on these keys sign and are read."""
        self._ring = ring

    async def keep(self, name: str, data: bytes, media_type: str, *, first: bool = False) -> Kept:
        """Keeps the bytes under a name, whole or not at all. A name that is kept already stays as it is.

        `first`: nobody can have kept it as another type before, so that isn't looked for.
        """
        if media_type not in EXTENSIONS:
            raise BadImage(f"{media_type} is no type that we keep")
        known = None if first else await self.find(name)
        if known is not None:
            return known
        key = f"{_check_name(name)}.{EXTENSIONS[media_type]}"
        try:
            await self._put(key, data, media_type)
        except AlreadyExistsError:  # another replica was quicker
            return await self._facts(key)
        self._fresh.hold(key, data)
        return await _kept(key, data)

    async def find(self, name: str) -> Kept | None:
        """What is kept under a name, if anything; its bytes are read for their SHA-256."""
        _check_name(name)
        keys = [f"{name}.{extension}" for extension in _MEDIA_TYPES]
        there = await asyncio.gather(*(self._has(key) for key in keys))
        for key, has in zip(keys, there, strict=True):
            if has:
                return await self._facts(key)
        return None

    async def read(self, key: str) -> bytes:
        _check_key(key)
        with _told(key):
            return await _timed(self._get(key))

    async def put_aside(self, key: str) -> str:
        """Keeps a picture's bytes under another name as well, which nobody has a link to; answers its key."""
        folder, _, name = key.rpartition("/")
        bare, _, extension = name.rpartition(".")
        aside = f"{folder}/{bare}-{secrets.token_hex(4)}"
        return (await self.keep(aside, await self.read(key), _MEDIA_TYPES[extension])).key

    async def fit(self, key: str, *, limit_bytes: int) -> tuple[bytes, str]:
        # What was just kept may be shown. Whoever reads or serves asks where it lies, since others may have deleted it.
        data = self._fresh.take(_check_key(key)) or await self.read(key)
        return await self._darkroom.fit(data, limit_bytes)

    async def delete(self, keys: Iterable[str]) -> None:
        """Deletes, and thereby revokes the links. What is gone already is no error."""
        for key in keys:
            self._fresh.take(_check_key(key))
            try:
                with _told(key):
                    await _timed(self._backend.delete_async(key))
            except NotThere:
                continue

    async def list(self, prefix: str = "") -> AsyncIterator[Listed]:
        """Everything below a folder, page by page."""
        if prefix:
            _check_name(prefix.rstrip("/"))
        pages = aiter(self._backend.list(prefix.rstrip("/") or None, chunk_size=500))
        while True:
            with _told(prefix):
                page = await _timed(anext(pages, None))
            if page is None:
                return
            for meta in page:
                yield Listed(
                    key=meta["path"], size_bytes=meta["size"], modified_at=meta["last_modified"].timestamp()
                )

    def sign(self, text: str) -> str:
        """The text with our mark, for an address: only we can have made it."""
        return self._ring.sign(text)

    def read_signed(self, token: str) -> str | None:
        """The text, where the mark is ours."""
        return self._ring.read(token, now=self._clock())

    @property
    def has_links(self) -> bool:
        """Whether others can fetch pictures from us."""
        return bool(self._public_url)

    def link(self, key: str, *, private: bool = False, now: float | None = None) -> str | None:
        """A URL of the untouched image, or None without a public address.

        A public one is good until the asset is deleted; a private one for an hour.
        """
        return self._public_url + self.path(key, private=private, now=now) if self._public_url else None

    def path(self, key: str, *, private: bool = False, now: float | None = None) -> str:
        """The same link on the one listener, for a page that is served by it."""
        moment = self._clock() if now is None else now
        return self._path(key, int(moment) + PRIVATE_LINK_S if private else None)

    def link_until(self, key: str, until: float) -> str | None:
        """A URL that is good until then (unix seconds): the same each time. None without a public address."""
        return self._public_url + self._path(key, int(until)) if self._public_url else None

    def _path(self, key: str, expires_at: int | None) -> str:
        return f"/a/{self._ring.sign(_check_key(key), expires_at=expires_at)}"

    def resolve(self, token: str, *, now: float | None = None) -> Opened | None:
        """What a link's token stands for, or None."""
        moment = self._clock() if now is None else now
        key = self._ring.read(token, now=moment)
        if key is None:
            return None
        expiry = token.split(".")[2]
        return Opened(key=key, left_s=int(int(expiry) - moment) if expiry else None)

    async def _put(self, key: str, data: bytes, media_type: str) -> None:
        # The local store refuses attributes; the key's extension says enough there.
        attributes = None
        if not isinstance(self._backend, LocalStore):
            attributes = {"Content-Type": media_type, "Cache-Control": _CACHE}
        with _told(key):
            try:
                await _timed(self._backend.put_async(key, data, attributes=attributes, mode="create"))
            except (NotSupportedError, NotImplementedError):  # a bucket without conditional writes
                await _timed(self._backend.put_async(key, data, attributes=attributes, use_multipart=False))

    async def _get(self, key: str) -> bytes:
        result = await self._backend.get_async(key)
        return bytes(await result.bytes_async())

    async def _has(self, key: str) -> bool:
        try:
            with _told(key):
                await _timed(self._backend.head_async(key))
        except NotThere:
            return False
        return True

    async def _facts(self, key: str) -> Kept:
        return await _kept(key, await self.read(key))


class _Fresh:
    """What was just kept, for whoever shows it next, once: a picture is shown as soon as it is kept."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[bytes, asyncio.TimerHandle]] = {}
        self._bytes = 0

    def hold(self, key: str, data: bytes) -> None:
        """Holds it for some seconds; the oldest makes room."""
        self.take(key)
        ends = asyncio.get_running_loop().call_later(_FRESH_S, self.take, key)
        self._held[key] = (data, ends)
        self._bytes += len(data)
        while self._bytes > _FRESH_MOST_BYTES:
            self.take(next(iter(self._held)))

    def take(self, key: str) -> bytes | None:
        """It, where it is still held; not any more then."""
        if key not in self._held:
            return None
        data, ends = self._held.pop(key)
        ends.cancel()
        self._bytes -= len(data)
        return data


def media_type_of(key: str) -> str:
    """The media type that an asset's key tells."""
    return _MEDIA_TYPES[_check_key(key).rpartition(".")[2]]


async def _kept(key: str, data: bytes) -> Kept:
    quick = len(data) <= _QUICK_BYTES  # a thread of its own would cost more
    digest = hashlib.sha256(data) if quick else await asyncio.to_thread(hashlib.sha256, data)
    return Kept(key=key, media_type=media_type_of(key), size_bytes=len(data), sha256=digest.hexdigest())


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no asset name")
    return name


def _check_key(key: str) -> str:
    """A key may come from outside: what can't be one of ours isn't there."""
    if not _NAME.fullmatch(key) or key.rpartition(".")[2] not in _MEDIA_TYPES:
        raise NotThere
    return key


async def _timed(call: Awaitable[T]) -> T:
    async with asyncio.timeout(CALL_TIMEOUT_S):
        return await call


@contextmanager
def _told(key: str) -> Iterator[None]:
    """Translates what went wrong in the store into our own errors."""
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise NotThere from error
    except (AlreadyExistsError, NotSupportedError):
        raise
    except TimeoutError as error:
        raise StoreBusy(f"assets: no answer in {CALL_TIMEOUT_S:g} s about {key}") from error
    except (BaseError, OSError) as error:
        # The store's own text may run over pages and name hosts; its first line is enough for a log.
        raise StoreBusy(f"assets: {key}: {str(error).partition(chr(10))[0][:300]}") from error
