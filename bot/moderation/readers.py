"""The readers of languages other than English and Korean, whose words the lexicon knows."""

from functools import cache

from bot.moderation import tongues
from bot.moderation.findings import Reader


@cache
def readers() -> tuple[Reader, ...]:
    """All of them, built at the first prompt."""
    return (tongues.load(),)
