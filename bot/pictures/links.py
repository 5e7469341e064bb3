"""Capability tokens of links to our pictures: made with the newest key, read with each that still holds."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.errors import ConfigError

SECRET_BYTES_MIN = 16
_KEY_ID = re.compile(r"[A-Za-z0-9_]{1,16}")


@dataclass(frozen=True, slots=True)
class LinkKey:
    """One secret that signs links, and the id by which a link names it."""

    id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not _KEY_ID.fullmatch(self.id):
            raise ConfigError("the id of a link key is 1 to 16 letters, digits or underscores")
        if len(self.secret) < SECRET_BYTES_MIN:
            raise ConfigError(f"a link key's secret has at least {SECRET_BYTES_MIN} bytes")


class Ring:
    """Makes and reads capability tokens: `<key id>.<asset key>.<expiry>.<MAC>` (docs/architecture.md, section 9).

    The newest key comes first and signs; the others are only read, so that old messages stay whole.
    """

    def __init__(self, keys: Sequence[LinkKey]) -> None:
        if not keys:
            raise ConfigError("at least one link key is needed")
        self._newest = keys[0]
        self._keys = {key.id: key for key in reversed(keys)}
        self._nobody = LinkKey("nobody", hashlib.sha256(keys[0].secret).digest())

    def sign(self, asset_key: str, *, expires_at: int | None = None) -> str:
        """Answers the token of an asset; without `expires_at` it is good for as long as the asset."""
        return _token(self._newest, asset_key, "" if expires_at is None else str(expires_at))

    def read(self, token: str, *, now: float) -> str | None:
        """The asset's key, or None. The work is the same whether the key id, the MAC or nothing is wrong."""
        key_id, _, rest = token[:1024].partition(".")
        asset_part, _, rest = rest.partition(".")
        expiry = rest.partition(".")[0]
        asset_key = _unpacked(asset_part)
        # The whole token is made again and compared, so exactly one spelling of it is right.
        expected = _token(self._keys.get(key_id, self._nobody), asset_key, expiry)
        genuine = hmac.compare_digest(token.encode(errors="replace"), expected.encode())
        if not genuine or key_id not in self._keys:
            return None
        return None if expiry and now >= int(expiry) else asset_key


def _token(key: LinkKey, asset_key: str, expiry: str) -> str:
    signed = f"{key.id}.{_packed(asset_key.encode())}.{expiry}"
    mac = hmac.digest(key.secret, b"easel asset link 1\0" + signed.encode(errors="replace"), "sha256")
    return f"{signed}.{_packed(mac[:20])}"


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpacked(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""
