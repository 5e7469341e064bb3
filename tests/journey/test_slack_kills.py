"""kill -9 between any two calls to Slack is a non-event: one message, one picture, paid once."""

import asyncio

import pytest

from bot.talk.once import DOUBLE_CLICK_S
from tests.fakes.patience import PATIENCE_S
from tests.fakes.slack_process import house, picture_of

PRICE = 39
PHASES = ("before", "done", "answered")
METHODS = (
    "users.info", "chat.postMessage", "files.getUploadURLExternal", "upload", "files.completeUploadExternal",
    "files.info", "chat.update",
)  # fmt: skip
POINTS = [(method, phase) for method in METHODS for phase in PHASES]
CHOSEN = [
    ("chat.postMessage", "before"), ("chat.postMessage", "done"), ("chat.postMessage", "answered"),
    ("upload", "done"), ("files.completeUploadExternal", "answered"), ("chat.update", "done"),
]  # fmt: skip
SCOPES = (
    "commands", "chat:write", "files:write", "files:read", "reactions:read", "app_mentions:read", "im:write",
    "im:history", "users:read", "channels:history",
)  # fmt: skip


class Trap:
    """Kills the process at one call of one method, in one phase."""

    def __init__(self, easel):
        self.easel = easel
        self.point = None
        self.sprung = asyncio.Event()

    def arm(self, method, phase):
        self.point = (method, phase)
        self.sprung.clear()

    async def __call__(self, phase, call):
        if (call.method, phase) != self.point:
            return
        self.point = None
        self.easel.kill()
        await self.easel.gone()
        self.sprung.set()
        if phase == "before":
            raise ConnectionResetError("the line was cut before anything was done")


@pytest.fixture
async def killed(tmp_path):
    # A short lease stands for the ten seconds that a takeover may take; a death while the provider is
    # asked ends as a picture too, so that every schedule ends alike.
    async with house(tmp_path, scopes=SCOPES, start=False) as (slack, easel):
        easel.config.write_text(
            easel.config.read_text().replace("[log]", '[worker]\nlease_s = 2\nuncertain = "retry"\n[log]')
        )
        await easel.start()
        trap = Trap(easel)
        slack.on_request(trap)
        yield slack, easel, trap
        assert slack.violations == []


async def die_and_recover(slack, easel, trap, point):
    """One command, one death, one restart; answers the message, or None where nothing was accepted yet."""
    method, phase = point
    room = slack.world.add_channel(f"{method}-{phase}")
    eve = slack.world.add_person(f"eve-{method}-{phase}")
    room.members.add(eve.id)
    trap.arm(method, phase)
    done = await slack.command(eve, room, "/imagine", f"a fox {method} {phase}")
    await asyncio.wait_for(trap.sprung.wait(), PATIENCE_S)
    await easel.start()
    if method == "users.info":
        await asyncio.sleep(0.5)
    else:
        message = await done.message()
        await slack.until(lambda: {"reroll", "retry"} & {*message.action_ids}, what=f"the end after {point}")
        assert "reroll" in message.action_ids, message.shown
        assert picture_of(message)
    assert len(done.messages) == (0 if method == "users.info" else 1), point
    told = await (await slack.command(eve, room, "/easel", "credits")).ephemeral()
    left = 50_000 - PRICE * len(done.messages)
    assert f"{left} credits" in told.shown.replace(",", ""), (point, told.shown)


async def test_a_kill_between_calls_leaves_one_message_paid_once(killed):
    """The instants that differ: before, at and after the placeholder, the upload and the final edit."""
    slack, easel, trap = killed
    for point in CHOSEN:
        await die_and_recover(slack, easel, trap, point)
    code, out, _ = await easel.easel("check", "--json")
    assert code == 0, out


@pytest.mark.long
async def test_a_kill_at_every_instant_leaves_one_message_paid_once(killed):
    slack, easel, trap = killed
    for point in POINTS:
        await die_and_recover(slack, easel, trap, point)


async def test_an_event_that_was_not_acked_before_the_kill_is_done_after_it(killed):
    """Slack tells it again; the process that comes after does it, once."""
    slack, easel, trap = killed
    trap.arm("chat.postMessage", "done")
    done = await slack.mention(slack.bob, slack.general, "a fox told again")
    await asyncio.wait_for(trap.sprung.wait(), PATIENCE_S)
    await easel.start()
    await slack.deliver_again(done, 10)
    message = await done.message()
    await slack.until(lambda: "reroll" in message.action_ids)
    assert len(done.messages) == 1


@pytest.mark.parametrize("phase", PHASES)
async def test_who_clicks_again_after_a_kill_has_ordered_once_and_may_order_another_then(killed, phase):
    """Who has had no answer means the same; who has seen what came of it means another."""
    slack, easel, trap = killed
    first = await (await slack.command(slack.bob, slack.general, "/imagine", "a fox")).message()
    await slack.until(lambda: "reroll" in first.action_ids)
    trap.arm("chat.postMessage", phase)
    await slack.click(slack.bob, first, "reroll")
    await asyncio.wait_for(trap.sprung.wait(), PATIENCE_S)
    await easel.start()
    await slack.click(slack.bob, first, "reroll")
    await slack.until(lambda: finished(slack) == 2, what="the one that was ordered")
    await asyncio.sleep(DOUBLE_CLICK_S)
    await slack.click(slack.bob, first, "reroll")
    await slack.until(lambda: finished(slack) == 3, what="the one that was ordered on purpose")
    told = await (await slack.command(slack.bob, slack.general, "/easel", "credits")).ephemeral()
    assert f"{50_000 - 3 * PRICE} credits" in told.shown.replace(",", ""), told.shown


def finished(slack):
    return sum("reroll" in message.action_ids for message in slack.messages)


async def test_what_was_acknowledged_before_a_kill_ends_as_a_job(killed):
    """200 at once, kill -9 after a second: whoever saw no error gets a picture."""
    slack, easel, _ = killed
    rooms = [slack.world.add_channel(f"burst{n}") for n in range(10)]
    acts = [
        asyncio.create_task(slack.command(slack.bob, rooms[n % 10], "/imagine", f"fox number{n}x"))
        for n in range(200)
    ]
    await asyncio.sleep(1)
    easel.kill()
    await easel.gone()
    done = await asyncio.gather(*acts)
    acked = {n for n, act in enumerate(done) if act.acked}
    await easel.start()

    def painted():
        said = [m.shown for m in slack.messages if "reroll" in m.action_ids]
        return {n for n in acked if any(f"number{n}x" in shown for shown in said)}

    await slack.until(lambda: len(painted()) >= 0.99 * len(acked), what="what was acknowledged")
    print(f"\n{len(acked)} of 200 acknowledged before the kill, {len(painted())} painted after it")
    assert len(slack.messages) == len({m.metadata["event_payload"]["job"] for m in slack.messages})
