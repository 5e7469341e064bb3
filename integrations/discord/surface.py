"""The surface `discord`: listens through discord.py, shows cards by REST alone."""

import asyncio
import sys
from functools import partial
from typing import Any

import aiohttp
import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.abilities import Directory, GoesOn, Lender, Linked, Loan, Named, Reaches, Rooms, TakesBack
from bot.errors import ConfigError, ShowFailure, SurfaceError
from bot.ports import Address, Card, Handle, Requester
from bot.process.background import Background, end
from bot.tools import Tools
from bot.ways import troubles
from integrations.discord._wire import DiscordFault, Rest
from integrations.discord.address import SURFACE, DiscordAddress
from integrations.discord.answers import Answers
from integrations.discord.check import CLOSE_IT
from integrations.discord.commands import menus, register, registered
from integrations.discord.direct import Direct
from integrations.discord.entitlements import Entitlements
from integrations.discord.handles import counts_down, key_at, link_of
from integrations.discord.hearing import Hearing
from integrations.discord.homes import Homes
from integrations.discord.messages import Messages
from integrations.discord.people import Session, named
from integrations.discord.pictures import Pictures
from integrations.discord.promises import Promises
from integrations.discord.replies import Replies
from integrations.discord.settings import DiscordSettings

log = structlog.get_logger()

_TASKS_MOST, _TOLD_MOST = 2_000, 500
_EACH_MOST, _TOLD_EACH = 500, 20  # of one person, who must not take all the places
_UNAUTHORIZED, _INTENTS = 401, 4014
_REVOKED = (
    "[discord] token: Discord doesn't know it; copy a new one from the page Bot of the developer portal"
)
_GATEWAY_CODES = {
    4004: _REVOKED,
    4010: "[discord] shard_ids: Discord doesn't take them",
    4011: "[discord] shard_count: Discord wants more shards",
    _INTENTS: "[discord] Discord doesn't allow the intents that Easel uses",
}


_TROUBLES = (DiscordFault, discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)


def open_surface(settings: DiscordSettings, tools: Tools) -> "Discord":
    """Makes the surface; called inside the running event loop."""
    return Discord(settings, tools)


class Client(discord.AutoShardedClient):
    """discord.py's client with our handlers: they only start work, and never keep the gateway waiting."""

    def __init__(self, *, hearing: Hearing, homes: Homes, entitlements: Entitlements, **options: Any) -> None:
        # Nobody speaks here: that the libraries for voice are missing is worth no warning.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            # Servers for their roles and channels, reactions, and what is said to us. Without the privileged
            # intent everything else that people write comes without words and files.
            intents=discord.Intents(
                guilds=True, guild_reactions=True, dm_reactions=True, guild_messages=True, dm_messages=True
            ),
            allowed_mentions=discord.AllowedMentions.none(),
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            enable_debug_events=False,
            **options,
        )
        self._hearing = hearing
        self._homes = homes
        self._entitlements = entitlements

    async def on_interaction(self, interaction: Session) -> None:
        self._hearing.hear(interaction)

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        self._hearing.react(payload, self)

    async def on_message(self, message: discord.Message) -> None:
        self._hearing.listen(message, self)

    async def on_shard_disconnect(self, shard_id: int | None) -> None:
        self._hearing.catch_up(shard_id)

    async def on_shard_resumed(self, shard_id: int | None) -> None:
        self._hearing.be_up_to_date(shard_id)

    async def on_shard_connect(self, shard_id: int) -> None:
        self._homes.begin(shard_id, self.shard_count or 1)

    async def on_shard_ready(self, shard_id: int) -> None:
        self._hearing.be_up_to_date(shard_id)
        unavailable = {str(guild.id) for guild in self.guilds if guild.unavailable}
        self._homes.compare(shard_id, self.shard_count or 1, unavailable=unavailable)

    async def on_entitlement_create(self, entitlement: discord.Entitlement) -> None:
        self._entitlements.note(entitlement)

    on_entitlement_update = on_entitlement_delete = on_entitlement_create

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self._homes.note(str(guild.id), self.shard_count or 1)

    on_guild_available = on_guild_join

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self._homes.leave(str(guild.id))

    async def on_error(self, event_method: str, /, *_args: Any, **_named: Any) -> None:
        log.error("an event of Discord broke", handler=event_method, exc_info=sys.exc_info())


