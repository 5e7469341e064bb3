"""Words, names and places alone: which are refused, and of these which are listed and which are misread.

What is listed plainly, in a list of any language, stays listed; what is read only through a disguise or a slip is what it
says. `keep` writes the misread ones into bot/moderation/data/innocent.txt, and what is misread for its marks into
elsewhere.txt. Look through what it has written: a cognate (cadáver, erección) is no misreading.
"""

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.moderation.checks import LexiconCheck
from bot.moderation.lexicon import lexicon
from bot.moderation.reading.terms import expand
from bot.moderation.reading.text import data, word_list
from bot.moderation.tongues import pages
from bot.ports import Policy

OUT = Path(lexicon.__file__).parent / "data"
HASHES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """What became of a vocabulary, word by word."""

    words: int
    listed: tuple[str, ...]  # refused, and a word of a list
    misread: tuple[str, ...]  # refused for what was read into them


def listed_words() -> frozenset[str]:
    """The words that stand in a list as they are, of any language; the plainest count inside others, too."""
    known = {term for terms in lexicon.load().groups.values() for term in terms}
    for line in pages.listed():
        known |= {text for form in line.forms() for text in form[:2]} if line.kind else set()
    return frozenset(known)


def judged(words: Iterable[str]) -> Alone:
    """Each word alone, under the standard policy."""
    check, listed = LexiconCheck(lexicon.load()), listed_words()
    inside = tuple(expand(data("allowed.toml")["anywhere"]))
    every = list(words)
    refused = [word for word in every if check.judge(word, Policy()).severity]

    def is_listed(word: str) -> bool:
        parts = {word.lower(), *word.lower().replace("-", " ").replace("'", " ").split()}
        return not listed.isdisjoint(parts) or any(plain in word.lower() for plain in inside)

    return Alone(
        words=len(every),
        listed=tuple(word for word in refused if is_listed(word)),
        misread=tuple(word for word in refused if not is_listed(word)),
    )


def vocabularies(folder: Path) -> dict[str, list[str]]:
    """The word lists of a folder, one word a line, and ids of every kind."""
    found = {
        file.stem: file.read_text(encoding="utf-8").splitlines() for file in sorted(folder.glob("*.txt"))
    }
    digests = [hashlib.sha256(str(place).encode()).hexdigest() for place in range(HASHES)]
    return found | {"hashes": [digest[: 7 + place % 34] for place, digest in enumerate(digests)]}


def keep(misread: Iterable[str]) -> None:
    """Adds words to the lists of innocent ones."""
    typed = {unicodedata.normalize("NFC", word.lower()) for word in misread}
    for name, words in (
        ("innocent.txt", set(filter(str.isascii, typed))),
        ("elsewhere.txt", {w for w in typed if not w.isascii()}),
    ):
        file = OUT / name
        head = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
        file.write_text("\n".join([*head, *sorted({*word_list(name), *words})]) + "\n", encoding="utf-8")
