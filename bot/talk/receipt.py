"""When a request may be acknowledged: when it is durable, or answered without being an order.

That takes milliseconds. Whatever takes longer is acknowledged before the platform's patience is over.
"""

import asyncio
from collections.abc import Callable


class Receipt:
    """Whether a request may be acknowledged: it is durable, or was refused with a sentence for its form."""

    def __init__(self) -> None:
        self._said: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._late = False

    @property
    def wanted(self) -> bool:
        """Whether a form still stands open for a refusal."""
        return not self._late and not self._said.done()

    def accept(self) -> None:
        """It can't be lost any more."""
        self.refuse("")

    def refuse(self, sentence: str) -> None:
        """It can't be had, and a form that still stands open says why."""
        if not self._said.done():
            self._said.set_result(sentence)

    def when_over(self, act: Callable[[], None]) -> None:
        """Calls it as soon as nothing stands before the acknowledgement any more."""
        self._said.add_done_callback(lambda _: act())

    async def within(self, wait_s: float) -> str:
        """Waits for it, and no longer than that; the sentence of a refusal."""
        done, _ = await asyncio.wait([self._said], timeout=wait_s)
        self._late = not done
        return self._said.result() if done else ""
