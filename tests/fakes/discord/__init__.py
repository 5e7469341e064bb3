"""A strict Discord on 127.0.0.1: REST v10, gateway and attachment links on one free port, in the test's own loop.

    async with DiscordServer() as server:                 # token=, application_id=, privileged=, recommended_shards=
        guild = await server.guild("Foxes", boost_level=2)     # bot_in=False: only people have the app
        channel = await server.channel(guild, nsfw=True)       # thread(channel), dm(mina), group(mina, jun)
        mina = server.user("mina", locale="ko", installed=True)
        server.join(guild, mina, server.role(guild, "mods", "manage_guild"))
        ... start the program with server.token, server.api_base_url and server.gateway_url ...
        await server.until(lambda: server.ready)
        inv = await server.slash(mina, channel, "imagine", {"prompt": "a red fox"})   # "easel credits": a subcommand
        await inv.response()                                   # inv.ack_s, inv.message, inv.ephemeral, inv.errors
        message = await inv.pictured()                         # or inv.shows("text"); message.history, .images, .text
        again = await server.press(mina, message, "Re-roll")   # custom_id, label, emoji, or a predicate
        form = await (await server.press(mina, message, "Remix")).response()
        await server.submit(form, {"prompt": "a blue fox"})    # by custom_id; other fields keep what was filled in
        await server.react(mina, message, "🔁")                # server.unreact, server.delete(moderator, message)
        assert server.violations == []

**Pictures**: `cat = server.file("cat.png", data)` is a file on a person's disk. It goes into an option
(`slash(alice, channel, "imagine", {"prompt": "x", "image": cat, "image2": dog})`), a form's file upload
(`submit(form, {"images": [cat, dog]})`) or a message (`say(alice, channel, "look", cat)`). `message_command(bob,
message, "Edit this picture")` carries the whole message, whoever wrote it. `say(dave, channel, f"{server.bot.mention}
make it night")`, `reply(dave, message, "make it night", ping=True)`, `say(dave, server.dm(dave), "...")` and
`forward(dave, message, channel)` tell the bot no more than Discord does: without the message content intent (`privileged=1
<< 15`, and the client's own) only direct messages, mentions, and replies with the ping on to its ordinary messages have
words and files. Links to files are signed, live a day, are shown signed anew, and are served by the CDN
(`server.downloads`); `POST /attachments/refresh-urls` makes fresh ones of old ones.

**People** also `autocomplete(user, channel, name, options, focused=)` (then `inv.choices`), `select`, `message_command`,
`user_command`. What a person's client would not allow raises `Misuse`: an unknown or missing option, a value out
of range, a command not registered, hidden by permissions, context or install type, a button that is disabled or gone.

**The store**: `sku = server.sku(CONSUMABLE)` is what the app sells, `await server.buys(mina, sku)` makes an entitlement and
tells of it (`told=False`: the event was lost; `kind=USER_GIFT`, `TEST_MODE`), `refunds`, `ends` and `tells(what, one)` the rest.

**The world** changes while clients are connected: `remove_guild`, `delete_channel`, `archive(thread, locked=True)`,
`overwrite(channel, server.bot, deny=("send_messages",))`; facts are plain attributes (`guild.boost_level`,
`guild.file_limit_bytes`, `user.dms_closed`). `channel.visible` is what everybody sees; a deleted message stays readable
(`message.deleted`). Files that an embed shows are in `message.attachments` but, as in the real API, not in the JSON's.

**Records**: `server.requests` (method, path, template, body, status, fault; status 0: cut), `server.calls(method,
template)`, `server.pings` (who would have been notified), `server.commands.writes` (registrations),
`server.records.rate_limited`, `server.gateway.identifies` / `.closes` / `.live`, and `server.violations`: unanswered, late
or double responses, a webhook used before its answer, invalid bodies, fields that do not exist, images of
the bot that do not decode, a token sent to the CDN, unknown routes, a 401/403/404 repeated as it was, wrong tokens, missing intents, gateway closes, a private flag
outside interactions, another's message deleted without an audit reason. Take expected ones off with
`server.forgive(kind)`.

**Time**: `server.clock.advance(901)` kills tokens (15 min; 3 s before the first response) and links (a day).

**Trouble**: `server.faults.fail(pattern, 503, times=2)`, `.refuse(pattern, 50013)`, `.limit(pattern, 0.5,
scope="global")`, `.cut_before`, `.cut_after` (done, but the answer is lost), `.fail_after`, `.delay(pattern, seconds)`;
a pattern is "PATCH /webhooks/*/*/messages/*" (`*` one segment or any method, `**` any rest; `skip=` lets some pass),
for downloads "GET /ephemeral-attachments/**" (a cut there breaks in the middle of the bytes).
`server.limits.enforced = True` turns on 50/s for the bot and the routes' own budgets (`server.limits.overrides` for
others). `server.drop()`, `.reconnect()`, `.invalidate()` trouble the gateway. `server.on_request(hook)` calls
`hook("before" | "after", request)` around the work of every request: the place for `process.kill()`.

Importing discord.py warns about audioop (DeprecationWarning): ignore exactly that where a test imports it.
"""

from .builder import BOT_PERMISSIONS
from .cdn import File
from .errors import ApiError
from .inputs import Misuse
from .interactions import Invocation
from .members import MIB, User
from .server import DiscordServer
from .state import Ping, Request, Violation
from .world import Channel, Guild, Message

__all__ = [
    "BOT_PERMISSIONS", "MIB", "ApiError", "Channel", "DiscordServer", "File", "Guild", "Invocation", "Message",
    "Misuse", "Ping", "Request", "User", "Violation",
]  # fmt: skip
