"""Many at once in one channel under Slack's limits; a channel, and a workspace, that close and open again."""

import asyncio
import time
from typing import Any

import pytest

from bot.ports import AGAIN
from integrations.simulator.app import simulator
from integrations.slack import _throttle, surface
from integrations.slack._wire import Api
from integrations.slack.manifest import manifest
from integrations.slack.people import SURFACE
from tests.fakes.patience import PATIENCE_S
from tests.fakes.slack import SlackServer
from tests.fakes.slack_house import served
from tests.fakes.slack_process import finished, picture_of
from tests.fakes.there import there

LOOKS = ("conversations.history", "conversations.replies")
REFUSALS = 3
SCALE = 32.0  # so many times as fast as Slack's minute, for both sides


@pytest.fixture
def early(monkeypatch):
    """The calls that the program sends although it knows that Retry-After is not over, by its own clock."""
    rests: dict[Any, Any] = {}
    found: list[Any] = []
    refused, call = _throttle.Throttle.refused, Api._call

    def remembered(self, method, place, retry_after_s, *, who=""):
        rests[method] = max(rests.get(method, 0.0), time.monotonic() + retry_after_s)
        refused(self, method, place, retry_after_s, who=who)

    async def watched(self, method, arguments):
        if time.monotonic() < rests.get(method, 0.0):
            found.append(method)
        return await call(self, method, arguments)

    monkeypatch.setattr(_throttle.Throttle, "refused", remembered)
    monkeypatch.setattr(Api, "_call", watched)
    return found


@pytest.mark.parametrize("crowd", [40, 120])
async def test_a_crowd_in_one_channel_gets_its_placeholders_without_a_look_or_an_early_call(
    tmp_path, monkeypatch, early, crowd
):
    """A 429 is a certain "not posted": no orphan is looked for, nothing is sent before Retry-After is over."""
    for name in ("MINUTE_S", "CAREFUL_S", "CHANNEL_EVERY_S"):
        monkeypatch.setattr(_throttle, name, getattr(_throttle, name) / SCALE)
    limits = {"per_requester": 1_000, "per_community": 1_000}
    async with SlackServer(manifest=manifest()) as slack, simulator(latency=False, tiny_images=True) as sim:
        people = [slack.world.add_person(f"person{n}") for n in range(crowd)]
        slack.general.members.update(person.id for person in people)
        async with served(tmp_path, slack, sim, limits=limits):
            slack.limits.enabled, slack.limits.scale = True, SCALE
            slack.ack_deadline_s = PATIENCE_S  # a loaded machine is no silent program
            slack.faults.rate_limit("chat.postMessage", retry_after_s=1, times=REFUSALS)
            acts = await asyncio.gather(
                *(slack.command(one, slack.general, "/imagine", f"a fox for {one.name}") for one in people)
            )
            assert all(act.acked for act in acts)
            await slack.until(lambda: len(slack.messages) == crowd, 4 * PATIENCE_S, "all placeholders")
            await slack.until(lambda: all(map(picture_of, slack.messages)), 4 * PATIENCE_S, "all pictures")
            jobs = {there(message.metadata)["event_payload"]["job"] for message in slack.messages}
            assert len(jobs) == crowd
            assert [call.method for call in slack.calls if call.method in LOOKS] == []
            assert sum(call.status == 429 for call in slack.calls) >= REFUSALS
            assert early == []
            assert slack.violations == []


async def noted(house, message):
    """What the program has written down of a message, as soon as it has."""
    async with asyncio.timeout(PATIENCE_S):
        while (found := await house.studio.find(SURFACE, f"{message.channel}:{message.ts}")) is None:
            await asyncio.sleep(0.02)
    return found.handle.data


async def test_a_placeholder_of_an_archived_channel_becomes_the_picture_when_it_is_open_again(tmp_path):
    """The picture comes by direct message; later the channel has it too, and both go with a Delete."""
    async with (
        SlackServer(manifest=manifest()) as slack,
        simulator(latency=False, tiny_images=True) as sim,
        served(tmp_path, slack, sim) as house,
    ):
        done = await slack.command(slack.alice, slack.general, "/imagine", "a fox [sim:slow] for later")
        placeholder = await done.message()
        slack.general.archived = True
        direct = await done.direct_message()
        await slack.until(lambda: picture_of(direct) is not None, PATIENCE_S, "the picture, directly")
        assert picture_of(placeholder) is None
        assert AGAIN in await noted(house, direct)
        assert there(await slack.unarchive(slack.general)).acked
        await slack.until(
            lambda: picture_of(placeholder) is not None, PATIENCE_S, "the picture, in its place"
        )
        assert AGAIN not in await noted(house, placeholder)
        assert len(slack.messages) == 2
        await slack.overflow(slack.alice, placeholder, "more", "delete")
        await slack.until(lambda: placeholder.deleted and direct.deleted, PATIENCE_S, "both are gone")


async def test_a_restart_finishes_it_too(tmp_path):
    async with SlackServer(manifest=manifest()) as slack, simulator(latency=False, tiny_images=True) as sim:
        async with served(tmp_path, slack, sim):
            done = await slack.command(slack.alice, slack.general, "/imagine", "a fox [sim:slow] for later")
            placeholder = await done.message()
            slack.general.archived = True
            await done.direct_message()
        slack.general.archived = False
        async with served(tmp_path, slack, sim):
            await finished(slack, done)
            assert picture_of(placeholder) is not None


async def test_a_removal_that_no_event_told_of_is_noticed_while_easel_runs_and_so_is_the_return(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(surface, "_ASK_EVERY_S", 0.05)
    async with (
        SlackServer(manifest=manifest()) as slack,
        simulator(latency=False, tiny_images=True) as sim,
        served(tmp_path, slack, sim) as house,
    ):

        async def until_removed(expected):
            async with asyncio.timeout(PATIENCE_S):
                while await house.store.communities.removed_before(house.store.now() + 9) != expected:
                    await asyncio.sleep(0.02)

        for closes, expected in (
            (slack.tokens.deactivate, [(SURFACE, slack.world.team_id)]),
            (slack.tokens.restore, []),
        ):
            closes()
            await until_removed(expected)
        asked = len(slack.calls)
        slack.tokens.revoke()
        await slack.until(lambda: len(slack.calls) > asked + 3, PATIENCE_S, "it was asked again and again")
        assert await house.store.communities.removed_before(house.store.now() + 9) == []
        slack.tokens.restore()
