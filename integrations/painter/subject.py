"""What a prompt is about: its words without those that only say how, and whether the painter can draw it."""

import re

from integrations.painter.korean import HANGUL, in_english
from integrations.painter.reading import ABSTRACT, FIGURES, MOODS, PLACES, WEATHER, words_of
from integrations.painter.vocabulary import COLOURS

TITLE_MOST = 72  # letters
_CLAUSE = re.compile(r"[,.;:!?\n…。、，()\[\]{}|]| - | -- |--\w")
_ASKED_FOR = re.compile(
    r"^(?:(?:please|draw|paint|make|create|generate|imagine|show|me|us|a|an|the)\s+)*"
    r"(?:[\w-]+\s+){0,3}?(?:painting|drawing|art|panel|model|photograph|photo|picture|image|portrait|sketch|illustration"
    r"|poster|print|render|rendering|view|shot|close-?up)\s+of\s+",
    re.IGNORECASE,
)
_BEHIND_THE_HEAD = frozenset(
    {
        "in", "on", "at", "by", "under", "over", "above", "below", "with", "without", "near", "behind", "beside", "before", "of",
        "from", "into", "through", "across", "against", "between", "during", "inside", "outside", "while", "who", "that", "for",
        "among", "beneath", "around", "along", "is", "are", "to", "as",
    }
)  # fmt: skip
_ARTICLES = frozenset({"a", "an", "the", "some", "two", "three", "my", "our", "one", "several", "many"})
_SETTINGS = (MOODS, PLACES, WEATHER)


def title_of(prompt: str) -> str:
    """The person's own words for what is to be seen: the first clause, without "a painting of"; shortened to a title."""
    clause = next((part.strip() for part in _CLAUSE.split(prompt) if part.strip()), "")
    bare = " ".join(_ASKED_FOR.sub("", clause).split())
    if len(bare) <= TITLE_MOST:
        return bare
    return bare[:TITLE_MOST].rsplit(" ", 1)[0].rstrip() + "…"


def is_known(prompt: str) -> bool:
    """Whether the painter can draw what it is about: a figure of its own, or nothing but a place and a light."""
    title = title_of(prompt)
    words = words_of(in_english(title))
    # In Korean the noun stands last.
    head = words if HANGUL.search(title) else _head(words)
    if any(word in FIGURES for word in head):
        return True
    last = head[-1] if head else ""
    if not last:
        return any(word in table for table in (*_SETTINGS, FIGURES) for word in words)
    return last in COLOURS or last in ABSTRACT or any(last in table for table in _SETTINGS)


def _head(words: list[str]) -> list[str]:
    """What stands before the first "in", "with" or "riding", without articles."""
    head: list[str] = []
    for word in words:
        if word in _BEHIND_THE_HEAD or (head and word.endswith("ing")):
            break
        if word not in _ARTICLES:
            head.append(word)
    return head
