"""One refusal, one rest: requests are counted, for every way to call Discord times every way to be refused."""

import asyncio

import aiohttp
import pytest

from bot.errors import ShowFailure, SurfaceError
from integrations.discord import _limits, _wire
from integrations.discord._limits import Credential
from integrations.discord._wire import DiscordFault, Rest
from integrations.discord.settings import DiscordSettings
from tests.fakes.discord import DiscordServer
from tests.fakes.discord_world import DONE, PLACEHOLDER, World
from tests.fakes.there import there

REST_S = 30.0
TOKEN_PATH = "/webhooks/1/aW50.token"
CALLERS = {
    "post": lambda rest: rest.call("POST", "/channels/1/messages", {"content": "x"}),
    "edit": lambda rest: rest.call("PATCH", "/channels/1/messages/2", {"content": "x"}),
    "read": lambda rest: rest.call("GET", "/channels/1/messages"),
    "delete": lambda rest: rest.call("DELETE", "/channels/1/messages/2"),
    "direct": lambda rest: rest.call("POST", "/users/@me/channels", {"recipient_id": "1"}),
    "follow-up": lambda rest: rest.call("POST", TOKEN_PATH, {"content": "x"}, repeats=False),
    "token edit": lambda rest: rest.call("PATCH", f"{TOKEN_PATH}/messages/@original", {"content": "x"}),
    "token read": lambda rest: rest.call("GET", f"{TOKEN_PATH}/messages/@original"),
    "token delete": lambda rest: rest.call("DELETE", f"{TOKEN_PATH}/messages/@original"),
    "first response": lambda rest: rest.once("/interactions/1/aW50/callback", {"type": 5}, within_s=2.5),
}
REFUSALS = {
    "the wall": lambda faults: faults.wall("* /**", REST_S, times=9_999),
    "global": lambda faults: faults.limit("* /**", REST_S, times=9_999, scope="global"),
    "global, bare": lambda faults: faults.limit_barely("* /**", REST_S, times=9_999, scope="global"),
    "route": lambda faults: faults.limit("* /**", REST_S, times=9_999),
    "route, bare": lambda faults: faults.limit_barely("* /**", REST_S, times=9_999),
    "shared": lambda faults: faults.limit("* /**", REST_S, times=9_999, scope="shared"),
}


@pytest.fixture
async def server():
    async with DiscordServer() as server:
        yield server


@pytest.fixture
def told():
    return []


@pytest.fixture
async def rest(server, told):
    settings = DiscordSettings(token=server.token, api_base_url=server.api_base_url)
    rest = Rest(settings, on_trouble=told.append)
    yield rest
    await rest.aclose()


async def outcome(call):
    try:
        await call
    except DiscordFault as fault:
        return fault
    return None


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("caller", CALLERS)
async def test_a_refusal_is_one_request_and_then_rest(server, rest, caller, refusal):
    REFUSALS[refusal](server.faults)
    for _ in range(20):
        fault = await outcome(CALLERS[caller](rest))
        assert (fault.status, 0 < fault.retry_after_s <= REST_S + 1) == (429, True)
    assert len(server.requests) == 1


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_callers_at_once_are_refused_once_each_at_most(server, rest, refusal):
    """Whatever is under way can't be called back; nobody asks a second time."""
    REFUSALS[refusal](server.faults)
    await asyncio.gather(*(outcome(call(rest)) for call in CALLERS.values() for _ in range(5)))
    assert len(server.requests) <= len(CALLERS)
    before = len(server.requests)
    await asyncio.gather(*(outcome(call(rest)) for call in CALLERS.values() for _ in range(5)))
    assert len(server.requests) == before


async def test_a_first_response_that_has_no_place_in_time_is_not_sent_at_all(server, rest, monkeypatch):
    """Discord would hear it too late: there are other ways, and it is known that nothing stands."""
    monkeypatch.setattr(rest, "_places", asyncio.Semaphore(1))
    async with rest._places:
        fault = await outcome(rest.once("/interactions/1/aW50/callback", {"type": 5}, within_s=0.4))
    assert (fault.status, fault.sent, fault.doubtful) == (0, False, False)
    assert server.requests == []
    assert not rest._places.locked()
    await outcome(rest.once("/interactions/1/aW50/callback", {"type": 5}, within_s=0.0))
    assert len(server.requests) == 1, "where there is a place it is tried, however late it is"


async def test_the_wait_for_a_place_is_of_a_first_responses_time(server, rest, monkeypatch):
    """It had a while of its own after the wait, and was heard too late."""
    given: list[float] = []

    async def sent(call, *, timeout_s):
        given.append(timeout_s)

    monkeypatch.setattr(rest, "_places", asyncio.Semaphore(1))
    monkeypatch.setattr(rest, "_send", sent)
    async with rest._places:
        waiting = asyncio.create_task(rest.once("/interactions/1/aW50/callback", {"type": 5}, within_s=60.0))
        await asyncio.sleep(0.05)
    await waiting
    assert given[0] < 60.0 - 0.04


async def test_a_wall_stops_every_kind_and_a_global_refusal_its_own(server, rest):
    server.faults.limit("POST /channels/**", REST_S, scope="global")
    await outcome(CALLERS["post"](rest))
    assert (await outcome(CALLERS["read"](rest))).status == 429
    assert (await outcome(CALLERS["token edit"](rest))).status != 429
    assert len(server.requests) == 2
    server.faults.limit_barely("POST /webhooks/**", REST_S, scope="global")
    await outcome(CALLERS["follow-up"](rest))
    assert (await outcome(CALLERS["token read"](rest))).status == 429
    assert len(server.requests) == 3


