"""Reads a prompt the way people do: look-alike letters, invisible marks, scattered letters and codes undone.

`normalise` is linear in the prompt's length and knows nothing of any lexicon. Nearly every prompt has one
reading; text that may run backwards, upside down or in a code has more, and then each is judged.
"""

import binascii
import codecs
import html
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import dropwhile
from typing import Any, NamedTuple
from urllib.parse import unquote

from bot.moderation.reading import hangul
from bot.moderation.reading.markup import unmarked

# Signs that stand for letters inside words; every other sign parts words.
LETTER_SIGNS = "@$!|+(<{#^*"
_KEPT_MAX = 64  # longer chunks are not kept in the memo
_LIKE_LETTERS = frozenset("@$!#<{^")
_NONE: frozenset[str] = frozenset()
_NO_GAPS = frozenset(LETTER_SIGNS.replace("(", ""))  # between two letters only
_AGE = re.compile(rf"(?<![\w{re.escape(LETTER_SIGNS)}])(1[0-7]|[1-9])(y(?:o|rs?|ears?)?)\b")
_EDGES = ".,;:?\"')[]}>_~`/\\-–—…“”‘’«»=&%"
_APOSTROPHES = re.compile(r"(?<=\w)['’](?=\w)")
_CONTRACTED = re.compile(r"(?<=\bwho)['’](?=re\b)", re.IGNORECASE)
_APART = re.compile(rf"(?:[^\w{re.escape(LETTER_SIGNS)}]|_)+")
_ALL_APART = re.compile(r"[\W_]+")
_RUN = re.compile(r"[^\W\d_][^\W_]|\d[^\W\d_]")  # letters that don't stand apart
_APART_MIN = 2  # letters that stand apart and belong together
_MARK = "\x02"  # before a word that was joined from scattered letters

