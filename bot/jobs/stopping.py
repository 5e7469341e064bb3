"""That the worker stops, and the sleeps which end then: a timer each, and no task."""

import asyncio


class Stopping:
    """Set once; whoever sleeps wakes up."""

    def __init__(self) -> None:
        self._set = False
        self._sleepers: set[asyncio.Future[None]] = set()

    def is_set(self) -> bool:
        """Whether the worker stops."""
        return self._set

    def set(self) -> None:
        """From now on nobody sleeps."""
        self._set = True
        for sleeper in self._sleepers:
            _wake(sleeper)

    async def sleep(self, seconds: float) -> bool:
        """Sleeps; answers False when the worker stops meanwhile."""
        if seconds <= 0:
            return True
        if self._set:
            return False
        loop = asyncio.get_running_loop()
        sleeper = loop.create_future()
        timer = loop.call_later(seconds, _wake, sleeper)
        self._sleepers.add(sleeper)
        try:
            await sleeper
        finally:
            timer.cancel()
            self._sleepers.discard(sleeper)
        return not self._set


def _wake(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)
