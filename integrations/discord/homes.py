"""In which servers Easel is at home: who comes and goes, and who did so while nobody listened."""

from collections.abc import Container

import structlog

from bot.community.residence import Residence
from bot.errors import StoreBusy
from bot.process.background import Background
from integrations.discord._wire import DiscordFault, Rest
from integrations.discord.address import SURFACE
from integrations.discord.failures import NO_ACCESS, UNKNOWN_GUILD

log = structlog.get_logger()


class Homes:
    """Notes who has come and gone."""

    def __init__(self, residence: Residence, rest: Rest, background: Background) -> None:
        self._residence = residence
        self._rest = rest
        self._background = background
        self._greeting: set[int] = set()  # shards whose servers are being told, all at once
        self._greeted: set[str] = set()

    def begin(self, shard: int, shards: int) -> None:
        """A new session of a shard: all of its servers are told again."""
        self._greeting.add(shard)
        self._greeted -= {guild for guild in self._greeted if _shard_of(guild, shards) == shard}

    def note(self, guild: str, shards: int) -> None:
        """Easel is in a server."""
        self._greeted.add(guild)
        if _shard_of(guild, shards) not in self._greeting:
            self._background.start(self._residence.joined(SURFACE, guild))

    def leave(self, guild: str) -> None:
        """Easel was removed from a server."""
        log.info("removed from a server", guild=guild)
        self._background.start(self._residence.left(SURFACE, guild))

    def compare(self, shard: int, shards: int, *, unavailable: Container[str]) -> None:
        """All servers of a shard were told: some may have come back or gone while nobody listened."""
        self._greeting.discard(shard)
        self._background.start(self._compare(shard, shards, unavailable))

    async def _compare(self, shard: int, shards: int, unavailable: Container[str]) -> None:
        try:
            for guild, left in (await self._residence.communities(SURFACE)).items():
                if not guild.isdecimal() or _shard_of(guild, shards) != shard:
                    continue
                if left and guild in self._greeted:
                    await self._residence.joined(SURFACE, guild)
                elif not left and guild not in self._greeted and guild not in unavailable:
                    await self._ask_about(guild)
        except (StoreBusy, DiscordFault) as error:
            log.warning("who removed Easel meanwhile is asked at the next start", problem=str(error))

    async def _ask_about(self, guild: str) -> None:
        """Only Discord's own word begins an erasure, never a list that may have come in part."""
        try:
            await self._rest.call("GET", f"/guilds/{guild}")
        except DiscordFault as fault:
            if fault.code not in (UNKNOWN_GUILD, NO_ACCESS):
                raise
            self.leave(guild)


def _shard_of(guild: str, shards: int) -> int:
    """https://discord.com/developers/docs/events/gateway#sharding-sharding-formula."""
    return (int(guild) >> 22) % shards
