"""Job -> Card, pure: what a message about a job shall say, platform-neutral and localised."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Do(StrEnum):
    """What a person can do from a card; surfaces make buttons of them."""

    CANCEL = "cancel"
    REROLL = "reroll"
    REMIX = "remix"
    PICK = "pick"
    ORIGINAL = "original"
    DELETE = "delete"
    REPORT = "report"
    RETRY = "retry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One button: what it does and what stands on it. `index` (from 1) names the image for PICK."""

    do: Do
    label: str
    index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One of our images as a card needs it; `key` opens it in the Gallery."""

    key: str
    media_type: str
    width: int
    height: int
    size_bytes: int
    alt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a message about a job shall say."""

    job: str
    version: int  # of the job
    role: str = "main"  # main, or pick:N
    phase: Literal["waiting", "painting", "finished", "over"] = "waiting"
    state: str = "accepted"  # the job's, for styling
    requester: str = ""  # the name, as plain text: nobody is pinged
    prompt: str = ""  # cut, not yet escaped: quoting harmlessly is the surface's
    headline: str = ""  # one short line: "Painting ...", "Done in 12 s"
    sentence: str = ""  # for an end: what happened, that credits are back, what to do next
    facts: tuple[tuple[str, str], ...] = ()  # label, value: model, shape, credits, seconds
    ready_at: float | None = None  # unix seconds: when it will usually be done
    usual_s: float | None = None
    pictures: tuple[Picture, ...] = ()  # what to show big: one image, or one contact sheet
    originals: tuple[Picture, ...] = field(default=())  # the untouched files, in order
    actions: tuple[Action, ...] = ()
    private: bool = False
    spoiler: bool = False
    gone: bool = False  # remove the message
