"""Ages of things in the languages besides English: "whisky de 12 ans", "ein 16 Jahre alter Porsche", 15歳の車.

Of a thing that stands right beside its age, in a text that names nobody and says no more of it than praise: "voiture avec une
fille de 16 ans" is hers. Read as it was typed; linear in the text's length.
"""

import re
from collections.abc import Set as AbstractSet
from functools import cache

from bot.moderation.asking.things import names_somebody
from bot.moderation.asking.whom import Asks
from bot.moderation.lexicon.findings import Kind
from bot.moderation.reading.letters import BLANKS, fold
from bot.moderation.reading.terms import one_of
from bot.moderation.reading.text import data, word_sets
from bot.moderation.tongues.pages import ListedLine, listed

_SEXUAL = frozenset({Kind.SEXUAL_EXPLICIT, Kind.NUDITY, Kind.SEXUAL_MILD})
_SOLID = re.compile(r"[\u0e00-\u0e7f\u3040-\u9fff\uac00-\ud7a3]")  # a particle may follow there
_PLACING_MAX = 24  # letters of what places somebody, with an article behind it
_LETTER = "a-zà-ÿа-яё"


def without_vintages(text: str, lowered: AbstractSet[str], whom: Asks) -> str:
    """The text without such ages and their things; `lowered`: its words."""
    first_words, solid = _telling()
    if first_words.isdisjoint(lowered) and (text.isascii() or not any(thing in text for thing in solid)):
        return text
    if not _vintage().search(text) or _says_more(text):
        return text
    left = _vintage().sub(_unless_placed, text)
    return text if whom(left).young else left


@cache
def _telling() -> tuple[frozenset[str], tuple[str, ...]]:
    """The first words of things, and their names in scripts that need no spaces."""
    things = data("vintages.toml")["things"]
    return frozenset(name.split()[0] for name in things), tuple(name for name in things if _SOLID.match(name))


@cache
def _vintage() -> re.Pattern[str]:
    page = data("vintages.toml")
    thing, quality, of, years, old = (
        one_of(page[name]) for name in ("things", "qualities", "of", "years", "old")
    )
    number = rf"(?:(?<!\d)(?:1[0-7]|[1-9])|{one_of(page['numbers'])})"
    behind = rf"{thing}(?:\s{quality})?\s(?:{of}\s?)?{number}\s?{years}"
    before = rf"{number}[\s-]?(?:{years}[\s-]?)?{old}\s?(?:{quality}的?\s?)?{thing}"
    return re.compile(rf"(?<![{_LETTER}])(?:{behind}|{before})(?![{_LETTER}])", re.IGNORECASE)


def _unless_placed(match: re.Match[str]) -> str:
    """A space, and what was there where somebody is in or on the thing: "sur une voiture de 15 ans", 在15岁的跑车."""
    before = match.string[max(0, match.start() - _PLACING_MAX) : match.start()].lower()
    return match[0] if before.endswith("在") or not _placing().isdisjoint(before.split()[-2:]) else " "


@cache
def _placing() -> frozenset[str]:
    return frozenset(data("vintages.toml")["placing"])


@cache
def _bodily() -> tuple[frozenset[str], tuple[str, ...]]:
    """What shows somebody whom no word names: words, and those of scripts that know no spaces."""
    listed = data("vintages.toml")["bodily"]
    solid = tuple(word for word in listed if _SOLID.match(word))
    return frozenset(map(fold, (*listed, *word_sets("asking.toml")["bodily"]))).difference(solid), solid


def _says_more(text: str) -> bool:
    """Whether anybody is named in any language, or what is sexual and no praise of a thing."""
    words = fold(text).translate(BLANKS).split()
    bodily, poses = _bodily()
    if not bodily.isdisjoint(words) or any(pose in text for pose in poses):
        return True
    if names_somebody([word for word in words if not word[0].isdigit()]):
        return True
    spaced, solid = _more()
    folded = f" {' '.join(words)} "
    return any(word in folded for word in (*spaced, *solid))


@cache
def _more() -> tuple[frozenset[str], frozenset[str]]:
    """Persons and what is sexual, as it stands between spaces, and in scripts that know none."""
    praise = frozenset(map(fold, data("vintages.toml")["qualities"]))
    known = [(line.solid, form.plain) for line in filter(_is_more, listed()) for form in line.forms()]
    asking = word_sets("asking.toml")
    english = (
        *asking["teasing_garments"],
        *asking["garments_of_nobody_young"],
        *asking["naked_avoided"],
        *asking["bare"],
    )
    spaced = {word for solid, word in known if not solid} - praise
    solids = {word for solid, word in known if solid} - praise
    return frozenset(f" {word} " for word in spaced.union(english)), frozenset(solids)


def _is_more(line: ListedLine) -> bool:
    return line.person or line.kind in _SEXUAL
