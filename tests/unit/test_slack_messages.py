"""Every answer of Slack to a post or an edit ends as the right message or the right SurfaceError."""

import asyncio
import contextlib
import io
import time
from dataclasses import replace

import pytest
from PIL import Image

from bot.errors import NotThere, ShowFailure, SurfaceError
from bot.ports import Action, Address, Card, Do, Phase, Picture
from bot.words.words import Words
from integrations.slack import failures
from integrations.slack._pictures import PictureUploads
from integrations.slack._private import Private
from integrations.slack._wire import Api, SlackFault
from integrations.slack.failures import Obstacle
from integrations.slack.messages import Messages
from integrations.slack.settings import SlackSettings
from tests.fakes.slack import SlackServer
from tests.fakes.slack_process import picture_of
from tests.fakes.there import there


def picture(kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "orange").save(out, kind)
    return out.getvalue()


class Wall:
    """Our images as a surface gets at them."""

    def __init__(self, base=""):
        self.images = {"a.png": picture(), "a.webp": picture("WEBP"), "a.jpg": picture("JPEG")}
        self.base = base

    async def read(self, key):
        if key not in self.images:
            raise NotThere
        return self.images[key]

    async def fit(self, key, *, limit_bytes):
        data = await self.read(key)
        if len(data) <= limit_bytes:
            return data, f"image/{key.rpartition('.')[2]}"
        return self.images["a.jpg"], "image/jpeg"

    def link(self, key, *, private=False):
        return f"{self.base}/{key}" if self.base else None


def shown(key="a.png"):
    return Picture(key=key, media_type=f"image/{key[2:]}", width=40, height=30, size_bytes=99, alt="a fox")


PLACEHOLDER = Card(
    job="job1", version=1, phase=Phase.PAINTING, requester="Al <b>", prompt="a <fox> & @here", headline="Painting …",
    facts=(("Model", "flux"),), actions=(Action(do=Do.CANCEL, label="Cancel"),),
)  # fmt: skip
DONE = replace(
    PLACEHOLDER, version=2, phase=Phase.FINISHED, headline="Done in 3 s", pictures=(shown(),), originals=(shown(),),
    actions=tuple(Action(do=d, label=d) for d in (Do.REROLL, Do.REMIX, Do.ORIGINAL, Do.DELETE, Do.REPORT)),
)  # fmt: skip


class Bench:
    """Messages on a local Slack, without the rest of the program."""

    def __init__(self, slack, wall):
        self.slack = slack
        self.wall = wall
        self.api = Api(
            SlackSettings(bot_token=slack.tokens.bot, app_token="x", api_base_url=slack.api_base_url)
        )
        self.messages = Messages(
            self.api,
            uploads=PictureUploads(self.api, wall),
            private=Private(self.api),
            gallery=wall,
            words=Words(),
        )

    def address(self, channel=None, **more):
        channel = channel or self.slack.general
        data = {"channel": channel.id, "user": self.slack.alice.id, "asked": f"{time.time():.0f}", **more}
        return Address(surface="slack", data=data)

    async def post(self, card=PLACEHOLDER, address=None):
        return await self.messages.show(replace(card, first=True), address or self.address(), None)

    async def show(self, card, handle, address=None):
        return await self.messages.show(card, address or self.address(), handle)

    @property
    def message(self):
        (only,) = self.slack.messages
        return only


@pytest.fixture
async def bench():
    async with SlackServer() as slack:
        made = Bench(slack, Wall())
        yield made
        await made.api.aclose()
        assert slack.pings == []
        assert slack.possible_pings == []


async def failure(showing):
    with pytest.raises(SurfaceError) as caught:
        await showing
    return caught.value


async def test_a_placeholder_becomes_the_picture(bench):
    handle = await bench.post()
    assert handle.key == f"{bench.message.channel}:{bench.message.ts}"
    assert await bench.show(DONE, handle) != handle
    assert picture_of(bench.message)
    assert bench.message.metadata["event_payload"] == {"job": "job1", "role": "main"}
    assert bench.slack.violations == []


