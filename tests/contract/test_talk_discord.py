"""The surface `discord` keeps the contract: real discord.py over its gateway, with a strict local Discord behind it."""

import asyncio
import contextlib
import importlib
import re
import warnings

import pytest
import pytest_asyncio

from bot import config
from bot.app import WORKER, open_app, serve
from bot.order.defaults import CLEAR, read_defaults
from bot.order.flags import NAMED, Kind
from bot.ports import Requester
from integrations.simulator.app import simulator
from tests.contract.talk_contract import Post, TalkContract
from tests.fakes.discord import DiscordServer, Misuse
from tests.fakes.discord.world import walk

pytestmark = pytest.mark.asyncio(loop_scope="module")

SURFACE = "discord"
EMOJI = {"again": "🔁", "delete": "❌"}
_ESCAPE = re.compile(r"\\([\W_])")
_LINK = re.compile(r"\]\(https?://")


class Channel:
    """A channel of a server of its own, as the contract asks for a chat."""

    def __init__(self, discord, house, guild, place, people):
        self._discord, self._house = discord, house
        self._guild, self._place = guild, place
        self._told = {person.id: {} for person in people}
        self.mina, self.tom, self.kim = people

    # ── What they do ─────────────────────────────────────────────────────────────────────────────────

    async def imagine(self, person, text):
        await self._slash(person, "imagine", {"prompt": text})

    async def ask(self, person, topic, text=""):
        match topic:
            case "admin":
                await self._slash(person, *_admin(text))
            case "defaults":
                await self._slash(person, "easel defaults", _defaults(text))
            case _:
                assert not text, "the command has no options"
                await self._slash(person, f"easel {topic}", {})

    async def press(self, person, post, do, index=0):
        def meant(control):
            parts = control.get("custom_id", "").split(":")
            return parts[1:2] == [do] and (not index or parts[3:] == [str(index)])

        await self._answered(await self._discord.press(person, self._message(post), meant))

    async def press_twice(self, person, post, do):
        await asyncio.gather(self.press(person, post, do), self.press(person, post, do))

    async def show_again(self, person, job):
        message, control = self._last_with(person, "v1:show:history")
        await self._answered(await self._discord.select(person, message, control, job))

    async def react(self, person, post, sign):
        message, emoji = self._message(post), EMOJI[sign]
        if person.id in message.reactions.get(emoji, []):
            await self._discord.unreact(person, message, emoji)
        await self._discord.react(person, message, emoji)

    async def confirm(self, person):
        message, control = self._last_with(person, "v1:forget:yes")
        await self._answered(await self._discord.press(person, message, control))

    async def fill(self, person, **values):
        await self._answered(await self._discord.submit(self._open_form(person), values))

    async def _slash(self, person, command, options):
        try:
            invocation = await self._discord.slash(person, self._place, command, options)
        except Misuse as error:
            if "hidden from this person" not in str(error):
                raise
            raise PermissionError(str(error)) from error
        await self._answered(invocation)

    async def _answered(self, invocation):
        await invocation.response()

    # ── What they see ────────────────────────────────────────────────────────────────────────────────

    def posts(self):
        return [_post(m) for m in self._place.visible if m.author.bot]

    def told(self, person):
        told = self._told[person.id]
        for message in self._said_alone(person):
            if message.text and message.id not in told:
                told[message.id] = _plain(message.text)
        return list(told.values())

    def files(self, person):
        return sum(len(m.attachments) + len(_LINK.findall(m.text)) for m in self._said_alone(person))

    def form(self, person):
        opened = self._open_form(person)
        if opened is None:
            return None
        fields = [one for one in walk(opened.modal["components"]) if "custom_id" in one]
        return {field["custom_id"]: value for field in fields if (value := _filled(field))}

    async def left(self, person):
        who = Requester(surface=SURFACE, community=str(self._guild.id), user=str(person.id))
        return (await self._house.studio.credits(who)).balance.available

    def _message(self, post):
        return self._place.messages[int(post.id)]

    def _said_alone(self, person):
        """In the channel for one person's eyes, and directly; what was dismissed was said all the same."""
        private = [m for m in self._place.messages.values() if m.ephemeral and m.owner_id == person.id]
        direct = [m for m in self._discord.dm(person).messages.values() if m.author.bot]
        return [m for m in (*private, *direct) if not m.loading]

    def _last_with(self, person, custom_id):
        private = [m for m in self._said_alone(person) if not m.deleted]
        found = [m for m in private if custom_id in [one.get("custom_id") for one in m.controls]]
        return found[-1], custom_id

    def _open_form(self, person):
        sent = {one.parent.id for one in self._discord.invocations if one.parent}
        mine = [one for one in self._discord.invocations if one.user is person and one.id not in sent]
        return next((one for one in reversed(mine) if one.modal), None)


