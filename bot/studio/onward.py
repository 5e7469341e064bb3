"""Going on from a picture, pure: what is asked for when words change it, when it is varied, and when it grows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.errors import BadInputs, NotAllowed, NotThere
from bot.given.giving import ours
from bot.job import Job
from bot.model import Model, Source, Use
from bot.order.fitting import carried
from bot.order.flags import FlagKind, parameters
from bot.order.prompts import aspect_of, parse
from bot.ports import Ask, Do
from bot.rights import may_use

_LARGER = "the same picture, larger"  # where its words were erased


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What an order has before anything is said, where it goes on from a picture."""

    pictures: int  # that are given with it
    masked: bool = False
    suggested: Mapping[str, str] = field(default_factory=dict)  # as defaults


class Taking(Protocol):
    """Answers the best open model that draws from so many pictures. Raises a Refusal."""

    def __call__(self, inputs: int) -> Model: ...


def again(before: Job, ask: Ask) -> Ask:
    """The same order once more. Raises NotAllowed where its words are gone."""
    if not before.order.worded:
        raise NotAllowed("words-gone")
    return replace(
        ask,
        requester=before.named(ask.requester),
        text=before.order.typed,
        options=_as_private({}, before),
        sources=before.order.sources,
    )


def remix(before: Job, ask: Ask) -> Ask:
    """A changed order; the pictures that were given with the first one stay."""
    return replace(ask, sources=_each_once((*before.order.sources, *ask.sources)))


def edit(before: Job, index: int, ask: Ask) -> Ask:
    """One's words change a picture (the first, where `index` is 0); what else was given is taken along."""
    sources = (_picture(before, index, ask), *ask.sources)
    return replace(
        ask,
        sources=_each_once(sources),
        options=_as_private(ask.options, before),
        suggested=_suggested(before),
    )


def beginnings(before: Job) -> dict[Do, Beginning]:
    """What a remix and an edit of a picture begin with: who tells a price before it is ordered asks this."""
    masks = sum(source.use is Use.MASK for source in before.order.sources)
    return {
        Do.REMIX: Beginning(pictures=len(before.order.sources) - masks, masked=masks > 0),
        Do.EDIT: Beginning(pictures=1, suggested=_suggested(before)),
    }


def vary(before: Job, index: int, ask: Ask, models: Sequence[Model], taking: Taking) -> Ask:
    """The same words, and the picture beside them; by its own model, where that takes pictures."""
    source = _picture(before, index, ask)
    if not before.order.worded:
        raise NotAllowed("words-gone")
    # A mask lay on another picture.
    sources = _each_once((source, *(s for s in before.order.sources if s.use is not Use.MASK)))
    same = next((m for m in models if m.id == before.order.model and m.takes(len(sources))), None)
    prompt = parse(before.order.typed)
    options = carried(prompt, same or taking(len(sources)))
    return replace(
        ask,
        requester=before.named(ask.requester),
        text=prompt.subject,
        options=_as_private(options, before),
        sources=sources,
    )


def upscale(before: Job, index: int, ask: Ask, models: Sequence[Model]) -> Ask:
    """The picture, larger, by the first open model that does that. Raises BadInputs where none does."""
    source = _picture(before, index, ask)
    model = next((model for model in models if model.upscales), None)
    if model is None:
        raise BadInputs("upscale-nowhere")
    return replace(
        ask,
        requester=before.named(ask.requester),
        text=before.order.subject or _LARGER,
        options=_as_private({"model": model.id}, before),
        sources=(source,),
    )


def _picture(before: Job, index: int, ask: Ask) -> Source:
    """One of the pictures, as the order begins with it. Raises NotThere."""
    wanted = index or (before.images[0].index if before.images else 1)
    if not may_use(before, wanted, ask.requester):
        raise NotThere
    return ours(before.id, wanted)


def _suggested(before: Job) -> Mapping[str, str]:
    """Width to height of the picture, where it was chosen: what changes it leaves that."""
    names = parameters(FlagKind.SHAPE, FlagKind.SIZE)
    chosen = (before.order.parameters.get(name) for name in names)
    shape = next((shape for value in chosen if value and (shape := aspect_of(str(value)))), "")
    return {"aspect": shape} if shape else {}


def _each_once(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    return tuple(dict.fromkeys(sources))


def _as_private(options: Mapping[str, str], before: Job) -> Mapping[str, str]:
    """What goes on from a private picture is private, unless something else was said."""
    return {"private": "yes", **options} if before.order.private else options
