"""A day in a workspace: the program as a process, people over a strict local Slack."""

import pytest

from tests.fakes.slack_process import finished, house, picture_of

TITLE = "a red fox <b> & co"


@pytest.fixture
async def workspace(tmp_path):
    async with house(tmp_path) as (slack, easel):
        yield slack, easel
        assert slack.violations == []
        assert slack.pings == []


async def test_a_command_is_acked_gets_a_placeholder_and_becomes_the_picture(workspace):
    """Ack first, then one message that is edited into the picture."""
    slack, _ = workspace
    done = await slack.command(slack.alice, slack.general, "/imagine", TITLE)
    assert done.acked
    assert done.ack_s < 1
    message = await finished(slack, done)
    assert picture_of(message)["slack_file"]["id"] == slack.files.uploaded[0].id
    assert message.metadata["event_type"] == "easel_job"
    assert len(done.messages) == 1
    print([c.method for c in slack.calls], message.shown)
