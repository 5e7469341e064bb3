"""The readers of languages other than English and Korean, whose words the lexicon knows."""

from functools import cache

from bot.moderation.lexicon.findings import Reader
from bot.moderation.tongues import tongues


@cache
def readers() -> tuple[Reader, ...]:
    """All of them, built at the first prompt."""
    return (tongues.load(),)
