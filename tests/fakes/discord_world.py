"""A local Discord with one channel and our messages in it, for tests of what is shown and said there."""

import io
from dataclasses import replace

from PIL import Image

from bot.errors import NotThere
from bot.jobs.sayings import remembering
from bot.ports import Action, Card, Do, Phase, Picture
from integrations.discord.address import DiscordAddress
from integrations.discord.messages import Messages

PLACEHOLDER = Card(
    job="01m7za57f5evfned4t7d0apt9v", version=1, phase=Phase.PAINTING, requester="mina", prompt="a fox",
    headline="Painting …", actions=(Action(do=Do.CANCEL, label="Cancel"),),
)  # fmt: skip
SHOWN = Picture(key="a.png", media_type="image/png", width=40, height=30, size_bytes=99, alt="a fox")
DONE = replace(
    PLACEHOLDER, version=2, phase=Phase.FINISHED, headline="Done", pictures=(SHOWN,), originals=(SHOWN,),
    actions=(Action(do=Do.REROLL, label="Re-roll"), Action(do=Do.DELETE, label="Delete")),
)  # fmt: skip


def png(size=(40, 30)):
    out = io.BytesIO()
    Image.new("RGB", size, "orange").save(out, "PNG")
    return out.getvalue()


class Wall:
    """Our images as a surface gets at them."""

    asked_bytes = 0

    async def read(self, key):
        if key != "a.png":
            raise NotThere
        return png()

    async def fit(self, key, *, limit_bytes):
        self.asked_bytes = limit_bytes
        return await self.read(key), "image/png"

    def link(self, key, *, private=False):
        return None

    def path(self, key, *, private=False):
        raise AssertionError("Discord has no use for a path without a host")


class World:
    """A local Discord with one channel, and our messages in it by one clock."""

    def __init__(self, server, guild, channel, mina, rest):
        self.server, self.guild, self.channel, self.mina, self.rest = server, guild, channel, mina, rest
        self.late_s = 0.0
        self.wall = Wall()
        self.messages = Messages(rest, gallery=self.wall, clock=self.now)

    def now(self):
        return self.server.clock.now() + self.late_s

    async def where(self, **facts):
        inv = await self.server.slash(self.mina, self.channel, "imagine")
        known = {
            "app": str(self.server.world.application_id), "interaction": str(inv.id), "token": inv.token,
            "asked": f"{self.now():.3f}", "guild": str(self.guild.id), "channel": str(self.channel.id),
            "user": str(self.mina.id), "limit": str(inv.limit_bytes), "bot": "1",
        }  # fmt: skip
        return DiscordAddress(**(known | facts)).address

    async def show(self, card, address, handle=None):
        """As delivery does it, which remembers what people have seen."""
        return remembering(await self.messages.show(card, address, handle), card, handle)
