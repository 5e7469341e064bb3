"""The surface `discord` keeps the contract, by REST alone: no gateway is connected here."""

import importlib
import re
import time
import warnings

import pytest
import pytest_asyncio

from bot.configuration.config import load
from bot.house.app import open_app
from bot.ports import Handle
from integrations.discord.address import DiscordAddress
from tests.contract.surface_contract import Seen, SurfaceContract
from tests.fakes.discord import DiscordServer

pytestmark = pytest.mark.asyncio(loop_scope="module")
_ESCAPE = re.compile(r"\\([^\w\s])")


class Stage:
    """A channel, a person, and two processes' surfaces."""

    def __init__(self, server, apps, guild, channel, mina):
        self.server, self._guild, self._channel, self._mina = server, guild, channel, mina
        self.surface, self.another = (app.surfaces["discord"] for app in apps)
        self.gallery = apps[0].assets

    async def address(self):
        inv = await self.server.slash(self._mina, self._channel, "imagine")
        return DiscordAddress(
            app=str(self.server.world.application_id), interaction=str(inv.id), token=inv.token,
            asked=f"{time.time():.3f}", guild=str(self._guild.id), channel=str(self._channel.id),
            user=str(self._mina.id), limit=str(inv.limit_bytes), bot="1",
        ).address  # fmt: skip

    async def late_address(self):
        return DiscordAddress(
            asked=f"{time.time():.3f}", guild=str(self._guild.id), channel=str(self._channel.id),
            user=str(self._mina.id), bot="1",
        ).address  # fmt: skip

    def look(self, handle: Handle):
        message = self.server.world.find(int(handle.data["channel"]), int(handle.data["message"]))
        if message is None:
            return None
        text = _ESCAPE.sub(r"\1", message.text).replace("\u200b", "")
        only_for = str(message.owner_id) if message.ephemeral else ""
        return Seen(text, len(message.images), len(message.controls), only_for)

    def count(self):
        return sum(not one.deleted for one in self._channel.messages.values())

    @property
    def pings(self):
        return self.server.pings

    async def people_delete(self, handle):
        await self.server.messages.delete(self._channel.messages[int(handle.data["message"])])

    def lose_answer(self):
        self.server.faults.cut_after("POST /channels/*/messages")

    def outage(self):
        self.server.faults.fail("* /**", 503, times=1000)

    def calm(self):
        self.server.faults.clear()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stage")
    async with DiscordServer() as server:
        config = folder / "easel.toml"
        config.write_text(
            f'[store]\nurl = "sqlite:///{folder}/easel.db"\n[assets]\nurl = "{folder}/assets"\n[discord]\n'
            f'token = "{server.token}"\napi_base_url = "{server.api_base_url}"\ngateway_url = "{server.gateway_url}"'
        )
        guild = await server.guild("Foxes")
        channel = await server.channel(guild)
        mina = server.user("mina")
        server.join(guild, mina)
        server.commands.replace(None, [{"name": "imagine", "description": "Make a picture"}])
        settings = load(config)
        with warnings.catch_warnings():
            # discord.py imports audioop, which Python has put on its list to go.
            warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
            importlib.import_module("integrations.discord.surface")
        async with (
            open_app(settings, roles=(), surfaces=["discord"]) as one,
            open_app(settings, roles=(), surfaces=["discord"]) as two,
        ):
            yield Stage(server, (one, two), guild, channel, mina)
        assert server.violations == []


class TestDiscord(SurfaceContract):
    """Discord's subject."""
