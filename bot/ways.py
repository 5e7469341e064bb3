"""The ladder: all ways to reach a person, each tried until one is open. Surfaces bring them, and say what a refusal means."""

import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, TypeVar

import structlog

from bot.errors import ShowFailure, SurfaceError

log = structlog.get_logger()

Done = TypeVar("Done")


class Step(Enum):
    """What follows a refusal."""

    STOP = auto()  # no other way is tried now
    NEXT = auto()
    AWAY = auto()  # the next that leads elsewhere: this place is closed


class Fault(Exception):
    """A platform did not do it. `doubtful`: it may have, and only the answer was lost. Not `sent`: we didn't ask.

    Each platform's own says by its table what follows.
    """

    def __init__(
        self,
        refusal: str,
        *,
        detail: str = "",
        doubtful: bool = False,
        sent: bool = True,
        retry_after_s: float | None = None,
    ) -> None:
        self.detail = detail
        self.doubtful = doubtful
        self.sent = sent
        self.retry_after_s = retry_after_s
        super().__init__(f"{refusal} {detail}".strip())

    @property
    def kind(self) -> ShowFailure:
        """What delivery shall do when no way is left."""
        return ShowFailure.LATER if self.doubtful else ShowFailure.FORBIDDEN

    @property
    def step(self) -> Step:
        """Whether another way is tried: not for what will be taken later, nor where nothing is any more."""
        match self.kind:
            case ShowFailure.LATER:
                return Step.STOP
            case ShowFailure.GONE:
                return Step.AWAY
            case ShowFailure.FORBIDDEN:
                return Step.NEXT

    def trouble(self, kind: ShowFailure | None = None) -> SurfaceError:
        """The same as delivery hears it; `kind`: where the moment says more than the refusal."""
        return SurfaceError(str(self), kind=kind or self.kind, retry_after_s=self.retry_after_s)


@contextlib.contextmanager
def troubles() -> Iterator[None]:
    """What a platform did not do is a trouble of its surface. Raises SurfaceError."""
    try:
        yield
    except Fault as fault:
        raise fault.trouble() from fault


@dataclass(frozen=True, slots=True)
class Way(Generic[Done]):
    """One way. Those of one `place` are closed together; "" is no place."""

    go: Callable[[], Awaitable[Done]]
    place: str = ""


async def by_any(
    ways: Sequence[Way[Done]], step_of: Callable[[Fault], Step] = lambda fault: fault.step
) -> Done:
    """By each way in turn until one is open. Raises the fault that tells most: of a closed place, else the last."""
    told: Fault | None = None
    closed = set[str]()
    for way in ways:
        if way.place in closed:
            continue
        try:
            return await way.go()
        except Fault as fault:
            closes = _closes(step_of(fault))
            if closes is None:
                raise
            log.info("another way is tried", problem=str(fault))
            told = told if told and closed else fault
            if closes and way.place:
                closed.add(way.place)
    assert told is not None, "somebody can be reached in no way at all"
    raise told


def _closes(step: Step) -> bool | None:
    """Whether a refusal closes its place for the ways that follow; None where none follows."""
    match step:
        case Step.STOP:
            return None
        case Step.NEXT:
            return False
        case Step.AWAY:
            return True
