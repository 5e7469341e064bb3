"""A moderators' room that is a dictionary."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bot.errors import SurfaceError
from bot.ports import Address, Handle


@dataclass
class Wall:
    """A surface whose room is a dictionary; a post that was made before is found again, as platforms do."""

    name: str = "discord"
    room_of: dict[str, str] = field(default_factory=lambda: {"club": "mods"})
    cards: dict[str, Any] = field(default_factory=dict)
    posts: int = 0
    told: list[tuple[str, str]] = field(default_factory=list)
    refuses: SurfaceError | None = None
    dies: bool = False  # after a post, before anybody hears of it
    died: Counter[str] = field(default_factory=Counter)  # posts whose answer was lost so, by their cards
    begun: Counter[str] = field(default_factory=Counter)  # posts without a handle of one that was made before

    async def run(self):
        """Hears nobody."""

    async def show(self, card, address, handle):
        if self.refuses is not None:
            raise self.refuses
        self.posts += card.name not in self.cards
        self.cards[card.name] = card
        self.begun[card.name] += handle is None
        if self.dies:
            self.died[card.name] += handle is None
            raise asyncio.CancelledError
        return handle or Handle(key=card.name)

    async def tell(self, address, text):
        self.told.append((address.data["user"], text))

    def room(self, community, channel, *, at):
        del at
        return Address(surface=self.name, data={"channel": channel}) if channel else None

    async def owner(self, community):
        return Address(surface=self.name, data={"user": f"owner of {community}"})

    async def link(self, address, handle):
        return f"https://chat/{handle.key}"

    async def aclose(self):
        """Holds nothing."""

    @property
    def kinds(self):
        return [card.headline for card in self.cards.values()]
