"""The port to image services: what a Provider does, and the values that cross it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, runtime_checkable

from bot.model import Model, Order, Use

# ── What is given, and what comes back ───────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class InlineImage:
    """An image that came with the answer; base64 is decoded off the event loop, later."""

    data: str | bytes = field(repr=False)  # base64 text, or the bytes themselves


@dataclass(frozen=True, slots=True)
class RemoteImage:
    """An image to be fetched, soon: providers' links die."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A picture that is given with an order: verified, upright, without metadata, as large as the model takes."""

    data: bytes = field(repr=False)
    media_type: str  # image/png, image/jpeg or image/webp
    sha256: str
    width: int
    height: int
    use: Use = Use.PICTURE
    url: str = field(default="", repr=False)  # ours, for an hour, for services that fetch; else empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The generation is over, with pictures; `withheld` counts those that the provider kept back."""

    images: tuple[InlineImage | RemoteImage, ...]
    withheld: int = 0
    cost_usd_micros: int | None = None  # of all of it, where the provider tells; else the price table's
    seed: int | None = None  # of the first picture, where the provider tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """The generation goes on under the provider's own handle, which may be any text."""

    operation: str
    retry_after_s: float | None = None
    step: int = 0  # of `steps`, where the service tells how far it is
    steps: int = 0
    place: int | None = None  # in the service's own queue, where it tells: 0 is next


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The generation is over without a picture. `detail` is for the operator, never for a chat."""

    detail: str
    refused: bool = False  # a content refusal: never asked again
    withheld: bool = False  # the prompt passed, the picture did not
    again: bool = False  # worth one new submit
    cost_usd_micros: int | None = None  # what was billed all the same, where the provider tells


Outcome = Finished | Pending | Failed


@dataclass(frozen=True, slots=True)
class Absent:
    """The service knows for certain that it was never asked: nothing was made, nothing billed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How our account at a provider stands. Models by the names that the service itself uses."""

    open_models: frozenset[str] | None = None  # None: the service doesn't tell
    credits_left: float | None = None  # in the service's own unit
    usd_left: float | None = None  # the same in US dollars, where that is known
    ends: Mapping[str, date] = field(default_factory=dict)  # which models end, where the service tells
    advice: str = ""  # what the operator should know or do, for `easel check`


# ── The port ─────────────────────────────────────────────────────────────────────────────────────────


@runtime_checkable
class Provider(Protocol):
    """Makes images. Translates; does not retry, sleep, or log prompts.

    Every method may raise ProviderError. A provider may also be a Finder and a Listener, below.
    """

    @property
    def name(self) -> str: ...
    @property
    def models(self) -> Sequence[Model]:
        """What it can draw; the first is used where nothing else is said."""

    @property
    def honours_keys(self) -> bool:
        """Whether a repeated submit with the same key is known to make no second generation."""

    @property
    def polls_per_s(self) -> float: ...

    async def submit(
        self, order: Order, *, key: str, inputs: Sequence[Input] = (), webhook: str = ""
    ) -> Outcome:
        """Asks for the pictures. The same order, key and inputs make the same bytes.

        `webhook` is where the service may call us about it; empty: it is only polled.
        """

    async def poll(self, operation: str, *, order: Order) -> Outcome: ...
    async def cancel(self, operation: str, *, order: Order) -> None:
        """Asks the service to stop; does nothing where it can't."""

    async def standing(self) -> Standing:
        """Asks by a call that costs nothing. Raises ProviderError with Trouble.KEY for a wrong key."""

    async def aclose(self) -> None: ...


@runtime_checkable
class Finder(Protocol):
    """A provider whose service can be asked what became of a submit whose answer was lost."""

    async def find(
        self, order: Order, *, key: str, inputs: Sequence[Input] = (), since: float
    ) -> Outcome | Absent | None:
        """What the submit with this key made; None where nobody can tell. `since`: unix seconds of the submit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a service sent to our webhook, as it came: nothing of it is believed before it is verified."""

    headers: Mapping[str, str]  # names in small letters
    query: Mapping[str, str]
    body: bytes = field(repr=False)
    at: float  # unix seconds: when it came


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A call that was verified. It is a hint to look, whatever else it says."""

    id: str  # of this call: it is heard once
    operation: str  # as `poll` takes it


@runtime_checkable
class Listener(Protocol):
    """A provider whose service calls us when a generation is over."""

    @property
    def listens(self) -> bool:
        """Whether the configuration has what verifying a call needs."""

    async def hear(self, call: Call) -> Heard | None:
        """The verified call; None for one that is not the service's. Raises ProviderError: it may come again."""
