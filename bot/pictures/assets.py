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

from bot.errors import BadImage, NotThere, StoreBusy
from bot.pictures.backends import Backend, Listed
from bot.pictures.darkroom import Darkroom
from bot.pictures.images import EXTENSIONS
from bot.pictures.links import Ring

CALL_TIMEOUT_S = 60.0
PRIVATE_LINK_S = 3600

_MEDIA_TYPES = {extension: media_type for media_type, extension in EXTENSIONS.items()}
# Path segments that start with neither a dot nor a dash: no "..", nothing hidden, nothing absolute.
_SEGMENT = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}"
_NAME = re.compile(rf"{_SEGMENT}(/{_SEGMENT}){{0,4}}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An image that we hold: where, and exactly which bytes."""

    key: str
    media_type: str
    size_bytes: int
    sha256: str


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
        self._darkroom = darkroom
        self._ring = ring
        self._public_url = public_url.rstrip("/")
        self._clock = clock

    def turn(self, ring: Ring) -> None:
        """From now on these keys sign and are read."""
        self._ring = ring

    async def keep(self, name: str, data: bytes, media_type: str) -> Kept:
        """Keeps the bytes under a name, whole or not at all. A name that is kept already stays as it is."""
        if media_type not in EXTENSIONS:
            raise BadImage(f"{media_type} is no type that we keep")
        known = await self.find(name)
        if known is not None:
            return known
        key = f"{name}.{EXTENSIONS[media_type]}"
        try:
            with _told(key):
                await _timed(self._backend.put(key, data, media_type))
        except FileExistsError:  # another replica was quicker
            return await self._facts(key)
        return await _kept(key, data)

    async def find(self, name: str) -> Kept | None:
        """What is kept under a name, if anything; its bytes are read for their SHA-256."""
        _check_name(name)
        keys = [f"{name}.{extension}" for extension in _MEDIA_TYPES]
        with _told(name):
            key = await _timed(self._backend.first(keys))
        return await self._facts(key) if key is not None else None

    async def read(self, key: str) -> bytes:
        _check_key(key)
        with _told(key):
            return await _timed(self._backend.get(key))

    async def put_aside(self, key: str) -> str:
        """Keeps a picture's bytes under another name as well, which nobody has a link to; answers its key."""
        folder, _, name = key.rpartition("/")
        bare, _, extension = name.rpartition(".")
        aside = f"{folder}/{bare}-{secrets.token_hex(4)}"
        return (await self.keep(aside, await self.read(key), _MEDIA_TYPES[extension])).key

    async def fit(self, key: str, *, limit_bytes: int) -> tuple[bytes, str]:
        return await self._darkroom.fit(await self.read(key), limit_bytes)

    async def delete(self, keys: Iterable[str]) -> None:
        """Deletes, and thereby revokes the links. What is gone already is no error."""
        for key in keys:
            _check_key(key)
            try:
                with _told(key):
                    await _timed(self._backend.delete(key))
            except NotThere:
                continue

    async def list(self, prefix: str = "") -> AsyncIterator[Listed]:
        """Everything below a folder, page by page."""
        if prefix:
            _check_name(prefix.rstrip("/"))
        pages = aiter(self._backend.pages(prefix.rstrip("/")))
        while True:
            with _told(prefix):
                page = await _timed(anext(pages, None))
            if page is None:
                return
            for entry in page:
                yield entry

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

    async def _facts(self, key: str) -> Kept:
        return await _kept(key, await self.read(key))


def media_type_of(key: str) -> str:
    """The media type that an asset's key tells."""
    return _MEDIA_TYPES[_check_key(key).rpartition(".")[2]]


async def _kept(key: str, data: bytes) -> Kept:
    digest = await asyncio.to_thread(hashlib.sha256, data)  # lets go of the GIL
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
    except FileNotFoundError as error:
        raise NotThere from error
    except FileExistsError:
        raise
    except TimeoutError as error:
        raise StoreBusy(f"assets: no answer in {CALL_TIMEOUT_S:g} s about {key}") from error
    except OSError as error:
        # The store's own text may run over pages and name hosts; its first line is enough for a log.
        raise StoreBusy(f"assets: {key}: {str(error).partition(chr(10))[0][:300]}") from error
