"""Discord's refusals, in one table: what we do about each before something is painted, and afterwards.

Before: what can't be shown is not painted. Afterwards: what was paid reaches the person in another way. A code
that nobody has heard of tries another way too, and is logged.
https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
"""

from dataclasses import dataclass
from enum import StrEnum

import structlog

from bot.errors import ShowFailure, SurfaceError
from bot.ways import Step
from integrations.discord._wire import UNKNOWN_CHANNEL, UNKNOWN_GUILD, UNKNOWN_MESSAGE, DiscordFault

log = structlog.get_logger()

REMOVED = frozenset({UNKNOWN_MESSAGE, UNKNOWN_CHANNEL, UNKNOWN_GUILD})
_UNAUTHORIZED, _TOO_MANY, _BROKEN_FROM = 401, 429, 500
_REVOKED_AGAIN_S = 60.0


class Deed(StrEnum):
    """What we do about a refusal."""

    LATER = "the same again, later"
    AGAIN = "by the token once more, then another way"
    OTHER = "another way"
    PLAIN = "without the quoted prompt, then another way"
    OPEN = "open the thread, then another way"
    SMALLER = "a smaller copy, then the words alone"
    UNTIED = "without the reply, then another way"
    GONE = "not into the channel again; a picture that nobody has seen comes directly"


@dataclass(frozen=True, slots=True)
class Failure:
    """One code."""

    says: str
    after: Deed  # once something is painted

    @property
    def before(self) -> Deed:
        """When nothing is left, nothing is painted; so whatever may be left is tried."""
        return Deed.OTHER if self.after is Deed.GONE else self.after


FAILURES: dict[int, Failure] = {
    10003: Failure("the channel is no more", Deed.GONE),
    10004: Failure("the server is no more, or we were removed", Deed.GONE),
    10008: Failure("people removed the message", Deed.GONE),
    10013: Failure("the person is no more", Deed.OTHER),
    10015: Failure("the interaction isn't known yet, or not any more", Deed.AGAIN),
    10062: Failure("the interaction is over", Deed.OTHER),
    20016: Failure("slow mode", Deed.LATER),
    20022: Failure("too many announcements", Deed.LATER),
    20028: Failure("too many messages in the channel", Deed.LATER),
    30046: Failure("an old message was edited too often", Deed.OTHER),
    40003: Failure("direct messages were opened too fast", Deed.LATER),
    40005: Failure("the file is too large", Deed.SMALLER),
    40060: Failure("the interaction was answered already", Deed.OTHER),
    40094: Failure("too many follow-ups", Deed.OTHER),
    50001: Failure("no access", Deed.AGAIN),
    50005: Failure("another's message", Deed.OTHER),
    50007: Failure("the person takes no direct messages", Deed.OTHER),
    50008: Failure("no channel for words", Deed.OTHER),
    50013: Failure("a right is missing", Deed.AGAIN),
    50024: Failure("not in such a channel", Deed.OTHER),
    50027: Failure("the interaction's token is dead", Deed.OTHER),
    50035: Failure("the form is refused", Deed.PLAIN),
    50083: Failure("the thread is archived or locked", Deed.OPEN),
    50278: Failure("no server is shared with the person", Deed.OTHER),
    110000: Failure("Discord is overloaded", Deed.LATER),
    130000: Failure("Discord is overloaded", Deed.LATER),
    160002: Failure("replies need the right to read the history", Deed.UNTIED),
    160005: Failure("the thread is locked", Deed.OTHER),
    200000: Failure("AutoMod objects to the words", Deed.PLAIN),
    200001: Failure("AutoMod objects to the title", Deed.PLAIN),
    240000: Failure("a link is taken for harmful", Deed.PLAIN),
}


def deed_for(fault: DiscordFault, *, painted: bool) -> Deed:
    """What is to be done about a fault."""
    known = FAILURES.get(fault.code)
    if known is not None:
        return known.after if painted else known.before
    if fault.doubtful or fault.status in (0, _TOO_MANY, _UNAUTHORIZED) or fault.status >= _BROKEN_FROM:
        return Deed.LATER
    log.warning("Discord refused for a reason that we don't know", code=fault.code, problem=str(fault))
    return Deed.OTHER


def step_of(fault: DiscordFault, *, painted: bool) -> Step:
    """Whether another way is tried when one is refused."""
    if deed_for(fault, painted=painted) is Deed.LATER:
        return Step.STOP
    return Step.AWAY if painted and fault.code in REMOVED else Step.NEXT


def trouble_of(fault: DiscordFault, *, painted: bool, job: str = "") -> SurfaceError:
    """What delivery shall do when no way is left."""
    detail = str(fault)
    match deed_for(fault, painted=painted):
        case Deed.LATER:
            revoked = fault.status == _UNAUTHORIZED
            after_s = _REVOKED_AGAIN_S if revoked else fault.retry_after_s
            return SurfaceError(detail, kind=ShowFailure.LATER, retry_after_s=after_s)
        case Deed.GONE:
            return SurfaceError(detail, kind=ShowFailure.GONE)
        case Deed.AGAIN | Deed.OTHER | Deed.PLAIN | Deed.OPEN | Deed.SMALLER | Deed.UNTIED:
            log.warning("Discord leaves us no way to show it", job=job, problem=detail)
            return SurfaceError(detail, kind=ShowFailure.FORBIDDEN)
