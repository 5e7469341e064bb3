"""The ports of the core (Surface, PromptCheck, ImageCheck) and the values that cross them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import ClassVar, Literal, Protocol, runtime_checkable

from bot.model import Source

# ── Moderation ───────────────────────────────────────────────────────────────────────────────────────


class Severity(IntEnum):
    """What a verdict asks for; the most severe of a panel wins."""

    ALLOW = 0
    SPOILER = 1
    WITHHOLD = 2  # an image only: it is not shown, the person is not blamed
    REFUSE = 3

    @property
    def stops(self) -> bool:
        """Whether what was judged goes no further; the type checker asks for a new one's."""
        match self:
            case Severity.ALLOW | Severity.SPOILER:
                return False
            case Severity.WITHHOLD | Severity.REFUSE:
                return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one layer says about a prompt or an image."""

    severity: Severity = Severity.ALLOW
    category: str = ""  # sexual, minors, violence, hate, self_harm, illegal, real_person, own, unavailable
    layer: str = ""  # lexicon, own_words, openai, nsfw, provider ...
    rule: str = ""  # id of the rule and version of its lexicon: for the audit, never for the person
    strike: bool = True  # whether a refusal counts against the person

    @property
    def counts(self) -> bool:
        """Whether it counts against the person: a refusal, and not one for an outage."""
        return self.strike and self.severity is Severity.REFUSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a community and its channel allow."""

    level: Literal["strict", "standard", "relaxed"] = "standard"
    blocked_words: tuple[str, ...] = ()
    allowed_words: tuple[str, ...] = ()
    misread: tuple[
        str, ...
    ] = ()  # phrases that moderators found misread: they pass, but for the rule on minors
    art_nudity: bool = False
    real_people: bool = True  # whether prompts about living persons pass
    insults: bool = True  # whether mere insults pass
    when_unavailable: Literal["allow", "refuse"] | None = None  # None: the level decides


@runtime_checkable
class PromptCheck(Protocol):
    """Judges a prompt. A local one is quick and speaks before accept; a remote one in the stage `screen`."""

    @property
    def name(self) -> str: ...
    @property
    def local(self) -> bool: ...
    async def judge_prompt(self, prompt: str, policy: Policy) -> Verdict: ...


@runtime_checkable
class ImageCheck(Protocol):
    """Judges a finished image before anyone sees it."""

    @property
    def name(self) -> str: ...
    async def judge_image(self, image: bytes, prompt: str, policy: Policy) -> Verdict: ...


@runtime_checkable
class Checkable(Protocol):
    """A check that can say how it is: whether it can do its work, the detail, and what to do if not."""

    async def check(self) -> tuple[bool, str, str]: ...


@runtime_checkable
class Closable(Protocol):
    """A check that holds something open until the end."""

    async def aclose(self) -> None: ...


# ── People and places ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """One person in one community on one surface: who asks, and whose credits are used."""

    surface: str
    community: str  # as the surface calls it; "personal" for direct messages and user installs
    user: str
    name: str = ""
    roles: frozenset[str] = frozenset()
    moderator: bool = False  # may run the community, by the surface's own rights
    tidies: bool = False  # may remove others' messages, by the surface's own rights
    joined_at: float | None = None  # unix seconds, where the surface tells
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to answer; known before any message exists. `data` is the surface's own, opaque to the core."""

    surface: str
    data: Mapping[str, str] = field(default_factory=dict)


