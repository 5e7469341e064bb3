"""What a person at a terminal hears while a disk is full or the database can't be written."""

import asyncio
from collections.abc import Callable

from bot.house.app import trouble_of
from bot.house.building import App


class Troubles:
    """Says once what keeps a command from going on, and once that it goes on."""

    def __init__(self, house: App, say: Callable[[str], None]) -> None:
        self._house = house
        self._say = say
        self._told = ""

    async def look(self) -> None:
        """Looks, and says what is new."""
        trouble = await trouble_of(self._house)
        if bool(trouble) != bool(self._told):
            self._say(f"easel: {trouble}; it goes on when that is mended" if trouble else "easel: it goes on")
        self._told = trouble

    async def watch(self) -> None:
        """Looks every second until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(1.0)
