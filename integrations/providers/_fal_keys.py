"""The keys that fal signs its webhooks with: fetched, kept for a while, fetched once more where none fits."""

import asyncio
import hashlib

from bot.errors import ProviderError, Reached
from bot.provider import Call
from integrations.providers import _json, _signatures, _wire

KEPT_S = 24 * 3600.0
ANEW_S = 60.0  # strangers' calls can't make us ask more often
WITHIN_S = 5.0  # fal waits 15 s for our answer
_SIGNED = tuple(f"x-fal-webhook-{name}" for name in ("request-id", "user-id", "timestamp"))


class Keys:
    """The set as it was told last. The time is each call's own `at`."""

    def __init__(self, wire: _wire.Wire, url: str, *, within_s: float) -> None:
        self._wire = wire
        self._url = url
        self._within_s = within_s
        self._keys: tuple[bytes, ...] = ()
        self._told_at: float | None = None
        self._one_at_a_time = asyncio.Lock()

    async def signed(self, call: Call) -> bool:
        """Whether fal has signed the call just now. Raises ProviderError where its keys can't be had."""
        signature = call.headers.get("x-fal-webhook-signature", "")
        facts = [call.headers.get(name, "") for name in _SIGNED]
        if not signature or not all(facts) or not _signatures.is_recent(facts[-1], now=call.at):
            return False
        digest = await asyncio.to_thread(hashlib.sha256, call.body)
        signed = "\n".join([*facts, digest.hexdigest()]).encode("utf-8", "replace")
        if self._is_younger(KEPT_S, call.at) and _signatures.is_ed25519(signature, signed, self._keys):
            return True
        async with self._one_at_a_time:
            if not self._is_younger(ANEW_S, call.at):
                self._keys = await self._fetched()
                self._told_at = call.at
        return _signatures.is_ed25519(signature, signed, self._keys)

    def _is_younger(self, seconds: float, now: float) -> bool:
        return self._told_at is not None and abs(now - self._told_at) < seconds

    async def _fetched(self) -> tuple[bytes, ...]:
        answer = await self._wire.get(self._url, within_s=self._within_s)
        if not answer.good:
            raise _wire.error_of(answer)
        keys = _signatures.keys_of(await _json.read(answer.body))
        if not keys:
            raise ProviderError("no keys of fal's webhooks", reached=Reached.YES)
        return keys
