"""A strict Discord on 127.0.0.1."""

from .actions import BOT_PERMISSIONS
from .errors import ApiError
from .inputs import Misuse
from .interactions import Invocation
from .server import DiscordServer
from .state import Ping, Request, Violation
from .world import MIB, Channel, Guild, Message, User

__all__ = [
    "BOT_PERMISSIONS", "MIB", "ApiError", "Channel", "DiscordServer", "Guild", "Invocation", "Message", "Misuse",
    "Ping", "Request", "User", "Violation",
]  # fmt: skip
