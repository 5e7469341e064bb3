"""A job: an accepted order on its way to a picture, its states, and the moves that are legal."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.errors import Trouble
from bot.health import Route
from bot.model import Order
from bot.pausing import NEVER, Pausing
from bot.ports import MAIN, Address, Handle, Phase, Priority, Requester, Role, Verdict

FIRST_SHOW_S = 8.0  # how long the process that takes a press alone may post its message


class State(StrEnum):
    """Where a job stands (docs/architecture.md, section 4). Outside tools rely on these names.

    Each state says its phase here, and the store's lists, the cards and the limits are made from that.
    """

    ACCEPTED = "accepted"
    CLEARED = "cleared"
    SUBMITTING = "submitting"
    RENDERING = "rendering"
    FINISHED = "finished"
    REFUSED = "refused"
    FAILED = "failed"
    WITHHELD = "withheld"
    CANCELLED = "cancelled"

    @property
    def phase(self) -> Phase:
        """How far the job is for a person; the type checker asks for a new state's."""
        match self:
            case State.ACCEPTED | State.CLEARED:
                return Phase.WAITING
            case State.SUBMITTING | State.RENDERING:
                return Phase.PAINTING
            case State.FINISHED:
                return Phase.FINISHED
            case State.REFUSED | State.FAILED | State.WITHHELD | State.CANCELLED:
                return Phase.OVER

    @property
    def asked(self) -> bool:
        """Whether the provider may have been asked: its place is taken, and the operator may have to pay."""
        match self:
            case State.SUBMITTING | State.RENDERING:
                return True
            case State.ACCEPTED | State.CLEARED:
                return False
            case State.FINISHED | State.REFUSED | State.FAILED | State.WITHHELD | State.CANCELLED:
                return False  # settled: nothing is open at the provider any more

    @property
    def uncertain(self) -> bool:
        """Whether nobody can tell if the provider was asked: the state lies between "about to" and its answer."""
        match self:
            case State.SUBMITTING:
                return True
            case State.ACCEPTED | State.CLEARED | State.RENDERING:
                return False
            case State.FINISHED | State.REFUSED | State.FAILED | State.WITHHELD | State.CANCELLED:
                return False

    @property
    def live(self) -> bool:
        """Whether the job goes on: its hold is open, and it counts against the limits."""
        return self.phase in (Phase.WAITING, Phase.PAINTING)

    @property
    def ended(self) -> bool:
        """Whether nothing will happen to the job any more."""
        return not self.live


REFUSED_INPUT = (
    "refused-input-"  # and a category: how the reason begins where a picture that was given is refused
)
HIDDEN = "hidden"  # the reason of what a moderator has taken out of the chat, and may show again
EXPIRED = "expired"  # the reason of one whose pictures were kept as long as they are
RELEASED = "released"  # the reason of what a moderator has shown after all
ENDS = frozenset(state for state in State if state.ended)
_BAD_ENDS = ENDS - {State.FINISHED}

