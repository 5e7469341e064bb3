"""The surface `slack` keeps the contract: the real SDK over Socket Mode, with a strict local Slack behind it."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from bot.errors import StoreBusy
from bot.ports import Handle, Requester
from integrations.simulator.app import simulator
from integrations.slack.manifest import manifest
from integrations.slack.people import SURFACE
from tests.contract.talk_contract import FOX, Post, TalkContract, asked, painted, seen, until
from tests.contract.talk_room import reported
from tests.fakes.free_ports import free_port
from tests.fakes.services.stability import larger
from tests.fakes.slack import SlackServer
from tests.fakes.slack.pressing import find_element
from tests.fakes.slack.records import elements
from tests.fakes.slack_house import served

pytestmark = pytest.mark.asyncio(loop_scope="module")

EMOJI = {"again": "repeat", "delete": "x", "favourite": "star", "send": "envelope"}


async def busy(*_: Any, **__: Any) -> Any:
    raise StoreBusy("the disk is slow")


class Channel:
    """A channel of the workspace, as the contract asks for a chat."""

    takes_pictures = True

    def __init__(self, slack, house, people):
        self._slack, self._house = slack, house
        self.house = house
        self._place = slack.world.add_channel("art" + slack.world.number("x"))
        self._told: dict[str, list[str]] = {person.id: [] for person in people}
        self._heard = {person.id: 0 for person in people}
        self._links = {person.id: 0 for person in people}
        self.mina, self.tom, self.kim = people
        for person in people:
            self.told(person)
            self._told[person.id].clear()

    # ── What they do ─────────────────────────────────────────────────────────────────────────────────

    async def imagine(self, person, text):
        await self._slack.command(person, self._place, "/imagine", text)

    async def gives(self, person, text, pictures):
        """Slack's commands take no files: a mention does."""
        await self._slack.mention(person, self._place, text, files=pictures)

    async def says(self, person, text, pictures=()):
        await self._slack.mention(person, self._place, text, files=pictures)

    async def answers(self, person, post, text):
        message = self._slack.world.message(*post.id.split(":"))
        root = message.thread_ts or message.ts
        await self._slack.mention(person, self._place, text, thread_ts=root)

    async def murmurs(self, person, post, text):
        await self._slack.reply(person, self._slack.world.message(*post.id.split(":")), text)

    async def holds(self, person, post):
        message = self._slack.world.message(*post.id.split(":"))
        await self._slack.message_shortcut(person, message, "edit")

    def address(self, post):
        blocks = self._slack.world.message(*post.id.split(":")).blocks
        return next(block["image_url"] for block in blocks if block["type"] == "image")

    def sent(self, person):
        return len([file for file in self._sent(person) if file.size_px])

    async def hands(self, person, to, amount):
        await self.ask(person, "gift", f"<@{to.id}|{to.name}> {amount} thanks")

    async def ask(self, person, topic, text=""):
        await self._slack.command(person, self._place, "/easel", f"{topic} {text}")

    async def press(self, person, post, do, index=0):
        message = self._slack.world.message(*post.id.split(":"))
        button = f"{do}:{index}" if index else do
        if button in message.action_ids:
            await self._slack.click(person, message, button)
            _, element = find_element(message.blocks, button)
            self._links[person.id] += "url" in element  # opened by the person's own program
        else:
            await self._slack.overflow(person, message, "more", button)

    async def press_unknown(self, person, post):
        message = self._slack.world.message(*post.id.split(":"))
        row = message.blocks[-1]
        row["elements"].append({**row["elements"][0], "action_id": "enlarge"})
        await self._slack.click(person, message, "enlarge")
        row["elements"].pop()

    async def press_twice(self, person, post, do):
        await asyncio.gather(self.press(person, post, do), self.press(person, post, do))

    async def show_again(self, person, job):
        await self._slack.select(person, self._last_with(person, "show"), "show", job)

    async def turn(self, person, label):
        for message in reversed(self.alone(person)):
            for _, element in elements(message.blocks):
                if element["type"] == "button" and element["text"]["text"] == label:
                    await self._slack.click(person, message, element["action_id"])
                    return

    async def look(self, person):
        """It is open."""

    def charts(self, person):
        return len(self._sent(person))

    async def react(self, person, post, sign):
        message, emoji = self._slack.world.message(*post.id.split(":")), EMOJI[sign]
        if person.id in message.reactions.get(emoji, []):
            await self._slack.unreact(person, message, emoji)
        await self._slack.react(person, message, emoji)

    async def confirm(self, person):
        await self._slack.click(person, self._last_with(person, "forget"), "forget")

    async def fill(self, person, pictures=(), **values):
        view = self._open_form(person)
        files = {"pictures": pictures} if pictures else {}
        await self._slack.submit_view(person, view, {**values, **files})
        self._told[person.id].extend(view.errors.values())

    async def tear_down(self, post):
        """Somebody who may removes the message."""
        self._slack.delete_message(self._slack.world.message(*post.id.split(":")))

    async def lose(self, post):
        """Our note of a message is of another one, as after a second posting."""
        message = await self._house.studio.find(SURFACE, post.id)
        elsewhere = Handle(key="elsewhere", data={**message.handle.data, "ts": "1.000001"})
        await self._house.store.messages.shown(
            message,
            elsewhere,
            version=message.shown,
            digest=message.digest,
            now=self._house.store.now(),
        )

    async def names_room(self):
        """A moderator names the room."""
        self._mods = self._slack.world.add_channel("mods" + self._slack.world.number("x"))
        await asked(self, self.kim, "admin", f"room {self._mods.id}", "moderators are told")

    def room(self):
        """What stands in the room, oldest first."""
        timeline = self._slack.world.timeline(self._mods.id)
        return [_post(m) for m in timeline if m.by_bot and m.metadata]

    async def takes(self, person, do):
        """Presses what stands below the last private answer."""
        await self._slack.click(person, self._last_with(person, do), do)

    # ── What they see ────────────────────────────────────────────────────────────────────────────────

    def posts(self):
        """Those of the channel, and private ones where their person sees them."""
        places = [self._place, *(self._slack.world.direct(p.id) for p in (self.mina, self.tom, self.kim))]
        seen = [m for place in places for m in self._slack.world.timeline(place.id) if m.by_bot]
        return [_post(m) for m in sorted(seen, key=lambda m: float(m.ts)) if m.metadata]

    def told(self, person):
        said = self.alone(person)
        self._told[person.id].extend(m.shown for m in said[self._heard[person.id] :])
        self._heard[person.id] = len(said)
        return self._told[person.id]

    def files(self, person):
        return len(self._sent(person)) + self._links[person.id]

    def documents(self, person):
        return [f.data for f in self._sent(person) if f.size_px is None]

    def _sent(self, person):
        direct = self._slack.world.timeline(self._slack.world.direct(person.id).id)
        stored = self._slack.files.stored
        return [stored[file] for m in direct if m.by_bot for file in m.files]

    def form(self, person):
        view = self._open_form(person)
        if view is None:
            return None
        states = [field for fields in view.values.values() for field in fields.items()]
        return {name: _filled(state) for name, state in states}

    async def left(self, person):
        who = Requester(surface=SURFACE, community=self._slack.world.team_id, user=person.id)
        return (await self._house.studio.credits(who)).balance.available

    def alone(self, person):
        return [m for m in self._slack.world.ephemerals if m.ephemeral_for == person.id]

    def _last_with(self, person, action):
        return [m for m in self.alone(person) if action in m.action_ids][-1]

    def _open_form(self, person):
        views = self._slack.world.views.values()
        return next((v for v in views if v.open and v.type == "modal" and v.user == person.id), None)


