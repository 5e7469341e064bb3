"""What the page's first screen shows: words that this painter draws well, in each language that it reads.

`python docs/examples_look.py` draws them anew; the page has the pictures, and never this module.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One prompt by the name of its picture's file, and the seed with which it looks best."""

    name: str
    en: str
    ko: str
    seed: int = 7


EXAMPLES = (
    Example(name="fox", en="a red fox in the snow", ko="눈 속의 붉은 여우", seed=8),
    Example(name="boat", en="a sailing boat at sunset", ko="노을 지는 바다의 돛단배", seed=1),
    Example(
        name="penguin",
        en="a penguin on the ice under northern lights",
        ko="오로라 아래 얼음 위의 펭귄",
        seed=1,
    ),
    Example(name="city", en="a city at night in the rain", ko="비 오는 밤의 도시", seed=11),
    Example(name="balloon", en="a hot air balloon over green hills", ko="초록 언덕 위의 열기구", seed=3),
    Example(name="robot", en="a robot in a field of flowers, pixel art", ko="꽃밭의 로봇, 픽셀 아트", seed=1),
)
