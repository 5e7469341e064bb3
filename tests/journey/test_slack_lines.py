"""Both transports under load and on bad lines: bursts, dropped sockets, signatures, redelivery, endings."""

import asyncio
import contextlib
import io
import json
import sqlite3
import time
from urllib.parse import urlencode

import aiohttp
import pytest

from integrations.slack.manifest import manifest
from tests.fakes.patience import PATIENCE_S
from tests.fakes.slack_process import ROOT, finished, house, picture_of

BURST = 200


@pytest.mark.parametrize("mode", ["socket", pytest.param("http", marks=pytest.mark.long)])
async def test_a_burst_of_200_commands_is_acked_and_makes_one_message_each(tmp_path, mode):
    """How quick each ack is depends on the machine: `pytest -m long` asks for Slack's 3 s."""
    async with house(tmp_path, mode=mode, ack_deadline_s=PATIENCE_S) as (slack, _):
        await _burst(slack, mode)
        assert len(slack.messages) == BURST
        assert slack.violations == []


@pytest.mark.long
@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_a_burst_of_200_commands_is_acked_within_3_s_each(tmp_path, mode):
    """On a quiet machine."""
    async with house(tmp_path, mode=mode) as (slack, _):
        await _burst(slack, mode)
        assert slack.ack_times_s[-1] < 3


async def _burst(slack, mode):
    rooms = [slack.world.add_channel(f"room{n}") for n in range(10)]
    began = time.monotonic()
    acts = await asyncio.gather(
        *(slack.command(slack.bob, rooms[n % 10], "/imagine", f"fox {n}") for n in range(BURST))
    )
    acked_s = time.monotonic() - began
    assert all(act.acked for act in acts)
    p99 = slack.ack_p99_s
    await slack.until(
        lambda: sum("reroll" in m.action_ids for m in slack.messages) == BURST, what="all pictures"
    )
    print(f"\n{mode}: {BURST} acks in {acked_s:.2f} s, p99 {p99:.3f} s, max {slack.ack_times_s[-1]:.3f} s,"
          f" all pictures after {time.monotonic() - began:.1f} s")  # fmt: skip


async def test_two_hundred_at_once_with_credits_for_three_make_three_pictures(tmp_path):
    """One person, one instant: nothing is overspent, and who gets nothing is told so alone."""
    async with house(tmp_path) as (slack, easel):
        told = await slack.command(slack.alice, slack.general, "/easel", "admin allowance 130 daily")
        assert "130" in (await told.ephemeral()).shown
        rooms = [slack.world.add_channel(f"room{n}") for n in range(10)]
        acts = await asyncio.gather(
            *(slack.command(slack.bob, rooms[n % 10], "/imagine", f"fox {n}") for n in range(BURST))
        )
        await slack.until(lambda: sum("reroll" in m.action_ids for m in slack.messages) == 3, what="pictures")

        def told():
            return {id(one): one for act in acts for one in act.ephemerals}.values()

        await slack.until(lambda: len(told()) == BURST - 3, what="all refusals")
        assert all("credits" in one.shown for one in told())
        assert len(slack.messages) == 3
        code, out, _ = await easel.easel("check", "--json")
        assert code == 0, out