def _post(message):
    folded = [o["value"] for _, e in elements(message.blocks) for o in e.get("options", ())]
    return Post(
        id=f"{message.channel}:{message.ts}",
        job=message.metadata["event_payload"]["job"],
        text=message.shown,
        pictures=sum(block["type"] == "image" for block in message.blocks),
        buttons=(*message.action_ids, *folded),
    )


def _filled(state):
    if "selected_option" in state:
        return (state["selected_option"] or {}).get("value", "")
    if "files" in state:
        return ""
    if "selected_options" in state:
        return " ".join(option["value"] for option in state["selected_options"])
    return state["value"] or ""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory):
    async with (
        SlackServer(manifest=manifest()) as slack,
        simulator(latency=False, tiny_images=True) as sim,
        larger() as more,
    ):
        people = [slack.world.add_person(name) for name in ("mina", "tom")]
        people.append(slack.world.add_person("kim", is_admin=True))
        slack.world.add_group("art-mods", slack.world.add_person("ann"))
        port = free_port()  # from where the service fetches pictures that are given
        pictures: dict[str, Any] = {
            "http": {"port": port, "public_url": f"http://127.0.0.1:{port}"},
            "moderation": {"inputs": "any"},
        }
        async with served(tmp_path_factory.mktemp("town"), slack, sim, **pictures, **more) as house:
            yield slack, house, people


