"""The fake Discord, proven against the unmodified discord.py and, for its strictness, by raw calls."""

import asyncio
import contextlib
import io
import os
import re
import signal
import sys
import time
import warnings
from typing import Any, cast

import aiohttp
import pytest
import yarl
from PIL import Image

from tests.fakes.discord import MIB, DiscordServer, Misuse
from tests.fakes.discord_bot import answer, form, pointed_at, raw_calls, running
from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there

with warnings.catch_warnings():
    # discord.py's voice module imports audioop, which Python 3.13 drops.
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    import discord
    from discord import app_commands

pytestmark = pytest.mark.filterwarnings("ignore:'audioop' is deprecated:DeprecationWarning")


def png(colour: str = "red", size: int = 16) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(buffer, "PNG")
    return buffer.getvalue()


def picture(name: str = "fox.png") -> discord.File:
    return discord.File(io.BytesIO(png()), filename=name)


class RerollButton(discord.ui.DynamicItem[discord.ui.Button], template=r"v1:reroll:(?P<job>\w+)"):
    def __init__(self, job: str) -> None:
        super().__init__(discord.ui.Button(label="Re-roll", custom_id=f"v1:reroll:{job}", emoji="🔁"))
        self.job = job

    @classmethod
    async def from_custom_id(cls, interaction, item, match: re.Match[str]):
        return cls(match["job"])

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"re-roll of {self.job}")


class RemixForm(discord.ui.Modal, title="Remix"):
    prompt: Any = discord.ui.TextInput(
        label="Prompt", custom_id="prompt", default="a red fox", max_length=500
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content=f"remixed: {self.prompt.value}")


class RemixButton(discord.ui.DynamicItem[discord.ui.Button], template=r"v1:remix:(?P<job>\w+)"):
    def __init__(self, job: str) -> None:
        super().__init__(discord.ui.Button(label="Remix", custom_id=f"v1:remix:{job}"))

    @classmethod
    async def from_custom_id(cls, interaction, item, match: re.Match[str]):
        return cls(match["job"])

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(RemixForm(custom_id="v1:remix:form"))


def controls() -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(RerollButton("abc"))
    view.add_item(RemixButton("abc"))
    return view


INTENTS = discord.Intents(guilds=True, guild_reactions=True, dm_reactions=True)


class Listener(discord.Client):
    """A client that remembers what it heard."""

    def __init__(self, **facts):
        super().__init__(**facts)
        self.reactions: list[tuple[int, int, str]] = []
        self.resumes = 0
        self.joined: list[int] = []
        self.left: list[int] = []
        self.tree = app_commands.CommandTree(self)


class ShardedListener(Listener, discord.AutoShardedClient):
    pass


