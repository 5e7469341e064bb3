"""What is kept of a posted message, and what a message found in Discord tells of itself. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.ports import Card, Handle
from integrations.discord.address import DiscordAddress
from integrations.discord.cards import EPHEMERAL, message_of

_NEAR_S = 5.0
_LINK = re.compile(r"discord(?:app)?\.com/channels/(?:\d{5,20}|@me)/\d{5,20}/(?P<message>\d{5,20})")


def handle_of(
    where: DiscordAddress, message: Mapping[str, Any], *, via: str, ready_at: float | None = None
) -> Handle:
    """What is kept; `via` tells how it was posted: by the token, in the channel, or directly."""
    data = {"message": str(message["id"]), "channel": str(message.get("channel_id") or where.channel)}
    data["via"] = via
    if int(message.get("flags") or 0) & EPHEMERAL:
        data["private"] = "1"
    if ready_at is not None:
        data["ready_at"] = f"{ready_at:.0f}"
    return Handle(key=data["message"], data=data)


def link_of(handle: Handle, where: DiscordAddress) -> str:
    """Where a message stands, as Discord's own client opens it."""
    return f"https://discord.com/channels/{where.guild or '@me'}/{handle.data['channel']}/{handle.data['message']}"


def key_at(link: str) -> str:
    """The key of the message that a link of Discord's leads to; empty for any other address."""
    found = _LINK.search(link)
    return found["message"] if found else ""


def counts_down(card: Card, handle: Handle) -> bool:
    """Whether the placeholder counts down to that moment already: two calls a picture are enough.

    How far a service says that it is stands in no countdown, and is said a few times a picture.
    """
    shown = handle.data.get("ready_at")
    if shown is None or card.ready_at is None or card.phase != "painting":
        return False
    if card.tells or card.gone or card.measured:
        return False
    return abs(card.ready_at - float(shown)) <= _NEAR_S


def says(card: Card, message: Mapping[str, Any]) -> bool:
    """Whether a message was made from this very card, by its buttons: each phase has others."""
    mine = [one.get("custom_id") or one.get("url") for one in _buttons(message_of(card)["components"])]
    said = [one.get("custom_id") or "" for one in _buttons(message.get("components") or [])]
    return len(mine) == len(said) and all(a == b or not b for a, b in zip(mine, said, strict=True))


def _buttons(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one for row in rows for one in row.get("components") or ()]


def nonce_of(card: Card) -> str:
    """What makes a repeated first post the same post, in at most 25 letters.

    A job's id has 26, of which the first is a 0 for another thousand years.
    """
    role = str(card.role).partition(":")[2]
    return f"{card.job[1:]}"[: 24 if role else 25] + role


def nonce_anew(instead_of: str) -> str:
    """The same for the message that stands in place of another: another than the first one's."""
    return f"-{instead_of}"


def removed(handle: Handle) -> Handle:
    """Remembers that people have taken the message away."""
    return replace(handle, data={**handle.data, "removed": "1"})
