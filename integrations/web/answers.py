"""Answer -> JSON: what one person alone is told, under what they typed; a refusal with its HTTP status."""

import base64
from collections.abc import Sequence
from typing import Any, assert_never

from starlette.responses import JSONResponse, Response

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
from bot.ports import MAIN, Card, Do, Gallery, Requester
from bot.talk import reports
from bot.talk.answers import Answer, Chart, Confirm, Document, Form, Lines, Note, Nothing, Originals
from bot.talk.deeds import CONFIRMED, Topic
from bot.words import Words

View = dict[str, Any]
# What a picture in a note can be pressed for; Edit wants the message itself.
_ON_TILES = (
    Do.PICK,
    Do.REROLL,
    Do.REMIX,
    Do.VARY,
    Do.UPSCALE,
    Do.FAVOURITE,
    Do.DELETE,
    Do.REPORT,
    Do.CANCEL,
    Do.RETRY,
)

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


def noted(view: View | None) -> Response:
    """A private note, or nothing to say."""
    return JSONResponse({"note": view}, headers={"Cache-Control": "no-store"})


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

    def __init__(self, gallery: Gallery, words: Words) -> None:
        self._gallery = gallery
        self._words = words

    def response(self, answer: Answer, who: Requester) -> Response:
        """What the scripts read."""
        return _sentence(answer) if isinstance(answer, Note) else noted(self._view(answer, who))

    def refused(self, refusal: Refusal, who: Requester) -> Response:
        """What can't be had, said as an answer would."""
        return _sentence(Note(text=self._words.refusal(refusal, who.language), refusal=refusal))

    def _view(
        self, answer: Placed | Lines | Form | Originals | Document | Nothing, who: Requester
    ) -> View | None:
        match answer:
            case Placed():
                return None
            case Nothing(text=text):
                return note("note", text) if text else None
            case Lines():
                return self._lines(answer, who)
            case Form():  # the line where one types is this page's form
                return note("hint", self._words.say("web-empty-title", who.language), title=answer.title)
            case Originals():
                return self._originals(answer, who)
            case Document(name=name, media_type=media_type, data=data, text=text):
                encoded = base64.b64encode(data).decode()
                return note("note", text, file={"name": name, "type": media_type, "base64": encoded})
        assert_never(answer)

    def _lines(self, answer: Lines, who: Requester) -> View:
        title, *lines = answer.lines if answer.topic is Topic.ADMIN else (answer.title, *answer.lines)
        tiles = [self._tile(job, job.sheet or job.images[0], who) for job in answer.pictures]
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

    def _originals(self, answer: Originals, who: Requester) -> View:
        job, assets = answer.job, [one.asset for one in answer.pictures]
        if answer.card is not None:
            return self._shown(job, answer.card, assets, who)
        return note("history", tiles=[self._tile(job, asset, who) for asset in assets])

    def _shown(self, job: Job, card: Card, assets: Sequence[Asset], who: Requester) -> View:
        """A card again: what it says in rows, its picture with all of its buttons."""
        title = " · ".join(part for part in (card.headline, card.requester, job.id) if part)
        shown = [job.sheet or assets[0]] if len(assets) == len(job.images) and assets else assets
        buttons = [
            {"do": one.do, "label": one.label, "index": one.index}
            for one in card.actions
            if one.do in _ON_TILES
        ]
        return note(
            Topic.SHOW,
            "\n".join(part for part in (card.prompt, card.sentence) if part),
            title=title,
            rows=[{"label": label, "value": value, "detail": ""} for label, value in card.facts],
            tiles=[self._tile(job, asset, who) | {"buttons": buttons} for asset in shown],
        )

    def _tile(self, job: Job, shown: Asset, who: Requester) -> View:
        """A picture to look at again, with what can be done with it."""

        def say(message_id: str, **facts: object) -> str:
            return self._words.say(message_id, who.language, **facts)

        path, private = self._gallery.path, job.order.private
        return {
            "message": f"{job.id}:{MAIN}",
            "url": path(shown.key, private=private),
            "original": path((job.images or (shown,))[0].key, private=private),
            "original_label": say(f"button-{Do.ORIGINAL}"),
            "buttons": [{"do": do, "label": say(f"button-{do}")} for do in _tile_buttons(job)],
            "alt": say("alt-text", prompt=job.order.subject),
            "line": reports.history_lines([job], self._words, who.language)[0],
            "typed": job.order.typed,
        }


def _tile_buttons(job: Job) -> tuple[Do, ...]:
    """What is kept for moderators alone is looked at, and nothing else."""
    return (Do.REROLL, Do.REMIX, Do.DELETE) if job.images else ()


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
        return problem(status, said.refusal.reason, said.text, **more, **back)
    return problem(503, "busy", said.text) if said.again else noted(note("note", said.text))


def _pictured(chart: Chart | None) -> View | None:
    """A chart as the page shows it."""
    if chart is None:
        return None
    return {"url": f"data:image/png;base64,{base64.b64encode(chart.png).decode()}", "alt": chart.alt}


def _fault(refusal: Refusal) -> str:
    """What in the words is wrong, as it was typed."""
    return next((str(refusal.facts[one]) for one in ("value", "flag", "typed") if refusal.facts.get(one)), "")


def _confirmation(confirm: Confirm | None) -> View:
    """A button, and what it says for the person."""
    if confirm is None:
        return {}
    return {"confirm": confirm.label, "confirms": f"/easel {confirm.topic} {CONFIRMED}"}
