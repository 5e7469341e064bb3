"""The surface `slack` keeps the contract, by the Web API alone: no socket is open here."""

import contextlib
import time

import pytest
import pytest_asyncio

from bot.configuration import config
from bot.house.app import open_app
from bot.ports import Address, Handle
from integrations.slack.people import SURFACE
from tests.contract.surface_contract import Seen, SurfaceContract
from tests.fakes.slack import SlackServer
from tests.fakes.slack.records import elements

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Stage:
    """A channel, a person, and two processes' surfaces."""

    def __init__(self, slack, apps, mina):
        self._slack, self._mina = slack, mina
        self._place = slack.world.add_channel("art")
        self.surface, self.another = (app.surfaces[SURFACE] for app in apps)
        self.gallery = apps[0].assets

    async def address(self):
        asked = f"{time.time():.0f}"
        return Address(
            surface=SURFACE, data={"channel": self._place.id, "user": self._mina.id, "asked": asked}
        )

    late_address = address

    def look(self, handle: Handle):
        message = self._slack.world.messages[tuple(handle.key.split(":"))]
        if message.deleted:
            return None
        text = message.shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        only_for = self._mina.id if message.channel != self._place.id else ""
        pictures = sum(block["type"] == "image" for block in message.blocks)
        buttons = sum(one["type"] in ("button", "overflow") for _, one in elements(message.blocks))
        return Seen(text, pictures, buttons, only_for)

    def count(self):
        return len([one for one in self._slack.messages if not one.deleted])

    @property
    def pings(self):
        return [*self._slack.pings, *self._slack.possible_pings]

    async def people_delete(self, handle):
        self._slack.delete_message(self._slack.world.message(*handle.key.split(":")))

    def lose_answer(self):
        self._slack.faults.cut("chat.postMessage", after=True)

    def outage(self):
        self._slack.faults.break_answer("*", times=1000)

    def calm(self):
        self._slack.faults.clear()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stage")
    async with SlackServer() as slack, contextlib.AsyncExitStack() as opened:
        slack.tokens.scopes.add("channels:history")
        sections = {
            "store": {"url": f"sqlite:///{folder / 'easel.db'}"},
            "assets": {"url": str(folder / "pictures")},
            "slack": {
                "bot_token": slack.tokens.bot, "app_token": slack.tokens.app, "api_base_url": slack.api_base_url,
            },
        }  # fmt: skip
        settings = config.load(None, environ={}, **sections)
        apps = [
            await opened.enter_async_context(open_app(settings, roles=(), surfaces=[SURFACE]))
            for _ in range(2)
        ]
        yield Stage(slack, apps, slack.world.add_person("mina"))
        assert slack.violations == []


class TestSlack(SurfaceContract):
    """Slack's subject."""
