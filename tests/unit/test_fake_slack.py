"""The local Slack behaves as the real one towards unmodified slack_bolt and slack_sdk."""

import asyncio
import io
import json
import sys
import time
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from PIL import Image
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.fakes.patience import PATIENCE_S
from tests.fakes.slack import BadInput, SlackServer, escape, manifest_problems, unescaped_in

BUTTON = {
    "type": "button",
    "action_id": "reroll",
    "text": {"type": "plain_text", "text": "Re-roll"},
    "value": "job1",
}
MORE = {
    "type": "overflow",
    "action_id": "more",
    "options": [{"text": {"type": "plain_text", "text": t}, "value": t} for t in ("delete", "report")],
}
FORM: dict[str, Any] = {
    "type": "modal",
    "callback_id": "create",
    "title": {"type": "plain_text", "text": "Create a picture"},
    "submit": {"type": "plain_text", "text": "Create"},
    "blocks": [
        {
            "type": "input",
            "block_id": "prompt",
            "label": {"type": "plain_text", "text": "Prompt"},
            "element": {"type": "plain_text_input", "action_id": "prompt", "max_length": 3000},
        },
        {
            "type": "input",
            "block_id": "model",
            "optional": True,
            "dispatch_action": True,
            "label": {"type": "plain_text", "text": "Model"},
            "element": {
                "type": "static_select",
                "action_id": "model",
                "options": [
                    {"text": {"type": "plain_text", "text": m}, "value": m} for m in ("fast", "fine")
                ],
            },
        },
    ],
}
HOME = {"type": "home", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "100 credits"}}]}


def section(text="hello", **more):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def picture(kind="PNG", size=(8, 8)):
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def slack():
    async with SlackServer() as server:
        yield server


def client_of(slack, token=None):
    return AsyncWebClient(token or slack.tokens.bot, base_url=slack.api_base_url, retry_handlers=[])


async def upload(slack, client, data=None, name="fox.png"):
    data = picture() if data is None else data
    asked = await client.files_getUploadURLExternal(filename=name, length=len(data), alt_txt="a fox")
    async with aiohttp.ClientSession() as session, session.post(asked["upload_url"], data=data) as answer:
        assert answer.status == 200
    await client.files_completeUploadExternal(files=[{"id": asked["file_id"], "title": name}])
    return asked["file_id"]


async def refused(call, error):
    with pytest.raises(SlackApiError) as caught:
        await call
    assert caught.value.response["error"] == error
    return caught.value.response


async def raw_post(slack, path, body, **headers):
    async with (
        aiohttp.ClientSession() as session,
        session.post(slack.base + path, json=body, headers=headers) as answer,
    ):
        return answer.status, await answer.text()


class Listener(AsyncApp):
    """An app that remembers what it heard."""

    def __init__(self, **facts):
        super().__init__(**facts)
        self.seen: list[tuple[str, str]] = []


def small_app(slack):
    """A bot in miniature: what Easel does with Slack, without the pictures."""
    app = Listener(
        client=AsyncWebClient(slack.tokens.bot, base_url=slack.api_base_url), signing_secret=slack.http.secret
    )

    @app.command("/imagine")
    async def imagine(ack, body, client):
        await ack()
        if not body["text"]:
            await client.views_open(trigger_id=body["trigger_id"], view=FORM)
            return
        await client.chat_postMessage(
            channel=body["channel_id"],
            text=body["text"],
            blocks=[section(body["text"]), {"type": "actions", "elements": [BUTTON, MORE]}],
            metadata={"event_type": "easel_job", "event_payload": {"job": "job1"}},
        )

    @app.command("/easel")
    async def easel(ack):
        await ack("You have 100 credits.")

    @app.action("reroll")
    async def reroll(ack, body, client):
        await ack()
        app.seen.append(("reroll", body["actions"][0]["value"]))
        message = body["message"]
        await client.chat_update(
            channel=body["channel"]["id"], ts=message["ts"], text="again", blocks=[section("again")]
        )

    @app.action("more")
    async def more(ack, body, respond):
        await ack()
        await respond(text=body["actions"][0]["selected_option"]["value"], replace_original=False)

    @app.action("model")
    async def model(ack, body, client):
        await ack()
        changed = {**FORM, "title": {"type": "plain_text", "text": "Changed"}}
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=changed)

    @app.view("create")
    async def created(ack, view, body, client):
        prompt = view["state"]["values"]["prompt"]["prompt"]["value"]
        if prompt == "bad":
            await ack(response_action="errors", errors={"prompt": "Not this."})
            return
        await ack()
        await client.chat_postMessage(channel=body["user"]["id"], text=prompt)

    @app.shortcut("create")
    async def shortcut(ack, body, client):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.shortcut("remix")
    async def remix(ack, body):
        await ack()
        app.seen.append(("remix", body["message"]["ts"]))

    @app.event("app_mention")
    async def mention(event, say):
        await say(text="in the thread", thread_ts=event.get("thread_ts", event["ts"]))

    @app.event("message")
    async def message(event, body):
        app.seen.append((event.get("subtype", "message"), body["event_id"]))

    @app.event("reaction_added")
    async def added(event, body):
        app.seen.append((event["reaction"], body["event_id"]))

    @app.event("reaction_removed")
    async def removed(event):
        app.seen.append(("removed", event["reaction"]))

    @app.event("app_home_opened")
    async def home(event, client):
        await client.views_publish(user_id=event["user"], view=HOME)

    @app.event("tokens_revoked")
    async def revoked():
        app.seen.append(("revoked", ""))

    @app.event("app_uninstalled")
    async def uninstalled():
        app.seen.append(("uninstalled", ""))

    return app


