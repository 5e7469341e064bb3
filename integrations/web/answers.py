"""Answer -> JSON: what one person alone is told, under what they typed; a refusal with its HTTP status."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, assert_never

from starlette.responses import JSONResponse, Response

from bot.board.streams import View
from bot.errors import (
    BadPrompt,
    NotAllowed,
    NotEnoughCredits,
    NotThere,
    PromptRefused,
    Refusal,
    TooFast,
    TooMany,
    UnknownModel,
)
from bot.http.guard import problem
from bot.job import Asset, Job, Placed
from bot.ports import Card, Do, Gallery, Requester
from bot.rights import Rights
from bot.studio.studio import Studio
from bot.talk import reports
from bot.talk.answers import Answer, Chart, Document, Form, Lines, Note, Nothing, Originals, Turn
from bot.talk.deeds import Topic
from bot.words.words import Words
from integrations.web.cards import card_for, out_of_place, view_of_job

STATUS: dict[type[Refusal], int] = {
    BadPrompt: 422,
    UnknownModel: 422,
    PromptRefused: 422,
    NotEnoughCredits: 402,
    NotAllowed: 403,
    NotThere: 404,
    TooFast: 429,
    TooMany: 429,
}


def fresh(content: Any) -> Response:
    """What is asked for anew each time."""
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


def noted(view: View | None) -> Response:
    """A private note, or nothing to say."""
    return fresh({"note": view})


def note(kind: str, text: str = "", **more: Any) -> View:
    """A private note as the scripts draw it."""
    return {
        "kind": kind,
        "text": text,
        "title": "",
        "rows": [],
        "tiles": [],
        "how": "",
        "confirm": None,
    } | more


class Answers:
    """Writes answers for the page."""

    def __init__(self, studio: Studio, gallery: Gallery, words: Words) -> None:
        self._studio = studio
        self._gallery = gallery
        self._words = words

    async def response(self, answer: Answer, who: Requester) -> Response:
        """What the scripts read."""
        if isinstance(answer, Note):
            return _sentence(answer)
        if isinstance(answer, Placed):
            return noted(None)
        if isinstance(answer, Form) and answer.begun.parent:
            # The page has the message, and with it the words that stand in the form.
            return fresh({"note": None, "form": {"title": answer.title}})
        return noted(self._view(answer, Rights(who=who, rules=await self._studio.rules(who))))

    def refused(self, refusal: Refusal, who: Requester) -> Response:
        """What can't be had, said as an answer would."""
        return _sentence(Note(text=self._words.refusal(refusal, who.language), refusal=refusal))

    def _view(self, answer: Lines | Form | Originals | Document | Nothing, reader: Rights) -> View | None:
        match answer:
            case Nothing(text=text):
                return note("note", text) if text else None
            case Lines():
                return self._lines(answer, reader)
            case Form():  # the line where one types is this page's form
                return note(
                    "hint", self._words.say("web-empty-title", reader.who.language), title=answer.title
                )
            case Originals():
                return self._originals(answer, reader)
            case Document(name=name, media_type=media_type, data=data, text=text):
                encoded = base64.b64encode(data).decode()
                return note("note", text, file={"name": name, "type": media_type, "base64": encoded})
        assert_never(answer)

    def _lines(self, answer: Lines, reader: Rights) -> View:
        title, *lines = answer.lines if answer.topic is Topic.ADMIN else (answer.title, *answer.lines)
        tiles = [self._tile(job, job.sheet or job.images[0], reader) for job in answer.pictures]
        return note(
            answer.topic,
            "" if tiles else "\n".join(lines),
            title=title,
            rows=[{"label": row.label, "value": row.value, "detail": row.detail} for row in answer.rows],
            rows_title=answer.rows_title,
            tiles=tiles,
            how=answer.how,
            turns=[
                {"label": turn.label, "says": f"/easel {turn.topic} {turn.text}"} for turn in answer.turns
            ],
            pays=[{"label": one.label, "address": one.address} for one in answer.pays if one.address],
            chart=_pictured(answer.chart),
            **_confirmation(answer.confirm),
        )

    def _originals(self, answer: Originals, reader: Rights) -> View:
        job, assets = answer.job, [one.asset for one in answer.pictures]
        if answer.card is not None:
            return self._shown(job, answer.card, assets, reader)
        tiles = [self._tile(job, asset, reader) for asset in assets]
        if answer.direct:  # the page is its reader's own: it comes as a note, with its number
            return note(Topic.SHOW, answer.text, tiles=tiles)
        return note("history", tiles=tiles)

    def _shown(self, job: Job, card: Card, assets: Sequence[Asset], reader: Rights) -> View:
        """A card again: what it says in rows, its picture with its buttons."""
        title = " · ".join(part for part in (card.headline, card.requester, job.id) if part)
        shown = [job.sheet or assets[0]] if len(assets) == len(job.images) and assets else assets
        return note(
            Topic.SHOW,
            "\n".join(part for part in (card.prompt, card.sentence) if part),
            title=title,
            rows=[{"label": label, "value": value, "detail": ""} for label, value in card.facts],
            tiles=[self._tile(job, asset, reader) for asset in shown],
        )

    def _tile(self, job: Job, shown: Asset, reader: Rights) -> View:
        """A picture to look at again: a message's view, with a line that says which it is.

        What is kept for moderators alone is looked at, and nothing else.
        """
        message = out_of_place(job, reader)
        card = card_for(reader, job, message, self._words, self._studio.hints(job))
        card = replace(card, actions=tuple(a for a in card.actions if job.images and _is_on_tiles(a.do)))
        return view_of_job(card, job, message, self._gallery) | {
            "url": self._gallery.path(shown.key, private=job.order.private),
            "width": shown.width,
            "height": shown.height,
            "alt": self._words.say("alt-text", reader.who.language, prompt=job.order.subject),
            "line": reports.history_lines([job], self._words, reader.who.language)[0],
        }


