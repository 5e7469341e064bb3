"""What a surface is given when it is opened."""

from dataclasses import dataclass, field

from starlette.routing import BaseRoute

from bot.community.residence import Residence
from bot.community.spending import strangers_spend
from bot.configuration.settings import Settings
from bot.credits.purchases import Purchases
from bot.ports import Gallery
from bot.process.telemetry import Metrics
from bot.process.upkeep import Upkeep
from bot.staff.office import Office
from bot.studio.studio import Studio
from bot.talk.browsing import Browsing
from bot.talk.talk import Talk
from bot.words.words import Words


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