@asynccontextmanager
async def over_sockets(slack, app):
    handler = AsyncSocketModeHandler(app, slack.tokens.app, ping_interval=0.3)
    await handler.connect_async()
    await slack.sockets.wait(1)
    try:
        yield handler
    finally:
        await handler.close_async()


@asynccontextmanager
async def over_http(slack, app):
    """The bot behind a request URL; what arrived is kept in app.arrived."""
    app.arrived = []

    async def handle(request):
        app.arrived.append((dict(request.headers), await request.text()))
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    site_app = web.Application()
    site_app.router.add_post("/slack/events", handle)
    runner = web.AppRunner(site_app, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.http.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    try:
        yield runner
    finally:
        await runner.cleanup()


@pytest.fixture(params=["sockets", "http"])
async def bot(request, slack):
    app = small_app(slack)
    async with (over_sockets if request.param == "sockets" else over_http)(slack, app):
        yield app


# --- A bot over both transports ---


async def test_a_command_is_acked_and_what_follows_is_seen(slack, bot):
    done = await slack.command(slack.alice, slack.general, "/imagine", "a red fox & <b>")
    placed = await done.message()
    assert done.acked
    assert done.ack_s < 3
    assert placed.text == "a red fox &amp; &lt;b&gt;"
    assert placed.metadata["event_payload"] == {"job": "job1"}
    assert placed.action_ids == ["reroll", "more"]
    assert slack.violations == []
    assert slack.pings == []
    assert [c.method for c in slack.calls if c.method.startswith("chat")] == ["chat.postMessage"]


async def test_an_ack_with_words_is_a_private_message(slack, bot):
    done = await slack.command(slack.bob, slack.general, "/easel", "credits")
    private = await done.ephemeral()
    assert ("You have 100 credits.", slack.bob.id, "ack") == (
        private.text,
        private.ephemeral_for,
        private.via,
    )
    assert done.messages == []


async def test_a_button_and_a_menu_are_pressed(slack, bot):
    placed = await (await slack.command(slack.alice, slack.general, "/imagine", "a fox")).message()
    chosen = await slack.overflow(slack.bob, placed, "more", "report")
    assert (await chosen.ephemeral()).text == "report"
    assert len(chosen.response_uses) == 1
    pressed = await slack.click(slack.bob, placed, "reroll")
    await slack.until(lambda: placed.text == "again")
    assert pressed.acked
    assert bot.seen[-1] == ("reroll", "job1")
    assert [e.text for e in placed.edits] == ["a fox"]
    with pytest.raises(BadInput):
        await slack.click(slack.bob, placed, "reroll")
    assert slack.violations == []


async def test_a_form_is_opened_changed_refused_and_submitted(slack, bot):
    form = await (await slack.command(slack.alice, slack.general, "/imagine")).modal()
    with pytest.raises(BadInput):
        await slack.submit_view(slack.alice, form)
    slack.fill(form, {"prompt": "typed before"})
    await slack.view_action(slack.alice, form, "model", "fine")
    await slack.until(lambda: form.body["title"]["text"] == "Changed")
    assert form.values["prompt"]["prompt"]["value"] == "typed before"
    await slack.submit_view(slack.alice, form, {"prompt": "bad"})
    assert (form.open, form.errors) == (True, {"prompt": "Not this."})
    done = await slack.submit_view(slack.alice, form, {"prompt": "a fox"})
    assert (await done.direct_message()).text == "a fox"
    assert not form.open
    assert slack.violations == []


async def test_shortcuts_reach_the_program(slack, bot):
    assert (await (await slack.shortcut(slack.alice, "create")).modal()).callback_id == "create"
    placed = await (await slack.command(slack.alice, slack.general, "/imagine", "a fox")).message()
    await slack.message_shortcut(slack.bob, placed, "remix")
    assert bot.seen[-1] == ("remix", placed.ts)
    assert {("global", "create"), ("message", "remix")} == slack.used.shortcuts


async def test_mentions_messages_reactions_and_the_home_arrive(slack, bot):
    root = await slack.mention(slack.alice, slack.general, "a red fox")
    answer = await root.message()
    assert answer.thread_ts == root.said.ts
    again = await slack.mention(slack.alice, slack.general, "in here", thread_ts=root.said.ts)
    assert (await again.message()).thread_ts == root.said.ts
    said = await slack.dm(slack.bob, "hello")
    assert said.acked
    await slack.react(slack.bob, answer, "repeat")
    await slack.unreact(slack.bob, answer, "repeat")
    await slack.open_home(slack.bob)
    await slack.until(lambda: slack.bob.id in slack.world.homes and len(bot.seen) >= 3)
    assert [name for name, _ in bot.seen] == ["message", "repeat", "removed"]
    assert slack.violations == []


async def test_the_same_event_comes_again_with_the_same_or_other_ids(slack, bot):
    placed = await (await slack.command(slack.alice, slack.general, "/imagine", "a fox")).message()
    event = await slack.react(slack.bob, placed, "repeat")
    await slack.deliver_again(event, 4)
    await slack.until(lambda: len(bot.seen) == 5)
    assert len(set(bot.seen)) == 1
    await slack.deliver_again(event, 5, new_ids=True)
    await slack.until(lambda: len(bot.seen) == 10)
    assert len(set(bot.seen)) == 6
    assert len(event.delivery.attempts) == 5


async def test_two_hundred_commands_in_a_burst_are_each_acked_once(slack, bot):
    slack.ack_deadline_s = PATIENCE_S  # who is quick enough is not this test's question
    done = await asyncio.gather(
        *(slack.command(slack.alice, slack.general, "/easel", "credits") for _ in range(200))
    )
    assert all(d.acked for d in done)
    assert len(slack.world.ephemerals) == 200


async def test_a_program_that_does_not_answer_is_noticed(slack, bot):
    slack.ack_deadline_s = 0.2
    event = asyncio.Event()

    @bot.command("/slow")
    async def slow(ack):
        await event.wait()
        await ack()

    done = await slack.command(slack.alice, slack.general, "/slow")
    assert done.failed == "operation_timeout"
    assert done.delivery in slack.deliveries.missed()
    event.set()
    if not slack.http.url:
        await slack.until(lambda: bool(slack.deliveries.late()))
        assert done.ack_s > 0.2


async def test_after_uninstalling_the_program_is_told_and_its_token_is_dead(slack, bot):
    if slack.http.url:
        await slack.command(slack.alice, slack.general, "/easel")
    await slack.app_uninstalled()
    await refused(client_of(slack).chat_postMessage(channel=slack.general.id, text="hi"), "account_inactive")
    assert [name for name, _ in bot.seen] == ["uninstalled", "revoked"]


# --- Socket Mode ---


async def test_dropped_sockets_are_opened_again_and_events_come_again(slack):
    app = small_app(slack)
    async with over_sockets(slack, app):
        assert slack.used.socket_mode
        placed = await (await slack.command(slack.alice, slack.general, "/imagine", "a fox")).message()
        assert await slack.sockets.drop() == 1
        lost = await slack.command(slack.alice, slack.general, "/imagine", "nobody hears")
        assert lost.failed == "dispatch_failed"
        event = await slack.react(slack.bob, placed, "repeat")
        assert not event.acked
        await slack.sockets.wait(1)
        slack.clock.advance(61)
        await slack.until(lambda: event.acked)
        assert app.seen[-1][0] == "repeat"
        assert slack.sockets.opened == 2


async def test_a_refreshed_socket_is_replaced(slack):
    app = small_app(slack)
    async with over_sockets(slack, app):
        await slack.sockets.refresh()
        await slack.until(lambda: slack.sockets.opened == 2 and slack.sockets.count == 1)
        assert (await slack.command(slack.alice, slack.general, "/easel")).acked
        await slack.sockets.refresh("warning")
        await slack.until(lambda: slack.sockets.opened == 3)


async def test_events_are_spread_over_connections_and_ten_are_the_most(slack):
    app = small_app(slack)
    async with over_sockets(slack, app), over_sockets(slack, app):
        await slack.sockets.wait(2)
        for _ in range(4):
            assert (await slack.command(slack.alice, slack.general, "/easel")).acked
        assert [c.sent for c in slack.sockets.open] == [2, 2]


async def test_the_eleventh_connection_a_wrong_ack_and_a_used_ticket_are_refused(slack):
    client = client_of(slack, slack.tokens.app)
    async with aiohttp.ClientSession() as session:
        sockets = []
        for number in range(10):
            url = (await client.apps_connections_open(app_token=slack.tokens.app))["url"]
            sockets.append(await session.ws_connect(url))
            assert (await sockets[-1].receive_json())["num_connections"] == number + 1
        url = (await client.apps_connections_open(app_token=slack.tokens.app))["url"]
        async with session.ws_connect(url) as one_more:
            assert (await one_more.receive_json())["reason"] == "too_many_websockets"
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)
        await sockets[0].send_json({"envelope_id": "nobody's"})
        await slack.until(lambda: len(slack.violations) == 2)
        assert {"too_many_websockets", "unknown_envelope"} == {v.kind for v in slack.violations}
        for socket in sockets:
            await socket.close()


