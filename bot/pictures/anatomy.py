"""How the bytes of a picture are built, read without decoding a pixel: its size, its parts, and what is a bomb.

A picture is taken apart into pieces that joined again are the same bytes (bot/pictures/marks.py changes some).
"""

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bot.errors import BadImage, Flaw
from bot.model import JPEG, PNG, WEBP
from bot.pictures.images import Bounds, Size, sniff

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_PIXELS = (b"IDAT", b"VP8 ", b"VP8L", b"ALPH", b"ANMF")
_SQUEEZED = (b"zTXt", b"iTXt", b"iCCP")
# Frames of a JPEG's pixels, and those among them that hold no size: tables, an extension.
_SOF = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_EOI, _SOS = 0xD9, 0xDA
_BARE = frozenset({0x01, *range(0xD0, 0xDA)})  # markers without a length
# Between a scan's pixels: an FF that is neither stuffed, nor a restart, nor another FF's filling.
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_FILLING = re.compile(rb"\xff{1,64}(?!\xff)")  # bytes before a marker; more of them are a joke
_HEAD_PARTS = 2_000  # segments before the pixels: a profile or a manifest of megabytes has 64 KiB in each


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One part of a file: `name` is a chunk's four letters or `FFxx` of a segment, b"" for all else.

    Pixels are looked at where they are: each copy of a large file costs as much as decoding a small one.
    """

    name: bytes
    raw: bytes | memoryview = field(repr=False)
    body: bytes = field(repr=False, default=b"")


def size_of(data: bytes) -> Size:
    """What the header says; quick, whatever the file's length. Raises BadImage."""
    media_type = sniff(data)
    try:
        width, height = _KINDS[media_type].size(data)
    except struct.error as error:
        raise BadImage("cut off in its header") from error
    if not width or not height:
        raise BadImage("no size")
    return Size(media_type=media_type, width=width, height=height)


def examine(data: bytes, limits: Bounds) -> Size:
    """Refuses what should not be decoded: too large, too many scans, parts or frames, bombs beside the pixels."""
    if len(data) > limits.size_bytes:
        raise BadImage(f"more than {limits.size_bytes} bytes", flaw=Flaw.LARGE)
    size = size_of(data)
    if max(size.width, size.height) > limits.side_px or size.width * size.height > limits.pixels:
        raise BadImage(f"{size.width}x{size.height} is too large", flaw=Flaw.LARGE)
    if size.peak_bytes > limits.memory_bytes:
        raise BadImage(f"{size.width}x{size.height} would need {size.peak_bytes >> 20} MiB", flaw=Flaw.LARGE)
    try:
        _KINDS[size.media_type].examine(data, limits)
    except struct.error as error:
        raise BadImage("cut off in one of its parts") from error
    return size


def pieces_of(data: bytes, media_type: str) -> list[Piece]:
    """The picture taken apart; what follows its end is the last piece, named `tail`."""
    return list(_KINDS[media_type].pieces(data))


# ── PNG ──────────────────────────────────────────────────────────────────────────────────────────────


def _png_size(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of each chunk, until IEND or the file's end."""
    at = len(PNG_HEAD)
    while at + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise BadImage("cut off in a chunk")
        yield name, at, end
        if name == b"IEND":
            return
        at = end
    raise BadImage("cut off between chunks")


def _examine_png(data: bytes, limits: Bounds) -> None:
    squeezed = 0
    for number, (name, start, end) in enumerate(_chunks(data)):
        if (name == b"IHDR") != (number == 0):
            raise BadImage("its header is not where it belongs")
        if number >= limits.parts:
            raise BadImage(f"more than {limits.parts} chunks")
        if name == b"acTL" and int.from_bytes(data[start + 8 : min(start + 12, end - 4)]) > 1:
            raise BadImage("an animation", flaw=Flaw.ANIMATED)
        squeezed += name in _SQUEEZED
        if squeezed > limits.squeezed_parts:
            raise BadImage(f"more than {limits.squeezed_parts} compressed texts")


def _png_pieces(data: bytes) -> Iterator[Piece]:
    whole, end = memoryview(data), len(PNG_HEAD)
    yield Piece(b"", whole[:end])
    for name, start, end in _chunks(data):
        yield Piece(name, whole[start:end], b"" if name in _PIXELS else data[start + 8 : end - 4])
    if end < len(data):
        yield Piece(b"tail", whole[end:])


# ── WebP ─────────────────────────────────────────────────────────────────────────────────────────────


def _webp_size(data: bytes) -> tuple[int, int]:
    """The canvas, as the first chunk says it: VP8X, VP8L or VP8."""
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise BadImage("a WebP without a picture")


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, int, int, int]]:
    """Name, start, end of the body and end with padding of each chunk."""
    at, end = 12, min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    while at + 8 <= end:
        name, length = struct.unpack_from("<4sI", data, at)
        body_end = at + 8 + length
        if body_end > len(data):
            raise BadImage("cut off in a chunk")
        yield name, at, body_end, min(body_end + length % 2, len(data))
        at = body_end + length % 2


