"""Request bodies: JSON, or multipart with `payload_json` and `files[n]`, within the size limits."""

import asyncio
import dataclasses
import io
import json
import re
from collections.abc import Sequence
from typing import Any

from aiohttp import BodyPartReader, web
from PIL import Image

from .cdn import File
from .errors import ApiError, Problems
from .members import MIB

REQUEST_LIMIT_BYTES = 25 * MIB
TYPES = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "jfif": "image/jpeg", "webp": "image/webp",
    "gif": "image/gif", "avif": "image/avif", "heic": "image/heic", "mp4": "video/mp4", "pdf": "application/pdf",
    "txt": "text/plain; charset=utf-8", "json": "application/json; charset=utf-8", "zip": "application/zip",
}  # fmt: skip


@dataclasses.dataclass(eq=False)
class Upload:
    """One uploaded file; `size` is (width, height) of an image that decodes."""

    filename: str
    data: bytes
    content_type: str
    size: tuple[int, int] | None = None
    flaw: str | None = None


@dataclasses.dataclass(eq=False)
class Form:
    """A body with its files by number."""

    body: Any = None
    files: dict[int, Upload] = dataclasses.field(default_factory=dict)
    # People may send what is no picture; a bot that does is broken.
    by_person: bool = False


async def read(request: web.Request, limit_bytes: int = REQUEST_LIMIT_BYTES) -> Form:
    kind = request.headers.get("Content-Type", "")
    if kind.startswith("multipart/form-data"):
        return await _multipart(request, limit_bytes)
    raw = await request.read()
    if len(raw) > limit_bytes:
        raise ApiError(40005)
    if not raw:
        return Form()
    if not kind.startswith("application/json"):
        raise ApiError(
            50035, errors={"_errors": [{"code": "CONTENT_TYPE_INVALID", "message": f"Not {kind!r}."}]}
        )
    return Form(_json(raw))


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise ApiError(50109) from None


async def _multipart(request: web.Request, limit_bytes: int) -> Form:
    form, total = Form(), 0
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        data = bytes(await part.read(decode=False))
        total += len(data)
        if total > limit_bytes:
            # The rest is read away, so that the client can finish sending and read the answer.
            async for rest in request.content.iter_chunked(MIB):
                del rest
            raise ApiError(40005)
        if part.name == "payload_json":
            form.body = _json(data)
            continue
        number = re.fullmatch(r"files\[(\d+)\]", part.name or "")
        if number is None or not part.filename:
            raise ApiError(
                50035, errors={"_errors": [{"code": "MULTIPART_PART_UNKNOWN", "message": repr(part.name)}]}
            )
        form.files[int(number[1])] = await upload(part.filename, data)
    return form


async def of_person(files: Sequence[File]) -> Form:
    """What a person drags into a message."""
    return Form(
        files={n: await upload(one.filename, one.data) for n, one in enumerate(files)}, by_person=True
    )


async def upload(name: str, data: bytes) -> Upload:
    filename = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    suffix = filename.rpartition(".")[2].lower()
    made = Upload(filename, data, TYPES.get(suffix, "application/octet-stream"))
    if made.content_type.startswith("image/"):
        made.size, made.flaw = await asyncio.to_thread(_decode, data, made.content_type)
    return made


def _decode(data: bytes, content_type: str) -> tuple[tuple[int, int] | None, str | None]:
    """The size when every pixel decodes, else what is wrong with the image."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            flaw = (
                None
                if Image.MIME.get(picture.format or "") == content_type
                else f"{picture.format} is no {content_type}"
            )
            return picture.size, flaw
    except Exception as error:
        return None, f"does not decode: {error}"


def plan(
    form: Form, body: dict[str, Any], problems: Problems, prefix: str, existing: dict[int, str]
) -> dict[str, Any]:
    """Matches the `attachments` list with the files and, on an edit, with what the message already has.

    Answers `new` as (number, filename, description), `kept` as ids (None: the list was not given).
    """
    problems.count(f"{prefix}files", list(form.files), 10)
    for number, upload in form.files.items():
        if not upload.data:
            problems.add(f"{prefix}files.{number}", "ATTACHMENT_EMPTY", "File cannot be empty.")
    listed = body.get("attachments")
    kept: list[int] = []
    told: dict[int, tuple[str, str | None]] = {}
    for index, one in enumerate(listed or []):
        number = int(one.get("id", -1))
        problems.length(f"{prefix}attachments.{index}.description", one.get("description"), 1024)
        if number in form.files:
            told[number] = (one.get("filename") or form.files[number].filename, one.get("description"))
        elif number in existing:
            kept.append(number)
        else:
            problems.add(
                f"{prefix}attachments.{index}.id",
                "ATTACHMENT_NOT_FOUND",
                f"No file and no attachment {number}.",
            )
    new = [
        (number, *told.get(number, (upload.filename, None))) for number, upload in sorted(form.files.items())
    ]
    new = [(number, re.sub(r"[^A-Za-z0-9._-]", "_", name), text) for number, name, text in new]
    return {"new": new, "kept": None if listed is None else kept}
