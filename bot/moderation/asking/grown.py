"""Who is called a girl and is said to be grown: "girl, 30 years old, naked" is no word about the young.

Only where one word of the text may mean somebody young, and its age stands right beside it; of a child, and beside anybody
else who may be young, it counts for nothing.
"""

import re
from functools import cache

from bot.moderation.asking.whom import Asks
from bot.moderation.lexicon.findings import Kind
from bot.moderation.reading.letters import without_marks
from bot.moderation.reading.terms import expand
from bot.moderation.reading.text import data
from bot.moderation.tongues.pages import listed, pages

_GROWN = "adult"  # as the lexicon knows persons
_AGE = (
    r"(?:aged?\s[2-9]\d(?!\d)|(?<![\d.,])[2-9]\d\s?-?\s?(?:(?:years?|yrs?)[\s-]{1,2}olds?\b|y/?o\b|anos?\b|ans\b|jahre?|jahrige|anni\b|лет|года?\b|jaar|jarige?|yas|tahun|tuoi|岁|歲|歳|才|साल|वर्ष|سن[ةه]|عام|ปี|lata?\b|letni|살|세)"
    r"(?:\s?-?\s?alte?[rns]?\b)?)"
    r"(?!\s?(?:mas joven|mais nov|plus jeune|plus tard|junger|in meno|piu giovan|fa\b|atras|назад|младше|temu|mlodsz|lebih muda|tre hon|daha genc|once|jonger|geleden|younger|前|전|년|下|小|छोटी))"
)
# Beside one of these an age is no proof: another number, or what is said of a child's body.
_CHILDLIKE = re.compile(
    r"(?<!\d)(?:1[0-7]|[1-9])(?!\d)|young|little|petite|tiny|small|flat|school|look|innocent|어린|작은|교복|joven|jeune|klein|jung|маленьк|юн|幼|小さ|若|小学|校服|制服"
)
_TELLING = re.compile(_AGE)
_TWO_DIGITS = re.compile(r"\d\d")  # quick to find before that
_BETWEEN = r"[\s,،(:-]{0,3}(?:(?:of|aged?|de|d[ie]|van|von|im alter von|who is|is|بالغه?،?|عمرها|อายุ|की उम्र|की|usia|berusia|w wieku|в возрасте)[\s,-]{0,2}){0,2}"


def with_grown(text: str, whom: Asks) -> str:
    """The text, in composed letters, with somebody grown in the place of such a word and its age."""
    plain = without_marks(text.lower()) if _TWO_DIGITS.search(text) else ""
    if len(plain) != len(text) or not _TELLING.search(plain):
        return text
    young = whom(text).young
    if not young or not young <= _ambiguous().keys():
        return text
    word = max(young, key=len)
    if not all(one in word for one in young):
        return text
    said = re.compile(rf"{re.escape(word)}{_BETWEEN}{_AGE}|{_AGE}[\s,의-]{{0,2}}{re.escape(word)}")
    found = list(said.finditer(plain))
    if len(found) != 1 or plain.count(word) != 1:
        return text
    if _CHILDLIKE.search(said.sub(" ", plain)):
        return text
    return f"{text[: found[0].start()]} {_ambiguous()[word]} {text[found[0].end() :]}"


@cache
def _ambiguous() -> dict[str, str]:
    """Who may be young, and how their language calls somebody grown."""
    grown = {page["language"]: next(iter(expand(page["person"]))).lstrip("=") for page in pages()}
    others = {
        form.plain: grown[line.language]
        for line in listed()
        if line.kind is Kind.YOUTH_AMBIGUOUS
        for form in line.forms()
    }
    return others | dict.fromkeys(expand(data("minors.toml")["groups"]["youth_ambiguous"]), _GROWN)
