"""Words that go on from a picture, pure: whether they begin an edit, which of several is meant, and what asks a question.

Near a picture people also talk with each other, and what is taken for an edit costs them credits. So words that were
not said to Easel must plainly be one; where Easel was called, less will do. Each word is looked at a few times.
"""

import re

from bot.talk.chatter import words_of

_LETTERS_MOST = 400
_WORDS_MOST = 30
_FEW = 6  # words of a remark such as "a bit darker, please"


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_POLITE = _set(
    "please pls plz hey hi ok okay and then so also just maybe actually well great nice cool perfect thanks easel"
)
_ASKING = ({"can", "could", "would", "will"}, {"you", "we", "u"})
_THE = _set("the his her its their my our your this that these those all every everything everyone")
_IT = _set("it this that them him her these those everything everyone")
_A = _set("a an some more another one two three four five several few")
_PEOPLE = _set("i im ive ill id me my we us our you your youre yours guys anyone somebody someone everybody")
_OFFICE = _set(
    "meeting meetings channel thread message messages comment comments ticket tickets issue task tasks calendar"
    " invite link links file doc docs document slide slides deck list backlog sheet repo branch pr email mail agenda"
    " reminder note notes call deadline budget subject topic plan sentence paragraph reaction emoji poll vote account"
    " question answer word team office lunch standup sprint release build test tests bug code password name names"
)
_MAKES = _set("make turn change convert transform recolor recolour render redraw repaint restyle recreate")
_MADE = _set(
    "to up work happen stop through out back official count sense clear quick easy possible worth sure off on down over"
)
_ADDS = _set("add insert include put place give")
_NO_THINGS = _set("try rest go shot minute second break chance look think thought moment read hand to up")
_TAKES = _set(
    "remove erase delete crop cut hide replace swap blur brighten darken lighten sharpen rotate flip mirror"
)
_WHOLE = _set(
    "blur brighten darken lighten sharpen rotate flip mirror crop zoom enlarge widen extend expand simplify"
)
_CUES = _set("now but same instead again")
_HOW = _set("in at with without as on under from inside by during like before behind next")
_CHANGED = _set(
    "darker brighter lighter warmer colder bigger larger smaller closer wider softer sharper older younger happier"
    " sadder scarier taller shorter redder bluer greener thinner thicker simpler cleaner moodier longer rounder"
)
_MORE = _set("more less fewer")
_NOT_MORE = _set("like of than or is info details time people please to on about")
_BIT = (
    ("a", "bit"),
    ("a", "little"),
    ("a", "touch"),
    ("slightly",),
    ("much",),
    ("way",),
    ("even",),
    ("a", "lot"),
)
_IDIOMS = frozenset(
    {
        "doubt",
        "saying",
        "further",
        "question",
        "thinking",
        "asking",
        "knowing",
        "fail",
        "exception",
        "warning",
    }
    | {
        "respect",
        "least",
        "far",
        "usual",
        "general",
        "fact",
        "case",
        "end",
        "mind",
        "theory",
        "principle",
        "hindsight",
        "course",
    }
)
_IMPLIED = _set("in at with without as on under like by inside during minus no")  # where Easel was called

_REQUEST = r"(?:\s?(?:줘|줘요|주세요|주라|줄래|줄래요|줄수있어|줄수있나요|봐|봐요|보자|볼래|다오))"
_KO_CHANGE = re.compile(rf"\S+\s.*(?:바꿔|변경해|수정해|고쳐|교체해|바꾸어){_REQUEST}$")
_KO_PART = re.compile(
    rf"\S+\s.*(?:빼|없애|지워|제거해|추가해|넣어|집어넣어|달아|씌워|입혀|칠해|옮겨|키워|줄여|늘려|돌려|뒤집어|잘라|채워|붙여){_REQUEST}$"
)
_KO_BECOME = re.compile(
    rf"\S*(?:로|게|처럼|같이|없이|풍으로|스타일로)\s(?:\S+\s)?(?:만들어|해|그려|칠해){_REQUEST}$"
)
_KO_WITHOUT = re.compile(r"(?!이유|말|상관|문제|수|의미)\S+\s?없이$")
_KO_NOW = re.compile(
    r"(?:이번엔|이번에는|이제|이제는|대신|그대로|같은데|여기에|여기서)\s.*(?:에서|로|없이|버전|처럼|하게|게)$"
)
_KO_MORE = re.compile(r"(?:(?:좀|조금|훨씬|더)\s)+\S+(?:게|하게)$")
_KO_IMPLIED = re.compile(r"\S*(?:로|에서|처럼|버전|없이|게)$")
_KO_OFFICE = re.compile(
    r"회의|일정|시간|채널|메시지|댓글|링크|파일|문서|목록|명단|캘린더|단톡|계정|권한|티켓|이슈|메일|메뉴|점심|비밀번호|약속|장소"
)
_KO_PEOPLE = re.compile(
    r"^(?:나|나도|나는|난|저|저도|저는|전|우리|우리도|내|제|너|너도|이거|그거|저거|이것|그것)(?:\s|$)"
)
_HANGUL = re.compile(r"[가-힣]")

