"""What goes between the program and the process that decodes: a head of JSON and some bytes, never a pickle.

The far side has read hostile bytes, so what it answers is bounded and checked like anything foreign.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

_LENGTHS = struct.Struct(">II")
_HEAD_BYTES = 64 * 1024
_BLOBS = 16


class Garbled(Exception):
    """What came is no message."""


class ByteReader(Protocol):
    """Where bytes come from."""

    def read(self, size: int, /) -> bytes | None: ...


class ByteWriter(Protocol):
    """Where bytes go."""

    def write(self, data: bytes | memoryview, /) -> int | None: ...


@dataclass(frozen=True, slots=True)
class WireMessage:
    """One request or answer."""

    head: dict[str, Any]
    blobs: tuple[bytes, ...] = field(default=(), repr=False)


def send(stream: ByteWriter, head: dict[str, Any], blobs: Sequence[bytes] = ()) -> None:
    """Writes one message, whole."""
    text = json.dumps(head).encode()
    lengths = struct.pack(f">{len(blobs)}Q", *map(len, blobs))
    for part in (_LENGTHS.pack(len(text), len(blobs)) + text + lengths, *blobs):
        _write(stream, part)


def receive(stream: ByteReader, *, limit_bytes: int) -> WireMessage | None:
    """Reads one message, None at the stream's end. Raises Garbled."""
    start = _read(stream, _LENGTHS.size)
    if not start:
        return None
    text_bytes, count = _LENGTHS.unpack(_whole(start, _LENGTHS.size))
    if text_bytes > _HEAD_BYTES or count > _BLOBS:
        raise Garbled
    try:
        head = json.loads(_whole(_read(stream, text_bytes), text_bytes))
    except ValueError as error:
        raise Garbled from error
    lengths = struct.unpack(f">{count}Q", _whole(_read(stream, 8 * count), 8 * count))
    if sum(lengths) > limit_bytes or not isinstance(head, dict):
        raise Garbled
    return WireMessage(head, tuple(_whole(_read(stream, length), length) for length in lengths))


def _write(stream: ByteWriter, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[stream.write(left) or 0 :]


def _read(stream: ByteReader, size: int) -> bytes:
    """So many bytes, or those until the stream's end."""
    pieces, left = [], size
    while left and (piece := stream.read(left)):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _whole(data: bytes, size: int) -> bytes:
    if len(data) != size:
        raise Garbled
    return data