async def test_a_line_cut_before_the_ack_brings_the_same_envelope_over_another(slack):
    client = client_of(slack, slack.tokens.app)
    async with aiohttp.ClientSession() as session:
        urls = [(await client.apps_connections_open(app_token=slack.tokens.app))["url"] for _ in range(2)]
        first, second = [await session.ws_connect(u) for u in urls]
        assert [(await s.receive_json())["type"] for s in (first, second)] == ["hello", "hello"]
        telling = asyncio.create_task(slack.command(slack.alice, slack.general, "/imagine", "a fox"))
        envelope = await first.receive_json()
        await slack.sockets.drop(1)
        twin = await second.receive_json()
        assert twin["envelope_id"] == envelope["envelope_id"]
        await second.send_json({"envelope_id": twin["envelope_id"]})
        assert (await telling).acked
        await second.close()
        await first.close()


# --- HTTP delivery ---


async def test_requests_are_signed_and_forged_or_old_ones_are_told_apart(slack):
    app = small_app(slack)
    async with over_http(slack, app):
        body = json.dumps({"type": "event_callback", "event": {"type": "app_mention"}})
        assert (await slack.http.post(body, "application/json", forged=True))[0] == 401
        old = int(time.time()) - 301
        assert (await slack.http.post(body, "application/json", timestamp=old))[0] == 401
        assert await slack.http.verify_url()