_AGAIN = frozenset(
    {
        "again",
        "once more",
        "one more",
        "one more time",
        "another",
        "another one",
        "redo",
        "redo it",
        "do it again",
    }
    | {
        "try again",
        "reroll",
        "re-roll",
        "same again",
        "more",
        "다시",
        "다시 그려줘",
        "다시 해줘",
        "한 번 더",
        "한번 더",
        "하나 더",
    }
)
_NUMBER_WORDS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_THING = r"(?:one|picture|image|photo|version|option|pic|variant)"
_ORDINAL = re.compile(
    rf"\b(?:the\s)?({'|'.join(_NUMBER_WORDS)})(?:\s{_THING}\b|(?=\s?[,:;])|$)", re.IGNORECASE
)
_NUMBERED = re.compile(
    rf"\b(?:{_THING}|number|no\.?|nr\.?)\s?#?([1-4])\b|(?<!\S)#([1-4])(?!\S)", re.IGNORECASE
)
_KO_NUMBERED = re.compile(
    r"(?<!\S)(?:([1-4])번(?:째|재)?|(첫|두|세|네)\s?번째)(?:\s?(?:그림|사진|이미지|거|것))?(?:을|를|은|는|이|가|에|의|에서|만|으로)?(?=\s|$|,)"
)
_KO_ORDINALS = {"첫": 1, "두": 2, "세": 3, "네": 4}
_ANEW = re.compile(
    r"\s*(?:/?imagine\b|(?:a\s)?new\s(?:picture|image|one)\b|new:|draw\sme\b|(?:create|generate)\s(?:a|an|me)\b"
    r"|새\s?(?:그림|사진)|새로(?:운)?\s|다른\s그림)",
    re.IGNORECASE,
)


def begins_edit(text: str, *, called: bool) -> bool:
    """Whether words near a picture ask for a change of it. `called`: they were said to Easel."""
    if len(text) > _LETTERS_MOST:
        return False
    words = list(words_of(text))
    if not words or len(words) > _WORDS_MOST:
        return False
    if any(map(_HANGUL.search, words)):
        return _begins_korean(" ".join(words), called=called)
    words, cues = _bare(words)
    if len(words) < 1 or (not called and set(words) & _OFFICE):
        return False
    return _is_plain(words, cues=cues) or (called and _is_implied(words))


def asks_again(text: str) -> bool:
    """Whether words are nothing but the wish for the same once more."""
    words = [word for word in words_of(text[:_LETTERS_MOST]) if word not in _POLITE]
    return " ".join(words) in _AGAIN


def begins_anew(text: str) -> bool:
    """Whether words in answer to a picture ask for another one all the same."""
    return _ANEW.match(text) is not None


def which_of(text: str, count: int) -> tuple[int, str]:
    """Which of several pictures the words name, from 1, and the words without that; 0 where they name none."""
    for pattern in (_ORDINAL, _NUMBERED, _KO_NUMBERED):
        found = pattern.search(text)
        if found is None:
            continue
        name = next(group for group in found.groups() if group)
        number = int(name) if name.isdecimal() else _NUMBER_WORDS.get(name.casefold()) or _KO_ORDINALS[name]
        if number <= count:
            return number, _without(text, found)
    return 0, text


def _without(text: str, found: re.Match[str]) -> str:
    """One picture is given: what is said of `the second one` is said of `it`."""
    before, after = text[: found.start()].rstrip(), text[found.end() :].lstrip()
    if not before or _HANGUL.search(found[0]):
        return " ".join(f"{before} {after}".lstrip(" ,:;-").split()) or text
    return " ".join(f"{before} it {after}".split())


# ── English ──────────────────────────────────────────────────────────────────────────────────────────


def _bare(words: list[str]) -> tuple[list[str], int]:
    """Without what is only polite, and how often something said that it goes on: now, but, the same."""
    at, cues = 0, 0
    while at < len(words) - 1:
        asks = words[at] in _ASKING[0] and words[at + 1] in _ASKING[1]
        cue = words[at] in _CUES or (words[at] == "the" and words[at + 1] == "same")
        if not (asks or cue or words[at] in _POLITE):
            break
        cues += cue
        at += 2 if asks else 1
    end = len(words)
    while end > at + 1 and words[end - 1] in _POLITE:
        end -= 1
    return words[at:end], cues


