"""What can be ordered: a model of images, what it costs, and an order for it. Values, which everything above knows."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Literal, Self

NEGATIVE_FLAG = " --no "  # between what a picture shows and what it shall not, where both are one text

Parameters = Mapping[str, str | int]
Strength = Literal[
    "photo", "text", "quick", "edit", "art", "own"
]  # what a model is good for: `good-for-NAME`
Answering = Literal["sync", "async"]  # how its provider answers: at once, or by an operation
InputsBy = Literal["bytes", "link"]  # link: the service fetches pictures that are given from us
USD_MICROS = 1_000_000  # in a US dollar
USD_MICROS_A_CREDIT = 1000  # what a credit is worth where nothing else is said
# The types of pictures that are taken, kept and sent, each with the ending of its files.
JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
EXTENSIONS = {PNG: "png", JPEG: "jpg", WEBP: "webp"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one image of an order costs: the person in credits, the operator in millionths of a US dollar."""

    credits: int
    usd_micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One row of a model's price table: an image whose parameters have these values."""

    when: Mapping[str, tuple[str, ...]]  # parameter -> the values that this row is for
    usd_micros: int | None = None  # None: as the model says
    credits: int | None = None  # None: what it costs the operator

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """A row as it is written: the values that it is for, one or several, and `usd` or `credits`. Raises ValueError."""
        prices = {name: row[name] for name in ("usd", "credits") if name in row}
        odd = [p for p in prices.values() if isinstance(p, bool) or not isinstance(p, int | float) or p < 0]
        if not prices or odd:
            raise ValueError("a row of prices needs `usd` or `credits`, from 0")
        when = {
            name: tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)
            for name, value in row.items()
            if name not in prices
        }
        usd, credits_ = prices.get("usd"), prices.get("credits")
        return cls(
            when=when,
            usd_micros=None if usd is None else round(usd * USD_MICROS),
            credits=None if credits_ is None else math.ceil(credits_),
        )

    def fits(self, parameters: Parameters) -> bool:
        """Whether the row is for these parameters."""
        return all(str(parameters.get(name, "")) in values for name, values in self.when.items())


