"""Job -> Card, pure: what a message about a job shall say, in the reader's language."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.community.quotas import PERSONAL
from bot.job import EXPIRED, HIDDEN, REFUSED_INPUT, Asset, Job, Message, State
from bot.model import Use, Where
from bot.order.fitting import tail
from bot.order.flags import FlagKind, of
from bot.ports import MAIN, Action, Card, Do, Gallery, Main, Phase, Pick, Picture
from bot.words.words import Say, Words

PROMPT_SHOWN = 300  # characters of the prompt that a card quotes
# Refused without a word of ours against it: nobody here could be wrong.
_NOT_OURS = frozenset({"refused-provider", "refused-unavailable", f"{REFUSED_INPUT}unavailable"})
_SHOWN = of(FlagKind.SHAPE, FlagKind.SIZE, FlagKind.CHOICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What the moment adds to a job: the place in line, and how long its model usually takes."""

    place: int = 0
    usual_s: float | None = None
    reroll_credits: int = 0  # what the same costs once more, where the price depends on what is asked
    step: int = 0  # how far the service says that it is, of `steps`
    steps: int = 0
    queued: int = 0  # the place in the service's own queue, from 1
    edits: bool = False  # whether an open model draws from pictures that are given
    upscales: bool = False  # whether one makes a picture larger


def card_of(job: Job, message: Message, words: Words, hints: Hints) -> Card:
    """What this message shall say now."""
    say = Say(words, job.requester.language)
    images = _images_of(job, message)
    gone = job.deleted or message.gone
    phase = job.state.phase
    how = say("appeal-how") if _can_appeal(job) and not gone else ""
    return Card(
        job=job.id,
        version=job.version,
        role=message.role,
        phase=phase,
        state=str(job.state),
        requester=job.requester.name,
        language=job.requester.language,
        prompt=_cut(job.order.subject),
        headline=_headline(job, say, hints),
        sentence=f"{_sentence(job, say)} {how}" if how else _sentence(job, say),
        facts=_facts(job, message, say) if message.role == MAIN else _order_facts(job, say),
        usual_s=hints.usual_s if job.state.live and not hints.place else None,
        ready_at=_ready_at(job, hints),
        measured=phase is Phase.PAINTING and bool(hints.steps),
        pictures=_shown(job, images, say),
        originals=tuple(picture_of(a, job, say) for a in images),
        actions=() if gone else _actions(job, message, images, say, hints),
        private=job.order.private,
        spoiler=job.spoiler or job.order.spoiler,
        gone=gone,
        tells=message.tell and job.state.live,
    )


def sentence_of(job: Job, words: Words) -> str:
    """What has become of it, where that is not just a picture; in the language of whoever runs it."""
    return _sentence(job, Say(words, ""))


def unseen_of(job: Job, words: Words) -> str:
    """What a person is told who can't be shown the message itself."""
    say, prompt = Say(words, job.requester.language), _cut(job.order.subject)
    if job.state is State.FINISHED:
        return say("undelivered", prompt=prompt)
    return say("unshown", prompt=prompt, sentence=_sentence(job, say))


def done_of(job: Job, words: Words) -> str:
    """What a person is told who asked to be told when it is done."""
    say, prompt = Say(words, job.requester.language), _cut(job.order.subject)
    if job.state is State.FINISHED:
        return say("told-finished", prompt=prompt)
    return say("unshown", prompt=prompt, sentence=_sentence(job, say))


def original_url(card: Card, gallery: Gallery) -> str:
    """Where a message's one picture stands untouched; nothing for several, and for a private one."""
    one = len(card.originals) == 1 and not card.private
    return (gallery.link(card.originals[0].key) or "") if one else ""


def _headline(job: Job, say: Say, hints: Hints) -> str:
    match job.state.phase:
        case Phase.WAITING | Phase.PAINTING:
            return _under_way(job, say, hints)
        case Phase.FINISHED:
            return say("headline-finished", seconds=seconds_of(job))
        case Phase.OVER:
            return say(f"headline-{job.state}")


