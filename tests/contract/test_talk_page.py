"""The page keeps the talk's contract, over its HTTP: what its scripts would send, and what they would draw."""

import asyncio
import base64
import contextlib
import itertools
import secrets
from dataclasses import dataclass, field
from typing import Any, ClassVar

import httpx
import pytest

from integrations.web.people import PEOPLE
from tests.contract.talk_contract import FOX, Post, TalkContract, appeared, painted
from tests.contract.talk_steps import answered, until
from tests.contract.talk_words_back import FLAW
from tests.fakes.free_ports import free_port
from tests.fakes.page import events, served
from tests.fakes.services.stability import larger

EMOJI = {"again": "🔁", "delete": "❌", "favourite": "⭐", "send": "✉️"}


@dataclass(eq=False)
class Person:
    """Somebody before the page, with what was said there to them alone."""

    name: str
    client: httpx.AsyncClient
    notes: list = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    files: int = 0
    offers: list = field(default_factory=list)  # what can be pressed below the last refusal
    filling: dict[str, object] = field(
        default_factory=dict
    )  # whose form is open: message, button, which picture
    form: dict[str, str] | None = None

    async def sends(self, path, **body):
        answer = await self.client.post(f"/page/{path}", json={**body, "key": secrets.token_hex(8)})
        content = answer.json()
        self.form = {} if content.get("form") else None
        if answer.status_code != 200:
            # What was typed stands in the line again.
            said = (content["error"]["message"], content["error"].get("typed", ""))
            self.told.append("\n".join(part for part in said if part))
            self.offers = content["error"].get("offers", [])
        elif content["note"]:
            self.notes.append(content["note"])
            self.told.append(as_text(content["note"]))

    async def hands(self, pictures):
        """Sends pictures up; answers what an order says of them."""
        kept = [await self.client.post("/page/upload", content=data) for data in pictures]
        for answer in kept:
            assert answer.status_code == 200, answer.text
        return [{"ref": answer.json()["ref"]} for answer in kept]

    async def opens(self, url):
        picture = await self.client.get(url)
        assert picture.headers["content-type"] == "image/png", picture.text
        self.files += 1


def as_text(note):
    rows = [f"{row['label']} {row['value']} {row['detail']}" for row in note["rows"]]
    return "\n".join(
        [note["title"], note["text"], *rows, *(tile["line"] for tile in note["tiles"]), note["how"]]
    )


class Room:
    """What the contract asks of a chat."""

    takes_pictures = True
    lacks: ClassVar[dict[str, str]] = {
        "answers": "the page has one line for words: what goes on from a picture is its own button",
        "murmurs": "the page has no threads, and nobody's words but Easel's own",
        "holds": "nothing stands on the page but Easel's pictures, whose menus are their buttons",
        "tear_down": "on the page nobody but Easel takes a picture away",
        "sent": "the page has no direct messages: its reader is told the picture's number",
    }

    def __init__(self, page, stream, people):
        self._page, self._stream, self._tray = page, stream, []
        self.mina, self.tom, self.kim = people

    async def imagine(self, person, text):
        await person.sends("say", text=f"/imagine {text}")

    @property
    def house(self):
        return self._page.house

    async def hands(self, person, to, amount):
        await self.ask(person, "gift", f"@{to.name} {amount} thanks")

    async def ask(self, person, topic, text=""):
        await person.sends("say", text=f"/easel {topic} {text}")

    async def press(self, person, post, do, index=0):
        view = self._stream.messages.get(post.id)
        match do:
            case "remix" | "edit":
                await person.sends("press", message=post.id, do=do, index=index)
                person.filling = {"message": post.id, "do": do, "index": index or 1}
                if person.form is not None:
                    person.form["prompt"] = view["typed"] if do == "remix" else ""
                    person.form |= {"picture": "1"} if do == "edit" and len(view["originals"]) > 1 else {}
            case "open":
                await person.sends("press", message=post.id, do=do, index=index)
                for tile in person.notes[-1]["tiles"]:
                    await person.opens(tile["url"])
            case "original":
                for url in next(action["urls"] for action in view["actions"] if action["do"] == do):
                    await person.opens(url)
            case _:
                await person.sends("press", message=post.id, do=do, index=index)

    async def press_twice(self, person, post, do):
        await asyncio.gather(*(self.press(person, post, do) for _ in range(2)))

    async def show_again(self, person, job):
        tiles = next(note["tiles"] for note in reversed(person.notes) if note["tiles"])
        await person.opens(next(tile["url"] for tile in tiles if tile["id"] == f"{job}:main"))

    async def turn(self, person, label):
        turns = next(note["turns"] for note in reversed(person.notes) if note.get("turns"))
        await person.sends("say", text=next(turn["says"] for turn in turns if turn["label"] == label))

    async def look(self, person):
        await person.opens(person.notes[-1]["tiles"][0]["url"])

    def charts(self, person):
        return sum(bool(note.get("chart")) for note in person.notes)

    async def react(self, person, post, sign):
        assert self._stream.messages[post.id]["reactions"]
        await person.sends("react", message=post.id, emoji=EMOJI[sign])

    async def names_room(self):
        """The tray is there without being named."""

    async def watch_tray(self):
        """Looks at the moderators' tray as their page does."""
        while True:
            answer = await self.kim.client.get("/page/room")
            self._tray = answer.json()["messages"]
            await asyncio.sleep(0.05)

    def room(self):
        """What stands in the tray, oldest first."""
        return [as_post(view) for view in reversed(self._tray)]

    async def takes(self, person, do):
        """Presses what stands below the last private answer."""
        (offer,) = [one for one in person.offers if one["do"] == do]
        await person.sends("take", do=do, about=offer["about"])

    async def confirm(self, person):
        await person.sends("say", text=person.notes[-1]["confirms"])

    async def fill(self, person, *, pictures=(), prompt, picture=0):
        person.form = None
        filling = person.filling | ({"index": int(picture)} if picture else {})
        await person.sends("press", **filling, text=prompt, pictures=await person.hands(pictures))

    async def gives(self, person, text, pictures):
        await person.sends("say", text=f"/imagine {text}", pictures=await person.hands(pictures))

    async def says(self, person, text, pictures=()):
        await person.sends("say", text=text, pictures=await person.hands(pictures))

    def address(self, post):
        return f"{self._page.url}{self._stream.messages[post.id]['originals'][0]['url']}"

    def posts(self):
        views = sorted(self._stream.messages.values(), key=lambda view: (view["at"], view["id"]))
        return [as_post(view) for view in views if not view["private"]]

    def private(self, person, prompt=""):
        """A finished picture that only this person sees; the stream is mina's."""
        assert person is self.mina
        views = self._stream.messages.values()
        done = [view for view in views if view["private"] and view["phase"] == "finished"]
        return next((view for view in done if prompt in view["prompt"]), None)

    def told(self, person):
        return person.told

    def files(self, person):
        return person.files

    def documents(self, person):
        return [base64.b64decode(one["file"]["base64"]) for one in person.notes if one.get("file")]

    def form(self, person):
        return person.form

    async def left(self, person):
        purse = await self._page.house.studio.credits(PEOPLE[person.name].requester)
        return purse.balance.available


