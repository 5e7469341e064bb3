"""Pictures that people give Easel in Slack, and going on from a picture: the real SDK, a strict local Slack and service."""

import asyncio
import io
import os
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from bot.ports import Requester
from integrations.simulator.app import simulator
from integrations.slack.manifest import manifest
from integrations.slack.people import SURFACE
from tests.fakes.hostile import animation, gradient, picture
from tests.fakes.patience import PATIENCE_S
from tests.fakes.services import drawing
from tests.fakes.services.openai import running
from tests.fakes.slack import BadInput, SlackServer
from tests.fakes.slack_house import served
from tests.fakes.slack_process import picture_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
MODEL = "gpt-image-2"
MANY = 17  # one more than any model takes


class Town:
    """A workspace with Easel in it, and OpenAI far away."""

    def __init__(self, slack, house, service):
        self.slack, self.house, self.service = slack, house, service
        self.room = slack.world.add_channel("room" + slack.world.number("x"))
        self.dave = slack.world.add_person("dave" + slack.world.number("x"))
        self.room.members.add(self.dave.id)

    async def left(self, person):
        who = Requester(surface=SURFACE, community=self.slack.world.team_id, user=person.id)
        return (await self.house.studio.credits(who)).balance.available

    async def again(self, person, left):
        """Whether somebody has so many credits again, as soon as what was held is back."""
        async with asyncio.timeout(PATIENCE_S):
            while await self.left(person) != left:
                await asyncio.sleep(0.02)
        return True

    async def finished(self, done, where=lambda _: True):
        """The one new message of an act, when the picture stands in it."""
        message = await done.message(where)
        await self.slack.until(lambda: "reroll" in message.action_ids, what="the finished picture")
        return message

    async def over(self, done):
        """The message of an act that ended without a picture."""
        message = await done.message()
        await self.slack.until(lambda: "retry" in message.action_ids, what="the end")
        return message

    async def painted(self, person=None, text="a red fox"):
        done = await self.slack.command(person or self.dave, self.room, "/imagine", f"{text} --model {MODEL}")
        return await self.finished(done)

    async def filled(self, person, opened, **values):
        """Sends the form that an act has opened."""
        view = await opened.modal()
        return await self.slack.submit_view(person, view, values)

    def received(self):
        """The pictures of the last order, as the service got them."""
        return self.service.asked[-1].get("images", [])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running_town(tmp_path_factory):
    async with (
        SlackServer(manifest=manifest()) as slack,
        simulator(latency=False, tiny_images=True) as sim,
        running() as service,
    ):
        folder = tmp_path_factory.mktemp("slack-pictures")
        async with served(folder, slack, sim, **sections(service)) as house:
            yield slack, house, service
            assert slack.undeclared(manifest()) == []


def sections(service) -> dict[str, Any]:
    return {
        "providers": {"openai": {"api_key": drawing.KEY, "base_url": service.url}},
        "moderation": {"inputs": "any"},
        "limits": {"per_requester": 50, "per_community": 500},
    }


@pytest_asyncio.fixture(loop_scope="module")
async def town(running_town):
    slack, house, service = running_town
    slack.violations.clear()
    yield Town(slack, house, service)
    slack.faults.clear()
    assert slack.violations == []
    assert slack.pings == []


def same(given, received):
    """Whether the same can be seen on both."""
    one, other = (Image.open(io.BytesIO(data)).convert("RGB") for data in (given, received))
    return one.size == other.size and one.tobytes() == other.tobytes()


# --- Files on words ---


async def test_a_mention_with_a_picture_changes_it(town):
    cat = gradient(96, 64)
    before = await town.left(town.dave)
    done = await town.slack.mention(
        town.dave, town.room, f"make it night --model {MODEL}", files=[town.slack.file(town.dave, cat, "My cat.png")]
    )  # fmt: skip
    message = await town.finished(done)
    assert message.thread_ts == done.said.ts
    assert [same(cat, one) for one in town.received()] == [True]
    assert town.service.asked[-1]["prompt"] == "make it night"
    assert await town.left(town.dave) < before
    assert picture_of(message)


async def test_a_direct_message_with_three_pictures_takes_them_in_their_order(town):
    given = [picture(40, 30, color=color) for color in ("red", "green", "blue")]
    done = await town.slack.dm(town.dave, f"all three on one table --model {MODEL}", files=given)
    await town.finished(done)
    assert [same(one, other) for one, other in zip(given, town.received(), strict=True)] == [True] * 3


