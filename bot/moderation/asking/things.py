"""Whether what is said is said of a thing, and what stands behind it makes nobody of it: a guitar, and no guitar player."""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache

from bot.moderation.lexicon.findings import Kind
from bot.moderation.reading.terms import expand, terms_of
from bot.moderation.reading.text import data, word_list, word_sets
from bot.moderation.tongues.pages import listed

QUALITIES_MAX = 2  # between a quality and its thing
_LONGEST = 3  # words of an entry
_YOUTH = (Kind.YOUTH_CERTAIN, Kind.YOUTH_AMBIGUOUS)
_FOREIGN_MIN = 4  # letters of a word of another language; shorter ones are English words, too
_WORN = frozenset({"in", "wearing", "wears"})
_DETERMINERS = frozenset(
    {"the", "a", "an", "my", "his", "her", "our", "their", "this", "that", "old", "red", "big", "small"}
)
_BELONGING = frozenset(
    {"in", "of", "with", "on", "at", "by", "and", "near", "beside", "from", "under", "behind"}
)
_DOERS_END = ("er", "ers", "or", "ors", "ist", "ists", "ian", "ians", "ess", "esses", "man", "men")
_QUALITIES_END = ("less", "ness")
_BODIES = frozenset({"girl", "girls", "woman", "women", "man", "men", "boy", "boys", "child", "lady", "model", "babe", "person", "people", "kid", "kids", "teen", "princess", "wife"})  # fmt: skip
_PRONOUNS = frozenset({"she", "her", "hers", "he", "him", "his", "they", "them"})
# Behind one it is no thing: "12 year old film biru", "en train de baiser".
_NO_THINGS = _BODIES | {"biru", "de", "bokep", "xxx", "x"}
_STOPS = _BODIES | {"en", "naked", "nude", "bare", "topless", "bottomless", "undressed", "exposed",
    "and", "in", "on", "with", "of", "at", "by", "to", "for", "from", "under", "over", "near", "the", "a", "an", "is", "are", "or",
    "his", "her", "their", "my", "he", "she", "they", "him", "them", "while", "having", "body", "bodies", "couple", "guy", "actress", "celebrity",
    "wearing", "only", "just", "nothing", "riding", "holding", "sitting", "standing", "lying", "posing", "spreading", "touching", "inside", "behind", "beside", "against", "students",
    "head", "heads", "arm", "arms", "hand", "hands", "finger", "fingers", "limb", "limbs", "torso", "torsos", "corpse", "corpses",
}  # fmt: skip


def at(words: Sequence[str], place: int, known: frozenset[str]) -> int:
    """How many words at this place make an entry of the list: 0, if none does."""
    for length in range(min(_LONGEST, len(words) - place), 0, -1):
        if " ".join(words[place : place + length]) in known:
            return length
    return 0


def thing_follows(
    words: Sequence[str],
    place: int,
    things: frozenset[str],
    avoided: frozenset[str],
    praises: frozenset[str] = frozenset(),
) -> bool:
    """Whether what is said here is said of a thing: "old oak", "old scotch whisky", but no "old porn star".

    `praises`: of what is avoided, words that praise such a thing.
    """
    for step, word in enumerate(words[place : place + QUALITIES_MAX + 1]):
        if word == "-":
            continue
        if at(words, place + step, things):
            behind = words[place + step + 1 : place + step + 2]
            if behind and (behind[0] in _NO_THINGS or behind[0] in avoided or behind[0] in _people()):
                return False
            return not makes_somebody(words, place + step + 1)
        if (
            word in _STOPS
            or at(words, place + step, _people())
            or (word in avoided and word not in praises)
            or not _is_quality(word)
        ):
            return False
    return False


def _is_quality(word: str) -> bool:
    """Whether a word between a quality and its thing may be another one, and calls nobody with a slip."""
    if not word.isascii() or not word.isalpha():
        return False
    return (
        _is_known(word)
        or word in _sets()["names_too"]
        or not any(map(_is_slip_of_somebody, _with_one_less(word)))
    )


