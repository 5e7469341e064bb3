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

from bot.moderation.aging import AGES, NUMBER, AgesOfThings
from bot.moderation.campaigns import without_campaigns
from bot.moderation.elsewhere import without_elsewhere
from bot.moderation.figures import lives, of_figures, of_statues
from bot.moderation.holy import is_holy, is_holy_child
from bot.moderation.leaving import undressed_not, with_what_is_left_away
from bot.moderation.names import names_in, says_nothing_alone
from bot.moderation.terms import expand
from bot.moderation.text import data, word_sets
from bot.moderation.textbooks import without_labelled_organs
from bot.moderation.things import at, is_dressed_up, thing_follows
from bot.moderation.vintages import without_vintages
from bot.moderation.whom import Asks

_LETTERS = re.compile(r"[^\W\d_]+")
_NOT = re.compile(r"[nN]['’]?[tT]\b")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|w/o|[^\w\s]|_+|\n")
_KOREAN_DENIAL = re.compile(
    r"없|아님|아닌|아니|않|말|빼고|제외|금지|배제|안 나오|넣지"
)  # the verbs of the long pattern
_KOREAN_AWAY = r"(?:이|도|은|을|를)?\s?(?:하나도 |전혀 )?(?:없|안|않|빼)"  # clothes that are not on
_SEVERAL = 2
_NONE: frozenset[str] = frozenset()
_OF_STONE = " bared in marble "  # what minors.toml calls it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tables:
    """The lists of `data/asking.toml`, as sets."""

    sets: dict[str, frozenset[str]]
    starts: frozenset[str]  # first words of denials
    holy_starts: frozenset[str]
    aging: frozenset[str]  # things and animals
    bare_things: frozenset[str]  # things that are naked themselves, and show nobody who is
    before: dict[str, frozenset[str]]
    after: dict[str, frozenset[str]]
    not_none: frozenset[str]  # of whom nothing is denied behind "no"
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
        starts=frozenset(entry.split()[0] for entry in sets["denials"]),
        aging=(sets["things"] | sets["animals"]) - sets["names_too"],
        bare_things=sets["things"] - sets["media"],
        not_none=sets["not_none"] | sets["garments"] | sets["over_garments"],
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
            rf"(?!속옷{_KOREAN_AWAY})(?:(?:{avoided})(?:적인|적|스러운|스럽|성|한)?(?:\s?(?:것|거|장면|표현|요소|내용|부분|느낌|사진|그림|행위))?"
            r"(?:이나|나|과|와|이|가|은|는|도|을|를|의|하)?[,·]?\s?){1,6}"
            r"(?:전혀 |절대 )?(?:없|아님|아닌|아니|않|지\s?않|지\s?말|하지\s?말|말고|빼고|제외|금지|배제|안 나오|넣지\s?마|넣지\s?말)"
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
    tables = _tables()
    if says_nothing_alone(text, tables.sets):
        return " "
    typed = frozenset(_LETTERS.findall(text))
    lowered = frozenset(word.lower() for word in typed)
    text = without_labelled_organs(without_elsewhere(text, typed, lowered), lowered, whom)
    text = _without_brands(without_vintages(text, lowered, whom), lowered, tables)
    if not text.isascii() and _KOREAN_DENIAL.search(text):
        text = tables.korean.sub(" ", text)
    if tables.telling.isdisjoint(lowered) and not _NOT.search(text):
        return text
    written = _WORD.findall(text)
    words = [word.lower().replace("’", "'") for word in written]
    idle = {
        *_denied(words, tables),
        *_of_none(words, tables),
        *undressed_not(words, tables.sets),
        *_of_things(words, tables),
        *_not_young(words, tables),
        *_of_figures(text, words, tables.sets, whom),
        *names_in(written, tables.sets),
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


def _denied(words: Sequence[str], tables: _Tables) -> Iterator[int]:
    """The words that a denial reaches."""
    yield from _freed(words, tables)
    yield from _answered(words, tables.sets["avoided"])
    denying = {word for word in set(words) if word in tables.starts or word.endswith(_NOTS)}
    place = 0
    while place < len(words):
        if words[place] not in denying:
            place += 1
            continue
        reach = _denial(words, place, tables)
        if not reach:
            place += 1
            continue
        place += reach
        if reached := _reached(words, place, tables):
            yield from reached
            behind = reached[-1] + 1
            if not _SAFE.isdisjoint(words[behind : behind + _SEVERAL]):
                yield from range(place - reach, place)  # "not nude, sfw" is no "not sfw"
            place = behind


def _denial(words: Sequence[str], place: int, tables: _Tables) -> int:
    """How many words deny something here; a denial of a denial is none."""
    if words[place - 1 : place + 1] == ["?", "no"] and words[place + 1 : place + 2] in _STOPS:
        return 0  # it answers: "nude? no: topless"
    length = at(words, place, tables.sets["denials"])
    if not length and words[place].endswith(_NOTS) and words[place][:-1].rstrip("n'") in _HELPERS:
        length = 1
    return 0 if length and (_asks_back(words, place) or _is_twice(words, place, tables)) else length


def _is_twice(words: Sequence[str], place: int, tables: _Tables) -> bool:
    """Whether what denies is denied itself: "not without", "don't ever exclude"."""
    if words[place] in ("nor", "free"):
        return False
    before = words[max(0, place - _SEVERAL) : place]
    if words[place].startswith(_AVOIDING):
        behind_comma = words[max(0, place - 2 * _SEVERAL) : place]
        before = behind_comma[behind_comma.index(",") + 1 if "," in behind_comma else 0 :]
    return any(word in tables.sets["denials"] or word.endswith("n't") for word in before)


def _asks_back(words: Sequence[str], place: int) -> bool:
    """Whether it stands in a question, which denies nothing: "why not nude", "is it not nude", "isn't she"."""
    before = words[max(0, place - _SEVERAL) : place]
    if "why" in before or (words[place].endswith("n't") and words[place + 1 : place + 2] in _ASKED):
        return True
    return words[place] == "not" and before[:1] in _ASKING and before[1:] in _ASKED


def _of_none(words: Sequence[str], tables: _Tables) -> Iterator[int]:
    """What is said of none: "none of the statues are nude", and no "no bra, she is nude", no "no doubt she is nude"."""
    for place, word in enumerate(words):
        if word in ("none", "no", "neither") and not _is_twice(words, place, tables):
            behind = words[place + 1 : place + _OF_NONE_MAX]
            verb = next((step for step, one in enumerate(behind) if one in ("is", "are", "was", "were")), 0)
            if verb and all(word.isalpha() and word not in tables.not_none for word in behind[:verb]):
                reached = _reached(words, place + verb + 2, tables)
                if reached and words[reached[-1] + 1 : reached[-1] + 2] in (["in"], ["at"], *_CLAUSE_ENDS):
                    yield from reached


_OF_NONE_MAX = 9  # words of whom it is said, with the verb
_NOTS = ("n't", "nt")
_AVOIDING = ("avoid", "exclud", "ban", "forbid", "omit", "refrain")
_ASKED = [["it"], ["she"], ["he"], ["they"], ["this"], ["that"], ["you"], ["we"], ["there"]]
_ASKING = [["is"], ["are"], ["was"], ["were"], ["do"], ["does"], ["did"], ["can"], ["could"], ["should"], ["would"], ["may"]]  # fmt: skip
_SAFE = frozenset({"sfw", "safe", "suitable"})
_HELPERS = frozenset({"is", "are", "do", "does", "should", "was", "were", "must", "ca", "can", "wo", "did"})


def _reached(words: Sequence[str], place: int, tables: _Tables) -> list[int]:
    """The places of what is denied from here on."""
    sets = tables.sets
    while place < len(words) and (words[place] in sets["between"] or words[place] in "-:"):
        place += 1
    if place < len(words) and words[place - 1] in _NONE_OF and words[place] in sets["young_avoided"]:
        return [place]
    reached: list[int] = []
    while place < len(words):
        length = at(words, place, sets["avoided"])
        if length and reached and _begins_anew(words, place, sets):
            break
        if length:
            reached += range(place, place + length)
            place += length
        elif not reached:
            break
        else:
            step = _goes_on(words, place, tables)
            if not step:
                break
            place += step
    return reached


_NONE_OF = frozenset({"no", "any", "without"})


def _begins_anew(words: Sequence[str], place: int, sets: dict[str, frozenset[str]]) -> bool:
    """Whether a quality behind what is denied is somebody's: "no nsfw naked child", and no "no sexual nude images"."""
    if words[place] not in _QUALITIES or words[place - 1] in ("or", "nor"):
        return False
    whose = words[place + 1 : place + 2]
    if whose == ["-"]:
        whose = words[place + 2 : place + 3]
    return (
        bool(whose) and whose[0].isalnum() and whose[0] not in sets["avoided"] | sets["between"] | sets["and"]
    )


_QUALITIES = frozenset(
    {"naked", "nude", "topless", "bottomless", "undressed", "sexy", "erotic", "seductive", "horny", "lewd"}
)


def _goes_on(words: Sequence[str], place: int, tables: _Tables) -> int:
    """How many words join the next thing that is denied to this one: "or", ", " in a list; 0: it is another matter."""
    sets = tables.sets
    joint = words[place]
    if joint in sets["and"] or joint in "/-":
        after = place + 1
        while after < len(words) and words[after] in sets["between"]:
            after += 1
        return after - place if after < len(words) and at(words, after, sets["avoided"]) else 0
    if joint != ",":
        return 0
    after = place + 1
    if after < len(words) and words[after] in sets["and"]:
        return 2 if after + 1 < len(words) and at(words, after + 1, sets["avoided"]) else 0
    if after >= len(words) or not (length := at(words, after, sets["avoided"])):
        return 0
    listed = words[after] in sets["things_avoided"] or _list_closes(words, after + length, sets)
    return 1 if listed else 0


_LIST_MAX = 24


def _list_closes(words: Sequence[str], place: int, sets: dict[str, frozenset[str]]) -> bool:
    """Whether a list of what can be avoided ends in "or X"."""
    for word in words[place : place + _LIST_MAX]:
        if word in ("or", "nor"):
            return True
        if word != "," and word not in sets["avoided"] and word not in sets["between"]:
            return False
    return False


def _freed(words: Sequence[str], tables: _Tables) -> Iterator[int]:
    """What is denied behind it: nudity-free, gore prohibited, NSFW content is forbidden; and no "nude, forbidden love"."""
    sets = tables.sets
    for place, word in enumerate(words):
        behind = place - 1
        if word not in sets["free"]:
            continue
        if words[behind:place] == ["-"]:
            yield from (one for one in (place - 2,) if one >= 0 and words[one] in sets["free_of"])
        elif word != "free" and words[place + 1 : place + 2] in _CLAUSE_ENDS:
            while behind >= 0 and words[behind] in sets["freeing"]:
                behind -= 1
            while behind >= 0 and words[behind] in sets["avoided"]:
                yield behind
                behind -= 1


def _answered(words: Sequence[str], avoided: frozenset[str]) -> Iterator[int]:
    """What somebody asks and denies: "erotic? no, exotic", and no "nude? no problem"."""
    for place, word in enumerate(words):
        if (
            word in avoided
            and words[place + 1 : place + 3] == ["?", "no"]
            and words[place + 3 : place + 4] in ([], ["\n"], *_STOPS)
        ):
            yield place


_STOPS = ([","], [":"], [";"], ["."], ["!"], ["-"], ["–"], ["—"])
_CLAUSE_ENDS: tuple[list[str], ...] = ([], [","], ["."], [";"], ["!"], [":"], [")"], ["\n"], ["here"], ["please"])  # fmt: skip


def _of_things(words: Sequence[str], tables: _Tables) -> Iterator[int]:
    """Qualities and ages that are a thing's: a naked sword, an 8 year old oak."""
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
        elif word in tables.sets["broken"] and thing_follows(words, place + 1, tables.sets["figures"], _NONE):
            yield place
        elif aged and word in AGES:
            yield from ages.at(place)


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
