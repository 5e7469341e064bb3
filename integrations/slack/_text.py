"""Text in Slack's way: what people typed is escaped when shown and plain again when read."""

import html
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.abilities import Named
from bot.cards.jobs import cut

Blocks = list[dict[str, Any]]  # parts of a message, as Block Kit has them

TEXT_LIMIT = 3000  # of a section; https://docs.slack.dev/reference/block-kit/blocks/section-block
BLOCKS_MOST = 50  # of a message
_LINES_OF_SECTION, _ROOM_OF_SECTION = 25, 2_800
_PEOPLE = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")
_BY_ID = re.compile(r"<(?:@(?=[UW])|#(?=[CG])|!subteam\^(?=S))([A-Z0-9]+)(?:\|[^>]*)?>")
_MENTION = re.compile(r"<[@#!]([A-Z0-9^]+)(?:\|([^>]*))?>")
_LINK = re.compile(r"<((?:https?|mailto)[^>|]*)(?:\|[^>]*)?>")
_CODE_ROOM = 590  # of 3,000 characters, where each may be escaped into five
_AN_ID = re.compile(r"[A-Z][A-Z0-9]{5,}")
_ID_ALONE = re.compile(r"(?<![A-Za-z0-9^#@])([A-Z][A-Z0-9]{5,})(?![A-Za-z0-9])")
_MENTIONED: Mapping[Named | None, str] = {
    Named.CHANNEL: "channel",
    Named.PERSON: "user",
}  # one of a group would call all who are in it
_CHANNEL = re.compile(r"<#([CG][A-Z0-9]+)(?:\|[^>]*)?>|#?([CG][A-Z0-9]{7,})")
_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>|\b([UW][A-Z0-9]{7,})\b")


def at(payload: Any, *path: str) -> str:
    """What stands at a path of names, as text; empty where nothing does."""
    for name in path:
        payload = payload.get(name) if isinstance(payload, Mapping) else None
    return str(payload) if isinstance(payload, str | int | float) else ""


def escaped(text: str) -> str:
    """Safe in mrkdwn and in fallback texts: https://docs.slack.dev/messaging/formatting-message-text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def typed(text: str) -> str:
    """What a person typed, from what Slack hands over: entities, mentions and links made plain."""
    text = _LINK.sub(lambda m: m[1], text)
    text = _MENTION.sub(lambda m: m[2] or "", text)
    return html.unescape(text).strip()


def typed_with_ids(text: str) -> str:
    """The same with ids in place of mentions of people and channels, escaped ones too; a name may hold spaces."""
    return _with_ids(typed(_with_ids(text)))


def _with_ids(text: str) -> str:
    return _BY_ID.sub(r" \1 ", text)


def without_mention(text: str) -> str:
    """Without the first mention, which called us."""
    return _PEOPLE.sub(" ", text, count=1)


def names_people(text: str) -> bool:
    """Whether a message mentions anybody."""
    return _PEOPLE.search(text) is not None


def person_in(text: str) -> str:
    """The first member id that a text names, as a mention or bare; empty without one."""
    found = _PERSON.search(html.unescape(text))
    return (found[1] or found[2]) if found else ""


def channel_in(text: str) -> str:
    """The channel id that a text is, as a mention or bare; empty for a name."""
    found = _CHANNEL.fullmatch(html.unescape(text).strip())
    return (found[1] or found[2]) if found else ""


def cut_escaped(text: str, limit: int) -> str:
    """`cut`, for text that is escaped already: it leaves no half entity behind."""
    return text if len(text) <= limit else re.sub(r"&[a-z]{0,3}$", "", text[: limit - 1]) + "…"


def moment(at: float) -> str:
    """A moment, which each person's own client writes in their way; who can't read that sees it by UTC."""
    fallback = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"
    return f"<!date^{int(at)}^{{date_short_pretty}} {{time}}|{fallback}>"


def plain(text: str, limit: int) -> dict[str, Any]:
    """A plain_text object."""
    return {"type": "plain_text", "text": cut(text, limit) or " ", "emoji": True}


def marked(text: str) -> dict[str, Any]:
    """A mrkdwn object of text that is escaped already; verbatim, so that Slack links and pings nothing."""
    return {"type": "mrkdwn", "text": cut_escaped(text, TEXT_LIMIT) or " ", "verbatim": True}


def section(text: str, **more: Any) -> dict[str, Any]:
    """A section of text that is escaped already."""
    return {"type": "section", "text": marked(text), **more}


def verbatim(text: str, **more: Any) -> dict[str, Any]:
    """A section that shows a text letter by letter: no bold, no emoji, no links."""
    said = {"type": "plain_text", "text": cut(text, TEXT_LIMIT) or " ", "emoji": False}
    return {"type": "section", "text": said, **more}


def code_blocks(text: str) -> Blocks:
    """What somebody typed, to be copied as it is, in as many sections as it takes; it can't end a block itself."""
    quiet = text.replace("```", "`\u200b`\u200b`")
    parts = [quiet[at : at + _CODE_ROOM] for at in range(0, len(quiet), _CODE_ROOM)]
    return [section(f"```{escaped(part)}```") for part in parts]


def naming(lines: Sequence[str], names: Mapping[str, Named]) -> Blocks:
    """Lines letter by letter, too, but with mentions in place of ids, which Slack shows by their names."""
    return [_with_mentions(line, names) for line in lines if line.strip()]


def _with_mentions(line: str, names: Mapping[str, Named]) -> dict[str, Any]:
    pieces = [_piece(part, names) for part in _ID_ALONE.split(cut(line, TEXT_LIMIT)) if part]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": pieces}]}


def _piece(part: str, names: Mapping[str, Named]) -> dict[str, str]:
    kind = _MENTIONED.get(names.get(part)) if _AN_ID.fullmatch(part) else None
    return {"type": "text", "text": part} if kind is None else {"type": kind, f"{kind}_id": part}


def sections(lines: Sequence[str], *, title: str = "") -> Blocks:
    """Lines as plain text, letter by letter: what people typed stands in them."""
    blocks = [section(f"*{escaped(title)}*")] if title else []
    part: list[str] = []
    for line in lines:
        if len(part) >= _LINES_OF_SECTION or sum(map(len, part)) + len(line) > _ROOM_OF_SECTION:
            blocks.append(verbatim("\n".join(part)))
            part = []
        part.append(line)
    if any(part):
        blocks.append(verbatim("\n".join(part)))
    return blocks


def context(*texts: str) -> dict[str, Any]:
    """Small grey lines of text that is escaped already."""
    return {"type": "context", "elements": [marked(text) for text in texts[:10]]}


def header(text: str) -> dict[str, Any]:
    """A headline."""
    return {"type": "header", "text": plain(text, 150)}


def button(label: str, action_id: str, **more: Any) -> dict[str, Any]:
    """A button; label as people read it."""
    return {"type": "button", "text": plain(label, 75), "action_id": action_id, **more}
