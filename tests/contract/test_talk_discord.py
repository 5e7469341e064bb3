"""The surface `discord` keeps the contract: real discord.py over its gateway, with a strict local Discord behind it."""

import asyncio
import contextlib
import importlib
import re
import warnings
from typing import ClassVar

import pytest
import pytest_asyncio

from bot.configuration import config
from bot.errors import StoreBusy
from bot.house.app import WORKER, open_app, serve
from bot.jobs import patience
from bot.order.flags import by_spelling
from bot.ports import Handle, Requester
from integrations.discord.address import SURFACE
from integrations.simulator.app import simulator
from tests.contract.talk_contract import (
    FOX,
    Post,
    TalkContract,
    answered,
    appeared,
    asked,
    painted,
    seen,
    until,
)
from tests.contract.talk_room import reported
from tests.contract.talk_steps import photo
from tests.fakes.discord import DiscordServer, Misuse
from tests.fakes.free_ports import free_port
from tests.fakes.services.stability import larger
from tests.fakes.there import there

pytestmark = pytest.mark.asyncio(loop_scope="module")

EMOJI = {"again": "🔁", "delete": "❌", "favourite": "⭐", "send": "✉️"}
_RENAME = re.compile(r"rename (?P<name>.+) to (?P<rename>.+)")
_ESCAPE = re.compile(r"\\([^a-zA-Z0-9\s])")
_FLAG = re.compile(r"--(\S+) (\S+)")


