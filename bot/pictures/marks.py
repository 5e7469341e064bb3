"""What stands beside the pixels: the mark that a picture was made by a machine, and what would tell of a person.

Both are changed without touching a pixel. Runs where pictures are decoded (bot/pictures/child.py).

The mark is IPTC's DigitalSourceType in XMP (https://iptc.org/std/photometadata/specification/), which readers of
all three types know. A manifest of C2PA is a mark of its own, signed over the whole file: it is never touched.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from PIL import Image

from bot.model import JPEG, PNG, WEBP
from bot.pictures.anatomy import Piece, pieces_of, size_of

TOOL = "Easel"
AI_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

_DESCRIPTION = (
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    f' Iptc4xmpExt:DigitalSourceType="{AI_SOURCE}"%s/>'
)
_RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
_TOOL = f' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="{TOOL}"'
XMP = (
    f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {_RDF}>{_DESCRIPTION % _TOOL}</rdf:RDF></x:xmpmeta>'
).encode()

# What says that a machine made it, each; the mark is a property of the picture, and no word in somebody's prompt.
_MACHINES = re.compile(
    r"\S*digitalsourcetype/(compositeWithTrained|trained|)AlgorithmicMedia/?", re.IGNORECASE
)
_SOURCE_TYPE = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
_RESOURCE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"
_OTHER_SOURCE = re.compile(
    r"""\s[\w-]+:DigitalSourceType\s*=\s*("[^"]*"|'[^']*')|<([\w-]+:DigitalSourceType)\b[^>]*?(/>|>.*?</\2\s*>)""",
    re.DOTALL,
)
_WHERE = re.compile(
    r"""\s[\w-]+:GPS\w+\s*=\s*("[^"]*"|'[^']*')|<([\w-]+:GPS\w+)\b[^>]*?(/>|>.*?</\2\s*>)""", re.DOTALL
)
_RDF_ENDS = "</rdf:RDF>"

# All that EXIF may keep: how the picture lies, its resolution and colours, and which program wrote it.
_ORIENTATION = 0x0112
_EXIF_KEPT = frozenset({_ORIENTATION, 0x0100, 0x0101, 0x011A, 0x011B, 0x0128, 0x0131, 0x0213, 0x8769})
_EXIF_IFD = 0x8769
_EXIF_IFD_KEPT = frozenset({0x9000, 0x9101, 0xA000, 0xA001, 0xA002, 0xA003})
_EXIF_HEAD = b"Exif\0\0"
_BROKEN_EXIF = (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error, Warning)

_JPEG_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_SEGMENT_MOST = 65_533
_PNG_XMP = b"XML:com.adobe.xmp\0"
_PNG_OLD_EXIF = (b"Raw profile type exif", b"Raw profile type APP1")
_TEXT_MOST = 1024 * 1024
_C2PA = ((b"FFEB", b"c2pa"), (b"caBX", b"c2pa"), (b"C2PA", b""))
_WEBP_HEAD_BYTES = 32  # of a piece: enough for a picture's size
_VP8X_EXIF, _VP8X_XMP, _VP8X_ALPHA = 0x08, 0x04, 0x10


def mark(data: bytes, media_type: str) -> bytes:
    """A picture that we have just written ourselves, with the mark."""
    pieces = pieces_of(data, media_type)
    return _joined(_with_xmp(pieces, XMP, media_type), media_type)


def prepare(data: bytes, media_type: str) -> bytes:
    """An original as it is kept: with a mark if it had none, and without what tells of a person.

    One that is well already stays byte for byte as it came. Raises BadImage.
    """
    pieces = pieces_of(data, media_type)
    signed = any(piece.name == name and word in piece.body for piece in pieces for name, word in _C2PA)
    kept = [clean for piece in pieces if (clean := _impersonal(piece, media_type)) is not None]
    if not signed:
        # What follows the end is no part of the picture, and nobody has looked at it.
        kept = [piece for piece in kept if piece.name != b"tail"]
    packets = [xmp for piece in kept if (xmp := _xmp_of(piece, media_type)) is not None]
    known = packets[0] if packets else None
    wanted = _mended(known, marked=signed)
    # Of several packets nobody can tell which one a reader takes.
    if wanted is not None and (wanted != known or (len(packets) > 1 and not signed)):
        kept = _with_xmp([p for p in kept if _xmp_of(p, media_type) is None], wanted, media_type)
    return data if kept == pieces else _joined(kept, media_type)


