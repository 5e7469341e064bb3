"""What a community's moderators are told of, as values: what happened, what was done about it, how it is told.

An event is a row that is written in the transaction of what caused it, and unique by its `thing`: so it is told
once, whatever is repeated, killed or done by two replicas. It holds no words of a picture: these stay with the
job, or with the refusal in the audit, and go with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.ports import Address, Do, Handle, Requester, RoomAct


class EventKind(StrEnum):
    """What can happen. Outside tools rely on these names."""

    REPORT = "report"
    WITHHELD = "withheld"
    PAUSED = "paused"
    APPEAL = "appeal"
    BUDGET_80 = "budget-80"
    BUDGET_100 = "budget-100"
    SERVICE_TROUBLE = "service-trouble"
    MODEL_ENDS = "model-ends"
    CHARGEBACK = "chargeback"


class TellingWay(StrEnum):
    """How an event is told: in the community's room, or to the operator's own address."""

    ROOM = "room"
    HOOK = "hook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What is about to be kept as an event. `thing` names it: the same is kept once.

    Without a community it is the operator's alone. `user` is whom it is about, `actor` who brought it up.
    """

    kind: EventKind
    thing: str
    surface: str = ""
    community: str = ""
    user: str = ""
    name: str = ""
    actor: str = ""
    actor_name: str = ""
    job: str | None = None
    refusal: str = ""  # the line of the audit with the refused words
    facts: Mapping[str, str] = field(default_factory=dict)
    address: Address | None = None  # where the person can be answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a moderator did about an event."""

    do: Do
    actor: str
    name: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """An act about an event that is being done: what does it keeps it too, so that no kill parts the two."""

    event: str
    do: RoomAct
    actor: Requester
    settles: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, and how it stands. `version` rises with everything that is done about it."""

    id: str
    kind: EventKind
    surface: str
    community: str
    user: str
    name: str
    actor: str
    actor_name: str
    job: str | None
    refusal: str
    facts: Mapping[str, str]
    address: Address | None
    at: float
    version: int
    settled: bool
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One way of telling an event: where its message stands, and which version it says."""

    event: Event
    way: TellingWay
    address: Address | None = None
    handle: Handle | None = None
    shown: int = 0
    tries: int = 0
