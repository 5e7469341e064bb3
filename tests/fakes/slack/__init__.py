"""A strict local Slack for tests: Web API, Socket Mode, HTTP delivery, files, views, people.

Start it, point the program at it (`[slack] api_base_url`, tokens, signing secret), let people act::

    async with SlackServer() as slack:                      # or SlackServer(manifest=dict)
        config = {
            "bot_token": slack.tokens.bot, "app_token": slack.tokens.app,
            "signing_secret": slack.http.secret, "api_base_url": slack.api_base_url,
        }
        ...start the program...
        await slack.sockets.wait(1)                         # Socket Mode is up
        # slack.http.url = "http://127.0.0.1:PORT/slack/events"   for HTTP delivery instead
        done = await slack.command(slack.alice, slack.general, "/imagine", "a red fox")
        assert done.acked and done.ack_s < 3
        message = await done.message(lambda m: "fox" in m.text)      # waits
        await slack.until(lambda: "Re-roll" in message.shown)        # messages change in place
        again = await slack.click(slack.bob, message, "reroll")
        assert slack.violations == [] and slack.pings == []
        assert slack.undeclared(manifest) == []

People (`slack.alice` is an admin, `slack.bob`; `slack.world.add_person("eve", team_id="T0OTHER")`;
channels `slack.general`, `slack.world.add_channel(name, kind="channel"|"group", bot_in=, archived=,
restricted=, shared=)`, `slack.world.direct(user.id)`):

- `file(user, data, name)` makes a file on a person's device (`foreign=True`: Slack Connect, a stub in
  messages; `hidden_by_limit=True`; `external_url=slack.elsewhere.put(name, data)`); `delete_file(file)`.
- `command(user, channel, "/x", text)`, `mention(user, channel, text, thread_ts=None, files=[...])`,
  `dm(user, text, files=)`, `say(user, channel, text, thread_ts=, files=, broadcast=)`,
  `reply(user, message, text, files=)` in the message's thread, `rewrite(message, text)`, `react/unreact(user, message, "repeat")`, `open_home(user)`,
  `click(user, message, action_id)`, `overflow(user, message, action_id, value)`, `select(...)`,
  `view_action(user, view, action_id, value)`, `fill(view, {action_id: value})`,
  `submit_view(user, view, {action_id: value})`, `close_view`, `shortcut(user, callback_id)`,
  `message_shortcut(user, message, callback_id)`, `app_uninstalled()`.
  Each returns an `Invocation` when the act was acked or its 3 s are over: `acked`, `ack_s`, `ack_body`,
  `failed`, live lists `messages`, `ephemerals`, `direct_messages`, `response_uses`, `views`, and waits
  `await message() / ephemeral() / direct_message() / modal()`. `delivery is None`: Slack would not tell.
  What nobody could do in Slack (no such button, required field empty) raises `BadInput`.
- `deliver_again(invocation, times, new_ids=False)`: the same envelope and ids, or fresh ids.

Looking: `calls` (every request in order; `called("chat.update")`), `messages` (the bot's, each with
`edits`, `metadata`, `reactions`, `action_ids`, `shown`), `world.ephemerals`, `world.homes[user.id]`,
`world.views`, `files.uploaded`, `violations`, `pings`, `possible_pings` (`@here` in mrkdwn that is not
verbatim), `deliveries.all / late() / missed()`, `ack_times_s`, `ack_p99_s`, `used`.
`violations` are rules that only a mistake breaks (limits, raw `& < >`, blocks without text, a late
trigger, `slack_file` too early, a token that reached another host, unknown methods, a sixth response_url use ...). What depends on the
workspace (not_in_channel, ratelimited, missing_scope ...) is an answer to handle. A text that Slack
hands over is escaped already (`&amp;`): commands, messages, plain texts of a pressed message; form
values and button values are raw.

Knobs:

- `faults.fail(method, error)`, `.rate_limit(method, retry_after_s=)`, `.break_answer(method, status=,
  content_type=, body=, after=)`, `.cut(method, after=True)` (done, answer lost), `.slow(method, s)`,
  `.hold(method)` (until `fault.gate.set()`), all with `times=` and `when=lambda call: ...`; method may be
  `upload`, `response_url`, `download` or `*`. Forced errors are no violations.
- `tokens.revoke() / deactivate() / restore()`, `tokens.scopes` (a set), `subscriptions` (a set of events).
- `files.processing_polls`, `.processing_s`, `.never_processed`, `.uploads_disabled`, `.storage_full`.
- `channel.archived / restricted / members`, `message.edit_window_closed`, `delete_message(message)`.
- `limits.enabled = True`: 429 by Slack's tiers. `fetch_images = True`: image_url is downloaded on post.
- `clock.advance(s)`: redeliveries (at once, 1 min, 5 min), file processing, trigger and URL ages.
- `sockets.drop(n=None)`, `sockets.refresh("refresh_requested"|"warning"|"link_disabled")`,
  `sockets.count / opened / wait(n)`; `http.post(body, kind, forged=True, timestamp=old)`, `http.verify_url()`.
- `faults.redirect("download", location)`; a download without the bot's token, without files:read, or of a
  file that the bot can't see leads to a page where people sign in (`called("sign_in")`), with a 200.
- `on_request(hook)`: `hook(phase, call)`, sync or async, phases `before` (nothing done), `done` (work
  done, answer not sent), `answered`; kill -9 the program in any of them.
- `ack_deadline_s`: shorten the 3 s where a test waits for a missing ack.

slack_sdk obeys proxy variables even for loopback: unset them in the program's environment.
"""

from .escaping import unescaped_in
from .fields import BadInput
from .files import StoredFile
from .invocation import Invocation
from .manifest import manifest_problems
from .payloads import escape
from .records import Call, Delivery, Message, View
from .server import SlackServer

__all__ = [
    "BadInput",
    "Call",
    "Delivery",
    "Invocation",
    "Message",
    "SlackServer",
    "StoredFile",
    "View",
    "escape",
    "manifest_problems",
    "unescaped_in",
]