async def test_an_event_that_fails_comes_at_once_after_a_minute_and_after_five(slack):
    app = small_app(slack)
    async with over_http(slack, app):
        placed = await (await slack.command(slack.alice, slack.general, "/imagine", "a fox")).message()
        right, slack.http.secret = slack.http.secret, "wrong"
        event = await slack.react(slack.bob, placed, "repeat")
        tries = event.delivery.attempts
        await slack.until(lambda: len(tries) == 2 and tries[1].failure is not None)
        slack.clock.advance(60)
        await slack.until(lambda: len(tries) == 3 and tries[2].failure is not None)
        slack.http.secret = right
        slack.clock.advance(300)
        await slack.until(lambda: event.acked)
        retries = [h for h, _ in app.arrived if "X-Slack-Retry-Num" in h]
        assert [h["X-Slack-Retry-Num"] for h in retries] == ["1", "2", "3"]
        assert {h["X-Slack-Retry-Reason"] for h in retries} == {"http_error"}


# --- Strictness through slack_sdk ---


async def test_tokens_are_checked(slack):
    general = slack.general.id
    await refused(client_of(slack, "xoxb-wrong").auth_test(), "invalid_auth")
    await refused(AsyncWebClient(base_url=slack.api_base_url).auth_test(), "not_authed")
    await refused(
        client_of(slack, slack.tokens.app).chat_postMessage(channel=general, text="x"),
        "not_allowed_token_type",
    )
    await refused(
        client_of(slack).apps_connections_open(app_token=slack.tokens.bot), "not_allowed_token_type"
    )
    slack.tokens.revoke()
    await refused(client_of(slack).auth_test(), "token_revoked")
    slack.tokens.deactivate()
    await refused(client_of(slack).auth_test(), "account_inactive")
    slack.tokens.restore()
    answer = await client_of(slack).auth_test()
    assert answer["user_id"] == slack.world.bot_user
    assert "chat:write" in answer.headers["x-oauth-scopes"]


async def test_a_missing_scope_is_named(slack):
    slack.tokens.scopes.discard("users:read")
    answer = await refused(client_of(slack).users_info(user=slack.alice.id), "missing_scope")
    assert answer["needed"] == "users:read"
    assert "chat:write" in answer["provided"].split(",")
    await refused(client_of(slack).conversations_history(channel=slack.general.id), "missing_scope")
    assert slack.used.denied_scopes == {"users:read", "channels:history"}


async def test_an_unknown_method_is_a_violation(slack):
    await refused(client_of(slack).api_call("chat.shout"), "unknown_method")
    assert [v.kind for v in slack.violations] == ["unknown_method"]


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"bot_in": False}, "not_in_channel"),
        ({"archived": True}, "is_archived"),
        ({"restricted": True}, "restricted_action"),
        ({"kind": "group", "bot_in": False}, "channel_not_found"),
    ],
)
async def test_where_the_bot_may_not_write_it_is_told_why(slack, more, error):
    channel = slack.world.add_channel("other", **more)
    await refused(client_of(slack).chat_postMessage(channel=channel.id, text="hi"), error)
    assert slack.violations == []


async def test_updates_and_deletions_have_their_own_refusals(slack):
    client, general = client_of(slack), slack.general.id
    ts = (await client.chat_postMessage(channel=general, text="hi", blocks=[section()]))["ts"]
    [mine] = slack.messages
    await client.chat_update(channel=general, ts=ts, text="no blocks")
    assert (mine.text, mine.blocks, len(mine.edits[0].blocks)) == ("no blocks", [], 1)
    said = (await slack.say(slack.alice, general, "mine")).said
    await refused(client.chat_update(channel=general, ts=said.ts, text="x"), "cant_update_message")
    await refused(client.chat_delete(channel=general, ts=said.ts), "cant_delete_message")
    mine.edit_window_closed = True
    await refused(client.chat_update(channel=general, ts=ts, text="x"), "edit_window_closed")
    mine.edit_window_closed = False
    await refused(client.chat_update(channel=general, ts=ts, text="x" * 4001), "msg_too_long")
    await client.chat_delete(channel=general, ts=ts)
    await refused(client.chat_update(channel=general, ts=ts, text="x"), "message_not_found")
    await refused(client.chat_postMessage(channel=general, text="x" * 40_001), "msg_too_long")
    await refused(client.chat_postMessage(channel="C404", text="x"), "channel_not_found")


def buttons(count, **more):
    return {"type": "actions", "elements": [{**BUTTON, "action_id": f"b{n}", **more} for n in range(count)]}


def options(count, text="o"):
    return [{"text": {"type": "plain_text", "text": text}, "value": f"v{n}"} for n in range(count)]


PLAIN = {"type": "plain_text", "text": "x"}
IMAGE = {"type": "image", "alt_text": "a fox", "image_url": "https://example.com/fox.png"}


