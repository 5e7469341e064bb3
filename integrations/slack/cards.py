"""Card -> Slack's blocks, pure. What a person typed stands in rich_text, which Slack shows letter by letter."""

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.cards.jobs import cut
from bot.ports import MAIN, Action, Card, Do, Phase, Role, role_of
from integrations.slack._text import Blocks, button, context, cut_escaped, escaped, moment, plain, section

EVENT_TYPE = "easel_job"
ABOUT = "about:"  # before what a button of a private sentence is about
MORE = "more"  # the overflow menu
_FALLBACK_LIMIT, _QUOTE_LIMIT = 1_500, 1_200  # chat.update takes 4,000 characters of text
CardWords = Callable[[str], str]  # the few that a card doesn't bring along
_ALT_LIMIT = 2_000
_RARE = (Do.FAVOURITE, Do.SEND, Do.DELETE, Do.REPORT)
_LINKED = "linked"  # opened by the person's own program
_OVERFLOW_LEAST = 2  # Slack refuses a menu of one
_MARK = {Phase.WAITING: "🎨", Phase.PAINTING: "🎨", Phase.FINISHED: "", Phase.OVER: ""}
_BLOCK_ID = re.compile(r"easel:([^:]+):(.+):\d+:\d+")
SHOWABLE = frozenset({"image/png", "image/jpeg", "image/gif"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """How the picture of a card gets into the message: by its URL, by Slack's file, or not at all."""

    image_url: str = ""
    file: str = ""
    note: str = ""  # instead of the picture
    note_url: str = ""
    later: bool = False  # the picture is still to be put in
    bare: bool = False  # text alone: what Slack takes when it refuses every block


def message_of(card: Card, face: Face, say: CardWords, *, original_url: str = "") -> dict[str, Any]:
    """Text and blocks of a message: the arguments of chat.postMessage and chat.update."""
    text = fallback(card, face)
    if face.bare:
        return {"text": text, "blocks": []}
    blocks = [*_words(card), *_picture(card, face, say), *_facts(card), *_times(card)]
    return {"text": text, "blocks": [*blocks, *_buttons(card, say, original_url)]}


def fallback(card: Card, face: Face) -> str:
    """What notifications and screen readers say."""
    parts = [part for part in (card.requester, card.headline, card.sentence) if part]
    said = cut_escaped(escaped(" · ".join(parts)), _FALLBACK_LIMIT)
    if card.prompt:
        said += "\n> " + cut_escaped(escaped(" ".join(card.prompt.split())), _QUOTE_LIMIT)
    return f"{said}\n{face.note_url}".strip() or "…"


def metadata_of(card: Card, instead_of: str = "") -> dict[str, Any]:
    """By which a message posted just before a crash is found again; `instead_of`: the ts of one that can't be edited."""
    about = {"job": card.job, "role": str(card.role)}
    if instead_of:
        about["instead_of"] = instead_of
    return {"event_type": EVENT_TYPE, "event_payload": about}


def named_in(message: Mapping[str, Any]) -> str:
    """The name of a message that was made from a card, as its metadata tells; nothing for others."""
    metadata = message.get("metadata") or {}
    about = metadata.get("event_payload") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return ""
    return name_of(f"{about.get('job')}:{about.get('role')}", str(about.get("instead_of") or ""))


def name_of(card: str, instead_of: str = "") -> str:
    """What a card's message is looked for by; the one in place of another has its own."""
    return f"{card} instead of {instead_of}" if instead_of else card


def digest(card: Card) -> str:
    """What people see of a card: equal ones need no edit."""
    shown = message_of(card, Face(), lambda _: "")
    keys = [p.key for p in (*card.pictures, *card.originals)]
    text = json.dumps([_timeless(shown), keys, card.spoiler], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def block_id(card: Card, row: int) -> str:
    """Which picture a press belongs to; another one after each edit, as Slack recommends."""
    return f"easel:{card.job}:{card.role}:{card.version}:{row}"


def job_of(block: str) -> tuple[str, Role]:
    """(job, role) of a block id of ours; no job for one of somebody else or another version."""
    ours = _BLOCK_ID.fullmatch(block)
    with contextlib.suppress(ValueError):
        return (ours[1], role_of(ours[2])) if ours else ("", MAIN)
    return "", MAIN


def _words(card: Card) -> Blocks:
    mark = _MARK[card.phase]
    headline = f"*{escaped(card.headline)}*" if card.headline else ""
    first = "  ·  ".join(part for part in (f"{mark} {headline}".strip(), escaped(card.requester)) if part)
    words = [section(first)]
    if card.prompt:
        words.append(_quote(card.prompt))
    if card.sentence:
        words.append(section(escaped(card.sentence)))
    return words


def _quote(text: str) -> dict[str, Any]:
    inside = {"type": "rich_text_quote", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [inside]}


def _picture(card: Card, face: Face, say: CardWords) -> Blocks:
    if face.note:
        link = f" <{face.note_url}>" if face.note_url else ""
        return [section(escaped(face.note) + link)]
    if card.spoiler and card.pictures:
        return [context(f"🙈 {escaped(say('spoiler-note'))}")]
    alt = cut(card.pictures[0].alt or card.prompt or "-", _ALT_LIMIT) if card.pictures else ""
    if face.image_url:
        return [{"type": "image", "image_url": face.image_url, "alt_text": alt}]
    if face.file:
        return [{"type": "image", "slack_file": {"id": face.file}, "alt_text": alt}]
    return []


def _facts(card: Card) -> Blocks:
    line = "  ·  ".join(f"{escaped(label)}: *{escaped(value)}*" for label, value in card.facts)
    return [context(line)] if line else []


def _times(card: Card) -> Blocks:
    lines = [f"{escaped(what)} · {moment(at)}" for what, at in card.times]
    return [context("\n".join(lines))] if lines else []


def _buttons(card: Card, say: CardWords, original_url: str) -> Blocks:
    picks = [_button(card, a, say, original_url) for a in card.actions if a.do is Do.PICK]
    usual = [a for a in card.actions if a.do is not Do.PICK]
    rare = [a for a in usual if a.do in _RARE]
    folded = rare if len(rare) >= _OVERFLOW_LEAST else []
    can_open = any(a.do is Do.OPEN for a in usual)
    if card.spoiler and card.pictures and card.phase is Phase.FINISHED and not can_open:
        usual.insert(0, Action(do=Do.SHOW, label=say("button-show") or "👁"))
    row = [_button(card, a, say, original_url) for a in usual if a not in folded]
    if folded:
        options = [{"text": plain(a.label, 75), "value": str(a.do)} for a in folded]
        row.append({"type": "overflow", "action_id": MORE, "options": options})
    if card.link is not None:
        label, url = card.link
        row.append(button(label, _LINKED, url=url))
    rows = [elements for elements in (picks, row) if elements]
    return [
        {"type": "actions", "block_id": block_id(card, number), "elements": elements}
        for number, elements in enumerate(rows, 1)
    ]


def _button(card: Card, action: Action, say: CardWords, original_url: str) -> dict[str, Any]:
    several = action.do is Do.PICK or sum(one.do is action.do for one in card.actions) > 1
    action_id = f"{action.do}:{action.index}" if several and action.index else str(action.do)
    look = _look(action, say, original_url)
    return button(action.label, action_id, value=f"{card.job}:{action.index}", **look)


def _look(action: Action, say: CardWords, original_url: str) -> dict[str, Any]:
    """What a button has besides its label; the type checker asks for a new one's."""
    match action.do:
        case Do.ORIGINAL:
            return {"url": original_url} if original_url else {}
        case Do.CANCEL:
            return {"style": "danger"}
        case Do.DELETE | Do.DISCARD:
            sure = confirm(action.label, say("slack-sure"), yes=action.label, no=say("slack-keep"))
            return {"style": "danger", "confirm": sure}
        case Do.RETRY:
            return {"style": "primary"}
        case (
            Do.REROLL | Do.REMIX | Do.EDIT | Do.VARY | Do.UPSCALE | Do.PICK
            | Do.FAVOURITE | Do.SEND | Do.REPORT | Do.SHOW | Do.TELL | Do.APPEAL | Do.REWORD
            | Do.OPEN | Do.HIDE | Do.RELEASE | Do.REFUND | Do.BLOCK | Do.WRONG | Do.DISMISS
        ):  # fmt: skip
            return {}


def confirm(title: str, question: str, *, yes: str, no: str) -> dict[str, Any]:
    """The question before what can't be undone."""
    return {
        "title": plain(title, 100),
        "text": plain(question or "?", 300),
        "confirm": plain(yes, 30),
        "deny": plain(no or "-", 30),
    }


def _timeless(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Without the block ids, which change with every version."""
    blocks = [{k: v for k, v in block.items() if k != "block_id"} for block in shown["blocks"]]
    return {"text": shown["text"], "blocks": blocks}