async def test_too_many_pictures_are_refused_before_anything_is_held(town):
    before, asked = await town.left(town.dave), len(town.service.asked)
    done = await town.slack.mention(
        town.dave, town.room, "all of them", files=[picture() for _ in range(MANY)]
    )
    told = await done.ephemeral()
    assert str(MANY) in told.text
    assert done.messages == []
    assert (await town.left(town.dave), len(town.service.asked)) == (before, asked)


def noise(width, height):
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), os.urandom(width * height * 3)).save(out, "PNG", compress_level=0)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("broken", "no PNG, JPEG or WebP"),
        ("animated", "is animated"),
        ("a GIF", "no PNG, JPEG or WebP"),
        ("notes", "no PNG, JPEG or WebP"),
        ("25 MB", "too large"),
    ],
)
async def test_what_is_no_picture_for_us_ends_with_a_sentence_and_without_a_charge(town, kind, sentence):
    data = {
        "broken": picture()[:40],
        "animated": animation(3),
        "a GIF": animation(3, kind="GIF"),
        "notes": b"Buy milk.",
        "25 MB": noise(3_000, 2_800),
    }[kind]
    assert kind != "25 MB" or len(data) > 25_000_000
    before, asked = await town.left(town.dave), len(town.service.asked)
    done = await town.slack.mention(town.dave, town.room, "make it blue", files=[data])
    message = await town.over(done)
    assert sentence in message.shown
    assert (await town.left(town.dave), len(town.service.asked)) == (before, asked)


async def test_a_picture_that_lies_on_its_side_is_turned_upright_and_tells_nothing_of_its_camera(town):
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x0112], exif[0x010F] = 6, "A camera"
    exif.get_ifd(0x8825)[1] = "N"
    Image.linear_gradient("L").resize((64, 32)).convert("RGB").save(out, "JPEG", exif=exif)
    done = await town.slack.mention(
        town.dave, town.room, "make it blue", files=[town.slack.file(town.dave, out.getvalue(), "cat.jpg")]
    )
    await town.finished(done)
    [received] = town.received()
    opened = Image.open(io.BytesIO(received))
    assert opened.size == (32, 64)
    assert dict(opened.getexif()) == {}


async def test_a_picture_that_was_taken_away_meanwhile_gives_the_credits_back(town):
    slack, before = town.slack, await town.left(town.dave)
    file, gate = slack.file(town.dave, picture()), slack.faults.hold("files.info")
    done = await slack.mention(town.dave, town.room, "make it blue", files=[file])
    placed = await done.message()
    slack.delete_file(file)
    gate.gate.set()
    await slack.until(lambda: "retry" in placed.action_ids)
    assert "can't be fetched any more" in placed.shown
    assert await town.left(town.dave) == before


async def test_a_right_that_was_lost_meanwhile_is_told(town):
    slack, before = town.slack, await town.left(town.dave)
    slack.faults.fail("files.info", "missing_scope", times=9, extra={"needed": "files:read"})
    message = await town.over(await slack.mention(town.dave, town.room, "make it blue", files=[picture()]))
    assert "isn't allowed to see files" in message.shown
    assert await town.left(town.dave) == before


async def test_a_page_where_people_sign_in_is_taken_for_what_it_is(town):
    slack, before = town.slack, await town.left(town.dave)
    page = {
        "status": 200,
        "content_type": "text/html",
        "body": "<!DOCTYPE html><html><body>Sign in</body></html>",
    }
    slack.faults.break_answer("download", times=9, **page)
    message = await town.over(await slack.mention(town.dave, town.room, "make it blue", files=[picture()]))
    assert "isn't allowed to see files" in message.shown
    assert await town.left(town.dave) == before


async def test_a_slack_that_answers_late_is_asked_again(town):
    slack, given = town.slack, gradient(30, 40)
    slack.faults.fail("files.info", "internal_error", times=4)
    slack.faults.break_answer("download", times=1)
    done = await slack.mention(town.dave, town.room, f"make it blue --model {MODEL}", files=[given])
    await town.finished(done)
    assert same(given, town.received()[0])


