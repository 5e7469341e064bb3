"""What a text asks for: without what it says it does not want, and without what it says of things and not of people.

Reads the text as it was typed and puts a space in the place of words that are not asked for; everything else
stays letter for letter. A word in disguise is excused nothing. Linear in the text's length.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any

from bot.moderation.asking.aging import AGES, NUMBER, AgesOfThings
from bot.moderation.asking.avoiding import without_avoided
from bot.moderation.asking.campaigns import without_campaigns
from bot.moderation.asking.denials import Denials, denied, of_none
from bot.moderation.asking.elsewhere import without_elsewhere
from bot.moderation.asking.figures import lives, of_figures, of_statues
from bot.moderation.asking.grown import with_grown
from bot.moderation.asking.holy import is_holy, is_holy_child
from bot.moderation.asking.leaving import undressed_not, with_what_is_left_away
from bot.moderation.asking.names import names_in, says_nothing_alone
from bot.moderation.asking.textbooks import without_labelled_organs
from bot.moderation.asking.things import at, is_dressed_up, thing_follows
from bot.moderation.asking.titles import titled
from bot.moderation.asking.vintages import without_vintages
from bot.moderation.asking.whom import Asks
from bot.moderation.reading.terms import expand
from bot.moderation.reading.text import data, word_sets

_LETTERS = re.compile(r"[^\W\d_]+")
_NOT = re.compile(r"[nN]['’]?[tT]\b")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|w/o|[^\w\s]|_+|\n")
_KOREAN_DENIAL = re.compile(
    r"없|아님|아닌|아니|않|말|빼고|제외|금지|배제|안 나오|넣지|싫|피해|자제|필요"
)  # the verbs of the long pattern
_KOREAN_AWAY = r"(?:이|도|은|을|를)?\s?(?:하나도 |전혀 )?(?:없|안|않|빼)"  # clothes that are not on
_SEVERAL = 2
_NONE: frozenset[str] = frozenset()
_OF_STONE = " bared in marble "  # what minors.toml calls it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tables:
    """The lists of `data/asking.toml`, as sets."""

    sets: dict[str, frozenset[str]]
    denials: Denials
    holy_starts: frozenset[str]
    said_of_things: frozenset[str]  # qualities and ages
    aging: frozenset[str]  # things and animals
    bare_things: frozenset[str]  # things that are naked themselves, and show nobody who is
    before: dict[str, frozenset[str]]
    after: dict[str, frozenset[str]]
    telling: frozenset[str]  # words without one of which there is nothing to take away
    part_number: re.Pattern[str]
    plate: re.Pattern[str]
    brands: re.Pattern[str]
    brand_starts: frozenset[str]
    korean: re.Pattern[str]


@cache
def _tables() -> _Tables:
    page: dict[str, Any] = data("asking.toml")
    sets = word_sets("asking.toml")
    before = {word: frozenset(others) for word, others in page["not_young_before"].items()}
    after = {word: frozenset(others) for word, others in page["not_young_after"].items()}
    entries = (*sets["denials"], *sets["free"], *sets["bare"], *sets["broken"], *before, *after)
    telling = (_LETTERS.match(entry) for entry in entries)
    avoided = "|".join(sorted(sets["korean_avoided"], key=len, reverse=True))
    return _Tables(
        sets=sets,
        denials=Denials(sets),
        said_of_things=sets["bare"] | sets["broken"] | AGES,
        aging=(sets["things"] | sets["animals"]) - sets["names_too"],
        bare_things=sets["things"] - sets["media"],
        holy_starts=frozenset(entry.split()[0] for entry in sets["holy"]),
        before=before,
        after=after,
        telling=frozenset(
            {
                *AGES,
                *sets["sculptures"],
                *map(str.lower, sets["named"]),
                *(first[0] for first in telling if first),
            }
        ),
        part_number=re.compile(rf"(?<![\w-])(?:{'|'.join(sets['part_letters'])})-\d{{3,}}(?![\w-])"),
        plate=re.compile(
            rf"(?i:\bplate\W+(?:\w+\W+){{0,3}}?)(?:{'|'.join(sets['part_letters'])})[ -]?\d{{3,}}(?![\w-])"
        ),
        brands=_typed_as(sets["brands"]),
        brand_starts=frozenset(phrase.split()[0].lower() for phrase in expand(sorted(sets["brands"]))),
        korean=re.compile(
            rf"(?!속옷{_KOREAN_AWAY})(?:(?:{avoided})(?:적인|적|인|스러운|스럽|성|한)?(?:\s?(?:것|거|장면|표현|요소|내용|부분|느낌|사진|그림|행위|콘텐츠|컨텐츠|묘사|포즈|자세|이미지|암시|옷|의상|복장|장면들))?"
            r"(?:이나|나|과|와|이|가|은|는|도|을|를|의|하)?[,·]?\s?){1,6}"
            r"(?:전혀 |절대 )?(?:없|아님|아닌|아니|않|지\s?않|지\s?말|하지\s?말|말고|빼고|제외|금지|배제|안 나오|넣지\s?마|넣지\s?말|원하지\s?않|원치\s?않|싫|피해\s?(?:줘|주|서)|자제|필요\s?없)"
            r"(?!(?:이는|으면|어서는|어선|고는|면)\s?(?:안|못)|을 수 없|(?:지|진|지는)\s?않)"  # "not without"
        ),
    )


def _typed_as(phrases: Iterable[str]) -> re.Pattern[str]:
    """What finds these phrases as they are typed: letters that are capitals there must be."""
    listed = expand(sorted(phrases))
    words = ([_typed(word) for word in phrase.split()] for phrase in listed)
    begins = "".join({phrase[0].lower() for phrase in listed})
    return re.compile(rf"(?<!\w)(?=(?i:[{begins}]))(?:{'|'.join(map(_SIGNS.join, words))})(?!\w)")


def _typed(word: str) -> str:
    return word if word.isupper() else f"(?i:{word})"


_SIGNS = r"\W{1,3}"


def asked(text: str, whom: Asks) -> str:
    """The text without what it does not ask for; `whom`: whom a text speaks of, in any language or disguise."""
    text = without_campaigns(unicodedata.normalize("NFC", with_what_is_left_away(text)))
    text = with_grown(without_avoided(text), whom)
    tables = _tables()
    if says_nothing_alone(text, tables.sets):
        return " "
    typed = frozenset(_LETTERS.findall(text))
    lowered = frozenset(" ".join(typed).lower().split())
    text = without_labelled_organs(without_elsewhere(text, typed, lowered), lowered, whom)
    text = _without_brands(without_vintages(text, lowered, whom), lowered, tables)
    if not text.isascii() and _KOREAN_DENIAL.search(text):
        text = tables.korean.sub(" ", text)
    if tables.telling.isdisjoint(lowered) and not _NOT.search(text):
        return text
    written = _WORD.findall(text)
    words = " ".join(written).lower().replace("’", "'").split(" ")
    idle = {
        *denied(words, tables.denials),
        *of_none(words, tables.denials),
        *undressed_not(words, tables.sets),
        *_of_things(words, tables),
        *_not_young(words, tables),
        *_of_figures(text, words, tables.sets, whom),
        *names_in(written, tables.sets),
        *titled(written, tables.sets),
    }
    of_stone = frozenset(of_statues(words, tables.sets)) - idle
    if not idle and not of_stone:
        return text
    places = count()

    def left(match: re.Match[str]) -> str:
        place = next(places)
        return _OF_STONE if place in of_stone else " " if place in idle else match.group()

    return _WORD.sub(left, text)


def _of_figures(text: str, words: Sequence[str], sets: dict[str, frozenset[str]], whom: Asks) -> list[int]:
    """What is bare by custom, if no other young are there than may play beside cherubs: no teen, no age."""
    idle = list(of_figures(words, sets))
    if idle and not whom(text).young <= sets["shown_young"] | sets["bare_figures"]:
        return []
    return idle


def _without_brands(text: str, lowered: frozenset[str], tables: _Tables) -> str:
    """The text without brands, drinks, part numbers and plates that are spelled like something else."""
    if not tables.brand_starts.isdisjoint(lowered):
        text = tables.brands.sub(" ", text)
    if "-" in text:
        text = tables.part_number.sub(" ", text)
    return tables.plate.sub(" ", text) if "plate" in lowered else text


def _of_things(words: Sequence[str], tables: _Tables) -> Iterator[int]:
    """Qualities and ages that are a thing's: a naked sword, an 8 year old oak."""
    if tables.said_of_things.isdisjoint(words):
        return
    holy = not tables.holy_starts.isdisjoint(words) and is_holy(words, tables.sets)
    aged = not AGES.isdisjoint(words) and not is_dressed_up(words)
    ages = AgesOfThings(words, tables.sets, tables.aging)
    things = tables.bare_things - tables.sets["dummies"] if lives(words, tables.sets) else tables.bare_things
    for place, word in enumerate(words):
        if word in tables.sets["bare"]:
            if thing_follows(words, place + 1, things, tables.sets["avoided"]):
                yield place
            elif holy and is_holy_child(words, place):
                yield from (place, place + 1)
        elif word in tables.sets["broken"] and _is_of_a_figure(words, place + 1, tables.sets):
            yield place
        elif aged and word in AGES:
            yield from ages.at(place)