LEGAL: Mapping[State, frozenset[State]] = {
    State.ACCEPTED: frozenset({State.CLEARED}) | _BAD_ENDS,
    State.CLEARED: frozenset({State.CLEARED, State.SUBMITTING}) | _BAD_ENDS,
    State.SUBMITTING: frozenset({State.CLEARED, State.SUBMITTING, State.RENDERING}) | ENDS,
    State.RENDERING: frozenset({State.CLEARED, State.RENDERING}) | ENDS,
} | dict.fromkeys(ENDS, frozenset())
assert LEGAL.keys() == set(State), "each state has its arrows"
assert set().union(*LEGAL.values()) == set(State) - {State.ACCEPTED}, "each state but the first is led into"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """An image that we hold ourselves. `role` is image, sheet, quarantine, apart or input; `index` counts from 1."""

    key: str
    role: str = "image"
    index: int = 1
    media_type: str = "image/png"
    width: int = 0
    height: int = 0
    size_bytes: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One order on its way. Times are unix seconds; None means: not yet."""

    id: str
    version: int
    state: State
    requester: Requester
    channel: str = ""
    within: tuple[str, ...] = ()  # what the channel is part of, the nearest first
    age_restricted: bool = False
    priority: Priority = Priority.NORMAL
    order: Order
    parent: str | None = None  # the job that this is a re-roll or remix of
    attempt: int = 1  # rises only when a submit is known not to have reached the provider
    tries: int = 0  # how often a submit had to be put off: bounds it and sets the back-off
    operation: str | None = None
    passed: frozenset[Route] = frozenset()  # the routes that are known to have said no
    captured_credits: int | None = None  # None until the hold is settled
    cost_usd_micros: int = 0  # what the operator pays, as far as is known
    reason: str = ""  # for an end: a message id of the locales ("failed-provider", "refused-sexual", ...)
    detail: str = field(default="", repr=False)  # for the operator alone
    seed: int | None = None  # of the first picture, where the service told it
    of_input: int = 0  # which of the pictures that were given `reason` is about; 0: none of them
    doubtful: bool = False  # the provider may have billed a picture that nobody got
    spoiler: bool = False  # a check asked for it
    assets: tuple[Asset, ...] = ()
    deleted: bool = False
    created_at: float
    submitted_at: float | None = None
    ended_at: float | None = None
    deadline_at: float
    due_at: float  # when to look again

    @property
    def images(self) -> tuple[Asset, ...]:
        """The pictures themselves, in order."""
        return tuple(a for a in self.assets if a.role == "image")

    @property
    def sheet(self) -> Asset | None:
        """The contact sheet of several pictures."""
        return next((a for a in self.assets if a.role == "sheet"), None)

    @property
    def given(self) -> tuple[Asset, ...]:
        """The pictures that were given with the order and are kept with it; one of ours stays where it is."""
        return tuple(a for a in self.assets if a.role == "input")

    @property
    def route(self) -> Route:
        """Who draws it."""
        return self.order.provider, self.order.model

    def named(self, who: Requester) -> Requester:
        """Some events name nobody: whose own picture it is has a name here."""
        if who.name or who.user != self.requester.user:
            return who
        return replace(who, name=self.requester.name)

    def key(self) -> str:
        """The idempotency key of the present submit."""
        return f"{self.id}-{self.attempt}"


class Showing(StrEnum):
    """What became of a first message."""

    POSTED = "posted"  # it stands, or nobody waits for one
    LATER = "later"  # it could not be posted yet: the worker goes on trying
    IMPOSSIBLE = "impossible"  # the platform doesn't allow it, and won't


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An accepted order, and what became of its placeholder."""

    job: Job
    shown: Showing
    fresh: bool = True  # False: what was asked for stands already, by this request or an earlier one
    message: "Message | None" = None  # where it stands, as far as is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One of our messages about a job. `shown` is the job's version that it says, 0 before it is posted."""

    job: str
    role: Role = MAIN
    address: Address
    handle: Handle | None = None
    shown: int = 0
    digest: str = ""  # of the card that it says
    tries: int = 0
    due_at: float = 0.0
    gone: bool = False  # to be removed from the chat
    given_up: bool = False  # nobody can be told here any more
    refused: bool = False  # the last try was refused for good: one more, and it counts
    lost_at: float | None = None  # since when it is known that nobody can see it
    author: str = ""  # whose press has made it, where it isn't the job's person
    tell: bool = False  # the person wants to be told privately when it is done

    @property
    def id(self) -> str:
        """Unique, and derived: the same message is never made twice."""
        return f"{self.job}:{self.role}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A job and all its messages, as they stood together at one moment."""

    job: Job
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """One question to the provider about an operation. `said`: pending, finished, failed, or what the trouble was."""

    at: float  # unix seconds
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a stage returns: the new state, how money settles, new facts, when to look again.

    `capture` is None while the job goes on. An end must settle: n > 0 credits are captured and the
    rest is released, 0 releases everything.
    """

    to: State
    capture: int | None = None
    due_in_s: float = 0.0
    reason: str = ""
    detail: str = field(default="", repr=False)
    of_input: int = 0
    discards: tuple[
        str, ...
    ] = ()  # files that no row will name: removed when the move holds, by whoever made it
    seed: int | None = None
    operation: str | None = None
    order: Order | None = None  # as the next route is asked it: another provider draws, and says so durably
    passed: Route | None = None  # the route that is known to have said no
    next_attempt: bool = False  # known not to have reached the provider: a new key
    again: bool = False  # the stage was put off by a passing trouble: counts as a try
    doubtful: bool = False
    spent: bool = False  # released for the person, but the operator pays (ruling 4)
    spoiler: bool = False
    assets: tuple[Asset, ...] = ()
    cost_usd_micros: int | None = None
    verdicts: tuple[Verdict, ...] = ()  # for the audit log
    pausing: Pausing = NEVER  # when those that count pause the person
    looks: tuple[Look, ...] = ()  # since the last move, for the job's story
    trouble: Trouble | None = None  # what the provider's service did wrong: others should know
    worked: bool = False  # the provider's service did what it is for: the same

    def __post_init__(self) -> None:
        if self.to.ended != (self.capture is not None):
            raise ValueError(
                f"a move to {self.to} must {'settle' if self.to.ended else 'not settle'} the hold"
            )


def assert_legal(job: Job, move: Move) -> None:
    """Raises ValueError for an arrow that docs/architecture.md, section 4, doesn't draw."""
    if move.to not in LEGAL[job.state]:
        raise ValueError(f"{job.state} -> {move.to} is no legal move")
    if move.capture is not None and move.capture > job.order.credits:
        raise ValueError("more can't be captured than was held")


_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32


def new_job_id(now: float, entropy: bytes) -> str:
    """26 letters, sorted by time, unguessable: 10 of milliseconds, 16 of chance (as a ULID in small letters)."""
    number = (int(now * 1000) << 80) | int.from_bytes(entropy[:10].rjust(10, b"\0"), "big")
    letters = []
    for _ in range(26):
        number, digit = divmod(number, 32)
        letters.append(_LETTERS[digit])
    return "".join(reversed(letters))
