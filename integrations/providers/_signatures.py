"""Webhooks: whether a call is the service's, by its signature over the raw bytes and within a window of time."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from bot.provider import Call

WINDOW_S = 300.0  # how far a call's own time may be from ours
_SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with, and none


def is_recent(timestamp: str, *, now: float, window_s: float = WINDOW_S) -> bool:
    """Whether a time in unix seconds, as a header writes it, is now, more or less."""
    return timestamp.isascii() and timestamp.isdecimal() and abs(now - int(timestamp[:12])) <= window_s


def is_standard(call: Call, secret: str) -> bool:
    """Standard Webhooks: HMAC-SHA-256 over `id.timestamp.body` by the secret after `whsec_`, one of several v1."""
    called, timestamp = call.headers.get("webhook-id", ""), call.headers.get("webhook-timestamp", "")
    key = _bytes_of(secret.removeprefix(_SECRET_PREFIX))
    if not called or not key or not is_recent(timestamp, now=call.at):
        return False
    signed = f"{called}.{timestamp}.".encode("utf-8", "replace") + call.body
    right = base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
    given = call.headers.get("webhook-signature", "").split()
    return any(
        hmac.compare_digest(one.removeprefix("v1,").encode("utf-8", "replace"), right)
        for one in given[:_SIGNATURES_MAX]
        if one.startswith("v1,")
    )


_SIGNATURES_MAX = 20


def is_hmac_hex(given: str, body: bytes, secret: str) -> bool:
    """`sha256=<hex>`: HMAC-SHA-256 over the body alone. It has no time in it: handle each id once."""
    right = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()
    told = given.removeprefix("sha256=").strip().lower().encode("utf-8", "replace")
    return bool(secret) and hmac.compare_digest(told, right)


def keys_of(jwks: object) -> tuple[bytes, ...]:
    """The raw ED25519 keys of a JSON Web Key Set; whatever else stands in it is left out."""
    keys = jwks.get("keys") if isinstance(jwks, Mapping) else None
    if not isinstance(keys, Sequence):
        return ()
    texts = (key.get("x") for key in keys[:_SIGNATURES_MAX] if isinstance(key, Mapping))
    found = (_url_bytes_of(text) for text in texts if isinstance(text, str))
    return tuple(key for key in found if len(key) == _KEY_BYTES)


_KEY_BYTES = 32


def is_ed25519(signature_hex: str, signed: bytes, keys: Sequence[bytes]) -> bool:
    """Whether one of the keys has made this signature. The package that can tell is the extra `fal`."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra, and slow to import
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - the same

    try:
        signature = bytes.fromhex(signature_hex)
    except ValueError:
        return False
    for key in keys:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
        except (InvalidSignature, ValueError):
            continue
        return True
    return False


def _bytes_of(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _url_bytes_of(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""