def makes_somebody(words: Sequence[str], place: int) -> bool:
    """Whether the words from here on, behind a thing, name somebody: "player", "- lover", "engine driver"."""
    sets, people = _sets(), _people()
    while place < len(words) and words[place] not in sets["doers"] and words[place] not in people:
        if words[place] != "-" and words[place] not in sets["things"]:
            if words[place] not in _STOPS and not people.isdisjoint(words[place + 1 : place + 2]):
                return words[place].isalpha()  # "car seat model"
            return words[place].endswith(_DOERS_END) and words[place] not in sets["no_doers"]
        place += 1
    return place < len(words)


def is_dressed_up(words: Sequence[str]) -> bool:
    """Whether somebody wears what no thing does: "in lingerie", "wearing black panties"."""
    teasing = _sets()["teasing"]
    worn = (place for place, word in enumerate(words) if word in _WORN)
    return any(not teasing.isdisjoint(words[place + 1 : place + 2 + QUALITIES_MAX]) for place in worn)


def names_somebody(words: Sequence[str]) -> bool:
    """Whether a word is somebody, in English, or somebody young in any language."""
    others = _PRONOUNS | _sets()["doers"] | _people()
    return not others.isdisjoint(words)


def speaks_of_nobody(words: Sequence[str]) -> bool:
    """Whether no word of a text is somebody, or somebody's body or pose, or ends as doers do."""
    idle = _sets()["things"] | _sets()["no_doers"]
    words = [word.removesuffix("'s") for word in words]
    if not _sets()["bodily"].isdisjoint(words):
        return False
    return not names_somebody(words) and not any(
        word.endswith(_DOERS_END) and not word.endswith(_QUALITIES_END) and word not in idle for word in words
    )


def is_said(words: Sequence[str], thing: int) -> bool:
    """Whether what is said behind a thing is said of it: "the car is 8 years old", and no "the girl in the car is"."""
    before = [word for word in words[max(0, thing - 3) : thing] if word not in _DETERMINERS]
    return not before or before[-1] not in _BELONGING


def is_placed(words: Sequence[str], thing: int) -> bool:
    """Whether somebody is in or on a thing, whoever it is: "in a car", "on her yacht"."""
    return not _PLACES.isdisjoint(words[max(0, thing - 3) : thing])


_PLACES = frozenset(
    {"in", "on", "at", "by", "near", "beside", "under", "behind", "inside", "against", "atop"}
)


@cache
def _sets() -> dict[str, frozenset[str]]:
    listed = word_sets("asking.toml")
    return listed | {
        "things": listed["things"] | listed["animals"],
        "teasing": listed["teasing_garments"] | listed["garments_of_nobody_young"],
    }


def _is_known(word: str) -> bool:
    """Whether everybody says it, or it is known to be innocent."""
    return word in word_list("common.txt") or word in word_list("innocent.txt")


def _is_slip_of_somebody(form: str) -> bool:
    """Whether a word for people with a letter less is this: what shares such a form with one of them is a slip of it."""
    forms, sought = _slips_of(), hash(form)
    place = bisect_left(forms, sought)
    return place < len(forms) and forms[place] == sought


@cache
def _slips_of() -> "array[int]":
    """The hashes of words for people with a letter less: of so many forms the letters would take megabytes."""
    longer = (word for word in _people() if len(word) >= _FOREIGN_MIN + 1 and word.isascii())
    return array("q", sorted({hash(form) for word in longer for form in _with_one_less(word)}))


def _with_one_less(word: str) -> set[str]:
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


@cache
def _people() -> frozenset[str]:
    """Who is somebody by a word alone, in any language; "her" and "they" stand behind a thing by chance."""
    minors = data("minors.toml")["groups"]
    persons = terms_of("person", data("words.toml")["groups"])
    groups = persons, minors["youth_ambiguous"], minors["youth_certain"]
    english = {term for terms in groups for term in expand(terms)}
    young = (form.plain for line in listed() if line.kind in _YOUTH for form in line.forms())
    elsewhere = {word for word in young if len(word) >= _FOREIGN_MIN}
    return frozenset(english | elsewhere) - _PRONOUNS