async def test_what_somebody_pressed_for_is_said_also_where_much_is_said(bench, monkeypatch):
    """Progress waits for a quiet moment; that one is told privately when it is done does not, once."""
    handle = await bench.post()
    monkeypatch.setattr(bench.api.throttle, "quiet", lambda: False)
    assert await bench.show(replace(PLACEHOLDER, version=2, headline="Painting: 40 %"), handle) == handle
    told = replace(PLACEHOLDER, version=3, headline="Painting: 60 %", tells=True)
    handle = await bench.show(told, handle)
    assert "60 %" in bench.message.shown
    await bench.show(replace(told, version=4, headline="Painting: 80 %"), handle)
    assert "60 %" in bench.message.shown


async def test_saying_the_same_again_calls_nobody(bench):
    handle = await bench.post()
    before = len(bench.slack.calls)
    assert await bench.show(replace(PLACEHOLDER, version=9, ready_at=5.0), handle) == handle
    assert len(bench.slack.calls) == before


async def test_webp_becomes_what_slack_can_show(bench):
    webp = replace(DONE, pictures=(shown("a.webp"),))
    await bench.show(webp, await bench.post())
    assert bench.slack.files.uploaded[0].format == "JPEG"
    bench.wall.base = "https://example.org"
    await bench.show(replace(webp, job="job2"), await bench.post(replace(PLACEHOLDER, job="job2")))
    assert "slack_file" in picture_of(bench.slack.messages[1])


async def test_it_waits_until_slack_has_processed_the_file(bench):
    bench.slack.files.processing_polls = 3
    await bench.show(DONE, await bench.post())
    assert bench.slack.violations == []
    assert picture_of(bench.message)
    assert len(bench.slack.called("files.info")) >= 3


async def test_a_file_that_is_never_processed_leaves_words_and_the_original(bench, monkeypatch):
    monkeypatch.setattr("integrations.slack._pictures._WAIT_S", 0.5)
    bench.slack.files.never_processed = True
    handle = await bench.post()
    assert (await failure(bench.show(DONE, handle))).kind is ShowFailure.LATER
    assert picture_of(bench.message) is None
    assert "Original" in bench.message.shown
    edits = len(bench.slack.called("chat.update"))
    assert (await failure(bench.show(DONE, handle))).kind is ShowFailure.LATER
    assert len(bench.slack.called("chat.update")) == edits, "people were told already"
    bench.slack.files.never_processed = False
    await bench.show(DONE, handle)
    assert picture_of(bench.message)
    assert len(bench.slack.files.uploaded) == 1
    assert bench.slack.violations == []


@pytest.mark.parametrize("knob", ["uploads_disabled", "storage_full"])
async def test_without_uploads_there_are_words_or_a_link(bench, knob):
    setattr(bench.slack.files, knob, True)
    await bench.show(DONE, await bench.post())
    assert "original" in bench.message.action_ids
    assert picture_of(bench.message) is None


async def test_an_image_that_slack_can_not_fetch_is_uploaded(bench):
    bench.wall.base = "http://127.0.0.1:9"
    handle = await bench.post()
    bench.slack.faults.fail(
        "chat.update", "invalid_blocks", times=1, extra={"errors": ["downloading image failed"]}
    )
    await bench.show(DONE, handle)
    assert "slack_file" in picture_of(bench.message)


@pytest.mark.parametrize("error", ["invalid_blocks", "block_mismatch", "msg_blocks_too_long"])
async def test_refused_blocks_end_as_text(bench, error):
    handle = await bench.post()
    bench.slack.faults.fail("chat.update", error, times=1)
    assert (await failure(bench.show(DONE, handle))).kind is ShowFailure.LATER
    assert picture_of(bench.message) is None
    assert "Original" in bench.message.shown
    assert "doesn't take" not in bench.message.shown
    await bench.show(DONE, handle)
    assert picture_of(bench.message), "put in later"
    handle = await bench.post(replace(PLACEHOLDER, job="job3"))
    bench.slack.faults.fail("chat.update", error, times=2)
    other = replace(DONE, job="job3", pictures=(shown("a.jpg"),))
    assert (await failure(bench.show(other, handle))).kind is ShowFailure.LATER
    last = bench.slack.messages[-1]
    assert last.blocks == []
    assert "a &lt;fox&gt; &amp; @here" in last.text
    bench.slack.faults.fail("chat.update", error, times=99, when=lambda call: "slack_file" in str(call.args))
    for _ in range(9):
        with contextlib.suppress(SurfaceError):
            await bench.show(other, handle)
    assert "doesn't take" in bench.slack.messages[-1].shown, "in the end it is believed"
    assert "original" in bench.slack.messages[-1].action_ids