def _examine_webp(data: bytes, limits: Bounds) -> None:
    frames = 0
    for number, (name, _, _, _) in enumerate(_webp_chunks(data)):
        if number >= limits.parts:
            raise BadImage(f"more than {limits.parts} chunks")
        frames += name == b"ANMF"
        if frames > 1:
            raise BadImage("an animation", flaw=Flaw.ANIMATED)


def _webp_pieces(data: bytes) -> Iterator[Piece]:
    whole, end = memoryview(data), 12
    yield Piece(b"", whole[:end])
    for name, start, body_end, end in _webp_chunks(data):
        most = start + 13 if name in _PIXELS else body_end  # of pixels the header's five bytes
        yield Piece(name, whole[start:end], data[start + 8 : most])
    if end < len(data):
        yield Piece(b"tail", whole[end:])


# ── JPEG ─────────────────────────────────────────────────────────────────────────────────────────────


def _segments(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Marker, start, start of the body and end of each segment, a scan's pixels included, to the picture's end."""
    at = 2
    while at + 2 <= len(data):
        filling = _FILLING.match(data, at)
        if filling is None or filling.end() >= len(data):
            raise BadImage("no segment where one should begin")
        marker, end = data[filling.end()], filling.end() + 1
        body = end
        if marker not in _BARE:
            body, end = end + 2, end + struct.unpack_from(">H", data, end)[0]
        if marker == _SOS:
            found = _MARKER.search(data, end)
            end = found.start() if found else len(data)
        yield marker, at, body, end
        if marker == _EOI:
            return
        at = end


def _jpeg_size(data: bytes) -> tuple[int, int]:
    for number, (marker, _, body, _) in enumerate(_segments(data)):
        if marker in _SOF:
            height, width = struct.unpack_from(">HH", data, body + 1)
            return width, height
        if marker == _SOS or number >= _HEAD_PARTS:
            break
    raise BadImage("a JPEG without a picture")


def _examine_jpeg(data: bytes, limits: Bounds) -> None:
    scans = frames = 0
    for number, (marker, _, _, _) in enumerate(_segments(data)):
        scans += marker == _SOS
        frames += marker in _SOF
        if scans > limits.scans:
            raise BadImage(f"more than {limits.scans} scans")
        if frames > 1 or number >= limits.parts:
            raise BadImage("more than one picture, or too many segments")


def _jpeg_pieces(data: bytes) -> Iterator[Piece]:
    """The segments before the pixels one by one, then all pixels as one piece."""
    whole, pixels, end = memoryview(data), 0, 2
    yield Piece(b"SOI", whole[:2])
    for marker, start, body, end in _segments(data):
        pixels = pixels or (start if marker == _SOS else 0)
        if not pixels:
            yield Piece(b"FF%02X" % marker, whole[start:end], data[body:end])
    yield Piece(b"", whole[pixels or end : end])
    if end < len(data):
        yield Piece(b"tail", whole[end:])


@dataclass(frozen=True, slots=True)
class _TypeReader:
    """How one type is read."""

    size: Callable[[bytes], tuple[int, int]]
    examine: Callable[[bytes, Bounds], None]
    pieces: Callable[[bytes], Iterator[Piece]]


_KINDS = {
    PNG: _TypeReader(_png_size, _examine_png, _png_pieces),
    JPEG: _TypeReader(_jpeg_size, _examine_jpeg, _jpeg_pieces),
    WEBP: _TypeReader(_webp_size, _examine_webp, _webp_pieces),
}