class Channel:
    """A channel of a server of its own, as the contract asks for a chat."""

    takes_pictures = True
    lacks: ClassVar[dict[str, str]] = {
        "murmurs": "Discord tells Easel the words of those messages alone that name it or answer it",
    }

    def __init__(self, server, house, guild, channel, people):
        self._server, self._house, self._guild, self._place = server, house, guild, channel
        self.house = house
        self.mina, self.tom, self.kim = people
        self._opened_links, self._mods = [], channel
        self._since = max([0, *(max(server.dm(one).messages, default=0) for one in people)])

    @property
    def guild(self):
        return self._guild

    @property
    def place(self):
        return self._place

    # ── What they do ─────────────────────────────────────────────────────────────────────────────────

    async def imagine(self, person, text, **options):
        await self._server.slash(person, self._place, "imagine", {"prompt": text, **options})

    async def ask(self, person, topic, text=""):
        command, options = _typed(topic, text)
        try:
            await self._server.slash(person, self._place, command, options)
        except Misuse as error:
            if "hidden from this person" not in str(error):
                raise
            raise PermissionError(command) from error

    async def hands(self, person, to, amount):
        await self._server.slash(
            person, self._place, "easel gift", {"person": to, "amount": amount, "memo": "thanks"}
        )

    async def gives(self, person, text, pictures):
        options = {
            f"image{number if number > 1 else ''}": one for number, one in enumerate(self._files(pictures), 1)
        }
        await self.imagine(person, text, **options)

    async def says(self, person, text, pictures=()):
        words = f"{self._server.bot.mention} {text}"
        await self._server.say(person, self._place, words, *self._files(pictures))

    async def answers(self, person, post, text):
        words = f"{self._server.bot.mention} {text}"
        await self._server.reply(person, self._message(post), words)

    async def holds(self, person, post):
        return await self.choose(person, post, "Edit this picture")

    async def press(self, person, post, do, index=0):
        link = self._link(post) if do == "original" else ""
        if link:
            self._opened_links.append((person, link))
            return None
        return await self._server.press(person, self._message(post), _control(do, index))

    async def press_private(self, person, message, do):
        await self._server.press(person, message, _control(do))

    async def choose(self, person, post, name):
        return await self._server.message_command(person, self._message(post), name)

    async def submit(self, opened, **values):
        return await self._server.submit(opened, values)

    async def press_twice(self, person, post, do):
        for _ in range(2):
            await self.press(person, post, do)

    async def press_unknown(self, person, post):
        button = self._message(post).control(_control("reroll"))
        known, button["custom_id"] = button["custom_id"], f"v9:enlarge:{post.job}"
        press = await self._server.press(person, self._message(post), button["custom_id"])
        button["custom_id"] = known
        return await press.response()

    async def show_again(self, person, job):
        message = self._last_with(person, "show")
        return await self._server.select(person, message, _control("show"), job)

    async def turn(self, person, label):
        def is_wanted(control):
            return control.get("label") == label

        message = [m for m in self.alone(person) if any(map(is_wanted, m.controls))][-1]
        await self._server.press(person, message, is_wanted)

    async def look(self, person):
        """It is open."""

    def charts(self, person):
        return sum(len(one.images) for one in self.alone(person))

    async def react(self, person, post, sign):
        message, emoji = self._message(post), EMOJI[sign]
        if person.id in message.reactions.get(emoji, []):
            await self._server.unreact(person, message, emoji)
        await self._server.react(person, message, emoji)
        if sign == "favourite":  # which shows nowhere
            kept = self._house.store.favourites
            while not await kept.of(self._who(person)):
                await asyncio.sleep(0.02)

    async def confirm(self, person):
        await self._server.press(person, self._last_with(person, "forget"), _control("forget"))

    async def fill(self, person, pictures=(), **values):
        opened = self._opened(person)
        lists = {one["custom_id"] for one in _fields(opened) if one["type"] == 3}
        filled = {name: [value] if name in lists else value for name, value in values.items()}
        files = {"pictures": self._files(pictures)} if pictures else {}
        await self._server.submit(opened, filled | files)

    async def tear_down(self, post):
        """Somebody who may removes the message."""
        await self._server.messages.delete(self._message(post))

    async def lose(self, post):
        """Our note of a message is of another one, as after a second posting."""
        message = await self._house.studio.find(SURFACE, post.id)
        elsewhere = Handle(key="elsewhere", data={**message.handle.data, "message": "1"})
        await self._house.store.messages.shown(
            message, elsewhere, version=message.shown, digest=message.digest, now=self._house.store.now()
        )

    async def names_room(self):
        """A moderator names the room, which only they can read."""
        self._mods = await self._server.channel(self._guild, "mods")
        before = len(self.told(self.kim))
        await self._server.slash(self.kim, self._place, "easel-admin room", {"room": f"<#{self._mods.id}>"})
        await answered(self, self.kim, before, "moderators are told")

    def room(self):
        """What stands in the room, oldest first."""
        return [_post(one) for one in self._mods.visible if one.author is self._server.bot]

    async def takes(self, person, do):
        """Presses what stands below the last private answer."""
        await self._server.press(person, self._last_with(person, do), _control(do))

    # ── What they see ────────────────────────────────────────────────────────────────────────────────

    def posts(self):
        """Those of the channel, and private ones about a job where their person sees them."""
        here = [one for one in self._place.messages.values() if not one.deleted]
        return [
            _post(one)
            for one in here
            if one.author is self._server.bot and (not one.ephemeral or _about_job(one))
        ]

    def public(self):
        return [one for one in self._place.visible if one.author is self._server.bot]

    def told(self, person):
        return [text for one in self.alone(person) if (text := _shown(one))]

    def files(self, person):
        opened = sum(who is person for who, _ in self._opened_links)
        return opened + sum(len(one.images) + _shown(one).count("](http") for one in self.alone(person))

    def sent(self, person):
        return sum(len(one.images) for one in self._direct(person).values())

    def _direct(self, person):
        """What was said directly since this conversation began."""
        return {key: one for key, one in self._server.dm(person).messages.items() if key > self._since}

    def address(self, post):
        return self._link(post)

    def documents(self, person):
        return [f.data for m in self.alone(person) for f in m.attachments if f.size is None]

    def form(self, person):
        opened = self._opened(person)
        if opened is None:
            return None
        return {field["custom_id"]: _filled(field) for field in _fields(opened)}

    async def left(self, person):
        return (await self._house.studio.credits(self._who(person))).balance.available

    def _who(self, person):
        return Requester(surface=SURFACE, community=str(self._guild.id), user=str(person.id))

    def alone(self, person):
        """The messages for one person alone, those that are gone by now too."""
        places = (self._place, self._mods) if self._mods is not self._place else (self._place,)
        here = [
            m for place in places for m in place.messages.values() if m.ephemeral and m.owner_id == person.id
        ]
        directly = [m for m in self._direct(person).values() if m.author is self._server.bot]
        return sorted([*here, *directly], key=lambda m: m.id)

    def _files(self, pictures):
        return [self._server.file(f"picture{number}.png", one) for number, one in enumerate(pictures)]

    def _link(self, post):
        return next((one["url"] for one in self._message(post).controls if one.get("url")), "")

    def _message(self, post):
        here = self._place.messages.get(int(post.id))
        return here if here is not None else self._mods.messages[int(post.id)]

    def _last_with(self, person, do):
        return [m for m in self.alone(person) if any(map(_control(do), m.controls))][-1]

    def _opened(self, person):
        mine = [one for one in self._server.invocations if one.user is person and one.channel is self._place]
        forms = {one for one in mine if one.modal}
        return next(iter(sorted(forms - {one.parent for one in mine}, key=lambda one: one.id)), None)


