"""Ages under 18 that are told without the words for them: "she is 14", "Emma (13)", "17f", "under 18", "1З yo", 중3.

A number alone is no age: somebody must be said to be it. "14 candles", "chapter 14" and "Emma, 13 Reasons Why" tell none.
An age of the grown up that ends like a child's is written in digits: "twenty-seven years old" is not seven.
Linear in the text's length.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from itertools import chain

from bot.moderation.reading.terms import expand, terms_of
from bot.moderation.reading.text import data

_IN_WORDS = ("five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen")  # fmt: skip
_WORDS = "|".join(_IN_WORDS)
_NUMBER = rf"(?:1[0-7]|[1-9]|{_WORDS})"
# Behind an age nothing is counted or measured: "she is 5 feet tall", "he is 14th", "it is 5.5".
_ENDS = r"(?=\s*(?:$|[,;!?)\n]|\.(?!\d)|(?:and|in|with|wearing|now|today|yesterday|tomorrow|tonight|recently|yet|already|soon|ago|(?:last|this|next)\s(?:week|month|year|summer|winter|spring|autumn|fall|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|but|who|dressed|posing|on|at)\b))"
_UNMEASURED = r"(?![\w.,:]*\d|\s*(?:%|°|degrees|kg|km|cm|mm|lbs?|pounds|inch|inches|feet|ft|meters|metres|minutes|seconds|hours|days|weeks|dollars|euros|percent|items|people|characters|words|mph|points|strokes))"

_SOMEBODY = r"\b(?:s?he|they|i|who|someone|somebody|girl|boy|daughter|son|niece|nephew|sister|brother|cousin|friend|classmate|twins?|model|student|woman|man)"
_SAID = re.compile(
    rf"{_SOMEBODY}(?:(?:['’]s|['’]m|['’]re|\s+(?:just\s+)?(?:is|was|are|am|looks|turns|turned|turning|became|becomes))\s+"
    rf"(?:(?:just|only|barely|about|almost|nearly|still|now|turned|turning|like)\s+){{0,2}}|,\s*|\s*\()({_NUMBER}){_ENDS}"
)
# "a lass of twelve", "girl of 15 in stockings".
_OF = re.compile(
    rf"\b(?:girl|boy|daughter|son|niece|nephew|sister|brother|model|student|lad|lass|maid|maiden|youth|virgin|princess|beauty)"
    rf"\s+of\s+(?:(?:just|only|barely|about|some)\s+)?({_NUMBER}){_ENDS}"
)
_STREET = r"(?i:rue|avenue|boulevard|quai|via|piazza|calle|plaza) (?:d[eu]s? |de la |della |del )?[A-Z]"  # "Paris, 15, rue Vaneau"
# A name with a number behind it; what is numbered itself is no name.
_NAMED = re.compile(
    r"\b(?!(?:Chapter|Page|Part|Figure|Fig|Plate|Portrait|Untitled|Apollo|Gemini|Psalm|Level|Episode|Season|Volume|Vol|Book|Act|Scene|Room|Route"
    r"|Number|No|Size|Day|Week|Year|Issue|Series|Set|Version|Study|Opus|Table|Section|Lesson|Unit|Stage|Track|Card|Image|Picture|Photo|Channel"
    r"|January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec"
    r"|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Gate|Platform|Pier|Exit|Highway|Area|District|Windows|Phone|Nude|Lingerie|Bikini|Boudoir|Pinup|Sketch|Drawing|Painting|Poster|Chanel|Oceans?)\b)"
    rf"[A-Z][a-z]{{2,}}(?:,\s?(1[0-7]|[4-9]|{_WORDS})(?=\s*(?:$|[,;!?\n]|\.(?!\d)))(?!,\s?{_STREET})|\s?\((1[0-7]|[4-9])\))"
)
# What is named behind one of these is a place, unless somebody is spoken of: "a shop in Paris, 15", and no "girl in Paris, 15";
# nobody is called as these cities are.
_PLACING = re.compile(r"\b(?:in|at|near|around)\s+$", re.IGNORECASE)
_CITY = re.compile(
    r"(?:Amsterdam|Ankara|Athens|Bangkok|Barcelona|Beijing|Berlin|Brussels|Bucharest|Budapest|Busan|Cairo|Copenhagen|Dublin|Edinburgh|Frankfurt"
    r"|Glasgow|Hamburg|Hanoi|Helsinki|Istanbul|Kyiv|Kyoto|Lisbon|Lyon|Madrid|Manchester|Marseille|Melbourne|Moscow|Mumbai|Munich"
    r"|Naples|Osaka|Oslo|Prague|Rome|Seoul|Shanghai|Singapore|Stockholm|Tokyo|Toronto|Toulouse|Turin|Venice|Warsaw|Zurich)\b"
)
_PLACING_MAX = 8  # letters of such a word, with the gap behind it
_LETTER = re.compile(
    r"(?<!size )(?<!room )(?<!seat )(?<!gate )(?<!flat )(?<!apartment )(?<![\w.°$#-])(1[0-7])\s?/?[fF](?![\w°./-]|\s(?:bra|cup|outside|temperature|weather))"
)
_YEARS = re.compile(
    r"(?<!for )(?<!celebrating )(?<!after )(?<!over )(?<!last )(?<!past )(?<!in )(?<!of )(?<!every )(?<!these )(?<!, )(?<![\d.$-])\b"
    rf"({_NUMBER})[\s-]?(?:years|yrs?|year)(?=\s*(?:$|[,;!?)\n]|\.(?!\d)|(?:girl|boy|female|male|old|in|wearing)\b))"
)
_YOUNGER = re.compile(
    rf"(?:(?<!no one )(?<!nobody )(?<!none )(?<!not )(?<!for )\b(?:under|below|younger\s+than|not\s+yet|not\s+even|less\s+than)\s+|<\s?)"
    rf"(?:the\s+age\s+of\s+)?(?:(?:18|eighteen)\b{_UNMEASURED}|{_NUMBER}\b{_ENDS})"
)
# "one year short of 18", "a week before her 18th birthday", "not quite eighteen".
_SHORT_OF = re.compile(
    r"\b(?:years?|months?|weeks?|days?|birthdays?)\s+"
    r"(?:(?:short|shy)\s+of\s+|(?:away|off)\s+from\s+|before\s+(?=turning|becoming|s?he|they|her|his|their)|until\s+(?=turning|s?he|they|her|his|their))"
    r"(?:(?:s?he|they|being|becomes?|becoming|turns?|turning|is|are|her|his|their)\s+){0,2}(?:18|eighteen)(?:th)?\b"
    rf"{_UNMEASURED}"
)
_NOT_QUITE = re.compile(
    r"\b(?:not\s+quite|about\s+to\s+(?:turn|be)|soon\s+to\s+(?:turn|be)|yet\s+to\s+turn|has(?:n['’]?t|\s+not)\s+(?:yet\s+)?turned)\s+"
    rf"(?:18|eighteen)\b{_ENDS}"
)
# Letters that look like digits: "1З year old", "l4 yo", "1O years".
_LOOKS_LIKE = re.compile(
    r"(?<![\w.,-])([1lI|І][0-9OoОоSsЅZzЗзбЧч]|[lI|І]?[0-9])(?=[\s-]*(?:(?:years?|yrs?)[\s-]*olds?|y/?o)\b)"
)
_AS_DIGITS = str.maketrans("lI|ІOoОоSsЅZzЗзбЧч", "111100005552233644")
_OLDEST = 17
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# "twenty seven-year-olds" are seven; hyphened, or with no hyphen at all, they are 27.
_GROWN = re.compile(
    rf"\b({'|'.join(_TENS)})(?:-?({'|'.join(_ONES)})(?=[\s-]+(?:years?|yrs?|yo)\b)|\s({'|'.join(_ONES)})(?=\s(?:years?|yrs?|yo)\b(?!-)))",
    re.IGNORECASE,
)
_AND_A_HALF = re.compile(
    rf"(?<![\d.$-])\b({_NUMBER})[\s-]+and[\s-]+(?:a|one|three)[\s-]+(?:half|quarters?)[\s-]+(?:years?|yrs?|yo\b)"
    rf"(?:[\s-]+olds?\b|{_ENDS})"
)
# "naked, twelve": a number in words that stands alone between commas, and among no others.
_CLAUSES = re.compile(r"[,;:/|\n]")
_PERHAPS_YOUNG = "girl"  # as the lexicon knows whoever may be young, and may not
_BIRTHDAY = re.compile(r"\b(1[0-7]|[1-9])(?:st|nd|rd|th)\s+(?:birthday|bday)\b")
_ABOUT = r"(?:(?:only|just|barely|about|around|between|approximately)\s+){1,2}"
_AT_THE_AGE = re.compile(
    rf"\bage(?:\s+(?:of|is)\s+|\s*[:=]\s*|d?\s+{_ABOUT}|d?\s+(?=0))0?({_NUMBER})\b"
    r"(?!\s*(?:(?:and|to|-)\s*\d+\s*)?(?:months?|weeks?|days?|hours?)\b)"
)
_KOREAN = re.compile(
    r"(?<![가-힣\d])(?:초[1-6]|중[1-3]|고[1-3])(?:학년)?(?![\d월일층개명차번호])|(?<![이삼사오육칠팔구십])십[일이삼사오육칠]?\s?[세살](?!기|트|계|대|상)"
    r"|초등(?:학교|부)?\s?[1-6]\s?학년|중등\s?[1-3]\s?학년|나이(?:는|가)?\s?:?\s?(?:1[0-7]|[4-9])(?![\d가-힣])"
)


_Way = tuple[Callable[[str], object], re.Pattern[str]]


def _any_of(*pieces: str) -> Callable[[str], bool]:
    return lambda text: any(map(text.__contains__, pieces))


# What nearly no text holds, and is quick to find, before what would look closely at each place; then in which letters.
_TYPED: tuple[_Way, ...] = (
    (re.compile(rf"[,(](?:(?<=[a-z][a-z],)\s?{_NUMBER}(?!\w)|(?<=[a-z][a-z]\()\d|(?<=[a-z][a-z]\s\()\d)").search, _NAMED),
    (re.compile(r"[0-7]\s?/?[fF]").search, _LETTER),
    (_any_of("초", "중", "고", "십", "학년", "나이"), _KOREAN),
)  # fmt: skip
_IN_PIECES = {
    _YEARS: ("year", "yr"),
    _YOUNGER: ("under", "below", "younger", "not", "less", "<"),
    _SHORT_OF: ("short", "shy", "from", "before", "until"),
    _NOT_QUITE: ("quite", "about", "soon", "yet", "turned"),
    _BIRTHDAY: ("birthday", "bday"),
    _AT_THE_AGE: ("age",),
    _AND_A_HALF: ("half", "quarter"),
}
_has_piece = _any_of(*chain.from_iterable(_IN_PIECES.values()))
_IN_ANY: tuple[_Way, ...] = (
    (re.compile(rf"[\s,(]{_NUMBER}{_ENDS}").search, _SAID),
    (re.compile(rf"\sof\s+(?:(?:just|only|barely|about|some)\s+)?{_NUMBER}").search, _OF),
)
_LOWERED: tuple[_Way, ...] = (
    _IN_ANY[0],
    *((_any_of(*pieces), pattern) for pattern, pieces in _IN_PIECES.items()),
    _IN_ANY[1],
)
_is_in_digits = re.compile(r"[\d십]").search
_is_young = re.compile(r"[\d십](?<!\d\d)(?:(?<=1)[0-8]|(?<=0)(?:1[0-8]|[1-9]))?(?!\d)").search
_is_in_words = _any_of(*_IN_WORDS)
_may_be_grown = _any_of(*_TENS)
_may_look_like = _any_of("old", "yo", "y/o")
_UNNUMBERED = "17"  # of whom no age is said, but that it is under 18


def with_ages(text: str) -> str:
    """The text, and behind it the ages that it tells in other ways, as everybody says them."""
    lowered = text.lower()
    in_words = _is_in_words(lowered)
    if not in_words and not _is_in_digits(lowered):
        return text
    if _may_be_grown(lowered):
        text = _GROWN.sub(_in_digits, text)
        lowered = text.lower()
    alike = tuple(_looking_like(text)) if _may_look_like(lowered) else ()
    if not (in_words or alike or _is_young(lowered)):
        return text
    ways = _LOWERED if _has_piece(lowered) else _IN_ANY
    told = dict.fromkeys((*_told(text, _TYPED), *_told(lowered, ways), *alike))
    perhaps = [_PERHAPS_YOUNG] if in_words and _stands_alone(lowered) else []
    return ", ".join((text, *(f"{age} year old" for age in told), *perhaps))


def _in_digits(match: re.Match[str]) -> str:
    one = (match[2] or match[3]).lower()
    return f"{_TENS.index(match[1].lower()) + 2}{_ONES.index(one) + 1}"


def _looking_like(text: str) -> Iterator[int]:
    """Ages in which letters stand for digits."""
    for match in _LOOKS_LIKE.finditer(text):
        age = int(match[1].translate(_AS_DIGITS))
        if not match[1].isdecimal() and age <= _OLDEST:
            yield age


def _stands_alone(text: str) -> bool:
    """Whether a number that may be an age is a clause by itself; of several it is counted, and none is somebody's age."""
    clauses = [clause.strip(" .!") for clause in _CLAUSES.split(text)]
    numbers = [clause for clause in clauses if clause in _IN_WORDS]
    return len(numbers) == 1 < len(clauses)


def _told(text: str, ways: Iterable[_Way]) -> Iterator[str]:
    for may_tell, pattern in ways:
        for match in pattern.finditer(text) if may_tell(text) else ():
            if pattern is _NAMED and _is_place(text, match.start()):
                continue
            yield next(filter(None, match.groups()), _UNNUMBERED)


def _is_place(text: str, start: int) -> bool:
    """Whether the name that begins here is a place's, in a text that speaks of nobody."""
    placed = _PLACING.search(text, max(0, start - _PLACING_MAX), start) or _CITY.match(text, start)
    return placed is not None and _speaks_of_nobody(text)


@lru_cache(maxsize=1)
def _speaks_of_nobody(text: str) -> bool:
    """Looked for once in a text, however many places it names."""
    return not _somebody().search(text)


@cache
def _somebody() -> re.Pattern[str]:
    persons = terms_of("person", data("words.toml")["groups"])
    groups = persons, data("minors.toml")["groups"]["youth_ambiguous"]
    known = [re.escape(term) for terms in groups for term in expand(terms)]
    return re.compile(
        rf"(?<!\w)(?:{'|'.join((*known, 'selfie', 'selfies', 'portrait', 'portraits'))})(?!\w)", re.IGNORECASE
    )