@pytest.mark.parametrize("scoped", [True, False])
@pytest.mark.parametrize("error", ["edit_window_closed", "cant_update_message"])
async def test_what_can_not_be_edited_is_posted_anew(bench, error, scoped):
    """Also where the old message could be found by its metadata, which can't be edited either."""
    if scoped:
        bench.slack.tokens.scopes.add("channels:history")
    handle = await bench.post()
    bench.slack.faults.fail("chat.update", error, times=9 if scoped else 1)
    again = await bench.show(DONE, handle)
    assert again.key != handle.key
    assert picture_of(bench.slack.messages[-1])
    assert len(bench.slack.messages) == 2


CODES = [*failures.TABLE, "restricted_action_read_only_channel", "something_new"]


@pytest.mark.parametrize("error", CODES)
async def test_after_painting_every_refusal_of_an_edit_ends_seen_later_or_told(bench, error):
    """The table, row by row: the picture stands somewhere, or delivery is told why it can't."""
    handle = await bench.post()
    bench.slack.faults.fail("chat.update", error, times=1)
    obstacle = failures.of(error)
    if obstacle in (Obstacle.PASSING, Obstacle.BLOCKS):
        assert (await failure(bench.show(DONE, handle))).kind is ShowFailure.LATER
        await bench.show(DONE, handle)
        assert picture_of(bench.message)
    elif obstacle in (Obstacle.TOKEN, Obstacle.FILES):
        assert (await failure(bench.show(DONE, handle))).kind is ShowFailure.FORBIDDEN
    else:
        direct = obstacle not in (Obstacle.FROZEN, Obstacle.UNKNOWN)
        again = await bench.show(DONE, handle)
        seen = bench.slack.messages[-1]
        assert again.key == f"{seen.channel}:{seen.ts}"
        assert picture_of(seen)
        assert (seen.channel != bench.slack.general.id) is direct
        assert len(bench.slack.messages) == 2


async def test_what_slack_refuses_in_a_word_that_nobody_knows_still_comes(bench):
    """Not to be edited, nor posted in its place, for a reason that stands in no row: then directly."""
    handle = await bench.post()
    here = bench.slack.general.id
    for method in ("chat.update", "chat.postMessage"):
        bench.slack.faults.fail(
            method, "something_new", times=9, when=lambda call: call.args.get("channel") == here
        )
    moved = await bench.show(DONE, handle)
    seen = bench.slack.messages[-1]
    assert (moved.key, seen.channel != here) == (f"{seen.channel}:{seen.ts}", True)
    assert picture_of(seen)


@pytest.mark.parametrize("error", CODES)
async def test_progress_that_can_not_be_shown_costs_nobody_the_picture(bench, error):
    handle = await bench.post()
    bench.slack.faults.fail("chat.update", error, times=1)
    with contextlib.suppress(SurfaceError):
        handle = await bench.show(replace(PLACEHOLDER, headline="Painting on"), handle)
    await bench.show(DONE, handle)
    assert picture_of(bench.message)


@pytest.mark.parametrize("error", CODES)
async def test_before_painting_every_refusal_of_the_first_post_is_passing_or_told(bench, error):
    url = bench.slack.response_urls.make("commands", bench.slack.alice.id, bench.slack.general.id)
    bench.slack.faults.fail("chat.postMessage", error, times=1)
    obstacle = failures.of(error)
    said = await bench.slack.say(bench.slack.bob, bench.slack.general, "hello")
    address = bench.address(url=url.url, thread=said.said.ts)
    if obstacle in (Obstacle.THREAD, Obstacle.BLOCKS):
        await bench.post(PLACEHOLDER, address)
        assert len(bench.slack.messages) == 1
        return
    kind = (await failure(bench.post(PLACEHOLDER, address))).kind
    passing = obstacle in (Obstacle.PASSING, Obstacle.UNKNOWN)
    assert kind is (ShowFailure.LATER if passing else ShowFailure.FORBIDDEN)
    assert len(bench.slack.world.ephemerals) == (0 if passing else 1)
    if passing:
        await bench.show(PLACEHOLDER, None, address)
        assert len(bench.slack.messages) == 1


