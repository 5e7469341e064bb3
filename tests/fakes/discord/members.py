"""Who there is: users, their roles, and what they are in a server."""

import dataclasses
from typing import Any

MIB = 1024 * 1024


@dataclasses.dataclass(eq=False)
class User:
    """A person or a bot. `dms_closed` refuses direct messages; `installed` has the app for oneself."""

    id: int
    name: str
    bot: bool = False
    dms_closed: bool = False
    installed: bool = False
    locale: str = "en-US"
    global_name: str | None = None
    file_limit_bytes: int = 10 * MIB

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    def json(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "username": self.name,
            "global_name": self.global_name,
            "discriminator": "0000" if self.bot else "0",
            "avatar": None,
            "bot": self.bot,
            "public_flags": 0,
        }


@dataclasses.dataclass(eq=False)
class Role:
    id: int
    name: str
    permissions: int
    position: int = 1
    bot_id: int | None = None  # whose own role it is

    def json(self) -> dict[str, Any]:
        own = {"tags": {"bot_id": str(self.bot_id)}} if self.bot_id else {}
        return own | {
            "id": str(self.id), "name": self.name, "permissions": str(self.permissions), "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False, "position": self.position, "managed": bool(self.bot_id), "mentionable": False, "flags": 0,
        }  # fmt: skip


@dataclasses.dataclass(eq=False)
class Member:
    user: User
    roles: list[int]
    joined_at: str

    def json(self, *, permissions_held: int | None = None, user: bool = True) -> dict[str, Any]:
        body: dict[str, Any] = {
            "roles": [str(role) for role in self.roles], "joined_at": self.joined_at, "nick": None,
            "avatar": None, "premium_since": None, "deaf": False, "mute": False, "pending": False,
            "communication_disabled_until": None, "flags": 0,
        }  # fmt: skip
        if user:
            body["user"] = self.user.json()
        if permissions_held is not None:
            body["permissions"] = str(permissions_held)
        return body