def _is_of_a_figure(words: Sequence[str], place: int, sets: dict[str, frozenset[str]]) -> bool:
    """Whether nobody is broken here, but a thing, or a part of one: "mannequin", "head of a rusty nail"."""
    if (
        words[place : place + 1]
        and words[place] in sets["parts_of_things"]
        and words[place + 1 : place + 2] == ["of"]
    ):
        place += 2 + (words[place + 2 : place + 3] in (["a"], ["an"], ["the"]))
    return thing_follows(words, place, sets["figures"], _NONE)


def _not_young(words: Sequence[str], tables: _Tables) -> Iterator[int]:
    """Words for the young that mean something else beside their neighbours: D minor, baby blue, a girl band."""
    for place, word in enumerate(words):
        if word not in tables.before and word not in tables.after:
            continue
        before, after = tables.before.get(word, _NONE), tables.after.get(word, _NONE)
        hyphen = words[place + 1 : place + 2] == ["-"]
        back = [one for one in words[max(0, place - 2) : place] if one not in "-♯♭#"][-1:]
        if _age_follows(words, place + 1):
            continue  # "bond girl, 13"
        key = word == "minor" and back == ["a"] and not tables.sets["music"].isdisjoint(words)
        if key or not set(back).isdisjoint(after) or (before and at(words, place + 1 + hyphen, before)):
            yield place


def _age_follows(words: Sequence[str], place: int) -> bool:
    """Whether somebody's age stands behind a sign here: ", 13", "(13)"."""
    return words[place : place + 1] in ([","], ["("], ["-"]) and any(
        map(NUMBER.fullmatch, words[place + 1 : place + 2])
    )