def _typed(topic, text):
    """The words of a line as the options that Discord has for it."""
    match topic, text.split():
        case "admin", ["set", name, value]:
            return "easel-admin settings", {"name": name} | ({} if value == "default" else {"value": value})
        case "admin", [verb]:
            return f"easel-admin {verb}", {}
        case "defaults", ["clear"]:
            return "easel defaults", {"clear": True}
        case "favourites", ["rename", *_]:
            return "easel favourites", there(_RENAME.fullmatch(text)).groupdict()
        case "favourites", ["remove", *name]:
            return "easel favourites", {"name": " ".join(name), "remove": True}
        case "defaults", _:
            return "easel defaults", {
                there(by_spelling(flag)).name: value for flag, value in _FLAG.findall(text)
            }
        case "redeem", [code]:
            return "easel redeem", {"code": code}
        case "history", [_, *_]:
            return "easel history", {"words": text}
        case "show", _:
            return "easel show", {"job": text}
        case topic, []:
            return f"easel {topic}", {}
        case _:
            raise AssertionError((topic, text))


def _about_job(message):
    return any(map(_control("reroll"), message.controls)) or any(map(_control("cancel"), message.controls))


def _parts(control):
    return control.get("custom_id", "").split(":")


def _control(do, index=0):
    def is_wanted(control):
        parts = _parts(control)
        return len(parts) > 1 and parts[1] == do and (not index or parts[-1] == str(index))

    return is_wanted


def _post(message):
    parts = [_parts(one) for one in message.controls if not one.get("url")]
    buttons = [f"pick:{one[3]}" if one[1] == "pick" else one[1] for one in parts]
    buttons += ["original" for one in message.controls if one.get("url")]
    return Post(
        id=str(message.id),
        job=parts[0][2] if parts else "",
        text=_shown(message),
        pictures=len(message.images),
        buttons=tuple(buttons),
    )


def _shown(message):
    return _ESCAPE.sub(r"\1", message.text).replace("\u200b", "")


def _fields(opened):
    return [row["component"] for row in opened.modal["components"]]


def _filled(field):
    chosen = [one["value"] for one in field.get("options", ()) if one.get("default")]
    return field.get("value") or " ".join(chosen)


