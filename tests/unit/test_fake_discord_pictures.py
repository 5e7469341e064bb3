"""Pictures and replies on the fake Discord, proven against the unmodified discord.py and by raw calls."""

import io
import urllib.parse
import warnings
from typing import Any

import aiohttp
import pytest
import yarl
from PIL import Image

from tests.fakes.discord import MIB, DiscordServer, Misuse
from tests.fakes.discord_bot import answer, form, pointed_at, raw_calls, running
from tests.fakes.there import there

with warnings.catch_warnings():
    # discord.py's voice module imports audioop, which Python 3.13 drops.
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    import discord
    from discord import app_commands

pytestmark = pytest.mark.filterwarnings("ignore:'audioop' is deprecated:DeprecationWarning")

DAY_S = 86_400
CONTENT = 1 << 15
HEARING = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)


def png(colour: str = "red", size: int = 16) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(buffer, "PNG")
    return buffer.getvalue()


class Painter(discord.Client):
    """A program that takes pictures: by options, by a form, by a menu, and by what is said to it."""

    def __init__(self, intents: discord.Intents = HEARING) -> None:
        super().__init__(intents=intents, max_messages=None)
        self.tree = app_commands.CommandTree(self)
        self.taken: list[discord.Attachment] = []
        self.chosen: list[discord.Message] = []
        self.heard: list[discord.Message] = []
        self._teach()

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        if message.author != self.user:
            self.heard.append(message)

    def _teach(self) -> None:
        @self.tree.command(description="Make a picture")
        async def imagine(
            interaction: discord.Interaction,
            prompt: str,
            image: discord.Attachment | None = None,
            image2: discord.Attachment | None = None,
            image3: discord.Attachment | None = None,
        ) -> None:
            self.taken += [one for one in (image, image2, image3) if one is not None]
            await interaction.response.send_message(prompt)

        @self.tree.command(description="A form")
        async def create(interaction: discord.Interaction) -> None:
            await interaction.response.send_modal(Form(self))

        @self.tree.context_menu(name="Edit this picture")
        async def edit(interaction: discord.Interaction, message: discord.Message) -> None:
            self.chosen.append(message)
            await interaction.response.send_message("editing", ephemeral=True)


class Form(discord.ui.Modal, title="Create"):
    prompt: Any = discord.ui.Label(text="Prompt", component=discord.ui.TextInput(custom_id="prompt"))
    images: Any = discord.ui.Label(
        text="Pictures",
        component=discord.ui.FileUpload(custom_id="images", required=False, min_values=0, max_values=3),
    )

    def __init__(self, painter: Painter) -> None:
        super().__init__()
        self._painter = painter

    async def on_submit(self, interaction: discord.Interaction) -> None:
        self._painter.taken += self.images.component.values
        await interaction.response.send_message(f"made of {len(self.images.component.values)}")


@pytest.fixture
async def server(monkeypatch):
    async with DiscordServer() as one:
        pointed_at(one, monkeypatch)
        yield one


@pytest.fixture
async def place(server):
    """A server's channel and two people in it."""
    guild = await server.guild("Foxes")
    channel = await server.channel(guild)
    alice, bob = server.user("alice"), server.user("bob")
    for one in (alice, bob):
        server.join(guild, one)
    return channel, alice, bob


@pytest.fixture
async def raw(server):
    async with raw_calls(server) as calls:
        yield calls


async def asked(url: str, **options: Any) -> tuple[int, bytes]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(yarl.URL(url, encoded=True), **options) as response,
    ):
        return response.status, await response.read()


# --- options, forms and menus


async def test_attachment_options_carry_files_as_ephemeral_attachments(server, place):
    channel, alice, _ = place
    files = {
        "image": server.file("red fox.png", png("red")),
        "image2": server.file("green.png", png("green", 20)),
        "image3": server.file("notes.txt", b"no picture"),
    }
    painter = Painter()
    async with running(server, painter):
        inv = await server.slash(alice, channel, "imagine", {"prompt": "both", **files})
        await inv.shows("both")
        read = [await one.read() for one in painter.taken]
    first, second, third = painter.taken
    assert read == [one.data for one in files.values()]
    assert [one.filename for one in painter.taken] == ["red_fox.png", "green.png", "notes.txt"]
    assert (first.width, first.height, first.size, first.content_type) == (16, 16, len(png()), "image/png")
    assert (second.width, third.width) == (20, None)
    assert all(one.ephemeral for one in painter.taken)
    assert (
        urllib.parse.urlsplit(first.url).path == f"/ephemeral-attachments/{channel.id}/{first.id}/red_fox.png"
    )
    assert server.violations == []


