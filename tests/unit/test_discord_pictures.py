"""Pictures in Discord's messages, on a strict local Discord: which are found, and how long each can be had."""

import io
import warnings
from types import SimpleNamespace

import aiohttp
import pytest
from PIL import Image
from yarl import URL

from bot.errors import NotThere, ShowFailure, SurfaceError
from bot.model import Where
from integrations.discord._wire import Rest
from integrations.discord.pictures import Pictures, place_of_message
from integrations.discord.settings import API_BASE_URL, DiscordSettings
from tests.fakes.discord import DiscordServer

with warnings.catch_warnings():
    # discord.py imports audioop, which Python has put on its list to go.
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    from integrations.discord import said

DAY_S = 86_400
SIGNED = "ex=7fffffff&is=1&hm=a&"
CDN = "https://cdn.discordapp.com/attachments/1/2/cat.png"


def png(colour="red"):
    out = io.BytesIO()
    Image.new("RGB", (16, 16), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
async def town():
    async with DiscordServer() as server:
        guild = await server.guild("Foxes")
        channel = await server.channel(guild)
        bob = server.user("bob")
        server.join(guild, bob)
        rest = Rest(DiscordSettings(token=server.token, api_base_url=server.api_base_url))
        pictures = Pictures(rest, api_base_url=server.api_base_url, clock=server.clock.now)
        yield SimpleNamespace(server=server, channel=channel, bob=bob, rest=rest, pictures=pictures)
        await rest.aclose()
        assert server.violations == []


def seen(town, message):
    """A message as an interaction of its menu shows it, words and files of others included."""
    return town.server.world.message_json(message)


def of(town, message):
    return town.pictures.of(seen(town, message))


async def found(town, message):
    """Its one picture."""
    (source,) = of(town, message)
    assert (source.where, source.surface) == (Where.ATTACHED, "discord")
    return source.ref


async def fetched(loan):
    """The bytes, fetched as the door to foreign addresses does it: the link as it was written, no headers."""
    assert loan.headers == {}
    async with aiohttp.ClientSession() as session, session.get(URL(loan.url, encoded=True)) as response:
        return response.status, await response.read()


# ── Which there are ──────────────────────────────────────────────────────────────────────────────────


async def test_files_embeds_and_what_was_forwarded_are_pictures_and_words_are_none(town):
    server, bob, channel = town.server, town.bob, town.channel
    both = await server.say(
        bob,
        channel,
        "look",
        server.file("a.png", png()),
        server.file("notes.txt", b"x"),
        server.file("b.webp", b"x"),
    )
    names = [one.ref.partition("?")[0].rpartition("/")[2] for one in of(town, both)]
    assert names == ["a.png", "b.webp"]
    assert all(one.ref.endswith(f"#{channel.id}m{both.id}") for one in of(town, both))
    forwarded = await server.forward(bob, both, channel)
    assert len(of(town, forwarded)) == 2
    assert of(town, await server.say(bob, channel, "no picture")) == ()


def embed(kind="rich", **parts):
    return {"type": kind, "title": "t"} | {name: {"url": url} for name, url in parts.items()}


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (embed(image=f"{CDN}?{SIGNED}"), [f"{CDN}?{SIGNED}"]),
        (embed("image", thumbnail="https://media.discordapp.net/attachments/1/2/cat.png"),
         ["https://media.discordapp.net/attachments/1/2/cat.png"]),
        (embed("article", thumbnail=CDN), []),  # a page's small picture is not what people see as the message's
        (embed(image="https://example.com/cat.png"), []),
        (embed(image="https://cdn.discordapp.com.example.com/attachments/1/2/cat.png"), []),
        (embed(image="http://cdn.discordapp.com/attachments/1/2/cat.png"), []),
        (embed(image="https://cdn.discordapp.com/emojis/1.png"), []),
        (embed(image="https://user@cdn.discordapp.com/attachments/1/2/cat.png"), []),
    ],
)  # fmt: skip
async def test_of_embeds_only_what_discord_itself_serves_is_taken(town, shown, wanted):
    message = {"id": "5", "channel_id": "4", "embeds": [shown]}
    assert [one.ref for one in town.pictures.of(message)] == [f"{link}#4m5" for link in wanted]


