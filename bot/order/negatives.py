"""Lists that call themselves negative, as people bring them from other programs, pure: what a picture shall not show.

"a castle. Negative prompt: blur", and what the pages of Stable Diffusion copy: the list on a line of its own, and the
settings behind it. What stands in quotation marks is lettering, and no list. Linear in the text's length.
"""

import json
import re

from bot.order.grammar import QUOTED

# Without one of these there is no list; of a text in ASCII the first tells it.
_MARKS = ("neg", "négat", "негат", "네거티브", "부정", "ネガ", "负", "負", "反")
_SAID = (
    r"negative[ _-]?prompts?|neg[ _-]?prompts?|prompts? (?:negativ[oe]s?|négatifs?)|negativer? prompts?|негативный промпт"
    r"|네거티브 ?프롬프트|부정 ?프롬프트|부정어|ネガティブ ?プロンプト|[负負][面向]提示[词詞]?|反向提示[词詞]?"
)
_BEGINS = r"(?:\A|(?<=[\n,.;!?|(\[*/])|(?<=[\n,.;!?|(\[*/] ))"
# A short one opens a clause: "a film negative: a woman" is no list.
_LABEL = re.compile(
    rf"(?<![^\W_])[(\[*_]{{0,3}}(?:(?:{_SAID})|{_BEGINS}(?P<short>negatives?|neg|네거티브))"
    rf"(?:[*_]{{0,3}} ?[:：=][*_]{{0,3}}|(?<=[a-z])\](?: ?[:：])?)",
    re.IGNORECASE,
)
# "a battery, positive: red, negative: black", "[Negative] sad, [Positive] happy", "zones, negative: red, neutral: gray"
_CONTRASTED = re.compile(
    r"\W*\w.*?\bpos(?:itives?)?(?: ?[:：]|\])|.*?\b(?:neutrals?|zero|중립) ?(?:[:：]|\])",
    re.DOTALL | re.IGNORECASE,
)
_POSITIVE = re.compile(r"\A[(\[*_]{0,3}(?:positive(?: prompts?)?|prompts?|긍정 ?프롬프트|프롬프트)[\])*_]{0,3} ?[:：][*_]{0,3}\s*", re.IGNORECASE)  # fmt: skip
_CLOSES = re.compile(r"\n|[.!?;。](?=\s|\Z)|\s(?=(?:--|—|–)\w)")
# A list that was copied with its settings goes on over lines.
_CLOSES_COPIED = re.compile(r"\s(?=(?:--|—|–)\w)")
# In JSON, or as Python writes it: a key of its own, or ComfyUI's node whose title says it. An apostrophe ends no text.
_TEXT = r"""(?:"(?P<text>(?:[^"\\\n]|\\.){0,4000})"|'(?P<single>(?:[^'\\\n]|\\.|(?<=\w)'(?=\w)){0,4000})')"""
_KEYED = re.compile(
    rf'(?P<comma>,)?\s{{0,9}}(?P<sign>["\'])negative(?:[_ ]?prompts?)?(?P=sign)\s?:\s?(?:{_TEXT}|\[(?P<texts>[^\[\]{{}}]{{0,4000}})\])(?(comma)|\s{{0,9}},?\s{{0,9}})',
    re.IGNORECASE,
)
_KEY_SIGNS, _NODE_SIGNS = ('"neg', "'neg"), ('"text', "'text")  # without one of which there is none
_QUOTES = re.compile(r"""["']+(?!\w)|(?<!\w)["']+""")  # an apostrophe is none
_ALONE = re.compile(
    rf'\[?\s?\{{\s?(?P<sign>["\'])(?:positive[_ ]?)?prompt(?P=sign)\s?:\s?{_TEXT}\s?,?\s?\}}\s?\]?(?P<behind>\s(?:--|—|–)\w.*)?',
    re.DOTALL | re.IGNORECASE,
)
_UNESCAPED = re.compile(r'(?<!\\)"')
_NODE = re.compile(
    rf'(?P<sign>["\'])text(?P=sign)\s?:\s?{_TEXT}'
    rf'(?=[^{{}}]{{0,200}}\}}[^{{}}]{{0,200}}\{{\s?(?P=sign)title(?P=sign)\s?:\s?["\'][^"\'{{}}]{{0,80}}negative)',
    re.IGNORECASE,
)
# "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x768, Model hash: ...": a recipe has steps, and none of these.
_SETTINGS = re.compile(
    r"(?:^|\s)Steps: \d{1,4}, (?=(?:[A-Z][\w ]{1,30}: [^,\n]{1,80}, ){0,4}(?:Sampler: |CFG scale: \d|Seed: \d|Size: \d+x\d|Model hash: ))"
    r"(?:(?!\s(?:--|—|–)\w).)*",
    re.DOTALL,
)
_SETTING = re.compile(r"(?<![^,] )\b(Steps|Sampler|CFG scale|Size): ([^,\n]{1,40})")
_BRACKET = re.compile(r"[()\[\]][ .,;|]*")
# In such a list a weight only says how little of it there shall be.
_WEIGHED = re.compile(r"[(\[]{1,9}([^()\[\]:\n]{1,80})(?::\d?\.?\d{1,4})?[)\]]{1,9}")
_FLAGS = {"Steps": "steps", "Sampler": "sampler", "CFG scale": "cfg_scale", "Size": "aspect"}


