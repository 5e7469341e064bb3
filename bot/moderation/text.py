"""Reads a prompt the way people do: look-alike letters, invisible marks, scattered letters and codes undone.

`normalise` is linear in the prompt's length and knows nothing of any lexicon. Nearly every prompt has one
reading; some disguises allow two (a Greek nu is a v to the eye and an n to the ear), and then each is judged.
"""

import base64
import binascii
import html
import re
import sys
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import unquote

from bot.moderation import hangul

# Signs that stand for letters inside words; every other sign parts words.
_LEET_SIGNS = "@$!|+(<{#^*"
_APART_MIN = 3  # letters that stand apart and belong together
_EDGES = ".,;:!?\"'()[]{}<>*_~`/\\-–—…“”‘’«»|+=^"
_APART = re.compile(rf"(?:[^\w{re.escape(_LEET_SIGNS)}]|_)+")
_LETTERS_APART = re.compile(r"(?<!\S)\S(?:\s\S)+(?!\S)")
_CODE = re.compile(r"&#?\w{2,8};|%[0-9a-f]{2}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}", re.IGNORECASE)
_BACKSLASHED = re.compile(r"\\u([0-9a-f]{4})|\\x([0-9a-f]{2})", re.IGNORECASE)
_BASE64 = re.compile(r"(?<![\w+/=])[A-Za-z0-9+/]{6,}={0,2}(?![\w+/=])")
_HEX = re.compile(r"(?<!\w)(?:0x)?((?:[2-7][0-9a-f] ?){3,})(?!\w)", re.IGNORECASE)
_COMPOSITE_SIGNS = re.compile(r"\|\\/\||/\\/\\|\\/\\/|\|_\||\|-\||\|<|\|\)|\(\)|><|\\/|/\\|\|3")
_COMPOSITE = {
    "|\\/|": "m", "/\\/\\": "m", "\\/\\/": "w", "|_|": "u", "|-|": "h", "|<": "k", "|)": "d",
    "()": "o", "><": "x", "\\/": "v", "/\\": "a", "|3": "b",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read a prompt: folded words in their order."""

    words: tuple[str, ...]
    scattered: frozenset[str] = frozenset()  # those joined from letters that stood apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A prompt and its readings; the original is kept for the audit."""

    original: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alphabet:
    """The tables of disguises, from `data/letters.toml` and `data/confusables.toml`."""

    fold: dict[int, str | None]
    second: dict[int, str | None]
    upside_down: dict[int, str]
    second_letters: frozenset[str]
    upside_down_letters: frozenset[str]


def data(name: str) -> dict[str, Any]:
    """One of the data files that lie beside this module."""
    return tomllib.loads(resources.files("bot.moderation").joinpath("data", name).read_text(encoding="utf-8"))


def _table(section: dict[str, str]) -> dict[int, str]:
    return {ord(sign): letter.rstrip("_") for letter, signs in section.items() for sign in signs}


@cache
def alphabet() -> Alphabet:
    """The tables, built at the first prompt that is not plain ASCII."""
    letters = data("letters.toml")
    # Combining marks and invisible characters (categories Mn, Me, Cf) vanish.
    vanish = dict.fromkeys(
        (c for c in range(0x80, sys.maxunicode + 1) if unicodedata.category(chr(c)) in {"Mn", "Me", "Cf"}),
        None,
    )
    # Fillers that show nothing although Unicode calls them letters; a Braille cell is its letter.
    vanish |= dict.fromkeys((0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800))
    braille = dict(zip((0x2800 + dots for dots in _BRAILLE), "abcdefghijklmnopqrstuvwxyz", strict=True))
    likes = _table(data("confusables.toml")["looks_like"])
    fold: dict[int, str | None] = {**vanish, **likes, **_table(letters["stands_for"]), **braille}
    second = _table(letters["sounds_like"])
    flip = _table(letters["upside_down"])
    return Alphabet(
        fold=fold,
        second={**fold, **second},
        upside_down=flip,
        second_letters=frozenset(map(chr, second)),
        upside_down_letters=frozenset(chr(c) for c in flip if not chr(c).isascii()),
    )


_BRAILLE = (1, 3, 9, 25, 17, 11, 27, 19, 10, 26, 5, 7, 13, 29, 21, 15, 31, 23, 14, 30, 37, 39, 58, 45, 61, 53)


def normalise(prompt: str) -> Text:
    """The prompt's readings."""
    plain = _decode(prompt) if _CODE.search(prompt) else prompt
    readings = [_read(form) for form in _forms(plain)]
    readings += [_read(form.lower()) for form in _hidden(plain)]
    return Text(original=prompt, readings=tuple(readings))


def _decode(prompt: str) -> str:
    """Undoes HTML entities, percent-encoding and backslash escapes."""
    prompt = unquote(html.unescape(prompt), errors="ignore")
    return _BACKSLASHED.sub(lambda match: chr(int(match.group(1) or match.group(2), 16)), prompt)


def _forms(plain: str) -> list[str]:
    """The text in small plain letters; twice or thrice where its signs allow it."""
    if plain.isascii():
        return [plain.lower()]
    tables = alphabet()
    spread = unicodedata.normalize("NFKD", hangul.compose(_gather(plain)))
    forms = [_folded(spread, tables.fold)]
    letters = set(spread)
    if letters & tables.second_letters:
        forms.append(_folded(spread, tables.second))
    if letters & tables.upside_down_letters:
        forms.append(_folded(spread.translate(tables.upside_down), tables.fold)[::-1])
    return forms


def _folded(spread: str, table: dict[int, str | None]) -> str:
    return unicodedata.normalize("NFC", spread.translate(table)).lower()


def _gather(plain: str) -> str:
    """Puts single letters that stand apart together, so that scattered jamo can be composed."""
    return _LETTERS_APART.sub(lambda match: "".join(match.group().split()), plain)


def _hidden(plain: str) -> list[str]:
    """What stands in the prompt as base64 or hexadecimal, if it is text."""
    found = []
    for match in _BASE64.finditer(plain):
        word = match.group()
        if not (word.isalpha() and (word.islower() or word.istitle() or word.isupper())):
            found.append(_printable(_from_base64(word)))
    found += [
        _printable(bytes.fromhex(match.group(1))) for match in _HEX.finditer(plain) if _even(match.group(1))
    ]
    return [" ".join(found)] if any(found) else []


def _even(digits: str) -> bool:
    return len(digits.replace(" ", "")) % 2 == 0


def _from_base64(word: str) -> bytes:
    try:
        return base64.b64decode(word.rstrip("=") + "=" * (-len(word.rstrip("=")) % 4))
    except binascii.Error:
        return b""


def _printable(raw: bytes) -> str:
    text = raw.decode("utf-8", errors="ignore")
    return text if text.isprintable() and len(text) * 2 > len(raw) else ""


def _read(form: str) -> Reading:
    words: list[str] = []
    scattered: list[str] = []
    if _LETTERS_APART.search(form):
        form = _LETTERS_APART.sub(lambda match: _note("".join(match.group().split()), scattered), form)
    for chunk in form.split():
        if chunk.isalpha():
            words.append(chunk)
        else:
            _add_parts(chunk, words, scattered)
    return Reading(words=tuple(words), scattered=frozenset(scattered))


def _note(word: str, scattered: list[str]) -> str:
    scattered.append(word)
    return word


def _add_parts(chunk: str, words: list[str], scattered: list[str]) -> None:
    """Adds the words of a chunk that holds more than letters: ends cut off, parted at signs."""
    bare = chunk.strip(_EDGES)
    if bare.isalpha():
        words.append(bare)
        return
    if "|" in chunk or "\\" in chunk or "()" in chunk or "><" in chunk:
        chunk = _COMPOSITE_SIGNS.sub(lambda match: _COMPOSITE[match.group()], chunk)
    parts = [part for part in _APART.split(chunk.rstrip(_EDGES)) if part]
    if len(parts) >= _APART_MIN and all(len(part) == 1 for part in parts):
        words.append(_note("".join(parts), scattered))
        return
    words.extend(parts)