def _under_way(job: Job, say: Say, hints: Hints) -> str:
    if _unanswered(job):
        return say("headline-unanswered")
    waits = job.state.phase is Phase.WAITING
    if waits and hints.place:
        return say("headline-waiting", place=hints.place)
    if not waits and hints.steps:
        return say("headline-steps", step=hints.step, steps=hints.steps)
    if not waits and hints.queued:
        return say("headline-queued", place=hints.queued)
    return say(
        "headline-painting", usual=say.words.span(hints.usual_s, say.language) if hints.usual_s else None
    )


def _unanswered(job: Job) -> bool:
    """Whether the service had to be asked more than once, and has taken nothing yet."""
    return job.tries > 0 and job.operation is None and job.state in (State.CLEARED, State.SUBMITTING)


def _sentence(job: Job, say: Say) -> str:
    match job.state.phase:
        case Phase.WAITING | Phase.PAINTING:
            return ""
        case Phase.FINISHED if job.reason == EXPIRED:
            return say(EXPIRED)
        case Phase.FINISHED if job.reason == "partial":
            return say("partial", made=len(job.images), asked=job.order.images)
        case Phase.FINISHED:
            return ""
        case Phase.OVER:
            return _sentence_over(job, say)


def _sentence_over(job: Job, say: Say) -> str:
    facts = {"picture": job.of_input, "given": len(job.order.sources)}
    if job.reason.startswith(REFUSED_INPUT):
        return say("refused-input", category=job.reason.removeprefix(REFUSED_INPUT), **facts)
    sentence = say(job.reason if say.words.knows(job.reason) else "failed", **facts)
    # The same is said of a picture before anything was held, too: there no credits come back.
    return f"{sentence} {say('credits-back')}" if job.of_input else sentence


def _order_facts(job: Job, say: Say) -> tuple[tuple[str, str], ...]:
    """What holds for each of an order's pictures alone."""
    facts = [(say("label-model"), tail(job.order.model))]
    if job.order.meant:
        facts.append((say("label-meant"), tail(job.order.meant)))
    if job.order.style:
        look = say.words.style(job.order.style, say.language)
        facts.append((say("label-style"), look or job.order.style))
    chosen = job.order.parameters
    for flag in _SHOWN:
        value = next((chosen[name] for name in flag.parameters if name in chosen), None)
        if value is not None:
            facts.append((say(flag.label), str(value)))
    if job.order.shape:
        facts.append((say("label-asked-shape"), say("asked-shape", shape=job.order.shape)))
    return (*facts, *_sources(job, say))


def _sources(job: Job, say: Say) -> Iterator[tuple[str, str]]:
    """From what it came, a line for each use."""
    for use in Use:
        given = [source for source in job.order.sources if source.use is use]
        ours = bool(given) and all(source.where is Where.OURS for source in given)
        if given:
            what = f"source-{'ours' if ours else 'given'}"
            yield say(f"label-source-{use}"), say(what, pictures=len(given))


def _facts(job: Job, message: Message, say: Say) -> tuple[tuple[str, str], ...]:
    order, facts = job.order, list(_order_facts(job, say))
    if order.images > 1:
        facts.append((say("label-images"), str(order.images)))
    if job.state is State.FINISHED:
        facts.append((say("label-credits"), str(job.captured_credits)))
        facts.append((say("label-seconds"), say("seconds-value", seconds=seconds_of(job))))
        if job.seed is not None:
            facts.append((say("label-seed"), f"--seed {job.seed}"))
    elif not job.state.ended:
        facts.append((say("label-credits"), say("credits-held", credits=order.credits)))
        if message.tell:
            facts.append((say("label-tell"), say("tell-value")))
    return tuple(facts)


def seconds_of(job: Job) -> int:
    """How long the whole job took, at least 1."""
    return max(1, round((job.ended_at or job.created_at) - job.created_at))