_ANYTHING = Rate(when={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One image model as a provider offers it: data, never wired into code.

    A model has one id whoever draws it. Several providers that offer the same id are its routes.
    """

    id: str
    provider: str
    wire: str = ""  # what the provider calls it; empty: by its id
    maker: str = ""
    good_for: Strength | Literal[""] = ""  # the strong side in a word
    credits: int | None = None  # an image; None: what it costs the operator
    usd_micros: int = 0  # what an image costs the operator, millionths of a US dollar
    rates: tuple[Rate, ...] = ()  # where the price depends on what is asked: the first that fits
    input_credits: int | None = None  # each picture that is given, for each image; None: as above
    input_usd_micros: int = 0
    usd_micros_a_credit: int = USD_MICROS_A_CREDIT
    way: Answering = "async"
    images_max: int = 4  # in one order
    parameters: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # name -> values; () takes any text
    defaults: Mapping[str, str] = field(default_factory=dict)  # what is sent where nothing was asked
    inputs: int = 0  # how many pictures may be given
    inputs_min: int = 0  # 1: it changes pictures only
    masks: bool = False  # whether it takes a mask for the first picture
    needs_mask: bool = False  # it fills what a mask shows, and does nothing without one
    upscales: bool = False  # it makes a picture larger, and nothing else
    inputs_by: InputsBy = "bytes"
    input_pixels: int = 0  # the largest that is taken, width x height; 0: as we take them
    input_bytes: int = 0  # the same
    ends: date | None = None  # the first day on which it is not to be used any more
    ends_upstream: bool = False  # that is its maker's day; the provider may go on beyond it
    successor: str = ""  # the id of the model that takes its place then
    aliases: tuple[str, ...] = ()
    calls: bool = True  # whether we are called when it is done, where its provider calls at all
    usual_s: float = 12.0  # a first guess of its duration

    @property
    def wire_name(self) -> str:
        """What the provider calls it."""
        return self.wire or self.id

    @property
    def edits(self) -> bool:
        """Whether words alone can change a picture with it."""
        return self.inputs > 0 and not self.upscales and not self.needs_mask

    def takes(self, inputs: int, *, masked: bool = False) -> bool:
        """Whether it draws from so many pictures that are given, with a mask for the first of them or without."""
        takes = self.inputs_min <= inputs <= self.inputs and not self.upscales
        return takes and (masked or not self.needs_mask)

    def price(self, parameters: Parameters | None = None, inputs: int = 0) -> Price:
        """What one image costs with these parameters and so many pictures given."""
        asked = {**self.defaults, **(parameters or {}), "inputs": inputs}
        row = self._row(next((rate for rate in self.rates if rate.fits(asked)), _ANYTHING))
        return Price(
            credits=row.credits + self.input_price() * inputs,
            usd_micros=row.usd_micros + self.input_usd_micros * inputs,
        )

    def prices(self) -> tuple[tuple[Mapping[str, tuple[str, ...]], Price], ...]:
        """The table, cheapest first: what must be asked for, and what an image costs then without inputs."""
        *rows, plain = self.table()
        rows += () if any(rate.fits(self.defaults) for rate in self.rates) else (plain,)
        return tuple(sorted(rows, key=lambda row: row[1].credits))

    def table(self) -> tuple[tuple[Mapping[str, tuple[str, ...]], Price], ...]:
        """The same as it is read: the first row that fits holds, the last one fits always."""
        return tuple((rate.when, self._row(rate)) for rate in (*self.rates, _ANYTHING))

    def input_price(self) -> int:
        """Credits of each picture that is given, for each image."""
        return self._credits(self.input_usd_micros, self.input_credits)

    def _row(self, rate: Rate) -> Price:
        usd_micros = self.usd_micros if rate.usd_micros is None else rate.usd_micros
        # A row with a cost of its own follows that, and not the one price of the model.
        flat = self.credits if rate.usd_micros is None else None
        return Price(
            credits=self._credits(usd_micros, flat if rate.credits is None else rate.credits),
            usd_micros=usd_micros,
        )

    def _credits(self, usd_micros: int, credits_: int | None) -> int:
        """What was set, else what it costs the operator, rounded up."""
        return -(-usd_micros // self.usd_micros_a_credit) if credits_ is None else credits_


class Use(StrEnum):
    """What a picture that is given with an order is for."""

    PICTURE = "picture"  # it is changed, or taken along
    STYLE = "style"  # the result looks like it
    SUBJECT = "subject"  # who or what is on it is on the result
    MASK = "mask"  # as large as the first picture: what is white on it may change, what is black stays


class Where(StrEnum):
    """Who has a picture that is given."""

    OURS = "ours"  # one of our own pictures: `ref` is JOB/INDEX
    UPLOAD = "upload"  # handed to us, and kept already: `ref` is our mark on its key
    ATTACHED = "attached"  # in a chat: `ref` is what its surface can find it by


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a picture that is given stands. It is kept with the order; the bytes come later, in the first stage."""

    where: Where
    ref: str
    use: Use = Use.PICTURE
    surface: str = ""  # of an attachment: who can lend it

    @property
    def picture(self) -> tuple[str, int]:
        """Of one of ours its job, and its number from 1; of any other nothing."""
        job, _, number = self.ref.rpartition("/")
        if self.where is not Where.OURS or not (number.isascii() and number.isdecimal() and len(number) <= 2):  # noqa: PLR2004  # digits
            return "", 0
        return job, int(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A prompt made exact: valid by construction, and enough to ask a provider byte for byte again."""

    provider: str
    model: str
    wire: str = ""  # what the provider calls the model; empty: by its id
    prompt: str  # as the provider is sent it
    parameters: Parameters = field(default_factory=dict)
    images: int = 1
    inputs: int = 0  # how many pictures are given with it, masks aside
    sources: tuple[Source, ...] = ()  # where they stand, in the order in which they are given
    credits_each: int
    usd_micros_each: int = 0
    way: Answering = "async"
    typed: str = ""  # as the person wrote it, flags and all: Remix starts from it
    negative: str = ""  # what it shall not show, as typed: judged with the subject
    subject: str = ""  # the person's words without flags: what cards quote
    shape: str = ""  # as it was asked for, where only a near one is drawn
    meant: str = ""  # the model that was asked for, where another draws in its place
    style: str = ""  # the name of the look that the prompt is drawn in
    private: bool = False
    spoiler: bool = False
    young: bool = (
        False  # words of a picture that is given speak of the young: what comes of it is judged strictly
    )
    tell: bool = False  # privately, when it is done: an edit notifies nobody

    @property
    def wire_name(self) -> str:
        """What the provider calls the model."""
        return self.wire or self.model

    @property
    def said(self) -> str:
        """The person's words with what the picture shall not show: what is judged, and what the audit keeps."""
        return f"{self.subject}{NEGATIVE_FLAG}{self.negative}" if self.negative else self.subject

    @property
    def worded(self) -> bool:
        """Whether a person's words still stand in it: time, or a wish to be forgotten, takes them away."""
        return bool(self.typed or self.subject or self.prompt)

    @property
    def credits(self) -> int:
        """The price of the whole order."""
        return self.credits_each * self.images