# Begins with a space, so that it is looked for at spaces only; nearly every text has no two such letters.
_TWO_APART = re.compile(r"\s\S\s+\S[.,;:!?]*(?:\s|$)")
_LETTERS_APART = re.compile(r"(?<!\S)\S(?:\s+\S)+(?=[.,;:!?]*(?:\s|$))")
_GAPS = re.compile(r"\s+")
_KOREAN = re.compile(r"[가-힣]+")
_LISTS = frozenset(",/&;|+")  # signs between words
_CODE = re.compile(r"&#?\w{2,8};|%[0-9a-f]{2}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}", re.IGNORECASE)
_CODE_DEPTH_MAX = 3  # codes inside codes
_BACKSLASHED = re.compile(r"\\u([0-9a-f]{4})|\\x([0-9a-f]{2})", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
# Each begins with what is quick to find.
_MAYBE_BASE64 = re.compile(r"[A-Z=\d](?:(?<=[a-z0-9][A-Z])|(?<=\w=)|(?<=[a-z]\d)\w*\d)")
_MAYBE_HEX = re.compile(r"[2-7][0-9a-f] ?[2-7][0-9a-f] ?[2-7][0-9a-f]", re.IGNORECASE)
_BASE64 = re.compile(
    r"(?<![\w+/=])(?![0-9a-f]+(?![\w+/=]))(?:[A-Za-z0-9+/]{4,}|[A-Za-z0-9+/]{2,}={1,2})(?![\w+/=])|(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{4,}={1,2}"
)
_LOST_MAX_BYTES = 2  # of a letter that was cut off
_LOST_ONE_IN = 4  # "nude" is no base64 of "^"
_HEX = re.compile(r"(?<!\w)(?:0x)?((?:[2-7][0-9a-f] ?){3,})(?!\w)", re.IGNORECASE)
_COMPOSITE_SIGNS = re.compile(r"\|\\/\||/\\/\\|\\/\\/|\|_\||\|-\||\|<|\|\)|\(\)|><|\\/|/\\|\|3")
_COMPOSITE = {
    "|\\/|": "m", "/\\/\\": "m", "\\/\\/": "w", "|_|": "u", "|-|": "h", "|<": "k", "|)": "d",
    "()": "o", "><": "x", "\\/": "v", "/\\": "a", "|3": "b",
}  # fmt: skip
_DRAWING = "|\\(>"  # one of these is in every composite sign
_BRAILLE = (1, 3, 9, 25, 17, 11, 27, 19, 10, 26, 5, 7, 13, 29, 21, 15, 31, 23, 14, 30, 37, 39, 58, 45, 61, 53)

_PAGES_KEPT = 4
_FOLDED_MAX = 1 << 15  # signs that are remembered
_TURNED_ONE_IN = 200  # letters of a text that tells by them that it is upside down
_PARTS_MAX = 8  # of one sign; there is one that spreads to a whole sentence of 18
_MARKS = frozenset({"Mn", "Me", "Cf"})  # combining ones, and what can't be seen
_FILLERS = (0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800)  # show nothing, although Unicode calls them letters

# Little words that give away the way a whole text was turned; one of five words is such.
_LITTLE_ONE_IN = 40
_BACKWARDS = frozenset({"eht", "fo", "dna", "htiw", "morf", "si", "rof"})
_ROT13 = frozenset({"gur", "bs", "naq", "jvgu", "sbe", "n", "va", "ba", "vf"})


class Reading(NamedTuple):
    """One way to read a prompt: folded words in their order."""

    words: tuple[str, ...]
    scattered: frozenset[str] = frozenset()  # those joined from letters that stood apart


class Text(NamedTuple):
    """A prompt and its readings; the original is kept for the audit."""

    original: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alphabet:
    """The tables of disguises, from `data/letters.toml` and `data/confusables.toml`."""

    before: dict[int, str | None]  # what compatibility normalisation would spoil
    fold: "Folding"
    fold_turned: "Folding"  # what was upside down
    pictures: re.Pattern[str]  # emoji that say a word, where they part no letters of another
    says: dict[int, str]
    upside_down_letters: frozenset[str]  # that tell of such a text; Turkish writes ı


class Folding(dict[int, str]):
    """What each sign of a text is once it is spread to its parts and these are folded; found out once."""

    def __init__(self, table: Mapping[int, str], first: Mapping[int, str] | None = None) -> None:
        super().__init__()
        self._table = table
        self._first = first or {}

    def __missing__(self, sign: int) -> str:
        letter = chr(sign)
        spread = unicodedata.normalize("NFKD", letter) if unicodedata.decomposition(letter) else letter
        spread = spread.translate(self._first) if self._first else spread
        parts = "".join(map(self._part, spread))
        if len(self) >= _FOLDED_MAX:
            self.clear()
        self[sign] = folded = parts if len(parts) <= _PARTS_MAX else " "
        return folded

    def _part(self, letter: str) -> str:
        """What a part of a sign is; marks and what can't be seen vanish."""
        folded = self._table.get(ord(letter))
        if folded is None:
            return "" if unicodedata.category(letter) in _MARKS else letter
        return folded


@lru_cache(maxsize=_PAGES_KEPT)
def data(name: str) -> dict[str, Any]:
    """One of the data files that lie beside this module, for looking into; kept for a moment, as several tables begin with the same."""
    return tomllib.loads(resources.files("bot.moderation").joinpath("data", name).read_text(encoding="utf-8"))


@cache
def word_list(name: str) -> frozenset[str]:
    """One of the word lists beside this module, read once: one word a line, comments after a hash."""
    text = resources.files("bot.moderation").joinpath("data", name).read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and line[0] != "#")


@cache
def word_sets(name: str) -> dict[str, frozenset[str]]:
    """The lists of one of the data files, each as a set: read once for all who look into them."""
    return {key: frozenset(words) for key, words in data(name).items() if isinstance(words, list)}


@cache
def alphabet() -> Alphabet:
    """The tables, built at the first prompt that is not plain ASCII."""
    letters = data("letters.toml")
    braille = dict(zip((0x2800 + dots for dots in _BRAILLE), "abcdefghijklmnopqrstuvwxyz", strict=True))
    signs = {**_table(data("confusables.toml")["looks_like"]), **_table(letters["stands_for"]), **braille}
    # Letters with several readings are left to the speller, which knows words.
    single = {sign: letter for sign, letter in signs.items() if chr(sign).lower() not in letters["readings"]}
    flip = _table(letters["upside_down"])
    shown = "".join(letters["says"].values())
    folded = {**dict.fromkeys(_FILLERS, ""), **single}
    parenthesised = {0x249C + place: letter for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}
    return Alphabet(
        before={**dict.fromkeys(_FILLERS), **parenthesised},
        fold=Folding(folded),
        fold_turned=Folding(folded, flip),
        pictures=re.compile(rf"(?<![^\W_])[{shown}]|[{shown}](?![^\W_])"),
        says=_table(letters["says"]),
        upside_down_letters=frozenset(chr(c) for c in flip if not chr(c).isascii()) - {"ı"},
    )


