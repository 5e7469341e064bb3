"""Which phrase of a refused text undoes its refusal when it is allowed: by asking moderation itself.

The shortest that does, with its neighbours, so that one press opens no more than was misread: "sex of the beetle", and
not "sex". A word into which a disguise was read stands alone, as it means nothing else. No phrase goes on behind a
comma: of "a lake, a kinky hosepipe" it is "kinky hosepipe", which helps elsewhere, too.
"""

import asyncio
import re
from collections.abc import Callable, Iterator

from bot.moderation.lexicon.lexicon import load
from bot.moderation.lexicon.own import misread_words
from bot.moderation.panel import Panel
from bot.ports import Policy
from bot.rules.rules import WORD_CHARS_MOST

_WORDS_TRIED = 60  # one by one, of the part of a long text that is refused
_SHARED = 10  # of them with the part before, so that no phrase is cut
_LONGEST = 3  # words of a phrase that is listed
_WIDENED = 3  # times that its neighbours are taken in
_SMALL = 3  # letters of a word that says nothing by itself: the, on
_SMALL_TOO = frozenset({"from", "with", "into", "onto", "upon", "over", "that", "this", "your", "their"})
_AROUND = ".,;:!?\"'()[]"
# What parts clauses. Signs that stand for letters do so only at a word's edge: "h!p" is one word.
_PARTS = re.compile(r"[,;、。，；！？\n]+|[.:!?)\]}|]+(?=\s|$)|(?<!\S)[(\[{|]+|\s[-–—]+\s|[–—]")

Opening = Callable[[str], Policy]  # what holds once a phrase is allowed


class Undoing:
    """Looks for the phrase in one text; `negative` is what its picture shall not show."""

    def __init__(
        self, prompt: str, policy: Policy, opening: Opening, panel: Panel, *, negative: str = ""
    ) -> None:
        self._prompt = prompt
        self._negative = negative
        self._policy = policy
        self._opening = opening
        self._panel = panel
        self._words = list(_words_of(prompt))

    async def phrase(self) -> str:
        """The phrase; nothing where none undoes it."""
        self._words = await self._refused_part()
        for first, behind in self._places():
            phrase = self._phrase(first, behind)
            if await self._passes(phrase):
                return await self._narrow(phrase, first, behind)
        return ""

    def _phrase(self, first: int, behind: int) -> str:
        return " ".join(word for word, _ in self._words[first:behind])

    async def _refused_part(self) -> list[tuple[str, int]]:
        """The words among which one looks: all, or of a long text the first part that is refused by itself."""
        starts = range(0, max(1, len(self._words) - _SHARED), _WORDS_TRIED - _SHARED)
        parts = [self._words[start : start + _WORDS_TRIED] for start in starts]
        for part in parts[:-1]:
            if await self._is_refused(" ".join(word for word, _ in part), self._policy):
                return part
        return parts[-1]

    def _places(self) -> Iterator[tuple[int, int]]:
        for length in range(1, _LONGEST + 1):
            for first in range(len(self._words) - length + 1):
                if self._clause(first) == self._clause(first + length - 1):
                    yield first, first + length

    def _clause(self, place: int) -> int:
        return self._words[place][1]

    async def _narrow(self, phrase: str, first: int, behind: int) -> str:
        """What is allowed of it: as little as undoes it, and with its neighbours what is refused by itself.

        "woman" undoes "a woman without clothes", too, and would open more than was misread.
        """
        if misread_words((phrase,), load()):
            return phrase
        for _ in range(_WIDENED):
            before, after = self._before(first), self._after(behind)
            # Without an article before it a phrase helps elsewhere, too.
            said = next(filter(self._says, range(before, first)), first)
            spans = ((said, after), (before, after), (first, after), (before, behind))
            for start, end in dict.fromkeys(spans):
                wider = self._phrase(start, end)
                if (start, end) != (first, behind) and await self._undoes(wider):
                    return wider
            first, behind = before, after
        return phrase if await self._undoes(phrase) else ""

    def _before(self, first: int) -> int:
        """Where the phrase begins with the nearest word before it that says something, in its own clause."""
        same = [place for place in range(first) if self._clause(place) == self._clause(first)]
        return next(filter(self._says, reversed(same)), min(same, default=first))

    def _after(self, behind: int) -> int:
        last = behind - 1
        same = [
            place for place in range(behind, len(self._words)) if self._clause(place) == self._clause(last)
        ]
        return 1 + next(filter(self._says, same), max(same, default=last))

    def _says(self, place: int) -> bool:
        word, _ = self._words[place]
        return not word.isascii() or (len(word) > _SMALL and word not in _SMALL_TOO)

    async def _undoes(self, phrase: str) -> bool:
        holds = len(phrase) <= WORD_CHARS_MOST
        return holds and await self._passes(phrase) and await self._is_refused(phrase, self._policy)

    async def _passes(self, phrase: str) -> bool:
        return not await self._is_refused(self._prompt, self._opening(phrase), negative=self._negative)

    async def _is_refused(self, text: str, policy: Policy, *, negative: str = "") -> bool:
        await asyncio.sleep(0)  # others have a turn between two of many tries
        judgement = await self._panel.judge_now(text, policy, negative=negative)
        return judgement.verdict.severity.stops


def _words_of(prompt: str) -> Iterator[tuple[str, int]]:
    """The words, each with the number of its clause."""
    for clause, text in enumerate(_PARTS.split(prompt)):
        for word in text.split():
            if bare := word.strip(_AROUND).casefold():
                yield bare, clause