@contextlib.asynccontextmanager
async def served(folder, server, sim, **more):
    """The whole house in this process."""
    port = free_port()  # from where the service fetches pictures that are given
    settings = config.load(
        None,
        environ={},
        http={"port": port, "public_url": f"http://127.0.0.1:{port}"},
        moderation={"inputs": "any"},
        store={"url": f"sqlite:///{folder / 'easel.db'}"},
        assets={"url": str(folder / "pictures")},
        gateway={"base_url": sim.base_url, "api_key": sim.api_key},
        fetch={"allow_hosts": [sim.address, server.url.removeprefix("http://")]},
        quotas={"daily_allowance": 5_000, "unnamed_budget": 10**9, "unnamed_together": 10**9},
        discord={
            "token": server.token, "api_base_url": server.api_base_url, "gateway_url": server.gateway_url,
        },
        **more,
    )  # fmt: skip
    with warnings.catch_warnings():
        # discord.py imports audioop, which Python has put on its list to go.
        warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
        importlib.import_module("integrations.discord.surface")
    roles, stop = {WORKER, SURFACE}, asyncio.Event()
    async with open_app(settings, roles=roles, surfaces=[SURFACE]) as house:
        serving = asyncio.create_task(serve(house, roles=roles, stop=stop))
        try:
            await server.until(lambda: server.ready or serving.done())
            yield house
        finally:
            stop.set()
            await serving
        assert await house.store.ledger.problems() == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory):
    async with (
        DiscordServer() as server,
        simulator(latency=False, tiny_images=True) as sim,
        larger() as more,
        served(tmp_path_factory.mktemp("world"), server, sim, **more) as house,
    ):
        # The same people everywhere: not too many direct messages are opened in a minute.
        yield server, house, [server.user(name) for name in ("mina", "tom", "kim")]


@pytest_asyncio.fixture(loop_scope="module")
async def chat(world):
    server, house, people = world
    guild = await server.guild("Foxes")
    mods = server.role(guild, "mods", "manage_guild")
    for person, roles in zip(people, ((), (), (mods,)), strict=True):
        server.join(guild, person, *roles)
    yield Channel(server, house, guild, await server.channel(guild), people)
    assert server.violations == []
    assert server.pings == []


