"""What services say of their errors and refusals, in their own words: found, cleaned, understood."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Literal

DETAIL_CHARS = 300
SAID_CHARS = 3000  # refusals are looked for in more than what is logged
_RAW_CHARS = 64 * 1024

# ── Finding the words ───────────────────────────────────────────────────────────────────────────────────

# Only fields that services write themselves: `input`, `ctx` and `prompt` quote what people typed.
_OWN_WORDS = (
    "code", "type", "name", "title", "status", "reason", "message", "msg", "error", "errors", "detail",
    "block_reason", "blockReason", "finish_reason", "finishReason", "promptFeedback", "description",
)  # fmt: skip
_LABELLED = frozenset({"block_reason", "blockReason", "finish_reason", "finishReason"})
_DEPTH_MAX = 6
_WORDS_MAX = 40

# Each pattern looks at a letter a bounded number of times, whatever 64 KiB of malice it meets.
_TAGS = re.compile(r"<(script|style)\b[^<]*</\1\s*>|<[^<>]*>", re.IGNORECASE)
_DATA_URI = re.compile(r"data:[\w/+.-]{0,80};base64,[A-Za-z0-9+/=_-]*", re.IGNORECASE)
_LONG_RUN = re.compile(r"[A-Za-z0-9+/=_-]{64,}")
_KEY = re.compile(r"\b(bearer\s+|(sk|key|r8|fal)[-_])[\w.~+/=-]{12,}", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


def without_tags(page: str) -> str:
    """The text of an HTML page."""
    return _TAGS.sub(" ", page)


def words_of(value: object) -> str:
    """What a service says in its own words in a JSON value, most telling first."""
    words: list[str] = []
    for word in _words(value, 0):
        if word not in words:
            words.append(word)
        if len(words) >= _WORDS_MAX:
            break
    return ": ".join(words)


def _words(value: object, depth: int) -> Iterator[str]:
    if depth > _DEPTH_MAX:
        return
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, list):
        for item in value[:_WORDS_MAX]:
            yield from _words(item, depth + 1)
    elif isinstance(value, dict):
        for name in _OWN_WORDS:
            label = f"{name} " if name in _LABELLED and value.get(name) else ""
            yield from (f"{label}{word}" for word in _words(value.get(name), depth + 1))


def clean(text: str, hidden: Iterable[str] = (), *, chars: int = DETAIL_CHARS) -> str:
    """One short printable line without keys, prompts and base64."""
    text = text[:_RAW_CHARS]
    for secret in hidden:
        text = _without(text, secret)
    text = _DATA_URI.sub("[data]", text)
    text = _KEY.sub("[hidden]", text)
    text = _LONG_RUN.sub("[data]", text)
    text = _UNPRINTABLE.sub(" ", text).strip()
    return text if len(text) <= chars else text[: chars - 1] + "…"


_ECHO_CHARS = (256, 128, 64, 32, 16)


def _without(text: str, secret: str) -> str:
    """Also without the beginnings of a longer secret: services cut what they quote."""
    for quoted in (secret, *(secret[:n] for n in _ECHO_CHARS if n < len(secret))):
        if len(quoted.strip()) > 2:  # noqa: PLR2004 - a shorter one would take letters out of words
            text = text.replace(quoted, "[hidden]").replace(json.dumps(quoted)[1:-1], "[hidden]")
    return text


# ── Content refusals (workflow, last table) ──────────────────────────────────────────────────────────

Refused = Literal["prompt", "picture"]

_PICTURE = re.compile(
    r"image safety|image prohibited content|image recitation|content moderated|content filtered"
    r"|generated image rejected|output(image)?sensitivecontentdetected"
    r"|(?<!input or )\b(output|generated|result\w*)\b.{0,40}\b(nsfw|sensitive|flagged)"
)
_PROMPT = re.compile(
    r"moderation blocked|content polic(y|ies)|content moderation|request moderated|safety (system|filter)s?"
    r"|block ?reason \w|finish ?reason (safety|prohibited content|blocklist|spii)"
    r"|prohibited content|\be005\b|\bnsfw\b|flagged as (sensitive|inappropriate|unsafe)"
    r"|(blocked|rejected) by (our |the )?(moderation|safety)|sensitivecontentdetected"
)
_JOINTS = re.compile(r"[_\-\s:]+")


def refusal_in(text: str) -> Refused | None:
    """What of the content a service refused by these words of its own, if anything."""
    plain = _JOINTS.sub(" ", text.lower())
    if _PICTURE.search(plain):
        return "picture"
    return "prompt" if _PROMPT.search(plain) else None


# ── How far it is ────────────────────────────────────────────────────────────────────────────────────

_STEPS = re.compile(r"(?<![\d.])(\d{1,4})/(\d{1,4}) *\[")
_LOG_CHARS = 2000


def steps_in(log: str) -> tuple[int, int]:
    """The last `12/28 [` of a progress bar in a log: which step of how many; zeros without one."""
    found = _STEPS.findall(log[-_LOG_CHARS:])
    step, steps = (int(found[-1][0]), int(found[-1][1])) if found else (0, 0)
    return (step, steps) if step <= steps else (0, 0)
