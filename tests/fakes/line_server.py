"""The platform of tests/fakes/lines.py, as small as one can be: lines of text over TCP, and who is connected."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

LINE_BYTES_MAX = 16_384
SEND_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def read(self) -> str | None:
        """The next line; None when that was all, or when it is too long or no text."""
        try:
            return (await self.reader.readline()).decode().strip() or None
        except (ValueError, OSError):
            return None

    async def send(self, *lines: str) -> None:
        """Raises OSError or TimeoutError when nobody reads."""
        self.writer.write("".join(f"{line}\n" for line in lines).encode())
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await self.writer.drain()

    async def send_or_hang_up(self, line: str) -> None:
        try:
            await self.send(line)
        except (OSError, TimeoutError):
            self.writer.close()


async def open_server(hear: Callable[[Wire], Awaitable[None]]) -> asyncio.Server:
    """Calls `hear` for each that connects; who hangs up is gone."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            try:
                await hear(Wire(reader=reader, writer=writer))
            finally:
                writer.close()
                await writer.wait_closed()

    return await asyncio.start_server(connected, "127.0.0.1", 0, limit=LINE_BYTES_MAX)