def _table(section: dict[str, str]) -> dict[int, str]:
    return {ord(sign): letter for letter, signs in section.items() for sign in signs}


@lru_cache(maxsize=4)
def normalise(prompt: str) -> Text:
    """The prompt's readings; kept for a moment, because several layers ask for the same."""
    coded = ("&" in prompt or "%" in prompt or "\\" in prompt) and _CODE.search(prompt)
    plain = _decode(prompt) if coded else prompt
    readings = [reading for form in _forms(plain) for reading in _turned(form, _read(form))]
    shown = unmarked(plain)
    also = [*_hidden(plain), *([shown] if shown != plain else ())]
    readings += [_read(form) for hidden in also for form in _forms(hidden)]
    return Text(original=prompt, readings=tuple(readings))


def _decode(prompt: str) -> str:
    """Undoes HTML entities, percent-encoding and backslash escapes."""
    for _ in range(_CODE_DEPTH_MAX):
        prompt = unquote(html.unescape(prompt), errors="ignore")
        prompt = _BACKSLASHED.sub(lambda match: chr(int(match.group(1) or match.group(2), 16)), prompt)
        if not _CODE.search(prompt):
            break
    return prompt


def _forms(plain: str) -> list[str]:
    """The text in small plain letters, scattered ones joined; twice where it may be upside down."""
    if plain.isascii():
        return [_gather(plain.lower())]
    tables = alphabet()
    signs = set(map(ord, set(plain)))
    if not tables.says.keys().isdisjoint(signs):
        plain = tables.pictures.sub(lambda match: f" {tables.says[ord(match.group())]} ", plain)
    if not tables.before.keys().isdisjoint(signs):
        plain = plain.translate(tables.before)
    plain = hangul.compose(_gather(plain))
    forms = [_folded(plain, tables.fold)]
    telling = sum(map(plain.count, tables.upside_down_letters.intersection(plain)))
    if telling * _TURNED_ONE_IN > len(plain):
        turned = _folded(plain, tables.fold_turned)
        forms += [turned[::-1], turned]
    return forms


def _folded(plain: str, table: Folding) -> str:
    folded = unicodedata.normalize("NFC", plain.translate(table)).lower()
    return _gather(hangul.loosen(folded))


def _gather(plain: str) -> str:
    """Joins single letters that stand apart."""
    if not _TWO_APART.search(f" {plain}"):
        return plain
    return _LETTERS_APART.sub(_closed_up, plain.replace(_MARK, ""))


def gathered(phrase: str) -> str:
    """A phrase of letters as the first reading has it: single ones that stand apart are one word."""
    return _gather(phrase).replace(_MARK, "")


def _closed_up(match: re.Match[str]) -> str:
    """The letters without the gaps between them; gaps unlike most of the others part words."""
    run = match.group()
    gaps = _GAPS.findall(run)
    if (len(gaps) < _APART_MIN or (len(gaps) == _APART_MIN and run[-1].isdigit())) and not hangul.is_hangul(
        run
    ):
        return run  # "a b reast", "f a 9 yo": words, or pieces of words beside, more likely
    usual = max(dict.fromkeys(gaps), key=lambda gap: (gaps.count(gap), -len(gap)))
    letters = iter(run.split())
    closed = _MARK + next(letters)
    return closed + "".join(
        letter if gap == usual else f" {_MARK}{letter}" for gap, letter in zip(gaps, letters, strict=True)
    )


def _hidden(plain: str) -> list[str]:
    """The prompt with what stands in it as base64 or hexadecimal written out, if that is text."""
    if "=" not in plain and plain[1:].islower() and not _DIGIT.search(plain):
        return []  # nothing in it could be code
    found = []
    if _MAYBE_BASE64.search(plain):
        found.append(
            _BASE64.sub(lambda match: _printable(_from_base64(match.group())) or match.group(), plain)
        )
    if _MAYBE_HEX.search(plain) and _HEX.search(plain):
        found.append(_HEX.sub(lambda match: _printable(_from_hex(match.group(1))) or match.group(), plain))
    return [text for text in found if text != plain]


