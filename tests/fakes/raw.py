"""HTTP by hand, for what no client would send."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from tests.fakes.patience import PATIENCE_S


@contextlib.asynccontextmanager
async def connection(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A bare connection to where a listener is."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def status_of(url: str, request: bytes) -> int:
    """Sends these bytes; answers the status, or 0 where the connection ends without one."""
    async with connection(url) as (reader, writer):
        writer.write(request)
        async with asyncio.timeout(PATIENCE_S):
            with contextlib.suppress(ConnectionError):
                line = await reader.readline()
                return int(line.split()[1]) if line else 0
    return 0


async def asked(url: str, path: str, *headers: str, method: str = "GET", host: str | None = None) -> int:
    """The status of a request with exactly these headers."""
    named = url.removeprefix("http://") if host is None else host
    lines = [f"{method} {path} HTTP/1.1", f"Host: {named}", *headers, "Connection: close"]
    return await status_of(url, "".join(f"{line}\r\n" for line in [*lines, ""]).encode())


async def is_closed(reader: asyncio.StreamReader) -> bool:
    """Whether the other side ends the connection, sooner or later."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while await reader.read(65_536):
                pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True
