"""Free space where the database and the pictures are, as far as that is on this machine's disks."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from bot.configuration.settings import Settings

MIB = 1024 * 1024
FULL_BYTES = 2 * MIB  # with less, no picture can be kept
LOW_BYTES = 1024 * MIB  # some hundred pictures, and a database's log


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """What is left in one place."""

    name: str  # database, pictures
    folder: Path
    free_bytes: int

    @property
    def full(self) -> bool:
        """Whether nothing more can be written there."""
        return self.free_bytes < FULL_BYTES

    @property
    def low(self) -> bool:
        """Whether it is time to make room."""
        return self.free_bytes < LOW_BYTES

    def __str__(self) -> str:
        return f"{self.free_bytes // MIB:,} MiB free for the {self.name} in {self.folder}"


def spaces(settings: Settings) -> list[Space]:
    """The folders of the database and of the pictures; servers and buckets look after themselves."""
    places = {
        "database": _of_database(settings.store.url.get_secret_value()),
        "pictures": of_pictures(settings.assets.url.get_secret_value()),
    }
    found = []
    for name, path in places.items():
        folder = path and next((one for one in (path, *path.parents) if one.is_dir()), None)
        if folder:
            found.append(Space(name=name, folder=folder, free_bytes=shutil.disk_usage(folder).free))
    return found


def full(settings: Settings) -> str:
    """What is full, in words; nothing where there is room."""
    return "; ".join(f"the disk is full: {space}" for space in spaces(settings) if space.full)


def _of_database(url: str) -> Path | None:
    scheme, _, path = url.partition(":///")
    return Path(path).absolute().parent if scheme.startswith("sqlite") and path else None


def of_pictures(url: str) -> Path | None:
    """The folder of `[assets] url`; None for a bucket."""
    scheme, _, rest = url.partition("://")
    if not rest and scheme != "memory":
        return Path(url).expanduser().absolute()
    return Path(url2pathname(urlsplit(url).path)) if scheme == "file" else None
