"""Card -> Discord's embed, buttons and attachments, pure; and what a button tells when it comes back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.cards.jobs import ending_of
from bot.ports import MAIN, Action, Card, Do, Main, Phase, Pick, Picture, Role
from bot.talk.deeds import Topic
from integrations.discord._text import cut, harmless, plain
from integrations.discord._wire import File

EPHEMERAL = 1 << 6
NOBODY: dict[str, Any] = {"parse": [], "replied_user": False}  # nobody is ever pinged
LABEL_LIMIT = 80
_VERSION = "v1"
_CONTROL = re.compile(rf"{_VERSION}:(?P<do>[a-z]+):(?P<about>[0-9a-z]+)(?::(?P<index>[0-9]+))?")
_PLACE = re.compile(r"[0-9]{15,20}m[0-9]{15,20}")  # a job's id is shorter
_KNOWN: Mapping[str, Do | Topic] = {str(one): one for one in (*Topic, *Do)}
# An embed may hold 6,000 characters in all: these add up to less.
_AUTHOR_LIMIT, _PROMPT_LIMIT, _HEADLINE_LIMIT, _SENTENCE_LIMIT = 256, 1500, 256, 900
_FIELDS_MOST, _FIELD_NAME_LIMIT, _FIELD_LIMIT, _FOOTER_LIMIT = 10, 60, 200, 200
_TITLE_LIMIT, _DESCRIPTION_LIMIT, _ALT_LIMIT, _ROW, _ROWS = 256, 3_800, 1024, 5, 5
_GREY, _PRIMARY, _LINK = 2, 1, 5
_PLAIN = 0x5865F2
_COLOURS = {
    Phase.WAITING: 0xF2B33D, Phase.PAINTING: 0xF2B33D, Phase.FINISHED: 0x3BA55D, Phase.OVER: 0x80848E,
}  # fmt: skip
_BAD = {"failed": 0xD83C3E, "withheld": 0xD83C3E, "refused": 0xD83C3E}
_OF_EVENTS = {"event": 0xF2B33D, "settled": 0x80848E}  # what moderators are told of, which is no job
_LOOKS = {
    Do.CANCEL: ("⏹️", _GREY), Do.REROLL: ("🔁", _PRIMARY), Do.RETRY: ("🔁", _PRIMARY), Do.REMIX: ("✏️", _GREY),
    Do.ORIGINAL: ("🔗", _GREY), Do.SHOW: ("👁️", _GREY), Do.TELL: ("⏰", _GREY), Do.DELETE: ("🗑️", _GREY), Do.REPORT: ("🚩", _GREY),
    Do.PICK: ("", _GREY),  # its number says it
    Do.EDIT: ("🖌️", _GREY), Do.VARY: ("🎲", _GREY), Do.UPSCALE: ("🔍", _GREY), Do.FAVOURITE: ("⭐", _GREY), Do.SEND: ("✉️", _GREY),
    Do.REWORD: ("✏️", _GREY), Do.APPEAL: ("⚖️", _GREY), Do.OPEN: ("👁️", _GREY), Do.HIDE: ("🙈", _GREY), Do.RELEASE: ("✅", _GREY),
    Do.DISCARD: ("🗑️", _GREY), Do.REFUND: ("💳", _GREY), Do.BLOCK: ("⛔", _GREY), Do.WRONG: ("↩️", _GREY),
    Do.DISMISS: ("✔️", _GREY),
}  # fmt: skip
_WORDLESS = frozenset({Do.FAVOURITE, Do.SEND})  # the same as the reactions that people know
assert _LOOKS.keys() == set(Do), "each button has its look"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One picture as it is sent: its bytes, which may be a smaller copy."""

    picture: Picture
    data: bytes
    media_type: str


def message_of(
    card: Card,
    shown: Sequence[Shown] = (),
    *,
    original_url: str = "",
    ready_at: float | None = None,
    hint: str = "",
) -> dict[str, Any]:
    """The body of a message: the same for a first response, a post and an edit."""
    files = files_of(card, shown)
    return {
        "content": "",
        "embeds": _embeds(card, files, ready_at, hint),
        "components": _rows(card, original_url),
        "attachments": attachments_of(files),
        "allowed_mentions": NOBODY,
    }


def files_of(card: Card, shown: Sequence[Shown]) -> list[File]:
    """The pictures as uploads. A hidden one is named as Discord wants it."""
    hidden = "SPOILER_" if card.spoiler else ""
    role = str(card.role).replace(":", "-")
    return [
        File(
            name=f"{hidden}easel-{card.job}-{role}-{number}.{ending_of(one.media_type)}",
            data=one.data,
            media_type=one.media_type,
            alt=cut(plain(one.picture.alt), _ALT_LIMIT),
        )
        for number, one in enumerate(shown, 1)
    ]


def reply_to(message: str) -> dict[str, Any]:
    """What makes a post the answer to a message, where there is one."""
    return {"message_reference": {"message_id": message, "fail_if_not_exists": False}} if message else {}


def attachments_of(files: Sequence[File]) -> list[dict[str, Any]]:
    """What a message says of its uploads."""
    return [{"id": n, "filename": one.name, "description": one.alt} for n, one in enumerate(files)]


# ── Words ────────────────────────────────────────────────────────────────────────────────────────────


def embed_of(text: str, *, title: str = "", colour: int = _PLAIN) -> dict[str, Any]:
    """A text for one person; it is harmless already."""
    embed = {"color": colour, "description": cut(text, _DESCRIPTION_LIMIT)}
    return embed | ({"title": cut(harmless(title), _TITLE_LIMIT)} if title else {})