async def test_a_link_to_another_place_is_taken_as_discord_shows_it(town):
    proxied = "https://images-ext-1.discordapp.net/external/aBc/https/example.com/cat.png"
    shown = {"type": "image", "thumbnail": {"url": "https://example.com/cat.png", "proxy_url": proxied}}
    (source,) = town.pictures.of({"id": "5", "channel_id": "4", "embeds": [shown]})
    assert source.ref == f"{proxied}#4m5"


async def test_an_address_that_somebody_typed_is_known_while_it_lives(town):
    message = await town.server.say(town.bob, town.channel, "x", town.server.file("a.png", png()))
    link = message.attachments[0].url
    assert town.pictures.recognise(link) == f"{link}#typed"
    assert town.pictures.recognise(f"{CDN}?{SIGNED}") == f"{CDN}?{SIGNED}#typed"
    assert await fetched(await town.pictures.lend(f"{link}#typed")) == (200, png())
    town.server.clock.advance(DAY_S + 1)
    # Who may see the picture has a living link: an old one is no key to it.
    for other in (link, CDN, "https://example.com/a.png", "https://discord.com/channels/1/2/3", "", "x"):
        assert town.pictures.recognise(other) == ""


def test_only_another_api_brings_files_of_its_own():
    strict = Pictures(SimpleNamespace(), api_base_url=API_BASE_URL)  # type: ignore[arg-type]  # asks nothing
    assert strict.recognise(f"https://discord.com/attachments/1/2/a.png?{SIGNED}") == ""
    assert strict.recognise(f"{CDN}?{SIGNED}") == f"{CDN}?{SIGNED}#typed"


async def test_what_is_typed_opens_nothing_by_our_rights(town):
    """An end of one's own making, or a message's place behind it, had us sign the link or look it up."""
    theirs = await town.server.say(town.bob, town.channel, "x", town.server.file("b.png", png()))
    bare = theirs.attachments[0].url.partition("?")[0]
    place = place_of_message(seen(town, theirs))
    town.server.clock.advance(2 * DAY_S)
    for behind in (f"#{place}", "#typed", "#1/../../../users/@me?x=1m2", "#"):
        assert town.pictures.recognise(f"{bare}?{SIGNED}{behind}") == ""
    forged = town.pictures.recognise(f"{bare}?ex=7fffffff&is=1&hm=00&")
    with pytest.raises(NotThere):
        await town.pictures.lend(forged)
    assert town.server.requests == []


# ── Where they are now ───────────────────────────────────────────────────────────────────────────────


async def test_a_living_link_is_lent_as_it_is_and_an_old_one_is_signed_anew(town):
    """Of a message that we may not even read: links are signed for whoever shows them."""
    message = await town.server.say(
        town.bob, town.channel, "my cat", town.server.file("cat.png", png("grey"))
    )
    ref = await found(town, message)
    assert await fetched(await town.pictures.lend(ref)) == (200, png("grey"))
    assert town.server.requests == []
    town.server.clock.advance(7 * DAY_S)
    assert await fetched(await town.pictures.lend(ref)) == (200, png("grey"))
    assert [one.path for one in town.server.requests] == ["/attachments/refresh-urls"]


async def test_a_link_is_not_lent_for_its_last_moments(town):
    message = await town.server.say(town.bob, town.channel, "x", town.server.file("a.png", png()))
    ref = await found(town, message)
    town.server.clock.advance(DAY_S - 60)
    loan = await town.pictures.lend(ref)
    town.server.clock.advance(120)
    assert (await fetched(loan))[0] == 200


async def test_where_links_are_not_signed_anew_the_message_is_read_again(town):
    """The route of Discord's client stands in no reference: without it, what we may read can still be had."""
    at_us = f"{town.server.bot.mention} look"
    mine = await town.server.say(town.bob, town.channel, at_us, town.server.file("a.png", png()))
    theirs = await town.server.say(town.bob, town.channel, "look", town.server.file("b.png", png()))
    refs = [await found(town, one) for one in (mine, theirs)]
    town.server.clock.advance(2 * DAY_S)
    town.server.faults.refuse("POST /attachments/refresh-urls", 50001, times=9)
    assert (await fetched(await town.pictures.lend(refs[0])))[0] == 200
    with pytest.raises(NotThere):
        await town.pictures.lend(refs[1])
    town.server.forgive("retried")