async def test_what_is_refused_everywhere_is_told_to_delivery(bench):
    """Edit, thread, channel and direct message closed: FORBIDDEN, so that the credits go back."""
    handle = await bench.post()
    bench.slack.faults.fail("chat.update", "is_archived", times=9)
    bench.slack.faults.fail("conversations.open", "user_disabled", times=9)
    assert (await failure(bench.show(DONE, handle))).kind is ShowFailure.FORBIDDEN


async def test_a_removed_message_without_a_picture_is_gone(bench):
    handle = await bench.post()
    bench.slack.delete_message(bench.message)
    over = replace(PLACEHOLDER, phase=Phase.OVER, sentence="Nothing came of it.")
    assert (await failure(bench.show(over, handle))).kind is ShowFailure.GONE


@pytest.mark.parametrize("error", ["cannot_dm_bot", "user_disabled", "user_not_found"])
async def test_a_private_picture_that_can_not_be_sent_is_called_off_with_a_word(bench, error):
    url = bench.slack.response_urls.make("commands", bench.slack.alice.id, bench.slack.general.id)
    bench.slack.faults.fail("conversations.open", error, times=9)
    card = replace(PLACEHOLDER, private=True)
    assert (await failure(bench.post(card, bench.address(url=url.url)))).kind is ShowFailure.FORBIDDEN
    assert "--private" in bench.slack.world.ephemerals[0].text


@pytest.mark.parametrize(
    ("where", "asked"),
    [({}, []), ({"channel": "C1"}, ["chat.postEphemeral"]), ({"channel": "D1"}, ["chat.postMessage"])],
)
async def test_a_private_sentence_tries_each_way_once(bench, where, asked):
    for method in ("chat.postEphemeral", "chat.postMessage", "conversations.open"):
        bench.slack.faults.fail(method, "user_disabled", times=9)
    with pytest.raises(SlackFault):
        await Private(bench.api).reach({**where, "user": bench.slack.alice.id}, "Hello")
    assert [call.method for call in bench.slack.calls] == [*asked, "conversations.open"]


@pytest.mark.parametrize("status", [500, 504])
async def test_a_broken_upload_is_tried_again(bench, status):
    handle = await bench.post()
    bench.slack.faults.break_answer("upload", status=status)
    assert (await failure(bench.show(DONE, handle))).kind is ShowFailure.LATER
    await bench.show(DONE, handle)
    assert picture_of(bench.message)


async def test_an_upload_that_is_too_much_now_comes_after_its_rest(bench):
    handle = await bench.post()
    bench.slack.faults.rate_limit("upload", retry_after_s=5)
    told = await failure(bench.show(DONE, handle))
    assert (told.kind, told.retry_after_s) == (ShowFailure.LATER, 5.0)
    await failure(bench.show(DONE, handle))
    assert len(bench.slack.called("upload")) == 1, "nothing before Retry-After is over"


async def test_a_rate_limit_looks_for_no_orphan(bench):
    """A 429 is a certain no."""
    bench.slack.tokens.scopes.add("channels:history")
    bench.slack.faults.rate_limit("chat.postMessage", retry_after_s=1)
    await failure(bench.post())
    await bench.show(PLACEHOLDER, None)
    assert bench.slack.called("conversations.history") == []
    assert len(bench.slack.messages) == 1


async def test_one_look_finds_many_orphans(bench):
    bench.slack.tokens.scopes.add("channels:history")
    cards = [replace(PLACEHOLDER, job=f"job{n}") for n in range(4)]
    for card in cards:
        bench.slack.faults.cut("chat.postMessage", after=True)
        await failure(bench.post(card))
    handles = await asyncio.gather(*(bench.show(card, None) for card in cards))
    assert len({handle.key for handle in handles}) == len(bench.slack.messages) == 4
    assert len(bench.slack.called("conversations.history")) == 1


async def test_a_dozen_at_once_in_one_channel_pass_in_turn(bench):
    """Slack's own limits, whose clock runs with ours; who waits for long is told so once."""
    bench.slack.limits.enabled = True

    async def until_posted(number):
        url = bench.slack.response_urls.make("commands", bench.slack.alice.id, bench.slack.general.id)
        address, card = bench.address(url=url.url), replace(PLACEHOLDER, job=f"job{number}", first=True)
        while True:
            try:
                return await bench.messages.show(card, address, None)
            except SurfaceError as error:
                card = replace(card, first=False)
                await asyncio.sleep(there(error.retry_after_s))

    await asyncio.gather(*(until_posted(n) for n in range(12)))
    assert len(bench.slack.messages) == 12
    assert bench.slack.limits.refused <= 1, "a slow machine may bunch two of them"
    assert 0 < len(bench.slack.world.ephemerals) < 12
    assert "in line" in bench.slack.world.ephemerals[0].text
    assert bench.slack.called("conversations.history") == []