@pytest_asyncio.fixture(loop_scope="module")
async def chat(town):
    slack, house, people = town
    yield Channel(slack, house, people)
    assert slack.violations == []
    assert slack.pings == []
    assert slack.possible_pings == []
    assert slack.undeclared(manifest()) == []


class TestTalkSlack(TalkContract):
    """In Slack."""

    async def test_a_message_that_nobody_knows_any_more_is_removed_where_it_is_pressed(self, chat):
        post = await painted(chat, chat.mina)
        await chat.lose(post)
        await chat.press(chat.mina, post, "delete")
        await until(lambda: seen(chat, post) is None)

    async def test_a_form_stands_open_while_the_store_can_not_take_it(self, chat, monkeypatch):
        post = await painted(chat, chat.mina)
        await chat.press(chat.mina, post, "remix")
        await until(lambda: chat.form(chat.mina), "a form")
        with monkeypatch.context() as patch:
            patch.setattr(type(chat.house.store.jobs), "accept", busy)
            await chat.fill(chat.mina, prompt="a careful prompt about a lighthouse")
        assert chat.form(chat.mina)["prompt"] == "a careful prompt about a lighthouse", "not a word is lost"
        await chat.fill(chat.mina, prompt="a careful prompt about a lighthouse")
        await until(lambda: any("about a lighthouse" in one.text for one in chat.posts()), "its message")
        assert chat.form(chat.mina) is None

    async def test_a_user_group_that_the_owner_names_handles_the_room_and_changes_no_rule(self, chat, town):
        slack, _, _ = town
        ann = next(one for one in slack.world.people.values() if one.name == "ann")
        await asked(chat, chat.kim, "admin", "moderators @art-mods", "Named as moderators: @art-mods")
        _, event = await reported(chat)
        await slack.click(ann, slack.world.message(*event.id.split(":")), "dismiss")
        await until(lambda: "Dismissed by ann" in next(e for e in chat.room() if e.id == event.id).text)
        await chat.ask(ann, "admin", "set images_max 1")
        await until(lambda: any("Only whoever runs" in m.shown for m in chat.alone(ann)))

    async def test_a_user_group_has_rules_of_its_own(self, chat, town):
        slack, _, _ = town
        ann = next(one for one in slack.world.people.values() if one.name == "ann")
        told = await asked(
            chat, chat.kim, "admin", "role @art-mods allowance:777 priority:relaxed", "allowance:777"
        )
        assert "priority:relaxed" in told
        assert "@art-mods" in told, told
        await chat.ask(ann, "credits")
        await until(lambda: any("777" in m.shown for m in chat.alone(ann)), "her allowance")
        await asked(chat, chat.tom, "credits", "", ",000")

    async def test_a_channels_card_is_in_its_language_and_a_private_answer_in_the_persons(self, chat, town):
        slack, _, _ = town
        slack.world.locale = "ko-KR"
        jim = slack.world.add_person("jim")  # reads English
        place = slack.world.add_channel("seoul")
        await slack.command(jim, place, "/imagine", FOX)

        def cards():
            return [m.shown for m in slack.world.timeline(place.id) if m.by_bot and m.metadata]

        await until(
            lambda: any("완성" in text and "다시 그리기" in text for text in cards()), "a Korean card"
        )
        await slack.command(jim, place, "/easel", "credits")
        await until(lambda: any("You have" in m.shown for m in chat.alone(jim)), "an answer in English")
        slack.world.locale = "en-US"

    async def test_a_press_of_another_version_does_nothing(self, chat):
        post = await painted(chat, chat.mina)
        before, said = chat.posts(), len(chat.told(chat.tom))
        await chat.press_unknown(chat.tom, post)
        await asked(chat, chat.tom, "credits")
        assert chat.posts() == before
        assert len(chat.told(chat.tom)) == said + 1