@pytest.mark.parametrize(
    "blocks",
    [
        [section()] * 51,
        [section("x" * 3001)],
        [section("")],
        [{"type": "header", "text": {**PLAIN, "text": "x" * 151}}],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        [buttons(26)],
        [buttons(1, text={**PLAIN, "text": "x" * 76})],
        [buttons(1, value="x" * 2001)],
        [buttons(1, action_id="x" * 256)],
        [buttons(1, style="loud")],
        [buttons(1, colour="red")],
        [buttons(1), buttons(1)],
        [section(block_id="a"), section(block_id="a")],
        [section(block_id="x" * 256)],
        [{k: v for k, v in IMAGE.items() if k != "alt_text"}],
        [{**IMAGE, "alt_text": "x" * 2001}],
        [{**IMAGE, "image_url": "ftp://example.com/fox.png"}],
        [{**IMAGE, "image_url": "https://example.com/" + "x" * 3000}],
        [{**IMAGE, "slack_file": {"id": "F1"}}],
        [{"type": "image", "alt_text": "x", "slack_file": {"id": "F404"}}],
        [{"type": "context", "elements": [PLAIN] * 11}],
        [{"type": "actions", "elements": [{**MORE, "options": options(1)}]}],
        [{"type": "actions", "elements": [{**MORE, "options": options(6)}]}],
        [{"type": "actions", "elements": [{**MORE, "options": options(2, "x" * 76)}]}],
        [
            {
                "type": "actions",
                "elements": [{"type": "static_select", "action_id": "s", "options": options(101)}],
            }
        ],
        [{"type": "actions", "elements": [{"type": "plain_text_input", "action_id": "s"}]}],
        [{"type": "carousel3d"}],
        "not blocks",
    ],
)
async def test_blocks_beyond_a_limit_are_refused(slack, blocks):
    call = client_of(slack).chat_postMessage(channel=slack.general.id, text="x", blocks=blocks)
    if blocks == "not blocks":
        await refused(call, "invalid_blocks_format")
    else:
        answer = await refused(call, "invalid_blocks")
        assert "json-pointer:/blocks" in answer["response_metadata"]["messages"][0]
    assert len(slack.violations) == 1
    assert slack.messages == []


async def test_blocks_at_their_limits_are_taken(slack):
    blocks = [
        section("x" * 3000, accessory=MORE, block_id="x" * 255),
        {"type": "header", "text": {**PLAIN, "text": "x" * 150}},
        {**IMAGE, "alt_text": "x" * 2000},
        {"type": "context", "elements": [PLAIN] * 10},
        buttons(25, value="x" * 2000, text={**PLAIN, "text": "x" * 75}),
        *[{"type": "divider"}] * 45,
    ]
    await client_of(slack).chat_postMessage(channel=slack.general.id, text="x", blocks=blocks)
    assert slack.violations == []


async def test_blocks_without_words_pings_and_raw_signs_are_noted(slack):
    client, general = client_of(slack), slack.general.id
    wordless = {"channel": general, "blocks": [section("<!here> <@U123> <!channel|c>")]}
    await client.api_call("chat.postMessage", json=wordless)
    assert [v.kind for v in slack.violations] == ["no_fallback_text"]
    assert [p.token for p in slack.pings] == ["<!here>", "<@U123>", "<!channel|c>"]
    slack.violations.clear()
    await client.chat_postMessage(
        channel=general, text=f"{escape('<b> & co')} <https://a.b/?a=1&b=2|link>\n> quoted"
    )
    assert slack.violations == []
    await client.chat_postMessage(channel=general, text="a < b")
    assert [v.kind for v in slack.violations] == ["unescaped"]
    assert unescaped_in("x &amp; y & z") == ["&"]
    await client.chat_postMessage(channel=general, text="hi @here", link_names=True)
    assert slack.pings[-1].token == "@here"


async def test_plain_texts_come_back_escaped_and_updates_want_ids(slack):
    client = client_of(slack)
    button = {**BUTTON, "text": {**PLAIN, "text": "Cats & dogs &amp; <b>"}, "value": "a & b"}
    blocks = [{"type": "actions", "elements": [button]}]
    sent = await client.chat_postMessage(channel=slack.alice.id, text="x", blocks=blocks)
    back = sent["message"]["blocks"][0]["elements"][0]
    assert (back["text"]["text"], back["value"]) == ("Cats &amp; dogs &amp; &lt;b&gt;", "a & b")
    await refused(client.chat_update(channel=slack.alice.id, ts=sent["ts"], text="x"), "channel_not_found")
    await client.chat_update(channel=sent["channel"], ts=sent["ts"], text="x")
    old = slack.world.add_channel("old")
    sent = await client.chat_postMessage(channel="#old", text="x")
    old.archived = True
    await refused(client.chat_update(channel=old.id, ts=sent["ts"], text="y"), "is_inactive")
    assert slack.violations == []


async def test_metadata_is_kept_and_found_in_the_history(slack):
    slack.tokens.scopes.add("channels:history")
    client, general = client_of(slack), slack.general.id
    meta = {"event_type": "easel_job", "event_payload": {"job": "j1"}}
    await client.chat_postMessage(channel=general, text="a", metadata=meta)
    plain = await client.conversations_history(channel=general)
    full = await client.conversations_history(channel=general, include_all_metadata=True)
    assert "metadata" not in plain["messages"][0]
    assert full["messages"][0]["metadata"] == meta
    bad = {"event_type": "easel job", "event_payload": {}}
    await refused(client.chat_postMessage(channel=general, text="a", metadata=bad), "invalid_metadata_format")


