"""Pictures that people give on Discord: the running program, a strict local Discord, and a service that shows what it got."""

import asyncio
import io
import re
from types import SimpleNamespace

import pytest
import pytest_asyncio
from PIL import Image

from tests.fakes.discord import MIB, Misuse
from tests.fakes.discord.interactions import ANSWERED
from tests.fakes.discord_process import house
from tests.fakes.services import drawing, openai
from tests.fakes.there import there

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAY_S = 86_400
ANY = '[moderation]\ninputs = "any"\n'


def picture(color="red", size=(64, 48), kind="PNG", **facts):
    """A picture as somebody has it."""
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, kind, **facts)
    return out.getvalue()


def turned():
    """A photograph of 64 x 32 that says of itself to be turned by 90 degrees, and where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation
    exif[0x010F] = "Camera"
    exif.get_ifd(0x8825)[1] = "N"
    return picture("green", (64, 32), "JPEG", exif=exif, quality=95)


def moving(kind):
    out = io.BytesIO()
    frames = [Image.new("RGB", (32, 32), color) for color in ("red", "blue")]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def alike(data, other):
    """Whether two files show the same picture."""
    a, b = (opened(one).convert("RGB") for one in (data, other))
    return a.size == b.size and a.tobytes() == b.tobytes()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory):
    async with openai.running() as service:
        more = (
            f'[providers.openai]\napi_key = "{drawing.KEY}"\nbase_url = "{service.url}"\n'
            f'{ANY}[limits]\nper_requester = 100\n[quotas]\ndaily_allowance = 100000\ncommunities = "any"\n'
        )
        async with house(tmp_path_factory.mktemp("pictures"), more=more) as (server, easel, _):
            yield server, easel, service


@pytest_asyncio.fixture(loop_scope="module")
async def town(running):
    """A server of its own with a channel and two people, and what the service was asked since."""
    server, easel, service = running
    server.records.violations.clear()
    server.pings.clear()
    service.asked.clear()
    guild = await server.guild("Foxes")
    channel = await server.channel(guild)
    alice, bob = server.user("alice", file_limit_bytes=500 * MIB), server.user("bob")
    for one in (alice, bob):
        server.join(guild, one)
    yield SimpleNamespace(
        server=server, easel=easel, service=service, guild=guild, channel=channel, alice=alice, bob=bob
    )
    server.faults.clear()
    assert server.violations == []
    assert server.pings == []


async def imagined(town, prompt="make it blue", person=None, **options):
    """The invocation and its finished message."""
    inv = await town.server.slash(
        person or town.alice, town.channel, "imagine", {"prompt": prompt, **options}
    )
    return inv, await inv.pictured()


def file(town, data, name="cat.png"):
    return town.server.file(name, data)


def sent(town):
    """The pictures of the last order as the service received them."""
    return town.service.asked[-1].get("images", [])


async def credits_of(town, person):
    inv = await town.server.slash(person, town.channel, "easel credits")
    await inv.shows("credits")
    return int(there(re.search(r"(\d+) credit", inv.message.text))[1])


# ── In ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_one_picture_in_is_acknowledged_at_once_and_reaches_the_service(town):
    cat = picture("orange")
    inv, message = await imagined(town, image=file(town, cat))
    assert inv.response_type in ANSWERED
    assert inv.ack_s < 3
    (got,) = sent(town)
    assert alike(got, cat)
    assert town.service.asked[-1]["prompt"] == "make it blue"
    assert "Made from" in message.text
    # Nothing is silently deaf: the card says what Discord lets us hear.
    assert "Reply and mention" in message.embeds[0]["footer"]["text"]


async def test_three_pictures_keep_their_order(town):
    colors = ("red", "green", "blue")
    options = {
        name: file(town, picture(color))
        for name, color in zip(("image3", "image", "image2"), colors, strict=True)
    }
    await imagined(town, "put them together", **options)
    assert [
        alike(one, picture(color)) for one, color in zip(sent(town), ("green", "blue", "red"), strict=True)
    ] == [True] * 3


async def test_what_the_model_does_not_take_is_refused_before_anything_is_held(town):
    left = await credits_of(town, town.alice)
    inv = await town.server.slash(
        town.alice,
        town.channel,
        "imagine",
        {"prompt": "x", "model": "flux-2-pro", "image": file(town, picture())},
    )
    await inv.shows("takes no pictures")
    assert inv.ephemeral
    assert "gpt-image" in inv.message.text
    assert town.channel.visible == []
    assert (await credits_of(town, town.alice), town.service.asked) == (left, [])


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("broken.png", picture()[:60], "it isn't whole"),
        ("words.png", b"no picture at all", "no PNG, JPEG or WebP"),
        ("moving.gif", moving("GIF"), "no PNG, JPEG or WebP"),
        ("moving.webp", moving("WEBP"), "animated"),
        ("moving.png", moving("PNG"), "animated"),
        ("large.png", picture() + bytes(25 * MIB), "20 MB"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
async def test_what_is_no_picture_for_us_ends_with_a_sentence_and_the_credits_back(town, name, data, words):
    left = await credits_of(town, town.alice)
    inv = await town.server.slash(
        town.alice, town.channel, "imagine", {"prompt": "make it blue", "image": file(town, data, name)}
    )
    message = await inv.shows("credits are back")
    assert words in message.text
    assert "Try again" in message.labels
    assert (await credits_of(town, town.alice), town.service.asked) == (left, [])


async def test_a_photograph_stands_upright_and_tells_nothing_of_its_camera(town):
    await imagined(town, image=file(town, turned(), "photo.jpg"))
    (got,) = sent(town)
    assert opened(got).size == (32, 64)
    assert len(opened(got).getexif()) == 0


async def test_a_picture_that_is_gone_before_it_was_fetched_costs_nothing(town):
    left = await credits_of(town, town.alice)
    town.server.faults.fail("GET /ephemeral-attachments/**", 404, times=99)
    town.server.faults.fail("HEAD /ephemeral-attachments/**", 404, times=99)
    inv = await town.server.slash(
        town.alice, town.channel, "imagine", {"prompt": "make it blue", "image": file(town, picture())}
    )
    await inv.shows("credits are back")
    assert (await credits_of(town, town.alice), town.service.asked) == (left, [])


async def test_a_link_that_ended_while_easel_was_away_is_signed_anew(town):
    """Heard and accepted without anybody who paints; two days later somebody does."""
    server, easel = town.server, town.easel
    await easel.stop()
    await easel.start("--roles", "discord")
    inv = await server.slash(
        town.alice, town.channel, "imagine", {"prompt": "make it blue", "image": file(town, picture("pink"))}
    )
    placeholder = await inv.shows("make it blue")
    server.clock.advance(2 * DAY_S)
    await easel.stop()
    await easel.start()
    await server.until(lambda: town.service.asked)
    assert alike(sent(town)[0], picture("pink"))
    await server.until(lambda: placeholder.images)


# ── Going on ─────────────────────────────────────────────────────────────────────────────────────────


async def edited(town, message, words, person=None, control="Edit", **fields):
    """One picture changed by its button: the form, and the new message."""
    form = await (await town.server.press(person or town.alice, message, control)).response()
    done = await town.server.submit(form, {"prompt": words, **fields})
    return await done.pictured()


async def test_an_edit_of_an_edit_of_an_edit_goes_on_from_each_also_after_a_restart(town):
    _, message = await imagined(town, "a red fox", model="gpt-image-2.6-flare")
    for number, words in enumerate(("make it night", "add a moon", "in pencil")):
        if number == 1:
            await town.easel.stop()
            await town.easel.start()
        before = message.attachments[0].data
        message = await edited(town, message, words)
        (got,) = sent(town)
        assert alike(got, before)
        assert town.service.asked[-1]["prompt"] == words
        assert {"Edit", "Vary"} <= set(message.labels)


async def test_one_of_four_is_edited_alone(town):
    _, sheet = await imagined(town, "a red fox", images=4)
    assert not {"Vary", "Upscale"} & set(sheet.labels)
    third = await (await town.server.press(town.bob, sheet, "3")).pictured()
    await edited(town, third, "make it night")
    assert alike(sent(town)[0], third.attachments[0].data)
    form = await (await town.server.press(town.alice, sheet, "Edit")).response()
    done = await town.server.submit(form, {"prompt": "make it night", "picture": ["3"]})
    await done.pictured()
    assert alike(sent(town)[0], third.attachments[0].data)


async def test_vary_gives_the_same_words_and_the_picture(town):
    _, message = await imagined(town, "a red fox", model="gpt-image-2.6-flare")
    town.service.asked.clear()
    again = await (await town.server.press(town.bob, message, "Vary")).pictured()
    assert alike(sent(town)[0], message.attachments[0].data)
    assert town.service.asked[-1]["prompt"] == "a red fox"
    assert again is not message


async def test_files_in_a_form_are_taken_along(town):
    _, message = await imagined(town, "a red fox", model="gpt-image-2.6-flare")
    await edited(town, message, "put them together", pictures=[file(town, picture("navy"))])
    first, second = sent(town)
    assert alike(first, message.attachments[0].data)
    assert alike(second, picture("navy"))


async def test_the_menu_of_anybodys_message_edits_its_picture(town):
    theirs = await town.server.say(town.bob, town.channel, "my cat", file(town, picture("grey")))
    menu = await (await town.server.message_command(town.alice, theirs, "Edit this picture")).response()
    done = await town.server.submit(menu, {"prompt": "make it night"})
    await done.pictured()
    assert alike(sent(town)[0], picture("grey"))


async def test_the_menu_of_a_message_without_a_picture_says_so(town):
    theirs = await town.server.say(town.bob, town.channel, "no picture")
    inv = await town.server.message_command(town.alice, theirs, "Edit this picture")
    await inv.shows("no picture in that message")
    assert inv.ephemeral


async def test_the_menu_of_a_picture_of_ours_edits_the_untouched_one(town):
    _, message = await imagined(town, "a red fox", model="gpt-image-2.6-flare")
    menu = await (await town.server.message_command(town.bob, message, "Edit this picture")).response()
    await (await town.server.submit(menu, {"prompt": "make it night"})).pictured()
    assert alike(sent(town)[0], message.attachments[0].data)


async def test_who_brought_the_app_along_edits_where_easel_is_no_member(town):
    """The bot may read nothing there: the menu brings the picture, and its link is signed anew for it."""
    server = town.server
    elsewhere = await server.guild("Elsewhere", bot_in=False)
    channel = await server.channel(elsewhere)
    carol, dave = server.user("carol", installed=True), server.user("dave")
    for one in (carol, dave):
        server.join(elsewhere, one)
    theirs = await server.say(dave, channel, "my cat", file(town, picture("ivory")))
    menu = await (await server.message_command(carol, theirs, "Edit this picture")).response()
    server.clock.advance(2 * DAY_S)
    await (await server.submit(menu, {"prompt": "make it night"})).pictured()
    assert alike(sent(town)[0], picture("ivory"))


async def test_words_that_answer_what_discord_hides_change_nothing_else(town):
    """Somebody's own last picture is not the one that was meant."""
    await imagined(town, "a red fox", model="gpt-image-2.6-flare")
    town.service.asked.clear()
    theirs = await town.server.say(town.bob, town.channel, "my cat", file(town, picture("grey")))
    await town.server.reply(town.alice, theirs, f"{town.server.bot.mention} make it night")
    direct = town.server.dm(town.alice)
    await town.server.until(lambda: any("Edit this picture" in one.text for one in direct.visible))
    assert town.service.asked == []