class Discord(Reaches, Lender, Directory, Rooms, TakesBack, Linked, GoesOn):
    """One application."""

    name = SURFACE

    def __init__(self, settings: DiscordSettings, tools: Tools) -> None:
        self._settings = settings
        self._tools = tools
        self._rest = rest = Rest(
            settings,
            on_trouble=lambda trouble: tools.upkeep.tell(SURFACE, trouble),
            on_invalid=lambda status: tools.metrics.refused_calls.labels(SURFACE, str(status)).inc(),
        )
        self._background = Background(SURFACE, most=_TASKS_MOST, each=_EACH_MOST)
        self._told = Background("who has too much under way", most=_TOLD_MOST, each=_TOLD_EACH)
        direct, promises = Direct(rest), Promises(rest)
        self._replies = replies = Replies(rest, words=tools.words, direct=direct, promises=promises)
        answers = Answers(replies, gallery=tools.gallery)
        self._pictures = Pictures(rest, api_base_url=settings.api_base_url)
        self._hearing = Hearing(
            talk=tools.talk,
            replies=replies,
            answers=answers,
            background=self._background,
            told=self._told,
            menus=menus(tools.words),
            pictures=self._pictures,
        )
        self._homes = Homes(tools.residence, rest, self._background)
        self._entitlements = Entitlements(rest, tools.purchases, self._background)
        hint = partial(tools.words.say, "discord-go-on")
        self._messages = Messages(rest, gallery=tools.gallery, direct=direct, promises=promises, hint=hint)
        self._client: Client | None = None  # while connected
        # discord.py's two seams for another server; one process speaks to one Discord.
        Route.BASE = settings.api_base_url
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway_url)

    # ── The port ─────────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Listens while it is connected. Raises ConfigError for a token that Discord doesn't know."""
        watch = asyncio.create_task(self._rest.until_revoked(), name="discord-token")
        listen = asyncio.create_task(self._listen(), name="discord-listen")
        try:
            await asyncio.wait([watch, listen], return_when=asyncio.FIRST_COMPLETED)
            if watch.done():
                raise ConfigError(_REVOKED)
            await listen
        finally:
            for task in (watch, listen):
                task.cancel()
            await asyncio.gather(watch, listen, return_exceptions=True)

    async def show(self, card: Card, address: Address, handle: Handle | None) -> Handle:
        """Makes the message say what the card says."""
        return await self._messages.show(card, address, handle)

    def goes_on(self, card: Card, handle: Handle) -> bool:
        """Whether the placeholder counts down to the picture already."""
        return counts_down(card, handle)

    async def tell(self, address: Address, text: str) -> None:
        """Says a sentence to one person alone."""
        await self._replies.tell_alone(DiscordAddress.of(address), text)

    async def take_back(self, asked: Address, text: str) -> None:
        """A placeholder was promised there, and none will come. Raises SurfaceError."""
        await self._replies.take_back(DiscordAddress.of(asked), text)

    def person(self, community: str, user: str) -> Address:
        """Somebody, by a direct message."""
        return DiscordAddress(guild=community if community.isdecimal() else "", user=user).address

    async def say_in(self, room: Address, user: str, text: str) -> None:
        """In the channel, with the person's name. Raises SurfaceError."""
        await self._replies.tell_in(DiscordAddress.of(room), user, text)

    async def lend(self, ref: str) -> Loan:
        """Where a picture of a message can be fetched now. Raises NotThere, SurfaceError."""
        return await self._pictures.lend(ref)

    def recognise(self, url: str) -> str:
        """What a picture of Discord's is called, by its address."""
        return self._pictures.recognise(url)

    async def find(self, who: Requester, kind: Named, typed: str) -> str | None:
        """The id of a role or channel of a person's server, None where there is none. Raises SurfaceError."""
        guild = None
        if self._client is not None and who.community.isdecimal():
            guild = self._client.get_guild(int(who.community))
        return named(guild, kind, typed)

    def room(self, community: str, channel: str, *, at: float) -> Address | None:
        """A channel of a server, where the bot itself writes."""
        if not channel:
            return None
        return DiscordAddress(asked=f"{at:.3f}", guild=community, channel=channel, bot="1").address

    async def owner(self, community: str) -> Address | None:
        """Who owns a server, by a direct message. Raises SurfaceError."""
        if not community.isdecimal():
            return None
        with troubles():
            found = await self._rest.call("GET", f"/guilds/{community}")
        return DiscordAddress(guild=community, user=str(found["owner_id"])).address

    async def link(self, address: Address, handle: Handle) -> str:
        """Where a message stands, as Discord's own client opens it."""
        return link_of(handle, DiscordAddress.of(address)) if "message" in handle.data else ""

    message_at = staticmethod(key_at)

    async def aclose(self) -> None:
        await self._background.aclose()
        await self._told.aclose()
        await self._rest.aclose()

    # ── Listening ────────────────────────────────────────────────────────────────────────────────────

    async def _listen(self) -> None:
        try:
            await self._connect()
        except _TROUBLES as error:
            if final := _final(error):
                raise ConfigError(final) from error
            raise SurfaceError(f"Discord can't be reached: {error!r}", kind=ShowFailure.LATER) from error

    async def _connect(self) -> None:
        """Commands registered, then connected until the connection ends for good; RESUME is discord.py's."""
        me = await self._rest.call("GET", "/applications/@me")
        if me.get("bot_public") and (spend := self._tools.strangers_spend):
            log.warning("anybody can add this bot to a server", spend=spend, fix=CLOSE_IT)
        shards = self._settings.shard_count or await self._ask_for_shards()
        async with Client(
            hearing=self._hearing,
            homes=self._homes,
            entitlements=self._entitlements,
            shard_ids=list(self._settings.shard_ids or range(shards)),
            shard_count=shards,
            http_trace=self._rest.watch(),
        ) as client:
            await self._register(str(me["id"]))
            self._client = client
            looking = asyncio.create_task(self._entitlements.run(str(me["id"])), name="discord-entitlements")
            try:
                await client.start(self._settings.token.get_secret_value())
            finally:
                self._client = None
                await end([looking])

    async def _ask_for_shards(self) -> int:
        return max(1, int((await self._rest.call("GET", "/gateway/bot")).get("shards") or 1))

    async def _register(self, application: str) -> None:
        try:
            wanted = registered(self._tools.words)
            await register(self._rest, application, wanted, self._settings.guild_ids)
        except DiscordFault as fault:
            if fault.status == _UNAUTHORIZED:
                raise
            log.error("the commands could not be registered", problem=str(fault))  # noqa: TRY400 - its words say all


def _final(error: Exception) -> str:
    """What the operator must mend, where trying again would not help."""
    match error:
        case DiscordFault(status=401) | discord.LoginFailure():
            return _REVOKED
        case discord.PrivilegedIntentsRequired():
            return _GATEWAY_CODES[_INTENTS]
        case discord.ConnectionClosed(code=code):
            return _GATEWAY_CODES.get(code, "")
        case _:  # every other exception may pass
            return ""