async def test_threads_and_pages_of_history(slack):
    slack.tokens.scopes.add("channels:history")
    client, general = client_of(slack), slack.general.id
    root = (await client.chat_postMessage(channel=general, text="root"))["ts"]
    reply = (await client.chat_postMessage(channel=general, text="reply", thread_ts=root))["ts"]
    await client.chat_postMessage(channel=general, text="second")
    replies = await client.conversations_replies(channel=general, ts=root)
    assert [m["text"] for m in replies["messages"]] == ["root", "reply"]
    pages = [
        p["messages"][0]["text"] async for p in await client.conversations_history(channel=general, limit=1)
    ]
    assert pages == ["second", "root"]
    await client.chat_postMessage(channel=general, text="wrong", thread_ts=reply)
    assert [v.kind for v in slack.violations] == ["thread_ts_of_reply"]
    await refused(
        client.chat_postMessage(channel=general, text="x", thread_ts="1.000001"), "thread_not_found"
    )


async def test_a_file_is_usable_only_when_slack_has_processed_it(slack):
    slack.files.processing_polls = 2
    client, general = client_of(slack), slack.general.id
    ident = await upload(slack, client)
    image = [{"type": "image", "alt_text": "a fox", "slack_file": {"id": ident}}]
    answer = await refused(
        client.chat_postMessage(channel=general, text="fox", blocks=image), "invalid_blocks"
    )
    assert "invalid slack file" in answer["response_metadata"]["messages"][0]
    slack.violations.clear()
    types = [(await client.files_info(file=ident))["file"]["mimetype"] for _ in range(3)]
    assert types == ["", "", "image/png"]
    await client.chat_postMessage(channel=general, text="fox", blocks=image)
    ts = slack.messages[-1].ts
    await client.chat_update(channel=general, ts=ts, text="fox", file_ids=[ident])
    assert slack.messages[-1].files == [ident]
    await client.files_delete(file=ident)
    await refused(client.files_info(file=ident), "file_deleted")
    assert slack.violations == []


async def test_processing_may_take_time_and_webp_is_never_shown(slack):
    slack.files.processing_s = 30
    client, general = client_of(slack), slack.general.id
    ident = await upload(slack, client, picture("WEBP"), "fox.webp")
    assert (await client.files_info(file=ident))["file"]["mimetype"] == ""
    slack.clock.advance(31)
    assert (await client.files_info(file=ident))["file"]["mimetype"] == "image/webp"
    image = [{"type": "image", "alt_text": "a fox", "slack_file": {"id": ident}}]
    await refused(client.chat_postMessage(channel=general, text="fox", blocks=image), "invalid_blocks")


async def test_uploads_of_slack_sdk_work_and_wrong_ones_are_refused(slack):
    client = client_of(slack)
    done = await client.files_upload_v2(
        channel=slack.general.id, file=picture("JPEG"), filename="fox.jpg", initial_comment="look"
    )
    assert slack.messages[-1].files == [done["file"]["id"]]
    assert slack.violations == []
    asked = await client.files_getUploadURLExternal(filename="fox.png", length=5)
    assert asked["upload_url"].startswith("http://127.0.0.1:")
    async with aiohttp.ClientSession() as session:
        async with session.post(asked["upload_url"], data=b"123456") as answer:
            assert answer.status == 400
        await refused(client.files_completeUploadExternal(files=[{"id": asked["file_id"]}]), "file_not_found")
        async with session.post(asked["upload_url"], data=b"12345") as answer:
            assert answer.status == 200
    assert [v.kind for v in slack.violations] == ["bad_upload", "file_not_uploaded", "bad_image"]
    slack.files.uploads_disabled = True
    await refused(client.files_getUploadURLExternal(filename="a.png", length=5), "file_uploads_disabled")
    slack.files.uploads_disabled, slack.files.storage_full = False, True
    await refused(client.files_getUploadURLExternal(filename="a.png", length=5), "storage_limit_reached")


async def test_a_trigger_lives_three_seconds_and_is_used_once(slack):
    client = client_of(slack)
    trigger = slack.triggers.make(slack.alice.id)
    opened = await client.views_open(trigger_id=trigger, view=FORM)
    await refused(client.views_open(trigger_id=trigger, view=FORM), "exchanged_trigger_id")
    old = slack.triggers.make(slack.alice.id)
    slack.clock.advance(3.1)
    await refused(client.views_open(trigger_id=old, view=FORM), "expired_trigger_id")
    await refused(client.views_open(trigger_id="1.2.3", view=FORM), "invalid_trigger_id")
    view = opened["view"]
    await client.views_update(view_id=view["id"], hash=view["hash"], view=FORM)
    await refused(client.views_update(view_id=view["id"], hash=view["hash"], view=FORM), "hash_conflict")
    top = list(slack.world.views.values())[-1]
    for _ in range(2):
        top = list(slack.world.views.values())[-1]
        await client.views_push(trigger_id=slack.triggers.make(slack.alice.id, top.id), view=FORM)
    one_more = slack.triggers.make(slack.alice.id, top.id)
    await refused(client.views_push(trigger_id=one_more, view=FORM), "push_limit_reached")


