"""What a surface is given when it is opened."""

from dataclasses import dataclass, field

from starlette.routing import BaseRoute

from bot.community.spending import strangers_spend
from bot.office import Office
from bot.ports import Gallery
from bot.purchases import Purchases
from bot.residence import Residence
from bot.settings import Settings
from bot.studio import Studio
from bot.talk.browsing import Browsing
from bot.talk.talk import Talk
from bot.telemetry import Metrics
from bot.upkeep import Upkeep
from bot.words import Words


@dataclass(slots=True, kw_only=True)
class Tools:
    """The talk, a look around, the studio's verbs for what a surface shows by itself, who has come and gone, our words, what is sold, a way to mount routes."""

    talk: Talk
    browsing: Browsing
    studio: Studio
    residence: Residence
    office: Office
    gallery: Gallery
    purchases: Purchases
    words: Words
    settings: Settings
    metrics: Metrics
    upkeep: Upkeep
    mounts: list[BaseRoute] = field(default_factory=list)

    @property
    def strangers_spend(self) -> str:
        """What a community may spend that the operator has not named, as a sentence; "" where only named ones may."""
        return strangers_spend(self.settings.quotas)
