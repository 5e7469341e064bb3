"""Finds what would ping somebody, and what a person typed that nobody escaped."""

import re
from collections.abc import Iterator
from typing import Any

__all__ = ["mrkdwn_texts", "pings_in", "possible_pings_in", "rich_text_pings", "unescaped_in"]

# https://docs.slack.dev/messaging/formatting-message-text#mentioning-groups
_PINGS = re.compile(
    r"<@[UWB][A-Z0-9]*(?:\|[^>]*)?>|<!(?:here|channel|everyone|group)(?:\|[^>]*)?>|<!subteam\^[^>]*>"
)
# With link_names or parse=full, and by "certain mentions" of a mrkdwn object that is not verbatim.
_PLAIN_PINGS = re.compile(r"(?<![\w@.])@(?:here|channel|everyone)\b")
_MARKUP = re.compile(
    r"<(?:@[UWB][A-Z0-9]*|#[CG][A-Z0-9]*|!(?:here|channel|everyone|group|subteam\^[^>|]*|date\^[^>|]*)"
    r"|(?:https?://|mailto:|tel:|slack://)[^<>|\s]*)(?:\|[^<>]*)?>"
)
_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_QUOTE = re.compile(r"^>+ ?", re.MULTILINE)


def pings_in(text: str, *, plain: bool = False) -> list[str]:
    """The mentions in a mrkdwn text; `plain` counts `@here` too (link_names, parse=full)."""
    return _PINGS.findall(text) + (_PLAIN_PINGS.findall(text) if plain else [])


def possible_pings_in(text: str) -> list[str]:
    """Words that Slack may turn into a mention by itself where `verbatim` is not set."""
    return _PLAIN_PINGS.findall(text)


def unescaped_in(text: str) -> list[str]:
    """Raw `&`, `<` and `>` that are neither markup nor a quote's mark."""
    rest = _QUOTE.sub("", _ENTITY.sub("", _MARKUP.sub("", text)))
    return re.findall(r"[&<>]", rest)


def mrkdwn_texts(value: Any, where: str = "/blocks") -> Iterator[tuple[str, str, bool]]:
    """(where, text, verbatim) of every mrkdwn object and markdown block inside."""
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from mrkdwn_texts(item, f"{where}/{i}")
    if not isinstance(value, dict):
        return
    if value.get("type") in ("mrkdwn", "markdown") and isinstance(value.get("text"), str):
        yield where, value["text"], bool(value.get("verbatim"))
    for key, item in value.items():
        yield from mrkdwn_texts(item, f"{where}/{key}")


def rich_text_pings(value: Any) -> Iterator[str]:
    """Mentions made by rich_text elements, which need no angle brackets."""
    if isinstance(value, list):
        for item in value:
            yield from rich_text_pings(item)
    if not isinstance(value, dict):
        return
    if value.get("type") == "broadcast":
        yield f"<!{value.get('range')}>"
    if value.get("type") == "user" and "user_id" in value:
        yield f"<@{value['user_id']}>"
    if value.get("type") == "usergroup":
        yield f"<!subteam^{value.get('usergroup_id')}>"
    for item in value.values():
        yield from rich_text_pings(item)
