"""What the rooms of a process stand on: all that holds files, connections and threads."""

from dataclasses import dataclass

from bot.configuration.settings import Settings
from bot.moderation.panel import Panel
from bot.pictures.assets import Assets
from bot.pictures.darkroom import Darkroom
from bot.pictures.fetch import Fetch
from bot.process.telemetry import Metrics
from bot.provider import Provider
from bot.store import Store
from bot.words.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundation:
    """Opened by bot/house/app.py, and closed there."""

    settings: Settings
    store: Store
    darkroom: Darkroom
    fetch: Fetch
    assets: Assets
    providers: dict[str, Provider]
    panel: Panel
    metrics: Metrics
    words: Words