def _is_plain(words: list[str], *, cues: int) -> bool:
    return (
        _is_made(words)
        or _is_added(words)
        or _is_taken(words)
        or _is_without(words)
        or _is_changed(words)
        or (cues > 0 and _is_elsewhere(words, surely=cues > 1))
    )


def _is_made(words: list[str]) -> bool:
    """Make it night; turn the sky purple; change her hair to red."""
    match words:
        case [verb, what, how, *_] if verb in _MAKES and what in _IT | _THE:
            return how not in _MADE and how not in _PEOPLE
        case _:  # all other words that people say
            return False


def _is_added(words: list[str]) -> bool:
    """Add a moon; put a hat on him; give her glasses; add snow."""
    match words:
        case ["give", whom, *thing] if whom in _IT | _THE:
            return _is_thing(thing)
        case [verb, what, _, *_] if verb in _ADDS and what in _A:
            return True
        case ["add", what] | ["add", what, _]:
            return what not in _IT | _PEOPLE | _A | {"to", "up", "on", "here"}
        case _:  # all other words that people say
            return False


def _is_thing(words: list[str]) -> bool:
    """What is given to somebody on a picture: a hat, glasses; not: a try."""
    bare = words[1:] if words and words[0] in _A else words
    return bool(bare) and bare[0] not in _PEOPLE | _NO_THINGS


def _is_taken(words: list[str]) -> bool:
    """Remove the hat; replace the dog with a cat; blur the background; brighten it; zoom out."""
    match words:
        case ["zoom", "in" | "out", *_] | ["get", "rid", "of", _, *_]:
            return True
        case ["take", "away" | "off" | "out", what, *_]:
            return what in _THE
        case [verb, what] if verb in _WHOLE and what in _IT:
            return True
        case [verb, what, thing, *_] if verb in _TAKES | _WHOLE and what in _THE | {"a", "an"}:
            return thing not in _PEOPLE
        case _:  # all other words that people say
            return False


def _is_without(words: list[str]) -> bool:
    """Without the hat."""
    match words:
        case ["without" | "minus", what, *rest]:
            said = {what, *rest}
            return (
                len(words) <= _FEW
                and not said & (_IDIOMS | _PEOPLE)
                and bool(rest or what not in _IT | {"a"})
            )
        case _:  # all other words that people say
            return False


def _is_changed(words: list[str]) -> bool:
    """Darker; a bit more contrast; slightly warmer."""
    if len(words) > _FEW or set(words) & _PEOPLE:
        return False
    for bit in _BIT:
        if tuple(words[: len(bit)]) == bit:
            words = words[len(bit) :]
            break
    match words:
        case [how, *_] if how in _CHANGED:
            return "than" not in words
        case [more, what, *_] if more in _MORE:
            return what not in _NOT_MORE
        case _:  # all other words that people say
            return False


def _is_elsewhere(words: list[str], *, surely: bool) -> bool:
    """Now in snow; but with a hat; same but blue: two cues are enough."""
    match words:
        case [how, *rest] if (how in _HOW and rest) or surely:
            return len(words) <= _FEW + 2 and not set(words) & (_IDIOMS | _PEOPLE)
        case [one]:
            return one in _CHANGED
        case _:  # all other words that people say
            return False


def _is_implied(words: list[str]) -> bool:
    """What is an edit only where it is said to Easel about a picture: in snow; paint it black; the hat instead."""
    few = len(words) <= _FEW
    return (
        (few and words[0] in _IMPLIED and len(words) > 1)
        or (few and bool(set(words) & _CHANGED))
        or words[-1] == "instead"
        or (few and any(word in ("it", "him", "her", "them") for word in words[1:4]))
    )


# ── Korean ───────────────────────────────────────────────────────────────────────────────────────────


def _begins_korean(text: str, *, called: bool) -> bool:
    few = len(text.split()) <= _FEW
    if called and few and _KO_IMPLIED.search(text):
        return True
    if _KO_PEOPLE.search(text) or (not called and _KO_OFFICE.search(text)):
        return False
    plain = (_KO_CHANGE, _KO_PART, _KO_BECOME, _KO_WITHOUT, _KO_NOW, _KO_MORE)
    return len(text.split()) <= 2 * _FEW and any(pattern.search(text) for pattern in plain)
