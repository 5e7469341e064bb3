"""What a message says: cards compared without their versions, and every trouble of showing one."""

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import structlog

from bot.errors import EaselError, ShowFailure, StoreBusy, SurfaceError
from bot.job import Job, Message, Showing, Snapshot
from bot.ports import SEEN, Card, Handle, Phase, Role

log = structlog.get_logger()

ELSEWHERE_S = 30.0  # how often a message of a surface that isn't here is looked at
SHOW_TIMEOUT_S = 45.0  # of one post or edit
PUT_OFF_MOST_S, LOST_MOST_S = 3_600.0, 90_000.0  # who puts off for longer comes at once, again and again
_CLOCKS_DIFFER_S = 5.0  # of replicas
_FIRST_MARGIN_S = 0.5


@dataclass(frozen=True, slots=True)
class Said:
    """What this process made a message say last; nobody else's record of it counts for more."""

    version: int
    gone: bool
    tell: bool
    digest: str

    def fits(self, job: Job, message: Message) -> bool:
        return (self.version, self.gone, self.tell) == (job.version, message.gone, message.tell)


def digest_of(card: Card) -> str:
    """What a message says, without the version: equal cards need no edit."""
    facts = repr((
        card.phase, card.headline, card.sentence, card.prompt, card.facts, card.pictures, card.originals,
        card.actions, card.ready_at, card.spoiler, card.gone,
    ))  # fmt: skip
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def says_already(digest: str, message: Message, said: Said | None) -> bool:
    """Whether an edit would change nothing, by the record and by what we said last."""
    return message.digest == digest and (said is None or said.digest == digest)


def remembering(handle: Handle, card: Card, before: Handle | None) -> Handle:
    """A message's handle after it was shown: that people have had its pictures before them is never forgotten."""
    stands = card.phase is Phase.FINISHED and bool(card.pictures) and not card.gone
    if handle.seen or not (stands or (before is not None and before.seen)):
        return handle
    return replace(handle, data={**handle.data, SEEN: "1"})


def is_behind(job: Job, message: Message, said: Said | None) -> bool:
    """By the record, or because our own last edit was an older one that may have come late."""
    if message.given_up:
        return False
    if said is not None and not said.fits(job, message):
        return True
    # What we said of a live job is right, and its record comes along with the next edit.
    return message.shown < job.version and (said is None or job.state.ended)


def is_due(message: Message, now: float) -> bool:
    """Whether its time has come; what is put off for longer than anything is was put off by a clock that has been set back."""
    wait_s = message.due_at - now
    return (
        wait_s <= 0
        or wait_s > (PUT_OFF_MOST_S if message.lost_at is None else LOST_MOST_S) + _CLOCKS_DIFFER_S
    )


def showing_of(told: Snapshot, role: Role) -> Showing:
    """A message that nobody waits for, or that was removed since, is as good as posted."""
    message = next((m for m in told.messages if m.role == role), None)
    if message is None or message.handle is not None:
        return Showing.POSTED
    lost = message.given_up or message.lost_at is not None
    return Showing.IMPOSSIBLE if lost else Showing.LATER


def wait_s_of(behind: list[Message], due: list[Message], now: float) -> float | None:
    """Seconds until there is more to show here."""
    if not behind:
        return None
    if due:  # but another process's to show
        return ELSEWHERE_S
    return max(0.05, min(m.due_at for m in behind) - now)


def first_within_s(message: Message, now: float) -> float:
    """The accepting process alone may post until the message is due; then it is the worker's."""
    return max(1.0, min(SHOW_TIMEOUT_S, message.due_at - now - _FIRST_MARGIN_S))


def surface_error_of(error: Exception, *, job: str, surface: str) -> SurfaceError:
    """Every trouble as a SurfaceError."""
    if isinstance(error, SurfaceError):
        return error
    if isinstance(error, TimeoutError):
        return SurfaceError("no answer in time", kind=ShowFailure.LATER)
    if isinstance(error, EaselError):
        return SurfaceError(str(error), kind=ShowFailure.LATER)
    # A bug must not stop the others' pictures: bounded tries, and loud.
    log.error("a card could not be shown", job=job, surface=surface, exc_info=error)
    return SurfaceError(type(error).__name__, kind=ShowFailure.LATER)


@contextlib.contextmanager
def left_to_the_worker(job: str) -> Iterator[None]:
    """What goes wrong in the block is said in the log, and the worker shows it."""
    try:
        yield
    except StoreBusy as error:
        log.warning("the store is busy: the worker will show it", job=job, problem=str(error))
    except Exception:
        # A bug here must be seen, and must not cost the other messages.
        log.exception("a delivery broke", job=job)
