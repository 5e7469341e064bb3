"""What a surface is given when it is opened."""

from dataclasses import dataclass, field

from starlette.routing import BaseRoute

from bot.config import Settings
from bot.desk import Desk
from bot.studio import Studio
from bot.telemetry import Metrics
from bot.words import Words


@dataclass(slots=True, kw_only=True)
class Tools:
    """The front door, the moderators' desk, our words, and a way to mount routes on the one listener."""

    studio: Studio
    desk: Desk
    words: Words
    settings: Settings
    metrics: Metrics
    mounts: list[BaseRoute] = field(default_factory=list)
