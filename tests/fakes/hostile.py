"""Pictures that mean harm, and what good ones are built of; made by code, each as small as its kind allows."""

import io
import struct
import zlib
from functools import cache

from PIL import Image

PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def picture(width=64, height=48, *, kind="PNG", mode="RGB", color="red", **options) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height), color).save(out, kind, **options)
    return out.getvalue()


def gradient(width: int, height: int, *, kind="PNG", mode="RGB", **options) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert(mode).save(out, kind, **options)
    return out.getvalue()


def animation(frames: int, *, kind="PNG") -> bytes:
    images = [Image.new("RGB", (16, 16), (n % 256, n // 256, 0)) for n in range(frames)]
    out = io.BytesIO()
    images[0].save(out, kind, save_all=True, append_images=images[1:], duration=50)
    return out.getvalue()


# ── PNG ──────────────────────────────────────────────────────────────────────────────────────────────


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def with_chunks(png: bytes, *chunks: bytes) -> bytes:
    """The chunks behind the header, before the pixels."""
    at = len(PNG_HEAD) + 25
    return png[:at] + b"".join(chunks) + png[at:]


@cache
def zeros(mebibytes: int) -> bytes:
    """So many of them, squeezed to a thousandth."""
    return zlib.compress(bytes(mebibytes << 20), 9)


def squeezed_text(packed: bytes, *, keyword=b"Comment") -> bytes:
    return chunk(b"zTXt", keyword + b"\0\0" + packed)


def squeezed_words(packed: bytes) -> bytes:
    return chunk(b"iTXt", b"Comment\0\1\0\0\0" + packed)


def squeezed_profile(packed: bytes) -> bytes:
    return chunk(b"iCCP", b"icc\0\0" + packed)


# ── JPEG ─────────────────────────────────────────────────────────────────────────────────────────────


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """The segments right behind the start."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def repeated_scans(side: int, scans: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again: some bytes, and a pass over all pixels each."""
    jpeg = picture(side, side, kind="JPEG", mode="L", color=128, progressive=True)
    last, end = jpeg.rindex(b"\xff\xda"), jpeg.rindex(b"\xff\xd9")
    return jpeg[:end] + jpeg[last:end] * scans + jpeg[end:]


# ── WebP ─────────────────────────────────────────────────────────────────────────────────────────────


def riff(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def with_riff(webp: bytes, *chunks: bytes) -> bytes:
    """The chunks behind all others, with the file's length put right."""
    body = webp[8:] + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body