async def test_somebodys_private_picture_is_nobody_elses_source(town):
    inv = await town.server.slash(
        town.bob,
        town.channel,
        "imagine",
        {"prompt": "a red fox", "model": "gpt-image-2.6-flare", "private": True},
    )
    private = await inv.pictured()
    with pytest.raises(Misuse):
        await town.server.message_command(town.alice, private, "Edit this picture")
    job = there(re.search(r"\b[0-9a-z]{26}\b", private.text))[0]
    town.service.asked.clear()
    asked = await town.server.slash(
        town.alice, town.channel, "imagine", {"prompt": f"make it blue --ref {job}"}
    )
    await asked.shows("isn't")
    assert asked.ephemeral
    assert town.service.asked == []
    mine = await edited(town, private, "make it night", person=town.bob)
    assert mine.ephemeral


# ── Words ────────────────────────────────────────────────────────────────────────────────────────────


async def answers(town, count=1):
    """So many new messages of ours in the channel, all pictures."""
    mine = [one for one in town.channel.visible if one.author is town.server.bot]
    return await town.server.until(
        lambda: (
            (
                found := [
                    one
                    for one in town.channel.visible
                    if one.author is town.server.bot and one.images and one not in mine
                ]
            )
            and len(found) == count
            and found
        )
    )


