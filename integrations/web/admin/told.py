"""How the operator is told of numbers, times and words, in one language and one time zone."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.model import USD_MICROS
from bot.money import Transfer
from bot.words.words import Words

_MINUTE_S, _LONG_S = 60, 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Says things; templates call it."""

    words: Words
    language: str
    time_zone: str

    def tell(self, message: str, **facts: object) -> str:
        """One of the place's own sentences."""
        return self.words.say(f"office-{message}", self.language, **facts)

    def has(self, group: str, name: str) -> bool:
        """Whether there are words for a word of the code."""
        return self.words.knows(f"office-{group}-{name}")

    def known(self, group: str, name: str) -> str:
        """A word of the code in words of people, where there are some."""
        return self.tell(f"{group}-{name}") if self.has(group, name) else name

    def why(self, reason: str, state: str = "") -> str:
        """Why a job ended as it did, in a few words."""
        names = (f"back-{reason}", f"back-{reason.partition('-')[0]}", f"back-{state}")
        found = next((name for name in names if self.words.knows(name)), "")
        return self.words.say(found, self.language) if found else reason

    def clock(self, at: float | None) -> str:
        """A moment, to the second."""
        return f"{self._local(at):%Y-%m-%d %H:%M:%S}" if at is not None else ""

    def hour(self, at: float) -> str:
        """An hour of a day."""
        return f"{self._local(at):%m-%d %H:00}"

    def minute(self, at: float) -> str:
        """A minute of an hour."""
        return f"{self._local(at):%H:%M}"

    def day(self, at: float) -> str:
        """The day of a moment."""
        return f"{self._local(at):%Y-%m-%d}"

    def took(self, seconds: float | None) -> str:
        """A length of time: to the tenth while it is short."""
        if seconds is None:
            return "–"
        if seconds < _LONG_S:
            return self.tell("seconds", n=f"{seconds:.3g}" if seconds < 1 else f"{seconds:.1f}")
        return self.words.span(seconds, self.language)

    @staticmethod
    def number(value: float) -> str:
        """A whole number."""
        return f"{value:,.0f}"

    @staticmethod
    def moved(kind: Transfer, amount: int) -> str:
        """An amount as its owner sees it; what is only set aside, or free again, stands in brackets."""
        if kind in (Transfer.HOLD, Transfer.RELEASE):
            return f"({abs(amount):,})"
        return f"{'−' if amount < 0 else '+'}{abs(amount):,}"

    @staticmethod
    def usd(value: float) -> str:
        """Dollars; a minus before the sign of the currency."""
        return f"{'−' if value < 0 else ''}${abs(value):,.2f}"

    def micros(self, value: int) -> str:
        """Micros of a dollar as dollars: what a picture costs has more places."""
        dollars = value / USD_MICROS
        return f"${dollars:,.4f}" if 0 < dollars < 1 else self.usd(dollars)

    def _local(self, at: float) -> datetime:
        return datetime.fromtimestamp(at, ZoneInfo(self.time_zone))
