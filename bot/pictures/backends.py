"""Where pictures lie: a folder of ours, a bucket, or this process's memory."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from bot import modes
from bot.errors import ConfigError

PICTURES = "pictures"  # what every picture's name begins with


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One entry of a listing, for finding what no job knows of."""

    key: str
    size_bytes: int
    modified_at: float  # unix seconds


class Backend(Protocol):
    """Holds bytes under keys. What is not there is a FileNotFoundError, any other trouble another OSError."""

    async def put(self, key: str, data: bytes, media_type: str) -> None:
        """Keeps them, whole or not at all. Raises FileExistsError where the key is there already."""

    async def get(self, key: str) -> bytes:
        """What is kept."""

    async def first(self, keys: Sequence[str]) -> str | None:
        """The first of these that is there."""

    async def delete(self, key: str) -> None:
        """Forgets it."""

    def pages(self, prefix: str) -> AsyncIterator[Sequence[Listed]]:
        """Everything below a folder, some hundreds at a time."""


def open_backend(url: str, *, endpoint: str = "", options: Mapping[str, str] | None = None) -> Backend:
    """Opens the store of `[assets] url`: a folder, file://, s3://, gs://, az://, or memory:// for tests.

    Keys of a bucket come from the service's usual environment variables, or from `options`.
    """
    scheme, _, rest = url.partition("://")
    if not rest and scheme != "memory":
        return _folder(Path(url))
    match scheme:
        case "file":
            return _folder(Path(url2pathname(urlsplit(url).path)))
        case "memory" | "s3" | "gs" | "az":
            # Its library holds 6 MiB, which whoever has a folder does without.
            from bot.pictures import bucket  # noqa: PLC0415 - see above

            return bucket.memory() if scheme == "memory" else bucket.open_bucket(url, endpoint, options or {})
        case _:
            raise ConfigError(f"assets.url: {scheme}:// is none of file, s3, gs, az")


def _folder(path: Path) -> Backend:
    """A folder of ours: what is in it is made with the process's umask, so the folder itself keeps others out."""
    from bot.pictures.folder import Folder  # noqa: PLC0415 - it stands on this room

    whole = path.expanduser().absolute()
    try:
        modes.make_folder(whole)
        pictures = whole / PICTURES
        modes.make_folder(pictures)
        modes.tighten(pictures)
    except (OSError, ValueError) as error:
        raise ConfigError(f"assets.url: the folder {path} can't be used: {error}") from error
    return Folder(whole)
