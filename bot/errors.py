"""All errors of Easel, few, and named for what one can do about them.

EaselError
├── Refusal                  a person asked for something they can't have; the sentence says what to do
│   ├── BadPrompt            the text can't be read as an order: change it
│   │   └── BadInputs        the pictures can't be given like that: other ones, or another model
│   ├── UnknownModel         no such model, or it is closed here: choose another
│   ├── PromptRefused        moderation said no: ask for something else
│   ├── NotEnoughCredits     wait for the renewal, or choose a cheaper model
│   ├── TooFast              wait some seconds
│   ├── TooMany              wait until a running picture is finished
│   ├── NotAllowed           the community, the operator or the picture's owner doesn't allow it
│   └── NotThere             the picture or message is gone
├── ProviderError            an image service failed; `reached` tells whether it may have billed
├── SurfaceError             a message could not be shown; `kind` tells whether to try again
├── LostJob                  somebody else moved this job first: drop what you did
├── BadImage                 the bytes are no picture that we accept
├── FetchRefused             a foreign URL leads where we don't go, or gave more than we take
├── StoreBusy                the database, the disk or the bucket can't answer now: try again
└── ConfigError              the operator must mend the configuration
    └── BrokenPackage        an installed package can't be used: mend it, or take it away
"""

from enum import StrEnum
from typing import Any, ClassVar


class EaselError(Exception):
    """Something in Easel went wrong."""


class Refusal(EaselError):
    """A person asked for something they can't have.

    `reason` is a message id of `bot/locales/*.ftl`; `facts` fill its variables. Front ends show
    `words.refusal(error)` to that person alone. The text of the exception is for logs. `appeal` is the line of
    the audit that a person may appeal against, where there is one.
    """

    default_reason: ClassVar[str] = "refused"

    def __init__(self, reason: str = "", *, appeal: str = "", **facts: Any) -> None:
        self.reason = reason or self.default_reason
        self.appeal = appeal
        self.facts = facts
        self.others: tuple[Refusal, ...] = ()  # what else stands in the way, said with it
        self.again = ""  # the order as it could be sent, where that is known
        super().__init__(self.reason)


class BadPrompt(Refusal):
    """The text can't be read as an order."""

    default_reason = "prompt-empty"


class BadInputs(BadPrompt):
    """The pictures can't be given like that. The words were good: whoever shows it gives them back."""

    default_reason = "inputs-nowhere"


class UnknownModel(Refusal):
    """No such model, or it isn't open here."""

    default_reason = "model-unknown"


class PromptRefused(Refusal):
    """Moderation refused the prompt. Facts: `category`, never the matched word."""

    default_reason = "prompt-refused"


class NotEnoughCredits(Refusal):
    """The order costs more than what is left."""

    default_reason = "credits-missing"


class TooFast(Refusal):
    """The cooldown between two orders isn't over. Facts: `seconds`."""

    default_reason = "too-fast"


class TooMany(Refusal):
    """Too many pictures are under way for this person or community."""

    default_reason = "too-many"


class NotAllowed(Refusal):
    """The community, the operator or the picture's owner doesn't allow it."""

    default_reason = "not-allowed"


class NotThere(Refusal):
    """The picture or the message is gone, or was never this person's to see."""

    default_reason = "not-there"


class Reached(StrEnum):
    """Whether a request that failed had reached the provider (ruling 1).

    What follows is asked of the properties, where the type checker asks for a new member's.
    """

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"

    @property
    def never(self) -> bool:
        """Whether it can be sent again: the provider has not had it."""
        match self:
            case Reached.NO:
                return True
            case Reached.YES | Reached.UNKNOWN:
                return False

    @property
    def doubtful(self) -> bool:
        """Whether the provider may have drawn, and billed, without our knowing."""
        match self:
            case Reached.UNKNOWN:
                return True
            case Reached.NO | Reached.YES:
                return False


class Trouble(StrEnum):
    """What the operator must know about a provider's error."""

    BUSY = "busy"  # 429, 503: later
    KEY = "key"  # 401: the key is missing or wrong
    BALANCE = "balance"  # 402: the account is empty
    MODEL_CLOSED = "model-closed"  # 403, 404: not enabled for this key, or ended
    ORDER = "order"  # other 4xx: the service doesn't take this order
    BROKEN = "broken"  # 5xx, time-outs, cut connections, unreadable answers


class ProviderError(EaselError):
    """An image service failed.

    `detail` is cut and cleaned, for the operator's log only; it is never shown in a chat.
    """

    def __init__(
        self,
        detail: str,
        *,
        reached: Reached,
        trouble: Trouble = Trouble.BROKEN,
        retry_after_s: float | None = None,
    ) -> None:
        self.detail = detail[:500]
        self.reached = reached
        self.trouble = trouble
        self.retry_after_s = retry_after_s
        super().__init__(f"{trouble}: {self.detail}")

    def at_its_word(self) -> "ProviderError":
        """The same of a service that says that it has done nothing, where nothing else is found."""
        return ProviderError(
            self.detail, reached=Reached.NO, trouble=self.trouble, retry_after_s=self.retry_after_s
        )


class ShowFailure(StrEnum):
    """Why a message could not be shown, by what delivery does about it.

    A surface's `show` has tried every way by itself: edit, reply, channel, direct message. LATER passes by
    itself: a rate limit, an outage, and whatever nobody knows. GONE: there is nobody and nothing to show any
    more; people removed the message, and the card has no picture that nobody has seen. FORBIDDEN: no way is open now.
    """

    LATER = "later"
    GONE = "gone"
    FORBIDDEN = "forbidden"

    @property
    def lasting(self) -> bool:
        """Whether time alone mends nothing; the type checker asks for a new one's."""
        match self:
            case ShowFailure.LATER:
                return False
            case ShowFailure.GONE | ShowFailure.FORBIDDEN:
                return True


class SurfaceError(EaselError):
    """A message could not be shown."""

    def __init__(self, detail: str, *, kind: ShowFailure, retry_after_s: float | None = None) -> None:
        self.detail = detail[:500]
        self.kind = kind
        self.retry_after_s = retry_after_s
        super().__init__(f"{kind}: {self.detail}")


class LostJob(EaselError):
    """Somebody else moved this job first."""


class Flaw(StrEnum):
    """What is wrong with a picture, as far as a person could mend it."""

    BROKEN = "broken"  # no picture, of no type that we take, or not whole
    ANIMATED = "animated"
    LARGE = "large"


class BadImage(EaselError):
    """The bytes are no picture that we accept."""

    def __init__(self, detail: str, *, flaw: Flaw = Flaw.BROKEN) -> None:
        self.flaw = flaw
        super().__init__(detail)


class FetchRefused(EaselError):
    """A foreign URL leads where we don't go, or gave more than we take."""

    def __init__(self, detail: str, *, again: bool = False, status: int = 0, large: bool = False) -> None:
        self.again = again
        self.status = status  # that was answered in place of the bytes; 0: none was
        self.large = large
        super().__init__(detail)


class StoreBusy(EaselError):
    """The database, the disk or the bucket can't answer now."""


class ConfigError(EaselError):
    """The configuration can't be used; the message names the key, the problem and the nearest right key."""


class BrokenPackage(ConfigError):
    """An installed package can't be used; the message names it, what it brings, and what to do."""


def how_to_add(extra: str) -> str:
    """What brings an extra of Easel: the checkout or the image, never a name of an index that others may hold."""
    return f'pip install ".[{extra}]" in Easel\'s checkout, or take the image, which has all of them'
