"""What a painter understands of Korean: each noun it knows, with the particles that may hang on it."""

import re

from integrations.painter.vocabulary import IN_ENGLISH

PARTICLES = frozenset(
    {
        "", "을", "를", "이", "가", "은", "는", "의", "에", "로", "으로", "와", "과", "도", "만", "에서", "처럼", "같이",
        "랑", "이랑", "하고", "풍", "풍으로", "풍의", "색", "색의", "색으로", "빛", "빛의", "빛으로", "속", "속의", "속에", "속에서",
        "위에", "위의", "아래", "옆에", "들", "들을", "들이", "들의", "시간", "시간대", "때", "때로", "날", "날의", "날로",
        "화로", "스타일", "스타일로", "느낌", "느낌으로", "하나", "하나를", "한마리", "한마리를",
    }
)  # fmt: skip
PLACING = frozenset({"에", "에서", "로", "으로", "속에", "속에서", "위에", "옆에"})
HANGUL = re.compile(r"[가-힣]+")
LONGEST = 8  # syllables of a noun
# How a wish for a change begins; what hangs on it says only how politely.
EDITS = (
    "바꿔", "바꾸", "바꿀", "변경", "변환", "만들어", "만들", "추가", "넣어", "넣고", "더해", "그려", "올려", "얹어", "입혀", "칠해", "해줘", "해주", "해봐",
    "하게해", "되게", "보이게",
)  # fmt: skip


def in_english(text: str) -> str:
    """The same text, each Korean word that is known in English in its place."""
    return HANGUL.sub(lambda found: _word(found.group()), text)


def _word(word: str) -> str:
    """By its longest noun before a particle; what only begins like one (배경 is no 배) stays as it is."""
    for edit in EDITS:
        if word.startswith(edit):
            return "make"
    for end in range(min(len(word), LONGEST), 0, -1):
        noun = word[:end]
        english = IN_ENGLISH.get(noun)
        if english is not None and word[end:] in PARTICLES:
            return f"in {english}" if word[end:] in PLACING else english
    return word