async def test_a_client_takes_no_option_that_is_not_offered_or_too_large(server, place, raw):
    channel, alice, _ = place
    option = {"type": 11, "name": "image", "description": "d", "file_types": ["image", ".pdf"]}
    body = [{"name": "imagine", "description": "d", "options": [option]}]
    path = f"/applications/{server.world.application_id}/commands"
    assert (await raw("PUT", path, json=body))[0] == 200
    good = server.file("a.PNG", png())
    for flaw in (
        {"image": "a.png"},
        {"image": server.file("a.txt", b"x")},
        {"image": server.file("a.png", bytes(11 * MIB))},
        {"image4": good},
    ):
        with pytest.raises(Misuse):
            await server.slash(alice, channel, "imagine", flaw)
    alice.file_limit_bytes = 500 * MIB
    large = await server.slash(alice, channel, "imagine", {"image": server.file("a.png", bytes(25 * MIB))})
    inv = await server.slash(alice, channel, "imagine", {"image": good})
    [stored] = inv.data["resolved"]["attachments"].values()
    assert inv.data["options"] == [{"name": "image", "type": 11, "value": stored["id"]}]
    assert "width" not in next(iter(large.data["resolved"]["attachments"].values()))
    for flaw in (
        {"type": 3},
        {"file_types": ["images"]},
        {"file_types": [".a"] * 11},
        {"autocomplete": True},
    ):
        status, _ = await raw("PUT", path, json=[body[0] | {"options": [option | flaw]}])
        assert status == 400
    for one in (large, inv):
        await answer(raw, one, {"type": 4, "data": {"content": "ok"}})


async def test_a_form_takes_files_under_a_label(server, place):
    channel, alice, _ = place
    red, blue = server.file("red.png", png("red")), server.file("blue.png", png("blue"))
    painter = Painter()
    async with running(server, painter):
        opened = await (await server.slash(alice, channel, "create")).response()
        with pytest.raises(Misuse, match="4 files"):
            await server.submit(opened, {"prompt": "x", "images": [red, blue, red, blue]})
        await (await server.submit(opened, {"prompt": "x", "images": [red, blue]})).shows("made of 2")
        opened = await (await server.slash(alice, channel, "create")).response()
        await (await server.submit(opened, {"prompt": "x"})).shows("made of 0")
        assert [await one.read() for one in painter.taken] == [red.data, blue.data]
    assert server.violations == []


BAD_UPLOADS = [
    {"min_values": 0}, {"min_values": 11}, {"max_values": 0}, {"max_values": 11}, {"min_values": 3, "max_values": 2},
    {"file_types": ["pictures"]}, {"accept": "image/*"}, {"custom_id": ""},
]  # fmt: skip


@pytest.mark.parametrize("flaw", BAD_UPLOADS, ids=str)
async def test_a_malformed_file_upload_opens_no_form(server, place, raw, flaw):
    channel, alice, _ = place
    body = [{"name": "create", "description": "d"}]
    await raw("PUT", f"/applications/{server.world.application_id}/commands", json=body)
    inv = await server.slash(alice, channel, "create")
    upload = {"type": 19, "custom_id": "images"}
    modal = {"title": "t", "custom_id": "m"}

    async def opened(rows):
        return await answer(raw, inv, {"type": 9, "data": modal | {"components": rows}})

    status, said = await opened([{"type": 18, "label": "Pictures", "component": upload | flaw}])
    assert (status, said["code"]) == (400, 50035)
    assert (await opened([{"type": 1, "components": [upload]}]))[0] == 400
    assert (await opened([{"type": 18, "label": "Pictures", "component": upload}]))[0] == 204


async def test_a_menu_shows_any_message_whole_whoever_wrote_it(server, place, raw):
    channel, alice, bob = place
    theirs = await server.say(bob, channel, "my cat", server.file("cat.png", png("grey")))
    painter = Painter()
    async with running(server, painter):
        embed = {"image": {"url": "attachment://fox.png"}}
        path = f"/channels/{channel.id}/messages"
        _, made = await raw("POST", path, data=form({"embeds": [embed]}, a=("fox.png", png())))
        ours = channel.messages[int(made["id"])]
        linked = await server.say(
            bob, channel, "x", embeds=[{"type": "image", "thumbnail": {"url": "https://e.com/a"}}]
        )
        forwarded = await server.forward(bob, theirs, channel)
        for message in (theirs, ours, linked, forwarded):
            await (await server.message_command(alice, message, "Edit this picture")).shows("editing")
        cat, fox, link, again = painter.chosen
        assert (cat.content, await cat.attachments[0].read()) == ("my cat", png("grey"))
        assert (fox.attachments, await asked(there(fox.embeds[0].image.url))) == ([], (200, png()))
        assert link.embeds[0].thumbnail.url == "https://e.com/a"
        assert (again.content, await again.message_snapshots[0].attachments[0].read()) == ("", png("grey"))
    assert server.violations == []


