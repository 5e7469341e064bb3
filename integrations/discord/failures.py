"""Discord's refusals, in one table: what we do about each before something is painted, and afterwards.

Before: what can't be shown is not painted. Afterwards: what was paid reaches the person in another way. A code
that nobody has heard of tries another way too, and is logged.
https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
"""

from dataclasses import dataclass
from enum import StrEnum

import structlog

log = structlog.get_logger()

UNKNOWN_CHANNEL, UNKNOWN_GUILD, UNKNOWN_MESSAGE, UNKNOWN_PERSON = 10003, 10004, 10008, 10013
UNKNOWN_WEBHOOK, TOO_LARGE, ANSWERED, NO_ACCESS, CLOSED_DMS = 10015, 40005, 40060, 50001, 50007
DEAD_TOKEN, BAD_FORM, ARCHIVED = 50027, 50035, 50083
REMOVED = frozenset({UNKNOWN_MESSAGE, UNKNOWN_CHANNEL, UNKNOWN_GUILD})
DEAD = frozenset({DEAD_TOKEN, UNKNOWN_WEBHOOK})  # an interaction's token
UNAUTHORIZED, TOO_MANY, BROKEN_FROM = 401, 429, 500


class Remedy(StrEnum):
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
    after: Remedy  # once something is painted

    @property
    def before(self) -> Remedy:
        """When nothing is left, nothing is painted; so whatever may be left is tried."""
        return Remedy.OTHER if self.after is Remedy.GONE else self.after


FAILURES: dict[int, Failure] = {
    10003: Failure("the channel is no more", Remedy.GONE),
    10004: Failure("the server is no more, or we were removed", Remedy.GONE),
    10008: Failure("people removed the message", Remedy.GONE),
    10013: Failure("the person is no more", Remedy.OTHER),
    10015: Failure("the interaction isn't known yet, or not any more", Remedy.AGAIN),
    10062: Failure("the interaction is over", Remedy.OTHER),
    20016: Failure("slow mode", Remedy.LATER),
    20022: Failure("too many announcements", Remedy.LATER),
    20028: Failure("too many messages in the channel", Remedy.LATER),
    30046: Failure("an old message was edited too often", Remedy.OTHER),
    40003: Failure("direct messages were opened too fast", Remedy.LATER),
    40005: Failure("the file is too large", Remedy.SMALLER),
    40060: Failure("the interaction was answered already", Remedy.OTHER),
    40094: Failure("too many follow-ups", Remedy.OTHER),
    50001: Failure("no access", Remedy.AGAIN),
    50005: Failure("another's message", Remedy.OTHER),
    50007: Failure("the person takes no direct messages", Remedy.OTHER),
    50008: Failure("no channel for words", Remedy.OTHER),
    50013: Failure("a right is missing", Remedy.AGAIN),
    50024: Failure("not in such a channel", Remedy.OTHER),
    50027: Failure("the interaction's token is dead", Remedy.OTHER),
    50035: Failure("the form is refused", Remedy.PLAIN),
    50083: Failure("the thread is archived or locked", Remedy.OPEN),
    50278: Failure("no server is shared with the person", Remedy.OTHER),
    110000: Failure("Discord is overloaded", Remedy.LATER),
    130000: Failure("Discord is overloaded", Remedy.LATER),
    160002: Failure("replies need the right to read the history", Remedy.UNTIED),
    160005: Failure("the thread is locked", Remedy.OTHER),
    200000: Failure("AutoMod objects to the words", Remedy.PLAIN),
    200001: Failure("AutoMod objects to the title", Remedy.PLAIN),
    240000: Failure("a link is taken for harmful", Remedy.PLAIN),
}


def remedy_of(status: int, code: int, *, doubtful: bool) -> Remedy:
    """What is to be done about a refusal, once something is painted."""
    known = FAILURES.get(code)
    if known is not None:
        return known.after
    if doubtful or status in (0, TOO_MANY, UNAUTHORIZED) or status >= BROKEN_FROM:
        return Remedy.LATER
    log.warning("Discord refused for a reason that we don't know", code=code, status=status)
    return Remedy.OTHER
