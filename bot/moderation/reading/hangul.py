"""Korean letters: composes scattered jamo, and tells how a word looks typed on a Latin keyboard or as initials."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from bot.moderation.reading.letters import Signs

LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_TAILS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
_FIRST = 0xAC00
_BLOCK = len(_VOWELS) * len(_TAILS)
_SILENT = LEADS.index("ㅇ")

_PAIRS = {
    "ㅗㅏ": "ㅘ", "ㅗㅐ": "ㅙ", "ㅗㅣ": "ㅚ", "ㅜㅓ": "ㅝ", "ㅜㅔ": "ㅞ", "ㅜㅣ": "ㅟ", "ㅡㅣ": "ㅢ",
    "ㄱㅅ": "ㄳ", "ㄴㅈ": "ㄵ", "ㄴㅎ": "ㄶ", "ㄹㄱ": "ㄺ", "ㄹㅁ": "ㄻ", "ㄹㅂ": "ㄼ", "ㄹㅅ": "ㄽ",
    "ㄹㅌ": "ㄾ", "ㄹㅍ": "ㄿ", "ㄹㅎ": "ㅀ", "ㅂㅅ": "ㅄ",
}  # fmt: skip
_SPLIT = {whole: pair for pair, whole in _PAIRS.items()}

# The two-set keyboard that every Korean computer has.
_KEYS = dict(
    zip(
        "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ",
        "qwertyuiopasdfghjklzxcvbnmqwertop",
        strict=True,
    )
)

# Halfwidth jamo (U+FFA1 on) stand in the order of the compatibility jamo, with gaps between the vowels.
_HALFWIDTH = Signs(
    {
        **{0xFFA1 + i: chr(0x3131 + i) for i in range(30)},
        **{0xFFC2 + i + 2 * (i // 6): chr(0x314F + i) for i in range(21)},
    }
)

# Conjoining jamo that are left alone after composition.
_CONJOINING = {
    **{chr(0x1100 + place): lead for place, lead in enumerate(LEADS)},
    **{chr(0x1161 + place): vowel for place, vowel in enumerate(_VOWELS)},
    **{chr(0x11A7 + place): tail for place, tail in enumerate(_TAILS) if tail},
}
_LEFT_ALONE = re.compile(r"[\u1100-\u1112\u1161-\u1175\u11a8-\u11c2]")

_TYPED = re.compile(
    r"(?:[qwertasdfgzxcv](?:hk|ho|hl|nj|np|nl|ml|[yuiophjklbnm])"
    r"(?:(?:rt|sw|sg|fr|fa|fq|ft|fx|fv|fg|qt|[qwertasdfgzxcv])(?![yuiophjklbnm]))?)+"
)

_SYLLABLES = re.compile(r"[가-힣]+")
_NO_SYLLABLES = re.compile(r"[^가-힣 ]+")
_HALF = re.compile(r"[\uffa1-\uffdc]")
_LOOSE = re.compile(r"[ㄱ-ㅎㅏ-ㅣ\uffa1-\uffdc]")
_SYLLABLE = re.compile(r"([ㄱ-ㅎ])([ㅏ-ㅣ]{1,2})((?:[ㄱ-ㅎ](?![ㅏ-ㅣ])){0,2})")
_OPEN_AND_TAIL = re.compile(r"([가-힣])([ㄱ-ㅎ])(?![ㅏ-ㅣ])")


def is_hangul(word: str) -> bool:
    """Whether the word begins with a Korean syllable or letter."""
    return "가" <= word[0] <= "힣" or "ㄱ" <= word[0] <= "ㅣ"


def is_syllables(word: str) -> bool:
    """Whether there is nothing in it but Korean syllables."""
    return _SYLLABLES.fullmatch(word) is not None


def syllables_of(words: Iterable[str]) -> list[str]:
    """The Korean syllables of each word, run together."""
    return _NO_SYLLABLES.sub("", " ".join(words)).split(" ")


def compose(text: str) -> str:
    """Joins scattered jamo to syllables: ㅅㅔㄱㅅㅡ becomes 섹스.

    Must come before compatibility normalisation, which turns every loose jamo into a leading one and
    so makes the syllables unreadable.
    """
    if not _LOOSE.search(text):
        return text
    text = text.translate(_HALFWIDTH) if _HALF.search(text) else text
    return _OPEN_AND_TAIL.sub(_close, _SYLLABLE.sub(_syllable, text))


def loosen(text: str) -> str:
    """Writes jamo that compatibility normalisation turned into conjoining ones as people type them."""
    return _LEFT_ALONE.sub(lambda match: _CONJOINING[match.group()], text)


# Latin letters by the sound that they have beside Korean ones; the longest first.
_SOUNDS = {
    "yeo": "ㅕ", "yae": "ㅒ", "wae": "ㅙ", "ae": "ㅐ", "eo": "ㅓ", "eu": "ㅡ", "oe": "ㅚ", "ui": "ㅢ", "wa": "ㅘ", "wo": "ㅝ", "wi": "ㅟ", "we": "ㅞ",
    "ya": "ㅑ", "yo": "ㅛ", "yu": "ㅠ", "ye": "ㅖ", "oo": "ㅜ", "ee": "ㅣ", "a": "ㅏ", "e": "ㅔ", "i": "ㅣ", "o": "ㅗ", "u": "ㅜ",
    "kk": "ㄲ", "tt": "ㄸ", "pp": "ㅃ", "ss": "ㅆ", "jj": "ㅉ", "ch": "ㅊ", "ng": "ㅇ", "g": "ㄱ", "k": "ㅋ", "n": "ㄴ", "d": "ㄷ", "t": "ㅌ", "r": "ㄹ",
    "l": "ㄹ", "m": "ㅁ", "b": "ㅂ", "p": "ㅍ", "s": "ㅅ", "j": "ㅈ", "h": "ㅎ", "x": "ㄱㅅ",
}  # fmt: skip
_SOUNDED = re.compile("|".join(_SOUNDS))
_LATIN_MAX = 8  # letters that stand for a syllable or two
_LATIN = re.compile(r"[a-z]+")
_NO_LEAD = re.compile(r"(?<![ㄱ-ㅎ])([ㅏ-ㅣ])")
_MAY_DRAW = re.compile("[가-힣][아-잏]")  # a syllable, and one that begins with a vowel
_CLOSING_K = re.compile(r"ㅋ(?![ㅏ-ㅣ])")


def sounded(word: str) -> str:
    """A word of Korean and Latin letters as it sounds (nu드, nㅜ드); nothing, where its Latin letters are no syllables."""
    latin = "".join(_LATIN.findall(word))
    if not latin or len(latin) > _LATIN_MAX or not re.search("[b-df-hj-np-tx]", latin):
        return ""
    letters = _SOUNDED.sub(lambda match: _SOUNDS[match.group()], word)
    whole = compose(_CLOSING_K.sub("ㄱ", _NO_LEAD.sub(r"ㅇ\1", letters)))
    return whole if is_syllables(whole) else ""


def undrawn(word: str) -> str:
    """A word without the syllables that only draw a vowel out: 알모옴 is 알몸."""
    return _MAY_DRAW.sub(_undrawn, word)


def _undrawn(match: re.Match[str]) -> str:
    """Of two syllables one, where the second only goes on with the vowel of the first."""
    first, second = (ord(syllable) - _FIRST for syllable in match.group())
    vowel, tail = divmod(first % _BLOCK, len(_TAILS))
    if tail or second % _BLOCK // len(_TAILS) != vowel or first // _BLOCK == _SILENT:
        return match.group()
    return chr(_FIRST + first + second % len(_TAILS))


def _syllable(match: re.Match[str]) -> str:
    lead, vowels, tails = match.groups()
    vowel = vowels if len(vowels) == 1 else _PAIRS.get(vowels, "")
    if lead not in LEADS or not vowel:
        return match.group()
    tail, rest = _tail(tails)
    return _build(lead, vowel, tail) + rest


def _tail(tails: str) -> tuple[str, str]:
    if tails in _PAIRS:
        return _PAIRS[tails], ""
    if tails[:1] in _TAILS:
        return tails[:1], tails[1:]
    return "", tails


def _build(lead: str, vowel: str, tail: str) -> str:
    return chr(_FIRST + LEADS.index(lead) * _BLOCK + _VOWELS.index(vowel) * len(_TAILS) + _TAILS.index(tail))


def _close(match: re.Match[str]) -> str:
    syllable, tail = match.groups()
    if (ord(syllable) - _FIRST) % len(_TAILS) or tail not in _TAILS:
        return match.group()
    return chr(ord(syllable) + _TAILS.index(tail))


@lru_cache(maxsize=1 << 10)
def parts(syllable: str) -> tuple[str, str, str]:
    """The lead, vowel and tail of a syllable; the tail may be nothing."""
    place = ord(syllable) - _FIRST
    return (
        LEADS[place // _BLOCK],
        _VOWELS[place % _BLOCK // len(_TAILS)],
        _TAILS[place % len(_TAILS)],
    )


def initials(word: str) -> str:
    """The word by its initials (choseong), as people write it to slip through: 누드 is ㄴㄷ."""
    return "".join(parts(syllable)[0] for syllable in word)


def keys(word: str) -> str:
    """The word typed with the keyboard left in English: 섹스 is tprtm."""
    return "".join(map(_typed, word))


def is_typed(word: str) -> bool:
    """Whether small letters are Korean syllables to their end, typed with the keyboard left in English."""
    return _TYPED.fullmatch(word) is not None


@cache
def _typed(syllable: str) -> str:
    return "".join(_KEYS[key] for letter in parts(syllable) for key in _SPLIT.get(letter, letter))