@pytest.mark.parametrize("later_s", [0, 2 * DAY_S])
async def test_what_people_deleted_is_gone_at_once(town, later_s):
    message = await town.server.say(town.bob, town.channel, "x", town.server.file("a.png", png()))
    ref = await found(town, message)
    await town.server.delete(town.bob, message)
    town.server.clock.advance(later_s)
    with pytest.raises(NotThere):
        await town.pictures.lend(ref)


async def test_trouble_that_passes_is_told_apart_from_what_is_gone(town):
    message = await town.server.say(town.bob, town.channel, "x", town.server.file("a.png", png()))
    ref = await found(town, message)
    # The file's server is out of order: nobody knows, and who fetches will see.
    town.server.faults.fail("HEAD /attachments/**", 503)
    assert (await fetched(await town.pictures.lend(ref)))[0] == 200
    town.server.clock.advance(2 * DAY_S)
    town.server.faults.fail("POST /attachments/refresh-urls", 503, times=9)
    with pytest.raises(SurfaceError) as error:
        await town.pictures.lend(ref)
    assert error.value.kind is ShowFailure.LATER


@pytest.mark.parametrize("ref", ["", "x", "https://example.com/a.png", "http://169.254.169.254/", "#4m5"])
async def test_nothing_but_files_of_discord_is_ever_lent(town, ref):
    with pytest.raises(NotThere):
        await town.pictures.lend(ref)
    assert (town.server.requests, town.server.downloads) == ([], [])


# ── Until a form is filled in ────────────────────────────────────────────────────────────────────────


async def test_a_form_knows_its_pictures_again_and_after_a_restart_where_we_may_read_them(town):
    mine = await town.server.say(
        town.bob, town.channel, f"{town.server.bot.mention} x", town.server.file("a.png", png())
    )
    theirs = await town.server.say(town.bob, town.channel, "x", town.server.file("b.png", png()))
    places = {one.id: place_of_message(seen(town, one)) for one in (mine, theirs)}
    for one in (mine, theirs):
        town.pictures.remember(places[one.id], of(town, one))
        assert await town.pictures.again(places[one.id]) == of(town, one)
    after = Pictures(town.rest, api_base_url=town.server.api_base_url, clock=town.server.clock.now)
    assert await after.again(places[mine.id]) == of(town, mine)
    with pytest.raises(NotThere):
        await after.again(places[theirs.id])


# ── What is said ─────────────────────────────────────────────────────────────────────────────────────

ME = 111111111111111111


def spoken(content, **facts):
    """A message as discord.py has it, as far as its words go."""
    named = SimpleNamespace(
        get_channel_or_thread=lambda _: SimpleNamespace(name="art"), get_role=lambda _: None
    )
    people = [SimpleNamespace(id=ME, display_name="Easel"), SimpleNamespace(id=ME + 1, display_name="Mina K")]
    return SimpleNamespace(content=content, mentions=people, guild=named, **facts)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (f"<@{ME}> make it night", "make it night"),
        (f"<@!{ME}>make it night", "make it night"),
        (f"make it night, <@{ME}>!", "make it night, !"),
        (f"<@{ME}> <@{ME + 1}> as a knight", "Mina K as a knight"),
        (f"<@{ME}> like in <#{ME + 2}>", "like in art"),
        (f"<@{ME}> a <@&{ME + 3}> fox", "a fox"),
        (f"<@{ME}> a fox <:happy:{ME}> <a:wave:{ME}>", "a fox :happy: :wave:"),
        (f"<@{ME}>\n\n  two\nlines", "two lines"),
        (f"<@{ME}>", ""),
    ],
)
def test_the_words_are_what_people_read_without_our_name(content, words):
    assert said.words_of(spoken(content), ME) == words