def can_go_on(card: Card) -> bool:
    """Whether words in answer to it would change its picture."""
    return card.phase is Phase.FINISHED and any(one.do is Do.EDIT for one in card.actions)


def _embeds(card: Card, files: Sequence[File], ready_at: float | None, hint: str) -> list[dict[str, Any]]:
    embed: dict[str, Any] = {
        "color": (_BAD | _OF_EVENTS).get(card.state, _COLOURS[card.phase]),
        "description": _description(card, ready_at),
    }
    if card.requester:
        embed["author"] = {"name": cut(plain(card.requester), _AUTHOR_LIMIT) or "·"}
    if card.facts:
        embed["fields"] = [_field(label, value) for label, value in card.facts[:_FIELDS_MOST]]
    if card.times:
        moments = "\n".join(f"{cut(harmless(what), _FIELD_LIMIT)} · {moment(at)}" for what, at in card.times)
        embed["description"] += f"\n\n{moments}"
    if card.phase in (Phase.FINISHED, Phase.OVER) and card.state not in _OF_EVENTS:
        embed["footer"] = {"text": cut(" · ".join(filter(None, (card.job, hint))), _FOOTER_LIMIT)}
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
    if ready_at is not None and card.phase in (Phase.WAITING, Phase.PAINTING):
        # Discord itself counts it down, without edits.
        headline = f"{headline} · <t:{int(ready_at)}:R>"
    sentence = cut(harmless(card.sentence), _SENTENCE_LIMIT)
    return "\n".join(part for part in (quoted, headline, sentence) if part) or "…"


def moment(at: float) -> str:
    """A moment, which each person's own client writes in their way."""
    return f"<t:{int(at)}:f>"


def _field(label: str, value: str) -> dict[str, Any]:
    return {
        "name": cut(harmless(label), _FIELD_NAME_LIMIT) or "·",
        "value": cut(harmless(value), _FIELD_LIMIT) or "·",
        "inline": True,
    }


# ── Buttons ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What a button, a list or a form of ours carries: the rest is in the store, so that it works months later."""

    do: Do | Topic
    about: str  # a job's id; of a question, its text; of a form, where the message stands that it is about
    index: int = 0

    @property
    def role(self) -> Role:
        """Which message of its job a Delete stands on."""
        return Pick(self.index) if self.do is Do.DELETE and self.index else MAIN

    @property
    def held(self) -> str:
        """Where the message stands whose pictures a form is about."""
        return self.about if _PLACE.fullmatch(self.about) else ""


def custom_id(do: Do | Topic, about: str, index: int = 0) -> str:
    """A control as Discord keeps it."""
    return f"{_VERSION}:{do}:{about}:{index}" if index else f"{_VERSION}:{do}:{about}"


def control_of(custom_id: str) -> Control | None:
    """A control as it was made; None for nothing that this version knows."""
    known = _CONTROL.fullmatch(custom_id)
    do = _KNOWN.get(known["do"]) if known else None
    return Control(do=do, about=known["about"], index=int(known["index"] or 0)) if known and do else None


def named_in(message: Mapping[str, Any]) -> str:
    """The name of the card that a message was made from, as its buttons tell; nothing for others."""
    buttons = [one for row in message.get("components") or () for one in row.get("components") or ()]
    found = [control for one in buttons if (control := control_of(one.get("custom_id") or ""))]
    role = next((one.role for one in found if one.role != MAIN), MAIN)
    return f"{found[0].about}:{role}" if found else ""


def _rows(card: Card, original_url: str) -> list[dict[str, Any]]:
    several = isinstance(card.role, Main) and any(one.do is Do.PICK for one in card.actions)
    picks = [one for one in card.actions if one.do is Do.PICK]
    varies = [one for one in card.actions if several and one.do is Do.VARY]
    others = [one for one in card.actions if one not in (*picks, *varies)]
    rows = []
    for actions in (picks, varies, others):
        buttons = [_button(card, one, original_url) for one in actions]
        buttons += _links(card) if actions is others else []
        rows += [{"type": 1, "components": buttons[at : at + _ROW]} for at in range(0, len(buttons), _ROW)]
    return rows[:_ROWS]


def pressable(do: Do, about: str, label: str) -> dict[str, Any]:
    """A button below an answer for one person."""
    emoji, style = _LOOKS[do]
    shown = {"label": cut(plain(label), LABEL_LIMIT) or "·", "emoji": {"name": emoji}}
    return {"type": 2, "style": style, "custom_id": custom_id(do, about), **shown}


def _links(card: Card) -> list[dict[str, Any]]:
    """Where what it is about stands."""
    if card.link is None:
        return []
    label, url = card.link
    return [{"type": 2, "style": _LINK, "label": cut(plain(label), LABEL_LIMIT) or "·", "url": url}]


def _button(card: Card, action: Action, original_url: str) -> dict[str, Any]:
    emoji, style = _LOOKS[action.do]
    button: dict[str, Any] = {"type": 2}
    if action.do not in _WORDLESS:
        button["label"] = cut(plain(action.label), LABEL_LIMIT) or "·"
    if emoji:
        button["emoji"] = {"name": emoji}
    if action.do is Do.ORIGINAL and original_url:
        return button | {"style": _LINK, "url": original_url}
    index = action.index if action.do is not Do.DELETE else card.role.index
    return button | {"style": style, "custom_id": custom_id(action.do, card.job, index)}
