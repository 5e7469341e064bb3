"""Files: the bot's, uploaded and processed in a while, and those that people hand over as they are."""

import io
import warnings
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from .clock import Clock
from .errors import ApiError

__all__ = ["FileStore", "StoredFile"]

_SHOWABLE = {"PNG": ("image/png", "png"), "JPEG": ("image/jpeg", "jpg"), "GIF": ("image/gif", "gif")}
_OTHER = {"WEBP": ("image/webp", "webp")}
# What Slack makes of a person's file that it can't open: it goes by the name.
_NAMED = {
    "png": ("image/png", "png"), "jpg": ("image/jpeg", "jpg"), "jpeg": ("image/jpeg", "jpg"),
    "gif": ("image/gif", "gif"), "webp": ("image/webp", "webp"), "heic": ("image/heic", "heic"),
    "svg": ("image/svg+xml", "svg"), "pdf": ("application/pdf", "pdf"), "txt": ("text/plain", "text"),
    "mp4": ("video/mp4", "mp4"),
}  # fmt: skip
_UNKNOWN = ("application/octet-stream", "binary")


@dataclass(kw_only=True)
class StoredFile:
    """A file from the asking for an upload URL on; a person's is whole from the beginning."""

    id: str
    name: str
    length: int
    user: str
    created_at: float
    ticket: str
    alt_text: str = ""
    title: str = ""
    data: bytes | None = None
    completed_at: float | None = None
    polls: int = 0
    processed: bool = False
    deleted: bool = False
    format: str | None = None
    size_px: tuple[int, int] | None = None
    orientation: int = 1
    channels: list[str] = field(default_factory=list)
    given: bool = False
    """A person put it into a form of the app, which may read it from then on."""
    foreign: bool = False
    """Of another organisation (Slack Connect): messages carry no more than its id."""
    hidden_by_limit: bool = False
    """Behind the limit of a free plan."""
    external_url: str = ""
    """Where it lies in truth (Google Drive and the like): no token of Slack's has any business there."""

    @property
    def mimetype(self) -> str:
        return self._kind[0] if self.processed else ""

    @property
    def filetype(self) -> str:
        return self._kind[1] if self.processed else ""

    @property
    def _kind(self) -> tuple[str, str]:
        named = _NAMED.get(self.name.rpartition(".")[2].lower(), _UNKNOWN) if not self.ticket else _UNKNOWN
        return (_SHOWABLE | _OTHER).get(self.format or "", named)


class FileStore:
    """Every file, and the knobs of their processing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.stored: dict[str, StoredFile] = {}
        self.uploads_disabled = False
        self.storage_full = False
        self.processing_polls = 0
        """How often files.info shows no mimetype yet."""
        self.processing_s = 0.0
        """How long after completion files.info shows no mimetype yet."""
        self.never_processed = False

    @property
    def uploaded(self) -> list[StoredFile]:
        """Files that were completed and still exist."""
        return [f for f in self.stored.values() if f.completed_at is not None and not f.deleted]

    def find(self, ident: str) -> StoredFile:
        """A file that was completed; `file_not_found` and `file_deleted` are Slack's words for others."""
        file = self.stored.get(ident)
        if file is None or file.completed_at is None:
            raise ApiError("file_not_found")
        if file.deleted:
            raise ApiError("file_deleted")
        return file

    def add(self, ident: str, user: str, name: str, data: bytes, **more: Any) -> StoredFile:
        """A person's file, not shown to anybody yet."""
        now = self._clock.now()
        file = StoredFile(
            id=ident,
            name=name,
            title=name,
            length=len(data),
            user=user,
            created_at=now,
            ticket="",
            data=data,
            completed_at=now,
            processed=True,
            **more,
        )
        file.format, file.size_px, file.orientation = _read(data)
        self.stored[ident] = file
        return file

    def by_ticket(self, ticket: str) -> StoredFile | None:
        return next((f for f in self.stored.values() if f.ticket == ticket != ""), None)

    def receive(self, file: StoredFile, data: bytes) -> str | None:
        """Keeps the bytes; answers what is wrong with them."""
        if file.data is not None:
            return "the upload URL was already used"
        if len(data) != file.length:
            return f"{file.length} bytes were announced, {len(data)} came"
        file.data = data
        file.format, file.size_px, file.orientation = _read(data)
        return None

    def poll(self, file: StoredFile) -> None:
        """One look by files.info: processing ends after enough looks and enough time."""
        file.polls += 1
        self.settle(file)

    def settle(self, file: StoredFile) -> None:
        if file.completed_at is None or self.never_processed:
            return
        waited_s = self._clock.now() - file.completed_at
        if file.polls > self.processing_polls or not self.processing_polls:
            file.processed = file.processed or waited_s >= self.processing_s

    def problem(self, reference: dict[str, Any]) -> str | None:
        """Why a `slack_file` can't be shown now; None when it can."""
        file = self._referred(reference)
        if file is None or file.deleted or file.completed_at is None:
            return "file not found"
        self.settle(file)
        if not file.processed:
            return "not processed yet"
        if file.format not in _SHOWABLE:
            return f"unsupported type {file.mimetype}"
        return None

    def _referred(self, reference: dict[str, Any]) -> StoredFile | None:
        if "id" in reference:
            return self.stored.get(reference["id"])
        parts = str(reference.get("url", "")).split("/")
        return next((self.stored[p] for p in parts if p in self.stored), None)


def _read(data: bytes) -> tuple[str | None, tuple[int, int] | None, int]:
    """Format, size and the way it lies, where Pillow can open it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data)) as image:
                image.load()
                return image.format, image.size, image.getexif().get(0x0112, 1)
    except Exception:
        return None, None, 1