# --- links


async def test_links_end_after_a_day_and_are_signed_anew_when_shown(server, place, raw):
    channel, alice, _ = place
    message = await server.say(alice, channel, f"{server.bot.mention} look", server.file("a.png", png()))
    path = f"/channels/{channel.id}/messages/{message.id}"
    old = (await raw("GET", path))[1]["attachments"][0]
    assert (await raw("GET", path))[1]["attachments"][0]["url"] == old["url"]
    assert (await asked(old["url"]), await asked(old["proxy_url"])) == ((200, png()), (200, png()))
    server.clock.advance(DAY_S + 1)
    assert await asked(old["url"]) == (404, b"This content is no longer available.")
    fresh = (await raw("GET", path))[1]["attachments"][0]
    assert await asked(fresh["url"]) == (200, png())
    for forged in (
        fresh["url"].split("?")[0],
        fresh["url"].replace("ex=", "ex=f"),
        fresh["url"].replace("a.png", "b.png"),
    ):
        assert (await asked(forged))[0] == 404
    await server.delete(alice, message)
    assert (await asked(fresh["url"]))[0] == 404
    assert [one.status for one in server.downloads] == [200, 200, 404, 200, 404, 404, 404, 404]
    assert server.violations == []


async def test_old_links_are_refreshed_by_the_route_of_discords_client(server, place, raw):
    channel, alice, _ = place
    option = {"type": 11, "name": "image", "description": "d"}
    body = [{"name": "imagine", "description": "d", "options": [option]}]
    await raw("PUT", f"/applications/{server.world.application_id}/commands", json=body)
    inv = await server.slash(alice, channel, "imagine", {"image": server.file("a.png", png())})
    await answer(raw, inv, {"type": 4, "data": {"content": "ok"}})
    [given] = inv.data["resolved"]["attachments"].values()
    said = await server.say(alice, channel, "x", server.file("b.png", png("blue")))
    server.clock.advance(2 * DAY_S)
    old = [
        given["url"],
        given["proxy_url"],
        said.attachments[0].url.split("?")[0],
        "https://example.com/a.png",
    ]
    status, answered = await raw("POST", "/attachments/refresh-urls", json={"attachment_urls": old})
    fresh = [one["refreshed"] for one in answered["refreshed_urls"]]
    assert (status, [one["original"] for one in answered["refreshed_urls"]]) == (200, old)
    assert [await asked(one) for one in fresh[:3]] == [(200, png())] * 2 + [(200, png("blue"))]
    assert fresh[3] is None
    await server.delete(alice, said)
    server.clock.advance(13 * DAY_S)
    _, late = await raw("POST", "/attachments/refresh-urls", json={"attachment_urls": [old[0], old[2]]})
    # Anything of the right shape is signed; what is gone stays gone.
    assert [(await asked(one["refreshed"]))[0] for one in late["refreshed_urls"]] == [404, 404]
    assert server.violations == []
    wrongs: list[dict[str, Any]] = [
        {},
        {"attachment_urls": []},
        {"attachment_urls": old[:1] * 51},
        {"attachment_urls": [1]},
    ]
    for wrong in wrongs:
        assert (await raw("POST", "/attachments/refresh-urls", json=wrong))[1]["code"] == 50035


async def test_the_cdn_breaks_on_request_and_wants_no_token(server, place):
    channel, alice, _ = place
    message = await server.say(alice, channel, "x", server.file("a.png", png()))
    url = message.attachments[0].url
    server.faults.fail("GET /attachments/**", 503)
    assert (await asked(url))[0] == 503
    server.faults.cut_after("GET /attachments/**")
    with pytest.raises(aiohttp.ClientError):
        await asked(url)
    assert server.violations == []
    assert (await asked(url, headers={"Authorization": f"Bot {server.token}"}))[0] == 200
    assert [one.kind for one in server.violations] == ["token shown"]


async def test_the_proxy_serves_pictures_only(server, place):
    channel, alice, _ = place
    message = await server.say(
        alice, channel, "x", server.file("a.txt", b"words"), server.file("b.png", png())
    )
    assert [(await asked(one.proxy_url))[0] for one in message.attachments] == [415, 200]


# --- what the bot may hear


