"""Which models can be used at present: what our keys may use, what has ended, and what doesn't work just now."""

import math
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from bot.health import Health, Route, lasts
from bot.model import Model

WARNED_DAYS = 30  # so long before its end a model is warned of

_WELL = Health()


class Fares(StrEnum):
    """How a route fares, in a word. Outside tools rely on these names."""

    WELL = "well"
    DOUBTFUL = "doubtful"  # others go first, where there are others
    OUT = "out"  # its breaker keeps it out
    ENDED = "ended"
    CLOSED = "closed"  # our key may not use it, or the account is empty


class Openness:
    """The one part of the catalogue that changes. A model here is one route: a provider's offer of it."""

    def __init__(self) -> None:
        self._closed_until: dict[Route, float] = {}
        self._open_names: dict[str, frozenset[str]] = {}
        self._paused_until: dict[str, float] = {}
        self._doubted_until: dict[str, float] = {}
        self._ends: dict[str, Mapping[str, date]] = {}
        self._health: Mapping[Route, Health] = MappingProxyType({})

    # ── What is learned ──────────────────────────────────────────────────────────────────────────────

    def close(self, model: str, *, until: float, provider: str = "") -> None:
        """The provider said that this model isn't ours to use: don't offer it for a while. Empty: no provider's."""
        self._closed_until[provider, model] = until

    def pause(self, provider: str, *, until: float) -> None:
        """The provider's account is empty: none of its models is offered for a while."""
        self._paused_until[provider] = until

    def doubt(self, provider: str, *, until: float) -> None:
        """The provider refuses our key: others go first for a while, where there are others."""
        self._doubted_until[provider] = until

    def set_open(self, provider: str, names: Collection[str] | None) -> None:
        """What the provider's own list says; None: it doesn't tell."""
        if names is None:
            self._open_names.pop(provider, None)
        else:
            self._open_names[provider] = frozenset(name.casefold() for name in names)

    def set_ends(self, provider: str, ends: Mapping[str, date]) -> None:
        """When models end, by the provider's own list."""
        self._ends[provider] = {name.casefold(): day for name, day in ends.items()}

    def set_health(self, health: Mapping[Route, Health]) -> None:
        """How routes fare, as all replicas know it."""
        self._health = dict(health)

    # ── What follows ─────────────────────────────────────────────────────────────────────────────────

    def is_open(self, model: Model, now: float) -> bool:
        """Whether it may be ordered: our key may use it, it has not ended, and its breaker lets somebody go."""
        return (
            self.is_ours(model, now) and not self.has_ended(model, now) and not self.health(model).bars(now)
        )

    def fares(self, model: Model, now: float) -> Fares:
        """How the route fares."""
        if not self.is_ours(model, now):
            return Fares.CLOSED
        if self.has_ended(model, now):
            return Fares.ENDED
        if self.health(model).bars(now):
            return Fares.OUT
        return Fares.DOUBTFUL if self.is_doubtful(model, now) else Fares.WELL

    def is_ours(self, model: Model, now: float) -> bool:
        """Whether our key may use it, whatever else there is."""
        for provider in ("", model.provider):
            if lasts(self._closed_until.get((provider, model.id), -math.inf), now):
                return False
        if lasts(self._paused_until.get(model.provider, -math.inf), now):
            return False
        listed = self._open_names.get(model.provider)
        return listed is None or model.wire_name.casefold() in listed

    def health(self, model: Model) -> Health:
        """How the route fares."""
        return self._health.get((model.provider, model.id), _WELL)

    def is_doubtful(self, model: Model, now: float) -> bool:
        """Whether others go first, where there are others."""
        refused = lasts(self._doubted_until.get(model.provider, -math.inf), now)
        return refused or self.health(model).doubts(now) or self._is_past_upstream(model, now)

    def ends_of(self, model: Model) -> date | None:
        """The day on which it ends: the service's own word before the catalogue's."""
        told = self._ends.get(model.provider, {}).get(model.wire_name.casefold())
        return told or model.ends

    def has_ended(self, model: Model, now: float) -> bool:
        """Whether it is not to be used any more. Of its maker's day alone that is not known where others draw it."""
        told = self._ends.get(model.provider, {}).get(model.wire_name.casefold())
        ends = told or (None if model.ends_upstream else model.ends)
        return ends is not None and _day(now) >= ends

    def ends_soon(self, model: Model, now: float) -> bool:
        """Whether the operator is to be warned: it has ended, or will within a month."""
        ends = self.ends_of(model)
        return ends is not None and _day(now) >= ends - timedelta(days=WARNED_DAYS)

    def was_ended_by_its_maker(self, model: Model, now: float) -> bool:
        """Whether its maker's day is over, and nobody knows whether the service that draws it goes on."""
        ends = self.ends_of(model)
        return ends is not None and _day(now) >= ends and not self.has_ended(model, now)

    def _is_past_upstream(self, model: Model, now: float) -> bool:
        """Its maker has ended it, and the service doesn't say that it goes on."""
        listed = self._open_names.get(model.provider, ())
        return self.was_ended_by_its_maker(model, now) and model.wire_name.casefold() not in listed


def _day(now: float) -> date:
    return datetime.fromtimestamp(now, UTC).date()
