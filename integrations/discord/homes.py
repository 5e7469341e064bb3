"""In which servers Easel is at home: noted in order, for a start tells of all of them at once."""

from collections.abc import Container

import structlog

from bot.background import Background
from bot.errors import StoreBusy
from bot.studio import Studio
from integrations.discord._wire import NO_ACCESS, UNKNOWN_GUILD, DiscordFault, Rest
from integrations.discord.address import SURFACE

log = structlog.get_logger()


class Homes:
    """Tells the studio who has come and gone."""

    def __init__(self, studio: Studio, rest: Rest, background: Background) -> None:
        self._studio = studio
        self._rest = rest
        self._background = background
        self._waiting: dict[str, None] = {}
        self._greeted: set[str] = set()

    def begin(self, shard: int, shards: int) -> None:
        """A new session of a shard: all of its servers are told again."""
        self._greeted -= {guild for guild in self._greeted if _shard_of(guild, shards) == shard}

    def note(self, guild: str) -> None:
        """Easel is in a server: one after the other will do."""
        self._greeted.add(guild)
        under_way = bool(self._waiting)
        self._waiting[guild] = None
        if not under_way and not self._background.start(self._note_all()):
            self._waiting.clear()

    def leave(self, guild: str) -> None:
        """Easel was removed from a server."""
        log.info("removed from a server", guild=guild)
        self._background.start(self._studio.left(SURFACE, guild))

    def compare(self, shard: int, shards: int, *, unavailable: Container[str]) -> None:
        """All servers of a shard were told: one that is missing may have removed Easel while nobody listened."""
        self._background.start(self._compare(shard, shards, unavailable))

    async def _compare(self, shard: int, shards: int, unavailable: Container[str]) -> None:
        try:
            for guild in await self._studio.communities(SURFACE):
                ours = guild.isdecimal() and _shard_of(guild, shards) == shard
                if ours and guild not in self._greeted and guild not in unavailable:
                    await self._ask_about(guild)
        except (StoreBusy, DiscordFault) as error:
            log.warning("who removed Easel meanwhile is asked at the next start", problem=str(error))

    async def _ask_about(self, guild: str) -> None:
        """Only Discord's own word begins an erasure, never a list that may have come in part."""
        try:
            await self._rest.bot("GET", f"/guilds/{guild}")
        except DiscordFault as fault:
            if fault.code not in (UNKNOWN_GUILD, NO_ACCESS):
                raise
            self.leave(guild)

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


def _shard_of(guild: str, shards: int) -> int:
    """https://discord.com/developers/docs/events/gateway#sharding-sharding-formula."""
    return (int(guild) >> 22) % shards