# ── XMP ──────────────────────────────────────────────────────────────────────────────────────────────


def _mended(xmp: bytes | None, *, marked: bool) -> bytes | None:
    """The packet without a place and with a mark; None where there is none and need be none."""
    if xmp is None:
        return None if marked else XMP
    try:
        text = xmp.decode()
    except UnicodeDecodeError:
        return XMP
    placeless = _WHERE.sub("", text)
    if marked or is_marked(xmp):
        return placeless.encode() if placeless != text else xmp
    sourceless = _OTHER_SOURCE.sub("", placeless)
    head, end, tail = sourceless.rpartition(_RDF_ENDS)
    if not end or _RDF not in head.replace("'", '"'):
        return XMP
    mended = f"{head}{_DESCRIPTION % ''}{end}{tail}".encode()
    return mended if len(mended) < _SEGMENT_MOST - len(_JPEG_XMP) and is_marked(mended) else XMP


def is_marked(xmp: bytes) -> bool:
    """Whether a reader of XMP finds the mark: prompts are written into packets, and may spell it."""
    if b"<!DOCTYPE" in xmp or b"<!ENTITY" in xmp:  # no packet has one, and it could swell
        return False
    try:
        packet = ET.fromstring(xmp.strip(b"\0 \t\r\n"))  # noqa: S314 - bounded, in a process of its own
    except (ET.ParseError, ValueError, LookupError):
        return False
    return any(_MACHINES.fullmatch(said.strip()) for said in _sources_of(packet))


def _sources_of(packet: ET.Element) -> Iterator[str]:
    """Every value that the property has, in each of the ways in which XMP writes one."""
    for element in packet.iter():
        yield element.get(_SOURCE_TYPE, "")
        if element.tag == _SOURCE_TYPE:
            yield element.get(_RESOURCE, "")
            yield from element.itertext()


def _xmp_of(piece: Piece, media_type: str) -> bytes | None:
    if media_type == JPEG:
        is_xmp = piece.name == b"FFE1" and piece.body.startswith(_JPEG_XMP)
        return piece.body[len(_JPEG_XMP) :] if is_xmp else None
    if media_type == WEBP:
        return piece.body if piece.name == b"XMP " else None
    if piece.name == b"iTXt" and piece.body.startswith(_PNG_XMP):
        return _png_text(piece.body[len(_PNG_XMP) :])
    return None


def _png_text(body: bytes) -> bytes:
    """What follows the keyword of an iTXt: two flags, language, translated keyword, and the text."""
    _language, _, rest = body[2:].partition(b"\0")
    _keyword, _, text = rest.partition(b"\0")
    if body[:1] != b"\1":
        return text
    try:
        return zlib.decompressobj().decompress(text, _TEXT_MOST)
    except zlib.error:
        return b""


def _with_xmp(pieces: list[Piece], xmp: bytes, media_type: str) -> list[Piece]:
    """The packet where its type wants it: in a PNG before the pixels, in a JPEG behind JFIF and EXIF, in a WebP last."""
    if media_type == PNG:
        piece = _png_chunk(b"iTXt", _PNG_XMP + b"\0\0\0\0" + xmp)
        return [*pieces[:2], piece, *pieces[2:]]
    if media_type == WEBP:
        at = next((n for n, piece in enumerate(pieces) if piece.name == b"tail"), len(pieces))
        return [*pieces[:at], _webp_chunk(b"XMP ", xmp), *pieces[at:]]
    at = next(n for n, piece in enumerate(pieces) if n and not _leads(piece))
    return [*pieces[:at], _segment(b"FFE1", _JPEG_XMP + xmp), *pieces[at:]]


