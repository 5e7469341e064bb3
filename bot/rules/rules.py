"""The rules of one community: what its moderators may set, over the operator's defaults and under his ceilings."""

from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from bot.ports import Priority

Period = Literal["day", "week", "month"]
Level = Literal["strict", "standard", "relaxed"]
InputsRule = Literal["any", "checked", "own"]
INPUTS_MEAN = (
    "pictures that may be given with an order: any, those that an image check has judged (where none is set up,"
    " Easel's own), or Easel's own"
)


@cache
def _zones() -> frozenset[str]:
    """The zones that every machine has: a name of this one's own folder (`localtime`) is read by no other replica."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("this is no time zone; write one like Europe/Berlin")
    return name


def _no_switch(value: Any) -> Any:
    """`true` is a number to Python, and no number of credits to anybody else."""
    if isinstance(value, bool):
        raise PydanticCustomError("no_number", "it is a number, not yes or no")
    return value


def _printable(text: str) -> str:
    if not text.strip() or not all(letter.isprintable() or letter == "\u200d" for letter in text):
        raise PydanticCustomError("unreadable", "it holds what nobody can read")
    return text


TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]
Credits = Annotated[int, Field(ge=0, le=10**12), BeforeValidator(_no_switch)]
YEAR_S = 366 * 86_400
Span = Annotated[int, Field(ge=60, le=YEAR_S)]
STRIKES_LEAST = 2  # one refusal may be a misreading


def _several(strikes: int) -> int:
    if 0 < strikes < STRIKES_LEAST:
        raise ValueError(f"one refusal pauses nobody; write {STRIKES_LEAST} or more, or 0 for never")
    return strikes


Strikes = Annotated[int, Field(ge=0, le=100), AfterValidator(_several)]  # as many as are counted
Cooldown = Annotated[float, Field(ge=0, le=86_400)]
PerRequester = Annotated[int, Field(ge=1, le=1000)]
ImagesMost = Annotated[int, Field(ge=1, le=4), BeforeValidator(_no_switch)]
PerCommunity = Annotated[int, Field(ge=1, le=100_000)]
WORDS_MOST, WORD_CHARS_MOST = 500, 100
Name = Annotated[
    str, Field(max_length=WORD_CHARS_MOST), AfterValidator(_printable)
]  # of a model, a role, a channel, a word
Names = Annotated[tuple[Name, ...], Field(max_length=WORDS_MOST)]
OwnWords = Names


class Schedule(BaseModel):
    """A schedule that still holds until its period is over."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    period: Period
    time_zone: TimeZone
    until: Annotated[
        float, Field(ge=0, le=10**11)
    ]  # unix seconds: the boundary at which the present rules begin


class RoleRule(BaseModel):
    """What one role or user group gets; None: as everyone. Of several roles the most generous wins."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    allowance: Credits | None = None
    free_models: Names = ()
    exempt: bool = False  # pays nothing at all
    models: Names | None = None  # empty: all
    max_price: Credits | None = None
    images_max: ImagesMost | None = None
    cooldown_s: Cooldown | None = None
    per_requester: PerRequester | None = None
    priority: Priority | None = None


class ChannelRule(BaseModel):
    """What holds in one channel, its threads, or all channels of a category; None: as everywhere."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    open: bool | None = None
    models: Names | None = None  # empty: all
    styles: Names | None = None  # empty: all
    level: Level | None = None