def _ready_at(job: Job, hints: Hints) -> float | None:
    """When it will usually be done; steady, so that a card that did not change needs no edit."""
    if job.submitted_at is None or job.state.ended or hints.usual_s is None or _unanswered(job):
        return None
    return round(job.submitted_at + hints.usual_s)


def _images_of(job: Job, message: Message) -> tuple[Asset, ...]:
    match message.role:
        case Main():
            return job.images
        case Pick(index):
            return tuple(a for a in job.images if a.index == index)


def _shown(job: Job, images: tuple[Asset, ...], say: Say) -> tuple[Picture, ...]:
    if len(images) > 1 and job.sheet is not None:
        return (picture_of(job.sheet, job, say),)
    return tuple(picture_of(a, job, say) for a in images)


def picture_of(asset: Asset, job: Job, say: Say) -> Picture:
    """One of our images as a card needs it."""
    return Picture(
        key=asset.key,
        media_type=asset.media_type,
        width=asset.width,
        height=asset.height,
        size_bytes=asset.size_bytes,
        alt=say("alt-text", prompt=_cut(job.order.subject)),
    )


def _actions(
    job: Job, message: Message, images: tuple[Asset, ...], say: Say, hints: Hints
) -> tuple[Action, ...]:
    def button(do: Do, index: int = 0) -> Action:
        if do is Do.REROLL and hints.reroll_credits:
            return Action(do=do, label=say("button-reroll-for", credits=hints.reroll_credits))
        return Action(do=do, label=say(f"button-{do}", index=index), index=index)

    if job.reason == HIDDEN:
        return (button(Do.DELETE),)
    if not job.state.ended:
        return (button(Do.CANCEL), *(() if message.tell else (button(Do.TELL),)))
    if job.state is not State.FINISHED:
        appeal = (button(Do.APPEAL),) if _can_appeal(job) else ()
        return (button(Do.RETRY), button(Do.REMIX), *appeal)
    if not images:
        gone = (Do.DELETE,) if message.role != MAIN else (Do.REROLL, Do.REMIX, Do.DELETE)
        return tuple(button(do) for do in gone)
    onward = _onward(hints, alone=len(images) == 1)
    if message.role != MAIN:
        about = (*onward, Do.ORIGINAL, Do.FAVOURITE, Do.SEND)
        return (*(button(do, images[0].index) for do in about), button(Do.DELETE))
    picks = tuple(button(Do.PICK, a.index) for a in images) if len(images) > 1 else ()
    varies = tuple(_varies(a.index, say) for a in images) if picks and hints.edits else ()
    rest = (Do.REROLL, Do.REMIX, *onward, Do.ORIGINAL, Do.FAVOURITE, Do.SEND, Do.DELETE, Do.REPORT)
    return picks + varies + tuple(button(do) for do in rest)


def _varies(index: int, say: Say) -> Action:
    """One of several is varied without being picked first."""
    return Action(do=Do.VARY, label=say("button-vary-of", index=index), index=index)


def _can_appeal(job: Job) -> bool:
    """Whether a check of ours refused the words, none was merely down, and there are moderators to ask."""
    ours = job.state is State.REFUSED and job.reason not in _NOT_OURS
    return ours and job.requester.community != PERSONAL


def _onward(hints: Hints, *, alone: bool) -> tuple[Do, ...]:
    """How to go on from the picture, as far as there is a model for it; of several, Edit asks which."""
    doable = {Do.EDIT: hints.edits, Do.VARY: hints.edits and alone, Do.UPSCALE: hints.upscales and alone}
    return tuple(do for do, can in doable.items() if can)


def ending_of(media_type: str) -> str:
    """Of a picture's file."""
    return media_type.rpartition("/")[2].replace("jpeg", "jpg")


def cut(text: str, most: int) -> str:
    """At most so many characters; an ellipsis tells that there was more."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _cut(text: str) -> str:
    return cut(text, PROMPT_SHOWN)
