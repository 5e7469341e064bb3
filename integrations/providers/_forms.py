"""Pictures on the wire: multipart forms and base64, the same bytes each time and without stopping the event loop."""

import asyncio
import base64
import dataclasses
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.errors import BadImage, ProviderError, Reached, StoreBusy, Trouble
from bot.model import EXTENSIONS, PNG, Order, Use
from bot.pictures import masks
from bot.provider import Input

_PIECE_BYTES = 3 * 64 * 1024  # of three: base64 of pieces is the base64 of the whole


async def base64_of(data: bytes) -> str:
    """The base64 text of a picture, made in a thread that lets the others run between two pieces."""
    return await asyncio.to_thread(_encode, data)


def _encode(data: bytes) -> str:
    view = memoryview(data)
    pieces = (view[at : at + _PIECE_BYTES] for at in range(0, len(view), _PIECE_BYTES))
    return b"".join(map(base64.b64encode, pieces)).decode("ascii")


async def data_uri_of(given: Input) -> str:
    """A picture as an address that holds it."""
    return f"data:{given.media_type};base64,{await base64_of(given.data)}"


def file_name_of(given: Input) -> str:
    """A name for a picture's file, from its bytes: the same one each time."""
    return f"{given.sha256[:32]}.{EXTENSIONS.get(given.media_type, 'bin')}"


def parted(inputs: Sequence[Input]) -> tuple[list[Input], Input | None]:
    """The pictures, and the mask of the first of them where one is given."""
    pictures = [one for one in inputs if one.use is not Use.MASK]
    return pictures, next((one for one in inputs if one.use is Use.MASK), None)


async def grey_of(mask: Input) -> Input:
    """The mask in grey: white may change. Raises ProviderError."""
    return await _painted(mask, masks.grey)


async def clear_of(mask: Input) -> Input:
    """The mask see-through where it may change. Raises ProviderError."""
    return await _painted(mask, masks.see_through)


async def _painted(mask: Input, paint: Callable[[bytes], Awaitable[bytes]]) -> Input:
    try:
        return dataclasses.replace(mask, data=await paint(mask.data), media_type=PNG)
    except BadImage as error:
        raise ProviderError(f"the mask: {error}", reached=Reached.NO, trouble=Trouble.ORDER) from error
    except StoreBusy as error:  # no process can be started
        raise ProviderError(f"the mask: {error}", reached=Reached.NO, trouble=Trouble.BUSY) from error


def no_mask(order: Order) -> ProviderError:
    """The error of an order without a mask for a model that does nothing without."""
    return ProviderError(f"{order.model} needs a mask", reached=Reached.NO, trouble=Trouble.ORDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFile:
    """A file of a form."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


def file_of(given: Input) -> FormFile:
    """A picture as a file of a form."""
    return FormFile(name=file_name_of(given), media_type=given.media_type, data=given.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Multipart:
    """A whole multipart body with its content type."""

    media_type: str
    body: bytes = field(repr=False)


def form(fields: Mapping[str, str], files: Sequence[tuple[str, FormFile]], *, key: str) -> Multipart:
    """The form's fields, then its files. `key` makes the boundary, so that a repeat is the same bytes."""
    boundary = "easel-" + hashlib.sha256(key.encode()).hexdigest()[:40]
    parts: list[bytes] = []
    for name, value in fields.items():
        parts.append(_head(boundary, name))
        parts.append(b"\r\n" + value.encode("utf-8", "surrogatepass"))
    for name, file in files:
        parts.append(_head(boundary, name, f'; filename="{_quoted(file.name)}"'))
        parts.append(f"Content-Type: {file.media_type}\r\n\r\n".encode() + file.data)
    parts.append(f"--{boundary}--\r\n".encode())
    return Multipart(media_type=f"multipart/form-data; boundary={boundary}", body=_joined(parts))


def _head(boundary: str, name: str, more: str = "") -> bytes:
    return f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"{more}\r\n'.encode()


def _joined(parts: list[bytes]) -> bytes:
    """Heads and bodies in turn, the last boundary alone."""
    body = bytearray()
    for at in range(0, len(parts) - 1, 2):
        body += parts[at] + parts[at + 1] + b"\r\n"
    body += parts[-1]
    return bytes(body)


def _quoted(name: str) -> str:
    return name.replace("\\", "%5C").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
