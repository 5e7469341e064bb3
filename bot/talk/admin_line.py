"""One line that a moderator typed: who, which verb, and how the words behind it are read."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.abilities import Named
from bot.errors import BadPrompt
from bot.ports import Requester
from bot.talk.verbs import USAGE_DAYS, USAGE_DAYS_MAX, Verb
from bot.words.words import Words

PersonOf = Callable[[str], Requester | None]  # a mention or name, as typed -> who is meant

_SPAN = re.compile(r"(\d{1,6})\s*(min|m|h|d|w)", re.IGNORECASE)
_UNIT_S = {"m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DIGITS_MAX = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminLine:
    """And the words to answer it in their language."""

    actor: Requester
    verb: Verb
    words: Words
    rest: list[str]
    person_of: PersonOf
    key: str
    names: dict[str, Named] = field(default_factory=dict)  # ids in the answer, which are shown as names

    def name_people(self, ids: Iterable[str]) -> None:
        """The answer has people by their ids."""
        self.names.update((one, Named.PERSON) for one in ids if one)

    def name_of(self, who: Requester) -> str:
        """What somebody is called in the answer: by the id, where nobody has told the name."""
        if not who.name:
            self.name_people([who.user])
        return who.name or who.user

    def say(self, message_id: str, /, **facts: object) -> str:
        return self.words.say(message_id, self.actor.language, **facts)

    def misread(self) -> BadPrompt:
        """What was typed can't be meant; an example helps."""
        return BadPrompt("admin-usage", usage=self.verb.example)

    def first(self) -> str:
        """The first word behind the verb. Raises BadPrompt."""
        if not self.rest:
            raise self.misread()
        return self.rest[0]

    def person(self) -> Requester:
        """Whom the first word means."""
        typed = self.first()
        found = self.person_of(typed)
        if found is None:
            raise BadPrompt("admin-person-unknown", value=typed)
        return found

    def days(self) -> int:
        """How far back."""
        typed = self.rest[0].rstrip("d") if self.rest else str(USAGE_DAYS)
        if not typed.isdecimal() or not 1 <= int(typed[:6]) <= USAGE_DAYS_MAX:
            raise self.misread()
        return int(typed)

    def person_and_amount(self) -> tuple[Requester, int, str]:
        """Whom, how many credits, and why."""
        who = self.person()
        amount = self.rest[1].replace(",", "") if len(self.rest) > 1 else ""
        if not amount.isdecimal() or len(amount) > _DIGITS_MAX:
            raise self.misread()
        return who, int(amount), " ".join(self.rest[2:])


def span_of(words: list[str]) -> tuple[float | None, list[str]]:
    """A length of time at the beginning (`30m`, `2h`, `7d`, `2w`), and the words behind it."""
    match = _SPAN.fullmatch(words[0]) if words else None
    if match is None:
        return None, words
    return float(int(match[1]) * _UNIT_S[match[2].casefold()]), words[1:]