async def test_a_file_that_lies_elsewhere_is_not_fetched_and_no_token_goes_there(town):
    slack = town.slack
    far = slack.elsewhere.put("cat.png", picture())
    linked = slack.file(town.dave, b"", "cat.png", external_url=far)
    await town.over(await slack.mention(town.dave, town.room, "make it blue", files=[linked]))
    assert slack.elsewhere.asked == []
    slack.faults.redirect("download", far, times=9)
    await town.over(await slack.mention(town.dave, town.room, "make it blue", files=[picture()]))


async def test_another_organisations_picture_is_asked_for_and_taken(town):
    slack = town.slack
    shared = slack.world.add_channel("shared" + slack.world.number("x"), shared=True)
    guest = slack.world.add_person("guest", team_id="T0OTHER")
    shared.members.add(guest.id)
    given = gradient(20, 30)
    stub = slack.file(guest, given, foreign=True)
    await town.finished(await slack.mention(guest, shared, f"make it night --model {MODEL}", files=[stub]))
    assert same(given, town.received()[0])


async def test_without_the_right_to_read_files_that_is_said_and_nothing_is_held(town):
    slack, before = town.slack, await town.left(town.dave)
    slack.tokens.scopes.discard("files:read")
    try:
        done = await slack.mention(town.dave, town.room, "make it blue", files=[picture()])
        assert "files:read" in (await done.ephemeral()).text
        assert done.messages == []
        assert await town.left(town.dave) == before
        opened = await slack.command(town.dave, town.room, "/imagine")
        view = await opened.modal()
        assert "pictures" not in view.action_ids
        assert "files:read" in view.shown
    finally:
        slack.tokens.scopes.add("files:read")


# --- Forms and menus ---


async def test_the_form_takes_files(town):
    given = [picture(40, 30, color=color) for color in ("red", "green")]
    opened = await town.slack.command(town.dave, town.room, "/imagine")
    view = await opened.modal()
    await town.slack.submit_view(town.dave, view, {"prompt": "both of them, by night", "pictures": given})
    await town.finished(opened)
    assert [same(one, other) for one, other in zip(given, town.received(), strict=True)] == [True, True]


async def test_the_files_stay_when_the_model_is_changed(town):
    opened = await town.slack.command(town.dave, town.room, "/imagine")
    view = await opened.modal()
    before = view.hash
    town.slack.fill(view, {"prompt": "by night", "pictures": [picture()]})
    await town.slack.view_action(town.dave, view, "model", MODEL)
    await town.slack.until(lambda: view.hash != before)
    await town.slack.submit_view(town.dave, view)
    await town.finished(opened)
    assert len(town.received()) == 1


async def test_anybodys_picture_can_be_edited_from_its_menu(town):
    slack, given = town.slack, gradient(40, 60)
    said = (await slack.say(slack.bob, town.room, "our cat", files=[given])).said
    opened = await slack.message_shortcut(town.dave, said, "edit")
    await town.filled(town.dave, opened, prompt="make it night")
    message = await town.finished(opened)
    assert message.thread_ts is None
    assert same(given, town.received()[0])


async def test_a_message_without_a_picture_has_none_to_edit(town):
    slack = town.slack
    for files in ([], [slack.file(slack.bob, b"notes", "notes.txt")]):
        said = (await slack.say(slack.bob, town.room, "hello", files=files)).said
        opened = await slack.message_shortcut(town.dave, said, "edit")
        assert (await opened.ephemeral()).text
        assert opened.views == []
        slack.world.ephemerals.clear()


async def test_a_picture_where_we_are_no_member_says_so_and_costs_nothing(town):
    slack, before = town.slack, await town.left(town.dave)
    away = slack.world.add_channel("away" + slack.world.number("x"), bot_in=False)
    away.members.add(town.dave.id)
    said = (await slack.say(slack.bob, away, "our cat", files=[picture()])).said
    opened = await slack.message_shortcut(town.dave, said, "edit")
    await town.filled(town.dave, opened, prompt="make it night")
    assert (await opened.ephemeral()).text
    assert await town.again(town.dave, before)


# --- Going on ---


async def test_an_edit_of_an_edit_of_an_edit(town):
    message = await town.painted()
    for words in ("make it night", "add a moon", "now with an owl"):
        opened = await town.slack.click(town.dave, message, "edit")
        await town.filled(town.dave, opened, prompt=words)
        message = await town.finished(opened, lambda m, words=words: words in m.shown)
        assert len(town.received()) == 1
    assert {"edit", "vary", "reroll"} <= set(message.action_ids)


