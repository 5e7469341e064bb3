"""Card -> what the page draws, pure: plain values for JSON. The page puts them in as text, never as HTML."""

from collections.abc import Callable
from typing import Any

from bot.ports import Action, Card, Do, Phase, Picture

View = dict[str, Any]
Link = Callable[[str, bool], str]  # an asset's key, and whether the picture is private


def view_of(card: Card, *, message: str, author: str, posted_at: float, typed: str, link: Link) -> View:
    """One message as the page draws it. `typed` is what Remix starts from."""
    originals = [_picture(p, card, link) for p in card.originals]
    return {
        "id": message,
        "job": card.job,
        "role": str(card.role),
        "version": card.version,
        "phase": card.phase,
        "state": card.state,
        "author": author,
        "name": card.requester,
        "at": posted_at,
        "prompt": card.prompt,
        "typed": typed,
        "headline": card.headline,
        "sentence": card.sentence,
        "facts": [list(fact) for fact in card.facts],
        "ready_at": card.ready_at,
        "usual_s": card.usual_s,
        "pictures": [_picture(p, card, link) for p in card.pictures],
        "actions": [_action(a, originals) for a in card.actions],
        "reactions": card.phase is Phase.FINISHED,
        "private": card.private,
        "spoiler": card.spoiler,
    }


def _picture(picture: Picture, card: Card, link: Link) -> View:
    return {
        "key": picture.key,
        "url": link(picture.key, card.private),
        "width": picture.width,
        "height": picture.height,
        "alt": picture.alt,
    }


def _action(action: Action, originals: list[View]) -> View:
    """A button; the untouched files are links, so that the browser opens and saves them as ever."""
    button: View = {"do": str(action.do), "label": action.label, "index": action.index}
    if action.do is Do.ORIGINAL:
        button["urls"] = [picture["url"] for picture in originals]
    return button
