"""A labelled drawing of the body, as textbooks have it: its organs are what it is about, and nothing sexual.

"Digestive tract with rectum and anus, labelled diagram" shows nobody. A photograph is no drawing, and what is said of somebody,
or beside anything that is sexual itself, is excused nothing. Read as it was typed; linear in the text's length.
"""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import cache

from bot.moderation.asking.things import names_somebody
from bot.moderation.asking.whom import Asks
from bot.moderation.reading.letters import BLANKS, fold
from bot.moderation.reading.terms import expand, one_of
from bot.moderation.reading.text import data

# Scripts that part words by spaces, and let no particle follow a word in it.
_SPACED = re.compile(r"[a-zà-ɏḀ-ỿа-яё؀-ۿऀ-ॿ]", re.IGNORECASE)


def without_labelled_organs(text: str, lowered: AbstractSet[str], whom: Asks) -> str:
    """The text without the names of organs, if it asks for such a drawing and for nothing else; `lowered`: its words."""
    first_words, solid = _telling()
    if first_words.isdisjoint(lowered) and (text.isascii() or not any(sign in text for sign in solid)):
        return text
    drawing, organs, others, ages = _patterns()
    if not drawing.search(text) or others.search(text) or ages.search(text):
        return text
    left = organs.sub(" ", text)
    # "5º ano" is a school year, and ano an organ.
    if whom(text).young or names_somebody(fold(left).translate(BLANKS).split()) or not whom(left).is_nobody:
        return text
    return left


@cache
def _telling() -> tuple[frozenset[str], tuple[str, ...]]:
    """The first words of drawings, and their names in scripts without spaces."""
    drawings = data("textbooks.toml")["drawings"]
    spaced = frozenset(name.split()[0] for name in drawings if _SPACED.match(name))
    return spaced, tuple(name for name in drawings if not _SPACED.match(name))


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """What finds drawings, organs, what makes it none, and a number that stands alone, as an age may."""
    page = data("textbooks.toml")
    alone = re.compile(rf"(?:^|[,;、，])\s*{one_of(expand(page['ages']))}\s*(?=$|[,;.、，])", re.IGNORECASE)
    return _any_of(page["drawings"]), _any_of(page["organs"]), _any_of(page["no_drawing"]), alone


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    words = frozenset(words)
    spaced = frozenset(word for word in words if _SPACED.match(word))
    return re.compile(rf"(?<!\w){one_of(spaced)}(?!\w)|{one_of(words - spaced)}", re.IGNORECASE)