def as_post(view):
    said = (
        view["name"],
        view["prompt"],
        view["headline"],
        view["sentence"],
        *itertools.chain(*view["facts"]),
        *(what for what, _ in view["times"]),
    )
    buttons = [f"{a['do']}:{a['index']}" if a["do"] == "pick" else a["do"] for a in view["actions"]]
    return Post(view["id"], view["job"], "\n".join(said), len(view["pictures"]), tuple(buttons))


async def follow(stream):
    with contextlib.suppress(EOFError):
        while True:
            await stream.next()


@pytest.fixture
async def chat(tmp_path):
    port = free_port()
    # Pictures are links for the simulator, which reads them from this very page.
    taking: dict[str, Any] = {
        "http": {"port": port, "public_url": f"http://127.0.0.1:{port}"},
        "moderation": {"inputs": "any"},
    }
    async with (
        larger() as more,
        served(tmp_path, **taking, **more) as page,
        contextlib.AsyncExitStack() as stack,
    ):
        stream = await stack.enter_async_context(events(page))
        await stream.next()
        following = asyncio.create_task(follow(stream))
        names = ("robin", "mira", "kai")
        clients = [await stack.enter_async_context(page.client(name)) for name in names]
        try:
            heard = await stack.enter_async_context(events(page, "mira"))
            room = Room(page, stream, [Person(*who) for who in zip(names, clients, strict=True)])
            heard.notes = room.tom.told
            watching = asyncio.gather(room.watch_tray(), follow(heard))
            yield room
        finally:
            for task in (following, watching):
                task.cancel()
            await asyncio.gather(following, watching, return_exceptions=True)
        assert await page.house.store.ledger.problems() == []


class TestTalkPage(TalkContract):
    """On the page."""

    async def test_a_refusal_gives_the_words_back_and_they_can_be_tried_again(self, chat):
        """The line where one types has them back: no form is needed."""
        before = len(chat.told(chat.mina))
        await chat.imagine(chat.mina, FLAW)
        await answered(chat, chat.mina, before, FLAW)
        assert chat.mina.offers == []

    async def test_a_private_picture_is_nobody_elses_source(self, chat):
        await chat.imagine(chat.mina, "a secret fox --private")
        view = await until(lambda: chat.private(chat.mina), "the picture that only mina sees")
        for someone in (chat.tom, chat.kim):
            left, before = await chat.left(someone), len(chat.told(someone))
            await chat.imagine(someone, f"make it night --ref {view['job']}")
            await answered(chat, someone, before, "make it night")
            assert (chat.posts(), await chat.left(someone)) == ([], left)
        await chat.imagine(chat.mina, f"make it night --ref {view['job']} --private")
        await until(lambda: chat.private(chat.mina, "make it night"), "what is made from it")

    @pytest.mark.parametrize("by", ["press", "react"])
    async def test_the_sign_that_tells_a_picture_s_number_tells_it_and_the_number_goes_on_from_it(
        self, chat, by
    ):
        """As the page's own help says."""
        post = await painted(chat, chat.mina)
        before = len(chat.told(chat.tom))
        await getattr(chat, by)(chat.tom, post, "send")
        told = await answered(chat, chat.tom, before, post.job)
        assert FOX in told
        stands = {one.id for one in chat.posts()}
        await chat.imagine(chat.tom, f"make it night --ref {post.job}")
        await appeared(chat, stands, "edit")
