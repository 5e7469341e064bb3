"""Private answers on a strict local Discord: originals as they are, words to one person alone, rare direct messages."""

import re

import pytest

from bot.abilities import Named
from bot.errors import ShowFailure, SurfaceError
from bot.job import Asset, Job, State
from bot.model import Order
from bot.ports import Address, Do, Place, Requester
from bot.talk.answers import Lines, Note, Original, Originals
from bot.talk.deeds import Pressed, Topic, Typed
from bot.words.words import Words
from integrations.discord._wire import Rest
from integrations.discord.address import DiscordAddress
from integrations.discord.answers import Answers
from integrations.discord.direct import NEW_PER_MIN, Direct
from integrations.discord.promises import Promises
from integrations.discord.replies import Caller, Replies
from integrations.discord.settings import DiscordSettings
from tests.fakes.discord import MIB, DiscordServer
from tests.fakes.discord_world import PLACEHOLDER, Wall, World, png


class Pictures(Wall):
    """Of any size; what is too large comes smaller."""

    def __init__(self, sizes):
        self._sizes = sizes

    async def fit(self, key, *, limit_bytes):
        size = self._sizes[key]
        if size <= limit_bytes:
            return png() + bytes(size - len(png())), "image/png"
        return png() + bytes(4 * MIB), "image/jpeg"


class Town(World):
    """The same with somebody who answers people."""

    def __init__(self, server, guild, channel, mina, rest, words):
        super().__init__(server, guild, channel, mina, rest)
        self.replies = Replies(rest, words=words, direct=Direct(rest), promises=Promises(rest))


@pytest.fixture
async def world(words):
    async with DiscordServer() as server:
        guild = await server.guild("Foxes")
        channel = await server.channel(guild)
        mina = server.user("mina")
        server.join(guild, mina)
        server.commands.replace(None, [{"name": "imagine", "description": "Make a picture"}])
        rest = Rest(DiscordSettings(token=server.token, api_base_url=server.api_base_url))
        yield Town(server, guild, channel, mina, rest, words)
        await rest.aclose()
        assert server.pings == []


@pytest.fixture
def words():
    return Words("en")


def order():
    return Order(provider="p", model="m", prompt="a fox", subject="a fox", credits_each=1)


async def calling(world):
    """Mina, who waits for an answer."""
    inv = await world.server.slash(world.mina, world.channel, "imagine")
    where = DiscordAddress(
        app=str(world.server.world.application_id), interaction=str(inv.id), token=inv.token,
        asked=f"{world.now():.3f}", channel=str(world.channel.id), user=str(world.mina.id), limit=str(10 * MIB),
        bot="1",
    )  # fmt: skip
    return Caller(who=person(world), where=where, place=Place(address=None))


async def handed(world, sizes, *, url=""):
    """What mina sees after a press on Original."""
    caller = await calling(world)
    wall = Pictures({f"{n}.png": size for n, size in enumerate(sizes, 1)})
    answers = Answers(world.replies, gallery=wall)
    assets = [Asset(key=f"{n}.png", index=n, size_bytes=size) for n, size in enumerate(sizes, 1)]
    pictures = tuple(Original(asset=one, url=url) for one in assets)
    deed = Pressed(who=caller.who, place=caller.place, key="k", do=Do.ORIGINAL, job=job(world).id)
    await answers.give(caller, deed, Originals(job=job(world), pictures=pictures, to_look=bool(url)))
    return world.server.invocations[-1].messages


def person(world):
    return Requester(surface="discord", community="1", user=str(world.mina.id), language="en")


async def test_an_original_that_fits_comes_as_it_is_and_says_nothing_more(world):
    (message,) = await handed(world, [9 * MIB])
    assert (len(message.attachments[0].data), message.ephemeral) == (9 * MIB, True)
    assert "smaller" not in message.text


@pytest.mark.parametrize("url", ["", "https://x.example/a"])
async def test_a_file_that_is_too_large_comes_smaller_and_says_so(world, url):
    (message,) = await handed(world, [17 * MIB], url=url)
    assert 4 * MIB < len(message.attachments[0].data) < 5 * MIB
    assert "17.0 MB" in shown(message)
    assert "10.0 MB" in shown(message)
    assert ("link leads" if url else "public address") in message.text


async def test_several_originals_come_in_as_many_messages_as_they_need(world):
    messages = await handed(world, [8 * MIB] * 4)
    sizes = [[len(one.data) for one in message.attachments] for message in messages]
    assert sizes == [[8 * MIB] * 2, [8 * MIB] * 2] or sum(map(len, sizes)) == 4
    assert all(size == 8 * MIB for each in sizes for size in each)
    assert all(message.ephemeral for message in messages)


async def test_a_file_that_discord_does_not_take_is_told_of(world):
    world.server.faults.refuse("PATCH /webhooks/**", 40005, times=9)
    messages = await handed(world, [8 * MIB])
    assert any("did not take" in message.text for message in messages)


