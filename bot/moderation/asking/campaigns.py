"""Campaigns against sexual harm: "stop child pornography", and no "stop, child pornography", no "don't stop"; and what tells of it.

Read from the text as it was typed; what stands beside a campaign's words is judged as ever. Linear in the text's length.
"""

import re
from functools import cache

from bot.moderation.reading.text import data

_DENIED = re.compile(
    r"(?:n['’]?t|\b(?:not|never|cannot|why|nobody|no one|without))\s(?:[^\W\d_]+\s)?$", re.IGNORECASE
)
_DENIED_MAX = 24  # letters of what denies, with a word behind it


def without_campaigns(text: str) -> str:
    """The text without the harm that it stands against."""
    lowered = text.lower()
    telling, campaigns = _campaigns()
    return campaigns.sub(_unless_denied, text) if any(map(lowered.__contains__, telling)) else text


def _unless_denied(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - _DENIED_MAX) : match.start()]
    return match[0] if match["against"] and _DENIED.search(before) else " "


@cache
def _campaigns() -> tuple[tuple[str, ...], re.Pattern[str]]:
    """Without one of which there is no such harm in a text, and what finds the campaigns."""
    page = data("asking.toml")["campaigns"]
    against, harms, behind, goes_on, places, about, told = (
        "|".join(page[name]) for name in ("against", "harms", "behind", "goes_on", "places", "about", "told")
    )
    stops = r"\s*(?:$|[,.;:!?)\n\"'”])"
    ends = rf"(?=(?:\s(?:{places}))?{stops}|\s(?:{goes_on})(?!\w)|[가-힣ぁ-ヿ一-鿿])"
    return tuple(page["telling"]), re.compile(
        rf"(?<!\w)(?P<against>{against})[\s-]?(?:{harms}){ends}|(?<!\w)(?:{harms})\s?(?:을|를|の)?\s?(?:{behind})(?![a-z])"
        rf"|(?<!\w)(?:{about})\s(?:{told}){ends}",
        re.IGNORECASE,
    )
