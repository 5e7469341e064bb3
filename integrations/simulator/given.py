"""The pictures that a request gives: fetched from this machine alone, weighed, and reduced to what a painter needs.

The real gateway fetches addresses from the open internet. This one has no business there: it plays for a house on
the same machine.
"""

import asyncio
import binascii
import hashlib
from base64 import b64decode
from dataclasses import replace
from urllib.parse import urlsplit

from bot.errors import BadImage, FetchRefused
from bot.http.guard import is_loopback
from bot.pictures.darkroom import Darkroom
from bot.pictures.fetch import Fetch
from bot.pictures.images import INPUT_LIMITS, Fitting
from integrations.simulator.catalogue import Given, Problem, Wish

AT_ONCE = 2  # pictures in hand, each as large as is taken at most
FETCH_S = 20.0
KEPT_PIXELS = 1024 * 1024  # nothing is painted larger
PORTS = {"http": 80, "https": 443}


class Reception:
    """Takes what a request gives, picture by picture."""

    def __init__(self) -> None:
        self._darkroom = Darkroom(processes=1)
        self._turnstile = asyncio.Semaphore(AT_ONCE)

    async def take(self, wish: Wish) -> Wish:
        """The same wish with its pictures. Raises Problem for what can't be fetched, or is none."""
        given = [await self._take(number, address) for number, address in enumerate(wish.addresses)]
        return replace(wish, given=tuple(given))

    async def aclose(self) -> None:
        await self._darkroom.aclose()

    async def _take(self, number: int, address: str) -> Given:
        async with self._turnstile:
            try:
                data = await _bytes_of(address)
                cleaned = await self._darkroom.clean(data, Fitting(pixels=KEPT_PIXELS))
            except (FetchRefused, BadImage) as error:
                message = f"invalid_request_error - input_images[{number}] can't be used: {error}"
                raise Problem(status=400, message=message) from error
        digest = await asyncio.to_thread(hashlib.sha256, data)  # lets go of the GIL
        return Given(
            sha256=digest.hexdigest(),
            size_bytes=len(data),
            width=cleaned.width,
            height=cleaned.height,
            data=cleaned.data,
        )


async def _bytes_of(address: str) -> bytes:
    if address.startswith("data:"):
        return await asyncio.to_thread(_inside, address)
    host, port = _place(address)
    if not is_loopback(host):
        raise FetchRefused("a simulator fetches from this machine alone")
    pair = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    fetch = Fetch(allow_hosts=[pair], redirects=0)
    try:
        return await fetch.get(address, limit_bytes=INPUT_LIMITS.size_bytes, timeout_s=FETCH_S)
    finally:
        await fetch.aclose()


def _place(address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(address)
        return parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise FetchRefused("no web address") from error


def _inside(address: str) -> bytes:
    """What a data: address holds itself."""
    head, _, text = address.partition(",")
    if not head.endswith(";base64"):
        raise BadImage("a data: address without base64")
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadImage("no sound base64") from error
