"""Keeps surfaces running: one that breaks is started again, with a growing pause, for ever, and ends no other.

What the operator alone can mend (a revoked token) stops that surface; the others, the worker and the page
go on. How each surface is, is told to whoever asks: /readyz, the metrics, `easel check`.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import structlog

from bot.errors import ConfigError, EaselError
from bot.ports import Surface
from bot.process.telemetry import Metrics

log = structlog.get_logger()

PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
STEADY_S = 60.0  # whoever ran so long begins anew with the shortest pause


class Upkeep:
    """One for a process."""

    def __init__(
        self,
        metrics: Metrics,
        *,
        pauses_s: Sequence[float] = PAUSES_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metrics = metrics
        self._pauses_s = pauses_s
        self._clock = clock
        self._troubles: dict[str, str] = {}

    @property
    def troubles(self) -> Mapping[str, str]:
        """Each surface with what is wrong with it; nothing where all is well."""
        return self._troubles

    def tell(self, surface: str, trouble: str = "") -> None:
        """How a surface is: surfaces themselves may say that they can't hear people now, and that they can again."""
        self._troubles[surface] = trouble
        self._metrics.surface_up.labels(surface).set(0 if trouble else 1)

    async def keep_all(self, surfaces: Mapping[str, Surface]) -> None:
        """Runs them until cancelled. Raises ConfigError when every one of them has stopped for good."""
        stopped = await asyncio.gather(*(self._keep(name, surface) for name, surface in surfaces.items()))
        if stopped:
            raise stopped[0]
        await asyncio.Event().wait()

    async def _keep(self, name: str, surface: Surface) -> ConfigError:
        """Answers with what only the operator can mend."""
        breaks = 0
        while True:
            self.tell(name)
            began_at = self._clock()
            try:
                await surface.run()
                problem = "it ended by itself"
            except ConfigError as error:
                log.error("a surface has stopped", surface=name, problem=str(error))  # noqa: TRY400 - it says what to mend
                self.tell(name, f"stopped: {error}")
                return error
            except EaselError as error:
                problem = str(error)  # The platform or the store can't be reached: nothing is broken.
            except Exception as error:
                # Its bug, or the platform's: the others go on, and it is tried again.
                log.exception("a surface broke", surface=name)
                problem = type(error).__name__
            breaks = 0 if self._clock() - began_at > STEADY_S else breaks
            pause_s = self._pauses_s[min(breaks, len(self._pauses_s) - 1)]
            breaks += 1
            log.warning("a surface is started again", surface=name, problem=problem, wait_s=pause_s)
            self.tell(name, f"trying again: {problem}")
            await asyncio.sleep(pause_s)
