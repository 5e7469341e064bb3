"""A picture of Slack's is lent with our token to Slack alone; what can't be lent says whether that passes."""

import aiohttp
import pytest

from bot.abilities import Lender
from bot.errors import NotThere, ShowFailure, SurfaceError
from bot.model import Source, Where
from integrations.slack._wire import Api
from integrations.slack.lending import Lending, files_of, is_closed, may_be_picture, sources_of
from integrations.slack.settings import SlackSettings
from integrations.slack.surface import Slack
from tests.fakes.hostile import picture
from tests.fakes.slack import SlackServer


def settings_for(slack):
    return SlackSettings(bot_token=slack.tokens.bot, app_token="x", api_base_url=slack.api_base_url)


@pytest.fixture
async def town():
    async with SlackServer() as slack:
        settings = settings_for(slack)
        api = Api(settings)
        yield slack, api, Lending(api, settings)
        await api.aclose()
        assert slack.violations == []


async def shared(slack, data=None, **more):
    """A file that alice has posted in a channel of ours."""
    file = slack.file(slack.alice, picture() if data is None else data, **more)
    await slack.say(slack.alice, slack.general, "", files=[file])
    return file


async def refused(lending, file):
    with pytest.raises((NotThere, SurfaceError)) as caught:
        await lending.lend(file.id)
    return caught.value


async def test_what_is_lent_can_be_fetched_with_its_headers(town):
    slack, _, lending = town
    data = picture(30, 20)
    loan = await lending.lend((await shared(slack, data)).id)
    async with (
        aiohttp.ClientSession() as session,
        session.get(loan.url, headers=loan.headers) as answer,
    ):
        assert await answer.read() == data
    assert slack.tokens.bot not in repr(loan)


async def test_another_organisations_file_is_lent_too(town):
    slack, _, lending = town
    assert (await lending.lend((await shared(slack, foreign=True)).id)).url.startswith(slack.base)


async def test_a_file_that_was_taken_away_is_gone(town):
    slack, _, lending = town
    file = await shared(slack)
    slack.delete_file(file)
    assert isinstance(await refused(lending, file), NotThere)


async def test_no_token_goes_to_where_slack_only_points(town):
    slack, _, lending = town
    far = slack.elsewhere.put("cat.png", picture())
    assert isinstance(await refused(lending, await shared(slack, external_url=far)), NotThere)
    assert slack.elsewhere.asked == []


@pytest.mark.parametrize(
    ("url", "is_theirs"),
    [
        ("https://files.slack.com/files-pri/T1-F1/cat.png", True),
        ("https://slack.com/files-pri/T1-F1/cat.png", True),
        ("http://files.slack.com/files-pri/T1-F1/cat.png", False),
        ("https://files.slack.com:8443/cat.png", False),
        ("https://evilslack.com/cat.png", False),
        ("https://slack.com.evil.example/cat.png", False),
        ("https://slack.com@evil.example/cat.png", False),
        ("https://evil.example/?u=.slack.com", False),
        ("https://drive.google.com/cat.png", False),
        ("https://[broken/cat.png", False),
        ("cat.png", False),
    ],
)
async def test_slacks_hosts_are_the_web_apis_and_those_below_it(town, url, is_theirs):
    slack, api, _ = town
    lending = Lending(api, SlackSettings(bot_token="xoxb-1", app_token="xapp-1"))
    file = await shared(slack)
    answer = {"file": {"id": file.id, "mode": "hosted", "url_private_download": url}}
    slack.faults.fail("files.info", "", extra={"ok": True, **answer})
    if is_theirs:
        assert (await lending.lend(file.id)).url == url
    else:
        assert isinstance(await refused(lending, file), NotThere)


async def test_a_lacking_right_is_told_apart_from_a_trouble_that_passes(town):
    slack, _, lending = town
    away = slack.world.add_channel("away", bot_in=False)
    hidden = slack.file(slack.alice, picture())
    await slack.say(slack.alice, away, "", files=[hidden])
    assert (await refused(lending, hidden)).kind is ShowFailure.FORBIDDEN
    file = await shared(slack)
    slack.faults.fail("files.info", "internal_error", times=3)
    assert (await refused(lending, file)).kind is ShowFailure.LATER
    slack.faults.clear()
    slack.tokens.scopes.discard("files:read")
    assert (await refused(lending, file)).kind is ShowFailure.FORBIDDEN


async def test_whether_we_have_a_right_is_known_from_any_answer(town):
    slack, api, _ = town
    assert api.may("files:read")
    await api.once("auth.test")
    assert api.may("files:read")
    slack.tokens.scopes.discard("files:read")
    await api.once("auth.test")
    assert not api.may("files:read")
    assert api.may("files:write")


def test_files_become_sources_by_their_ids_and_lost_ones_do_not():
    face = {
        "files": [
            {"id": "F1", "mimetype": "image/png"},
            {"id": "F2", "mode": "tombstone"},
            {"id": "F3"},
            "x",
            {},
        ]
    }
    files = files_of(face)
    assert sources_of(files) == (
        Source(where=Where.ATTACHED, ref="F1", surface="slack"),
        Source(where=Where.ATTACHED, ref="F3", surface="slack"),
    )
    assert files_of({}) == files_of({"files": None}) == files_of({"files": "F1"}) == []
    assert [may_be_picture(f) for f in (*files, {"id": "F", "mimetype": "text/plain"})] == [True, True, False]
    assert is_closed({"id": "F1", "file_access": "access_denied"})


def test_the_surface_lends_and_recognises_no_address():
    """Whoever types the address of a file need not be one who may see it, though we can."""
    assert issubclass(Slack, Lender)
    address = "https://files.slack.com/files-pri/T1-F1/cat.png"
    assert Slack.recognise(None, address) == ""  # type: ignore[arg-type]  # it reads nothing of itself
