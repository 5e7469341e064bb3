"""Calls of Stripe's API: bounded in time and size, every failure a StripeFault that says nothing of the key."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from bot.process import trust, unreached
from integrations.stripe.settings import StripeSettings

TIMEOUT_S = 15.0
BODY_BYTES = 8 * 1024 * 1024
_AT_ONCE = 8
_REFUSED_FROM = 400

Fields = Sequence[tuple[str, str]]


class StripeFault(Exception):
    """Stripe did not do it; `status` 0: it was not reached, or its answer was no answer."""

    def __init__(self, status: int, detail: str) -> None:
        self.status = status
        super().__init__(f"{status or 'not reached'}: {detail[:200]}")


class StripeApi:
    """One account. Made inside a running event loop."""

    def __init__(self, settings: StripeSettings) -> None:
        self._base_url = settings.base_url
        self._key = settings.api_key.get_secret_value()
        self._client = httpx.AsyncClient(
            verify=trust.authorities(), trust_env=False, follow_redirects=False, timeout=TIMEOUT_S
        )
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def get(self, path: str, fields: Fields = ()) -> dict[str, Any]:
        """Raises StripeFault."""
        return await self._call("GET", path, params=list(fields))

    async def post(self, path: str, fields: Fields, *, key: str) -> dict[str, Any]:
        """Does something once for the key: Stripe keeps it for a day. Raises StripeFault."""
        return await self._call("POST", path, data=dict(fields), headers={"Idempotency-Key": key})

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _call(self, method: str, path: str, **sent: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._key}", **sent.pop("headers", {})}
        try:
            async with (
                self._places,
                asyncio.timeout(TIMEOUT_S),
                self._client.stream(method, self._base_url + path, headers=headers, **sent) as answer,
            ):
                body = await _whole(answer)
        except (httpx.HTTPError, TimeoutError, OSError) as error:
            raise StripeFault(0, unreached.why(error)) from error
        said = _object(body)
        if answer.status_code >= _REFUSED_FROM:
            raise StripeFault(answer.status_code, _detail(said))
        if said is None:
            raise StripeFault(0, "the answer is no JSON object")
        return said


async def _whole(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > BODY_BYTES:
            raise StripeFault(0, "the answer is too large")
    return bytes(body)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _detail(said: Mapping[str, Any] | None) -> str:
    """Its code and the parameter; its sentence can quote the key."""
    error = (said or {}).get("error")
    if not isinstance(error, dict):
        return "refused"
    return " ".join(str(error[one]) for one in ("type", "code", "param") if error.get(one))