async def test_a_reply_that_mentions_us_goes_on_from_the_picture(town):
    _, message = await imagined(town, "a red fox", model="gpt-image-2.6-flare")
    waiting = asyncio.create_task(answers(town))
    said = await town.server.reply(town.bob, message, f"{town.server.bot.mention} make it night")
    (night,) = await waiting
    assert night.referenced is said
    assert alike(sent(town)[0], message.attachments[0].data)
    assert town.service.asked[-1]["prompt"] == "make it night"
    # That answer is an ordinary message: a plain reply with the ping on is heard.
    waiting = asyncio.create_task(answers(town))
    await town.server.reply(town.alice, night, "now in pencil")
    (pencil,) = await waiting
    assert alike(sent(town)[0], night.attachments[0].data)
    # Who talks about a picture to others has the ping on, too: that is no order, and nobody is written to.
    town.service.asked.clear()
    left, written = await credits_of(town, town.alice), len(town.server.dm(town.alice).visible)
    for words in ("haha, this looks like my uncle", "thanks, bob!", "what model is that?"):
        await town.server.reply(town.alice, pencil, words)
    await town.server.say(town.bob, town.channel, f"{town.server.bot.mention} hi")
    await town.server.until(lambda: town.server.dm(town.bob).visible)
    assert (await credits_of(town, town.alice), len(town.server.dm(town.alice).visible)) == (left, written)
    assert town.service.asked == []


