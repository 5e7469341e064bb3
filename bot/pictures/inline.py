"""Base64, as providers send pictures inline; decoded in pieces on the loop, since a thread would not help.

binascii holds the GIL. bench/images.py takes the stalls.
"""

import asyncio
import binascii
import io

from bot.errors import BadImage
from bot.pictures.images import LIMITS

_PIECE = 24 * 1024
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


async def decode_base64(text: str, *, limit_bytes: int = LIMITS.size_bytes) -> bytes:
    """Decodes base64 text or a `data:` URI, giving way to the event loop after every 24 KiB.

    The size is checked before anything is decoded.
    """
    start, end = _body(text)
    if (end - start) // 4 * 3 > limit_bytes:
        raise BadImage(f"more than {limit_bytes} bytes")
    out, carry = io.BytesIO(), b""
    for at in range(start, end, _PIECE):
        letters = carry + _letters(text[at : min(at + _PIECE, end)])
        whole = len(letters) - len(letters) % 4
        out.write(_bits(letters[:whole]))
        carry = letters[whole:]
        await asyncio.sleep(0)
    out.write(_bits(carry + b"=" * (-len(carry) % 4)))
    if not 0 < out.tell() <= limit_bytes:
        raise BadImage(f"nothing, or more than {limit_bytes} bytes")
    return out.getvalue()


def _body(text: str) -> tuple[int, int]:
    """Where the letters begin and end: after a data URI's head, before the padding."""
    start = 0
    if text[:5].lower() == "data:":
        start = text.find(",", 0, 256) + 1
        if not text[: max(start - 1, 0)].lower().endswith(";base64"):
            raise BadImage("a data URI without base64")
    # Only the tail is searched: to look through megabytes would be a stall of its own.
    end = text.find("=", max(start, len(text) - 64))
    if end < 0:
        return start, len(text)
    if text[end:].strip("= \t\r\n"):
        raise BadImage("padding inside base64")
    return start, end


def _letters(piece: str) -> bytes:
    """The piece without line breaks, in the standard alphabet."""
    if "=" in piece:
        raise BadImage("padding inside base64")
    try:
        return piece.encode("ascii").translate(_URL_SAFE, b" \t\r\n")
    except UnicodeEncodeError as error:
        raise BadImage("no base64") from error


def _bits(letters: bytes) -> bytes:
    try:
        return binascii.a2b_base64(letters, strict_mode=True) if letters else b""
    except binascii.Error as error:
        raise BadImage("no base64") from error