async def test_everything_works_the_same_over_http(tmp_path):
    """Commands, presses, events, forms; forged, stale and repeated deliveries."""
    made = manifest(request_url="https://example.org/slack/events")
    async with house(tmp_path, mode="http", manifest=made) as (slack, _):
        assert await slack.http.verify_url()
        done = await slack.command(slack.alice, slack.general, "/imagine", "a fox by post")
        message = await finished(slack, done)
        again = await slack.click(slack.bob, message, "reroll")
        await finished(slack, again)
        mention = await slack.mention(slack.bob, slack.general, "a fox in a thread")
        await finished(slack, mention)
        await slack.deliver_again(mention, 10)
        form = await (await slack.command(slack.bob, slack.general, "/imagine")).modal()
        await slack.submit_view(slack.bob, form, {"prompt": "a form --nonsense"})
        assert form.open
        before = len(slack.messages)
        body = urlencode({**done.delivery.payload, "trigger_id": "1.2.forged"})
        kind = "application/x-www-form-urlencoded"
        assert (await slack.http.post(body, kind, forged=True))[0] == 401
        assert (await slack.http.post(body, kind, timestamp=int(time.time()) - 3600))[0] == 401
        async with aiohttp.ClientSession() as session:
            async with session.post(slack.http.url, data=io.BytesIO(b"x" * 2_000_000)) as answer:
                assert answer.status == 413
            async with session.post(slack.http.url, data=b"\xff\xfe") as answer:
                assert answer.status in (400, 401)
        await asyncio.sleep(0.3)
        assert len(slack.messages) == before
        assert slack.violations == []
        assert [p for p in slack.undeclared(made) if "message.im" not in p] == []


FORM, JSON = "application/x-www-form-urlencoded", "application/json"
MALFORMED = (
    (JSON, "[]"), (JSON, "[" * 250_000), (JSON, "null"), (JSON, "{}"), (JSON, '{"type": 5}'), (JSON, "9" * 5_000),
    (JSON, '{"type": "event_callback"}'), (JSON, '{"type": "event_callback", "event": []}'), (JSON, '{"team_id": 1e999}'),
    (JSON, '{"type": "url_verification", "challenge": []}'), (JSON, '{"type": "event_callback", "event": {"type": {}}}'),
    (JSON, '{"type": "block_actions", "user": {"id": "U1"}, "actions": []}'), (JSON, '{"type": "shortcut", "user": "U1"}'),
    (JSON, '{"type": "view_submission", "user": {"id": "U1"}, "view": null}'), (FORM, "payload=[]"), (FORM, "payload=7"),
    (FORM, "payload=" + "[" * 200_000), (FORM, "payload=%FF"), (FORM, "nothing"), (FORM, "command=/imagine"), ("", "{}"),
    (FORM, "command=/other&user_id=U1"), ("text/plain", "{}"), (FORM, "a=1&" * 5_000),
    (FORM, ""), (JSON, ""), (JSON, '{"type": "shortcut", "team": 5, "user": {"id": "U1"}}'), (JSON, '{"authorizations": 5}'),
    (JSON, '{"authorizations": [' * 400 + "]}" * 400), (JSON, '{"enterprise": 5}'), (JSON, '{"response_urls": [1, 2]}'),
    (JSON, '{"is_ext_shared_channel": true, "type": "event_callback", "event": []}'), (JSON, '{"message": {"thread_ts": {}}}'),
)  # fmt: skip


async def test_whatever_is_malformed_over_http_is_answered_and_no_trouble_of_ours(tmp_path):
    """401 for what nobody signed, whatever it is; 4xx for what is signed and no delivery; no traceback."""
    async with house(tmp_path, mode="http", manifest=manifest()) as (slack, easel):
        for kind, body in MALFORMED:
            signed, _, _ = await slack.http.post(body, kind)
            assert signed in (400, 415), (kind, body[:60])
            forged, _, _ = await slack.http.post(body, kind, forged=True)
            assert forged == 401, (kind, body[:60])
        for odd in ({"X-Slack-Request-Timestamp": "abc"}, {"X-Slack-Request-Timestamp": "9" * 4_000},
                    {"X-Slack-Signature": ""}, {"X-Slack-Signature": "v0=ü"}):  # fmt: skip
            assert (await slack.http.post("{}", JSON, headers=odd))[0] == 401
        assert (await slack.http.post("x" * 300_000, JSON))[0] == 413
        assert (await slack.http.post('{"type": "event_callback", "event": {"type": "news"}}', JSON))[
            0
        ] == 200
        done = await slack.command(slack.alice, slack.general, "/imagine", "a fox after all that")
        await finished(slack, done)
        assert "Traceback" not in easel.log.read_text()
        assert slack.violations == []