async def test_without_the_intent_only_what_is_meant_for_the_bot_has_words_and_files(server, place, raw):
    channel, alice, bob = place
    cat = server.file("cat.png", png("grey"))
    painter = Painter()
    async with running(server, painter):
        _, made = await raw("POST", f"/channels/{channel.id}/messages", json={"content": "ours"})
        ordinary = channel.messages[int(made["id"])]
        answered = await (await server.slash(alice, channel, "imagine", {"prompt": "fox"})).shows("fox")
        theirs = await server.say(bob, channel, "look at my cat", cat)
        heard = {
            "chatter": theirs,
            "mention": await server.say(alice, channel, f"{server.bot.mention} a fox", cat),
            "reply": await server.reply(alice, ordinary, "make it night"),
            "quiet reply": await server.reply(alice, ordinary, "make it night", ping=False),
            "reply to an answer": await server.reply(alice, answered, "make it night", cat),
            "reply to an answer, with a mention": await server.reply(
                alice, answered, f"{server.bot.mention} make it night", cat
            ),
            "reply to somebody, with a mention": await server.reply(
                alice, theirs, f"{server.bot.mention} make it night"
            ),
            "direct": await server.say(alice, server.dm(alice), "a fox", cat),
        }
        await server.until(lambda: len(painter.heard) == len(heard))
        by_id = {one.id: one for one in painter.heard}
        told = {name: (by_id[one.id].content, len(by_id[one.id].attachments)) for name, one in heard.items()}
        pointed = by_id[heard["reply to somebody, with a mention"].id]
        rest = {
            name: (await raw("GET", f"/channels/{one.channel.id}/messages/{one.id}"))[1]
            for name, one in heard.items()
        }
    at = server.bot.mention
    assert told == {
        "chatter": ("", 0),
        "mention": (f"{at} a fox", 1),
        "reply": ("make it night", 0),
        "quiet reply": ("", 0),
        "reply to an answer": ("", 0),
        "reply to an answer, with a mention": (f"{at} make it night", 1),
        "reply to somebody, with a mention": (f"{at} make it night", 0),
        "direct": ("a fox", 1),
    }
    assert {name: (one["content"], len(one["attachments"])) for name, one in rest.items()} == told
    # What the person pointed at is somebody else's: its words and files stay hidden there, too.
    referenced = there(pointed.reference).resolved
    assert isinstance(referenced, discord.Message)
    assert (referenced.id, referenced.content, referenced.attachments) == (theirs.id, "", [])
    assert [one.id for one in by_id[heard["reply"].id].mentions] == [server.bot.id]
    assert by_id[heard["quiet reply"].id].mentions == []
    assert server.violations == []


async def test_with_the_intent_everything_is_heard(server, place):
    channel, alice, bob = place
    server.gateway.privileged = CONTENT
    painter = Painter(HEARING | discord.Intents(message_content=True))
    async with running(server, painter):
        theirs = await server.say(bob, channel, "my cat", server.file("cat.png", png("grey")))
        await server.reply(alice, theirs, "nice", ping=False)
        await server.until(lambda: len(painter.heard) == 2)
        reply = painter.heard[1]
        pointed = there(there(reply.reference).resolved)
        assert isinstance(pointed, discord.Message)
        assert (reply.content, await pointed.attachments[0].read()) == ("nice", png("grey"))
        assert reply.type is discord.MessageType.reply
    assert server.violations == []


async def test_a_mention_that_no_intent_lets_through_is_noted(server, place):
    channel, alice, _ = place
    async with running(server, Painter(discord.Intents(guilds=True))):
        await server.say(alice, channel, "to nobody")
        assert server.violations == []
        await server.say(alice, channel, f"{server.bot.mention} a fox")
    assert [(one.kind, one.detail) for one in server.violations] == [("missing intent", "messages in guilds")]


async def test_a_private_answer_has_no_replies_and_a_direct_message_can_be_opened(server, place):
    channel, alice, _ = place
    painter = Painter()
    async with running(server, painter):
        theirs = await server.say(alice, channel, "x")
        inv = await server.message_command(alice, theirs, "Edit this picture")
        private = await inv.shows("editing")
        with pytest.raises(Misuse, match="private"):
            await server.reply(alice, private, "and then?")
        person = await painter.fetch_user(alice.id)
        sent = await person.send("your picture", file=discord.File(io.BytesIO(png()), "fox.png"))
        await server.reply(alice, server.dm(alice).messages[sent.id], "make it night")
        await server.until(lambda: len(painter.heard) == 2)
        assert painter.heard[1].content == "make it night"
        said = there(there(painter.heard[1].reference).resolved)
        assert isinstance(said, discord.Message)
        assert await said.attachments[0].read() == png()
    assert server.violations == []
