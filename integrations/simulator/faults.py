"""Every way in which the simulated gateway can go wrong: one named entry a fault, at named points.

A fault strikes when it is armed (at the start, or by `POST /_sim/faults`) or when the prompt says
`[sim:its-name]`; `[sim:its-name:2]` strikes the first two times that this prompt gets there.
"""

import random
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from starlette.responses import Response

from integrations.simulator.catalogue import Problem, Wish
from integrations.simulator.fault_effects import Effect, Point, Scene
from integrations.simulator.fault_list import FAULTS, NamedFault

MAGIC = re.compile(r"\[sim:([A-Za-z0-9_-]+)(?::(\d+))?\]")
SPELLED = re.compile(
    r"(?P<name>[A-Za-z0-9_-]+)(?:@(?P<model>[^=:]+))?(?:=(?P<probability>[0-9.]+))?(?::(?P<times>\d+))?"
)
COUNTED_MAX = 10_000


@dataclass(slots=True, kw_only=True)
class Armed:
    """A fault that lies in wait."""

    fault: NamedFault
    probability: float = 1.0
    times: int | None = None  # how often it may still strike
    model: str | None = None  # only for this model

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.fault.name,
            "probability": self.probability,
            "times": self.times,
            "model": self.model,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSpot:
    """Where in the protocol we are, as far as a fault's choice depends on it."""

    point: Point
    model: str = ""
    prompt: str = ""
    marks: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, point: Point, wish: Wish, marks: set[str] | None = None) -> "FaultSpot":
        return cls(
            point=point, model=wish.model.id, prompt=wish.prompt, marks=set() if marks is None else marks
        )


def named(name: str) -> NamedFault:
    """The fault of this name, however its words are joined; raises Problem with the nearest names."""
    key = name.strip().lower().replace("-", "_")
    fault = FAULTS.get(key)
    if fault is None:
        near = ", ".join(get_close_matches(key, FAULTS, n=3)) or "see easel simulate --list-faults"
        raise Problem(status=400, message=f"simulator_error - There is no fault '{name}' (nearest: {near})")
    return fault


def parse_armed(text: str) -> Armed:
    """Reads NAME[@MODEL][=PROBABILITY][:TIMES]; raises ValueError."""
    match = SPELLED.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not of the form NAME[@MODEL][=PROBABILITY][:TIMES]")
    try:
        fault = named(match["name"])
    except Problem as problem:
        raise ValueError(problem.message.removeprefix("simulator_error - ")) from problem
    probability, times = float(match["probability"] or 1), match["times"]
    if probability > 1:
        raise ValueError(f"{text!r} has a probability above 1")
    return Armed(
        fault=fault,
        probability=probability,
        times=None if times is None else int(times),
        model=match["model"],
    )


def without_magic(prompt: str) -> str:
    """The prompt as a painter should read it."""
    return MAGIC.sub(" ", prompt)


class Switchboard:
    """Decides which faults strike where."""

    def __init__(self, *, rng: random.Random) -> None:
        self._rng = rng
        self.armed: list[Armed] = []
        self._strikes: OrderedDict[tuple[str, str], int] = OrderedDict()

    def arm(self, one: Armed) -> None:
        """From now on it strikes where it can."""
        self.armed.append(one)

    async def strike(self, place: FaultSpot, scene: Scene) -> Response | None:
        """Lets every fault of this place act; the first that answers instead of the gateway wins."""
        for fault in self._firing(place):
            response = await fault.effects[place.point](scene)
            if response is not None:
                return response
        return None

    def hides(self, model_id: str) -> bool:
        """Whether an armed fault takes the model off the list; looking uses nothing up."""
        return any(
            one.fault.hides_model and one.times != 0 and one.model in {None, model_id} for one in self.armed
        )

    def _firing(self, place: FaultSpot) -> Iterator[NamedFault]:
        """One after the other, so that a fault that never had its turn is not used up."""
        for one in self.armed:
            if self._fire_armed(one, place):
                yield one.fault
        for fault, times in spoken(place.prompt):
            if self._fire_spoken(fault, times, place):
                yield fault

    def _fire_armed(self, one: Armed, place: FaultSpot) -> bool:
        if one.times == 0 or one.model not in {None, place.model} or not _may(one.fault, place):
            return False
        if one.probability < 1 and self._rng.random() >= one.probability:
            return False
        if one.times is not None:
            one.times -= 1
        _mark(one.fault, place)
        return True

    def _fire_spoken(self, fault: NamedFault, times: int | None, place: FaultSpot) -> bool:
        if not _may(fault, place):
            return False
        if times is not None:
            count = self._strikes.pop((fault.name, place.prompt), 0)
            self._strikes[fault.name, place.prompt] = count + 1
            while len(self._strikes) > COUNTED_MAX:
                self._strikes.popitem(last=False)
            if count >= times:
                return False
        _mark(fault, place)
        return True


def spoken(prompt: str) -> list[tuple[NamedFault, int | None]]:
    """The faults that a prompt asks for by magic words; raises Problem for one that does not exist."""
    return [(named(name), int(times) if times else None) for name, times in MAGIC.findall(prompt)]


def _may(fault: NamedFault, place: FaultSpot) -> bool:
    return place.point in fault.effects and not (fault.once and fault.name in place.marks)


def _mark(fault: NamedFault, place: FaultSpot) -> None:
    if fault.once:
        place.marks.add(fault.name)


def describe() -> Mapping[str, str]:
    """Every fault's name and what it does."""
    return {fault.name: fault.says for fault in FAULTS.values()}


__all__ = [
    "FAULTS",
    "Armed",
    "Effect",
    "FaultSpot",
    "NamedFault",
    "Point",
    "Scene",
    "Switchboard",
    "describe",
    "named",
]