async def test_dropped_sockets_are_opened_again_and_nothing_is_done_twice(tmp_path):
    """Line cut, refresh, warning: the next commands arrive, and an event told again is done once."""
    async with house(tmp_path) as (slack, _):
        for _ in range(3):
            opened = slack.sockets.opened
            await slack.sockets.drop()
            await slack.until(lambda o=opened: slack.sockets.opened > o, what="a new socket")
            done = await slack.command(slack.alice, slack.general, "/imagine", "a fox after a cut")
            assert done.acked
            await finished(slack, done)
        for reason in ("warning", "refresh_requested"):
            opened = slack.sockets.opened
            await slack.sockets.refresh(reason)
            await slack.until(lambda o=opened: slack.sockets.opened > o, what="a new socket")
        done = await slack.command(slack.alice, slack.general, "/imagine", "a last fox")
        await finished(slack, done)
        await slack.deliver_again(done, 10)
        assert sum("a last fox" in m.shown for m in slack.messages) == 1
        assert slack.violations == []


@pytest.mark.parametrize("content_type", ["text/plain", "text/html"])
async def test_a_broken_answer_to_the_opening_of_a_socket_ends_nothing(tmp_path, content_type):
    """503 with words in it: tried again, and the next command is heard."""
    async with house(tmp_path) as (slack, easel):
        slack.faults.break_answer("apps.connections.open", times=2, content_type=content_type)
        opened = slack.sockets.opened
        await slack.sockets.drop()
        await slack.until(lambda: slack.sockets.opened > opened, what="a new socket")
        await slack.sockets.wait(1)
        assert easel.process.returncode is None
        done = await slack.command(slack.alice, slack.general, "/imagine", "a fox after an outage")
        await finished(slack, done)


async def test_with_a_public_address_a_picture_takes_two_calls(tmp_path):
    """image_url: the placeholder and the final edit, and Original is a link."""
    async with house(tmp_path, start=False) as (slack, easel):
        port = easel.fix_port()
        easel.config.write_text(
            easel.config.read_text().replace(
                "[gateway]", f'public_url = "http://127.0.0.1:{port}"\n[gateway]'
            )
        )
        slack.fetch_images = True
        await easel.start()
        before = len(slack.calls)
        done = await slack.command(slack.bob, slack.general, "/imagine", "a fox on the web")
        message = await finished(slack, done)
        methods = [c.method for c in slack.calls[before:] if c.method != "users.info"]
        assert methods == ["chat.postMessage", "chat.update"]
        assert picture_of(message)["image_url"].startswith(f"http://127.0.0.1:{port}/a/")
        original = next(
            e for b in message.blocks for e in b.get("elements", []) if e.get("action_id") == "original"
        )
        assert original["url"].startswith(f"http://127.0.0.1:{port}/a/")
        await slack.click(slack.bob, message, "original")
        secret = await slack.command(slack.bob, slack.general, "/imagine", "a secret fox --private")
        private = await secret.direct_message()
        await slack.until(lambda: "reroll" in private.action_ids)
        assert "slack_file" in picture_of(private)
        assert slack.violations == []


async def test_an_uninstalled_workspace_and_a_revoked_token_stop_nothing_else(tmp_path):
    """The process lives on, ends by SIGTERM, and works again when the token does."""
    async with house(tmp_path) as (slack, easel):
        done = await slack.command(slack.bob, slack.general, "/imagine", "a fox before")
        await finished(slack, done)
        slack.tokens.revoke()
        await slack.command(slack.bob, slack.general, "/imagine", "a fox meanwhile")
        await slack.sockets.drop()
        await asyncio.sleep(1)
        assert easel.process.returncode is None
        slack.tokens.restore()
        await slack.sockets.wait(1)
        done = await slack.command(slack.bob, slack.general, "/imagine", "a fox after")
        await finished(slack, done)
        await slack.app_uninstalled()
        await asyncio.sleep(0.5)
        assert easel.process.returncode is None


