"""What one person is told without having asked, as a value: kept with what it tells of, so that no kill loses it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.ports import Address, Requester


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One sentence for one person. The same `id` is told once. `room` is where it happened, for whoever can't be told alone.

    `asked`: it takes the place of an answer. Then `id` is the request's key and `room` where they asked, and it is told only
    if no job came of that.
    """

    id: str
    to: Requester
    says: str  # the name of a text
    facts: Mapping[str, str | int] = field(default_factory=dict)
    room: Address | None = None
    asked: bool = False
    tries: int = 0
