"""What a picture shall not show: clothes that are left away are asked to be off.

Said in `--no`, in a list that calls itself negative, or by a weight. In a phrase of the text itself words say it
(sexual.toml, pages).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from bot.model import NEGATIVE_FLAG
from bot.moderation.asking.things import QUALITIES_MAX
from bot.moderation.lexicon.findings import Kind
from bot.moderation.reading.letters import fold
from bot.moderation.reading.text import normalise, word_sets
from bot.moderation.tongues.pages import listed, without_it
from bot.order.negatives import parted

_ITEMS = re.compile(r"[,;\n|]+|\s(?:and|or)\s")
# "clothes::-1", "(clothes:-0.5)"; of 0.3 and less there is nothing to be seen: "clothes:0", "clothes=0", "(clothes:0.1)".
_LITTLE = r"(?:0(?:\.[0-3]\d{0,3})?|\.[0-3]\d{0,3})"
_WEIGHT = re.compile(
    r":-(?:\d?\.\d+|\d)(?!\d|\s?%)"
    rf"|(?:[:=]\s?|\scount\s|\sx\s?){_LITTLE}\s?%?(?=$|[\s,;)\]|])(?!\s(?:m|cm|mm|ft|in)\b)"
    r"|[:=]\s?(?:none|no|off|false|null|nothing|zero)(?=\s*(?:$|[,;)\]|\n]))"
)
# "child -clothes", "!clothes", "!= clothes", "0 clothes", "w/o clothes"; no "t -shirt", no line of a list, no "0 shirts left".
_STRUCK = re.compile(
    r"(?:(?<=[^\s] )(?<!\bt )[-−–~]|(?<!\S)(?:[!¬]|!=\s?|[wW]/[oO]\s))([^\W\d_]+)|(?<!\S)0\s?%?\s([^\W\d_]+)(?=\s*(?:$|[,;)\n]))"
)
_WEIGHING, _STRIKING = (
    ":=0",
    (" -", " −", " –", " ~", "!", "¬", "0 ", "0%", "w/o", "W/O"),
)  # what these need, quick to find
_PARTS = re.compile(r"[,;:()\[\]|\n]+")
_ITEM_MAX = 40  # letters of what a weight is given to
_SEVERAL = 2
_CHEST_BARED = "shirt left away"  # what sexual.toml calls it
_DIGITS_READ = str.maketrans("013457@$", "oieastas")


def whole_text(prompt: str, negative: str) -> str:
    """What is judged of a prompt and of what its picture shall not show: clothes left away are asked to be off."""
    items = list(filter(None, dict.fromkeys(map(str.strip, _ITEMS.split(negative)))))
    sets = word_sets("asking.toml")
    if any(item.lower() in sets["safe"] for item in items):
        prompt = f"{prompt}, nsfw"
    if any(item.lower() in sets["grown"] for item in items):
        prompt = f"{prompt}, no adults"
    off = [item for item in items if without_it(item) or _names(item, sets["garments"], sets["between"])]
    if any(item.lower() in sets["naked_avoided"] or fold(item) in _said()[True] for item in items):
        # Who wants nobody naked wants nobody in what teases, either.
        off = [item for item in off if not _teases(item, sets)]
    over = [item for item in items if _names(item, sets["over_garments"], sets["between"])]
    if not off and len(over) < _SEVERAL:
        return prompt
    if not over and all(_names(item, sets["shirts"], sets["between"]) for item in off):
        return f"{prompt}, {_CHEST_BARED}: {', '.join(dict.fromkeys(off))}"
    away = "".join(f", {said}" for said in dict.fromkeys(map(without_it, off)) if said)
    return f"{prompt}{away}, without clothes: {', '.join(dict.fromkeys((*off, *over)))}"


def _teases(item: str, sets: dict[str, frozenset[str]]) -> bool:
    """Whether these clothes show more than they hide, in any language."""
    teasing = sets["teasing_garments"] | sets["garments_under"]
    return _names(item, teasing, sets["between"]) or fold(item) in _said()[False]


@cache
def _said() -> dict[bool, frozenset[str]]:
    """What other languages call naked or sexual, and what only teases (False)."""
    said = [(line.kind, form.plain) for line in listed() if not line.away for form in line.forms()]
    naked = frozenset(plain for kind, plain in said if kind in (Kind.NUDITY, Kind.SEXUAL_EXPLICIT))
    return {True: naked, False: frozenset(plain for kind, plain in said if kind is Kind.SEXUAL_MILD)}


def _away_in_words(text: str) -> Iterator[str]:
    """What a sign says that there shall be less of: "clothes::-1", "(clothes:0)", "-clothes"."""
    for weight in _weights(text):
        before = text[max(0, weight.start() - _ITEM_MAX) : weight.start()].rstrip(": ")
        part = _PARTS.split(before)[-1].strip()
        yield from dict.fromkeys((part, part.rpartition(" ")[2]))
    yield from (struck[1] or struck[2] for struck in _struck(text))


def _weights(text: str) -> Iterable[re.Match[str]]:
    return _WEIGHT.finditer(text) if any(map(text.__contains__, _WEIGHING)) else ()


def _struck(text: str) -> Iterable[re.Match[str]]:
    return _STRUCK.finditer(text) if any(map(text.__contains__, _STRIKING)) else ()


def leaves_away(text: str) -> bool:
    """Whether a text says what its picture shall not show, in `--no`, in a list that calls itself negative, or by a sign."""
    return NEGATIVE_FLAG in text or any(_weights(text)) or any(_struck(text)) or bool(parted(text)[1])


def with_what_is_left_away(text: str) -> str:
    """The text with what it leaves away said in words, and without what calls itself a negative list."""
    typed, _, negative = text.partition(NEGATIVE_FLAG)
    words, listed = parted(typed)
    away = ", ".join(filter(None, (negative, listed, *_away_in_words(words))))
    # Where nothing else is said no order is made; yet what calls itself so may be meant as it stands.
    return whole_text(words or _asked_alone(listed), away) if away else text


def _asked_alone(listed: str) -> str:
    """What a list that stands alone names besides what can be avoided: "negative: nude woman"."""
    sets = word_sets("asking.toml")
    avoided = sets["avoided"] | sets["between"] | sets["young_avoided"]
    return ", ".join(item for item in _ITEMS.split(listed) if not avoided.issuperset(item.lower().split()))


def _names(item: str, garments: frozenset[str], idle: frozenset[str]) -> bool:
    """Whether something that is not wanted is one of these, also in disguise; none of a kind: "sexy clothes"."""
    readings = [reading.words for reading in normalise(item).readings]
    return item.lower() in garments or any(_is_garment(words, garments, idle) for words in readings)


def _is_garment(words: Sequence[str], garments: frozenset[str], idle: frozenset[str]) -> bool:
    others = [word for word in words if garments.isdisjoint((word, word.translate(_DIGITS_READ), word[:-1]))]
    return len(others) < len(words) and idle.issuperset(others)


def undressed_not(words: Sequence[str], sets: dict[str, frozenset[str]]) -> Iterator[int]:
    """Clothes that tease, denied without asking for less: not in lingerie; no bikini, just a girl in a coat."""
    teasing = sets["teasing_garments"]
    for place, word in enumerate(words) if not teasing.isdisjoint(words) else ():
        if word not in teasing:
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
