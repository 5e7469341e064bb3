"""Event -> Card, pure: what the moderators' room is told, which buttons still apply, and who did what."""

from dataclasses import dataclass
from typing import get_args

from bot.cards.jobs import PROMPT_SHOWN, cut, picture_of
from bot.events import Event, EventKind
from bot.job import HIDDEN, RELEASED, Asset, Job, State
from bot.order.fitting import tail
from bot.ports import Action, Card, Do, Phase, RoomDo
from bot.words.words import Say, Words

ACTS_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What an event is about, as it stands now."""

    job: Job | None = None
    prompt: str = ""  # of the job, or of the refused words; nothing where they are their owner's alone
    sealed: bool = False  # the pictures are not shown to moderators: private, or nobody's to keep
    minors: bool = (
        False  # a check has said that they show some: nobody opens them, and nobody shows them again
    )
    link: str = ""  # to the message in the chat
    refunded: bool = False
    blocked: bool = False
    counts: bool = False  # whether the refusal still counts

    @property
    def pictures(self) -> tuple[Asset, ...]:
        """Those that a moderator may look at: shown ones, or those that are kept for them."""
        if self.job is None or self.job.deleted or self.sealed:
            return ()
        return self.job.images or tuple(a for a in self.job.assets if a.role == "quarantine")

    @property
    def is_shown(self) -> bool:
        job = self.job
        return job is not None and not job.deleted and job.state is State.FINISHED and bool(job.images)

    @property
    def is_released(self) -> bool:
        """Whether a moderator has shown what was withheld."""
        return self.is_shown and self.job is not None and self.job.reason == RELEASED

    @property
    def is_kept(self) -> bool:
        """Whether pictures wait for a moderator's word."""
        job = self.job
        kept = job is not None and any(a.role == "quarantine" for a in job.assets)
        return kept and job is not None and not job.deleted and job.state is State.WITHHELD


def offers(event: Event, matter: Matter) -> tuple[RoomDo, ...]:
    """What can be done about it now, in the order of the buttons."""
    return () if event.settled else tuple(do for do in get_args(RoomDo) if _can(do, event, matter))


def _can(do: RoomDo, event: Event, matter: Matter) -> bool:  # noqa: C901, PLR0911 - one arm a button
    job = matter.job
    match do:
        case Do.OPEN:
            return bool(matter.pictures)
        case Do.HIDE:
            return matter.is_shown
        case Do.RELEASE:
            return matter.is_kept and not matter.minors
        case Do.DISCARD:
            return matter.is_kept
        case Do.REFUND:
            return job is not None and bool(job.captured_credits) and not matter.refunded
        case Do.WRONG:  # what was read through a disguise counts for nothing, and may be wrong all the same
            return matter.counts or event.kind is EventKind.APPEAL
        case Do.BLOCK:
            return bool(event.user) and not matter.blocked
        case Do.DISMISS:
            return True


def card_of_event(event: Event, matter: Matter, words: Words, language: str) -> Card:
    """What the message about an event shall say now."""
    say = Say(words, language)
    job = matter.job
    return Card(
        job=event.id,
        version=event.version,
        phase=Phase.FINISHED,
        state="settled" if event.settled else "event",
        requester=say("event-of", bot=words.name),
        language=language,
        prompt=_cut(matter.prompt),
        headline=say(f"event-{event.kind}"),
        sentence=_sentence(event, matter, say),
        facts=_facts(event, matter, say),
        times=_times(event, say),
        pictures=() if job is None else tuple(picture_of(a, job, say) for a in _covered(matter)),
        actions=tuple(Action(do=do, label=say(f"button-{do}")) for do in offers(event, matter)),
        spoiler=True,
        link=(say("event-message"), matter.link) if matter.link and not _is_gone(matter) else None,
    )


def _is_gone(matter: Matter) -> bool:
    return matter.job is not None and matter.job.deleted


def _covered(matter: Matter) -> tuple[Asset, ...]:
    """One for all where there is one; what is hidden behind a cover is uploaded once."""
    job = matter.job
    sheet = job.sheet if job is not None and len(matter.pictures) > 1 else None
    return (sheet,) if sheet is not None else matter.pictures


def _sentence(event: Event, matter: Matter, say: Say) -> str:
    return f"{_told(event, matter, say)} {_state(matter, say)}".strip()


def _told(event: Event, matter: Matter, say: Say) -> str:
    match event.kind:
        case EventKind.WITHHELD if matter.is_released:
            return say("event-withheld-released")
        case EventKind.WITHHELD:
            some = "event-withheld-some" if matter.is_shown else "event-withheld-says"
            return say("event-withheld-kept" if matter.is_kept else some)
        case EventKind.BUDGET_80 | EventKind.BUDGET_100:
            spent, of = int(event.facts.get("spent", 0)), int(event.facts.get("budget", 0))
            return say("event-budget-says", spent=spent, budget=of)
        case EventKind.REPORT | EventKind.PAUSED | EventKind.APPEAL | EventKind.CHARGEBACK:
            return say(f"event-{event.kind}-says", **event.facts)
        case EventKind.SERVICE_TROUBLE | EventKind.MODEL_ENDS:
            return say(f"event-{event.kind}-says", **event.facts)


def _state(matter: Matter, say: Say) -> str:
    """What has become of the picture meanwhile."""
    if _is_gone(matter):
        return say("event-deleted")
    if matter.job is not None and matter.job.state is State.WITHHELD and matter.job.reason == HIDDEN:
        return say("event-hidden")
    return ""


def _facts(event: Event, matter: Matter, say: Say) -> tuple[tuple[str, str], ...]:
    facts = []
    if event.user:
        facts.append((say("event-person"), _person(event.name, event.user)))
    if event.actor and event.actor != event.user:
        facts.append((say("event-reporter"), _person(event.actor_name, event.actor)))
    if matter.job is not None:
        facts += [(say("label-model"), tail(matter.job.order.model)), (say("event-job"), matter.job.id)]
    return tuple(facts)


def _times(event: Event, say: Say) -> tuple[tuple[str, float], ...]:
    """Moments, which each platform writes as people there read them: until when, and who did what."""
    times = []
    if event.kind is EventKind.PAUSED and event.facts.get("until", "").isdecimal():
        times.append((say("event-until"), float(event.facts["until"])))
    if (
        event.kind in (EventKind.BUDGET_80, EventKind.BUDGET_100)
        and event.facts.get("renews", "").isdecimal()
    ):
        times.append((say("event-renews"), float(event.facts["renews"])))
    done = ((say(f"event-did-{a.do}", name=a.name or a.actor), a.at) for a in event.acts[-ACTS_SHOWN:])
    return (*times, *done)


def _person(name: str, user: str) -> str:
    return f"{name} ({user})" if name and name != user else user


def _cut(text: str) -> str:
    return cut(text, PROMPT_SHOWN)