def _admin(text):
    """A moderator's line as the command and options that its words stand for."""
    verb, *rest = text.split()
    if verb == "set":
        return "easel-admin settings", dict(zip(("name", "value"), rest, strict=False))
    assert not rest
    return f"easel-admin {verb}", {}


def _defaults(text):
    """A line of defaults as the options that its flags stand for."""
    if text in CLEAR:
        return {"clear": True}
    values = read_defaults(text)
    return {
        name: value == "yes" if NAMED[name].kind is Kind.SWITCH else value for name, value in values.items()
    }


def _post(message):
    ids = [one["custom_id"].split(":") for one in message.controls if "custom_id" in one]
    return Post(
        id=str(message.id),
        job=ids[0][2] if ids else "",
        text=_plain(message.text),
        pictures=len(message.images),
        buttons=tuple(f"{do}:{index[0]}" if do == "pick" else do for _, do, _, *index in ids),
    )


def _plain(text):
    return _ESCAPE.sub(r"\1", text).replace("\u200b", "")


def _filled(field):
    chosen = [one["value"] for one in field.get("options", ()) if one.get("default")]
    return " ".join(chosen) or field.get("value", "")


@contextlib.asynccontextmanager
async def served(folder, discord, sim):
    """The whole house in this process."""
    with warnings.catch_warnings():
        # discord.py imports audioop, which Python has put on its list to go.
        warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
        importlib.import_module("integrations.discord.surface")
    settings = config.load(
        None,
        environ={},
        http={"port": 0},
        store={"url": f"sqlite:///{folder / 'easel.db'}"},
        assets={"url": str(folder / "pictures")},
        gateway={"base_url": sim.base_url, "api_key": sim.api_key},
        fetch={"allow_hosts": [sim.address]},
        quotas={"daily_allowance": 50_000},
        discord={
            "token": discord.token, "api_base_url": discord.api_base_url, "gateway_url": discord.gateway_url,
        },
    )  # fmt: skip
    roles, stop = {WORKER, SURFACE}, asyncio.Event()
    async with open_app(settings, roles=roles, surfaces=[SURFACE]) as house:
        serving = asyncio.create_task(serve(house, roles=roles, stop=stop))
        try:
            await discord.until(lambda: discord.ready)
            yield house
        finally:
            stop.set()
            await serving
        assert await house.store.ledger.problems() == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    async with (
        DiscordServer() as discord,
        simulator(latency=False, tiny_images=True) as sim,
        served(folder, discord, sim) as house,
    ):
        yield discord, house


@pytest_asyncio.fixture(loop_scope="module")
async def chat(town):
    discord, house = town
    guild = await discord.guild("Foxes")
    mina, tom, kim = people = [discord.user(name) for name in ("mina", "tom", "kim")]
    for person in (mina, tom):
        discord.join(guild, person)
    discord.join(guild, kim, discord.role(guild, "mods", "manage_guild"))
    yield Channel(discord, house, guild, await discord.channel(guild), people)
    assert discord.violations == []
    assert discord.pings == []


class TestTalkDiscord(TalkContract):
    """In Discord."""