async def test_one_of_several_is_picked_and_edited(town):
    four = await town.painted(text="a fox --n 4")
    pressed = await town.slack.click(town.dave, four, "pick:2")
    pick = await pressed.message(lambda m: "edit" in m.action_ids and "reroll" not in m.action_ids)
    opened = await town.slack.click(town.dave, pick, "edit")
    await town.filled(town.dave, opened, prompt="make it night")
    await town.finished(opened)
    assert len(town.received()) == 1
    chosen = await town.slack.click(town.dave, four, "edit")
    await town.filled(town.dave, chosen, prompt="make it dawn", picture="3")
    await town.finished(chosen, lambda m: "dawn" in m.shown)


async def test_a_picture_is_varied(town):
    first = await town.painted()
    varied = await town.finished(await town.slack.click(town.dave, first, "vary"))
    assert varied.ts != first.ts
    assert len(town.received()) == 1


async def test_words_in_the_pictures_thread_that_begin_an_edit_go_on_from_it(town):
    slack, message = town.slack, await town.painted()
    done = await slack.reply(slack.bob, message, "make it night")
    night = await town.finished(done)
    assert night.thread_ts == message.ts
    assert town.service.asked[-1]["prompt"] == "make it night"
    assert len(town.received()) == 1
    asked = len(town.service.asked)
    for chatter in ("what a lovely picture", "thanks!", "who made this?"):
        await slack.reply(slack.bob, message, chatter)
    again = await town.finished(await slack.reply(town.dave, message, "now make it dawn"))
    assert again.thread_ts == message.ts
    assert len(town.service.asked) == asked + 1


async def test_a_thread_that_began_with_a_mention_goes_on_from_its_newest_picture(town):
    slack = town.slack
    asked = await slack.mention(town.dave, town.room, f"a red fox --model {MODEL}")
    await town.finished(asked)
    second = await slack.reply(town.dave, asked.said, "make it night")
    await town.finished(second)
    third = await slack.mention(town.dave, town.room, "make it snow", thread_ts=asked.said.ts)
    await town.finished(third)
    assert len(town.received()) == 1


async def test_a_mention_below_somebodys_photo_means_that_photo(town):
    slack, given = town.slack, gradient(60, 40)
    await town.painted()
    photo = (await slack.say(slack.bob, town.room, "our street", files=[given])).said
    done = await slack.mention(town.dave, town.room, "make it night", thread_ts=photo.ts)
    night = await town.finished(done)
    assert night.thread_ts == photo.ts
    assert [same(given, one) for one in town.received()] == [True]
    again = await town.finished(await slack.reply(town.dave, photo, "now add a moon"))
    assert again.thread_ts == photo.ts
    assert not same(given, town.received()[0])
    slack.tokens.scopes.discard("channels:history")
    try:
        owl = await slack.mention(town.dave, town.room, f"a blue owl --model {MODEL}", thread_ts=photo.ts)
        await town.finished(owl)
    finally:
        slack.tokens.scopes.add("channels:history")
    assert town.received() == []


async def test_words_in_other_threads_are_nobodys_business(town):
    slack, asked = town.slack, len(town.service.asked)
    root = (await slack.say(slack.bob, town.room, "lunch?")).said
    done = await slack.reply(town.dave, root, "make it one o'clock")
    assert done.acked
    assert done.messages == []
    assert done.ephemerals == []
    assert len(town.service.asked) == asked


async def test_a_direct_message_that_begins_an_edit_goes_on_from_the_last_picture(town):
    slack = town.slack
    await town.finished(await slack.dm(town.dave, f"a red fox --model {MODEL}"))
    await town.finished(await slack.dm(town.dave, "make it night"))
    assert len(town.received()) == 1
    await town.finished(await slack.dm(town.dave, f"a blue owl --model {MODEL}"))
    assert town.received() == []


@pytest.mark.parametrize(
    "words", ["thanks {us}!", "{us} hi", "{us} help", "{us} what can you do?", "{us} 고마워!"]
)
async def test_small_talk_is_answered_privately_and_costs_nothing(town, words):
    slack, asked, before = town.slack, len(town.service.asked), await town.left(town.dave)
    said = words.format(us=f"<@{slack.world.bot_user}>")
    done = await slack.say(town.dave, town.room, said, raw=True)
    assert (await done.ephemeral()).text
    assert done.messages == []
    assert (len(town.service.asked), await town.left(town.dave)) == (asked, before)