def _sentence(said: Note) -> Response:
    """A trouble of ours is an error of the server, so that the scripts send the same again."""
    if said.refusal is not None:
        status = STATUS.get(type(said.refusal), 400)
        offers = [
            {"do": one.do, "about": one.about, "label": one.label}
            for one in said.offers
            if one.do is not Do.REWORD
        ]
        more = {"offers": offers, "until": said.until} if offers or said.until is not None else {}
        back = {"typed": said.typed, "fault": _fault(said.refusal)} if said.typed else {}
        again = {"again": said.refusal.again} if said.typed and said.refusal.again else {}
        return problem(status, said.refusal.reason, said.text, **more, **back, **again)
    return problem(503, "busy", said.text) if said.again else noted(note("note", said.text))


def _pictured(chart: Chart | None) -> View | None:
    """A chart as the page shows it."""
    if chart is None:
        return None
    return {"url": f"data:image/png;base64,{base64.b64encode(chart.png).decode()}", "alt": chart.alt}


def _fault(refusal: Refusal) -> str:
    """What in the words is wrong, as it was typed."""
    return next((str(refusal.facts[one]) for one in ("value", "flag", "typed") if refusal.facts.get(one)), "")


def _confirmation(confirm: Turn | None) -> View:
    """A button, and what it says for the person."""
    if confirm is None:
        return {}
    return {"confirm": confirm.label, "confirms": f"/easel {confirm.topic} {confirm.text}"}


def _is_on_tiles(do: Do) -> bool:
    """Whether a picture in a note can be pressed for it."""
    match do:
        case Do.REROLL | Do.REMIX | Do.EDIT | Do.VARY | Do.UPSCALE | Do.ORIGINAL | Do.FAVOURITE | Do.DELETE:
            return True
        case Do.REPORT | Do.CANCEL | Do.RETRY | Do.SEND:
            return True
        case Do.PICK | Do.TELL | Do.SHOW | Do.REWORD | Do.APPEAL:
            return False  # of a message, where it stands
        case Do.OPEN | Do.HIDE | Do.RELEASE | Do.DISCARD | Do.REFUND | Do.BLOCK | Do.WRONG | Do.DISMISS:
            return False  # of the moderators' room