# In an address's data: rights to answer that end by themselves within the hour, and then leave the row.
PASSING = frozenset({"token", "url"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the request was made."""

    address: Address | None  # None: nobody waits for a message (the terminal)
    channel: str = ""
    within: tuple[
        str, ...
    ] = ()  # what the channel is part of, the nearest first: a thread's channel, its category
    age_restricted: bool = False
    language: str = ""  # of the community, as the surface tells it; empty where it doesn't

    @property
    def chain(self) -> tuple[str, ...]:
        """The channel and all that it is part of, the nearest first."""
        return tuple(one for one in (self.channel, *self.within) if one)


class Priority(StrEnum):
    """How soon somebody's orders go. It counts as time that they have waited already, so that nobody waits for ever."""

    RELAXED = "relaxed"
    NORMAL = "normal"
    FAST = "fast"

    @property
    def patience_s(self) -> int:
        """How much later they would have to come to go after one that is fast."""
        match self:
            case Priority.FAST:
                return 0
            case Priority.NORMAL:
                return 120
            case Priority.RELAXED:
                return 720


AGAIN = (
    "again"  # in a handle's data: it stands elsewhere now, and is shown again when an obstacle may have gone
)
SEEN = "seen"  # in a handle's data: its pictures have stood there, before people


@dataclass(frozen=True, slots=True, kw_only=True)
class Handle:
    """A posted message: `key` is searchable (a reaction must find its job), `data` opaque but for AGAIN and SEEN."""

    key: str
    data: Mapping[str, str] = field(default_factory=dict)

    @property
    def seen(self) -> bool:
        """Whether people have had the pictures before them: what was paid was seen."""
        return SEEN in self.data


def nothing() -> None:
    """What is called where nobody waits for it."""


Tell = Callable[[], Awaitable[None]]  # says something to whoever asked


async def say_nothing() -> None:
    """Where nothing can be said before the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a front end hands to the Studio: who, where, what. `request_key` makes it happen once."""

    requester: Requester
    place: Place
    text: str
    options: Mapping[str, str] = field(default_factory=dict)  # explicit options win over flags in the text
    sources: tuple[Source, ...] = ()  # the pictures that are given
    suggested: Mapping[str, str] = field(default_factory=dict)  # as defaults: where the model takes it
    request_key: str
    accepted: Callable[[], None] = field(
        default=nothing, compare=False, repr=False
    )  # called when it is durable
    # called where that takes a while, because many have come at once
    waits: Tell = field(default=say_nothing, compare=False, repr=False)


# ── Cards ──────────────────────────────────────────────────────────────────────────────────────────


class Do(StrEnum):
    """What a person can do from a card; surfaces make buttons of them."""

    CANCEL = "cancel"
    REROLL = "reroll"
    REMIX = "remix"
    PICK = "pick"
    ORIGINAL = "original"
    DELETE = "delete"
    REPORT = "report"
    RETRY = "retry"
    TELL = "tell"  # privately, when it is done
    SHOW = "show"  # to one person alone: out of the history, or a picture that is hidden
    EDIT = "edit"  # one's words, and the picture as what they change
    VARY = "vary"  # the same words, and the picture beside them
    UPSCALE = "upscale"
    FAVOURITE = "favourite"  # for oneself, under a name
    SEND = "send"  # to one's direct messages
    REWORD = "reword"  # what was refused, in a form, to be tried again
    APPEAL = "appeal"  # one's words were refused, and that was wrong
    # In the moderators' room, about an event.
    OPEN = "open"  # the pictures, to one moderator alone
    HIDE = "hide"
    RELEASE = "release"
    DISCARD = "discard"
    REFUND = "refund"
    BLOCK = "block"  # for a day
    WRONG = "wrong"  # the refusal was: it doesn't count
    DISMISS = "dismiss"


# What moderators do about an event, and all that can be pressed there, in the order of the buttons.
RoomAct = Literal[Do.HIDE, Do.RELEASE, Do.DISCARD, Do.REFUND, Do.WRONG, Do.BLOCK, Do.DISMISS]
RoomDo = Literal[Do.OPEN, RoomAct]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One button: what it does and what stands on it. `index` (from 1) names the image for PICK."""

    do: Do
    label: str
    index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One of our images as a card needs it; `key` opens it in the Gallery."""

    key: str
    media_type: str
    width: int
    height: int
    size_bytes: int
    alt: str = ""


class Phase(StrEnum):
    """How far a job is, as a person sees it."""

    WAITING = "waiting"
    PAINTING = "painting"
    FINISHED = "finished"
    OVER = "over"  # an end without a picture


@dataclass(frozen=True, slots=True)
class Main:
    """The part of a job's first message: it tells of the whole order."""

    index: ClassVar[int] = 0  # no picture in particular

    def __str__(self) -> str:
        return "main"


@dataclass(frozen=True, slots=True)
class Pick:
    """The part of a message that shows one of several pictures alone; `index` counts from 1."""

    index: int

    def __str__(self) -> str:
        return f"pick:{self.index}"


Role = Main | Pick
MAIN = Main()


def role_of(text: str) -> Role:
    """A role as it is kept and sent: `main`, `pick:2`. Raises ValueError."""
    kind, _, index = text.partition(":")
    if (kind, index) == ("main", ""):
        return MAIN
    if kind == "pick" and index.isdecimal():
        return Pick(int(index))
    raise ValueError(f"{text!r} is no message's role")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a message about a job shall say."""

    job: str
    version: int  # of the job
    role: Role = MAIN
    phase: Phase = Phase.WAITING
    state: str = "accepted"  # the job's, for styling
    requester: str = ""  # the name, as plain text: nobody is pinged
    language: str = ""  # that it is written in, for what a surface adds
    prompt: str = ""  # cut, not yet escaped: quoting harmlessly is the surface's
    headline: str = ""  # one short line: "Painting ...", "Done in 12 s"
    sentence: str = ""  # for an end: what happened, that credits are back, what to do next
    facts: tuple[tuple[str, str], ...] = ()  # label, value: model, shape, credits, seconds
    ready_at: float | None = None  # unix seconds: when it will usually be done
    usual_s: float | None = None
    measured: bool = False  # the headline says how far the service is, which no moment tells
    pictures: tuple[Picture, ...] = ()  # what to show big: one image, or one contact sheet
    originals: tuple[Picture, ...] = field(default=())  # the untouched files, in order
    # Moments with what happened then: each platform writes them as people there read them.
    times: tuple[tuple[str, float], ...] = ()
    actions: tuple[Action, ...] = ()
    link: tuple[str, str] | None = None  # label and address of what it is about
    private: bool = False
    spoiler: bool = False
    gone: bool = False  # remove the message
    tells: bool = False  # privately, when it is done
    # Shown for the first time, by the process that accepted it: nothing can have been posted yet.
    first: bool = field(default=False, compare=False)
    forced: bool = field(
        default=False, compare=False
    )  # look whether it stands, also where it says so already

    @property
    def name(self) -> str:
        """Of which job it is, and which of its messages."""
        return f"{self.job}:{self.role}"


# ── Surfaces ─────────────────────────────────────────────────────────────────────────────────────────


@runtime_checkable
class Surface(Protocol):
    """A place where people talk to Easel: our message about a job, and nothing else."""

    @property
    def name(self) -> str: ...
    async def run(self) -> None:
        """Listens to people until cancelled."""

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        """Makes the message say what the card says: posts it, edits it, or (card.gone) removes it.

        Tries every way that is open: edit, reply, channel, direct message. Safe to repeat. Without a handle there may
        be one all the same, that a killed process posted: it is looked for, to be edited or removed. Raises SurfaceError.
        """

    async def tell(self, address: Address, text: str) -> None:
        """Says one sentence to the person of the address alone, by whatever way is open. Raises SurfaceError."""

    async def aclose(self) -> None: ...


class Gallery(Protocol):
    """How surfaces get at our images."""

    async def read(self, key: str) -> bytes: ...
    async def fit(self, key: str, *, limit_bytes: int) -> tuple[bytes, str]:
        """The image, or a smaller JPEG of it, within the limit; with its media type."""

    def link(self, key: str, *, private: bool = False) -> str | None:
        """A URL of the untouched image, or None without a public address."""

    def path(self, key: str, *, private: bool = False) -> str:
        """The same below whatever address this program answers at."""