def parted(text: str) -> tuple[str, str]:
    """The words of the picture, and what they say that it shall not show; no words where all of it is such a list."""
    lowered = text.lower()
    if not any(mark in lowered for mark in (_MARKS[:1] if text.isascii() else _MARKS)):
        return text, ""
    listed: list[str] = []

    def taken(match: re.Match[str]) -> str:
        said = next(match[kind] for kind in ("text", "single", "texts") if match[kind] is not None)
        listed.append(_QUOTES.sub("", said))
        return '"text": ""' if match.re is _NODE else ""

    words = text
    for pattern, signs in ((_NODE, _NODE_SIGNS), (_KEYED, _KEY_SIGNS)):
        words = pattern.sub(taken, words) if any(map(lowered.__contains__, signs)) else words
    settings = _SETTINGS.search(words)
    ends = settings.start() if settings else len(words)
    body, rest = words[:ends], words[ends:]
    pieces, closes, place = [], _CLOSES_COPIED if settings else _CLOSES, 0
    unquoted = QUOTED.sub(lambda quoted: " " * len(quoted[0]), body)
    contrasted = _CONTRASTED.match(unquoted)
    for label in _LABEL.finditer(unquoted):
        if label.start() < place or (label["short"] and contrasted):
            continue
        pieces.append(body[place : label.start()].rstrip(" ,;|"))
        end, place = _end_of(unquoted, label, closes)
        listed.append(body[label.end() : end])
    if not listed:
        return text, ""
    said = "\n".join(piece.strip() for piece in (*pieces, body[place:], rest) if piece.strip())
    return _POSITIVE.sub("", said), ", ".join(filter(None, map(_bare, listed)))


def prompt_alone_in(words: str) -> str | None:
    """The prompt of an object, JSON's or Python's, that holds nothing else, and the flags behind it; of any other, None."""
    found = _ALONE.fullmatch(words)
    if found is None:
        return None
    text = (
        found["text"]
        if found["single"] is None
        else _UNESCAPED.sub(r"\"", found["single"].replace(r"\'", "'"))
    )
    try:
        said = json.loads(f'"{text}"', strict=False)
    except ValueError:  # a backslash that JSON doesn't know
        said = text.replace(r"\"", '"')
    return f"{said}\n{found['behind'] or ''}"


def _end_of(text: str, label: re.Match[str], closes: re.Pattern[str]) -> tuple[int, int]:
    """Where a list ends, and what stands behind it begins; one in brackets ends with these."""
    found = closes.search(text, label.end())
    end, behind = found.span() if found else (len(text), len(text))
    depth = _depth(label[0])
    for bracket in _BRACKET.finditer(text, label.end()) if depth > 0 else ():
        if bracket.start() >= end:
            break
        depth += _depth(bracket[0])
        if depth <= 0:
            return bracket.span()
    return end, behind


def _depth(text: str) -> int:
    return sum((sign in "([") - (sign in ")]") for sign in text)


def settings_in(words: str) -> tuple[str, dict[str, str]]:
    """The words without the line of settings that was copied with them, and these as flags of that program."""
    found = _SETTINGS.search(words)
    if found is None:
        return words, {}
    flags = {_FLAGS[name]: value for name, value in _SETTING.findall(found[0])}
    return f"{words[: found.start()].rstrip()}{words[found.end() :]}", flags


def _bare(listed: str) -> str:
    """A list without what stood around it, and without weights and labels in it."""
    plain = _WEIGHED.sub(r"\1", _LABEL.sub("", listed)).strip(" ,;|*\n")
    for opening, closing in ("()", "[]"):
        if plain.endswith(closing) and plain.count(closing) > plain.count(opening):
            plain = plain[:-1].rstrip()
    return plain