def _leads(piece: Piece) -> bool:
    return piece.name == b"FFE0" or (piece.name == b"FFE1" and piece.body.startswith(_EXIF_HEAD))


# ── What tells of a person ───────────────────────────────────────────────────────────────────────────


def _impersonal(piece: Piece, media_type: str) -> Piece | None:
    """The piece, one that says less instead, or nothing."""
    if media_type == PNG and piece.name in (b"tEXt", b"zTXt", b"iTXt"):
        return None if piece.body.startswith(_PNG_OLD_EXIF) else piece
    is_exif = piece.name in (b"eXIf", b"EXIF") or (
        piece.name == b"FFE1" and piece.body.startswith(_EXIF_HEAD)
    )
    if not is_exif:
        return piece
    exif = Image.Exif()
    try:
        exif.load(piece.body)
        orientation = int(exif.get(_ORIENTATION, 1))
        personal = set(exif) - _EXIF_KEPT or set(exif.get_ifd(_EXIF_IFD)) - _EXIF_IFD_KEPT
    except _BROKEN_EXIF:
        return None
    if not personal:
        return piece
    return _upright(orientation, media_type)


def _upright(orientation: int, media_type: str) -> Piece | None:
    """EXIF that says how the picture lies, and nothing else."""
    if orientation not in range(2, 9):
        return None
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    body = exif.tobytes()
    if media_type == JPEG:
        return _segment(b"FFE1", body)
    body = body.removeprefix(_EXIF_HEAD)
    return _png_chunk(b"eXIf", body) if media_type == PNG else _webp_chunk(b"EXIF", body)


# ── Putting together ─────────────────────────────────────────────────────────────────────────────────


def _png_chunk(name: bytes, body: bytes) -> Piece:
    checksum = struct.pack(">I", zlib.crc32(name + body))
    return Piece(name, struct.pack(">I", len(body)) + name + body + checksum, body)


def _segment(name: bytes, body: bytes) -> Piece:
    return Piece(name, bytes.fromhex(name.decode()) + struct.pack(">H", len(body) + 2) + body, body)


def _webp_chunk(name: bytes, body: bytes) -> Piece:
    return Piece(name, name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2), body)


def _joined(pieces: list[Piece], media_type: str) -> bytes:
    if media_type == WEBP:
        pieces = _webp_of(pieces)
    return b"".join(piece.raw for piece in pieces)


def _webp_of(pieces: list[Piece]) -> list[Piece]:
    """The file with its length and its VP8X, which says what else is inside, made anew."""
    names = {piece.name for piece in pieces}
    inner = [piece for piece in pieces[1:] if piece.name not in (b"VP8X", b"tail")]
    known = next((piece.body for piece in pieces if piece.name == b"VP8X"), b"")
    if known:
        flags, canvas = known[0] & ~(_VP8X_EXIF | _VP8X_XMP), known[4:10]
    else:
        size = size_of(b"".join(piece.raw[:_WEBP_HEAD_BYTES] for piece in pieces[:2]))
        # Of a file without VP8X only VP8L may have an alpha channel; its header says whether.
        flags = _VP8X_ALPHA if inner[0].name == b"VP8L" and inner[0].body[4] & 0x10 else 0
        canvas = (size.width - 1).to_bytes(3, "little") + (size.height - 1).to_bytes(3, "little")
    flags |= _VP8X_EXIF * (b"EXIF" in names) | _VP8X_XMP * (b"XMP " in names)
    inner = [_webp_chunk(b"VP8X", bytes((flags, 0, 0, 0)) + canvas), *inner]
    length = 4 + sum(len(piece.raw) for piece in inner)
    head = Piece(b"", b"RIFF" + struct.pack("<I", length) + b"WEBP")
    return [head, *inner, *(piece for piece in pieces if piece.name == b"tail")]