def removed_at(easel):
    """When Easel was removed from the workspace, as the program has noted it."""
    with contextlib.closing(sqlite3.connect(easel.folder / "easel.db")) as database:
        rows = database.execute("SELECT settings_json FROM settings WHERE scope LIKE 'life:%'").fetchall()
    return next((json.loads(life).get("left_at") for (life,) in rows), None)


async def test_only_a_removal_starts_the_erasure_also_one_that_nobody_heard_of(tmp_path):
    """A revoked token erases nothing; being removed does, while Easel runs or not; coming back ends it."""
    async with house(tmp_path, start=False) as (slack, easel):
        for state, erases in ((slack.tokens.revoke, False), (slack.tokens.deactivate, True)):
            await easel.start()
            assert removed_at(easel) is None
            assert await easel.stop() == 0
            state()
            code, _, err = await easel.easel("run")
            assert code == 1, err
            assert bool(removed_at(easel)) is erases
            slack.tokens.restore()
        await easel.start()
        await slack.until(lambda: removed_at(easel) is None, what="the workspace is back")
        revoked = {"type": "tokens_revoked", "tokens": {"bot": [slack.world.bot_user]}}
        assert (await slack.tell("tokens_revoked", revoked, None)).acked
        assert removed_at(easel) is None
        await slack.app_uninstalled()
        await slack.until(lambda: removed_at(easel) is not None, what="the removal is noted")


async def test_check_tries_tokens_and_scopes(tmp_path):
    async with house(tmp_path, start=False) as (slack, easel):
        code, out, _ = await easel.easel("check")
        assert code == 0, out
        assert "Socket Mode is open" in out
        assert "channels:history" in out
        slack.tokens.scopes.discard("files:write")
        code, out, _ = await easel.easel("check")
        assert code == 1
        assert "files:write" in out
        slack.tokens.revoke()
        code, out, _ = await easel.easel("check")
        assert code == 1
        assert "token_revoked" in out
        code, _, err = await easel.easel("run")
        assert code == 1
        assert "bot_token" in err


@pytest.mark.long
async def test_under_slacks_own_rate_limits_everybody_is_answered_in_the_end(tmp_path):
    """A message a second in one channel, tiers a minute: later, in turn, and each just once."""
    async with house(tmp_path) as (slack, _):
        slack.limits.enabled = True
        began = time.monotonic()
        acts = await asyncio.gather(
            *(slack.command(slack.bob, slack.general, "/imagine", f"fox {n}") for n in range(25))
        )
        assert all(act.acked for act in acts)
        await slack.until(
            lambda: sum("reroll" in m.action_ids for m in slack.messages) == 25, what="all pictures"
        )
        print(f"\n25 in one channel after {time.monotonic() - began:.1f} s, {slack.limits.refused} times 429")
        assert len(slack.messages) == 25


async def test_the_manifest_command_prints_what_the_package_holds(tmp_path):
    async with house(tmp_path, start=False) as (_, easel):
        code, out, _ = await easel.easel("slack-manifest")
        assert code == 0
        assert out == (ROOT / "integrations/slack/manifest.json").read_text()


async def test_replicas_share_deliveries_and_do_each_once(tmp_path):
    """An event told to two processes of one house is done by one of them."""
    async with house(tmp_path) as (slack, easel):
        from tests.fakes.slack_process import Easel

        other = Easel.__new__(Easel)
        other.__dict__ = {**easel.__dict__, "process": None}
        await other.start()
        try:
            done = await slack.command(slack.bob, slack.general, "/imagine", "a shared fox")
            message = await finished(slack, done)
            await slack.deliver_again(done, 10)
            again = await slack.click(slack.bob, message, "reroll")
            await slack.deliver_again(again, 10)
            liked = await slack.react(slack.alice, message, "repeat")
            await slack.deliver_again(liked, 10)
            await slack.until(lambda: sum("reroll" in m.action_ids for m in slack.messages) == 3)
            await asyncio.sleep(0.3)
            assert len(slack.messages) == 3
        finally:
            assert await other.stop() == 0
