"""Everyday words of other languages whose letters make a listed English word of them, and what these languages deny.

Mountains are `góry` in Polish, and nothing gory: a word of `data/elsewhere.txt` is what it says where it is written as it is
there. "Sans nudité" asks for none, and English reads `nudité`, too; nor does "nackt? nein".
"""

import re
from functools import cache

from bot.moderation.reading.text import data, word_list
from bot.moderation.tongues.pages import pages

_LETTERS = re.compile(r"[^\W\d_]+")


def without_elsewhere(text: str, typed: frozenset[str], lowered: frozenset[str]) -> str:
    """The text, in composed letters, without either; `typed` and `lowered`: its words."""
    if not word_list("elsewhere.txt").isdisjoint(typed | lowered):
        text = _LETTERS.sub(_unless_elsewhere, text)
    denials, denied, answered = _denied()
    if "?" in text:
        text = answered.sub(" ", text)
    return text if denials.isdisjoint(lowered) else denied.sub(" ", text)


def _unless_elsewhere(match: re.Match[str]) -> str:
    word = match.group()
    return " " if (word if word.isascii() else word.lower()) in word_list("elsewhere.txt") else word


@cache
def _denied() -> tuple[frozenset[str], re.Pattern[str], re.Pattern[str]]:
    """The first words of denials, what finds them before what they deny, and what finds questions with their no."""
    page = data("asking.toml")
    denials, avoided = page["denials_elsewhere"], "|".join(page["avoided_elsewhere"])
    asking = "".join(rf"(?<!{word}\s)" for word in page["why_elsewhere"])  # "pourquoi pas nue"
    nor = "|".join({word for known in pages() for word in known["nor"]})
    pattern = rf"(?<!\w){asking}(?:{'|'.join(denials)})\s(?:{avoided})(?:\s(?:{nor})\s(?:{avoided}))*(?!\w)"
    # "nackt? nein", and no "nackt? nein danke, gern".
    answer = (
        rf"(?<!\w)(?:{avoided})\s?\?\s?(?:{'|'.join(page['answers_elsewhere'])})(?=\s*(?:$|[,.:;!–—\n-]))"
    )
    first = frozenset(denial.split()[0] for denial in denials)
    return first, re.compile(pattern, re.IGNORECASE), re.compile(answer, re.IGNORECASE)
