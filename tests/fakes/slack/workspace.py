"""The workspace: its people, channels, messages and views, and how they look in payloads."""

import copy
import itertools
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from .clock import Clock
from .errors import ApiError
from .records import Edit, Message, View

__all__ = ["Channel", "Person", "Workspace", "number_blocks"]

_RAW_AND = re.compile(r"&(?!(?:amp|lt|gt);)")


@dataclass(kw_only=True)
class Person:
    """A member of the workspace, or a guest from another team."""

    id: str
    name: str
    real_name: str = ""
    team_id: str = ""
    is_admin: bool = False
    is_owner: bool = False
    is_bot: bool = False
    is_guest: bool = False
    deleted: bool = False
    locale: str = "en-US"


@dataclass(kw_only=True)
class Channel:
    """A public channel, a private one, or a direct message with the bot."""

    id: str
    name: str
    kind: str = "channel"
    """channel, group or im: the words of the history scopes."""
    members: set[str] = field(default_factory=set)
    archived: bool = False
    restricted: bool = False
    shared: bool = False
    user: str | None = None
    """The person of a direct message."""


class Workspace:
    """One team with one bot in it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._last_ts = 0.0
        self.locale = "en-US"
        self.team_id, self.team_name, self.domain = "T0EASEL01", "Easel Test", "easel-test"
        self.app_id, self.bot_id, self.bot_user = "A0EASEL01", "B0EASEL01", "U0EASEL01"
        self.bot_name = "easel"
        self.people: dict[str, Person] = {}
        self.groups: dict[str, tuple[str, list[Person]]] = {}  # user groups: id -> handle, members
        self.channels: dict[str, Channel] = {}
        self.messages: dict[tuple[str, str], Message] = {}
        self.ephemerals: list[Message] = []
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        self.people[self.bot_user] = Person(
            id=self.bot_user, name=self.bot_name, is_bot=True, team_id=self.team_id
        )

    # Making things

    def number(self, prefix: str) -> str:
        return f"{prefix}0{next(self._numbers):08d}"

    def ts(self) -> str:
        """A message's time, unique in the workspace, as Slack's are in a channel."""
        self._last_ts = max(round(self._clock.now(), 6), round(self._last_ts + 0.000001, 6))
        return f"{self._last_ts:.6f}"

    def add_person(self, name: str, **more: Any) -> Person:
        person = Person(id=self.number("U"), name=name, real_name=name.title(), team_id=self.team_id)
        for key, value in more.items():
            setattr(person, key, value)
        self.people[person.id] = person
        return person

    def add_group(self, handle: str, *people: Person) -> str:
        """A user group; answers its id."""
        group = self.number("S")
        self.groups[group] = (handle, list(people))
        return group

    def add_channel(self, name: str, *, kind: str = "channel", bot_in: bool = True, **more: Any) -> Channel:
        channel = Channel(id=self.number("C"), name=name, kind=kind, **more)
        channel.members |= (
            {p.id for p in self.people.values() if not p.is_bot} if kind == "channel" else set()
        )
        if bot_in:
            channel.members.add(self.bot_user)
        self.channels[channel.id] = channel
        return channel

    def direct(self, user: str) -> Channel:
        """The direct message of the bot with a person, made at first use."""
        if user not in self.people:
            raise ApiError("user_not_found")
        for channel in self.channels.values():
            if channel.kind == "im" and channel.user == user:
                return channel
        members = {user, self.bot_user}
        made = Channel(id=self.number("D"), name="directmessage", kind="im", members=members, user=user)
        self.channels[made.id] = made
        return made

    # Finding things

    def channel(self, ident: str) -> Channel:
        if ident in self.channels:
            return self.channels[ident]
        named = [
            c for c in self.channels.values() if c.kind == "channel" and c.name == ident.removeprefix("#")
        ]
        if not named:
            raise ApiError("channel_not_found")
        return named[0]

    def message(self, channel: str, ts: str, *, error: str = "message_not_found") -> Message:
        found = self.messages.get((channel, ts))
        if found is None or found.deleted:
            raise ApiError(error)
        return found

    def timeline(self, channel: str | None = None) -> list[Message]:
        """Messages that still stand, the oldest first."""
        every = sorted(self.messages.values(), key=lambda m: float(m.ts))
        return [m for m in every if not m.deleted and channel in (None, m.channel)]

    def thread(self, channel: str, ts: str) -> list[Message]:
        return [m for m in self.timeline(channel) if ts in (m.ts, m.thread_ts)]

    # Changing things

    def put(self, message: Message) -> Message:
        message.posted_at = self._clock.now()
        number_blocks(message.blocks)
        escape_plain(message.blocks)
        if message.ephemeral_for is not None:
            self.ephemerals.append(message)
        else:
            self.messages[message.channel, message.ts] = message
        return message

    def edit(self, message: Message, **changes: Any) -> Message:
        now = self._clock.now()
        message.edits.append(
            Edit(
                at=now,
                text=message.text,
                blocks=copy.deepcopy(message.blocks),
                files=list(message.files),
                metadata=copy.deepcopy(message.metadata),
            )
        )
        for key, value in changes.items():
            setattr(message, key, value)
        number_blocks(message.blocks)
        escape_plain(message.blocks)
        message.edited_at = now
        return message


def number_blocks(blocks: list[dict[str, Any]]) -> None:
    """Slack names each block and element that has no name."""
    for block in blocks:
        block.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        for element in [*block.get("elements", []), block.get("accessory"), block.get("element")]:
            if isinstance(element, dict) and element.get("type") not in (
                None,
                "image",
                "mrkdwn",
                "plain_text",
            ):
                element.setdefault("action_id", secrets.token_urlsafe(4)[:5])


def escape_plain(value: Any) -> None:
    """A message comes back in payloads with its plain texts escaped, buttons' too (bolt-python#513)."""
    if isinstance(value, list):
        for item in value:
            escape_plain(item)
    if not isinstance(value, dict):
        return
    if value.get("type") == "plain_text":
        value["text"] = _RAW_AND.sub("&amp;", value["text"]).replace("<", "&lt;").replace(">", "&gt;")
    for item in value.values():
        escape_plain(item)