@pytest.mark.parametrize("retry_after_s", [0.0, 0.2, 1.4])
@pytest.mark.parametrize("caller", CALLERS)
async def test_nothing_is_sent_before_the_rest_is_over_and_tries_are_few(
    server, rest, caller, retry_after_s, monkeypatch
):
    monkeypatch.setattr(_wire, "PATIENCE_S", 2.0)
    server.faults.limit("* /**", retry_after_s, times=9_999)
    fault = await outcome(CALLERS[caller](rest))
    assert fault.status == 429
    assert 1 <= len(server.requests) <= 3
    gaps = [b.started - a.ended for a, b in zip(server.requests, server.requests[1:], strict=False)]
    # The header tells whole seconds, at least one.
    assert all(gap >= max(1.0, retry_after_s) for gap in gaps)


@pytest.mark.parametrize("trouble", ["fail", "cut_before"])
@pytest.mark.parametrize("caller", CALLERS)
async def test_an_outage_is_few_requests(server, rest, caller, trouble):
    getattr(server.faults, trouble)("* /**", times=9_999)
    fault = await outcome(CALLERS[caller](rest))
    assert fault.doubtful
    once = caller in ("follow-up", "first response")
    # aiohttp asks once more by itself where asking twice is as good as once and the line was cut.
    repeats = 2 if trouble == "cut_before" and server.requests[0].method in ("GET", "DELETE") else 1
    assert len(server.requests) == (1 if once else 3 * repeats)


async def test_forty_posts_in_one_channel_are_never_refused(server, rest):
    """Of a budget that nobody has told of yet no more is used than surely is there."""
    guild = await server.guild("Foxes")
    channel = await server.channel(guild)
    server.limits.enforced = True
    posts = [rest.call("POST", f"/channels/{channel.id}/messages", {"content": str(n)}) for n in range(40)]
    faults = await asyncio.gather(*(outcome(post) for post in posts))
    assert server.records.rate_limited == []
    assert len(channel.visible) == faults.count(None) >= 5
    assert all(0 < one.retry_after_s <= 5.1 for one in faults if one)


async def test_a_hundred_calls_of_the_bot_stay_below_its_second(server, rest):
    server.limits.enforced = True
    users = [server.user(f"u{n}") for n in range(100)]
    await asyncio.gather(*(rest.call("GET", f"/users/{user.id}") for user in users))
    assert server.records.rate_limited == []


async def test_too_many_invalid_calls_stop_everything_loudly_once(server, rest, told, monkeypatch):
    monkeypatch.setattr(_limits, "GLOBAL_PER_S", 10_000)
    limits = _limits.rate_limits(clock := Time())
    monkeypatch.setattr(rest, "_limits", limits)
    server.faults.refuse("GET /channels/**", 50001, times=9_999)
    for n in range(_limits.INVALID_MOST + 50):
        await outcome(rest.call("GET", f"/channels/{n % 7}"))
        clock.now += 0.1
    assert len(server.requests) == _limits.INVALID_MOST
    assert len(told) == 1
    assert "1000 calls" in told[0]
    assert (await outcome(CALLERS["token edit"](rest))).status == 429
    clock.now += limits.stopped_s + 1
    server.faults.clear()
    assert (await outcome(rest.call("GET", "/users/@me"))) is None
    server.forgive()


class Time:
    now = 1_000.0

    def __call__(self):
        return self.now


async def test_what_the_library_sends_by_itself_rests_too_and_its_refusals_are_heard(server, rest):
    server.faults.wall("GET /users/@me", REST_S)
    head = {"Authorization": f"Bot {server.token}", "User-Agent": "DiscordBot (x, 1)"}
    async with aiohttp.ClientSession(trace_configs=[rest.watch()]) as theirs:
        async with theirs.get(f"{server.api_base_url}/users/@me", headers=head) as answer:
            assert answer.status == 429
        assert rest.rests_s(Credential.BOT) > REST_S - 1
        with pytest.raises(aiohttp.ClientConnectionError):
            await theirs.get(f"{server.api_base_url}/gateway/bot", headers=head)
        with pytest.raises(aiohttp.ClientConnectionError):
            await theirs.post(f"{server.api_base_url}/interactions/1/aW50/callback", json={"type": 5})
    assert (await outcome(CALLERS["follow-up"](rest))).status == 429
    assert len(server.requests) == 1


# ── A whole picture ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def world(server, rest):
    guild = await server.guild("Foxes")
    channel = await server.channel(guild)
    mina = server.user("mina")
    server.join(guild, mina)
    server.commands.replace(None, [{"name": "imagine", "description": "Make a picture"}])
    return World(server, guild, channel, mina, rest)


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_picture_whose_edit_is_refused_is_one_request_however_often_it_is_shown(
    world, server, private, refusal
):
    address = await world.where()
    handle = await world.show(PLACEHOLDER, address)
    REFUSALS[refusal](server.faults)
    before = len(server.requests)
    for _ in range(10):
        with pytest.raises(SurfaceError) as caught:
            await world.messages.show(DONE, address, handle)
        assert caught.value.kind is ShowFailure.LATER
        assert there(caught.value.retry_after_s) > REST_S - 5
    assert len(server.requests) == before + 1