async def test_a_form_that_outlived_a_restart_says_so_where_its_pictures_are_hidden(town):
    mine = await town.server.say(
        town.bob, town.channel, f"{town.server.bot.mention} hi", file(town, picture("navy"))
    )
    theirs = await town.server.say(town.bob, town.channel, "my cat", file(town, picture("grey")))
    menus = [
        await (await town.server.message_command(town.alice, one, "Edit this picture")).response()
        for one in (theirs, mine)
    ]
    await town.easel.stop()
    await town.easel.start()
    await (await town.server.submit(menus[0], {"prompt": "make it night"})).shows("once more")
    await (await town.server.submit(menus[1], {"prompt": "make it night"})).pictured()
    assert alike(sent(town)[0], picture("navy"))


async def test_a_mention_with_a_file_takes_it(town):
    waiting = asyncio.create_task(answers(town))
    await town.server.say(
        town.alice, town.channel, f"{town.server.bot.mention} make it blue", file(town, picture("tan"))
    )
    await waiting
    assert alike(sent(town)[0], picture("tan"))


async def test_a_direct_message_goes_on_from_what_it_answers(town):
    direct = town.server.dm(town.alice)
    theirs = await town.server.say(town.alice, direct, "a red fox --model gpt-image-2.6-flare")
    first = await town.server.until(lambda: next((one for one in direct.visible if one.images), None))
    assert first.referenced is theirs
    await town.server.reply(town.alice, first, "make it night")
    await town.server.until(lambda: sum(bool(one.images) for one in direct.visible) == 2)
    assert alike(sent(town)[0], first.attachments[0].data)


@pytest.mark.parametrize("words", ["thanks!", "hi", "help", "what can you do?"])
async def test_small_talk_draws_nothing_and_is_answered_alone(town, words):
    left = await credits_of(town, town.alice)
    direct = town.server.dm(town.alice)
    before = len(direct.visible)
    await town.server.say(town.alice, town.channel, f"{town.server.bot.mention} {words}")
    await town.server.until(lambda: len(direct.visible) == before + 1)
    assert len([one for one in town.channel.visible if one.author is town.server.bot]) == 0
    assert (await credits_of(town, town.alice), town.service.asked) == (left, [])


