"""What a text in English denies: "no nudity, gore or blood", "nudity-free", "none of the dancers is nude", "erotic? no".

A denial reaches over little words to what can be avoided, and on over a list of that. Which words do so stands in
`data/asking.toml`.
"""

from collections.abc import Iterator, Mapping, Sequence

from bot.moderation.asking.things import at

_SEVERAL = 2


class Denials:
    """The lists that denials are told by."""

    def __init__(self, sets: Mapping[str, frozenset[str]]) -> None:
        self.sets = sets
        self.words = sets["denials"]
        self.starts = frozenset(entry.split()[0] for entry in self.words)
        self.worn = sets["garments"] | sets["over_garments"]
        self.not_none = sets["not_none"] | self.worn  # of whom nothing is denied behind "no"


def denied(words: Sequence[str], denials: Denials) -> Iterator[int]:
    """The words that a denial reaches."""
    yield from _freed(words, denials)
    yield from _answered(words, denials.sets["avoided"])
    denying = {word for word in set(words) if word in denials.starts or _is_a_not(word)}
    place = 0 if denying else len(words)
    while place < len(words):
        if words[place] not in denying:
            place += 1
            continue
        reach = _denial(words, place, denials)
        if not reach:
            place += 1
            continue
        place += reach
        if reached := _reached(words, place, denials):
            yield from reached
            behind = reached[-1] + 1
            if any(words[one] in denials.worn for one in reached):
                yield from range(place - reach, place)  # "no revealing clothes" is no "no clothes"
            if not _SAFE.isdisjoint(words[behind : behind + _SEVERAL]):
                yield from range(place - reach, place)  # "not nude, sfw" is no "not sfw"
            place = behind


def _denial(words: Sequence[str], place: int, denials: Denials) -> int:
    """How many words deny something here; a denial of a denial is none."""
    if words[place - 1 : place + 1] == ["?", "no"] and words[place + 1 : place + 2] in _STOPS:
        return 0  # it answers: "nude? no: topless"
    length = at(words, place, denials.words)
    length = length or _is_a_not(words[place])
    return 0 if length and (_asks_back(words, place) or _is_twice(words, place, denials)) else length


def _is_a_not(word: str) -> bool:
    return word.endswith(_NOTS) and word[:-1].rstrip("n'") in _HELPERS


def _is_twice(words: Sequence[str], place: int, denials: Denials) -> bool:
    """Whether what denies is denied itself: "not without", "don't ever exclude"."""
    if words[place] in ("nor", "free"):
        return False
    before = words[max(0, place - _SEVERAL) : place]
    if words[place].startswith(_AVOIDING):
        behind_comma = words[max(0, place - 2 * _SEVERAL) : place]
        before = behind_comma[behind_comma.index(",") + 1 if "," in behind_comma else 0 :]
    return any(word in denials.words or word.endswith("n't") for word in before)


def _asks_back(words: Sequence[str], place: int) -> bool:
    """Whether it stands in a question, which denies nothing: "why not nude", "is it not nude", "isn't she"."""
    before = words[max(0, place - _SEVERAL) : place]
    if "why" in before or (words[place].endswith("n't") and words[place + 1 : place + 2] in _ASKED):
        return True
    return words[place] == "not" and before[:1] in _ASKING and before[1:] in _ASKED


def of_none(words: Sequence[str], denials: Denials) -> Iterator[int]:
    """What is said of none: "none of the statues are nude", "not one dancer is nude", and no "no bra, she is nude", no "no doubt she is nude"."""
    may_tell = "not" in words or not _NOBODY.isdisjoint(words)
    for place, word in enumerate(words) if may_tell else ():
        if (word in _NOBODY or words[place : place + 2] in _NOT_ONE) and not _is_twice(words, place, denials):
            behind = words[place + 1 : place + _OF_NONE_MAX]
            verb = next((step for step, one in enumerate(behind) if one in ("is", "are", "was", "were")), 0)
            if verb and all(word.isalpha() and word not in denials.not_none for word in behind[:verb]):
                reached = _reached(words, place + verb + 2, denials)
                if reached and words[reached[-1] + 1 : reached[-1] + 2] in (["in"], ["at"], *_CLAUSE_ENDS):
                    yield from reached


_NOBODY = frozenset({"none", "no", "neither", "nobody"})
_NOT_ONE = (["not", "one"], ["not", "a"], ["not", "any"])
_OF_NONE_MAX = 9  # words of whom it is said, with the verb
_NOTS = ("n't", "nt")
_AVOIDING = ("avoid", "exclud", "ban", "forbid", "omit", "refrain")
_ASKED = [["it"], ["she"], ["he"], ["they"], ["this"], ["that"], ["you"], ["we"], ["there"]]
_ASKING = [["is"], ["are"], ["was"], ["were"], ["do"], ["does"], ["did"], ["can"], ["could"], ["should"], ["would"], ["may"]]  # fmt: skip
_SAFE = frozenset({"sfw", "safe", "suitable"})
_HELPERS = frozenset({"is", "are", "do", "does", "should", "was", "were", "must", "ca", "can", "wo", "did"})


def _reached(words: Sequence[str], place: int, denials: Denials) -> list[int]:
    """The places of what is denied from here on."""
    sets = denials.sets
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
            length += _worn(words, place + length, denials)
            reached += range(place, place + length)
            place += length
        elif not reached:
            break
        else:
            step = _goes_on(words, place, denials)
            if not step:
                break
            place += step
    return reached


def _worn(words: Sequence[str], place: int, denials: Denials) -> int:
    """How many words here are clothes that somebody shall not wear, being of this kind: "no revealing outfits"."""
    return at(words, place, denials.worn) if words[place - 1] in denials.sets["of_clothes"] else 0


_NONE_OF = frozenset({"no", "any", "without"})


def _begins_anew(words: Sequence[str], place: int, sets: Mapping[str, frozenset[str]]) -> bool:
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


def _goes_on(words: Sequence[str], place: int, denials: Denials) -> int:
    """How many words join the next thing that is denied to this one: "or", ", " in a list; 0: it is another matter."""
    sets = denials.sets
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


def _list_closes(words: Sequence[str], place: int, sets: Mapping[str, frozenset[str]]) -> bool:
    """Whether a list of what can be avoided ends in "or X"."""
    for word in words[place : place + _LIST_MAX]:
        if word in ("or", "nor"):
            return True
        if word != "," and word not in sets["avoided"] and word not in sets["between"]:
            return False
    return False


def _freed(words: Sequence[str], denials: Denials) -> Iterator[int]:
    """What is denied behind it: nudity-free, gore prohibited, NSFW content is forbidden; and no "nude, forbidden love"."""
    sets = denials.sets
    free = sets["free"]
    for place, word in enumerate(words) if not free.isdisjoint(words) else ():
        behind = place - 1
        if word not in free:
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
    """What somebody asks and denies, and a no that is said of a thing before it: "erotic? no, exotic", "hair: no, clothes: yes"."""
    for place, word in enumerate(words) if "no" in words else ():
        if (
            word == "no"
            and words[place - 1 : place] == [":"]
            and words[place + 1 : place + 2] in _CLAUSE_ENDS
        ) or (
            word in avoided
            and words[place + 1 : place + 3] == ["?", "no"]
            and words[place + 3 : place + 4] in ([], ["\n"], *_STOPS)
        ):
            yield place


_STOPS = ([","], [":"], [";"], ["."], ["!"], ["-"], ["–"], ["—"])
_CLAUSE_ENDS: tuple[list[str], ...] = ([], [","], ["."], [";"], ["!"], [":"], [")"], ["\n"], ["here"], ["please"])  # fmt: skip