class Rules(BaseModel):
    """All that a community can set. Defaults come from the operator's configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True, allow_inf_nan=False)

    language: str = Field("", max_length=35, description="language of messages; empty: the operator's")

    allowance: Credits = Field(500, description="credits each person gets in a period")
    period: Period = Field("day", description="how often the allowance is renewed")
    time_zone: TimeZone = Field("UTC", description="whose midnight renews it")
    schedule_before: Schedule | None = Field(
        None, description="the schedule that holds until its period is over; kept by Easel itself"
    )
    roles: dict[Name, RoleRule] = Field({}, max_length=200, description="rules by role or user group id")
    channel_rules: dict[Name, ChannelRule] = Field(
        {}, max_length=200, description="rules by channel or category id"
    )
    owners_exempt: bool = Field(default=False, description="moderators pay nothing")
    newcomer_wait_s: int = Field(0, ge=0, le=YEAR_S, description="how long a new member waits, seconds")

    budget: Credits | None = Field(None, description="credits the whole community may spend in a period")
    budget_period: Period = Field("month", description="how often the budget is renewed")
    budget_before: Schedule | None = Field(
        None, description="the budget's schedule that holds until its period is over; kept by Easel itself"
    )
    price_factors: dict[Name, Annotated[float, Field(ge=0, le=100)]] = Field(
        {}, max_length=200, description="model -> factor on its credits, rounded up"
    )
    max_price: Credits | None = Field(None, description="most credits one picture may cost")

    models: Names = Field((), description="models that may be used; empty: all")
    styles: Names = Field((), description="styles that may be used; empty: all")
    sizes: Names = Field((), description="sizes that may be used; empty: all")
    images_max: ImagesMost = Field(4, description="most images in one order")
    default_model: str = Field(
        "", max_length=100, description="model when none is named; empty: the operator's"
    )
    default_aspect: str = Field("", max_length=20, description="shape when none is named")

    room: str = Field(
        "", max_length=WORD_CHARS_MOST, description="channel where moderators are told; empty: none"
    )
    moderators: Names = Field((), description="people, roles or user groups who moderate, by id")
    channels: Names = Field((), description="channels where Easel answers; empty: all")
    cooldown_s: Cooldown = Field(0, description="seconds between two orders of one person")
    per_requester: PerRequester = Field(4, description="pictures under way for one person")
    per_community: PerCommunity = Field(200, description="pictures under way for all together")
    gifts: Credits = Field(0, description="credits a person may give to others in a day; 0: none")
    press: Literal["everyone", "requester"] = Field(
        "everyone", description="who may go on from a picture, by its buttons or by its name"
    )

    level: Level = Field("standard", description="how strict moderation is")
    relaxed_where_age_restricted: bool = Field(
        default=False, description="age-restricted channels are relaxed"
    )
    blocked_words: OwnWords = Field((), description="own words that are refused")
    allowed_words: OwnWords = Field((), description="own words that always pass")
    misread: OwnWords = Field(
        (), description='phrases that pass since a moderator pressed "This was wrong"; they can be taken out'
    )
    art_nudity: bool = Field(default=False, description="whether nudity in art passes")
    real_people: bool = Field(default=True, description="whether prompts about living persons pass")
    insults: bool = Field(default=True, description="whether mere insults pass")
    inputs: InputsRule = Field("checked", description=INPUTS_MEAN)
    quarantine: bool = Field(default=False, description="keep withheld pictures for the moderators")
    strikes: Strikes = Field(
        5, description="refusals in the window that pause a person, 2 at least; 0: never"
    )
    strikes_window_s: Span = Field(3600, description="the window, seconds")
    pause_s: Span = Field(3600, description="the pause, seconds")

    def schedule(self, now: float) -> tuple[Period, str]:
        """Period and time zone that hold now: a change begins at the next boundary, so that no day pays twice."""
        return _holding(self.schedule_before, self.period, self.time_zone, now)

    def budget_schedule(self, now: float) -> tuple[Period, str]:
        """The same of the budget: switching to and fro does not renew it."""
        return _holding(self.budget_before, self.budget_period, self.time_zone, now)

    def changed(self, overrides: dict[str, Any]) -> "Rules":
        """These rules with a community's own values over them. Raises pydantic.ValidationError."""
        return Rules.model_validate(self.model_dump() | overrides) if overrides else self


def _holding(before: Schedule | None, period: Period, time_zone: str, now: float) -> tuple[Period, str]:
    if before is not None and now < before.until:
        return before.period, before.time_zone
    return period, time_zone