def _from_hex(digits: str) -> bytes:
    digits = digits.replace(" ", "")
    return bytes.fromhex(digits[: len(digits) // 2 * 2])


def _from_base64(word: str) -> bytes:
    bare = word.rstrip("=")
    try:
        return binascii.a2b_base64(bare + "=" * (-len(bare) % 4))
    except binascii.Error:
        return b""


def _printable(raw: bytes) -> str:
    text = raw.decode("utf-8", errors="ignore")
    return (
        text
        if len(text.encode()) + min(_LOST_MAX_BYTES, len(raw) // _LOST_ONE_IN) >= len(raw)
        and text.replace("\n", " ").isprintable()
        else ""
    )


def _turned(form: str, reading: Reading) -> list[Reading]:
    """The reading, and those of the text turned back when little words tell that it is turned."""
    found = [reading]
    if _tells(reading.words, _BACKWARDS):
        found.append(_read(form[::-1]))
    if _tells(reading.words, _ROT13):
        found.append(_read(codecs.encode(form, "rot13")))
    return found


def _tells(words: Sequence[str], little: AbstractSet[str]) -> bool:
    """Whether there are as many of these little words as in a text that is turned as a whole."""
    return not little.isdisjoint(words) and len(words) <= _LITTLE_ONE_IN * sum(
        map(little.__contains__, words)
    )


def _read(form: str) -> Reading:
    words: list[str] = []
    scattered: list[str] = []
    chunks = form.split()
    for chunk in chunks:
        if chunk.isalpha():
            words.append(chunk)
            continue
        parts, apart = _parts(chunk) if len(chunk) <= _KEPT_MAX else _parts.__wrapped__(chunk)
        words += parts
        scattered += parts[:1] * apart
    # Letters drawn with several signs are read once more, behind the rest so that phrases stay whole.
    if any(map(form.__contains__, _DRAWING)) and _COMPOSITE_SIGNS.search(form):
        words += [part for chunk in chunks if not chunk.isalpha() for part in _drawn(chunk)]
    return Reading(tuple(words), frozenset(scattered) if scattered else _NONE)


@lru_cache(maxsize=1 << 14)
def _parts(chunk: str) -> tuple[tuple[str, ...], bool]:
    """The words of a chunk that holds more than letters, and whether it is one word of letters that stood apart."""
    bare = chunk.strip(_EDGES)
    if (word := bare.rstrip("!" + _EDGES)).isalpha():
        return (word,), False
    if bare.isalnum() and "y" not in bare:
        return (bare,), False  # digits among letters, and no age
    marked = _MARK in chunk
    chunk = chunk.replace(_MARK, "")
    if "'" in chunk or "’" in chunk:
        chunk = _APOSTROPHES.sub("", _CONTRACTED.sub(" ", chunk))
    if not _RUN.search(chunk) and (whole := _together(chunk)):
        return (whole,), True
    if "y" in chunk:
        chunk = _AGE.sub(r"\1 \2", chunk)
    parts = tuple(filter(None, _APART.split(chunk)))
    if len(parts) > _APART_MIN and "_" in chunk and max(map(len, parts)) <= _APART_MIN:
        return ("".join(parts),), True  # n_u_de
    if len(parts) > 1 and _KOREAN.fullmatch("".join(parts)) and _LISTS.isdisjoint(chunk):
        parts = (*parts, "".join(parts))  # 섹.스하는: the last piece has its endings
    return parts, marked


def _drawn(chunk: str) -> list[str]:
    if not _COMPOSITE_SIGNS.search(chunk):
        return []
    drawn = _COMPOSITE_SIGNS.sub(lambda match: _COMPOSITE[match.group()], chunk)
    return [part for part in _APART.split(drawn) if part]


def _together(chunk: str) -> str:
    """The word behind a chunk of single letters with signs between them (n.u.d.e, [n][u][d][e]), or nothing."""
    letters = [part for part in _ALL_APART.split(chunk) if part]
    apart = list(dropwhile(str.isdigit, letters))  # 11-y.e.a.r, 1.1.y.o
    if max(map(len, apart), default=2) > 1 or sum(not part.isdigit() for part in apart) < _APART_MIN:
        return ""
    if len(apart) == _APART_MIN and not _NO_GAPS.isdisjoint(chunk):
        return ""  # s*x, $|u++y: too few letters for the signs to be mere gaps
    gaps = set(_ALL_APART.findall(chunk.strip(_EDGES + LETTER_SIGNS)))
    if set("".join(gaps)) == {"*"}:
        return ""  # s*v*n: the speller tells gaps from letters starred out
    if any(not _LIKE_LETTERS.isdisjoint(gap) for gap in gaps) and len(gaps) > 1:
        return ""  # the signs are letters themselves: g!r|$
    return "".join(letters)
