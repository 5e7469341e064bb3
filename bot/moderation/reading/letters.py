"""Letters of many languages as they are compared: small, one sign each, without the marks that say nothing here."""

import re
import unicodedata
from functools import lru_cache

_REMEMBERED_MAX = 1 << 14  # signs
_KEPT = 2  # texts


class Signs(dict[int, str | int | None]):
    """What signs of a text become; others stay, which is remembered, as `str.translate` is slow about what it misses."""

    def __missing__(self, sign: int) -> int:
        if len(self) < _REMEMBERED_MAX:
            self[sign] = sign
        return sign


_SIGNS = Signs(dict.fromkeys(map(ord, "-'’‘`´_‐‑–·・/"), " ") | dict.fromkeys(
    (0xAD, 0x640, 0x670, 0xFEFF, *range(0x300, 0x370), *range(0x64B, 0x660), *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0xFE00, 0xFE10)),
))  # fmt: skip
_PHRASES = "\ufdfa\ufdfb"  # signs that are a sentence each
# The letters of no language are among them.
_PARTING = [
    place for place in (*range(0x21, 0x300), *range(0x2000, 0x3040), *range(0xFF00, 0xFFF0)) if not chr(place).isalnum() and unicodedata.category(chr(place))[0] != "M"
]  # fmt: skip
BLANKS = Signs.fromkeys(_PARTING, " ")  # one for one
SIGN = re.compile(f"[{re.escape(''.join(map(chr, _PARTING)))}]")


@lru_cache(maxsize=_KEPT)
def clean(text: str) -> str:
    """Small letters with their marks, one sign each; signs inside words part them; one space between words.

    Kept for a moment, because several readers ask for the same.
    """
    if text.isascii():
        return " ".join(text.lower().translate(_SIGNS).split())
    for phrase in _PHRASES:
        text = text.replace(phrase, " ")
    whole = unicodedata.normalize("NFKC", text).replace("İ", "i").lower()
    bare = whole.translate(_SIGNS)
    return " ".join((whole if bare == whole else unicodedata.normalize("NFC", bare)).split())


def fold(text: str) -> str:
    """A text as it is looked through: clean, its signs as blanks, without marks that say nothing here."""
    return without_marks(clean(text))


def without_marks(marked: str) -> str:
    """What is clean without marks that say nothing here."""
    return marked if marked.isascii() else marked.translate(FOLD)


def _bare(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)
    return base[0] if len(base) > 1 and all("\u0300" <= mark <= "\u036f" for mark in base[1:]) else letter


# One letter for one, so that places stay: é is e, ł is l, ё is е, أ is ا, ३ is 3.
FOLD = Signs(
    (place, bare)
    for place in (*range(0xC0, 0x250), *range(0x400, 0x460), *range(0x1E00, 0x1F00))
    if (bare := _bare(chr(place))) != chr(place)
)
FOLD |= {
    ord(letter): bare for letter, bare in zip("łıßđøأإآىةٱँ", "lisdoاااяهاं".replace("я", "ي"), strict=True)
}
FOLD |= {first + digit: str(digit) for first in (0x660, 0x6F0, 0x966, 0xE50) for digit in range(10)}
