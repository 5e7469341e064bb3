"""A community's own words: how they are looked for, and what a text says without those that it allows.

A listed word that is allowed excuses itself where it stands. A word that means nothing as it stands, into which only
a disguise was read, is taken out before anything is read.
"""

import re
from functools import lru_cache

from bot.moderation.lexicon import lexicon
from bot.moderation.lexicon.findings import Rule
from bot.moderation.lexicon.lexicon import Lexicon, Marked
from bot.moderation.reading.text import Reading, Text, normalise

LETTERS_LEAST = 2  # of a community's own word
_HAN = re.compile("[\u3400-\u9fff]")
_ALLOWED = Rule(id="own.allowed", category="own", needs=("own.allowed",), level="relaxed")


def can_be_found(word: str) -> bool:
    """Whether a community can block or allow this: something is left of it when disguises are undone."""
    return bool(folded(word))


def excused(line: Marked, allowed_words: tuple[str, ...], words: Lexicon) -> Marked:
    """The line without what the allowed words cover."""
    known = _allowed(allowed_words, words)
    if known is None:
        return line
    spans = known.line_of(line.text).hits
    kept = tuple(
        hit for hit in line.hits if not any(s.start <= hit.start and hit.end <= s.end for s in spans)
    )
    return Marked(line.text, kept)


@lru_cache(maxsize=256)
def misread_words(allowed_words: tuple[str, ...], words: Lexicon) -> tuple[str, ...]:
    """Of the allowed words those that mean nothing as they stand, though a disguise was read into them."""
    listed = (form for word in allowed_words for form in folded(word))
    return tuple(
        form
        for form in listed
        if not words.line_of(f" {form} ").hits and any(line.hits for line in words.lines(normalise(form)))
    )


def without(read: Text, words: tuple[str, ...]) -> Text:
    """The text as it is read, without these words."""
    return read._replace(readings=tuple(_reading_without(reading, words) for reading in read.readings))


def blanked(text: str, allowed_words: tuple[str, ...]) -> str:
    """The text as it was typed, with a space in the place of the allowed words."""
    return _typed(allowed_words).sub(" ", text)


def _reading_without(reading: Reading, words: tuple[str, ...]) -> Reading:
    line = f" {' '.join(reading.words)} "
    for word in words:
        line = line.replace(f" {word} ", "  ")
    return reading._replace(words=tuple(line.split()))


@lru_cache(maxsize=256)
def _allowed(allowed_words: tuple[str, ...], words: Lexicon) -> Lexicon | None:
    listed = [form for word in allowed_words for form in folded(word)]
    forms = [other for form in listed for other in (form, *_rejoined(form), *_cut(form, words))]
    return lexicon.of_words(forms, rule=_ALLOWED) if forms else None


def _rejoined(form: str) -> list[str]:
    """A phrase with two of its words run together, as the lexicon reads a word that was cut: "cameltoe"."""
    words = form.split()
    return [
        " ".join((*words[:place], words[place] + words[place + 1], *words[place + 2 :]))
        for place in range(len(words) - 1)
    ]


def _cut(form: str, words: Lexicon) -> list[str]:
    """A phrase as the lexicon reads it with a word of no meaning cut in two, "kinky hose pipe"; never what a cut has made of it."""
    said = _said(words.line_of(f" {form} "))
    read = (line for line in words.lines(normalise(form)) if _solid(line.text) == _solid(form))
    return [line.text.strip() for line in read if said == _said(line)]


def _said(line: Marked) -> set[str]:
    return {line.text[hit.start : hit.end + 1].strip() for hit in line.hits}


def _solid(line: str) -> str:
    return line.replace(" ", "")


def folded(word: str) -> list[str]:
    """A word as it is looked for. A single letter would be found everywhere, nothing in every prompt; 裸 is a word."""
    forms = [" ".join(reading.words) for reading in normalise(word).readings]
    return [form for form in forms if _is_long_enough(form) or _HAN.fullmatch(form)]


def _is_long_enough(form: str) -> bool:
    return len(form.replace(" ", "")) >= LETTERS_LEAST and any(map(str.isalnum, form))


@lru_cache(maxsize=256)
def _typed(allowed_words: tuple[str, ...]) -> re.Pattern[str]:
    """Finds the words as they are typed; where a script has letters in two cases, whole ones."""
    return re.compile("|".join(map(_pattern, allowed_words)) or r"(?!)", re.IGNORECASE)


def _pattern(word: str) -> str:
    letters = r"\W+".join(map(re.escape, word.split()))
    return rf"(?<!\w){letters}(?!\w)" if word.lower() != word.upper() else letters