async def test_a_private_picture_is_nobody_elses_to_edit(town):
    slack = town.slack
    done = await slack.dm(town.dave, f"a secret fox --private --model {MODEL}")
    secret = await town.finished(done)
    job = secret.metadata["event_payload"]["job"]
    before = await town.left(slack.bob)
    told = await (
        await slack.command(slack.bob, town.room, "/imagine", f"make it night --ref {job}")
    ).ephemeral()
    assert told.text
    assert await town.left(slack.bob) == before
    mine = await slack.command(town.dave, town.room, "/imagine", f"make it night --ref {job}")
    assert (await mine.ephemeral()).text
    assert mine.messages == [], "what goes on from a private picture is private, too"


async def test_the_address_of_a_file_is_no_picture_for_who_types_it(town):
    slack = town.slack
    hidden = slack.world.add_channel("hidden" + slack.world.number("x"), kind="group")
    hidden.members.add(slack.bob.id)
    said = (await slack.say(slack.bob, hidden, "", files=[picture()])).said
    address = f"{slack.base}/files-pri/{slack.world.team_id}-{said.files[0]}/picture.png"
    done = await slack.command(town.dave, town.room, "/imagine", f"{address} make it night")
    assert (await done.ephemeral()).text
    assert done.messages == []
    assert slack.called("download") == [
        c for c in slack.called("download") if c.args["file"] != said.files[0]
    ]


async def test_a_star_keeps_a_picture_and_an_envelope_sends_it(town):
    slack, message = town.slack, await town.painted()
    starred = await slack.react(slack.bob, message, "star")
    assert (await starred.ephemeral()).text
    kept = await (await slack.command(slack.bob, town.room, "/easel", "favourites")).ephemeral()
    assert "red fox" in kept.shown
    slack.world.ephemerals.clear()
    sent = await slack.react(slack.bob, message, "envelope")
    direct = await sent.direct_message()
    assert direct.files


# --- Whatever happens ---


async def test_a_program_that_stops_while_it_fetches_goes_on_with_the_same_picture(tmp_path):
    given = gradient(50, 40)
    async with (
        SlackServer(manifest=manifest()) as slack,
        simulator(latency=False, tiny_images=True) as sim,
        running() as service,
    ):
        async with served(tmp_path, slack, sim, **sections(service)):
            held = slack.faults.hold("files.info", times=9)
            done = await slack.mention(
                slack.bob, slack.general, f"make it night --model {MODEL}", files=[given]
            )
            placed = await done.message()
            await slack.until(lambda: held.hits > 0)
        slack.faults.clear()
        async with served(tmp_path, slack, sim, **sections(service)):
            await slack.until(lambda: "reroll" in placed.action_ids)
            assert same(given, service.asked[-1]["images"][0])
            again = await slack.reply(slack.bob, placed, "add a moon")
            message = await again.message()
            await slack.until(lambda: "reroll" in message.action_ids)
            assert len(service.asked[-1]["images"]) == 1
        assert len(done.messages) == 2
        assert slack.violations == []


async def test_an_installation_of_yesterdays_manifest_goes_on_as_it_was(tmp_path):
    """No shortcut to edit, no words of threads: mentions, buttons and forms do it all the same."""
    old = manifest()
    old["features"]["shortcuts"] = [s for s in old["features"]["shortcuts"] if s["callback_id"] != "edit"]
    events = old["settings"]["event_subscriptions"]["bot_events"]
    old["settings"]["event_subscriptions"]["bot_events"] = [
        e for e in events if e not in ("message.channels", "message.groups")
    ]
    async with (
        SlackServer(manifest=old) as slack,
        simulator(latency=False, tiny_images=True) as sim,
        running() as service,
        served(tmp_path, slack, sim, **sections(service)) as house,
    ):
        town = Town(slack, house, service)
        message = await town.painted()
        with pytest.raises(BadInput):
            await slack.message_shortcut(town.dave, message, "edit")
        unheard = await slack.reply(town.dave, message, "make it night")
        assert unheard.delivery is None
        asked = await slack.mention(town.dave, town.room, "make it night", thread_ts=message.ts)
        await town.finished(asked)
        assert len(town.received()) == 1
        assert slack.violations == []
