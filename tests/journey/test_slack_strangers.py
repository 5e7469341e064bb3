"""Who reacts in a shared channel is known by Slack's word alone: a failure that passes is never the end of it."""

import contextlib

import pytest
from structlog.testing import capture_logs

from integrations.slack import people
from tests.fakes.simulator import sim  # noqa: F401 - a fixture
from tests.fakes.slack import SlackServer
from tests.fakes.slack_house import served


@contextlib.asynccontextmanager
async def stranger_s_town(folder, sim):  # noqa: F811 - the fixture's value
    """A picture in a shared channel, and somebody there of another workspace of whom nothing was asked yet."""
    async with SlackServer() as slack, served(folder, slack, sim):
        shared = slack.world.add_channel("shared", shared=True)
        guest = slack.world.add_person("gina", team_id="T0OTHER")
        shared.members.add(guest.id)
        shared.members.add(slack.alice.id)
        message = await (await slack.command(slack.alice, shared, "/imagine", "a fox")).message()
        await slack.until(lambda: "reroll" in message.action_ids)
        yield slack, guest, message
        assert slack.violations == []


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch):
    """Slack is asked again at once: how long that takes is no law."""
    monkeypatch.setattr(people, "_UNKNOWN_S", 0.0)
    monkeypatch.setattr(people, "_ASKED_AGAIN_S", (0.0, 0.0, 0.0))


async def test_a_reaction_counts_though_slack_could_not_tell_twice_who_reacts(tmp_path, sim):  # noqa: F811
    async with stranger_s_town(tmp_path, sim) as (slack, guest, message):
        slack.faults.fail(
            "users.info", "fatal_error", times=2, when=lambda call: call.args["user"] == guest.id
        )
        done = await slack.react(guest, message, "repeat")
        assert "gina" in (await done.message()).shown
        assert done.ephemerals == []


async def test_where_slack_never_tells_who_reacts_they_are_told_and_the_operator_is(tmp_path, sim):  # noqa: F811
    async with stranger_s_town(tmp_path, sim) as (slack, guest, message):
        slack.faults.fail(
            "users.info", "fatal_error", times=99, when=lambda call: call.args["user"] == guest.id
        )
        with capture_logs() as logs:
            done = await slack.react(guest, message, "repeat")
            assert "who you are" in (await done.ephemeral()).shown
        (said,) = [line for line in logs if line["log_level"] == "error"]
        assert (said["user"], said["channel"]) == (guest.id, message.channel)
        assert done.messages == []

        slack.faults.clear()
        await slack.unreact(guest, message, "repeat")
        again = await slack.react(guest, message, "repeat")
        assert "gina" in (await again.message()).shown, "what was left alone counts for nothing against them"
