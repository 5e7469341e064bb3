"""The one table of what moderators can say: each verb, its options and an example.

The typed grammar reads its verbs, its help and its usage here, and a platform with commands of its own
builds them from it. What a verb does is the text `verb-NAME`; who does it is in bot/talk/admin_text.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import get_args

from bot.community.powers import Power
from bot.order.fitting import IMAGES_MOST
from bot.order.flags import Entry
from bot.ports import Priority
from bot.rules.rules import Level, Period

CREDITS_MAX = 10**9
USAGE_DAYS, USAGE_DAYS_MAX = 7, 366


class OptionKind(StrEnum):
    """What an option is."""

    PERSON = "person"
    CREDITS = "credits"  # a whole number above nothing
    QUOTA = "quota"  # the same, and 0
    DAYS = "days"
    TEXT = "text"  # to the end of the line
    JOB = "job"
    SPAN = "span"  # 30m, 2h, 7d, 2w
    PERIOD = "period"  # a day, a week or a month
    MODELS = "models"
    CHANNELS = "channels"
    ROLE = "role"
    CHANNEL = "channel"
    IMAGES = "images"
    PRIORITY = "priority"
    LEVEL = "level"
    OPENNESS = "openness"  # open or closed
    SWITCH = "switch"  # yes or no
    OFF = "off"  # takes away what was set
    MODERATORS = "moderators"  # people, roles or user groups, by their names or mentions
    SETTING = "setting"
    VALUE = "value"  # of a setting, to the end of the line

    @property
    def entry(self) -> Entry:  # noqa: PLR0911 - one arm an entry
        match self:
            case OptionKind.PERSON:
                return Entry.PERSON
            case OptionKind.ROLE:
                return Entry.ROLE
            case OptionKind.CHANNEL:
                return Entry.CHANNEL
            case OptionKind.CREDITS | OptionKind.QUOTA | OptionKind.IMAGES | OptionKind.DAYS:
                return Entry.NUMBER
            case OptionKind.SWITCH | OptionKind.OFF:
                return Entry.SWITCH
            case OptionKind.PERIOD | OptionKind.PRIORITY | OptionKind.LEVEL | OptionKind.OPENNESS:
                return Entry.CHOICE
            case (
                OptionKind.TEXT | OptionKind.JOB | OptionKind.SPAN | OptionKind.MODELS | OptionKind.CHANNELS
                | OptionKind.MODERATORS | OptionKind.SETTING | OptionKind.VALUE
            ):  # fmt: skip
                return Entry.WORDS


BOUNDS: Mapping[OptionKind, tuple[int, int]] = {
    OptionKind.CREDITS: (1, CREDITS_MAX),
    OptionKind.QUOTA: (0, CREDITS_MAX),
    OptionKind.IMAGES: (1, IMAGES_MOST),
    OptionKind.DAYS: (1, USAGE_DAYS_MAX),
}
VALUES: Mapping[OptionKind, tuple[str, ...]] = {
    OptionKind.PERIOD: get_args(Period),
    OptionKind.PRIORITY: tuple(Priority),
    OptionKind.LEVEL: get_args(Level),
    OptionKind.OPENNESS: ("open", "closed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that stands behind a verb."""

    name: str
    kind: OptionKind
    required: bool = False
    keyed: bool = False  # typed behind its name and a colon

    @property
    def suggested(self) -> bool:
        """Whether what it can be is suggested while somebody types."""
        return self.kind in (OptionKind.MODELS, OptionKind.SETTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One thing that a moderator can do, with its options in the order in which they are typed."""

    name: str
    example: str
    options: tuple[Option, ...] = ()
    about: str = ""  # the text of what it does, where that is not `verb-NAME`
    setter: str = ""  # typed instead of the name when options stand behind it
    needs: Power = Power.RUN

    @property
    def text(self) -> str:
        """The text of what it does."""
        return self.about or f"verb-{self.name}"

    @property
    def words(self) -> tuple[str, ...]:
        """What can be typed for it."""
        return (self.name, self.setter) if self.setter else (self.name,)

    @property
    def examples(self) -> tuple[str, ...]:
        """Lines that can be typed."""
        return (self.name, self.example) if self.setter else (self.example,)

    def line(self, given: Mapping[str, str]) -> str:
        """What is typed to say this; without its first option the others say nothing."""
        words = [
            f"{one.name}:{given[one.name]}" if one.keyed else given[one.name]
            for one in self.options
            if given.get(one.name)
        ]
        if not words or not given.get(self.options[0].name):
            return self.name
        return " ".join([self.setter or self.name, *words])


_PERSON = Option(name="person", kind=OptionKind.PERSON, required=True)
_CREDITS = Option(name="amount", kind=OptionKind.CREDITS, required=True)
_MEMO = Option(name="memo", kind=OptionKind.TEXT)
_JOB = Option(name="job", kind=OptionKind.JOB, required=True)
_PERIOD = Option(name="period", kind=OptionKind.PERIOD)
_OFF = Option(name="off", kind=OptionKind.OFF)


def _keyed(name: str, kind: OptionKind) -> Option:
    return Option(name=name, kind=kind, keyed=True)


VERBS: tuple[Verb, ...] = (
    Verb(
        name="settings", setter="set", example="set NAME VALUE",
        options=(Option(name="name", kind=OptionKind.SETTING), Option(name="value", kind=OptionKind.VALUE)),
    ),
    Verb(
        name="grant", example="grant @mina 100 30d for the poster",
        options=(_PERSON, _CREDITS, Option(name="lasts", kind=OptionKind.SPAN), _MEMO),
    ),
    Verb(name="take", example="take @mina 50 by mistake", options=(_PERSON, _CREDITS, _MEMO)),
    Verb(name="refund", needs=Power.JUDGE, example="refund JOB blurry", options=(_JOB, _MEMO)),
    Verb(name="books", example="books @mina", options=(_PERSON,)),
    Verb(
        name="allowance", example="allowance 500 daily",
        options=(Option(name="amount", kind=OptionKind.QUOTA, required=True), _PERIOD),
    ),
    Verb(
        name="budget", example="budget 20000 monthly",
        options=(Option(name="amount", kind=OptionKind.QUOTA), _PERIOD),
    ),
    Verb(name="models", example="models all", options=(Option(name="models", kind=OptionKind.MODELS),)),
    Verb(name="channels", example="channels #art", options=(Option(name="channels", kind=OptionKind.CHANNELS),)),
    Verb(
        name="channel", example="channel #art models:flux-2-pro level:strict",
        options=(
            Option(name="channel", kind=OptionKind.CHANNEL, required=True), _keyed("models", OptionKind.MODELS),
            _keyed("styles", OptionKind.TEXT), _keyed("level", OptionKind.LEVEL), _keyed("answers", OptionKind.OPENNESS), _OFF,
        ),
    ),
    Verb(
        name="role", example="role @booster allowance:1000 priority:fast",
        options=(
            Option(name="role", kind=OptionKind.ROLE, required=True), _keyed("allowance", OptionKind.QUOTA),
            _keyed("models", OptionKind.MODELS), _keyed("max_price", OptionKind.QUOTA), _keyed("images", OptionKind.IMAGES),
            _keyed("cooldown", OptionKind.QUOTA), _keyed("parallel", OptionKind.CREDITS), _keyed("priority", OptionKind.PRIORITY),
            _keyed("free", OptionKind.MODELS), _keyed("exempt", OptionKind.SWITCH), _OFF,
        ),
    ),
    Verb(name="roles", example="roles"),
    Verb(name="room", example="room #mods", options=(Option(name="room", kind=OptionKind.CHANNELS),)),
    Verb(
        name="moderators", example="moderators @role",
        options=(Option(name="moderators", kind=OptionKind.MODERATORS),),
    ),
    Verb(
        name="block", needs=Power.JUDGE, example="block @tom 2d spamming",
        options=(_PERSON, Option(name="time", kind=OptionKind.SPAN), Option(name="why", kind=OptionKind.TEXT)),
    ),
    Verb(name="unblock", needs=Power.JUDGE, example="unblock @tom", options=(_PERSON,)),
    Verb(name="blocked", needs=Power.JUDGE, example="blocked"),
    Verb(name="held", needs=Power.JUDGE, example="held"),
    Verb(name="release", needs=Power.JUDGE, example="release JOB", options=(_JOB,)),
    Verb(name="discard", needs=Power.JUDGE, example="discard JOB", options=(_JOB,)),
    Verb(name="usage", example="usage 30", options=(Option(name="days", kind=OptionKind.DAYS),)),
    Verb(name="purchases", example="purchases"),
    Verb(name="audit", needs=Power.JUDGE, example="audit"),
    Verb(name="history", example="history"),
)  # fmt: skip

# What people type about their own credits, below the command for their own things.
OWN_VERBS: tuple[Verb, ...] = (
    Verb(
        name="history",
        about="own-history",
        example="history red fox",
        options=(Option(name="words", kind=OptionKind.TEXT),),
    ),
    Verb(name="show", example="show JOB", options=(_JOB,)),
    Verb(
        name="redeem",
        example="redeem CODE",
        options=(Option(name="code", kind=OptionKind.TEXT, required=True),),
    ),
    Verb(name="gift", example="gift @mina 50 thank you", options=(_PERSON, _CREDITS, _MEMO)),
    Verb(name="buy", example="buy starter", options=(Option(name="product", kind=OptionKind.TEXT),)),
)
OWN_BY_WORD: Mapping[str, Verb] = MappingProxyType({verb.name: verb for verb in OWN_VERBS})

BY_WORD: Mapping[str, Verb] = MappingProxyType({word: verb for verb in VERBS for word in verb.words})

assert len(BY_WORD) == sum(len(verb.words) for verb in VERBS), "two verbs are typed alike"