@pytest.mark.parametrize("length", [3_900, 4_080, 4_100, 9_000])
@pytest.mark.parametrize("says", ["Too long.", "Much is wrong. " * 150])
async def test_however_long_the_words_that_were_refused_they_come_back_whole(world, length, says):
    """In the message where they have room, else as a file: never cut, and never refused by Discord."""
    typed = ("a fox ``` in *snow* " * 500)[:length]
    caller = await calling(world)
    deed = Typed(who=caller.who, place=caller.place, key="k", text=typed)
    await Answers(world.replies, gallery=Pictures({})).give(caller, deed, Note(text=says, typed=typed))
    (message,) = world.server.invocations[-1].messages
    files = [one.data.decode() for one in message.attachments]
    told = message.text.replace("\u200b", "")
    assert files == [typed] or typed.strip() in told, (files, told[-50:])
    assert says[:9] in told
    assert world.server.violations == []


async def test_the_audit_shows_people_by_their_names_and_its_links_can_be_followed(world):
    link = "https://discord.com/channels/1576569655634427904/1576569655697342464/1576569656146132992"
    lines = (
        f"12:04 UTC · hide · {world.mina.id} · {link}",
        '12:04 UTC · settings · 1 · {"room": "1576569655697342465"}',
    )
    caller = await calling(world)
    deed = Typed(who=caller.who, place=caller.place, key="k", text="")
    audit = Lines(topic=Topic.ADMIN, lines=lines, names={str(world.mina.id): Named.PERSON})
    await Answers(world.replies, gallery=Pictures({})).give(caller, deed, audit)
    (message,) = world.server.invocations[-1].messages
    told = message.embeds[0]["description"]
    assert f"hide · <@{world.mina.id}> · {link}" in told
    assert '"1576569655697342465"' in told


def shown(message):
    return re.sub(r"\\\\(.)", r"\\1", message.text)


# ── Words to one person alone ────────────────────────────────────────────────────────────────────────


async def test_a_word_is_said_where_it_was_asked_and_directly_when_that_is_over(world):
    address = await world.where()
    await world.show(PLACEHOLDER, address)
    answers = world.replies
    await answers.tell_alone(DiscordAddress.of(address), "It is done.")
    assert world.server.dm(world.mina).visible == []
    private = [one for one in world.channel.messages.values() if one.ephemeral]
    assert "It is done." in private[0].text
    world.server.faults.refuse("POST /webhooks/**", 50027)
    await answers.tell_alone(DiscordAddress.of(address), "Once more.")
    assert "Once more." in world.server.dm(world.mina).visible[0].text


async def test_a_word_that_can_not_be_said_is_a_surface_error(world):
    world.mina.dms_closed = True
    where = DiscordAddress(channel=str(world.channel.id), user=str(world.mina.id))
    with pytest.raises(SurfaceError) as caught:
        await world.replies.tell_alone(where, "It is done.")
    assert caught.value.kind is ShowFailure.FORBIDDEN


async def test_twenty_five_strangers_who_react_open_few_direct_messages_and_one_person_one(world):
    for n in range(25):
        where = DiscordAddress(channel="1", user=str(world.server.user(f"p{n}").id))
        who = Requester(surface="discord", community="1", user=where.user)
        for _ in range(12):
            caller = Caller(who=who, where=where, place=Place(address=Address(surface="discord")))
            await world.replies.tell(caller, "No.")
    opened = world.server.calls("POST", "/users/@me/channels")
    said = world.server.calls("POST", "/channels/{channel}/messages")
    assert len(opened) == len(said) == NEW_PER_MIN


def job(world):
    return Job(
        id="01m7za57f5evfned4t7d0apt9v", version=5, state=State.FINISHED, requester=person(world), order=order(),
        created_at=0, deadline_at=0, due_at=0,
    )  # fmt: skip


@pytest.mark.parametrize("lost", [False, True])
async def test_a_refusal_after_a_promise_is_private_and_the_promise_is_gone(world, lost):
    """Before it is taken away, whatever follows would stand in its place, for everybody to see."""
    caller = await calling(world)
    if lost:
        world.server.faults.cut_after("POST /interactions/**")
    with world.replies.promising(caller):
        await world.replies.promise(caller, private=False)
    await world.replies.tell(caller, "Not so fast.")
    (inv,) = world.server.invocations
    (message,) = [one for one in inv.messages if not one.deleted]
    assert (message.ephemeral, message.loading, "Not so fast." in message.text) == (True, False, True)
    assert world.server.violations == []


async def test_a_promise_that_can_not_be_taken_back_shows_nobody_what_one_person_is_told(world):
    caller = await calling(world)
    with world.replies.promising(caller):
        await world.replies.promise(caller, private=False)
    world.server.faults.fail("DELETE /webhooks/**", 500, times=99)
    await world.replies.tell(caller, "Not so fast.")
    (message,) = world.server.invocations[-1].messages
    assert "Not so fast." not in message.text


async def test_who_was_answered_is_promised_nothing(world):
    caller = await calling(world)
    with world.replies.promising(caller):
        await world.replies.tell(caller, "Not so fast.")
        await world.replies.promise(caller, private=False)
    assert len(world.server.requests) == 1
