"""What can be ordered: a model of images, and an order for it. Values, which everything above knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Parameters = Mapping[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One image model as a provider offers it: data, never wired into code."""

    id: str
    provider: str
    maker: str = ""
    credits: int  # an image
    usd_micros: int = 0  # what an image costs the operator, millionths of a US dollar
    way: Literal["sync", "async"] = "async"
    images_max: int = 4  # in one order
    parameters: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # name -> values; () takes any text
    aliases: tuple[str, ...] = ()
    usual_s: float = 12.0  # a first guess of its duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A prompt made exact: valid by construction, and enough to ask a provider byte for byte again."""

    provider: str
    model: str
    prompt: str  # as the provider is sent it
    parameters: Parameters = field(default_factory=dict)
    images: int = 1
    credits_each: int
    usd_micros_each: int = 0
    way: Literal["sync", "async"] = "async"
    typed: str = ""  # as the person wrote it, flags and all: Remix starts from it
    negative: str = ""  # what it shall not show, as typed: judged with the subject
    subject: str = ""  # the person's words without flags: what cards quote
    private: bool = False
    spoiler: bool = False
    tell: bool = False  # privately, when it is done: an edit notifies nobody

    @property
    def credits(self) -> int:
        """The price of the whole order."""
        return self.credits_each * self.images
