"""A rule names a channel that there is, or nothing is saved."""

import pytest

from bot.abilities import Directory, Named
from integrations.slack._wire import Api, SlackFault
from integrations.slack.places import Channels
from integrations.slack.settings import SlackSettings
from integrations.slack.surface import Slack
from tests.fakes.slack import SlackServer

SCOPES = {"channels:read", "groups:read"}


@pytest.fixture
async def town():
    async with SlackServer() as slack:
        slack.tokens.scopes |= SCOPES
        rooms = {"art": slack.world.add_channel("art"), "den": slack.world.add_channel("den", kind="group")}
        slack.world.add_channel("away", kind="group", bot_in=False)
        api = Api(SlackSettings(bot_token=slack.tokens.bot, app_token="x", api_base_url=slack.api_base_url))
        yield slack, Channels(api), rooms
        await api.aclose()
        assert slack.violations == []


async def test_a_channel_is_found_by_mention_id_and_name(town):
    _, places, rooms = town
    for typed in (
        f"<#{rooms['art'].id}|art>",
        f"<#{rooms['art'].id}>",
        rooms["art"].id,
        f"#{rooms['art'].id}",
        "#art",
        "Art",
    ):
        assert await places.channel(typed) == rooms["art"].id
    assert await places.channel("#den") == rooms["den"].id


@pytest.mark.parametrize("typed", ["all", "#nowhere", "C0NOTHERE1", "<#C0NOTHERE1|gone>", "", "*", "away"])
async def test_what_nobody_has_is_nothing(town, typed):
    _, places, _ = town
    assert await places.channel(typed) is None


async def test_what_can_not_be_told_is_no_no(town):
    """A scope that is missing, more channels than Slack lists at once, Slack in trouble."""
    slack, places, rooms = town
    slack.tokens.scopes -= SCOPES
    for typed in ("#art", rooms["art"].id):
        with pytest.raises(SlackFault, match="missing_scope"):
            await places.channel(typed)
    slack.tokens.scopes |= SCOPES
    for number in range(1_000):
        slack.world.add_channel(f"room{number}")
    with pytest.raises(SlackFault, match="too_many"):
        await places.channel("#nowhere")
    slack.faults.fail("conversations.info", "internal_error")
    with pytest.raises(SlackFault):
        await places.channel(rooms["art"].id)


def test_the_surface_is_a_directory():
    assert issubclass(Slack, Directory)
    assert set(Named) == {Named.ROLE, Named.CHANNEL, Named.PERSON}
