"""A job's whole story as one list: what moved, what was asked and said, what was shown, and every row of the books."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.job import ENDS, State
from bot.money import Transfer
from bot.staff.insight import Entered, ShownMessage, Story
from integrations.web.admin.told import Teller


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRow:
    """One line. `after` is how long after the order; `kind` is whose doing it was; `more` is for the operator alone."""

    at: float
    after: str
    kind: str
    text: str
    more: str = ""


def timeline(story: Story, told: Teller) -> list[TimelineRow]:
    """All of it, oldest first; of one instant the move comes before what followed from it."""
    every = [*_moves(story, told), *_books(story, told), *_noted(story, told), *_shown(story, told)]
    began_at = story.job.created_at
    return sorted(
        (
            TimelineRow(
                at=at, after=f"+{told.took(max(0.0, at - began_at))}", kind=kind, text=text, more=more
            )
            for at, kind, text, more in every
        ),
        key=lambda one: one.at,
    )


_BAD_ENDS = frozenset(str(state) for state in ENDS if state is not State.FINISHED)
_Line = tuple[float, str, str, str]


def _moves(story: Story, told: Teller) -> Iterator[_Line]:
    job = story.job
    yield (
        job.created_at,
        "move",
        told.tell("step-accepted", model=job.order.model, images=job.order.images),
        f"priority {job.priority}" if job.priority != "normal" else "",
    )
    for step in story.steps:
        for look in step.looks:
            yield look.at, "service", told.tell("look", said=told.known("said", look.said)), ""
        text = (
            f"{told.known('state', step.state)}: {told.why(step.reason, step.state)}"
            if step.state in _BAD_ENDS
            else told.tell(
                f"step-{step.state}", provider=step.provider, model=step.model, attempt=step.attempt
            )
        )
        told_by_service = [step.trouble, step.detail, told.tell("doubtful") if step.doubtful else ""]
        yield step.at, "move", text, " · ".join(one for one in told_by_service if one)
    if (
        not story.steps and job.ended_at is not None
    ):  # its story went with the words, or an older version drew it
        yield job.ended_at, "move", told.known("state", job.state), told.tell("story-gone")


def _books(story: Story, told: Teller) -> Iterator[_Line]:
    for row in story.books:
        by = "" if row.actor in ("", "easel") else told.tell("by", name=row.actor)
        yield (
            row.at,
            "books",
            entered(row, told),
            " · ".join(one for one in (row.account, by, row.memo) if one),
        )


def entered(row: Entered, told: Teller) -> str:
    """One row of the books in words."""
    return told.tell(f"book-{row.kind}", amount=row.amount)


def _noted(story: Story, told: Teller) -> Iterator[_Line]:
    for line in story.audit:
        parts = [line.severity, line.category, line.layer, line.rule, line.memo]
        if line.actor not in ("", "easel"):
            parts.append(told.tell("by", name=line.actor))
        yield line.at, "check", told.known("act", line.action), " · ".join(part for part in parts if part)
    for event in story.events:
        more = told.tell("settled") if event.settled else told.tell("unsettled")
        yield event.at, "event", told.tell("event", kind=told.known("event", event.kind)), more


def _shown(story: Story, told: Teller) -> Iterator[_Line]:
    for shown in story.messages:
        for edit in shown.edits:
            text = told.tell(f"edit-{edit.told}", version=edit.version)
            yield edit.at, "message", text, _where(shown)


def _where(shown: ShownMessage) -> str:
    key = shown.message.handle.key if shown.message.handle is not None else ""
    return " · ".join(one for one in (str(shown.message.role), shown.message.address.surface, key) if one)


def credits_went(story: Story, told: Teller) -> str:
    """Where a job's credits went, in a sentence."""
    sums = {kind: sum(row.amount for row in story.books if row.kind == kind) for kind in Transfer}
    held, taken, back = sums[Transfer.HOLD], sums[Transfer.CAPTURE], sums[Transfer.REFUND]
    if story.job.captured_credits is None:
        return told.tell("went-held", held=held)
    if not held:
        return told.tell("went-free")
    if not taken:
        return told.tell("went-back", held=held)
    sentence = told.tell("went-taken" if taken == held else "went-partly", taken=taken, held=held)
    return f"{sentence} {told.tell('went-refunded', back=back)}" if back else sentence


def is_refundable(story: Story) -> bool:
    """Whether something was taken that was not given back."""
    kinds = {row.kind for row in story.books}
    return Transfer.CAPTURE in kinds and Transfer.REFUND not in kinds
