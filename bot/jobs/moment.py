"""Cards with what this process knows of the moment: a job's place and progress, what can be done next."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.cards.jobs import Hints, card_of
from bot.job import Job, Message, State
from bot.jobs.line import Line
from bot.jobs.pace import Pace
from bot.jobs.progress import Progress
from bot.model import Model
from bot.order.catalog import Catalog
from bot.ports import Card
from bot.words.words import Words


@dataclass(slots=True)
class Moment:
    """Makes cards; `line` and `progress` are the worker's, where one runs here."""

    words: Words
    pace: Pace
    catalog: Catalog
    progress: Progress
    clock: Callable[[], float]
    line: Line | None = None

    def __call__(self, job: Job, message: Message) -> Card:
        return card_of(job, message, self.words, self.hints(job))

    def hints(self, job: Job) -> Hints:
        """What the moment adds to a job."""
        told = self.progress.of(job.id)
        model = self.catalog.known(job.order.model)
        finished = job.state is State.FINISHED
        return Hints(
            edits=finished and self._some(lambda model: model.edits),
            upscales=finished and self._some(lambda model: model.upscales),
            place=self._place(job),
            usual_s=self.pace.usual_s(job.order.model),
            reroll_credits=job.order.credits if model is not None and model.rates else 0,
            step=told.step,
            steps=told.steps,
            queued=told.queued,
        )

    def _some(self, does: Callable[[Model], bool]) -> bool:
        """Whether an open model does that; asks of none that doesn't."""
        now = self.clock()
        return any(self.catalog.is_open(model, now) for model in self.catalog.models if does(model))

    def _place(self, job: Job) -> int:
        """What is still looked at has no number yet, and will wait behind the others."""
        if self.line is None or job.state not in (State.ACCEPTED, State.CLEARED):
            return 0
        return self.line.position(job.id) or (self.line.expected(job) if job.state is State.ACCEPTED else 0)