@pytest.mark.parametrize("content_type", ["text/html", "text/plain", "application/json"])
@pytest.mark.parametrize("status", [500, 503, 200])
async def test_answers_that_are_no_json_are_tried_later(bench, content_type, status):
    handle = await bench.post()
    bench.slack.faults.break_answer("chat.update", status=status, content_type=content_type)
    assert (await failure(bench.show(DONE, handle))).kind is ShowFailure.LATER
    await bench.show(DONE, handle)
    assert picture_of(bench.message)
    assert len(bench.slack.files.uploaded) == 1


async def test_a_rate_limit_says_how_long(bench):
    handle = await bench.post()
    bench.slack.faults.rate_limit("chat.update", retry_after_s=7)
    told = await failure(bench.show(DONE, handle))
    assert (told.kind, told.retry_after_s) == (ShowFailure.LATER, 7.0)
    bench.slack.faults.rate_limit("chat.postMessage", retry_after_s=30)
    assert (await failure(bench.post(replace(PLACEHOLDER, job="b")))).retry_after_s == 30
    waits = [(await failure(bench.post(replace(PLACEHOLDER, job=f"c{n}")))).retry_after_s for n in range(3)]
    assert waits == sorted(waits)
    assert waits[2] - waits[0] > 1.5


async def test_progress_waits_while_finals_go(bench):
    handle = await bench.post()
    for n in range(20):
        handle = await bench.show(replace(PLACEHOLDER, headline=f"number {n} in line"), handle)
    assert len(bench.slack.called("chat.update")) < 18
    await bench.show(DONE, handle)
    assert "Done" in bench.message.shown


@pytest.mark.parametrize("scoped", [True, False])
async def test_a_lost_answer_makes_no_second_message_where_it_may_look(bench, scoped):
    """By its metadata the first one is found; without the scope a second is the lesser evil."""
    if scoped:
        bench.slack.tokens.scopes.add("channels:history")
    bench.slack.faults.cut("chat.postMessage", after=True)
    assert (await failure(bench.post())).kind is ShowFailure.LATER
    assert len(bench.slack.messages) == 1
    await bench.show(DONE, None)
    assert len(bench.slack.messages) == (1 if scoped else 2)
    assert picture_of(bench.slack.messages[-1])


async def test_a_picture_that_went_directly_and_whose_answer_was_lost_comes_once_also_after_a_kill(bench):
    """The message that can't be edited stands elsewhere: what is found where it was sent instead is the lost one."""
    bench.slack.tokens.scopes.add("im:history")
    handle = await bench.post()
    here = bench.slack.general.id
    bench.slack.faults.fail(
        "chat.update", "is_archived", times=99, when=lambda call: call.args.get("channel") == here
    )
    bench.slack.faults.cut("chat.postMessage", after=True)
    assert (await failure(bench.show(DONE, handle))).kind is ShowFailure.LATER
    after = Bench(bench.slack, bench.wall)  # which knows nothing of what was tried before
    moved = await after.show(DONE, handle)
    await after.api.aclose()
    direct = [m for m in bench.slack.messages if m.channel != here]
    assert [f"{m.channel}:{m.ts}" for m in direct] == [moved.key]
    assert picture_of(direct[0])


@pytest.mark.parametrize("within", ["a channel", "a thread", "a direct message"])
async def test_what_was_posted_in_place_of_a_message_stands_once_also_after_a_kill(bench, within):
    """It stands where the other does, and tells in its metadata whose place it has."""
    bench.slack.tokens.scopes |= {"channels:history", "im:history"}
    said = await bench.slack.say(bench.slack.bob, bench.slack.general, "hello")
    address = {
        "a channel": bench.address(),
        "a thread": bench.address(thread=said.said.ts),
        "a direct message": bench.address(bench.slack.world.direct(bench.slack.alice.id)),
    }[within]
    handle = await bench.post(address=address)
    bench.message.edit_window_closed = True
    bench.slack.faults.cut("chat.postMessage", after=True)
    assert (await failure(bench.show(DONE, handle, address))).kind is ShowFailure.LATER
    old, anew = bench.slack.messages
    after = Bench(bench.slack, bench.wall)  # which knows nothing of what was tried before
    found = await after.show(DONE, handle, address)
    await after.api.aclose()
    assert bench.slack.messages == [old, anew]
    assert found.key == f"{anew.channel}:{anew.ts}"
    assert picture_of(anew)


