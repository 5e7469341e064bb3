"""Trigger ids: three seconds of life, one use."""

import itertools
import secrets
from dataclasses import dataclass

from .clock import Clock
from .errors import ApiError

__all__ = ["Trigger", "Triggers"]

# https://docs.slack.dev/interactivity/handling-user-interaction: "expire after 3 seconds", used once.
LIFE_S = 3.0


@dataclass(kw_only=True)
class Trigger:
    """What a person did, exchangeable for one modal."""

    id: str
    user: str
    made_at: float
    view_id: str | None = None
    used: bool = False


class Triggers:
    """Every trigger handed out."""

    def __init__(self, clock: Clock) -> None:
        self.life_s = LIFE_S
        self._clock = clock
        self._made: dict[str, Trigger] = {}
        self._numbers = itertools.count(1_000_000_001)

    def make(self, user: str, view_id: str | None = None) -> str:
        ident = f"{next(self._numbers)}.{next(self._numbers)}.{secrets.token_hex(16)}"
        self._made[ident] = Trigger(id=ident, user=user, made_at=self._clock.now(), view_id=view_id)
        return ident

    def exchange(self, ident: str) -> Trigger:
        trigger = self._made.get(ident)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        if self._clock.now() - trigger.made_at > self.life_s:
            raise ApiError("expired_trigger_id")
        trigger.used = True
        return trigger