@pytest.mark.parametrize(
    "change",
    [
        {"title": {**PLAIN, "text": "x" * 25}},
        {"submit": {**PLAIN, "text": "x" * 25}},
        {"submit": None},
        {"private_metadata": "x" * 3001},
        {"callback_id": "x" * 256},
        {"blocks": [section()] * 101},
        {"blocks": [{**FORM["blocks"][0], "element": {**BUTTON}}]},
        {"blocks": [{**FORM["blocks"][0], "element": {"type": "plain_text_input", "max_length": 3001}}]},
        {"type": "home"},
    ],
)
async def test_views_beyond_a_limit_are_refused(slack, change):
    view = {k: v for k, v in {**FORM, **change}.items() if v is not None}
    trigger = slack.triggers.make(slack.alice.id)
    answer = await refused(client_of(slack).views_open(trigger_id=trigger, view=view), "invalid_arguments")
    assert "json-pointer:/view" in answer["response_metadata"]["messages"][0]


async def test_a_response_url_has_five_uses_and_thirty_minutes(slack):
    url = slack.response_urls.make("commands", slack.alice.id, slack.general.id)
    hook = AsyncWebhookClient(url.url)
    for n in range(5):
        answer = await hook.send(text=f"use {n}", response_type="in_channel" if n else "ephemeral")
        assert (answer.status_code, answer.body) == (200, "ok")
    assert (await hook.send(text="sixth")).status_code == 404
    assert (len(slack.messages), len(slack.world.ephemerals)) == (4, 1)
    old = slack.response_urls.make("commands", slack.alice.id, slack.general.id)
    slack.clock.advance(30 * 60 + 1)
    assert (await AsyncWebhookClient(old.url).send(text="late")).status_code == 404
    assert [v.kind for v in slack.violations] == ["response_url", "response_url"]


async def test_a_response_url_of_a_press_replaces_and_deletes_the_original(slack):
    client = client_of(slack)
    await client.chat_postEphemeral(channel=slack.general.id, user=slack.bob.id, text="for bob")
    [private] = slack.world.ephemerals
    hook = AsyncWebhookClient(
        slack.response_urls.make("actions", slack.bob.id, slack.general.id, private).url
    )
    await hook.send(text="other", replace_original=True)
    assert (private.text, private.edits[0].text) == ("other", "for bob")
    await hook.send(delete_original=True)
    assert private.deleted
    # By public reports a slash command's response_url has nothing to replace.
    plain = AsyncWebhookClient(slack.response_urls.make("commands", slack.bob.id, slack.general.id).url)
    await plain.send(text="first", response_type="in_channel")
    await plain.send(text="second", response_type="in_channel", replace_original=True)
    assert [m.text for m in slack.messages] == ["first", "second"]


async def test_rate_limits_are_as_slacks_when_switched_on(slack):
    slack.limits.enabled = True
    client, general = client_of(slack), slack.general.id
    stamps = [(await client.chat_postMessage(channel=general, text="burst"))["ts"] for _ in range(5)]
    answer = await refused(client.chat_postMessage(channel=general, text="one more"), "ratelimited")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    other = slack.world.add_channel("other")
    await client.chat_postMessage(channel=other.id, text="elsewhere")
    for _ in range(50):
        await client.chat_update(channel=general, ts=stamps[-1], text="edit")
    answer = await refused(client.chat_update(channel=general, ts=stamps[-1], text="edit"), "ratelimited")
    slack.clock.advance(int(answer.headers["Retry-After"]))
    await client.chat_update(channel=general, ts=stamps[-1], text="edit")


async def test_planned_faults_spoil_calls_before_or_after_the_work(slack):
    client, general = client_of(slack), slack.general.id
    slack.faults.rate_limit("chat.postMessage", times=1, retry_after_s=0)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler())
    await client.chat_postMessage(channel=general, text="in the end")
    slack.faults.fail("chat.update", "edit_window_closed")
    await refused(
        client.chat_update(channel=general, ts=slack.messages[0].ts, text="x"), "edit_window_closed"
    )
    slack.faults.break_answer("chat.postMessage", content_type="text/plain", body="upstream error")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=general, text="never")
    assert caught.value.response.data == "upstream error"
    slack.faults.cut("chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=general, text="never")
    slack.faults.cut("chat.postMessage", after=True)
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=general, text="done, not heard")
    assert [m.text for m in slack.messages] == ["in the end", "done, not heard"]
    assert slack.calls[-1].done
    assert slack.violations == []


async def test_the_default_retry_of_slack_sdk_doubles_a_message_whose_answer_was_lost(slack):
    slack.faults.cut("chat.postMessage", after=True)
    client = AsyncWebClient(slack.tokens.bot, base_url=slack.api_base_url)
    await client.chat_postMessage(channel=slack.general.id, text="twice")
    assert [m.text for m in slack.messages] == ["twice", "twice"]


async def test_hooks_see_each_call_before_its_work_when_done_and_when_answered(slack):
    seen = []
    slack.on_request(lambda phase, call: seen.append((phase, call.method, len(slack.messages))))
    await client_of(slack).chat_postMessage(channel=slack.general.id, text="x")
    await slack.until(lambda: len(seen) == 3)
    assert seen == [(p, "chat.postMessage", n) for p, n in (("before", 0), ("done", 1), ("answered", 1))]