def build(kind: type[Listener] = Listener, intents: discord.Intents = INTENTS, **facts) -> Listener:
    """A client as a program would write it: one command with autocomplete, a menu, persistent buttons."""
    client = kind(intents=intents, max_messages=None, guild_ready_timeout=0.1, **facts)
    tree = client.tree
    client.add_dynamic_items(RerollButton, RemixButton)

    @tree.command(description="Make a picture")
    async def imagine(
        interaction: discord.Interaction, prompt: str, model: str | None = None, private: bool = False
    ) -> None:
        await interaction.response.send_message(f"painting {prompt}", ephemeral=private)
        embed = discord.Embed(title="Done", description=prompt).set_image(url="attachment://fox.png")
        await interaction.edit_original_response(
            content=None, embed=embed, attachments=[picture()], view=controls()
        )

    @imagine.autocomplete("model")
    async def models(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [
            app_commands.Choice(name=f"{name} (3 credits)", value=name)
            for name in ("flux", "fizz")
            if current in name
        ]

    easel = app_commands.Group(name="easel", description="Your own things")

    @easel.command(name="credits", description="What is left")
    async def _credits(interaction: discord.Interaction, person: discord.User | None = None) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send(f"{(person or interaction.user).name} has 10 credits")

    tree.add_command(easel)

    @tree.context_menu(name="Re-roll")
    async def menu(interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"again {message.id}")

    @client.event
    async def on_raw_reaction_add(payload: discord.RawReactionActionEvent) -> None:
        client.reactions.append((payload.user_id, payload.message_id, str(payload.emoji)))

    @client.event
    async def on_resumed() -> None:
        client.resumes += 1

    @client.event
    async def on_guild_join(guild: discord.Guild) -> None:
        client.joined.append(guild.id)

    @client.event
    async def on_guild_remove(guild: discord.Guild) -> None:
        client.left.append(guild.id)

    async def setup() -> None:
        await tree.sync()

    client.setup_hook = setup
    return client


@pytest.fixture
async def server(monkeypatch):
    async with DiscordServer() as one:
        pointed_at(one, monkeypatch)
        yield one


@pytest.fixture
async def place(server):
    """A guild with a channel and a member, and the person."""
    guild = await server.guild("Foxes")
    channel = await server.channel(guild)
    mina = server.user("mina")
    server.join(guild, mina)
    return guild, channel, mina


@pytest.fixture
async def raw(server):
    async with raw_calls(server) as calls:
        yield calls


async def command(raw, server, **facts):
    body = [
        {
            "name": "imagine",
            "description": "d",
            "options": [{"type": 3, "name": "prompt", "description": "d", "required": True}],
        }
        | facts
    ]
    status, _ = await raw("PUT", f"/applications/{server.world.application_id}/commands", json=body)
    assert status == 200


# --- discord.py itself


async def test_a_slash_command_is_answered_then_edited_into_a_picture(server, place):
    _, channel, mina = place
    async with running(server, build()):
        inv = await server.slash(mina, channel, "imagine", {"prompt": "a red fox"})
        await inv.response()
        message = await inv.pictured()
        await server.until(
            lambda: len(server.calls("PATCH", "/webhooks/{application}/{token}/messages/{message}")) == 1
        )
    assert inv.delivered
    assert inv.ack_s < 3
    assert [old.content for old in message.history] == ["painting a red fox"]
    assert message.images[0].size == (16, 16)
    assert message.labels == ["Re-roll", "Remix"]
    assert message.embeds[0]["image"]["url"].startswith(server.url)
    assert not message.ephemeral
    assert (server.violations, server.pings) == ([], [])


async def test_a_private_answer_is_seen_by_its_person_only(server, place, raw):
    guild, channel, mina = place
    other = server.user("jun")
    server.join(guild, other)
    async with running(server, build()):
        inv = await server.slash(mina, channel, "imagine", {"prompt": "x", "private": True})
        message = await inv.pictured()
        with pytest.raises(Misuse, match="private"):
            await server.press(other, message, "Re-roll")
        await (await server.press(mina, message, "Re-roll")).shows("re-roll of abc")
    assert inv.ephemeral
    assert message not in channel.visible
    assert (await raw("GET", f"/channels/{channel.id}/messages/{message.id}"))[0] == 404
    assert server.violations == []


async def test_persistent_buttons_modals_and_menus_reach_a_client_that_never_saw_the_message(server, place):
    _, channel, mina = place
    async with running(server, build()):
        message = await (await server.slash(mina, channel, "imagine", {"prompt": "fox"})).pictured()
    async with running(server, build()):
        reply = await (await server.press(mina, message, "🔁")).shows("re-roll of abc")
        opened = await (await server.press(mina, message, "Remix")).response()
        await (await server.submit(opened, {"prompt": "a blue fox"})).shows("remixed: a blue fox")
        await (await server.message_command(mina, message, "Re-roll")).shows(f"again {message.id}")
    assert reply is not message
    assert reply.referenced is message
    assert message.content == "remixed: a blue fox"
    assert server.violations == []


async def test_autocomplete_and_subcommands_follow_the_registered_shape(server, place):
    _, channel, mina = place
    async with running(server, build()):
        inv = await server.autocomplete(
            mina, channel, "imagine", {"prompt": "x", "model": "fl"}, focused="model"
        )
        await inv.response()
        told = await server.slash(mina, channel, "easel credits", {"person": mina})
        await told.shows("mina has 10 credits")
        for name, options in (
            ("imagine", {}),
            ("imagine", {"prompt": "x", "size": 1}),
            ("nope", {}),
            ("easel", {}),
            ("imagine", {"prompt": 3}),
        ):
            with pytest.raises(Misuse):
                await server.slash(mina, channel, name, options)
    assert [one["value"] for one in inv.choices] == ["flux"]
    assert told.ephemeral
    assert not told.followups
    assert server.violations == []


async def test_reactions_arrive_raw_and_a_missing_intent_is_noted(server, place):
    _, channel, mina = place
    message = await server.say(mina, channel, "hello")
    async with running(server, build()) as client:
        await server.react(mina, message, "🔁")
        await server.until(lambda: client.reactions)
        direct = await server.say(mina, server.dm(mina), "psst")
        await server.react(mina, direct, "❌")
        await server.until(lambda: len(client.reactions) == 2)
    assert client.reactions == [(mina.id, message.id, "🔁"), (mina.id, direct.id, "❌")]
    assert server.violations == []
    async with running(server, build(intents=discord.Intents(guilds=True))):
        await server.unreact(mina, message, "🔁")
    assert [one.kind for one in server.violations] == ["missing intent"]


async def test_a_dropped_client_resumes_and_loses_no_command(server, place):
    _, channel, mina = place
    async with running(server, build()) as client:
        await server.until(lambda: server.commands.scopes)
        await server.drop()
        assert not server.ready
        inv = await server.slash(mina, channel, "imagine", {"prompt": "missed"})
        assert not inv.delivered
        await inv.pictured()
        await server.until(lambda: client.resumes == 1)
        await server.reconnect()
        await server.until(lambda: client.resumes == 2)
    assert len(server.gateway.identifies) == 1
    assert server.violations == []


async def test_an_invalid_session_identifies_anew(server, place, monkeypatch):
    _, channel, mina = place
    client = build()

    async def at_once(shard_id, *, initial=False):
        return None

    client.before_identify_hook = at_once
    async with running(server, client):
        await server.until(lambda: server.commands.scopes)
        await server.invalidate()
        await server.until(lambda: len(server.gateway.identifies) == 2)
        await server.until(lambda: server.ready)
        await (await server.slash(mina, channel, "imagine", {"prompt": "again"})).pictured()
    assert client.resumes == 0
    assert server.violations == []


async def test_guilds_come_and_go_on_their_own_shard(server, monkeypatch):
    mina = server.user("mina")
    guilds = [await server.guild(f"g{index}", shard=(index, 2)) for index in (0, 1)]
    channels = [await server.channel(guild) for guild in guilds]
    for guild in guilds:
        server.join(guild, mina)
    server.recommended_shards = 2
    client = build(ShardedListener)

    async def at_once(shard_id, *, initial=False):
        return None

    client.before_identify_hook = at_once
    async with running(server, client):
        await server.until(lambda: len(server.gateway.live) == 2)
        for channel in channels:
            await (await server.slash(mina, channel, "imagine", {"prompt": "fox"})).pictured()
        await client.wait_until_ready()
        assert [there(client.get_guild(guild.id)).shard_id for guild in guilds] == [0, 1]
        fresh = await server.guild("new", shard=(1, 2))
        await server.until(lambda: client.joined == [fresh.id])
        await server.remove_guild(fresh)
        await server.until(lambda: client.left == [fresh.id])
    assert [one["shard"] for one in server.gateway.identifies] == [[0, 2], [1, 2]]
    assert server.violations == []


@pytest.mark.parametrize(
    ("token", "intents", "code"),
    [("wrong", INTENTS, 401), (None, INTENTS | discord.Intents(message_content=True), 4014)],
)
async def test_a_wrong_token_and_a_privileged_intent_are_refused(server, token, intents, code):
    error = discord.LoginFailure if code == 401 else discord.PrivilegedIntentsRequired
    with pytest.raises(error):
        async with running(server, build(intents=intents), token):
            await asyncio.sleep(5)
    assert [one.kind for one in server.violations] == ["unauthorised" if code == 401 else "gateway close"]


async def test_the_user_installed_app_answers_where_the_bot_is_no_member(server):
    elsewhere = await server.guild("elsewhere", bot_in=False)
    channel = await server.channel(elsewhere)
    mina, stranger = server.user("mina", installed=True), server.user("jun")
    for user in (mina, stranger):
        server.join(elsewhere, user)
    client = build()
    cast(
        "app_commands.Command[Any, Any, Any]", client.tree.get_command("imagine")
    ).allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
    async with running(server, client):
        message = await (await server.slash(mina, channel, "imagine", {"prompt": "fox"})).pictured()
        direct = await (await server.slash(mina, server.dm(mina), "imagine", {"prompt": "fox"})).pictured()
        among = await (
            await server.slash(mina, server.group(mina, stranger), "imagine", {"prompt": "x"})
        ).pictured()
        with pytest.raises(Misuse, match="installed"):
            await server.slash(stranger, channel, "imagine", {"prompt": "fox"})
        with pytest.raises(discord.Forbidden):
            await client.http.send_message(channel.id, params=discord.http.handle_message_parameters("hi"))
    assert message.channel is channel
    assert direct.channel is server.dm(mina)
    assert len(among.channel.recipients) == 2
    assert server.violations == []


async def test_replies_files_and_history_through_the_channel(server, place):
    _, channel, mina = place
    async with running(server, build()) as client:
        await client.wait_until_ready()
        there = client.get_channel(channel.id)
        first = await there.send(
            "one", file=picture(), allowed_mentions=discord.AllowedMentions.none(), nonce="n1"
        )
        again = await there.send("one", file=picture(), nonce="n1")
        reply = await there.send("two", reference=first, mention_author=False)
        kept = await first.edit(attachments=[*first.attachments, picture("second.png")])
        assert [one.filename for one in kept.attachments] == ["fox.png", "second.png"]
        assert await kept.attachments[0].read() == png()
        gone = await first.edit(attachments=kept.attachments[1:])
        assert [one.content async for one in there.history(limit=5)] == ["two", "one"]
        await reply.add_reaction("⭐")
        await reply.delete()
        person = await client.fetch_user(mina.id)
        await person.send("psst")
        mina.dms_closed = True
        with pytest.raises(discord.Forbidden, match="50007"):
            await person.send("again")
        assert (await client.application_info()).name == "easel"
    assert again.id == first.id
    assert [one.filename for one in gone.attachments] == ["second.png"]
    assert [len(old.attachments) for old in channel.messages[first.id].history] == [1, 2]
    assert channel.messages[reply.id].reactions == {"⭐": [server.bot.id]}
    assert [one.content for one in server.dm(mina).visible] == ["psst"]
    assert server.violations == []


async def test_labelled_modals_selects_layouts_and_threads_are_understood(server, place):
    guild, _channel, mina = place
    nsfw = await server.channel(guild, "nsfw", nsfw=True)
    thread = await server.thread(nsfw)
    client = build()
    seen: list[Any] = []

    class Form(discord.ui.Modal, title="Form"):
        words: Any = discord.ui.Label(
            text="Words", component=discord.ui.TextInput(custom_id="words", required=False)
        )
        model: Any = discord.ui.Label(
            text="Model",
            component=discord.ui.Select(
                custom_id="model", options=[discord.SelectOption(label=one) for one in ("flux", "fizz")]
            ),
        )

        async def on_submit(self, interaction):
            words, model = self.words.component, self.model.component
            assert isinstance(words, discord.ui.TextInput)
            assert isinstance(model, discord.ui.Select)
            seen.append((words.value, model.values))
            await interaction.response.send_message("thanks", ephemeral=True)

    class Page(discord.ui.LayoutView):
        text: Any = discord.ui.TextDisplay("a page")
        row: Any = discord.ui.ActionRow()

        @row.select(
            placeholder="pick", options=[discord.SelectOption(label="one"), discord.SelectOption(label="two")]
        )
        async def pick(self, interaction, select):
            seen.append(select.values)
            await interaction.response.send_modal(Form())

    @client.tree.command(description="d")
    async def page(interaction: discord.Interaction) -> None:
        seen.append(
            (
                type(interaction.channel),
                cast("discord.TextChannel", interaction.channel).is_nsfw(),
                interaction.filesize_limit,
                str(interaction.locale),
            )
        )
        await interaction.response.send_message(view=Page())

    async with running(server, client):
        await client.wait_until_ready()
        message = await (await server.slash(mina, thread, "page")).shows("a page")
        opened = await (
            await server.select(mina, message, lambda one: one.get("placeholder") == "pick", "two")
        ).response()
        await (await server.submit(opened, {"model": ["fizz"], "words": "hi"})).shows("thanks")
    assert seen == [(discord.Thread, True, 10 * MIB, "en-US"), ["two"], ("hi", ["fizz"])]
    assert server.violations == []


async def test_two_hundred_commands_at_once_are_all_acknowledged_in_time(server, place):
    _, channel, mina = place
    async with running(server, build()):
        burst = [server.slash(mina, channel, "easel credits", {}) for _ in range(200)]
        invocations = await asyncio.gather(*burst)
        await asyncio.gather(*(one.response() for one in invocations))
        await asyncio.gather(*(one.shows("credits") for one in invocations))
    assert sorted(one.ack_s for one in invocations)[197] < 3
    assert server.violations == []


async def test_a_client_that_beats_stays_and_one_that_does_not_is_dropped(server, place):
    server.gateway.heartbeat_interval_s = 0.3
    async with running(server, build()), aiohttp.ClientSession() as session:
        async with session.ws_connect(server.gateway_url + "?v=10&encoding=json") as silent:
            await silent.receive_json()
            assert (await silent.receive()).type is aiohttp.WSMsgType.CLOSE
            assert silent.close_code == 4009
        assert server.ready
    assert len(server.gateway.identifies) == 1


BOT = """
import os, sys, warnings, yarl
warnings.simplefilter("ignore")
import discord
discord.http.Route.BASE = os.environ["API"]
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["GATEWAY"])
client = discord.Client(intents=discord.Intents(guilds=True))
client.tree = discord.app_commands.CommandTree(client)

@client.tree.command(description="d")
async def imagine(interaction: discord.Interaction, prompt: str):
    await interaction.response.send_message("painting")
    await interaction.edit_original_response(content="done")

client.setup_hook = client.tree.sync
client.run(os.environ["TOKEN"], log_handler=None)
"""


async def test_a_hook_can_kill_the_program_between_two_calls(server, place):
    _, channel, mina = place
    environment = {
        **os.environ,
        "API": server.api_base_url,
        "GATEWAY": server.gateway_url,
        "TOKEN": server.token,
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", BOT, env=environment)

    def kill(phase, request):
        if phase == "after" and request.template.endswith("/callback"):
            process.kill()

    server.on_request(kill)
    await server.until(lambda: server.ready)
    inv = await server.slash(mina, channel, "imagine", {"prompt": "x"})
    assert await asyncio.wait_for(process.wait(), PATIENCE_S) == -signal.SIGKILL
    assert inv.message.content == "painting"
    await server.until(lambda: not server.ready)
    assert server.requests[-1].template.endswith("/callback")
    assert server.violations == []


# --- faults, limits, hooks


async def test_a_real_rate_limit_is_told_by_headers_and_waited_for(server, place):
    _, channel, _ = place
    server.limits.overrides["POST /channels/{channel}/messages"] = (2, 0.4)
    async with running(server, build()) as client:
        await client.wait_until_ready()
        started = time.monotonic()
        await asyncio.gather(*(client.get_channel(channel.id).send(str(index)) for index in range(5)))
        assert time.monotonic() - started > 0.7
    assert len(channel.visible) == 5
    assert server.violations == []


async def test_forced_429_5xx_and_lost_answers_strike_as_often_as_told(server, place, raw):
    _, channel, _ = place
    path = f"/channels/{channel.id}/messages"
    server.faults.limit("POST /channels/*/messages", 0.2, scope="global")
    server.faults.fail("GET /channels/*/messages", 502)
    server.faults.cut_after("PATCH /channels/*/messages/*")
    server.faults.cut_before("DELETE /channels/**")
    status, body = await raw("POST", path, json={"content": "x"})
    assert (status, body["global"], body["retry_after"]) == (429, True, 0.2)
    assert raw.headers["Via"]
    assert raw.headers["Content-Type"] == "application/json"
    status, made = await raw("POST", path, json={"content": "x"})
    assert status == 200
    assert (await raw("GET", path))[0] == 502
    with pytest.raises(aiohttp.ClientError):
        await raw("PATCH", f"{path}/{made['id']}", json={"content": "y"})
    assert channel.visible[0].content == "y"
    with contextlib.suppress(aiohttp.ClientError):
        # aiohttp itself repeats a DELETE whose kept-alive connection broke.
        await raw("DELETE", f"{path}/{made['id']}")
    cut = [one for one in server.requests if one.status == 0]
    assert [(one.method, one.fault) for one in cut] == [("PATCH", "cut_after"), ("DELETE", "cut_before")]
    assert server.violations == []


async def test_enforced_limits_are_discords(server, place, raw):
    _, channel, _ = place
    server.limits.enforced = True
    statuses = [
        (await raw("POST", f"/channels/{channel.id}/messages", json={"content": "x"}))[0] for _ in range(6)
    ]
    assert statuses == [200] * 5 + [429]
    assert raw.headers["X-RateLimit-Scope"] == "user"
    assert float(raw.headers["X-RateLimit-Reset-After"]) <= 5
    assert len(server.records.rate_limited) == 1


async def test_hooks_stand_before_and_after_every_request(server, raw):
    seen = []
    server.on_request(lambda phase, request: seen.append((phase, request.path, request.status)))
    await raw("GET", "/users/@me")
    assert seen == [("before", "/users/@me", None), ("after", "/users/@me", 200)]


# --- strictness, by hand


async def test_the_first_response_is_due_in_three_seconds_and_only_once(server, place, raw):
    _, channel, mina = place
    await command(raw, server)
    inv = await server.slash(mina, channel, "imagine", {"prompt": "x"})
    status, body = await answer(
        raw, inv, {"type": 4, "data": {"content": "hi"}}, params={"with_response": "1"}
    )
    assert (status, body["resource"]["message"]["content"]) == (200, "hi")
    assert body["interaction"]["response_message_id"] == str(inv.message.id)
    assert (await answer(raw, inv, {"type": 5}))[1]["code"] == 40060
    late = await server.slash(mina, channel, "imagine", {"prompt": "x"})
    server.clock.advance(3.1)
    assert late.failed
    assert await answer(raw, late, {"type": 5}) == (404, {"message": "Unknown interaction", "code": 10062})
    assert [one.kind for one in server.violations] == ["double response", "late"]


async def test_an_unanswered_interaction_is_a_violation(server, place):
    _, channel, mina = place
    async with running(server, build()) as client:
        await server.until(lambda: server.commands.scopes)
        client.tree.clear_commands(guild=None)
        client.tree.on_error = lambda interaction, error: asyncio.sleep(0)
        await server.slash(mina, channel, "imagine", {"prompt": "x"})
        server.clock.advance(4)
    assert [one.kind for one in server.violations] == ["unanswered"]
    server.forgive()
    assert server.violations == []


async def test_tokens_live_fifteen_minutes(server, place, raw):
    _, channel, mina = place
    await command(raw, server)
    inv = await server.slash(mina, channel, "imagine", {"prompt": "x"})
    base = f"/webhooks/{server.world.application_id}/{inv.token}"
    assert (await raw("PATCH", base + "/messages/@original", json={"content": "y"}))[1]["code"] == 10015
    assert (await answer(raw, inv, {"type": 5, "data": {"flags": 64}}))[0] == 204
    assert inv.message.loading
    status, body = await raw("POST", base, json={"content": "first"})
    assert (status, body["id"], body["flags"]) == (200, str(inv.message.id), 64)
    assert (await raw("POST", base, json={"content": "second"}))[1]["id"] != body["id"]
    assert (await raw("GET", base + "/messages/@original"))[1]["content"] == "first"
    server.clock.advance(901)
    assert (await raw("PATCH", base + "/messages/@original", json={"content": "z"}))[1]["code"] == 50027
    assert (await raw("PATCH", f"/webhooks/{server.world.application_id}/zzz/messages/@original", json={}))[
        1
    ]["code"] == 10015
    assert (await raw("PATCH", f"/channels/{channel.id}/messages/{body['id']}", json={"content": "y"}))[1][
        "code"
    ] == 10008
    assert [one.kind for one in server.violations] == ["not answered yet"]


@pytest.mark.parametrize("kind", [1, 6, 7, 8, 99])
async def test_a_command_takes_no_answer_meant_for_another_kind(server, place, raw, kind):
    _, channel, mina = place
    await command(raw, server)
    inv = await server.slash(mina, channel, "imagine", {"prompt": "x"})
    assert (await answer(raw, inv, {"type": kind, "data": {}}))[1]["code"] == 50035


def button(**facts):
    return {"type": 2, "style": 1, "label": "x", "custom_id": "a"} | facts


BAD_MESSAGES = [
    ({"content": "x" * 2001}, "content"),
    ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title"),
    ({"embeds": [{"description": "x" * 4097}]}, "embeds.0.description"),
    ({"embeds": [{"description": "x" * 4000}] * 2}, "embeds"),
    ({"embeds": [{"fields": [{"name": "a", "value": "b"}] * 26}]}, "embeds.0.fields"),
    ({"embeds": [{"fields": [{"name": "", "value": "b"}]}]}, "embeds.0.fields.0.name"),
    ({"embeds": [{"image": {"url": "attachment://missing.png"}}]}, "embeds.0.image.url"),
    ({"embeds": [{"title": "x"}] * 11}, "embeds"),
    ({"components": [{"type": 1, "components": [button(custom_id=str(n)) for n in range(6)]}]}, "components.0.components"),
    ({"components": [{"type": 1, "components": [button(custom_id=str(n))]} for n in range(6)]}, "components"),
    ({"components": [{"type": 1, "components": [button(), button()]}]}, "components.0.components.1.custom_id"),
    ({"components": [{"type": 1, "components": [button(custom_id="x" * 101)]}]}, "components.0.components.0.custom_id"),
    ({"components": [{"type": 1, "components": [button(label="x" * 81)]}]}, "components.0.components.0.label"),
    ({"components": [{"type": 1, "components": [button(style=5)]}]}, "components.0.components.0.url"),
    ({"components": [{"type": 1, "components": [{"type": 3, "custom_id": "s", "options": []}]}]}, "components.0.components.0.options"),
    ({"components": [button()]}, "components.0.type"),
    ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, "allowed_mentions.parse"),
    ({"content": "x", "nonce": "n" * 26}, "nonce"),
    ({"content": "x", "attachments": [{"id": 0, "filename": "a.png"}]}, "attachments.0.id"),
    ({"content": "x", "flags": 128}, "flags"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "path"), BAD_MESSAGES, ids=[f"{index}-{path}" for index, (_, path) in enumerate(BAD_MESSAGES)]
)
async def test_a_message_over_a_limit_answers_with_the_error_tree(server, place, raw, body, path):
    _, channel, _ = place
    status, answered = await raw("POST", f"/channels/{channel.id}/messages", json=body)
    assert (status, answered["code"]) == (400, 50035)
    node = answered["errors"]
    for part in path.split("."):
        node = node[part]
    assert node["_errors"]
    assert [one.kind for one in server.violations] == ["invalid body"]
    assert channel.visible == []


async def test_files_are_counted_weighed_and_decoded(server, place, raw):
    guild, channel, _ = place
    path = f"/channels/{channel.id}/messages"
    many = {f"f{n}": ("a.txt", b"x") for n in range(11)}
    assert (await raw("POST", path, data=form({"content": "x"}, **many)))[1]["code"] == 50035
    big = bytes(11 * MIB)
    assert await raw("POST", path, data=form({}, a=("a.bin", big))) == (
        413,
        {"message": "Request entity too large", "code": 40005},
    )
    guild.boost_level = 2
    status, made = await raw("POST", path, data=form({}, a=("a.bin", big)))
    assert (status, made["attachments"][0]["size"]) == (200, 11 * MIB)
    three = {name: (f"{name}.bin", bytes(9 * MIB)) for name in "abc"}
    assert (await raw("POST", path, data=form({}, **three)))[1]["code"] == 40005
    server.forgive()
    status, made = await raw(
        "POST", path, data=form({"embeds": [{"image": {"url": "attachment://a.png"}}]}, a=("a.png", png()))
    )
    assert status == 200
    assert made["attachments"] == []
    link = yarl.URL(made["embeds"][0]["image"]["url"], encoded=True)
    async with aiohttp.ClientSession() as session:
        async with session.get(link) as answered:
            assert await answered.read() == png()
        server.clock.advance(86_401)
        async with session.get(link) as answered:
            assert answered.status == 404
    assert server.violations == []
    await raw("POST", path, data=form({}, a=("a.png", b"not a picture")))
    await raw("POST", path, data=form({}, a=("a.webp", png())))
    assert [one.kind for one in server.violations] == ["broken image"] * 2


async def test_a_file_hides_in_its_embed_and_reappears_when_linked_by_url(server, place, raw):
    _, channel, _ = place
    path = f"/channels/{channel.id}/messages"
    by_name = [{"title": "t", "image": {"url": "attachment://a.png"}}]
    made = (await raw("POST", path, data=form({"embeds": by_name}, a=("a.png", png()))))[1]
    edited = (await raw("PATCH", f"{path}/{made['id']}", json={"embeds": by_name, "content": "x"}))[1]
    assert (made["attachments"], edited["attachments"]) == ([], [])
    by_link = {"embeds": made["embeds"]}
    assert (await raw("PATCH", f"{path}/{made['id']}", json=by_link | {"attachments": []}))[1][
        "attachments"
    ] == []
    assert server.violations == []
    assert len((await raw("PATCH", f"{path}/{made['id']}", json=by_link))[1]["attachments"]) == 1
    assert [one.kind for one in server.violations] == ["shown twice"]
    assert (
        await raw("PATCH", f"{path}/{made['id']}", json={"embeds": [], "attachments": [], "content": "y"})
    )[1]["attachments"] == []
    assert channel.visible[0].attachments == []


async def test_permissions_and_places_are_checked(server, place, raw):
    _guild, channel, mina = place
    path = f"/channels/{channel.id}/messages"

    async def code(method="POST", where=path, **body):
        answered = await raw(method, where, json={"content": "x"} | body)
        return answered[1]["code"] if answered[0] >= 400 else answered[0]

    theirs = await server.say(mina, channel, "hi")
    assert await code("PATCH", f"{path}/{theirs.id}") == 50005
    assert await code("POST", "/channels/1/messages") == 10003
    assert await code("PATCH", f"{path}/1") == 10008
    for permission, wanted in (("view_channel", 50001), ("send_messages", 50013), ("embed_links", 50013)):
        await server.overwrite(channel, server.bot, deny=(permission,))
        assert await code(embeds=[{"title": permission}]) == wanted
    await server.overwrite(channel, server.bot, deny=("attach_files", "read_message_history"))
    assert (await raw("POST", path, data=form({}, a=("a.txt", b"x"))))[1]["code"] == 50013
    assert await code(message_reference={"message_id": theirs.id}) == 160002
    thread = await server.thread(channel)
    mine = (await raw("POST", f"/channels/{thread.id}/messages", json={"content": "x"}))[1]
    await server.archive(thread, locked=True)
    assert await code("POST", f"/channels/{thread.id}/messages") == 50083
    assert await code("PATCH", f"/channels/{thread.id}/messages/{mine['id']}") == 50083
    await server.delete_channel(channel)
    assert await code(content="late") == 10003
    assert server.violations == []


async def test_repeating_what_was_refused_is_a_violation(server, raw):
    for _ in range(2):
        await raw("GET", "/channels/1/messages/2")
    await raw("GET", "/nothing/here")
    assert [one.kind for one in server.violations] == ["retried", "unknown route"]


async def test_pings_are_counted_as_discord_would_notify(server, place, raw):
    _guild, channel, mina = place
    path = f"/channels/{channel.id}/messages"
    theirs = await server.say(mina, channel, "hi")
    quiet: dict[str, Any] = {"allowed_mentions": {"parse": []}}
    loud = {"content": f"<@{mina.id}> @everyone"}
    await raw("POST", path, json=loud | quiet)
    await raw(
        "POST", path, json={"content": "x", "message_reference": {"message_id": str(theirs.id)}} | quiet
    )
    assert server.pings == []
    await raw("POST", path, json=loud)
    await raw("POST", path, json={"content": "x", "message_reference": {"message_id": str(theirs.id)}})
    assert [one.target for one in server.pings] == ["everyone", mina.id, mina.id]


BAD_COMMANDS = [
    {"name": "Imagine"}, {"name": "two words"}, {"name": "x" * 33}, {"description": "d" * 101}, {"description": ""},
    {"name_localizations": {"xx": "a"}}, {"contexts": [3]}, {"integration_types": [2]}, {"default_member_permissions": "no"},
    {"options": [{"type": 3, "name": "a", "description": "d"}, {"type": 3, "name": "b", "description": "d", "required": True}]},
    {"options": [{"type": 3, "name": "a", "description": "d"}] * 2},
    {"options": [{"type": 3, "name": "a", "description": "d", "choices": [{"name": "c", "value": str(n)} for n in range(26)]}]},
    {"options": [{"type": 3, "name": "a", "description": "d", "choices": [{"name": "c", "value": 1}]}]},
    {"options": [{"type": 3, "name": "a", "description": "d", "choices": [{"name": "c", "value": "1"}], "autocomplete": True}]},
    {"surprise": 1},
]  # fmt: skip


@pytest.mark.parametrize("flaw", BAD_COMMANDS, ids=str)
async def test_a_malformed_command_is_not_registered(server, raw, flaw):
    body = [{"name": "imagine", "description": "d"} | flaw]
    status, answered = await raw("PUT", f"/applications/{server.world.application_id}/commands", json=body)
    assert (status, answered["code"]) == (400, 50035)
    assert server.commands.writes == []


async def test_registrations_are_counted_and_localisations_shown_on_request(server, place, raw):
    guild, _, _ = place
    body = [{"name": "imagine", "description": "d", "name_localizations": {"ko": "그림"}}]
    path = f"/applications/{server.world.application_id}/commands"
    first = (await raw("PUT", path, json=body))[1]
    second = (await raw("PUT", path, json=body))[1]
    assert first[0]["id"] == second[0]["id"]
    assert "name_localizations" not in (await raw("GET", path))[1][0]
    assert (await raw("GET", path + "?with_localizations=true"))[1][0]["name_localizations"] == {"ko": "그림"}
    await raw("POST", f"/applications/{server.world.application_id}/guilds/{guild.id}/commands", json=body[0])
    assert server.commands.writes == [("PUT", None), ("PUT", None), ("POST", guild.id)]


async def test_commands_are_offered_only_where_and_to_whom_they_were_meant(server, place, raw):
    guild, channel, mina = place
    mod = server.user("mod")
    server.join(guild, mod, server.role(guild, "mods", "manage_guild"))
    await command(raw, server, default_member_permissions=str(1 << 5), contexts=[0])
    with pytest.raises(Misuse, match="default_member_permissions"):
        await server.slash(mina, channel, "imagine", {"prompt": "x"})
    with pytest.raises(Misuse, match="context"):
        await server.slash(mod, server.dm(mod), "imagine", {"prompt": "x"})
    assert await server.slash(mod, channel, "imagine", {"prompt": "x"})


async def test_modals_and_choices_have_limits_too(server, place, raw):
    _, channel, mina = place
    option = {"type": 3, "name": "prompt", "description": "d", "autocomplete": True}
    await command(raw, server, options=[option])
    field = {"type": 4, "custom_id": "p", "style": 2, "label": "Prompt", "min_length": 3}
    inv = await server.slash(mina, channel, "imagine")
    bad = {"title": "x" * 46, "custom_id": "m", "components": [{"type": 1, "components": [field]}]}
    assert set((await answer(raw, inv, {"type": 9, "data": bad}))[1]["errors"]["data"]) == {"title"}
    assert (await answer(raw, inv, {"type": 9, "data": bad | {"title": "ok"}}))[0] == 204
    with pytest.raises(Misuse):
        await server.submit(inv, {"p": "ab"})
    submitted = await server.submit(inv, {"p": "abc"})
    assert (await answer(raw, submitted, {"type": 7, "data": {"content": "x"}}))[1]["code"] == 50035
    assert (await answer(raw, submitted, {"type": 9, "data": bad}))[1]["code"] == 50035
    typed = await server.autocomplete(mina, channel, "imagine", {"prompt": "f"}, focused="prompt")
    many = [{"name": str(n), "value": str(n)} for n in range(26)]
    assert (await answer(raw, typed, {"type": 8, "data": {"choices": many}}))[1]["code"] == 50035
    assert (await answer(raw, typed, {"type": 8, "data": {"choices": [{"name": "n" * 101, "value": "v"}]}}))[
        1
    ]["code"] == 50035
    assert (await answer(raw, typed, {"type": 8, "data": {"choices": many[:25]}}))[0] == 204


async def test_the_gateway_closes_on_misuse_with_its_codes(server):
    hello = {"op": 2, "d": {"token": server.token, "intents": 1, "properties": {}}}
    cases = [
        ({"op": 99, "d": None}, 4003),
        ({"op": 2, "d": {"token": "no", "intents": 1}}, 4004),
        ({"op": 2, "d": {"token": server.token, "intents": 1 << 60}}, 4013),
        ({"op": 2, "d": {"token": server.token, "intents": 1, "shard": [3, 2]}}, 4010),
    ]
    async with aiohttp.ClientSession() as session:
        for frame, code in cases:
            async with session.ws_connect(server.gateway_url + "?v=10&encoding=json") as socket:
                assert (await socket.receive_json())["op"] == 10
                await socket.send_json(frame)
                await socket.receive()
                assert socket.close_code == code
        async with session.ws_connect(server.gateway_url + "?v=10&encoding=json") as socket:
            await socket.receive_json()
            await socket.send_json(hello)
            assert (await socket.receive_json())["t"] == "READY"
            await socket.send_json({"op": 1, "d": 1})
            assert (await socket.receive_json())["op"] == 11
            await socket.send_json(hello)
            await socket.receive()
            assert socket.close_code == 4005
