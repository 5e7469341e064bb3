"""A labelled drawing of the body, as textbooks have it: its organs are what it is about, and nothing sexual.

"Digestive tract with rectum and anus, labelled diagram" shows nobody. A photograph is no drawing, and what is said of somebody
young, or beside anything that is sexual itself, is excused nothing. Read as it was typed; linear in the text's length.
"""

import re
from functools import cache

from bot.moderation.text import data


def without_labelled_organs(text: str) -> str:
    """The text without the names of organs, if it asks for such a drawing and for nothing else."""
    drawing, organs, others = _patterns()
    if not drawing.search(text) or others.search(text):
        return text
    return organs.sub(" ", text)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    page = data("textbooks.toml")
    return _any_of(page["drawings"]), _any_of(page["organs"]), _any_of(page["no_drawing"])


def _any_of(words: list[str]) -> re.Pattern[str]:
    """Latin, Cyrillic and Arabic words whole, others wherever they stand: the scripts of these know no spaces, or particles."""
    longest_first = sorted(words, key=len, reverse=True)
    whole = "|".join(re.escape(word) for word in longest_first if _SPACED.match(word))
    anywhere = "|".join(re.escape(word) for word in longest_first if not _SPACED.match(word))
    return re.compile(rf"(?<!\w)(?:{whole})(?!\w)|{anywhere}", re.IGNORECASE)


_SPACED = re.compile(r"[a-zà-ɏḀ-ỿа-яё؀-ۿऀ-ॿ]", re.IGNORECASE)
