"""Pictures painted when somebody first looks, in at most two threads, kept within a bound."""

import asyncio
from collections import OrderedDict

from integrations.simulator.faults import without_magic
from integrations.simulator.operations import Operation

KEPT_BYTES = 64 * 1024 * 1024
PAINTERS = 2
TINY_PX = 64


class OperationPictures:
    """Answers an operation's pictures."""

    def __init__(self, *, tiny_images: bool) -> None:
        self._tiny = tiny_images
        self._kept: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._kept_bytes = 0
        self._painters = asyncio.Semaphore(PAINTERS)

    async def picture(self, operation: Operation, index: int) -> bytes:
        """One PNG; painted once while it is kept."""
        key = (operation.id, index)
        async with self._painters:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
            png = await asyncio.to_thread(self._paint, operation, index)
        self._keep(key, png)
        return png

    def _paint(self, operation: Operation, index: int) -> bytes:
        from integrations.painter.paint import paint  # noqa: PLC0415 - slow, and nobody waits for it at a start

        width, height = (TINY_PX, TINY_PX) if self._tiny else operation.wish.frame_px
        return paint(
            without_magic(operation.wish.prompt),
            width=width,
            height=height,
            seed=operation.seed + index,
            transparent=operation.wish.transparent,
            model=operation.wish.model.id,
            given=[one.data for one in operation.wish.given],
        )

    def _keep(self, key: tuple[str, int], png: bytes) -> None:
        if len(png) > KEPT_BYTES or key in self._kept:
            return
        self._kept[key] = png
        self._kept_bytes += len(png)
        while self._kept_bytes > KEPT_BYTES:
            _, old = self._kept.popitem(last=False)
            self._kept_bytes -= len(old)
