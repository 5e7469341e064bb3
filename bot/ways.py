"""The ladder: all ways to reach a person, each tried until one is open. Surfaces bring them, and say what a refusal means."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger()

Done = TypeVar("Done")


class Fault(Exception):
    """A platform did not do it. `doubtful`: it may have, and only the answer was lost."""

    def __init__(
        self,
        refusal: str,
        *,
        detail: str = "",
        doubtful: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        self.detail = detail
        self.doubtful = doubtful
        self.retry_after_s = retry_after_s
        super().__init__(f"{refusal} {detail}".strip())


Refused = TypeVar("Refused", bound=Fault)


class Step(Enum):
    """What follows a refusal."""

    STOP = auto()  # no other way is tried now
    NEXT = auto()
    AWAY = auto()  # the next that leads elsewhere: this place is closed


@dataclass(frozen=True, slots=True)
class Way(Generic[Done]):
    """One way. Those of one `place` are closed together; "" is no place."""

    go: Callable[[], Awaitable[Done]]
    place: str = ""


async def by_any(
    ways: Sequence[Way[Done]], faults: type[Refused], step_of: Callable[[Refused], Step]
) -> Done:
    """By each way in turn until one is open. Raises the fault that tells most: of a closed place, else the last."""
    told: Refused | None = None
    closed = set[str]()
    for way in ways:
        if way.place in closed:
            continue
        try:
            return await way.go()
        except faults as fault:
            step = step_of(fault)
            if step is Step.STOP:
                raise
            log.info("another way is tried", problem=str(fault))
            told = told if told and closed else fault
            if step is Step.AWAY and way.place:
                closed.add(way.place)
    assert told is not None, "somebody can be reached in no way at all"
    raise told
