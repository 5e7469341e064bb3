"""The talk alone makes a surface: a chat of lines over a socket, with the painter behind it, keeps the contract."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.configuration import config
from bot.house.app import WORKER, open_app, serve, tools_of
from bot.ports import Requester
from tests.contract.talk_contract import Post, TalkContract, until
from tests.fakes.free_ports import free_port
from tests.fakes.lines import COMMUNITY, FIELD, SURFACE, Chat
from tests.fakes.services.stability import larger
from tests.fakes.simulator import sim  # noqa: F401 - a fixture


@dataclass(eq=False)
class Person:
    """Somebody's screen."""

    name: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    posts: dict[str, Post] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    files: int = 0
    documents: list[bytes] = field(default_factory=list)
    sent: int = 0
    form: dict[str, str] | None = None
    offered: str = ""  # what can be pressed below the last private answer
    reading: asyncio.Task[None] | None = None

    def does(self, line):
        self.writer.write(f"{line}\n".encode())

    async def read(self):
        while line := (await self.reader.readline()).decode().rstrip("\n"):
            self.sees(line)

    def sees(self, line):
        sign, rest = line[0], line[1:].strip()
        match sign:
            case "#":
                head, _, text = rest.partition(FIELD)
                name, job, pictures, buttons = head.split()
                self.posts[name] = Post(
                    name, job, text, int(pictures.partition("=")[2]), tuple(buttons.split(","))
                )
            case "-":
                del self.posts[rest]
            case "&":
                self.offered = rest
            case ">":
                self.told.append(rest)
            case "=" if "hex," in rest:
                self.documents.append(bytes.fromhex(rest.partition("hex,")[2]))
            case "=":
                self.files += 1
            case "@":
                self.sent += 1
            case "?":
                self.form = dict(part.split("=", 1) for part in rest.split(FIELD))
            case _:
                raise AssertionError(line)


class Village:
    """What the contract asks of a chat."""

    takes_pictures = True

    def __init__(self, house, chat, port):
        self._house, self._chat, self._port = house, chat, port
        self.house = house
        self._everybody = []

    async def come(self, name, more=""):
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        person = Person(name, reader, writer)
        person.does(f"i am {name}{more}")
        person.reading = asyncio.create_task(person.read())
        self._everybody.append(person)
        return person

    async def everybody_comes(self):
        self.mina, self.tom = await self.come("mina"), await self.come("tom")
        self.kim = await self.come("kim", " the moderator")

    async def everybody_leaves(self):
        for person in self._everybody:
            person.writer.close()
            await person.writer.wait_closed()
            await person.reading

    async def imagine(self, person, text):
        person.does(f"/imagine {text}")

    async def gives(self, person, text, pictures):
        self.puts(person, pictures)
        person.does(f"/imagine {text}")

    async def says(self, person, text, pictures=()):
        self.puts(person, pictures)
        person.does(f"say {text}")

    async def answers(self, person, post, text):
        person.does(f"answer {post.id} {text}")

    async def murmurs(self, person, post, text):
        person.does(f"murmur {post.id} {text}")

    async def holds(self, person, post):
        person.form = None
        person.does(f"hold {post.id}")

    async def tear_down(self, post):
        self.kim.does(f"tear {post.id}")
        await until(lambda: post.id not in self.mina.posts, "it to be gone")

    def puts(self, person, pictures):
        for picture in pictures:
            person.does(f"put {picture.hex()}")

    def sent(self, person):
        return person.sent

    def address(self, post):
        card, _ = self._chat.posts[post.id]
        return self._house.assets.link(card.originals[0].key)

    async def hands(self, person, to, amount):
        await self.ask(person, "gift", f"@{to.name} {amount} thanks")

    async def ask(self, person, topic, text=""):
        person.does(f"/easel {topic} {text}")

    async def press(self, person, post, do, index=0):
        person.does(f"press {post.id} {do} {index}")

    async def press_twice(self, person, post, do):
        """At once, from two windows of the same person."""
        other = await self.come(person.name)
        for window in (person, other):
            window.does(f"press {post.id} {do}")

    async def show_again(self, person, job):
        person.does(f"take show {job}")

    async def turn(self, person, label):
        """The last answer names each page by what brings it."""
        pages = [part for part in person.told[-1].split(" · ") if part.startswith("/easel history p")]
        person.does(pages[-1 if label.startswith("Older") else 0])

    async def look(self, person):
        """It is open."""

    def charts(self, person):
        return person.files

    async def react(self, person, post, sign):
        person.does(f"react {post.id} {sign}")

    async def confirm(self, person):
        """The question says what is typed to confirm it."""
        person.does(person.told[-1].rpartition(" · ")[2])

    async def fill(self, person, pictures=(), **values):
        """What stood in the form goes with what is changed."""
        filled, person.form = person.form | values, None
        self.puts(person, pictures)
        person.does("fill " + FIELD.join(f"{name}={value}" for name, value in filled.items()))

    async def names_room(self):
        """A moderator names the room."""
        self.kim.does("/easel admin room mods")

    def room(self):
        """What stands in the room, oldest first."""
        return [post for name, post in self.kim.posts.items() if name not in self.mina.posts]

    async def takes(self, person, do):
        """Presses what stands below the last private answer."""
        await until(lambda: person.offered.startswith(do), f"{do} below an answer")
        person.does(f"take {person.offered}")

    def posts(self):
        return list(self.mina.posts.values())

    def told(self, person):
        return person.told

    def files(self, person):
        return person.files

    def documents(self, person):
        return person.documents

    def form(self, person):
        return person.form

    async def left(self, person):
        who = Requester(surface=SURFACE, community=COMMUNITY, user=person.name)
        return (await self._house.studio.credits(who)).balance.available


@contextlib.asynccontextmanager
async def settled(folder, simulation, **more):
    """The whole house with this one surface, which no package brings."""
    port = free_port()  # the simulator fetches from there what is given
    settings = config.load(
        None,
        environ={},
        http={"port": port, "public_url": f"http://127.0.0.1:{port}"},
        moderation={"inputs": "any"},
        store={"url": f"sqlite:///{folder / 'easel.db'}"},
        assets={"url": str(folder / "pictures")},
        gateway={"base_url": simulation.base_url, "api_key": simulation.api_key},
        fetch={"allow_hosts": [simulation.address]},
        **more,
    )
    roles, stop = {WORKER, SURFACE}, asyncio.Event()
    async with open_app(settings, roles=roles) as house, contextlib.AsyncExitStack() as stack:
        chat = house.surfaces[SURFACE] = Chat(
            tools=tools_of(house)
        )  # fmt: skip
        stack.push_async_callback(chat.aclose)
        serving = asyncio.create_task(serve(house, roles=roles, stop=stop))
        first: set[asyncio.Future[Any]] = {serving, chat.port}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        village = Village(house, chat, await chat.port)
        try:
            await village.everybody_comes()
            yield village
        finally:
            await village.everybody_leaves()
            stop.set()
            with contextlib.suppress(asyncio.CancelledError):
                await serving
        assert await house.store.ledger.problems() == []


@pytest.fixture
async def chat(tmp_path, sim):  # noqa: F811 - the fixture
    async with larger() as more, settled(tmp_path, sim, **more) as village:
        yield village


class TestTalkLines(TalkContract):
    """In lines of text."""
