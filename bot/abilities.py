"""What a surface may be able to do besides the port Surface, each a port of its own: lend, look up, tell, be linked, go on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bot.ports import Address, Card, Handle, Requester, Surface


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """Where a picture of a chat can be fetched at this moment. Its headers go to its own host alone."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@runtime_checkable
class Lender(Protocol):
    """A surface in whose messages there are pictures. A surface may have this besides the port Surface."""

    async def lend(self, ref: str) -> Loan:
        """Where the attachment of a Source can be fetched now, by what this surface wrote into its `ref`.

        By one or two quick calls, ten seconds at most. Raises NotThere for what is gone or not a picture,
        SurfaceError for a trouble that passes, ShowFailure (its kinds) where a right is lacking.
        """

    def recognise(self, url: str) -> str:
        """The `ref` of an attachment by its address, as somebody has typed it; empty for any other address.

        What is typed opens nothing by our own rights: only what whoever types it could fetch by that address.
        """


class Named(StrEnum):
    """What a community's rules name besides models and words."""

    ROLE = "role"  # or user group: what Requester.roles holds
    CHANNEL = "channel"  # what Place.channel holds
    PERSON = "person"  # what Requester.user holds


def only_one(found: Sequence[str]) -> str | None:
    """What a name stands for: of two of one name, neither."""
    return found[0] if len(found) == 1 else None


@runtime_checkable
class Directory(Protocol):
    """A surface that knows the roles and channels of its communities, so that no rule names one that isn't there.

    A surface may have this besides the port Surface; where it doesn't, rules keep what was typed. `typed` is
    what a moderator wrote: an id, a name with or without its @ or #, or a mention as the platform writes it.
    """

    async def find(self, who: Requester, kind: Named, typed: str) -> str | None:
        """The id in this person's community, None where there is none; of two of one name, neither.

        From memory or by one quick call: two seconds for a whole change. Raises SurfaceError where it can't
        be told now; what was typed is kept then.
        """


@runtime_checkable
class Rooms(Protocol):
    """A surface that has rooms for moderators. A surface may have this besides the port Surface."""

    def room(self, community: str, channel: str, *, at: float) -> Address | None:
        """Where the moderators of a community are told; None without a channel, where the surface needs one.

        `at`: when what is told happened; the same for the same, so that a post whose answer was lost is found.
        """

    async def owner(self, community: str) -> Address | None:
        """Who runs the community, to be told something alone; None where that can't be known. Raises SurfaceError."""

    async def link(self, address: Address, handle: Handle) -> str:
        """Where people open a message of ours; empty where that can't be told."""


@runtime_checkable
class Reaches(Surface, Protocol):
    """A surface that reaches people who have asked for nothing. A surface may be this."""

    def person(self, community: str, user: str) -> Address:
        """Where somebody is told something alone."""

    async def say_in(self, room: Address, user: str, text: str) -> None:
        """One sentence for a person, in the room of that address for everybody to see.

        Raises SurfaceError: FORBIDDEN where that is no room of several, or not one in which we may write.
        """


@runtime_checkable
class TakesBack(Protocol):
    """A surface that says beforehand that an answer takes a while (`Ask.waits`). A surface may have this besides the port Surface."""

    async def take_back(self, asked: Address, text: str) -> None:
        """Takes away what was said there, if it still says so, and tells whoever asked. Raises SurfaceError."""


@runtime_checkable
class Linked(Protocol):
    """A surface whose messages people have links to. A surface may have this besides the port Surface."""

    def message_at(self, link: str) -> str:
        """The key of the message that a link leads to, as a Handle of ours has it; empty for any other address."""


@runtime_checkable
class GoesOn(Protocol):
    """A surface whose messages go on by themselves, as one that counts down. A surface may have this besides the port Surface."""

    def goes_on(self, card: Card, handle: Handle) -> bool:
        """Whether the message says enough of a card as it is, so that an edit would send nothing. From memory."""
