"""Card -> Discord's embed, buttons and attachments, pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.ports import MAIN, Action, Card, Do, Phase, Pick, Picture, Role
from integrations.discord._text import cut, harmless, plain
from integrations.discord._wire import File

EPHEMERAL = 1 << 6
NOBODY: dict[str, Any] = {"parse": [], "replied_user": False}  # nobody is ever pinged
_VERSION = "v1"
# An embed may hold 6,000 characters in all: these add up to less.
_AUTHOR_LIMIT, _PROMPT_LIMIT, _HEADLINE_LIMIT, _SENTENCE_LIMIT = 256, 1500, 256, 900
_FIELDS_MOST, _FIELD_NAME_LIMIT, _FIELD_LIMIT, _FOOTER_LIMIT = 10, 60, 200, 100
_LABEL_LIMIT, _ALT_LIMIT, _ROW, _ROWS = 80, 1024, 5, 5
_GREY, _PRIMARY, _RED, _LINK = 2, 1, 4, 5
_COLOURS = {
    Phase.WAITING: 0xF2B33D, Phase.PAINTING: 0xF2B33D, Phase.FINISHED: 0x3BA55D, Phase.OVER: 0x80848E,
}  # fmt: skip
_BAD = {"failed": 0xD83C3E, "withheld": 0xD83C3E, "refused": 0xD83C3E}
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One picture as it is sent: its bytes, which may be a smaller copy."""

    picture: Picture
    data: bytes
    media_type: str


def message_of(
    card: Card, shown: Sequence[Shown] = (), *, original_url: str = "", ready_at: float | None = None
) -> dict[str, Any]:
    """The body of a message: the same for a first response, a post and an edit."""
    files = files_of(card, shown)
    return {
        "content": "",
        "embeds": _embeds(card, files, ready_at),
        "components": _rows(card, original_url),
        "attachments": [
            {"id": number, "filename": file.name, "description": file.alt}
            for number, file in enumerate(files)
        ],
        "allowed_mentions": NOBODY,
    }


def files_of(card: Card, shown: Sequence[Shown]) -> list[File]:
    """The pictures as uploads. A hidden one is named as Discord wants it."""
    hidden = "SPOILER_" if card.spoiler else ""
    role = str(card.role).replace(":", "-")
    return [
        File(
            name=f"{hidden}easel-{card.job}-{role}-{number}.{_ENDINGS.get(one.media_type, 'png')}",
            data=one.data,
            media_type=one.media_type,
            alt=cut(plain(one.picture.alt), _ALT_LIMIT),
        )
        for number, one in enumerate(shown, 1)
    ]


# ── Words ────────────────────────────────────────────────────────────────────────────────────────────


def _embeds(card: Card, files: Sequence[File], ready_at: float | None) -> list[dict[str, Any]]:
    embed: dict[str, Any] = {
        "color": _BAD.get(card.state, _COLOURS[card.phase]),
        "description": _description(card, ready_at),
    }
    if card.requester:
        embed["author"] = {"name": cut(plain(card.requester), _AUTHOR_LIMIT) or "·"}
    if card.facts:
        embed["fields"] = [_field(label, value) for label, value in card.facts[:_FIELDS_MOST]]
    if card.phase in (Phase.FINISHED, Phase.OVER):
        embed["footer"] = {"text": cut(card.job, _FOOTER_LIMIT)}
    if not files or card.spoiler:
        # An embed would show a hidden picture: it stands beside it, where Discord covers it.
        return [embed]
    embed["image"] = {"url": f"attachment://{files[0].name}"}
    return [
        embed,
        *({"color": embed["color"], "image": {"url": f"attachment://{f.name}"}} for f in files[1:]),
    ]


def _description(card: Card, ready_at: float | None) -> str:
    quoted = f"> {cut(harmless(card.prompt), _PROMPT_LIMIT)}" if card.prompt else ""
    headline = f"**{cut(harmless(card.headline), _HEADLINE_LIMIT)}**" if card.headline else ""
    if ready_at is not None and card.phase in ("waiting", "painting"):
        # Discord itself counts it down, without edits.
        headline = f"{headline} · <t:{int(ready_at)}:R>"
    sentence = cut(harmless(card.sentence), _SENTENCE_LIMIT)
    return "\n".join(part for part in (quoted, headline, sentence) if part) or "…"


def _field(label: str, value: str) -> dict[str, Any]:
    return {
        "name": cut(harmless(label), _FIELD_NAME_LIMIT) or "·",
        "value": cut(harmless(value), _FIELD_LIMIT) or "·",
        "inline": True,
    }


# ── Buttons ──────────────────────────────────────────────────────────────────────────────────────────


def custom_id(do: str, job: str, index: int = 0) -> str:
    """What a button carries: everything else is in the store, so that it works months later."""
    return f"{_VERSION}:{do}:{job}:{index}" if index else f"{_VERSION}:{do}:{job}"


def role_under(do: str, index: int) -> Role:
    """Which message of its job a Delete stands on."""
    return Pick(index) if do == Do.DELETE and index else MAIN


def is_about(card: Card, components: list[dict[str, Any]]) -> bool:
    """Whether a message with these components is the one that the card is for."""
    ids = [one.get("custom_id", "") for row in components for one in row.get("components") or ()]
    ours = [one.split(":") for one in ids if one.startswith(f"{_VERSION}:")]
    mine = [parts for parts in ours if len(parts) > 2 and parts[2] == card.job]  # noqa: PLR2004 - v1:do:job
    picked = any(parts[1] == Do.DELETE and len(parts) > 3 for parts in mine)  # noqa: PLR2004 - and an index
    return bool(mine) and picked == isinstance(card.role, Pick)


def _rows(card: Card, original_url: str) -> list[dict[str, Any]]:
    picks = [one for one in card.actions if one.do is Do.PICK]
    others = [one for one in card.actions if one.do is not Do.PICK]
    rows = []
    for actions in (picks, others):
        buttons = [_button(card, one, original_url) for one in actions]
        rows += [{"type": 1, "components": buttons[at : at + _ROW]} for at in range(0, len(buttons), _ROW)]
    return rows[:_ROWS]


def _button(card: Card, action: Action, original_url: str) -> dict[str, Any]:
    button: dict[str, Any] = {"type": 2, "label": cut(plain(action.label), _LABEL_LIMIT) or "·"}
    if emoji := _emoji_of(action.do):
        button["emoji"] = {"name": emoji}
    if action.do is Do.ORIGINAL and original_url:
        return button | {"style": _LINK, "url": original_url}
    index = action.index
    if action.do is Do.DELETE and isinstance(card.role, Pick):
        index = card.role.index
    style = _PRIMARY if action.do in (Do.REROLL, Do.RETRY) else _GREY
    return button | {"style": style, "custom_id": custom_id(action.do, card.job, index)}


def _emoji_of(do: Do) -> str:  # noqa: C901, PLR0911 - one arm a button, and none can be forgotten
    match do:
        case Do.REROLL | Do.RETRY:
            return "🔁"
        case Do.REMIX:
            return "✏️"
        case Do.ORIGINAL:
            return "🔗"
        case Do.DELETE:
            return "🗑️"
        case Do.REPORT:
            return "🚩"
        case Do.CANCEL:
            return "⏹️"
        case Do.SHOW:
            return "👁️"
        case Do.TELL:
            return "⏰"
        case Do.PICK:
            return ""  # its number says it
