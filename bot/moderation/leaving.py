"""What a picture shall not show: clothes that are left away are asked to be off.

Said in `--no`, or in a list that calls itself negative. In a phrase of the text itself words say it (sexual.toml, pages).
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from bot.moderation.pages import without_it
from bot.moderation.text import data, normalise
from bot.moderation.things import QUALITIES_MAX

NEGATIVE_FLAG = " --no "
_NEGATIVE_LIST = re.compile(r"\bnegatives?(?:\s+prompts?)?\s*:([^.;:!?\n]*)", re.IGNORECASE)
_ITEMS = re.compile(r"[,;\n|]+|\s(?:and|or)\s")
_NEGATIVE_WEIGHT = re.compile(r":-(?:\d?\.\d+|\d)(?!\d|\s?%)")
_PARTS = re.compile(r"[,;:()\[\]|\n]+")
_ITEM_MAX = 40  # letters of what a weight is given to
_SEVERAL = 2
_DIGITS_READ = str.maketrans("013457@$", "oieastas")


def whole_text(prompt: str, negative: str) -> str:
    """What is judged of a prompt and of what its picture shall not show: clothes left away are asked to be off."""
    items = [item for item in map(str.strip, _ITEMS.split(negative)) if item]
    sets = _sets()
    if any(item.lower() in sets["safe"] for item in items):
        prompt = f"{prompt}, nsfw"
    if any(item.lower() in sets["grown"] for item in items):
        prompt = f"{prompt}, no adults"
    off = [item for item in items if without_it(item) or _names(item, sets["garments"], sets["between"])]
    if any(item.lower() in sets["naked_avoided"] for item in items):
        # Who wants nobody naked wants nobody in what teases, either.
        off = [item for item in off if not _names(item, sets["teasing_garments"], sets["between"])]
    over = [item for item in items if _names(item, sets["over_garments"], sets["between"])]
    if not off and len(over) < _SEVERAL:
        return prompt
    away = "".join(f", {said}" for said in dict.fromkeys(map(without_it, off)) if said)
    return f"{prompt}{away}, without clothes: {', '.join(dict.fromkeys((*off, *over)))}"


def _weighed_away(text: str) -> Iterator[str]:
    """What a weight says that there shall be less of: "clothes::-1", "(clothes:-0.5)"."""
    for weight in _NEGATIVE_WEIGHT.finditer(text):
        before = text[max(0, weight.start() - _ITEM_MAX) : weight.start()].rstrip(": ")
        yield _PARTS.split(before)[-1].strip()


def leaves_away(text: str) -> bool:
    """Whether a text says what its picture shall not show, in `--no` or in a list that calls itself negative."""
    return (
        NEGATIVE_FLAG in text
        or _NEGATIVE_LIST.search(text) is not None
        or _NEGATIVE_WEIGHT.search(text) is not None
    )


def with_what_is_left_away(text: str) -> str:
    """The text with what it leaves away said in words."""
    typed, flag, negative = text.partition(NEGATIVE_FLAG)
    if flag:
        text = whole_text(typed, negative)
    listed = [*_NEGATIVE_LIST.findall(text), *_weighed_away(text)]
    return whole_text(text, ", ".join(listed)) if listed else text


@cache
def _sets() -> dict[str, frozenset[str]]:
    return {name: frozenset(words) for name, words in data("asking.toml").items() if isinstance(words, list)}


def _names(item: str, garments: frozenset[str], idle: frozenset[str]) -> bool:
    """Whether something that is not wanted is one of these, also in disguise; none of a kind: "sexy clothes"."""
    readings = [reading.words for reading in normalise(item).readings]
    return item.lower() in garments or any(_is_garment(words, garments, idle) for words in readings)


def _is_garment(words: Sequence[str], garments: frozenset[str], idle: frozenset[str]) -> bool:
    others = [word for word in words if garments.isdisjoint((word, word.translate(_DIGITS_READ), word[:-1]))]
    return len(others) < len(words) and idle.issuperset(others)


def undressed_not(words: Sequence[str], sets: dict[str, frozenset[str]]) -> Iterator[int]:
    """Clothes that tease, denied without asking for less: not in lingerie; no bikini, just a girl in a coat."""
    for place, word in enumerate(words):
        if word not in sets["teasing_garments"]:
            continue
        before = words[max(0, place - QUALITIES_MAX - 1) : place]
        if "not" in before or any(one.endswith("n't") for one in before):
            worn = {"in", "wearing"}.intersection(before)
            if worn and sets["between"].issuperset(one for one in before[before.index(min(worn)) :]):
                yield place
        elif before[-1:] == ["no"] and _is_dressed(words[place + 1 :], sets):
            yield from (place - 1, place)


def _is_dressed(words: Sequence[str], sets: dict[str, frozenset[str]]) -> bool:
    """Whether warm or whole clothes are said to be worn, and not alone."""
    if not _ALONE.isdisjoint(words):
        return False
    return any(
        word in ("in", "wearing") and not sets["whole_garments"].isdisjoint(words[place + 1 : place + 4])
        for place, word in enumerate(words)
    )


_ALONE = frozenset({"only", "nothing", "open", "unbuttoned", "transparent", "sheer", "without"})