async def test_what_stands_in_place_of_a_message_is_replaced_once_where_it_can_not_be_edited_either(bench):
    bench.slack.tokens.scopes.add("channels:history")
    handle = await bench.post()
    bench.message.edit_window_closed = True
    second = await bench.show(DONE, handle)
    bench.slack.messages[-1].edit_window_closed = True
    done = replace(DONE, headline="Done at last")
    third, again = await bench.show(done, second), await bench.show(done, second)  # its record was lost
    assert [f"{m.channel}:{m.ts}" for m in bench.slack.messages] == [handle.key, second.key, third.key]
    assert again.key == third.key


async def test_a_message_in_the_channel_of_a_closed_thread_is_removed_with_its_job(bench):
    """Also where no handle tells of it."""
    bench.slack.tokens.scopes.add("channels:history")
    said = await bench.slack.say(bench.slack.bob, bench.slack.general, "hello")
    address = bench.address(thread=said.said.ts)
    bench.slack.faults.fail("chat.postMessage", "thread_locked")
    await bench.post(address=address)
    message = bench.message
    after = Bench(bench.slack, bench.wall)
    await after.show(replace(PLACEHOLDER, gone=True, actions=()), None, address)
    await after.api.aclose()
    assert message.deleted


async def test_an_orphan_in_a_thread_or_a_direct_message_is_found(bench):
    bench.slack.tokens.scopes.add("channels:history")
    said = await bench.slack.say(bench.slack.bob, bench.slack.general, "hello")
    places = [
        bench.address(thread=said.said.ts),
        bench.address(bench.slack.world.direct(bench.slack.alice.id)),
    ]
    for number, address in enumerate(places, 1):
        bench.slack.faults.cut("chat.postMessage", after=True)
        card = replace(PLACEHOLDER, job=f"job{number}")
        await failure(bench.post(card, address))
        handle = await bench.show(card, None, address)
        assert len(bench.slack.messages) == number
        assert handle.key == f"{bench.slack.messages[-1].channel}:{bench.slack.messages[-1].ts}"


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ({"bot_in": False}, "/invite"),
        ({"kind": "group", "bot_in": False}, "/invite"),
        ({"restricted": True}, "admin"),
        ({"archived": True}, "admin"),
    ],
)
async def test_who_asked_is_told_why_nothing_can_be_posted(bench, channel, expected):
    place = bench.slack.world.add_channel("x", **channel)
    url = bench.slack.response_urls.make("commands", bench.slack.alice.id, place.id)
    address = bench.address(place, url=url.url)
    assert (await failure(bench.post(PLACEHOLDER, address))).kind is ShowFailure.FORBIDDEN
    assert expected in bench.slack.world.ephemerals[0].text


async def test_a_gone_card_removes_message_and_file_and_may_be_repeated(bench):
    handle = await bench.show(DONE, await bench.post())
    message = bench.message
    gone = replace(DONE, gone=True, actions=())
    await bench.show(gone, handle)
    await bench.show(gone, handle)
    assert message.deleted
    assert bench.slack.files.uploaded == []
    assert (await bench.messages.show(gone, bench.address(), None)).key == ""


async def test_a_private_card_goes_to_the_direct_message(bench):
    bench.wall.base = "https://example.org"
    private = replace(PLACEHOLDER, private=True)
    handle = await bench.post(private)
    assert bench.message.channel == bench.slack.world.direct(bench.slack.alice.id).id
    await bench.show(replace(DONE, private=True), handle)
    assert "slack_file" in picture_of(bench.message)


async def test_a_spoiler_is_not_shown_until_asked_for(bench):
    await bench.show(replace(DONE, spoiler=True), await bench.post())
    assert picture_of(bench.message) is None
    assert "show" in bench.message.action_ids
    assert bench.slack.files.uploaded == []


async def test_a_cancelled_showing_leaves_nothing_open(bench):
    bench.slack.faults.hold("chat.postMessage")
    task = asyncio.create_task(bench.post())
    await bench.slack.until(lambda: bench.slack.called("chat.postMessage"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
