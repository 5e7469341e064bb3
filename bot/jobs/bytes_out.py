"""How many bytes of pictures are on their way to services at once: who needs more than is left waits in line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class BytesOut:
    """So many bytes for all jobs of a process together; one that needs more than there are goes alone."""

    def __init__(self, size_bytes: int) -> None:
        self._size_bytes = self.left_bytes = size_bytes
        self._line = asyncio.Lock()
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def taken(self, size_bytes: int) -> AsyncIterator[None]:
        """While the block holds them; the others behind wait, so that a large one has its turn."""
        share = min(size_bytes, self._size_bytes)
        async with self._line:
            while self.left_bytes < share:
                self._changed.clear()
                await self._changed.wait()
            self.left_bytes -= share
        try:
            yield
        finally:
            self.left_bytes += share
            self._changed.set()