async def test_a_hook_can_kill_the_program_between_any_two_calls(slack):
    program = """
import asyncio, sys
from slack_sdk.web.async_client import AsyncWebClient
async def main(base, token, channel):
    client = AsyncWebClient(token, base_url=base)
    for word in ("one", "two", "three"):
        await client.chat_postMessage(channel=channel, text=word)
asyncio.run(main(*sys.argv[1:]))
"""
    args = (slack.api_base_url, slack.tokens.bot, slack.general.id)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, *args)

    async def kill(phase, call):
        if phase == "done" and len(slack.messages) == 2:
            process.kill()
            await process.wait()

    slack.on_request(kill)
    assert await process.wait() == -9
    assert [m.text for m in slack.messages] == ["one", "two"]
    assert slack.violations == []


async def test_a_guest_of_a_shared_channel_is_told_apart(slack):
    guest = slack.world.add_person("alice", team_id="T0OTHER")
    shared = slack.world.add_channel("shared", shared=True)
    app = small_app(slack)
    async with over_http(slack, app):
        done = await slack.mention(guest, shared, "a fox")
        await done.message()
    event = done.delivery.payload
    assert (event["event"]["user_team"], event["is_ext_shared_channel"]) == ("T0OTHER", True)


async def test_image_urls_are_fetched_as_slack_does_when_asked(slack):
    slack.fetch_images = True

    async def serve(request):
        return web.Response(body=picture(request.match_info["kind"]), content_type="image/png")

    app = web.Application()
    app.router.add_get("/{kind}", serve)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    client, general = client_of(slack), slack.general.id
    await client.chat_postMessage(channel=general, text="x", blocks=[{**IMAGE, "image_url": f"{base}/PNG"}])
    webp = [{**IMAGE, "image_url": f"{base}/WEBP"}]
    await refused(client.chat_postMessage(channel=general, text="x", blocks=webp), "invalid_blocks")
    await runner.cleanup()


async def test_direct_messages_people_files_and_reactions_can_be_asked_for(slack):
    slack.tokens.scopes |= {"reactions:write", "team:read", "im:read", "channels:read"}
    client = client_of(slack)
    opened = await client.conversations_open(users=slack.bob.id)
    direct = opened["channel"]["id"]
    assert (await client.conversations_open(users=[slack.bob.id]))["already_open"]
    await client.chat_postMessage(channel=slack.bob.id, text="hi")
    assert slack.messages[-1].channel == direct
    await refused(client.conversations_open(users="U404"), "user_not_found")
    ts = slack.messages[-1].ts
    await client.reactions_add(channel=direct, timestamp=ts, name="tada")
    await refused(client.reactions_add(channel=direct, timestamp=ts, name="tada"), "already_reacted")
    assert (await client.reactions_get(channel=direct, timestamp=ts))["message"]["reactions"][0][
        "name"
    ] == "tada"
    assert (await client.users_info(user=slack.alice.id))["user"]["is_admin"]
    assert (await client.team_info())["team"]["id"] == slack.world.team_id
    assert (await client.bots_info(bot=slack.world.bot_id))["bot"]["user_id"] == slack.world.bot_user
    assert (await client.conversations_info(channel=slack.general.id))["channel"]["is_member"]
    assert slack.bob.id in (await client.conversations_members(channel=slack.general.id))["members"]
    await client.views_publish(user_id=slack.bob.id, view=HOME)
    assert slack.world.homes[slack.bob.id].shown == "100 credits"
    status, text = await raw_post(
        slack, "/api/auth.test", ["no object"], Authorization=f"Bearer {slack.tokens.bot}"
    )
    assert (status, json.loads(text)["error"]) == (200, "json_not_object")


async def test_a_manifest_is_compared_with_what_was_used():
    manifest: dict[str, Any] = {
        "display_information": {"name": "Easel"},
        "features": {
            "bot_user": {"display_name": "Easel"},
            "slash_commands": [{"command": "/imagine", "description": "Make a picture"}],
        },
        "oauth_config": {"scopes": {"bot": ["commands", "chat:write", "reactions:read"]}},
        "settings": {
            "event_subscriptions": {"bot_events": ["reaction_added"]},
            "interactivity": {"is_enabled": True},
            "socket_mode_enabled": True,
        },
    }
    assert manifest_problems(manifest) == []
    async with SlackServer(manifest=manifest) as slack:
        app = small_app(slack)
        async with over_sockets(slack, app):
            placed = await (await slack.command(slack.alice, slack.general, "/imagine", "a fox")).message()
            assert (await slack.react(slack.bob, placed, "repeat")).acked
            assert (await slack.mention(slack.bob, slack.general, "unheard")).delivery is None
            with pytest.raises(BadInput):
                await slack.command(slack.alice, slack.general, "/easel")
        assert slack.undeclared(manifest) == []
        slack.used.scopes.add("files:write")
        manifest["settings"]["socket_mode_enabled"] = False
        assert slack.undeclared(manifest) == ["scope files:write is not declared", "Socket Mode is off"]
        manifest["settings"]["event_subscriptions"]["bot_events"].append("app_mention")
        assert manifest_problems(manifest) == ["event app_mention needs the scope app_mentions:read"]