async def test_chatter_and_what_is_said_to_others_is_not_heard(town):
    _, message = await imagined(town, "a red fox", model="gpt-image-2.6-flare")
    town.service.asked.clear()
    await town.server.say(town.bob, town.channel, "make it night")
    await town.server.reply(town.bob, message, "make it night")  # the answer of a command: Discord hides it
    other = await town.server.say(town.bob, town.channel, f"{town.server.bot.mention} thanks")
    await town.server.until(lambda: town.server.dm(town.bob).visible)
    assert other in town.channel.visible
    assert town.service.asked == []


async def test_who_takes_no_direct_messages_is_told_where_to_ask(town):
    town.alice.dms_closed = True
    await town.server.say(town.alice, town.channel, f"{town.server.bot.mention} credits")
    told = await town.server.until(
        lambda: next((m for m in town.channel.visible if m.author is town.server.bot), None)
    )
    assert "/easel" in told.text
    assert "100" not in told.text


async def test_our_role_is_not_us(town):
    role = next(one for one in town.guild.roles.values() if one.bot_id)
    await town.server.say(town.alice, town.channel, f"<@&{role.id}> a red fox")
    told = await town.server.until(lambda: town.server.dm(town.alice).visible)
    assert "role" in told[-1].text


async def asked_until(town, person, command, words, options=None):
    """What a gesture did shows by itself after a moment: asks until it does."""
    for _ in range(200):
        inv = await town.server.slash(person, town.channel, command, options)
        await town.server.until(lambda inv=inv: inv.message and inv.message.text)
        if words in inv.message.text:
            return inv
        await asyncio.sleep(0.05)
    raise AssertionError(f"{command} never said {words!r}")


# ── For oneself ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_star_keeps_a_picture_and_an_envelope_brings_it(town):
    _, message = await imagined(town, "a red fox", model="gpt-image-2.6-flare")
    await town.server.react(town.bob, message, "⭐")
    kept = await asked_until(town, town.bob, "easel favourites", "a red fox")
    assert kept.ephemeral
    options = {"name": "a red fox", "rename": "Reynard"}
    await asked_until(town, town.bob, "easel favourites", "Reynard", options)
    town.service.asked.clear()
    await (
        await town.server.slash(town.bob, town.channel, "imagine", {"prompt": "make it night --ref Reynard"})
    ).pictured()
    assert alike(sent(town)[0], message.attachments[0].data)
    await asked_until(town, town.bob, "easel favourites", "no favourite", {"name": "Reynard", "remove": True})
    await town.server.react(town.bob, message, "✉️")
    direct = town.server.dm(town.bob)
    letter = await town.server.until(lambda: next((one for one in direct.visible if one.images), None))
    assert alike(letter.attachments[0].data, message.attachments[0].data)
    town.service.asked.clear()
    await town.server.reply(town.bob, letter, "make it night")
    await town.server.until(lambda: town.service.asked)
    assert alike(sent(town)[0], message.attachments[0].data)


# ── Many at once ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_crowd_that_greets_opens_no_crowd_of_direct_messages(town):
    """Discord quarantines bots that open many: who comes then is told in the channel how to ask."""
    crowd = [town.server.user(f"p{number}") for number in range(14)]
    for one in crowd:
        town.server.join(town.guild, one)
    greetings = [await town.server.say(one, town.channel, f"{town.server.bot.mention} hi") for one in crowd]

    def answered():
        there_ = [one.referenced for one in town.channel.visible if one.author is town.server.bot]
        direct = [one for one in crowd if town.server.dm(one).visible]
        return len(there_) + len(direct) == len(crowd) and (there_, direct)

    said, direct = await town.server.until(answered)
    assert len(direct) <= 10
    assert set(said) < set(greetings)
    assert {one.author for one in said}.isdisjoint(direct)
    assert town.service.asked == []