class TestTalkDiscord(TalkContract):
    """On Discord."""

    async def test_a_message_that_nobody_knows_any_more_is_removed_where_it_is_pressed(self, chat):
        post = await painted(chat, chat.mina)
        await chat.lose(post)
        await chat.press(chat.mina, post, "delete")
        await until(lambda: seen(chat, post) is None)

    async def test_a_form_that_has_lost_its_pictures_gives_the_words_back(self, chat, world, monkeypatch):
        """After a restart its message is read once more; where that is gone, only what was typed is left."""
        server, house, _ = world
        said = await server.say(chat.mina, chat.place, "look", *chat._files([photo()]))
        await server.message_command(chat.mina, said, "Edit this picture")
        await until(lambda: chat.form(chat.mina), "the form")
        monkeypatch.setattr(house.surfaces[SURFACE]._pictures, "_remembered", {})
        await server.messages.delete(said)
        before = len(chat.told(chat.mina))
        await chat.fill(chat.mina, prompt="put a careful hat on the fox")
        told = await answered(chat, chat.mina, before, "lost what this form was about")
        assert "put a careful hat on the fox" in told

    @pytest.mark.parametrize("busy", ["before it is known whose picture it is", "while it is done"])
    async def test_a_reaction_while_the_store_is_busy_is_tried_again(self, chat, world, monkeypatch, busy):
        """Nobody tells it again, and who reacts can hardly be told to react once more."""
        _, house, _ = world
        post = await painted(chat, chat.mina)
        table, verb = (
            (house.store.favourites, "turn") if busy == "while it is done" else (house.store.messages, "find")
        )
        left, was = [1, 2], getattr(type(table), verb)

        async def at_first(*given, **named):
            if left:
                left.pop()
                raise StoreBusy("the disk is full")
            return await was(*given, **named)

        monkeypatch.setattr(type(table), verb, at_first)
        await chat.react(chat.mina, post, "favourite")
        assert left == []
        assert len(await house.store.favourites.of(chat._who(chat.mina))) >= 1

    async def test_who_reacts_while_the_store_stays_busy_is_told_and_may_react_again(
        self, chat, world, monkeypatch
    ):
        server, house, _ = world
        ann = server.user("ann")
        server.join(chat.guild, ann)
        post = await painted(chat, chat.mina)

        async def busy(*_, **__):
            raise StoreBusy("the disk is full")

        monkeypatch.setattr(patience, "PAUSES_S", (0, 0, 0))
        with monkeypatch.context() as store:
            store.setattr(type(house.store.favourites), "turn", busy)
            store.setattr(type(house.store.messages), "find", busy)
            await server.react(ann, chat._message(post), "⭐")
            await until(lambda: any("very busy" in m.text for m in server.dm(ann).visible))
            store.undo()
            store.setattr(type(house.store.favourites), "turn", busy)
            await server.unreact(ann, chat._message(post), "⭐")
            await server.react(ann, chat._message(post), "⭐")
            await asked(chat, chat.tom, "credits")
        await chat.react(ann, post, "favourite")

    async def test_a_stranger_to_our_pictures_is_told_nothing_however_busy_the_store_is(
        self, chat, world, monkeypatch
    ):
        server, house, _ = world
        ann = server.user("ann")
        server.join(chat.guild, ann)
        theirs = await server.say(chat.tom, chat.place, "hello")
        looked = []

        async def busy(*_, **__):
            looked.append(1)
            raise StoreBusy("the disk is full")

        monkeypatch.setattr(patience, "PAUSES_S", (0, 0, 0))
        monkeypatch.setattr(type(house.store.messages), "find", busy)
        await server.react(ann, theirs, "🔁")
        await until(lambda: len(looked) == 3)
        await asked(chat, chat.tom, "credits")
        assert list(server.dm(ann).visible) == []

    async def test_an_option_is_typed_on_where_the_store_is_busy(self, chat, world, monkeypatch):
        server, house, _ = world

        async def busy(*_, **__):
            raise StoreBusy("the disk is full")

        monkeypatch.setattr(type(house.studio), "common_rules", busy)
        monkeypatch.setattr(house.talk, "_rules", {})
        typing = await server.autocomplete(chat.mina, chat.place, "imagine", {}, "model")
        await typing.response()
        assert typing.choices == []

    async def test_one_person_takes_not_all_the_places_and_is_told_so(self, chat, world, monkeypatch):
        server, house, _ = world
        posts, gate = [await painted(chat, chat.mina) for _ in range(2)], asyncio.Event()
        was = type(house.store.messages).find

        async def waits(*given, **named):
            await gate.wait()
            return await was(*given, **named)

        monkeypatch.setattr(house.surfaces[SURFACE]._background, "_each", 2)
        monkeypatch.setattr(type(house.store.messages), "find", waits)
        for post in posts:
            await server.react(chat.mina, chat._message(post), "⭐")
        await until(lambda: house.surfaces[SURFACE]._background._theirs[str(chat.mina.id)] == 2)
        await asked(chat, chat.mina, "credits", "", "very busy")
        typing = await server.autocomplete(chat.mina, chat.place, "imagine", {}, "model")
        await typing.response()
        assert typing.choices == []
        await asked(chat, chat.tom, "credits", "", "You have")
        gate.set()
        await until(lambda: house.surfaces[SURFACE]._background._theirs[str(chat.mina.id)] == 0)
        await asked(chat, chat.mina, "credits", "", "You have")

    async def test_who_may_manage_messages_hides_and_a_named_role_refunds(self, chat, world):
        server, _, _ = world
        ann, bob = server.user("ann"), server.user("bob")
        named = server.role(chat.guild, "helpers")
        server.join(chat.guild, ann, server.role(chat.guild, "tidy", "manage_messages"))
        server.join(chat.guild, bob, named)
        await server.slash(chat.kim, chat.place, "easel-admin moderators", {"moderators": f"<@&{named.id}>"})
        _, event = await reported(chat)
        await chat.press(ann, event, "refund")
        await until(lambda: any("moderators can do that" in text for text in chat.told(ann)))
        await chat.press(ann, event, "hide")
        await until(lambda: "Hidden by ann" in next(e for e in chat.room() if e.id == event.id).text)
        await chat.press(bob, event, "refund")
        await until(lambda: "Refunded by bob" in next(e for e in chat.room() if e.id == event.id).text)

    async def test_a_role_that_is_picked_has_rules_of_its_own(self, chat, world):
        server, _, _ = world
        role, ann = server.role(chat.guild, "boosters"), server.user("ann")
        server.join(chat.guild, ann, role)
        before = len(chat.told(chat.kim))
        picked = {"role": role, "allowance": 777, "images": 2, "priority": "relaxed"}
        await server.slash(chat.kim, chat.place, "easel-admin role", picked)
        told = await answered(chat, chat.kim, before, "allowance:777", "images:2", "priority:relaxed")
        assert f"<@&{role.id}>" in told, "shown by its name; nobody is called by what one person sees"
        await asked(chat, ann, "credits", "", "777")
        await asked(chat, chat.tom, "credits", "", ",000")

    async def test_a_servers_card_is_in_its_language_and_a_private_answer_in_the_persons(self, chat, world):
        server, house, people = world
        seoul = await server.guild("Seoul", locale="ko")
        server.join(seoul, chat.mina)  # reads English
        there = Channel(server, house, seoul, await server.channel(seoul), people)
        await there.imagine(there.mina, FOX)
        await until(lambda: any("완성" in post.text for post in there.posts()), "a Korean card")
        await asked(there, there.mina, "credits", "", "You have")

    async def test_a_press_of_another_version_is_acknowledged_and_does_nothing(self, chat):
        post = await painted(chat, chat.mina)
        before, said = chat.posts(), len(chat.told(chat.tom))
        assert (await chat.press_unknown(chat.tom, post)).response_type == 6
        await asked(chat, chat.tom, "credits")
        assert chat.posts() == before
        assert len(chat.told(chat.tom)) == said + 1

    async def test_a_private_picture_that_is_cancelled_stays_and_says_so(self, chat):
        """Only a Delete takes the message away that was pressed."""
        await chat.imagine(chat.mina, f"{FOX} [sim:never_completes]", private=True)
        message = await until(lambda: next((m for m in chat.alone(chat.mina) if m.controls), None))
        await chat.press_private(chat.mina, message, "cancel")
        await answered(chat, chat.mina, 0, "credits are back")
        assert not message.deleted
        assert chat.public() == []

    async def test_a_list_that_is_chosen_from_twice_at_once_stays(self, chat):
        post = await painted(chat, chat.mina)
        await asked(chat, chat.mina, "history", "", FOX)
        first, second = [await chat.show_again(chat.mina, post.job) for _ in range(2)]
        await first.pictured()
        assert (await second.response()).response_type == 6
        assert not first.source.deleted

    async def test_a_remix_from_a_menu_that_is_sent_twice_is_one_picture_and_leaves_nothing(self, chat):
        """There is no message that could be acknowledged: Discord wants an answer all the same."""
        post = await painted(chat, chat.mina)
        before = {one.id for one in chat.posts()}
        forms = [await (await chat.choose(chat.tom, post, "Remix")).response()]
        await asyncio.sleep(3.1)  # a double click on the menu would open no second form
        forms.append(await (await chat.choose(chat.tom, post, "Remix")).response())
        sent = [await chat.submit(form, prompt="a blue fox") for form in forms]
        await appeared(chat, before, "reroll")
        await sent[1].response()
        await until(lambda: sent[1].message is None or sent[1].message.deleted)
        assert len([one for one in chat.posts() if one.id not in before]) == 1
