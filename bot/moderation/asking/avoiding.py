"""What other languages ask to avoid, with the words that say so: "sin contenido sexual", "nichts Erotisches", 性的な表現なし.

How they do so stands in `data/avoiding.toml`. English has its own grammar (asking), and what is said of somebody
("nicht nackt") is known to `elsewhere`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from bot.moderation.reading.letters import fold, without_marks
from bot.moderation.reading.terms import expand
from bot.moderation.reading.text import data
from bot.moderation.tongues.pages import pages

_LISTED_MAX = 8  # things of a list
_CONTENT_MAX = 4  # words between a denial and its thing
_WORD = re.compile(r"[^\W_]+")


class _Tongue(NamedTuple):
    """How one language says what it does not want."""

    before: tuple[str, ...]
    behind: tuple[str, ...]
    content: tuple[str, ...]
    things: tuple[str, ...]
    qualities: tuple[str, ...]
    nor: tuple[str, ...]
    joints: tuple[str, ...]
    solid: bool
    first: frozenset[str]  # words of these denials
    denied: frozenset[str]  # of things and qualities


def without_avoided(text: str) -> str:
    """The text, in composed letters, without what another language says that it does not want."""
    lowered = text.lower()
    if len(lowered) != len(text):
        return text  # a letter that grows: places would shift
    plain = without_marks(lowered)
    words = frozenset(_WORD.findall(plain))
    if plain.isascii() and _denying().isdisjoint(words):
        return text
    said = [language for language, tongue in _tongues().items() if _may_deny(tongue, plain, words)]
    found = (
        match for language in said for pattern in _patterns(language) for match in pattern.finditer(plain)
    )
    avoided = [match.span() for match in found if not plain.endswith(_TWICE, 0, match.start())]
    return _blanked(text, sorted(avoided)) if avoided else text


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with blanks in these places, which may overlap."""
    parts, reach = list[str](), 0
    for start, end in spans:
        parts += text[reach:start], " " * (end - max(start, reach))
        reach = max(reach, end)
    return "".join((*parts, text[reach:]))


def _may_deny(tongue: _Tongue, plain: str, words: frozenset[str]) -> bool:
    """Whether a denial could begin there, and what is denied."""
    return all(
        any(map(plain.__contains__, said)) if tongue.solid else not words.isdisjoint(said)
        for said in (tongue.first, tongue.denied)
    )


@cache
def _denying() -> frozenset[str]:
    """The words by one of which a text may deny in a language that knows spaces."""
    return frozenset().union(*(tongue.first for tongue in _tongues().values() if not tongue.solid))


@cache
def _tongues() -> dict[str, _Tongue]:
    """The languages, their words without marks, the longest first."""
    ways = data("avoiding.toml")
    known = {page["language"]: page for page in pages()}
    return {language: _tongue(way, known[language]) for language, way in ways.items()}


def _tongue(way: Mapping[str, Any], page: Mapping[str, Any]) -> _Tongue:
    before, behind, things, qualities = (
        _forms(way.get(name, ())) for name in ("before", "behind", "things", "qualities")
    )
    solid = way.get("solid", False)
    denials = [one for one in (*before, *behind) if not (solid and one.isascii())]
    return _Tongue(
        before=before,
        behind=behind,
        content=_forms(way["content"]),
        things=things,
        qualities=qualities,
        nor=_forms(page["nor"]),
        joints=_forms((*page["nor"], *page["and"])),
        solid=solid,
        first=_first(denials, solid=solid),
        denied=_first((*things, *qualities), solid=solid),
    )


def _first(said: Iterable[str], *, solid: bool) -> frozenset[str]:
    """The first words of what is said; of Hindi ones what stands before a mark."""
    return frozenset(one.split()[0] if solid else _WORD.findall(one)[0] for one in said)


def _forms(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({fold(form) for form in expand(words)}, key=len, reverse=True))


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], ...]:
    """What finds a denial with all that it denies: before it, and behind it. It takes 15 ms, and few texts need any."""
    return tuple(map(re.compile, _sources(_tongues()[language])))


def _sources(tongue: _Tongue) -> Iterator[str]:
    gap = r"\s?" if tongue.solid else r"[\s'’]\s?"
    edge, end = ("", "") if tongue.solid else (r"(?<!\w)", r"(?!\w)")
    content, thing = _any_of(tongue.content, gap), _any_of(tongue.things, gap)
    quality = _any_of(tongue.qualities, gap)

    def one_of(what: str) -> str:
        return (
            rf"(?:{content}{gap}){{0,{_CONTENT_MAX}}}{what}{end}(?:{gap}{content}{end}){{0,{_CONTENT_MAX}}}"
        )

    item, listed = one_of(f"(?:{thing}|{quality})"), one_of(thing)
    nor, joint = _any_of(tongue.nor, gap), _any_of(tongue.joints, gap)
    comma = r"\s?[,、，،・]\s?"
    closed = rf"(?:{comma}{item}){{0,{_LISTED_MAX}}}(?:{comma}|\s?){nor}{gap}{item}"
    more = rf"(?:{closed}|(?:{comma}|\s?{joint}{gap}){listed}){{0,{_LISTED_MAX}}}"
    if tongue.before:
        yield rf"{edge}{_begins(tongue.before)}{_any_of(tongue.before, gap)}{gap}{item}{more}"
    if tongue.behind:
        begins = _begins((*tongue.content, *tongue.things, *tongue.qualities))
        yield rf"{edge}{begins}{item}{more}{gap}{_any_of(tongue.behind, gap)}{end}{_NOT_WITHOUT}"


def _begins(words: Iterable[str]) -> str:
    """That one of these could begin here: quicker to see than that none does."""
    return f"(?=[{''.join(sorted({re.escape(word[0]) for word in words}))}])"


def _any_of(words: Iterable[str], gap: str) -> str:
    """One of these words; a blank in them is a gap."""
    return f"(?:{'|'.join(gap.join(map(re.escape, word.split())) for word in words)})"


# "por qué no", "pourquoi pas", "not without": who asks back, or denies the denial, does not deny.
_TWICE = ("not ", "no ", "non ", "nicht ", "nie ", "niet ", "не ", "pas ", "que ", "pourquoi ", "warum ", "waarom ", "почему ", "perche ", "porque ", "dlaczego ", "tai sao ", "لماذا ", "ليس ")  # fmt: skip
_NOT_WITHOUT = r"(?!\s?(?:は|では|じゃ|も|なの)?\s?(?:だめ|ダメ|嫌|いや|degil|olmaz|चलेगा))"
