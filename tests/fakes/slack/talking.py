"""What people do with words: commands, mentions, direct messages, reactions, visits, uninstalling."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import payloads
from .faces import message_face, view_face
from .fields import BadInput
from .files import StoredFile
from .invocation import Invocation
from .records import Delivery, Message
from .workspace import Channel, Person

if TYPE_CHECKING:
    from .server import SlackServer

__all__ = ["Talking"]

_MESSAGE_EVENTS = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}
_EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "member_joined_channel": "channels:read",
    "channel_unarchive": "channels:read",
    "group_unarchive": "groups:read",
}


def ident(thing: Person | Channel | str) -> str:
    return thing if isinstance(thing, str) else thing.id


class Talking:
    """The half of the server that speaks for people; the other half is in `pressing`."""

    async def command(
        self: "SlackServer", user: Person | str, channel: Channel | str, name: str, text: str = ""
    ) -> Invocation:
        """`/imagine a red fox`: told once, answered when acked or when 3 s are over."""
        who, place = ident(user), self.world.channel(ident(channel))
        if who not in place.members:
            raise BadInput(f"{who} is not in {place.name}")
        if self.commands is not None and name not in self.commands:
            raise BadInput(f"{name} is not in the manifest")
        self.used.commands.add(name)
        self.used.scopes.add("commands")
        trigger_id = self.triggers.make(who)
        url = self.response_urls.make("commands", who, place.id)
        payload = payloads.command(
            self, user=who, channel=place, name=name, text=text, trigger_id=trigger_id, response_url=url.url
        )
        made = Invocation(
            slack=self,
            user=who,
            channel=place.id,
            started_ts=float(self.world.ts()),
            delivery=None,
            trigger_id=trigger_id,
            response_url=url,
        )
        made.delivery = await self.deliveries.send(
            "slash_commands", payload, accepts_body=True, on_ack=lambda body: self.command_answer(made, body)
        )
        return made

    async def say(
        self: "SlackServer",
        user: Person | str,
        channel: Channel | str,
        text: str,
        *,
        thread_ts: str | None = None,
        raw: bool = False,
        files: Sequence[StoredFile | bytes] = (),
        broadcast: bool = False,
    ) -> Invocation:
        """A person writes; the program hears message.* and app_mention where it is subscribed."""
        who, place = ident(user), self.world.channel(ident(channel))
        written = text if raw else payloads.escape(text)
        if not written and not files:
            raise BadInput("a message says something or shows a file")
        if thread_ts is not None:
            self.world.message(place.id, thread_ts)
        shared = [self.file(who, f) if isinstance(f, bytes) else f for f in files]
        for file in shared:
            file.channels.append(place.id)
        message = self.world.put(
            Message(
                channel=place.id,
                ts=self.world.ts(),
                user=who,
                text=written,
                thread_ts=thread_ts,
                broadcast=broadcast,
                files=[file.id for file in shared],
                via="person",
            )
        )
        made = Invocation(
            slack=self, user=who, channel=place.id, started_ts=float(message.ts), delivery=None, said=message
        )
        if self.world.bot_user not in place.members:
            return made
        inner = self.message_event(message)
        if f"<@{self.world.bot_user}>" in written and place.kind != "im":
            bare = {k: v for k, v in inner.items() if k not in {"channel_type", "subtype", "root"}}
            mention = bare | {"type": "app_mention"}
            made.delivery = await self.tell("app_mention", mention, place)
        heard = await self.tell(_MESSAGE_EVENTS[place.kind], inner, place)
        made.delivery = made.delivery or heard
        return made

    async def mention(
        self: "SlackServer",
        user: Person | str,
        channel: Channel | str,
        text: str,
        thread_ts: str | None = None,
        *,
        files: Sequence[StoredFile | bytes] = (),
    ) -> Invocation:
        """`@Easel text`, in a channel or in a thread of it, perhaps with files."""
        written = f"<@{self.world.bot_user}> {payloads.escape(text)}"
        return await self.say(user, channel, written, thread_ts=thread_ts, raw=True, files=files)

    async def dm(
        self: "SlackServer",
        user: Person | str,
        text: str,
        *,
        thread_ts: str | None = None,
        files: Sequence[StoredFile | bytes] = (),
    ) -> Invocation:
        self.used.messages_tab = True
        direct = self.world.direct(ident(user))
        return await self.say(user, direct, text, thread_ts=thread_ts, files=files)

    async def reply(
        self: "SlackServer",
        user: Person | str,
        message: Message,
        text: str,
        *,
        files: Sequence[StoredFile | bytes] = (),
    ) -> Invocation:
        """A person writes in a message's thread, without naming anybody."""
        root = message.thread_ts or message.ts
        return await self.say(user, message.channel, text, thread_ts=root, files=files)

    async def rewrite(self: "SlackServer", message: Message, text: str) -> None:
        """A person edits what they said."""
        self.world.edit(message, text=payloads.escape(text))
        self.tell_message_changed(message)

    def file(
        self: "SlackServer", user: Person | str, data: bytes, name: str = "picture.png", **more: Any
    ) -> StoredFile:
        """A file on a person's device; it is shown by saying something with it, or in a form."""
        return self.files.add(self.world.number("F"), ident(user), name, data, **more)

    def delete_file(self: "SlackServer", file: StoredFile) -> None:
        """Its person takes a file away; messages keep a tombstone."""
        file.deleted = True

    async def react(self: "SlackServer", user: Person | str, message: Message, name: str) -> Invocation:
        return await self._reaction("reaction_added", ident(user), message, name)

    async def unreact(self: "SlackServer", user: Person | str, message: Message, name: str) -> Invocation:
        return await self._reaction("reaction_removed", ident(user), message, name)

    async def _reaction(self: "SlackServer", kind: str, user: str, message: Message, name: str) -> Invocation:
        users = message.reactions.setdefault(name, [])
        if (kind == "reaction_added") == (user in users):
            raise BadInput(f"{name} by {user} is already so")
        (users.append if kind == "reaction_added" else users.remove)(user)
        made = Invocation(
            slack=self, user=user, channel=message.channel, started_ts=float(self.world.ts()), delivery=None
        )
        made.delivery = await self.tell_reaction_now(kind, user, message, name)
        return made

    async def tell_reaction_now(
        self: "SlackServer", kind: str, user: str, message: Message, name: str
    ) -> Delivery | None:
        inner = {
            "type": kind,
            "user": user,
            "reaction": name,
            "item": {"type": "message", "channel": message.channel, "ts": message.ts},
            "item_user": message.user,
            "event_ts": self.world.ts(),
        }
        return await self.tell(kind, inner, self.world.channels[message.channel])

    async def open_home(self: "SlackServer", user: Person | str, *, tab: str = "home") -> Invocation:
        """A person opens the app's home; the published view, if any, comes along."""
        who = ident(user)
        channel = self.world.direct(who)
        started = float(self.world.ts())
        inner: dict[str, Any] = {
            "type": "app_home_opened", "user": who, "channel": channel.id, "tab": tab, "event_ts": self.world.ts(),
        }  # fmt: skip
        if tab == "home" and who in self.world.homes:
            inner["view"] = view_face(self.world.homes[who], self.world)
        delivery = await self.tell("app_home_opened", inner, channel)
        return Invocation(slack=self, user=who, channel=channel.id, started_ts=started, delivery=delivery)

    async def app_uninstalled(self: "SlackServer") -> list[Delivery]:
        """The tokens die, then the program is told, as far as it can still listen."""
        self.tokens.state = "uninstalled"
        told = [
            await self.tell("app_uninstalled", {"type": "app_uninstalled"}, None),
            await self.tell(
                "tokens_revoked", {"type": "tokens_revoked", "tokens": {"bot": [self.world.bot_user]}}, None
            ),
        ]
        return [d for d in told if d is not None]

    async def unarchive(self: "SlackServer", channel: Channel) -> Delivery | None:
        """Somebody opens an archived channel again; the bot is told also where it is no member."""
        channel.archived = False
        kind = "group_unarchive" if channel.kind == "group" else "channel_unarchive"
        inner = {
            "type": kind,
            "channel": channel.id,
            "user": next(iter(self.world.people)),
            "event_ts": self.world.ts(),
        }
        return await self.tell(kind, inner, None)

    async def deliver_again(
        self: "SlackServer", event: Invocation | Delivery, times: int = 1, *, new_ids: bool = False
    ) -> None:
        """The same envelope and event id again, or, as Slack at times does, with other ids."""
        delivery = event.delivery if isinstance(event, Invocation) else event
        if delivery is None:
            raise BadInput("the program was never told this")
        await self.deliveries.again(delivery, times, new_ids=new_ids)

    # How the program comes to hear of it

    async def tell(
        self: "SlackServer", name: str, inner: dict[str, Any], channel: Channel | None
    ) -> Delivery | None:
        """An event, if the app is subscribed, has the scope, and its bot is there."""
        scope = _EVENT_SCOPES.get(name)
        if name not in self.subscriptions or (scope and scope not in self.tokens.scopes):
            return None
        if channel is not None and channel.kind != "im" and self.world.bot_user not in channel.members:
            return None
        self.used.events.add(name)
        if scope:
            self.used.scopes.add(scope)
        shared = channel is not None and channel.shared
        return await self.deliveries.send("events_api", payloads.event(self, inner, shared=shared))

    def message_event(self: "SlackServer", message: Message) -> dict[str, Any]:
        kind = self.world.channels[message.channel].kind
        face = message_face(message, self)
        face |= {"channel": message.channel, "channel_type": kind, "event_ts": message.ts}
        if message.files:
            face["subtype"] = "file_share"
        elif message.broadcast and message.thread_ts:
            root = self.world.message(message.channel, message.thread_ts)
            face |= {"subtype": "thread_broadcast", "root": message_face(root, self)}
        return face

    def tell_message(self: "SlackServer", message: Message) -> None:
        """The bot hears its own messages too, where it is subscribed."""
        place = self.world.channels[message.channel]
        self.spawn(self.tell(_MESSAGE_EVENTS[place.kind], self.message_event(message), place))

    def _tell_hidden(self: "SlackServer", changed: Message, subtype: str, **more: Any) -> None:
        place, ts = self.world.channels[changed.channel], self.world.ts()
        inner = {
            "type": "message", "subtype": subtype, "hidden": True, "channel": place.id, "ts": ts,
            "event_ts": ts, "channel_type": place.kind, **more,
        }  # fmt: skip
        self.spawn(self.tell(_MESSAGE_EVENTS[place.kind], inner, place))

    def tell_message_changed(self: "SlackServer", message: Message) -> None:
        self._tell_hidden(message, "message_changed", message=message_face(message, self))

    def tell_message_deleted(self: "SlackServer", message: Message) -> None:
        self._tell_hidden(
            message,
            "message_deleted",
            deleted_ts=message.ts,
            previous_message=message_face(message, self),
        )

    def tell_reaction(self: "SlackServer", kind: str, user: str, message: Message, name: str) -> None:
        self.spawn(self.tell_reaction_now(kind, user, message, name))
