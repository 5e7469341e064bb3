"""Korean particles, chosen by how the word before them ends: 여우는, 그림은; --v는, flux-2-pro로, 3을. Pure.

A letter, digit or word of another script is read as Koreans read it aloud. Where nobody can tell, both forms stand:
은(는).
"""

import re

# 0 to 9 as they are read: 영 일 이 삼 사 오 육 칠 팔 구; a number that ends in 0 ends in 십, 백, 천 or 만.
_FINAL_DIGITS, _RIEUL_DIGITS = frozenset("013678"), frozenset("178")
_SPELLED = frozenset("lmnr")  # 엘 엠 엔 알: letters whose names end in a consonant
_AFTER_VOWEL = re.compile(r".*[aeiouy](?:l+|m|n|ng|ck|b|k|p|t)|.*(?:le|ne|me)")
_PAIRS = {"은/는": "은(는)", "이/가": "이(가)", "을/를": "을(를)", "으로/로": "(으)로", "과/와": "과(와)"}


def with_particle(word: str, pair: str) -> str:
    """The word and its particle; `pair` is the one after a consonant and the one after a vowel: 은/는. Raises KeyError."""
    unclear, (after_final, after_vowel) = _PAIRS[pair], pair.split("/")
    final, rieul = _ending(word)
    if final is None:
        return f"{word}{unclear}"
    return f"{word}{after_vowel if not final or (rieul and pair == '으로/로') else after_final}"


def _ending(word: str) -> tuple[bool | None, bool]:
    """Whether a word ends in a consonant as it is read, None where that can't be told; and whether that is ㄹ."""
    spoken = re.sub(r"[\W_]+$", "", str(word))  # Fluent hands over numbers of its own
    last = spoken[-1:].lower()
    if "가" <= last <= "힣":
        jongseong = (ord(last) - ord("가")) % 28
        return jongseong != 0, jongseong == 8  # noqa: PLR2004 - ㄹ's place among them
    if last.isdecimal() and last.isascii():
        return last in _FINAL_DIGITS, last in _RIEUL_DIGITS
    if not ("a" <= last <= "z"):
        return None, False
    tail = re.split(r"[^A-Za-z]", spoken)[-1]
    if len(tail) == 1 or tail.isupper():
        return last in _SPELLED, last in "lr"
    return _AFTER_VOWEL.fullmatch(tail.lower()) is not None, bool(re.search(r"(?:l|le)$", tail.lower()))
