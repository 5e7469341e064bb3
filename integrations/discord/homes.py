"""In which servers Easel is at home: noted in order, for a start tells of all of them at once."""

import structlog

from bot.errors import StoreBusy
from bot.studio import Studio
from integrations.discord._work import Work
from integrations.discord.address import SURFACE

log = structlog.get_logger()


class Homes:
    """Tells the studio who has come and gone."""

    def __init__(self, studio: Studio, work: Work) -> None:
        self._studio = studio
        self._work = work
        self._waiting: dict[str, None] = {}

    def note(self, guild: str) -> None:
        """Easel is in a server: one after the other will do."""
        under_way = bool(self._waiting)
        self._waiting[guild] = None
        if not under_way and not self._work.start(self._note_all()):
            self._waiting.clear()

    def leave(self, guild: str) -> None:
        """Easel was removed from a server."""
        log.info("removed from a server", guild=guild)
        self._work.start(self._studio.left(SURFACE, guild))

    async def _note_all(self) -> None:
        try:
            while self._waiting:
                guild = next(iter(self._waiting))
                await self._note(guild)
                del self._waiting[guild]
        finally:
            self._waiting.clear()

    async def _note(self, guild: str) -> None:
        try:
            await self._studio.joined(SURFACE, guild)
        except StoreBusy as error:
            log.warning("that Easel is in a server could not be noted", guild=guild, problem=str(error))
